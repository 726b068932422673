"""What crosses to the grading service: codes, marks and evidence; nothing that says whose work it is."""

from decimal import Decimal
from typing import Any, Literal

from pydantic import Field

from server.core.frozen import Frozen, canonical_json, sha256_hex
from server.core.outcome import Measure, ProposedMark, Rubric
from server.core.text import Text

CODE = r"^[A-Z0-9]{4,12}$"
"""Codes are random; a name or a ticket that strays into a field for one is refused."""
SHA256 = r"^[0-9a-f]{64}$"
MAX_FILE_BYTES = 256 * 1024 * 1024
"""Largest file of evidence."""

EvidenceRole = Literal["events", "answers", "task", "recording", "picture", "call", "peaks", "calls"]
"""What a file is: the module's own events, the final answers, the task with its key, a recording or
a picture of the task; and of live calls the recording (agent left, customer right), its peaks, and what is said of all
of them: texts by turn, markers, measures, stretches, ranges that can be masked."""


class EvidenceFile(Frozen):
    """评分依据: a file by its SHA-256, with its size in bytes."""

    role: EvidenceRole
    sha256: str = Field(pattern=SHA256)
    media_type: str = Field(pattern=r"^[a-z]+/[a-z0-9.+-]+(; [a-z]+=[a-z0-9]+)?$")
    size: int = Field(ge=0, le=MAX_FILE_BYTES)


class Dossier(Frozen):
    """One work as referees may know it; a later revision replaces an earlier one.

    No title that anybody typed, no time of day, no net time, no cause of end: by each of these a place can be found.
    """

    schema_version: Literal[1] = 1
    work_code: str = Field(pattern=CODE)
    revision: int = Field(ge=1)
    contest_code: str = Field(pattern=CODE)
    stage_code: str = Field(pattern=CODE)
    stage_number: int = Field(ge=1)
    """Where the stage stands in the timetable."""
    module: str = Field(pattern=r"^[a-z_]{1,40}$")
    module_title: Text
    failed: bool
    """The system could not work out marks, or not by the newest key: what stands here may be older, or nothing."""
    rubric: Rubric
    scorer_version: str = Field(max_length=80)
    policy: dict[str, Any]
    measures: tuple[Measure, ...]
    marks: tuple[ProposedMark, ...]
    sheet: dict[str, Any]
    evidence: tuple[EvidenceFile, ...]

    @property
    def total(self) -> Decimal | None:
        """Proposed marks together; None if there are none."""
        return sum((mark.marks for mark in self.marks), Decimal(0)) if self.marks else None

    @property
    def max_total(self) -> Decimal | None:
        """What the proposed marks could be together; None if there are none."""
        return sum((mark.max_marks for mark in self.marks), Decimal(0)) if self.marks else None

    def text(self) -> str:
        """Canonical JSON: equal dossiers give equal text."""
        return canonical_json(self.model_dump(mode="json", by_alias=True))

    def content_sha256(self) -> str:
        """SHA-256 of everything but the revision: whether anything has changed."""
        return sha256_hex(self.model_copy(update={"revision": 1}).text())


class CriterionMark(Frozen):
    """Proposed marks of one criterion, without the working."""

    criterion: str
    marks: Decimal
    max_marks: Decimal


class WorkBrief(Frozen):
    """A line of the list of works: the newest revision, and the marks of the one before it."""

    work_code: str
    revision: int
    stage_code: str
    stage_number: int
    module: str
    module_title: Text
    failed: bool
    marks: Decimal | None
    max_marks: Decimal | None
    marks_before: Decimal | None
    """None for a first revision, and where there were none."""
    criteria: tuple[CriterionMark, ...]


class StageBrief(Frozen):
    """A stage of which works have arrived."""

    stage_code: str
    stage_number: int
    module: str
    module_title: Text
    works: int


class ContestBrief(Frozen):
    """A contest of which works have arrived; it has a code and no title."""

    contest_code: str
    stages: tuple[StageBrief, ...]


class Arrears(Frozen):
    """Works of stages that are over, still on their way to the grading service."""

    works: int = Field(ge=0)
