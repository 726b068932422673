"""Tables that people hand in (.xlsx, .csv): columns found by their headings, every fault with its row."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from server.contests.schemas import RosterFault
from server.contests.xlsx import OLD_OR_LOCKED, Column, Row, UnreadableTable, named_sheets_of, sheets_of
from server.core.errors import TooLarge
from server.core.text import Text

MAX_BYTES = 1_000_000
MAX_ROWS = 5_000
MAX_SHEETS = 20
"""Of a workbook of several tables."""
EXAMPLE = "示例"
"""So the first column of a template's example row begins; such rows are passed over."""
_HEADING_WITHIN = 10
_WIDE = str.maketrans(
    {code: code - 0xFEE0 for code in (0xFF0D, *range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))}
)
_UNSEEN = re.compile(r"[\u0000-\u0008\u000b-\u001f\u007f\u200b-\u200f\u2028-\u202e\u2060\ufeff\ud800-\udfff]")
_EXCEL_ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!"})
_HAN = r"[\u2e80-\u9fff\U00020000-\U0003ffff]"
_BETWEEN_HAN = re.compile(rf"(?<={_HAN})\s+(?={_HAN})")


@dataclass(frozen=True, slots=True)
class Sheet:
    """What stands in the known columns, by row number as a spreadsheet shows it, and what was wrong so far."""

    rows: tuple[tuple[int, dict[str, str]], ...]
    faults: tuple[RosterFault, ...]


def read_sheet(name: str, body: bytes, columns: Sequence[Column]) -> Sheet:
    """The table of an uploaded file; `name` is the file's. The first column is the one by which rows are known.

    Slow work; call it in a thread. Raises UnreadableTable or TooLarge for a file that is no table.
    """
    if len(body) > MAX_BYTES:
        raise TooLarge(Text(zh="表格文件不能超过 1 MB", en="A table may have 1 MB at most"))
    kind = name.lower().rpartition(".")[2] if "." in name else ""
    if kind == "xlsx":
        tables: Sequence[Iterable[Row]] = sheets_of(body, MAX_ROWS + _HEADING_WITHIN + 1)
    elif kind == "csv":
        tables = [_csv_rows(body)]
    elif kind in ("xls", "et"):
        raise UnreadableTable(OLD_OR_LOCKED)
    else:
        raise UnreadableTable(
            Text(
                zh=f"只能导入 .xlsx 或 .csv 文件，收到的是“{name[-60:]}”。"
                "请用 Excel 或 WPS 另存为“Excel 工作簿 (*.xlsx)”",
                en=f"Only .xlsx and .csv can be imported, not {name[-60:]!r}. Save it as Excel workbook (*.xlsx)",
            )
        )
    read = [_read(((row, [clean(cell) for cell in cells]) for row, cells in table), columns) for table in tables]
    return next((sheet for sheet, headed in read if headed), read[0][0])


@dataclass(frozen=True, slots=True)
class Book:
    """The known sheets of a workbook, by title."""

    sheets: Mapping[str, Sheet]
    unknown: tuple[str, ...]
    """Titles of other sheets."""


def read_book(body: bytes, columns: Mapping[str, Sequence[Column]]) -> Book:
    """A workbook of several sheets, each with its columns by its title; raises as `read_sheet` does.

    A known sheet with nothing below its headings is no fault: not every table needs it.
    """
    if len(body) > MAX_BYTES:
        raise TooLarge(Text(zh="表格文件不能超过 1 MB", en="A table may have 1 MB at most"))
    found: dict[str, Sheet] = {}
    unknown: list[str] = []
    for title, table in named_sheets_of(body, MAX_ROWS + _HEADING_WITHIN + 1, MAX_SHEETS):
        if title.strip() not in columns:
            unknown.append(title)
            continue
        rows = ((row, [clean(cell) for cell in cells]) for row, cells in table)
        found[title.strip()], _ = _read(rows, columns[title.strip()], may_be_empty=True)
    return Book(found, tuple(unknown))


def clean(cell: str) -> str:
    """A cell without what can't be seen, with digits and letters of ordinary width and single spaces."""
    return " ".join(_UNSEEN.sub("", cell).translate(_WIDE).split())


def person_name(cell: str) -> str:
    """A name without the spaces by which short Chinese names are stretched in lists (张　三)."""
    return _BETWEEN_HAN.sub("", cell)


