"""What people say to contests and see of them; all times UTC epoch ms, durations ms."""

from typing import Literal

from pydantic import Field

from server.core.frozen import Frozen
from server.core.text import Text

ContestKind = Literal["practice", "lesson", "contest"]
ID = Field(min_length=1, max_length=26)


class RosterRules(Frozen):
    """By what a roster is checked; every breach is a warning, for people to decide (seed 001, section 七)."""

    most_a_delegation: int = Field(default=2, ge=1, le=1000)
    born_on_or_after: str | None = Field(default=None, pattern=r"^\d{4}-\d{2}-\d{2}$")
    """ISO date; None if age does not matter."""
    coach_required: bool = True
    """Each contestant has one coach (指导教师)."""
    former_first_prize_allowed: bool = False


class NewContest(Frozen):
    """A contest to be organised."""

    title: str = Field(min_length=1, max_length=80)
    rules: RosterRules = RosterRules()


class ChangeContest(Frozen):
    """What may be changed of a contest; what is None stays."""

    title: str | None = Field(default=None, min_length=1, max_length=80)
    rules: RosterRules | None = None
    closed: bool | None = None
    """Whether the contest is over: its places then belong to whoever comes next."""
    seen: int = Field(ge=0)
    """`revision` of the picture on which the decision was made."""


class NewStage(Frozen):
    """A stage for the end of the timetable; module and title come from the paper."""

    paper_id: str = ID
    title: str | None = Field(default=None, min_length=1, max_length=80)
    planned_ms: int | None = Field(default=None, ge=0)
    duration_ms: int | None = Field(default=None, gt=0, le=24 * 3600 * 1000)
    """None for what the paper says."""
    seen: int = Field(ge=0)


class ChangeStage(Frozen):
    """What may be changed of a stage before it is armed; what is None stays."""

    title: str | None = Field(default=None, min_length=1, max_length=80)
    planned_ms: int | None = Field(default=None, ge=0)
    duration_ms: int | None = Field(default=None, gt=0, le=24 * 3600 * 1000)
    position: int | None = Field(default=None, ge=0)
    remove: bool = False
    seen: int = Field(ge=0)


StagePhase = Literal["not_open", "armed", "scheduled", "running", "closed"]


class StageView(Frozen):
    """One stage of the timetable; `starts_ms` when it will start by itself."""

    stage_id: str
    position: int
    module: str
    module_title: Text
    title: Text
    paper_id: str | None
    phase: StagePhase
    planned_ms: int | None
    duration_ms: int
    starts_ms: int | None
    armed_ms: int | None
    started_ms: int | None
    closed_ms: int | None


class ContestView(Frozen):
    """A contest or lesson for its staff; `revision` goes up with every act."""

    contest_id: str
    kind: ContestKind
    title: Text
    class_id: str | None
    rules: RosterRules | None
    created_ms: int
    closed_ms: int | None
    revision: int
    entrants: int
    stages: tuple[StageView, ...]


class EntrantView(Frozen):
    """A line of the roster, for the organiser."""

    account_id: str
    ticket_number: str
    name: str
    delegation: str
    group_title: str
    coach: str
    seat_label: str | None


class RosterFault(Frozen):
    """What is wrong, or doubtful, in a row of an imported table (1 is the heading)."""

    row: int
    column: str
    text: Text
    severe: bool


class RosterReport(Frozen):
    """What an import would do, or has done: with any severe fault nothing is imported."""

    imported: bool
    rows: int
    faults: tuple[RosterFault, ...]


class NewClass(Frozen):
    """A class (班级)."""

    title: str = Field(min_length=1, max_length=80)


class ChangeClass(Frozen):
    """What may be changed of a class; what is None stays."""

    title: str | None = Field(default=None, min_length=1, max_length=80)
    registration: bool | None = None
    """Whether pupils who are not on the list may register themselves by the code; the others log in by it anyway."""
    new_code: bool = False
    """Make a new code; the one before it holds no longer."""


class PupilView(Frozen):
    """A pupil of a class; `number` is the 学号."""

    account_id: str
    number: str
    name: str
    has_password: bool


class ClassView(Frozen):
    """A class with its pupils."""

    class_id: str
    title: str
    code: str | None
    registration: bool
    created_ms: int
    pupils: tuple[PupilView, ...]


class PupilLogIn(Frozen):
    """A pupil's log-in by class code; the first one sets the password, and with a name registers."""

    class_code: str = Field(min_length=1, max_length=12)
    number: str = Field(min_length=1, max_length=40)
    name: str | None = Field(default=None, min_length=1, max_length=80)
    """Given by a pupil who is not on the class's list yet."""
    password: str = Field(min_length=4, max_length=200)


OrderAct = Literal["arm", "start", "unschedule", "pause", "resume", "grant", "credit", "hand_in", "close"]


class OrderRequest(Frozen):
    """An order of run control for the whole stage, for rooms, or for single attempts.

    `seen` is the revision on which the decision was made: if somebody acted meanwhile, nothing is done (overtaken).
    """

    act: OrderAct
    rooms: tuple[str, ...] = Field(default=(), max_length=100)
    keys: tuple[str, ...] = Field(default=(), max_length=1000)
    """Rows of the board (`BoardRow.key`); empty, with empty `rooms`, for all."""
    at_ms: int | None = Field(default=None, ge=0)
    """start: when; None for at once."""
    ms: int | None = Field(default=None, gt=0, le=4 * 3600 * 1000)
    """grant (补时, counts as working time) or credit (lost time, does not): how long."""
    reason: str = Field(default="", max_length=500)
    seen: int = Field(ge=0)


class OrderView(Frozen):
    """An order; in a contest, what can't be undone waits for a second person (`pending`)."""

    order_id: str
    contest_id: str
    stage_id: str
    stage_title: Text
    request: OrderRequest
    status: Literal["pending", "done", "withdrawn", "overtaken"]
    affected: int
    """将影响 N 个赛位."""
    proposed_by: str
    """Display name."""
    proposed_by_me: bool
    proposed_ms: int
    confirmed_by: str | None
    settled_ms: int | None
    seen: int
    """Revision of the contest on which `affected` was counted: a confirmation names it."""
    warnings: tuple[Text, ...]
    """What speaks against an order that waits, as of now."""


class ConfirmOrder(Frozen):
    """A second person's word."""

    seen: int = Field(ge=0)
    """`seen` of the order as it was shown."""


class OrderPreview(Frozen):
    """What an order would do: how many places, whether a second person must confirm, and what speaks against it."""

    affected: int
    needs_confirmation: bool
    warnings: tuple[Text, ...]


class NewAnnouncement(Frozen):
    """Words for everybody, or for one room."""

    body: str = Field(min_length=1, max_length=1000)
    room: str | None = Field(default=None, min_length=1, max_length=40)


class AnnouncementView(Frozen):
    """An announcement as a contestant sees it."""

    announcement_id: str
    body: str
    at_ms: int


class AnnouncementReceipts(Frozen):
    """An announcement with who has read it: labels of places (names in a lesson)."""

    announcement_id: str
    body: str
    room: str | None
    announced_by: str
    at_ms: int
    read: int
    missing: tuple[str, ...]


class HallClock(Frozen):
    """The projector's page: no identities."""

    contest_title: Text
    server_ms: int
    stage_title: Text | None
    phase: StagePhase | None
    starts_ms: int | None
    planned_ms: int | None
    ends_ms: int | None
    """The end that most places have."""
    left_ms: int | None
    paused: bool
    running: int
    finished: int
    total: int
    timetable: tuple[StageView, ...]
