"""The plug of 听打录入 (typing_test)."""

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
from typing_test import content as content_
from typing_test import events, robot, rubric, scoring
from typing_test import key as key_
from typing_test import state as state_
from typing_test.author import author as author_
from typing_test.commands import DictationCommand
from typing_test.content import DictationContent, SeatContent
from typing_test.events import DictationEvent
from typing_test.sheet import ScoreSheet
from typing_test.state import DictationState, SeatState

_DEMO = Path(__file__).resolve().parent / "demo"
_commands: TypeAdapter[DictationCommand] = TypeAdapter(DictationCommand)


class TypingTest:
    """听打录入: satisfies `server.core.contract.ContestModule`."""

    name = "typing_test"
    title = Text(zh="听打录入", en="Dictation")
    content_type = DictationContent
    state_type = DictationState
    state_version = 1
    command_type = DictationCommand
    seat_content_type = SeatContent
    seat_state_type = SeatState
    seat_live_type = None
    sheet_type = ScoreSheet
    author = author_
    media = None

    def parse_event(self, raw: Mapping[str, Any]) -> DictationEvent:
        """See `typing_test.events.parse_event`."""
        return events.parse_event(raw)

    def parse_command(self, raw: Mapping[str, Any]) -> DictationCommand:
        """A command from the wire; raises pydantic.ValidationError."""
        return _commands.validate_python(raw)

    def check(self, content: DictationContent) -> list[Fault]:
        """See `typing_test.content.check`."""
        return content_.check(content)

    def files(self, content: DictationContent) -> frozenset[str]:
        """The recordings."""
        return frozenset(item.audio.sha256 for item in content.items)

    def seat_content(self, content: DictationContent) -> SeatContent:
        """The content without answers and hints."""
        return content_.seat_content(content)

    def seat_state(self, content: DictationContent, state: DictationState) -> SeatState:
        """Texts and players."""
        return SeatState(texts=state.texts, players=state.players, current=state.current)

    def seat_live(self, content: DictationContent, state: DictationState) -> None:
        """Nothing happens by itself in a dictation."""
        return None

    def initial(self, content: DictationContent, seed: int) -> DictationState:
        """Nothing typed, nothing heard, first item open; chance plays no part in this module."""
        return DictationState(current=content.items[0].id)

    def apply(self, content: DictationContent, state: DictationState, event: DictationEvent) -> DictationState:
        """See `typing_test.state.apply`."""
        return state_.apply(state, event)

    def decide(
        self, content: DictationContent, state: DictationState, command: DictationCommand | Due, at: Moment
    ) -> list[DictationEvent] | Refusal:
        """See `typing_test.state.decide`."""
        return state_.decide(content, state, command, at)

    def due(self, content: DictationContent, state: DictationState) -> int | None:
        """Nothing happens by itself in a dictation."""
        return None

    def progress(self, content: DictationContent, state: DictationState) -> Progress:
        """Items wholly filled, of all."""
        return state_.progress(content, state)

    def answers(self, content: DictationContent, state: DictationState) -> dict[str, Any]:
        """All texts by item and field."""
        return state_.answers(content, state)

    def receipt(self, content: DictationContent, state: DictationState) -> list[ReceiptLine]:
        """See `typing_test.state.receipt`."""
        return state_.receipt(content, state)

    async def measure(
        self, content: DictationContent, history: Sequence[Journalled[DictationEvent]], files: Files
    ) -> Facts:
        """No file says anything about a dictation."""
        return {}

    def score(self, content: DictationContent, history: Sequence[Journalled[DictationEvent]], facts: Facts) -> Outcome:
        """See `typing_test.scoring.score`."""
        return scoring.score(content, history, facts)

    def history_of(self, content: DictationContent, answers: Mapping[str, Any]) -> list[Journalled[DictationEvent]]:
        """See `typing_test.scoring.history_of`."""
        return scoring.history_of(content, answers)

    def rubric(self, content: DictationContent) -> Rubric:
        """See `typing_test.rubric.rubric`."""
        return rubric.rubric(content)

    def again(self, content: DictationContent, outcome: Outcome) -> DictationContent | None:
        """See `typing_test.scoring.again`."""
        return scoring.again(content, outcome)

    def parts(self, content: DictationContent) -> Sequence[Part]:
        """The items."""
        return key_.parts(content)

    def select(self, content: DictationContent, parts: Sequence[str], duration_ms: int) -> DictationContent:
        """See `typing_test.key.select`."""
        return key_.select(content, parts, duration_ms)

    def key(self, content: DictationContent) -> Sequence[KeyLine]:
        """See `typing_test.key.key`."""
        return key_.key(content)

    def with_key(self, content: DictationContent, accepted: Mapping[str, Sequence[str]]) -> DictationContent:
        """See `typing_test.key.with_key`."""
        return key_.with_key(content, accepted)

    def demo_papers(self) -> Sequence[DemoPaper]:
        """A warm-up, a lesson and a contest paper."""
        kinds: tuple[Literal["warmup", "lesson", "contest"], ...] = ("warmup", "lesson", "contest")
        return [DemoPaper(kind, _DEMO / f"{kind}.json") for kind in kinds]

    def robot(self, content: DictationContent, seed: int, skill: float) -> Sequence[RobotAct]:
        """See `typing_test.robot.plan`."""
        return robot.plan(content, seed, skill)


module = TypingTest()
