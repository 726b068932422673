"""What people see of results."""

from decimal import Decimal
from typing import Any, Literal

from pydantic import Field

from server.attempts.schemas import AttemptView
from server.contests.schemas import ContestKind
from server.core.contract import Progress
from server.core.frozen import Frozen
from server.core.outcome import Outcome
from server.core.phases import Phase
from server.core.text import Text


class OutcomeView(Frozen):
    """The automatic outcome of a closed attempt; `pending` while it is being worked out, `failed` if it can't be."""

    status: Literal["pending", "ready", "failed"]
    attempt: AttemptView
    outcome: Outcome | None
    can_repeat: bool
    """Whether the attempt is the asker's own and 错题再练 has anything to offer."""


class AttemptBrief(Frozen):
    """A line of a trainee's history or of the trainer's list; times UTC epoch ms, durations ms.

    `marks` is null until the outcome is there, or if it `failed`; `max_marks` is 0 if nothing in the paper is scored.
    """

    attempt_id: str
    contest_kind: ContestKind
    module: str
    module_title: Text
    paper_title: Text
    contestant_name: str
    phase: Phase
    opened_ms: int
    started_ms: int | None
    closed_ms: int | None
    net_ms: int | None
    last_event_ms: int
    help_since_ms: int | None
    progress: Progress
    marks: Decimal | None
    max_marks: Decimal | None
    failed: bool


class WorkView(Frozen):
    """A line of a stage's results: by work code; who it was stands there only where nothing is blind (a lesson)."""

    work_code: str
    name: str | None
    number: str | None
    attempt_id: str | None
    phase: Phase
    close_cause: str | None
    """handed_in, time_up, forced; absent (缺考) if no page ever opened the attempt: it has no marks."""
    net_ms: int | None
    """Only where nothing is blind: the board shows the same figure beside a ticket."""
    progress: Progress
    late_count: int
    marks: Decimal | None
    max_marks: Decimal | None
    revision: int
    failed: bool
    """The outcome can't be worked out; the cause stands in the server's log."""


class StageResults(Frozen):
    """All works of a stage, best first."""

    contest_id: str
    contest_title: Text
    stage_id: str
    stage_title: Text
    module: str
    blind: bool
    works: tuple[WorkView, ...]


class WorkOutcome(Frozen):
    """One work without its author: the outcome with its working, and what it was scored by."""

    work_code: str
    module: str
    stage_title: Text
    outcome: Outcome | None
    revision: int
    failed: bool
    content: dict[str, Any]
    """As the contestant saw it."""


class KeyLineView(Frozen):
    """One expected answer of a stage's key: `accepted[0]` is the answer, the rest counts as well."""

    path: str
    title: Text
    accepted: tuple[str, ...]


class NewCorrection(Frozen):
    """更正: expected answers by path that replace those of the key, and why."""

    key: dict[str, tuple[str, ...]] = Field(min_length=1, max_length=500)
    reason: str = Field(min_length=1, max_length=500)
    seen: int = Field(ge=0)


class CorrectedMark(Frozen):
    """A work whose marks a correction changed; `old` is null if it could not be scored before."""

    work_code: str
    old: Decimal | None
    new: Decimal


class CorrectionView(Frozen):
    """A correction with everything it changed; `corrected_by` is a display name."""

    correction_id: str
    corrected_by: str
    reason: str
    at_ms: int
    key: tuple[KeyLineView, ...]
    """The corrected lines, as they are now."""
    before: tuple[KeyLineView, ...]
    scored: int
    """Works scored anew."""
    changes: tuple[CorrectedMark, ...]
    failed: tuple[str, ...]
    """Codes of works that can't be scored any more; the cause stands in the server's log."""


class PupilHistory(Frozen):
    """What a pupil has done: rounds and lessons, newest first."""

    account_id: str
    number: str
    name: str
    rounds: tuple[AttemptBrief, ...]
