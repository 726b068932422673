"""The score sheet: what `Outcome.sheet` of this module holds, field by field and character by character."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from pydantic import Field

from server.core.frozen import Frozen
from server.core.text import Text
from typing_test.policy import CountingPolicy

RunKind = Literal["correct", "missing", "surplus", "ignored"]


@dataclass(frozen=True, slots=True)
class Run:
    """Characters of one kind side by side. "missing" stands in the key only, "surplus" in the answer only.

    "ignored" characters (white space, punctuation outside the keep-list) are shown but never counted.
    """

    kind: RunKind
    text: str


class FieldScore(Frozen):
    """One field: its counts in characters, and the alignment in reading order."""

    key: str
    label: Text
    expected: str
    """The accepted wording that fitted best."""
    alternative: int | None
    """Index of the accepted alternative that was used; None for the answer itself."""
    typed: str
    """As the contestant typed it."""
    expected_count: int
    correct_count: int
    surplus_count: int
    alignment: tuple[Run, ...]
    hint: str = ""


class ItemScore(Frozen):
    """One item: sums over its fields, in characters."""

    id: str
    title: Text
    scored: bool
    expected_count: int
    correct_count: int
    surplus_count: int
    fields: tuple[FieldScore, ...]
    listened_ms: int = Field(ge=0)
    pauses: int = Field(ge=0)
    seeks: int = Field(ge=0)


class ScoreSheet(Frozen):
    """The whole sheet; unscored items are shown and not summed."""

    policy: CountingPolicy
    expected_count: int
    correct_count: int
    surplus_count: int
    deducted_count: int
    accuracy: Decimal
    """Per cent with 2 decimals, or the ratio with 2 decimals, as `policy.rounding` says."""
    marks: Decimal
    max_marks: Decimal
    working: Text
    items: tuple[ItemScore, ...]
