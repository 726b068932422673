"""Customers of a chat paper that a lesson may consist of."""

from collections.abc import Sequence

from chat_sim.content import ChatContent
from chat_sim.persona import Persona
from chat_sim.sheet import ChatSheet
from server.core.contract import Part
from server.core.outcome import Outcome
from server.core.text import Text

LATEST_PCT = 60
"""The last customer of a shorter lesson comes when so much of its time has passed, at the latest."""


def parts(content: ChatContent) -> list[Part]:
    """The customers, in the order of the paper."""
    return [Part(id=persona.id, title=Text(zh=persona.name)) for persona in content.personas]


def select(content: ChatContent, chosen: Sequence[str], duration_ms: int) -> ChatContent:
    """A paper of the chosen customers, to be done in `duration_ms`; raises ValueError.

    They take the earliest arrivals of the paper in their order, so that no minute is empty for one who was left out;
    where the time is too short for that, arrivals move together. The shop stays whole: it is part of the exercise.
    """
    unknown = [part_id for part_id in chosen if content.persona(part_id) is None]
    if unknown:
        raise ValueError(f"{'、'.join(unknown)}: 试卷中没有这些客户，请重新选择 (no such parts, choose again)")
    if not chosen:
        raise ValueError("parts: 至少选择一位客户 (choose at least one customer)")
    kept = tuple(persona for persona in content.personas if persona.id in chosen)
    times = arrivals_of(content, kept, duration_ms)
    personas = tuple(persona.model_copy(update={"arrives_ms": times[persona.id]}) for persona in kept)
    changed = content.model_copy(update={"personas": personas, "duration_ms": duration_ms})
    return ChatContent.model_validate(changed.model_dump())


def arrivals_of(content: ChatContent, kept: Sequence[Persona], duration_ms: int) -> dict[str, int]:
    """When each of these customers comes, in stage ms, by id."""
    times = sorted(persona.arrives_ms for persona in content.personas)[: len(kept)]
    latest_ms = duration_ms * LATEST_PCT // 100
    if times[-1] > latest_ms:
        times = [time * latest_ms // times[-1] for time in times]
    in_order = sorted(kept, key=lambda persona: persona.arrives_ms)
    return {persona.id: time for persona, time in zip(in_order, times, strict=True)}


def again(content: ChatContent, outcome: Outcome) -> ChatContent | None:
    """The customers of whom a need was left unmet, or who bought nothing though they would have, or left, once more.

    In as much of the time as they are of all customers, a fifth of it at least; None if there are none.
    """
    sheet = ChatSheet.model_validate(outcome.sheet)
    come = {own.id: own for own in sheet.conversations}
    chosen = []
    for persona in content.personas:
        own = come.get(persona.id)
        if own is None:
            continue
        unmet = any(need.asked_ms is not None and not need.met for need in own.needs)
        unsold = persona.purchase is not None and not any(order.status == "paid" for order in own.orders)
        if unmet or unsold or own.ended_by == "customer":
            chosen.append(persona.id)
    if not chosen:
        return None
    share = max(content.duration_ms * len(chosen) // len(content.personas), content.duration_ms // 5)
    return select(content, chosen, share)
