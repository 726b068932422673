"""What a module adds to workbooks of results: tables of its own, made of an outcome alone."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Protocol, TypeAlias, runtime_checkable

from server.core.frozen import Frozen
from server.core.outcome import Outcome
from server.core.text import Text

ExportCell: TypeAlias = Text | Decimal | int | str | None


class ExportColumn(Frozen):
    """A column: its heading, its width in characters, the number format of Excel ("" for text)."""

    title: Text
    width: int = 12
    form: str = ""


class ExportTable(Frozen):
    """A worksheet of one work; `key` tells which tables of several works belong together.

    It names nobody: whose work it is stands in columns that the workbook puts before it, where that may be known.
    """

    key: str
    title: Text
    columns: tuple[ExportColumn, ...]
    rows: tuple[tuple[ExportCell, ...], ...]


@runtime_checkable
class Exports(Protocol):
    """A module that has tables of its own; most have none."""

    def tables(self, outcome: Outcome) -> Sequence[ExportTable]:
        """Tables of one work; the same keys and columns for all works of a stage."""
        ...
