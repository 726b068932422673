"""The plug of 在线服务 (chat_sim)."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import TypeAdapter

from chat_sim import (
    acting,
    deciding,
    events,
    exporting,
    folding,
    handing_in,
    lint,
    offline,
    robot,
    rubric,
    scoring,
    seat_now,
)
from chat_sim import key as key_
from chat_sim import parts as parts_
from chat_sim import seat as seat_
from chat_sim.author import author as author_
from chat_sim.commands import ChatCommand
from chat_sim.content import ChatContent
from chat_sim.events import ChatEvent
from chat_sim.seat import SeatContent, SeatLive, SeatState
from chat_sim.sheet import ChatSheet
from chat_sim.state import ChatState
from server.core.contract import (
    DemoPaper,
    Due,
    Facts,
    Files,
    Journalled,
    KeyLine,
    Part,
    Progress,
    ReceiptLine,
    Refusal,
    RobotAct,
)
from server.core.errors import Fault
from server.core.export import ExportTable
from server.core.outcome import Outcome, Rubric
from server.core.phases import Moment
from server.core.text import Text

_DEMO = Path(__file__).resolve().parent / "demo"
_commands: TypeAdapter[ChatCommand] = TypeAdapter(ChatCommand)


class ChatSim:
    """在线服务: satisfies `server.core.contract.ContestModule`."""

    name = "chat_sim"
    title = Text(zh="在线服务", en="Online chat")
    content_type = ChatContent
    state_type = ChatState
    state_version = 1
    command_type = ChatCommand
    seat_content_type = SeatContent
    seat_state_type = SeatState
    seat_live_type = SeatLive
    sheet_type = ChatSheet
    author = author_
    media = None

    def parse_event(self, raw: Mapping[str, Any]) -> ChatEvent:
        """See `chat_sim.events.parse_event`."""
        return events.parse_event(raw)

    def parse_command(self, raw: Mapping[str, Any]) -> ChatCommand:
        """A command from the wire; raises pydantic.ValidationError."""
        return _commands.validate_python(raw)

    def check(self, content: ChatContent) -> list[Fault]:
        """See `chat_sim.lint.check`."""
        return lint.check(content)

    def files(self, content: ChatContent) -> frozenset[str]:
        """The pictures of products and of customers."""
        return frozenset(picture.sha256 for picture in content.pictures())

    def seat_content(self, content: ChatContent) -> SeatContent:
        """The shop, without a word of the customers or of the articles."""
        return seat_.seat_content(content)

    def seat_state(self, content: ChatContent, state: ChatState) -> SeatState:
        """Texts, messages, and what is live."""
        return seat_now.seat_state(content, state)

    def seat_live(self, content: ChatContent, state: ChatState) -> SeatLive:
        """Conversations, the newest messages, orders, look-ups."""
        return seat_now.seat_live(content, state)

    def initial(self, content: ChatContent, seed: int) -> ChatState:
        """Nobody has come; the customers are the same for everybody, so chance plays no part."""
        return ChatState()

    def apply(self, content: ChatContent, state: ChatState, event: ChatEvent) -> ChatState:
        """See `chat_sim.folding.apply`."""
        return folding.apply(content, state, event)

    def decide(
        self, content: ChatContent, state: ChatState, command: ChatCommand | Due, at: Moment
    ) -> list[ChatEvent] | Refusal:
        """See `chat_sim.deciding.decide`."""
        return deciding.decide(content, state, command, at)

    def due(self, content: ChatContent, state: ChatState) -> int | None:
        """When a customer comes, writes, pays or loses patience next."""
        return acting.due(content, state)

    def progress(self, content: ChatContent, state: ChatState) -> Progress:
        """See `chat_sim.handing_in.progress`."""
        return handing_in.progress(content, state)

    def answers(self, content: ChatContent, state: ChatState) -> dict[str, Any]:
        """See `chat_sim.handing_in.answers`."""
        return handing_in.answers(content, state)

    def receipt(self, content: ChatContent, state: ChatState) -> list[ReceiptLine]:
        """See `chat_sim.handing_in.receipt`."""
        return handing_in.receipt(content, state)

    async def measure(self, content: ChatContent, history: Sequence[Journalled[ChatEvent]], files: Files) -> Facts:
        """Nothing but the journal is measured."""
        return {}

    def score(self, content: ChatContent, history: Sequence[Journalled[ChatEvent]], facts: Facts) -> Outcome:
        """See `chat_sim.scoring.score`."""
        return scoring.score(content, history, facts)

    def history_of(self, content: ChatContent, answers: Mapping[str, Any]) -> list[Journalled[ChatEvent]]:
        """See `chat_sim.offline.history_of`."""
        return offline.history_of(content, answers)

    def rubric(self, content: ChatContent) -> Rubric:
        """See `chat_sim.rubric.rubric`."""
        return rubric.rubric(content)

    def again(self, content: ChatContent, outcome: Outcome) -> ChatContent | None:
        """See `chat_sim.parts.again`."""
        return parts_.again(content, outcome)

    def parts(self, content: ChatContent) -> Sequence[Part]:
        """The customers of the paper."""
        return parts_.parts(content)

    def select(self, content: ChatContent, parts: Sequence[str], duration_ms: int) -> ChatContent:
        """See `chat_sim.parts.select`."""
        return parts_.select(content, parts, duration_ms)

    def key(self, content: ChatContent) -> Sequence[KeyLine]:
        """See `chat_sim.key.key`."""
        return key_.key(content)

    def with_key(self, content: ChatContent, accepted: Mapping[str, Sequence[str]]) -> ChatContent:
        """See `chat_sim.key.with_key`."""
        return key_.with_key(content, accepted)

    def tables(self, outcome: Outcome) -> Sequence[ExportTable]:
        """See `chat_sim.exporting.tables`."""
        return exporting.tables(outcome)

    def demo_papers(self) -> Sequence[DemoPaper]:
        """A warm-up with two customers, a lesson in a tea shop, a contest paper with ten customers."""
        kinds: tuple[Literal["warmup", "lesson", "contest"], ...] = ("warmup", "lesson", "contest")
        return [DemoPaper(kind, path) for kind in kinds if (path := _DEMO / f"{kind}.json").exists()]

    def robot(self, content: ChatContent, seed: int, skill: float) -> Sequence[RobotAct]:
        """See `chat_sim.robot.plan`."""
        return robot.plan(content, seed, skill)


module = ChatSim()
