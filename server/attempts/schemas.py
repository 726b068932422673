"""What pages and consoles see of an attempt."""

from typing import Any, Literal

from server.core.contract import Progress, ReceiptLine
from server.core.frozen import Frozen
from server.core.phases import Phase
from server.core.text import Text


class Receipt(Frozen):
    """Shown after the hand-in: counts, net time (ms), and the SHA-256 of the canonical answers."""

    work_code: str
    lines: tuple[ReceiptLine, ...]
    net_ms: int
    closed_ms: int
    close_cause: Literal["handed_in", "time_up", "forced"]
    answers_sha256: str
    late_count: int


class AttemptView(Frozen):
    """An attempt as its contestant sees it; all times UTC epoch ms or durations in ms."""

    attempt_id: str
    contest_kind: Literal["practice", "contest"]
    contest_title: Text
    module: str
    module_title: Text
    paper_title: Text
    contestant_name: str
    place: Text
    phase: Phase
    server_ms: int
    limit_ms: int
    stage_ms: int
    left_ms: int
    ends_ms: int | None
    rules_acknowledged: bool
    pause_cause: Literal["staff", "outage"] | None
    help_since_ms: int | None
    progress: Progress
    receipt: Receipt | None


class EventView(Frozen):
    """One journalled event, for drilling down: `at_ms` UTC epoch ms, `stage_ms` net time."""

    seq: int
    type: str
    at_ms: int
    stage_ms: int
    payload: dict[str, Any]
