"""What people see of places; all times UTC epoch ms, durations ms."""

from typing import Annotated, Literal

from pydantic import Field, RootModel

from server.contests.schemas import AnnouncementView, StageView
from server.core.devices import DeviceMark, DevicePart
from server.core.frozen import Frozen
from server.core.phases import Phase
from server.core.text import Text


class NewSeats(Frozen):
    """Places of a room: "A", 1, 40 makes A-01 to A-40; the last `spares` of them are 备用赛位."""

    room: str = Field(min_length=1, max_length=10, pattern=r"^[^\s/]+$")
    first: int = Field(default=1, ge=1, le=9999)
    count: int = Field(ge=1, le=1000)
    spares: int = Field(default=0, ge=0, le=1000)


class ChangeSeat(Frozen):
    """What may be changed of a place; `release` forgets the machine bound to it."""

    spare: bool | None = None
    release: bool = False


class SeatView(Frozen):
    """A place, for technicians. The link `/place/{seat_id}` binds the machine that opens it."""

    seat_id: str
    label: str
    room: str
    spare: bool
    bound_ms: int | None
    address: str | None
    online: bool


class PlacementView(Frozen):
    """Which ticket sits where."""

    seat_id: str
    label: str
    room: str
    account_id: str
    ticket_number: str


class Place(Frozen):
    """How to seat the roster: in the order of tickets, or drawn by chance from a seed that stands in the journal."""

    order: Literal["ticket", "drawn"] = "ticket"
    rooms: tuple[str, ...] = Field(default=(), max_length=100)
    """Rooms to use; all if empty."""
    seen: int = Field(ge=0)


class Move(Frozen):
    """换机: a contestant moves to a free place, mostly a spare one."""

    key: str = Field(min_length=1, max_length=26)
    """The row of the board that moves."""
    seat_id: str = Field(min_length=1, max_length=26)
    reason: str = Field(min_length=1, max_length=500)


class TicketLogIn(Frozen):
    """What a contestant types at a place."""

    ticket_number: str = Field(min_length=1, max_length=40)


class PlaceView(Frozen):
    """What the machine at a place shows: where it is, who should sit there, and what comes.

    `mine` says whether the contestant that should sit here is logged in here.
    """

    label: str
    contest_title: Text | None
    ticket_number: str | None
    mine: bool
    server_ms: int
    attempt_id: str | None
    """The attempt to go to: one that runs, else one that is armed, else the last that was closed."""
    attempt_phase: Phase | None
    timetable: tuple[StageView, ...]
    announcements: tuple[AnnouncementView, ...]


Trouble = Literal[
    "help",
    "offline",
    "wrong_seat",
    "end_unseen",
    "unsaved",
    "no_microphone",
    "no_packets",
    "no_sound",
    "wrong_device",
    "clipping",
    "unconnected",
    "unsent",
    "outage",
    "clock",
    "device",
    "silent",
    "never_came",
]


class VoiceRow(Frozen):
    """The call that is up at a place; what is wrong with it stands among the row's troubles."""

    call_id: str
    title: Text
    phase: Literal["ringing", "dialling", "talking", "held"]
    since_ms: int
    """Net time at which the phase began."""
    muted: bool
    floor: Literal["customer", "contestant", "nobody"]
    agent_dbfs: int
    """How loud the contestant is: the lower bound of one of the steps of `server.calls.levels`; likewise the other."""
    customer_dbfs: int
    connected: bool
    """Sound can pass between the contestant's browser and the server."""


class BoardRow(Frozen):
    """One place of the board (or one pupil of a lesson): contestants by ticket, names in lessons only."""

    key: str
    """The place's id; in a lesson, and for an entrant without a place, the account's."""
    label: str
    room: str
    spare: bool
    ticket_number: str | None
    name: str | None
    attempt_id: str | None
    stage_id: str | None
    phase: Phase | None
    """None if there is no attempt in the stage that is shown."""
    delayed: bool
    """Starts when the contestant's attempt of the stage before has ended."""
    close_cause: str | None
    done: int
    total: int
    limit_ms: int | None
    stage_ms: int | None
    """Net time as of the picture."""
    ends_ms: int | None
    saved_ms: int | None
    """When the contestant last did something in the task."""
    online: bool
    """A page of this attempt, or the place's own page, has a line to the server."""
    bound: bool
    seen_ms: int | None
    """When the page was last heard of."""
    offset_ms: int | None
    """Clock of the machine less the server's."""
    rtt_ms: int | None
    queued: int
    """Commands that the page still keeps."""
    unsent_ms: int | None
    """Sound that the machine still has to upload, in whole seconds; None while nobody is heard of."""
    voice: VoiceRow | None
    """None without a call."""
    end_seen: bool
    """Whether the page counts down to the end that holds."""
    help_since_ms: int | None
    help_by: str | None
    """Display name of whoever is on the way."""
    unread: int
    device: DeviceMark | None
    """The latest device check; None without an attempt."""
    device_faults: tuple[DevicePart, ...]
    troubles: tuple[Trouble, ...]
    """Worst first."""


class Picture(Frozen):
    """The whole board as of `at_ms`; `cost_ms` is the CPU time that making it took."""

    type: Literal["picture"] = "picture"
    at_ms: int
    revision: int
    stage_id: str | None
    cost_ms: float
    rows: tuple[BoardRow, ...]


class Changes(Frozen):
    """Rows that changed since the last frame; sent even when none did, so that the picture's age is known."""

    type: Literal["changes"] = "changes"
    at_ms: int
    revision: int
    cost_ms: float
    rows: tuple[BoardRow, ...]


class BoardFrame(RootModel[Annotated[Picture | Changes, Field(discriminator="type")]]):
    """What the server sends over /ws/board."""
