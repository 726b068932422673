"""A chat attempt without a server: commands and time go in, events are kept."""

from dataclasses import dataclass, field
from typing import Any

from chat_sim.content import ChatContent
from chat_sim.events import ChatEvent, CustomerSaid
from chat_sim.module import module
from chat_sim.seat import LiveConversation, SeatLive
from chat_sim.state import ChatState, ConversationState, persona_id_of
from server.core.contract import Due, Journalled, Refusal
from server.core.phases import Moment, Phase
from tests.support.chats import TYPING_MS, chats, persona

BEGAN_MS = 1_800_000_000_000


@dataclass
class Round:
    """`now_ms` is the net time; what was due meanwhile happens when time passes."""

    content: ChatContent = field(default_factory=chats)
    state: ChatState = field(default_factory=ChatState)
    now_ms: int = 0
    history: list[Journalled[ChatEvent]] = field(default_factory=list)

    @property
    def at(self) -> Moment:
        return Moment(utc_ms=BEGAN_MS + self.now_ms, stage_ms=self.now_ms, left_ms=10**7, phase=Phase.RUNNING)

    def send(self, kind: str, /, **values: Any) -> list[str]:
        """A command that must be accepted; the types of its events, shortened."""
        decided = self.attempt(kind, **values)
        assert not isinstance(decided, Refusal), decided
        return self._add(decided)

    def refused(self, kind: str, /, **values: Any) -> str:
        """A command that must be refused; the code. Its text must be Chinese."""
        decided = self.attempt(kind, **values)
        assert isinstance(decided, Refusal), decided
        assert any("\u4e00" <= char <= "\u9fff" for char in decided.detail.zh)
        return type(decided).code.removeprefix("chat-")

    def attempt(self, kind: str, /, **values: Any) -> list[ChatEvent] | Refusal:
        command = module.parse_command({"type": f"chat_sim.{kind}", **values})
        return module.decide(self.content, self.state, command, self.at)

    def wait(self, ms: int) -> list[str]:
        """Time passes; the types of what happened by itself."""
        until, happened = self.now_ms + ms, list[str]()
        while (due := module.due(self.content, self.state)) is not None and due <= until:
            assert due >= self.now_ms, "what is due can't lie in the past"
            self.now_ms = due
            made = module.decide(self.content, self.state, Due(), self.at)
            assert isinstance(made, list)
            assert made, "due without an act would be due for ever"
            happened += self._add(made)
        self.now_ms = until
        return happened

    def begin(self, *conversations: str) -> "Round":
        """A 花名, and these are accepted."""
        self.send("set_nickname", nickname="小暖")
        for conversation in conversations:
            self.send("accept", conversation=conversation)
        return self

    def say(self, conversation: str, text: str, **more: Any) -> list[str]:
        """A message that must be accepted."""
        return self.send("send", conversation=conversation, text=text, **more)

    def order(self, conversation: str, *lines: tuple[str, int], coupon: str = "") -> list[str]:
        """The form is filled in and sent."""
        rev = self.own(module_id(self.content, conversation)).form.rev + 1
        form = [{"sku": sku, "quantity": quantity} for sku, quantity in lines]
        self.send("set_order", conversation=conversation, lines=form, coupon=coupon, rev=rev)
        return self.send("send_order", conversation=conversation)

    def own(self, persona_id: str) -> ConversationState:
        found = self.state.conversation(persona_id)
        assert found is not None
        return found

    @property
    def live(self) -> SeatLive:
        return module.seat_live(self.content, self.state)

    def live_of(self, conversation: str) -> LiveConversation:
        return next(own for own in self.live.conversations if own.id == conversation)

    def events(self, kind: str) -> list[Any]:
        """Every event of a type."""
        return [entry.event for entry in self.history if entry.event.type == f"chat_sim.{kind}"]

    def heard(self, persona_id: str) -> list[tuple[int, str, str]]:
        """What a customer said: when, why, what."""
        said: list[CustomerSaid] = self.events("customer_said")
        return [(one.stage_ms, one.cause, one.text) for one in said if one.conversation == persona_id]

    def settled(self) -> dict[str, bool]:
        """Needs that were settled, by "<persona>.<need>"."""
        return {f"{one.conversation}.{one.need}": one.met for one in self.events("need_settled")}

    def _add(self, events: list[ChatEvent]) -> list[str]:
        for event in events:
            self.state = module.apply(self.content, self.state, event)
            seq = len(self.history) + 1
            self.history.append(Journalled(seq, self.at.utc_ms, self.now_ms, event))
        return [event.type.removeprefix("chat_sim.") for event in events]


def module_id(content: ChatContent, conversation: str) -> str:
    """The persona behind an id of the page."""
    found = persona_id_of(content, conversation)
    assert found is not None
    return found


def typed(text: str) -> int:
    """How long a customer types it."""
    return len(text) * TYPING_MS


def one(*needs: dict[str, Any], **more: Any) -> Round:
    """A round with one customer, who is accepted when it comes at 0 ms."""
    round_ = Round(chats(persona("a", 0, *needs, **more)))
    round_.wait(0)
    return round_.begin("c1")
