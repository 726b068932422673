"""One row of a table of 在线服务: its cells read by their rules, every fault with its column."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from chat_sim import cells
from chat_sim.cells import Unreadable
from server.core.authoring import RowFault
from server.core.errors import Fault
from server.core.text import Text

T = TypeVar("T")
D = TypeVar("D")


class Row:
    """One row: its cells, and what is wrong in them."""

    def __init__(self, number: int, row: Mapping[str, str], faults: list[RowFault]) -> None:
        self.number, self._row, self._faults = number, row, faults

    def text(self, column: str, most: int, *, needed: bool = False) -> str:
        """A text; what is longer is a fault, and cut."""
        text = self._row.get(column, "").strip()
        if needed and not text:
            self.wrong(column, f"没有填写{column}", f"{column} is missing")
        if len(text) > most:
            self.wrong(column, f"超过 {most} 字", f"Longer than {most} characters")
        return text[:most]

    def read(self, column: str, rule: Callable[[str], T], default: D) -> T | D:
        """What a rule makes of a cell, the default where it is empty or can't be read."""
        cell = self._row.get(column, "").strip()
        if not cell:
            return default
        try:
            return rule(cell)
        except Unreadable as error:
            self.wrong(column, error.zh, error.en)
        return default

    def id(self, column: str, made: str) -> str:
        """An id; one made where the cell is empty."""
        return self.read(column, id_of, made)

    def ids(self, column: str, most: int) -> tuple[str, ...]:
        """Ids with 、 between them."""
        found = self.read(column, lambda cell: tuple(id_of(one) for one in cells.parted(cell, "、")), ())
        if len(found) > most:
            self.wrong(column, f"最多 {most} 个", f"At most {most}")
        return found[:most]

    def many(self, column: str, mark: str, most: int, length: int) -> tuple[str, ...]:
        """Texts with a mark between them."""
        found = cells.parted(self._row.get(column, ""), mark)
        if len(found) > most:
            self.wrong(column, f"最多 {most} 条，这里有 {len(found)} 条", f"At most {most}")
        if any(len(one) > length for one in found):
            self.wrong(column, f"每条不超过 {length} 字", f"{length} characters each at most")
        return tuple(one[:length] for one in found[:most])

    def choice(self, column: str, choices: Mapping[str, str], default: str) -> str:
        """One of the words of a column."""
        return self.read(column, lambda cell: chosen(cell, choices), default)

    def wrong(self, column: str, zh: str, en: str) -> None:
        """Something that keeps the table from being imported."""
        self._faults.append(RowFault(self.number, Fault(path=column, text=Text(zh=zh, en=en))))


def id_of(cell: str) -> str:
    """An id; raises Unreadable."""
    if not cell.isascii() or not cell.replace("-", "").replace("_", "").isalnum() or len(cell) > 32:
        raise Unreadable(f"编号“{cell[:20]}”只能用字母、数字、- 和 _，最多 32 个", f"{cell[:20]!r} is no id")
    return cell


def chosen(cell: str, choices: Mapping[str, str]) -> str:
    """What one of the words of a column stands for; raises Unreadable."""
    if cell not in choices:
        raise Unreadable(f"“{cell[:20]}”不在可选的词中：{'、'.join(choices)}", f"{cell[:20]!r} is none of the words")
    return choices[cell]
