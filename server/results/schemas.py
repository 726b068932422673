"""What people see of results."""

from decimal import Decimal
from typing import Literal

from server.attempts.schemas import AttemptView
from server.core.contract import Progress
from server.core.frozen import Frozen
from server.core.outcome import Outcome
from server.core.phases import Phase
from server.core.text import Text


class OutcomeView(Frozen):
    """The automatic outcome of a closed attempt; `pending` while it is being worked out."""

    status: Literal["pending", "ready"]
    attempt: AttemptView
    outcome: Outcome | None
    can_repeat: bool
    """Whether the attempt is the asker's own and 错题再练 has anything to offer."""


class AttemptBrief(Frozen):
    """A line of a trainee's history or of the trainer's list; times UTC epoch ms, durations ms.

    `marks` is null until the outcome is there; `max_marks` is 0 if nothing in the paper is scored.
    """

    attempt_id: str
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
