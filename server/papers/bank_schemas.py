"""What goes in and out of the task bank (题库)."""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from server.core.errors import Fault
from server.core.frozen import Frozen
from server.core.text import Text
from server.papers.schemas import PaperKind

MAX_DRAFT_CHARACTERS = 500_000
MAX_FOLDER = 200
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
Folder = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=MAX_FOLDER, pattern=r"^([^/\x00-\x1f]+(/[^/\x00-\x1f]+)*)?$"),
]
Label = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]


class Tags(Frozen):
    """By what a task is found: the standard it follows, the knowledge points it asks for, how hard it is."""

    standard: Annotated[str, StringConstraints(strip_whitespace=True, max_length=80)] = ""
    knowledge: tuple[Label, ...] = Field(default=(), max_length=20)
    difficulty: Literal["easy", "middle", "hard"] = "middle"


class TaskBrief(Frozen):
    """A task in the list; times in UTC epoch ms."""

    task_id: str
    module: str
    module_title: Text
    folder: str
    title: Text
    tags: Tags
    shared: bool
    own: bool
    parts: int
    faults: int
    """What still keeps it from becoming a version."""
    versions: int
    changed: bool
    """Whether the draft differs from the newest version."""
    changed_by: str
    changed_ms: int
    deleted_ms: int | None


class VersionView(Frozen):
    """A version that papers can be made of: it never changes."""

    number: int
    note: str
    created_by: str
    created_ms: int
    content_sha256: str


class PartView(Frozen):
    """A line of the draft that is recorded, with the state of its recording."""

    id: str
    title: Text
    stale: bool
    """The text was changed after its recording was made."""


class TaskView(TaskBrief):
    """A task with its draft (the module's own shape), all that is wrong with it, and its versions."""

    revision: int
    draft: dict[str, Any]
    found: tuple[Fault, ...]
    draft_parts: tuple[PartView, ...]
    history: tuple[VersionView, ...]


class NewTask(Frozen):
    """A new task: empty, or a copy of another."""

    module: str = "typing_test"
    folder: Folder = ""
    title: Name
    copy_of: str | None = None


class ChangeTask(Frozen):
    """What is to be changed; `seen` is the revision that the change was made on."""

    seen: int
    draft: dict[str, Any] | None = None
    folder: Folder | None = None
    tags: Tags | None = None
    shared: bool | None = None


class Seen(Frozen):
    """An act on a task as it was seen."""

    seen: int


class Invent(Seen):
    """Fictitious data for one part."""

    part: str


class Speak(Seen):
    """Let a voice read a part; `speed` 1 is the voice's own."""

    voice: str = Field(max_length=60)
    speed: float = Field(default=1.0, ge=0.5, le=2.0)
    readings: int = Field(default=2, ge=1, le=2)


class Confirm(Seen):
    """试听并确认, or take that back."""

    confirmed: bool


class NewVersion(Seen):
    """Make the draft a version."""

    note: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] = ""


class RenameFolder(Frozen):
    """Move everything in a folder, and below it, to another."""

    old: Folder = Field(min_length=1)
    new: Folder


class Source(Frozen):
    """A version of a task; None for the newest."""

    task_id: str
    number: int | None = None


class NewPaper(Frozen):
    """A paper of tasks in this order; visible for practice from a moment on (UTC epoch ms), None for never."""

    title: Name
    kind: PaperKind
    duration_ms: int = Field(ge=60_000, le=24 * 3600 * 1000)
    tasks: tuple[Source, ...] = Field(min_length=1, max_length=100)
    visible_from_ms: int | None = Field(default=None, ge=0, lt=2**53)


class VoiceView(Frozen):
    """A voice that can read."""

    id: str
    label: str


class VoicesView(Frozen):
    """Whether a voice can read here, and if not why and what helps."""

    available: bool
    reason: Text | None
    voices: tuple[VoiceView, ...]


class ImportFault(Frozen):
    """What is wrong, or doubtful, in a row of an imported table or in a task of a package (row 0).

    `sheet` where the workbook has several.
    """

    sheet: str = ""
    row: int
    column: str
    text: Text
    severe: bool


class ImportReport(Frozen):
    """What an import would do, or has done: with any severe fault nothing is imported."""

    imported: bool
    tasks: int
    recordings: int
    faults: tuple[ImportFault, ...]
    added: tuple[str, ...]
    """Ids of the new tasks."""


class PictureView(Frozen):
    """A picture that was handed in; sizes in pixels."""

    sha256: str
    media_type: Literal["image/png", "image/webp"]
    width: int
    height: int


class TrialAct(Frozen):
    """A command of the module at a moment of the stage (net time, ms)."""

    stage_ms: int = Field(ge=0, le=24 * 3600 * 1000)
    command: dict[str, Any]


class Trial(Frozen):
    """What is done in a trial, from its beginning on: nothing of a trial is kept, so all acts come every time.

    `part`: try this one out alone. `until_ms`: up to when time goes on after the last act.
    """

    part: str | None = Field(default=None, max_length=64)
    acts: tuple[TrialAct, ...] = Field(default=(), max_length=2_000)
    until_ms: int = Field(default=0, ge=0, le=24 * 3600 * 1000)


class TrialRefusal(Frozen):
    """An act that the module refused: its place among the acts, and the problem as a seat would get it."""

    index: int
    problem: dict[str, Any]


class TrialEvent(Frozen):
    """Something that happened, at a net time (ms), in the module's own shape."""

    stage_ms: int
    event: dict[str, Any]


class TrialView(Frozen):
    """A task as a seat would have it after these acts; `due_ms`: when something happens next by itself."""

    content: dict[str, Any]
    state: dict[str, Any]
    live: dict[str, Any] | None
    now_ms: int
    refusals: tuple[TrialRefusal, ...]
    events: tuple[TrialEvent, ...]
    due_ms: int | None
