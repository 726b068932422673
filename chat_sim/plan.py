"""The fairness plan: what every seat meets, by the content alone. Times in ms of stage time, counted from the start.

Arrivals are the same whatever the contestant does. So is everything else, for equal replies at equal times; the plan
shows it for a seat that accepts every customer at once and never replies.
"""

from typing import Literal

from chat_sim.content import ChatContent
from chat_sim.events import CustomerSaid, SayCause
from chat_sim.scripted import play
from server.core.frozen import Frozen, canonical_json, sha256_hex
from server.core.text import Text


class PlanMessage(Frozen):
    """A message of the silent run."""

    at_ms: int
    text: str
    cause: SayCause


class PlanCustomer(Frozen):
    """One customer: when it comes, how fast it is, what it says while nobody answers."""

    id: str
    name: str
    profile: str
    arrives_ms: int
    think_ms: int
    typing_ms: int
    """Per character."""
    patience_ms: int
    nudges: int
    needs: tuple[str, ...]
    """Titles, in the order in which they are put."""
    buys: bool
    messages: tuple[PlanMessage, ...]


class FairPlan(Frozen):
    """What is printed; `content_sha256` is that of the content, as papers have it."""

    kind: Literal["chat"] = "chat"
    title: Text
    duration_ms: int
    content_sha256: str
    plan_sha256: str
    """Of the customers: equal plans have equal ones."""
    most_open: int
    customers: tuple[PlanCustomer, ...]
    """In order of arrival."""


def plan(content: ChatContent) -> FairPlan:
    """The plan of a content; equal contents have equal plans, to the byte."""
    said: dict[str, list[PlanMessage]] = {}
    for one in play(content, "silent").history:
        if isinstance(one.event, CustomerSaid):
            message = PlanMessage(at_ms=one.event.stage_ms, text=one.event.text, cause=one.event.cause)
            said.setdefault(one.event.conversation, []).append(message)
    customers = tuple(
        PlanCustomer(
            id=persona.id,
            name=persona.name,
            profile=persona.profile,
            arrives_ms=persona.arrives_ms,
            think_ms=persona.think_ms,
            typing_ms=persona.typing_ms,
            patience_ms=persona.patience_ms,
            nudges=len(persona.nudges),
            needs=tuple(need.title for need in persona.needs),
            buys=persona.purchase is not None,
            messages=tuple(said.get(persona.id, ())),
        )
        for persona in sorted(content.personas, key=lambda one: one.arrives_ms)
    )
    told = canonical_json([one.model_dump(mode="json") for one in customers])
    return FairPlan(
        title=content.title,
        duration_ms=content.duration_ms,
        content_sha256=sha256_hex(canonical_json(content.model_dump(mode="json", by_alias=True))),
        plan_sha256=sha256_hex(told),
        most_open=content.policy.most_open,
        customers=customers,
    )
