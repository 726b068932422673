"""Events as they are decided one after another, each upon the state that those before it left."""

from dataclasses import dataclass, field
from itertools import takewhile

from chat_sim import customers
from chat_sim import events as e
from chat_sim.content import ChatContent
from chat_sim.folding import apply
from chat_sim.persona import Persona
from chat_sim.rating import RatingCounts, rate
from chat_sim.state import ChatState, ConversationState, Line, arrivals

MOST_MESSAGES = 20
WITHIN_MS = 10_000
"""More messages than that in so long a time are refused: nobody writes them by hand."""


@dataclass(slots=True)
class Telling:
    """What happens at one moment: `now_ms`, in stage time."""

    content: ChatContent
    state: ChatState
    now_ms: int
    events: list[e.ChatEvent] = field(default_factory=list)

    def add(self, event: e.ChatEvent) -> None:
        """One more thing happens."""
        self.events.append(event)
        self.state = apply(self.content, self.state, event)

    def own(self, persona: Persona) -> ConversationState:
        """The conversation as it stands; it must have begun."""
        found = self.state.conversation(persona.id)
        assert found is not None
        return found

    def next_n(self) -> int:
        """The number of the next message."""
        return len(self.state.messages) + 1

    def say(self, persona: Persona, line: Line, product: str | None = None, accepted: bool = False) -> None:
        """The customer says a line."""
        self.add(
            e.CustomerSaid(
                stage_ms=self.now_ms,
                conversation=persona.id,
                n=self.next_n(),
                text=customers.text_of(persona, line),
                cause=line.cause,
                need=line.need,
                picture=customers.picture_of(persona, line),
                product=product,
                accepted=accepted,
            )
        )

    def settle(self, persona: Persona, need: str, met: bool, by: int | None, last: bool = False) -> None:
        """A need is done with."""
        own = persona.id
        self.add(e.NeedSettled(stage_ms=self.now_ms, conversation=own, need=need, met=met, by=by, last=last))

    def too_fast(self) -> bool:
        """Whether as many messages were sent lately as a person can write."""
        since_ms = self.now_ms - WITHIN_MS
        lately = takewhile(lambda message: message.at_ms > since_ms, reversed(self.state.messages))
        return sum(message.by == "agent" for message in lately) >= MOST_MESSAGES

    def end_order(self, order_id: str, cause: str, dearer: bool = False) -> None:
        """An order comes to nothing; its stock returns."""
        order = self.state.order(order_id)
        assert order is not None
        raw = {"stage_ms": self.now_ms, "conversation": order.conversation, "order": order_id, "cause": cause}
        self.add(e.OrderEnded.model_validate({**raw, "dearer": dearer}))

    def end(self, persona: Persona, by: str, reason: str, remark: str = "") -> None:
        """A conversation ends: with its order, with what was put, and with a rating."""
        own = self.own(persona)
        if own.order is not None:
            self.end_order(own.order, "closed")
        for need in own.open_needs:
            self.settle(persona, need.id, need.verdict == "met", need.by, last=True)
        raw = {
            "stage_ms": self.now_ms,
            "conversation": persona.id,
            "by": by,
            "reason": reason,
            "remark": remark,
            "stars": rate(persona, counts(persona, self.own(persona), by == "customer")).stars,
        }
        self.add(e.ConversationEnded.model_validate(raw))


def counts(persona: Persona, own: ConversationState, leaves: bool) -> RatingCounts:
    """What the customer's rating looks at, as the conversation stands."""
    put = {need.id for need in own.needs}
    all_put = all(need.id in put for need in customers.puttable(persona))
    return RatingCounts(
        nudges=own.nudged,
        unmet=sum(need.settled is not True for need in own.needs),
        wrong=own.wrong,
        forbidden=own.forbidden,
        greeting=own.greeted,
        closing=any(own.farewell),
        left=leaves or not all_put,
        replied=own.replied,
    )


def next_arrival(content: ChatContent, state: ChatState) -> Persona | None:
    """The customer that comes next."""
    coming = arrivals(content)
    come = len(state.conversations)
    return coming[come] if come < len(coming) else None