def fault(row: int, column: str, zh: str, en: str, *, severe: bool = True) -> RosterFault:
    """One thing wrong (severe), or doubtful, in a row."""
    return RosterFault(row=row, column=column, text=Text(zh=zh, en=en), severe=severe)


def _read(rows: Iterator[Row], columns: Sequence[Column], *, may_be_empty: bool = False) -> tuple[Sheet, bool]:
    """The rows below the headings, and whether every required heading was there."""
    known = {column.title for column in columns}
    required = [column.title for column in columns if column.required]
    top = [(number, cells) for number, cells in islice(rows, _HEADING_WITHIN) if any(cells)]
    headed = max(top, key=lambda row: len(known.intersection(map(_heading, row[1]))), default=(1, []))
    number, titles = headed[0], [_heading(cell) for cell in headed[1]]
    if missing := [title for title in required if title not in titles]:
        text = fault(
            number,
            "",
            f"缺少列：{'、'.join(missing)}。第一行应是列标题，请对照导入模板",
            f"Columns missing: {', '.join(missing)}. The first row holds the headings; see the template",
        )
        return Sheet((), (text,)), False
    faults = list(_odd_headings(number, titles, known))
    places = [(place, title) for place, title in enumerate(titles) if title in known]
    below = [row for row in top if row[0] > number]
    found: list[tuple[int, dict[str, str]]] = []
    for row, cells in (*below, *((row, cells) for row, cells in rows if any(cells))):
        values = {title: cells[place] if place < len(cells) else "" for place, title in places}
        if not any(values.values()):
            continue
        if values[columns[0].title].startswith(EXAMPLE):
            faults.append(fault(row, "", "示例行，不导入", "Example row, passed over", severe=False))
            continue
        for title in [title for title, value in values.items() if value in _EXCEL_ERRORS]:
            faults.append(fault(row, title, f"公式出错（{values[title]}）", f"The formula failed ({values[title]})"))
            values[title] = ""
        found.append((row, values))
        if len(found) > MAX_ROWS:
            text = fault(row, "", f"超过 {MAX_ROWS} 行，请分成几个名单", f"More than {MAX_ROWS} rows")
            return Sheet((), (text,)), True
    if not found and not may_be_empty:
        faults.append(fault(number + 1, "", "列标题下面没有数据", "Nothing stands below the headings"))
    return Sheet(tuple(found), tuple(faults)), True


def _odd_headings(number: int, titles: Sequence[str], known: set[str]) -> Iterator[RosterFault]:
    for title in dict.fromkeys(titles):
        if title in known and titles.count(title) > 1:
            yield fault(number, title, f"列“{title}”出现了不止一次", f"The column {title!r} stands there twice")
        elif title and title not in known:
            yield fault(
                number,
                title[:40],
                f"不认识的列“{title[:40]}”，已忽略",
                f"Unknown column {title[:40]!r}, passed over",
                severe=False,
            )


def _heading(cell: str) -> str:
    """A heading without the marks around it: "* 姓 名（必填）" is 姓名."""
    return re.sub(r"[（(].*?[)）]|[*＊:：\s]", "", cell)


def _csv_rows(body: bytes) -> Iterator[Row]:
    """Rows of a CSV file in UTF-8 or GB 18030, separated by commas, semicolons or tabs; raises UnreadableTable."""
    text = _decoded(body)
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        yield from enumerate(reader, 1)
    except csv.Error as error:
        raise UnreadableTable(
            Text(
                zh=f"CSV 第 {reader.line_num} 行附近的引号不成对。请用 Excel 或 WPS 另存为“Excel 工作簿 (*.xlsx)”",
                en=f"Quotes don't match near line {reader.line_num} of the CSV. Save it as Excel workbook (*.xlsx)",
            )
        ) from error


def _decoded(body: bytes) -> str:
    if b"\0" not in body:
        for encoding in ("utf-8-sig", "gb18030"):
            try:
                return body.decode(encoding)
            except UnicodeDecodeError:
                continue
    raise UnreadableTable(
        Text(
            zh="CSV 的文字编码不是 UTF-8 或 GB18030，或者它不是文本文件。请另存为“Excel 工作簿 (*.xlsx)”",
            en="The CSV is neither UTF-8 nor GB 18030, or no text at all. Save it as Excel workbook (*.xlsx)",
        )
    )
