"""The plug of 语音服务 (telephony)."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import TypeAdapter

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
from server.core.outcome import Outcome, Rubric
from server.core.phases import Moment
from server.core.text import Text
from telephony import deciding, events, folding, handing_in, lint, offline, robot, rubric, scoring, seat_now
from telephony import key as key_
from telephony import parts as parts_
from telephony import seat as seat_
from telephony.author import author as author_
from telephony.commands import VoiceCommand
from telephony.content import TelephonyContent, lines
from telephony.events import VoiceEvent
from telephony.media_side import VoiceMedia
from telephony.seat import SeatContent, SeatLive, SeatState
from telephony.sheet import VoiceSheet
from telephony.state import TelephonyState

_DEMO = Path(__file__).resolve().parent / "demo"
_commands: TypeAdapter[VoiceCommand] = TypeAdapter(VoiceCommand)


class Telephony:
    """语音服务: satisfies `server.core.contract.ContestModule`."""

    name = "telephony"
    title = Text(zh="语音服务", en="Voice service")
    content_type = TelephonyContent
    state_type = TelephonyState
    state_version = 1
    command_type = VoiceCommand
    seat_content_type = SeatContent
    seat_state_type = SeatState
    seat_live_type = SeatLive
    sheet_type = VoiceSheet
    author = author_
    media = VoiceMedia()

    def parse_event(self, raw: Mapping[str, Any]) -> VoiceEvent:
        """See `telephony.events.parse_event`."""
        return events.parse_event(raw)

    def parse_command(self, raw: Mapping[str, Any]) -> VoiceCommand:
        """A command from the wire; raises pydantic.ValidationError."""
        return _commands.validate_python(raw)

    def check(self, content: TelephonyContent) -> list[Fault]:
        """See `telephony.lint.check`."""
        return lint.check(content)

    def files(self, content: TelephonyContent) -> frozenset[str]:
        """The recordings of everything that the other side can say."""
        return frozenset(line.audio.sha256 for part in content.parts for line in lines(part))

    def seat_content(self, content: TelephonyContent) -> SeatContent:
        """The content without answers and without the customer's words."""
        return seat_.seat_content(content)

    def seat_state(self, content: TelephonyContent, state: TelephonyState) -> SeatState:
        """Texts, and what is live."""
        return seat_now.seat_state(content, state)

    def seat_live(self, content: TelephonyContent, state: TelephonyState) -> SeatLive:
        """Calls, desk and counters."""
        return seat_now.seat_live(content, state)

    def initial(self, content: TelephonyContent, seed: int) -> TelephonyState:
        """Nothing opened, nothing written; the customers are the same for everybody, so chance plays no part."""
        return TelephonyState()

    def apply(self, content: TelephonyContent, state: TelephonyState, event: VoiceEvent) -> TelephonyState:
        """See `telephony.folding.apply`."""
        return folding.apply(content, state, event)

    def decide(
        self, content: TelephonyContent, state: TelephonyState, command: VoiceCommand | Due, at: Moment
    ) -> list[VoiceEvent] | Refusal:
        """See `telephony.deciding.decide`."""
        return deciding.decide(content, state, command, at)

    def due(self, content: TelephonyContent, state: TelephonyState) -> int | None:
        """When the customer speaks or hangs up by itself, or the conversation's time is over."""
        return deciding.due(content, state)

    def progress(self, content: TelephonyContent, state: TelephonyState) -> Progress:
        """See `telephony.handing_in.progress`."""
        return handing_in.progress(content, state)

    def answers(self, content: TelephonyContent, state: TelephonyState) -> dict[str, Any]:
        """See `telephony.handing_in.answers`."""
        return handing_in.answers(content, state)

    def receipt(self, content: TelephonyContent, state: TelephonyState) -> list[ReceiptLine]:
        """See `telephony.handing_in.receipt`."""
        return handing_in.receipt(content, state)

    async def measure(
        self, content: TelephonyContent, history: Sequence[Journalled[VoiceEvent]], files: Files
    ) -> Facts:
        """Recordings are measured when they are sealed (`facts["calls"]`): nothing is left to do here."""
        return {}

    def score(self, content: TelephonyContent, history: Sequence[Journalled[VoiceEvent]], facts: Facts) -> Outcome:
        """See `telephony.scoring.score`."""
        return scoring.score(content, history, facts)

    def history_of(self, content: TelephonyContent, answers: Mapping[str, Any]) -> list[Journalled[VoiceEvent]]:
        """See `telephony.offline.history_of`."""
        return offline.history_of(content, answers)

    def rubric(self, content: TelephonyContent) -> Rubric:
        """See `telephony.rubric.rubric`."""
        return rubric.rubric(content)

    def again(self, content: TelephonyContent, outcome: Outcome) -> None:
        """Nothing is right or wrong by machine, so there is nothing to pick out: a trainer chooses parts instead."""
        return None

    def parts(self, content: TelephonyContent) -> Sequence[Part]:
        """The parts of the paper."""
        return parts_.parts(content)

    def select(self, content: TelephonyContent, parts: Sequence[str], duration_ms: int) -> TelephonyContent:
        """See `telephony.parts.select`."""
        return parts_.select(content, parts, duration_ms)

    def key(self, content: TelephonyContent) -> Sequence[KeyLine]:
        """See `telephony.key.key`."""
        return key_.key(content)

    def with_key(self, content: TelephonyContent, accepted: Mapping[str, Sequence[str]]) -> TelephonyContent:
        """See `telephony.key.with_key`."""
        return key_.with_key(content, accepted)

    def demo_papers(self) -> Sequence[DemoPaper]:
        """A warm-up, a paper whose customer is played by a person, a lesson and a contest paper."""
        papers: tuple[tuple[Literal["warmup", "lesson", "contest"], str], ...] = (
            ("warmup", "warmup"),
            ("lesson", "role_play"),
            ("lesson", "lesson"),
            ("contest", "contest"),
        )
        return [DemoPaper(kind, path) for kind, name in papers if (path := _DEMO / f"{name}.json").exists()]

    def robot(self, content: TelephonyContent, seed: int, skill: float) -> Sequence[RobotAct]:
        """See `telephony.robot.plan`."""
        return robot.plan(content, seed, skill)


module = Telephony()
