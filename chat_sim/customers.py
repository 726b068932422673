"""What a simulated customer does next by itself, and when: a pure function of its persona and its conversation.

Times in stage ms. No chance plays a part: equal replies at equal times make equal conversations.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from chat_sim import reacting
from chat_sim.persona import Need, Persona
from chat_sim.same import Same
from chat_sim.state import ConversationState, Line, OrderState, speaks

PICTURE_MS = 2_000
"""What it takes to send a picture."""

StepKind = Literal["line", "reaction", "silence", "pay", "patience"]


@dataclass(frozen=True, slots=True)
class Step:
    """What comes next: `typing_ms` is when the customer begins to type it, if it types anything."""

    at_ms: int
    kind: StepKind
    typing_ms: int | None = None


def batches(persona: Persona) -> tuple[tuple[Need, ...], ...]:
    """Needs that are put together, in order. A silence stands alone, and never at the beginning.

    What has no message, and is no silence, is never put.
    """
    return _batches(Same(persona))


@lru_cache(maxsize=1_024)
def _batches(held: Same[Persona]) -> tuple[tuple[Need, ...], ...]:
    found: list[list[Need]] = []
    joined = False
    for need in held.value.needs:
        silent = need.kind == "silence"
        if not lines(need) and not (silent and found):
            continue
        if joined and not silent:
            found[-1].append(need)
        else:
            found.append([need])
        joined = need.with_next and not silent
    return tuple(map(tuple, found))


def puttable(persona: Persona) -> tuple[Need, ...]:
    """Needs that the customer can put; one without a message never is, unless it is a silence."""
    return tuple(need for batch in batches(persona) for need in batch)


def lines(need: Need) -> tuple[Line, ...]:
    """The messages that put a need: its texts, then its picture."""
    count = len(need.asks) + (need.picture is not None) if speaks(need) else 0
    return tuple(Line(cause="ask", need=need.id, k=k) for k in range(count))


def asks(batch: tuple[Need, ...]) -> tuple[Line, ...]:
    """All messages of a batch."""
    return tuple(line for need in batch for line in lines(need))


def need_of(persona: Persona, need_id: str | None) -> Need:
    """A need of the persona, which must exist."""
    return next(need for need in persona.needs if need.id == need_id)


def text_of(persona: Persona, line: Line) -> str:
    """What a line says; "" for a picture."""
    if line.need is not None:
        need = need_of(persona, line.need)
        if line.cause == "ask":
            return need.asks[line.k] if line.k < len(need.asks) else ""
        if line.cause == "reminder":
            return need.reminders[line.k]
        return {"partly": need.partly, "corrected": need.corrected, "met": need.met}[line.cause]
    if line.cause == "nudge":
        return persona.nudges[line.k]
    if line.cause == "suggestion":
        return persona.suggestions[line.k].says
    buying = persona.purchase
    texts = {
        "leaves": persona.leaves,
        "offended": persona.offended,
        "no_thanks": persona.no_thanks,
        "closing": persona.closing,
    }
    if buying is not None:
        texts |= {
            "ready": buying.ready,
            "paid": buying.paid,
            "wrong_items": buying.wrong_items,
            "too_dear": buying.too_dear,
            "declines": buying.declines,
        }
    return texts[line.cause]


def picture_of(persona: Persona, line: Line) -> str | None:
    """SHA-256 of the picture that a line is."""
    if line.cause != "ask":
        return None
    need = need_of(persona, line.need)
    return need.picture.sha256 if need.picture is not None and line.k == len(need.asks) else None


def typing_ms(persona: Persona, line: Line) -> int:
    """How long the customer takes to type a line."""
    text = text_of(persona, line)
    return len(text) * persona.typing_ms if text else PICTURE_MS


def silent_need(persona: Persona, own: ConversationState) -> Need | None:
    """The silence that goes on."""
    for standing in own.open_needs:
        need = need_of(persona, standing.id)
        if need.kind == "silence" and standing.verdict != "met":
            return need
    return None


def next_step(persona: Persona, own: ConversationState, order: OrderState | None) -> Step | None:
    """What the customer does next if nothing else happens; `order`: the one that it could pay.

    Never before something that has happened already: `own.last_ms`.
    """
    if own.ended_ms is not None:
        return None
    if own.queue:
        at_ms = max(own.last_ms, own.from_ms + typing_ms(persona, own.queue[0]))
        return Step(at_ms, "line", own.from_ms)
    steps = []
    if own.reaction is not None:
        begins_ms = own.reaction.base_ms + persona.think_ms
        said = reacting.plan(persona, own).line
        at_ms = begins_ms + (0 if said is None else typing_ms(persona, said))
        steps.append(Step(max(own.last_ms, at_ms), "reaction", None if said is None else begins_ms))
    silence = silent_need(persona, own)
    if silence is not None:
        asked_ms = next(need.asked_ms for need in own.needs if need.id == silence.id)
        steps.append(Step(max(own.last_ms, asked_ms + silence.silent_ms), "silence"))
    elif own.stage == "wants" and order is not None and persona.purchase is not None:
        at_ms = max(own.last_ms, own.ready_ms, order.sent_ms + persona.purchase.pay_ms)
        steps.append(Step(at_ms, "pay", max(order.sent_ms, at_ms - len(persona.purchase.paid) * persona.typing_ms)))
    elif own.reaction is None and (own.stage == "wants" or own.open_needs):
        at_ms = max(own.last_ms, own.waits_from_ms + own.patience_ms)
        said_ms = typing_ms(persona, out_of_patience(persona, own))
        steps.append(Step(at_ms, "patience", max(own.waits_from_ms, at_ms - said_ms)))
    return min(steps, key=lambda step: step.at_ms, default=None)


def out_of_patience(persona: Persona, own: ConversationState) -> Line:
    """What is said when nobody has answered for long: the next nudge, or that it leaves."""
    if own.nudges < len(persona.nudges):
        return Line(cause="nudge", k=own.nudges)
    return Line(cause="leaves")
