"""What pages and consoles see of an attempt."""

from typing import Any, Literal

from pydantic import Field

from server.contests.schemas import AnnouncementView, ContestKind
from server.core.contract import Part, Progress, ReceiptLine
from server.core.devices import DeviceMark, DevicePart
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


class DeviceStanding(Frozen):
    """How the machine stands by the latest device check (UTC epoch ms)."""

    mark: DeviceMark
    faults: tuple[DevicePart, ...]
    checked_ms: int | None


class AttemptView(Frozen):
    """An attempt as its contestant sees it; all times UTC epoch ms or durations in ms."""

    attempt_id: str
    contest_id: str
    contest_kind: ContestKind
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
    starts_ms: int | None
    """When the stage will start by itself."""
    delayed: bool
    """Starts when the contestant's attempt of the stage before has ended."""
    rules_acknowledged: bool
    pause_cause: Literal["staff", "outage"] | None
    help_since_ms: int | None
    help_claimed: bool
    announcements: tuple[AnnouncementView, ...]
    """Those that the contestant has not read yet, oldest first."""
    progress: Progress
    device: DeviceStanding
    receipt: Receipt | None


class EventView(Frozen):
    """One journalled event, for drilling down: `at_ms` UTC epoch ms, `stage_ms` net time."""

    seq: int
    type: str
    at_ms: int
    stage_ms: int
    payload: dict[str, Any]


class LessonOffer(Frozen):
    """A paper with the parts that a trainer can choose from."""

    paper_id: str
    module: str
    module_title: Text
    title: Text
    duration_ms: int
    parts: tuple[Part, ...]


class NewLesson(Frozen):
    """A lesson: chosen parts of a paper (all if empty), and its own duration."""

    paper_id: str = Field(min_length=1, max_length=26)
    parts: tuple[str, ...] = Field(default=(), max_length=200)
    duration_ms: int | None = Field(default=None, gt=0, le=4 * 3600 * 1000)
    title: str | None = Field(default=None, min_length=1, max_length=80)
