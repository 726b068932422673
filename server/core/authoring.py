"""What a module offers to whoever writes its tasks (命题): drafts, fictitious data, spoken texts, tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeVar

from pydantic import BaseModel, Field

from server.core.contract import Content, Part
from server.core.errors import Fault
from server.core.frozen import Frozen
from server.core.spoken import Segment
from server.core.text import Text


class DraftAudio(Frozen):
    """A recording of a draft; levels in dBFS, times in ms. `original_sha256` is the file as it was handed in."""

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    media_type: Literal["audio/ogg; codecs=opus"] = "audio/ogg; codecs=opus"
    duration_ms: int = Field(gt=0, le=30 * 60 * 1000)
    source: Literal["tts", "recorded", "uploaded"]
    original_sha256: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")
    voice: str = Field(default="", max_length=60)
    speed: float = Field(default=1.0, ge=0.5, le=2.0)
    readings: int = Field(default=2, ge=1, le=2)
    """How often the recording says the text."""
    peak_dbfs: float = 0.0
    rms_dbfs: float = 0.0
    clipped_samples: int = Field(default=0, ge=0)
    text_sha256: str = ""
    """Of the text as it stood when the recording was made (`Author.text_sha256`)."""
    confirmed: bool = False
    """试听并确认: somebody has listened to it and found it right."""


class Draft(Frozen):
    """Base of a module's drafts: of the shape of its content, but anything may still be missing."""

    title: Text
    duration_ms: int = Field(gt=0, le=24 * 3600 * 1000)


@dataclass(frozen=True, slots=True)
class Script:
    """What a voice reads for one line: an opening, the text, and what is said before the text comes again."""

    opening: Sequence[Segment]
    reading: Sequence[Segment]
    repeat: Sequence[Segment]
    between_ms: int


class TableColumn(Frozen):
    """A column of the table by which tasks are imported and exported."""

    title: str
    required: bool
    note: str


class TableSheet(Frozen):
    """One sheet of a workbook by which tasks are imported and exported: its columns, by title, and an example row.

    In a row, the column `SHEET` says on which sheet it stands.
    """

    title: str
    columns: tuple[str, ...]
    example: dict[str, str]


SHEET = "工作表"
"""Title of the column that says on which sheet of a workbook a row stands."""


@dataclass(frozen=True, slots=True)
class RowFault:
    """What is wrong in a row (its index in the table, from 0); the fault's path is a column's title."""

    row: int
    fault: Fault


@dataclass(frozen=True, slots=True)
class TableTask:
    """A task out of a table: `row` is the index of its first row, `audio_files` are recordings by line.

    Each names a file that came beside the table, with the row that names it.
    """

    row: int
    draft: "Draft"
    audio_files: Mapping[str, tuple[int, str]]
    faults: Sequence[RowFault]


C = TypeVar("C", bound=Content)
D = TypeVar("D", bound=Draft)


class Author(Protocol[C, D]):
    """The authoring side of a contest module. Pure: no clock, no I/O, chance by a seed.

    A draft has parts, as its content has; what is recorded in them are its lines, each with an id of its own that
    stays while the text of the line changes. A module without sound has no lines. Every method that takes a part or
    a line raises Invalid for an unknown one.
    """

    @property
    def draft_type(self) -> type[D]:
        """The schema of drafts: strict about names and sizes, lenient about what is missing."""
        ...

    @property
    def columns(self) -> Sequence[TableColumn]:
        """Of the table; the first is the one by which a row is known."""
        ...

    @property
    def sheets(self) -> Sequence[TableSheet]:
        """Where rows of several kinds belong together, the sheets of the workbook; none: one sheet of all columns."""
        ...

    @property
    def example(self) -> Mapping[str, str]:
        """An example row of the template."""
        ...

    @property
    def readings(self) -> int:
        """How often a recording says its text unless somebody asks otherwise, 1 or 2; of no meaning without lines."""
        ...

    def blank(self, title: Text) -> D:
        """A draft with one empty part."""
        ...

    def parts(self, draft: D) -> Sequence[Part]:
        """The parts of a draft, in order."""
        ...

    def lines(self, draft: D) -> Sequence[Part]:
        """What needs a recording, in order: id (safe in a path of a URL) and title."""
        ...

    def invent(self, draft: D, part: str, seed: int) -> D:
        """The draft with fictitious data in one part; the recordings of that part are dropped."""
        ...

    def text_sha256(self, draft: D, line: str) -> str:
        """Of everything that a recording of this line says."""
        ...

    def script(self, draft: D, line: str) -> Script:
        """What a voice reads for this line; raises Invalid, naming the field, for a text without a rule."""
        ...

    def audio(self, draft: D, line: str) -> DraftAudio | None:
        """The recording of a line."""
        ...

    def with_audio(self, draft: D, line: str, audio: DraftAudio | None) -> D:
        """The draft with another recording of a line, or with none."""
        ...

    def pictures(self, draft: D) -> Mapping[str, str]:
        """SHA-256 of every picture of a draft, with its media type."""
        ...

    def faults(self, draft: D) -> list[Fault]:
        """Everything that is missing (severe) or doubtful, by the draft's paths."""
        ...

    def content(self, draft: D) -> C:
        """The content that a faultless draft makes; raises Invalid with every severe fault."""
        ...

    def trial(self, draft: D, part: str | None) -> C:
        """The content by which a draft, or one part of it alone, is tried out.

        Doubts, and faults elsewhere, don't keep a part from being tried. Raises Invalid with all that does.
        """
        ...

    def plan(self, content: C) -> BaseModel | None:
        """What every seat will meet, at which time, to be printed; None where nothing comes by itself."""
        ...

    def draft(self, content: C) -> D:
        """A content as a draft, to go on from."""
        ...

    def combine(self, contents: Sequence[C], title: Text, duration_ms: int) -> C:
        """One content of several, in this order; raises Invalid, naming the content, if they don't go together."""
        ...

    def rows(self, draft: D, part: str) -> Sequence[dict[str, str]]:
        """A part as rows, by column title; raises Invalid for one that no table holds."""
        ...

    def from_table(self, table: Sequence[Mapping[str, str]]) -> Sequence[TableTask]:
        """Drafts from all rows of a table in order; one has several parts where the rows say so."""
        ...


AnyAuthor = Author[Any, Any]
