"""What scoring says of one attempt: measures, proposed marks and where the evidence lies."""

from decimal import Decimal
from typing import Any, Literal

from pydantic import Field

from server.core.frozen import Frozen
from server.core.text import Text


class Measure(Frozen):
    """One figure with its unit and the id of the formula that made it."""

    key: str
    title: Text
    value: Decimal
    unit: str
    formula: str


class ProposedMark(Frozen):
    """What the system proposes for one criterion of the rubric, with the working shown."""

    criterion: str
    marks: Decimal
    max_marks: Decimal
    working: Text


class EvidencePointer(Frozen):
    """Where a mark can be checked: an event of the stream by its sequence number, or a file by SHA-256."""

    criterion: str
    kind: Literal["event", "file"]
    ref: str


class Outcome(Frozen):
    """The automatic result; equal content, history and facts give an equal outcome."""

    module: str
    scorer_version: str
    policy: dict[str, Any]
    measures: tuple[Measure, ...]
    marks: tuple[ProposedMark, ...]
    sheet: dict[str, Any]
    evidence: tuple[EvidencePointer, ...] = ()


class Criterion(Frozen):
    """评分项: its share of the module's marks in per cent, and who marks it."""

    key: str
    title: Text
    weight_pct: Decimal = Field(gt=0)
    marked_by: Literal["auto", "manual"]


class Rubric(Frozen):
    """评分表 of one module."""

    module: str
    max_marks: Decimal
    criteria: tuple[Criterion, ...]

    @property
    def gap_pct(self) -> Decimal:
        """What is missing to 100 %; a rubric with a gap must not be used unseen."""
        return Decimal(100) - sum((c.weight_pct for c in self.criteria), Decimal(0))
