"""Scripted agents in virtual time: what they live through proves a content, and shows what every seat will meet."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from chat_sim.clerk import NICKNAME, Clerk
from chat_sim.content import ChatContent
from chat_sim.driving import Desk
from chat_sim.events import ChatEvent
from chat_sim.persona import Need, Persona
from chat_sim.shop import OrderLine
from chat_sim.state import ChatState
from server.core.contract import Journalled, RobotAct

Agent = Literal["perfect", "silent", "hasty", "sloppy"]
"""perfect: greets, answers every need by its reference, recommends what is wanted, sells, takes leave. silent: takes
everybody out of the queue and says nothing. hasty: no greeting, the first half of each answer, no recommendation.
sloppy: slow; the first answer to every other need is wrong, and so is the first order."""


@dataclass(frozen=True, slots=True)
class Played:
    """A whole stage: how it ended, its events, and what the agent did."""

    content: ChatContent
    state: ChatState
    history: tuple[Journalled[ChatEvent], ...]
    acts: tuple[RobotAct, ...]


def play(
    content: ChatContent, agent: Agent = "perfect", personas: Sequence[str] | None = None, until_ms: int | None = None
) -> Played:
    """Let an agent serve these customers (all, unless told otherwise) up to `until_ms`, at most to the end."""
    if personas is not None:
        kept = tuple(persona for persona in content.personas if persona.id in personas)
        content = content.model_copy(update={"personas": kept})
    last_ms = content.duration_ms - 1
    clerk = Clerk(Desk(content), _STYLES[agent], last_ms if until_ms is None else min(last_ms, until_ms))
    clerk.serve()
    return Played(content, clerk.desk.state, tuple(clerk.desk.history), tuple(clerk.acts))


class _Perfect:
    nickname = NICKNAME
    serves = True
    greets = True

    def reply(self, persona: Persona, need: Need, tries: int) -> str:
        return need.reference

    def pitches(self, persona: Persona) -> str | None:
        return next((one.product for one in persona.suggestions if one.accepts), None)

    def order(self, persona: Persona, lines: tuple[OrderLine, ...], tries: int) -> tuple[tuple[OrderLine, ...], str]:
        return lines, persona.purchase.coupon if persona.purchase is not None else ""

    def think_ms(self, persona: Persona, text: str) -> int:
        return 500

    def typing_ms(self, text: str) -> int:
        return 20 * len(text)

    def looks_up(self, persona: Persona, need: Need, tries: int) -> bool:
        return False

    def holds(self, persona: Persona, need: Need) -> str:
        return ""


class _Silent(_Perfect):
    serves = False


class _Hasty(_Perfect):
    greets = False

    def reply(self, persona: Persona, need: Need, tries: int) -> str:
        return first_half(need.reference)

    def pitches(self, persona: Persona) -> str | None:
        return None


class _Sloppy(_Perfect):
    def reply(self, persona: Persona, need: Need, tries: int) -> str:
        odd = [one.id for one in persona.needs].index(need.id) % 2 == 1
        return wrong_answer(need) if odd and not tries else need.reference

    def order(self, persona: Persona, lines: tuple[OrderLine, ...], tries: int) -> tuple[tuple[OrderLine, ...], str]:
        return mistaken(lines) if not tries else lines, ""

    def think_ms(self, persona: Persona, text: str) -> int:
        return 3_000

    def typing_ms(self, text: str) -> int:
        return 150 * len(text)


def first_half(text: str) -> str:
    """The first half of an answer, up to a comma where there is one: something is left out."""
    half = text[: max(1, len(text) // 2)]
    cut = max(half.rfind(mark) for mark in "，。；！,;")
    return half[:cut] if cut > 1 else half


def wrong_answer(need: Need) -> str:
    """What would be wrong to say: something that the need names as wrong, another figure, or no answer at all."""
    if need.wrong:
        return f"亲，{need.wrong[0].phrases[0]}哦"
    for fact in need.facts:
        value = fact.accept[0]
        if fact.kind != "statement" and (figure := re.search(r"\d+", value)):
            other = value[: figure.start()] + str(int(figure[0]) + 7) + value[figure.end() :]
            return f"亲，{fact.title}是{other}{fact.unit}"
    return "这个我不太清楚呢"


def mistaken(lines: tuple[OrderLine, ...]) -> tuple[OrderLine, ...]:
    """An order with a piece too many."""
    return (lines[0].model_copy(update={"quantity": lines[0].quantity + 1}), *lines[1:])


def total_of(played: Played) -> Decimal:
    """What was paid in all."""
    return sum((order.total for order in played.state.orders if order.status == "paid"), Decimal(0))


_STYLES = {"perfect": _Perfect(), "silent": _Silent(), "hasty": _Hasty(), "sloppy": _Sloppy()}
