"""How a robot contestant serves a desk: at a human pace, with errors by its skill. Planned against the customers."""

import random
from collections.abc import Sequence
from functools import lru_cache

from chat_sim import slips
from chat_sim.clerk import Clerk
from chat_sim.content import ChatContent
from chat_sim.driving import Desk
from chat_sim.persona import Need, Persona
from chat_sim.same import Same
from chat_sim.scripted import mistaken
from chat_sim.shop import OrderLine
from server.core.contract import RobotAct

_SPARE_MS = 3_000
"""Between its last act and the end of the stage."""
_ODD = 24
"""Of so many robots, by seed, one each is odd: it says nothing, uses a forbidden word, or names itself."""
_SILENT, _RUDE, _NAMES_ITSELF = 8, 12, 14

_HEARD_OUT = frozenset({"complaint", "insult", "small_talk"})
"""Kinds of needs over which nobody looks anything up first."""


def plan(content: ChatContent, seed: int, skill: float) -> Sequence[RobotAct]:
    """Commands in order of net time (ms); equal for equal arguments. All are accepted if nobody else acts."""
    return _plan(Same(content), seed, skill)


@lru_cache(maxsize=32)
def _plan(held: Same[ChatContent], seed: int, skill: float) -> Sequence[RobotAct]:
    until_ms = max(1, held.value.duration_ms - _SPARE_MS)
    clerk = Clerk(Desk(held.value), _Human(held.value, seed, skill), until_ms)
    clerk.serve()
    return tuple(clerk.acts)


class _Human:
    """Chance is drawn for each choice by itself, so that one more choice changes no other."""

    def __init__(self, content: ChatContent, seed: int, skill: float) -> None:
        self._seed = seed
        self._skill = skill
        own = random.Random(f"{seed}:own")
        self._pace = own.uniform(0.85, 1.15) * (2.2 - 1.3 * skill)
        odd = seed % _ODD
        self.serves = odd != _SILENT
        self.greets = own.random() < 0.1 + skill
        self.nickname = "演示学校15号" if odd == _NAMES_ITSELF else slips.NICKNAMES[seed % len(slips.NICKNAMES)]
        self._slip = content.forbidden[0].word if content.forbidden else ""
        first = content.personas[0]
        answered = next((need for need in first.needs if need.facts), first.needs[0])
        self._slips_at = (first.id, answered.id) if odd == _RUDE and self._slip else None

    def _chance(self, *what: object) -> random.Random:
        return random.Random(":".join(map(str, (self._seed, *what))))

    def reply(self, persona: Persona, need: Need, tries: int) -> str:
        chance, lost = self._chance("reply", persona.id, need.id, tries), 1 - self._skill
        draw, pick = chance.random(), chance.random()
        if not tries and (persona.id, need.id) == self._slips_at:
            return f"{self._slip}，{need.reference}"
        if draw < 0.05 * lost:
            return ""
        if draw < 0.4 * lost:
            return slips.mistaken_answer(need, pick)
        if draw < 0.75 * lost:
            return slips.cut_short(need, pick)
        return need.reference

    def pitches(self, persona: Persona) -> str | None:
        chance = self._chance("pitch", persona.id)
        if chance.random() > self._skill:
            return None
        fitting = [one.product for one in persona.suggestions if one.accepts]
        others = [one.product for one in persona.suggestions]
        return chance.choice(fitting or others) if others else None

    def order(self, persona: Persona, lines: tuple[OrderLine, ...], tries: int) -> tuple[tuple[OrderLine, ...], str]:
        coupon = persona.purchase.coupon if persona.purchase is not None else ""
        if tries or self._chance("order", persona.id).random() < 0.4 + 0.6 * self._skill:
            return lines, coupon
        return (lines, "") if coupon else (mistaken(lines), coupon)

    def think_ms(self, persona: Persona, text: str) -> int:
        chance = self._chance("think", persona.id, text)
        think_ms = int(chance.uniform(1_000, 3_500) * self._pace)
        lost_ms = int(chance.uniform(10_000, 40_000)) if chance.random() < 0.3 * (1 - self._skill) else 0
        return think_ms + lost_ms

    def typing_ms(self, text: str) -> int:
        return int(len(text) * 190 * self._pace)

    def looks_up(self, persona: Persona, need: Need, tries: int) -> bool:
        draw = self._chance("look", persona.id, need.id, tries).random()
        return bool(need.articles or need.products) and need.kind not in _HEARD_OUT and draw < 0.25 + 0.4 * self._skill

    def holds(self, persona: Persona, need: Need) -> str:
        chance = self._chance("hold", persona.id, need.id)
        return slips.picked(slips.HOLDS, chance.random()) if chance.random() < 0.35 * self._skill else ""
