"""An attempt as everybody but the runner knows it: its unchanging facts, and how it durably stands."""

from dataclasses import dataclass
from typing import Any

from server.contests.schemas import ContestKind
from server.core.contract import AnyModule, Content, Progress, State
from server.core.phases import AttemptState


@dataclass(frozen=True, slots=True)
class AttemptRecord:
    """The unchanging facts of an attempt."""

    attempt_id: str
    contest_id: str
    stage_id: str
    kind: ContestKind
    contestant_id: str
    module: str
    content_sha256: str
    work_code: str
    opened_ms: int

    @property
    def self_run(self) -> bool:
        """Practice: the trainee starts and resumes by himself; in a contest or a lesson only staff does."""
        return self.kind == "practice"


@dataclass(frozen=True, slots=True)
class StandingAttempt:
    """An attempt as the journal durably has it: all that anybody but the runner gets to see."""

    record: AttemptRecord
    module: AnyModule
    content: Content
    core: AttemptState
    state: State
    seq: int
    last_ms: int
    worked_ms: int | None
    """When the contestant last did something in the task."""
    progress: Progress

    def answers(self) -> dict[str, Any]:
        """All answers as they stand."""
        return self.module.answers(self.content, self.state)
