"""Workbooks that people hand in, read with care, and the templates they fill in."""

import datetime as dt
import io
import re
import threading
import warnings
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import structlog
import xlsxwriter  # type: ignore[import-untyped]
from openpyxl import load_workbook

from server.core.errors import Problem
from server.core.text import Text

MAX_PARTS = 400
MAX_INFLATED_BYTES = 20_000_000
MAX_COLUMNS = 64
_LAST_ROW = 1_048_576
_SHEETS = 8
_CHUNK = 65_536
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_XML = (".xml", ".rels", ".vml")
_ENCODING = re.compile(rb"""<\?xml[^>]*encoding=["']([^"']*)""")
_quiet = threading.Lock()

Row = tuple[int, list[str]]
"""A row's number from 1, and its cells as texts."""

log = structlog.get_logger()


class UnreadableTable(Problem):
    """A table can't be read at all; the detail says why, and how to save it anew."""

    status = 422
    code = "unreadable-table"
    title = Text(zh="读不出这个表格文件", en="The table can't be read")


NOT_XLSX = Text(
    zh="这不是完整的 .xlsx 工作簿：文件已损坏，或只是改了扩展名。"
    "请用 Excel 或 WPS 打开，另存为“Excel 工作簿 (*.xlsx)”后再导入",
    en="This is no whole .xlsx workbook. Open it in Excel or WPS, save it as Excel workbook (*.xlsx), import that",
)
OLD_OR_LOCKED = Text(
    zh="这是旧格式（.xls、.et）或加了密码的文件。请打开后取消密码，另存为“Excel 工作簿 (*.xlsx)”再导入",
    en="This is an old format (.xls, .et) or has a password. Take the password off, save as .xlsx, import that",
)
_MACROS = Text(
    zh="工作簿带有宏，不能导入。请另存为不带宏的“Excel 工作簿 (*.xlsx)”",
    en="The workbook has macros. Save it as Excel workbook (*.xlsx) without macros",
)
_BLOATED = Text(
    zh=f"工作簿展开后过大（超过 {MAX_INFLATED_BYTES // 1_000_000} MB 或 {MAX_PARTS} 个部分）。"
    "请把名单复制到导入模板中再导入",
    en="The workbook is too large when unpacked. Copy the list into the template and import that",
)
_SUSPICIOUS = Text(
    zh="工作簿中有不允许的内容（外部实体或特殊编码）。请把名单复制到导入模板中再导入",
    en="The workbook holds what is not allowed (entities, odd encodings). Copy the list into the template",
)
_NO_SHEET = Text(
    zh="工作簿中没有可读的工作表。若保存时选了“Strict Open XML”，请改存为普通的“Excel 工作簿 (*.xlsx)”",
    en="The workbook has no sheet to read. If it was saved as Strict Open XML, save it as a plain .xlsx",
)


def sheets_of(body: bytes, most_rows: int) -> list[list[Row]]:
    """What stands in each visible worksheet: at most so many rows that hold anything. Raises UnreadableTable.

    Slow work; call it in a thread.
    """
    return [rows for _, rows in named_sheets_of(body, most_rows)]


def named_sheets_of(body: bytes, most_rows: int, most_sheets: int = _SHEETS) -> list[tuple[str, list[Row]]]:
    """The same, with the worksheets' titles."""
    guard(body)
    # Warnings are switched per process: two imports at the same moment must not undo one another.
    with _quiet, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            book = load_workbook(io.BytesIO(body), read_only=True, data_only=True, keep_links=False)
            sheets = [sheet for sheet in book.worksheets[:most_sheets] if sheet.sheet_state == "visible"]
            found = [(str(sheet.title), _rows(sheet, most_rows)) for sheet in sheets]
            book.close()
        except Exception as error:  # openpyxl raises whatever its parts come upon
            log.info("sheets.unreadable", error=type(error).__name__)
            raise UnreadableTable(NOT_XLSX) from error
    if not found:
        raise UnreadableTable(_NO_SHEET)
    return found


def _rows(sheet: Any, most: int) -> list[Row]:
    # Without bounds, one cell in row 10^12 would be preceded by as many empty ones.
    rows = enumerate(sheet.iter_rows(max_row=_LAST_ROW, max_col=MAX_COLUMNS, values_only=True), 1)
    return [(number, [_text(value) for value in row]) for number, row in islice((r for r in rows if any(r[1])), most)]


def guard(body: bytes) -> None:
    """Refuse what would cost too much or does more than hold cells, before any parser sees it.

    The sizes in a ZIP's headers are the sender's word: everything is inflated once, and counted.
    """
    if body.startswith(_OLE):
        raise UnreadableTable(OLD_OR_LOCKED)
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            parts = archive.infolist()
            if len(parts) > MAX_PARTS:
                raise UnreadableTable(_BLOATED)
            left = MAX_INFLATED_BYTES
            for part in parts:
                if part.flag_bits & 0x1:
                    raise UnreadableTable(OLD_OR_LOCKED)
                if part.filename.lower().endswith("vbaproject.bin"):
                    raise UnreadableTable(_MACROS)
                if part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                    raise UnreadableTable(NOT_XLSX)
                left -= _inspect(archive, part, left)
            if "[Content_Types].xml" not in archive.namelist():
                raise UnreadableTable(NOT_XLSX)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, OSError, ValueError, EOFError) as error:
        raise UnreadableTable(NOT_XLSX) from error


def _inspect(archive: zipfile.ZipFile, part: zipfile.ZipInfo, most: int) -> int:
    """How many bytes a part really has, `most` at the utmost; no part may hold a DTD."""
    size = 0
    tail = b""
    is_xml = part.filename.lower().endswith(_XML)
    with archive.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            if is_xml and size == 0:
                declared = _ENCODING.match(chunk.removeprefix(b"\xef\xbb\xbf").lstrip())
                if declared is not None and declared[1].lower() not in (b"utf-8", b"us-ascii"):
                    raise UnreadableTable(_SUSPICIOUS)
            size += len(chunk)
            if size > most:
                raise UnreadableTable(_BLOATED)
            seen = tail + chunk
            if b"<!DOCTYPE" in seen or b"<!ENTITY" in seen or (is_xml and b"\0" in chunk):
                raise UnreadableTable(_SUSPICIOUS)
            tail = chunk[-16:]
    return size


def _text(value: Any) -> str:
    """A cell as people see it, as far as that matters in a list of people."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat()
    return str(value)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its heading, whether every row needs it, and what is to be written there."""

    title: str
    required: bool
    note: str


def template(columns: Sequence[Column], example: Mapping[str, str], notes: Sequence[str]) -> bytes:
    """A workbook to fill in: headings with their notes, one example row, and a sheet that explains."""
    out = io.BytesIO()
    with _book(out) as book:
        sheet, _ = _headed(book, "名单", columns)
        shaded = book.add_format({"num_format": "@", "italic": True, "font_color": "#808080"})
        explained = book.add_worksheet("填写说明")
        explained.set_column(0, 0, 14)
        explained.set_column(1, 1, 90)
        for number, column in enumerate(columns):
            sheet.write_comment(0, number, column.note)
            sheet.write_string(1, number, example.get(column.title, ""), shaded)
            explained.write_row(number, 0, (_heading(column), column.note))
        for number, note in enumerate(notes, len(columns) + 1):
            explained.write_string(number, 1, note)
    return out.getvalue()


def table(columns: Sequence[Column], rows: Sequence[Mapping[str, str]], title: str) -> bytes:
    """A workbook of text cells that can be imported again: the headings of a template, then these rows."""
    out = io.BytesIO()
    with _book(out) as book:
        sheet, text = _headed(book, title, columns)
        for place, row in enumerate(rows, 1):
            for number, column in enumerate(columns):
                sheet.write_string(place, number, row.get(column.title, ""), text)
    return out.getvalue()


@dataclass(frozen=True, slots=True)
class Page:
    """One worksheet of several: its title, its columns, its rows, and an example row for a template."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[Mapping[str, str]] = ()
    example: Mapping[str, str] | None = None


def tables(pages: Sequence[Page]) -> bytes:
    """A workbook of several sheets that can be imported again."""
    out = io.BytesIO()
    with _book(out) as book:
        for page in pages:
            sheet, text = _headed(book, page.title, page.columns)
            for place, row in enumerate(page.rows, 1):
                for number, column in enumerate(page.columns):
                    sheet.write_string(place, number, row.get(column.title, ""), text)
    return out.getvalue()


def templates(pages: Sequence[Page], notes: Sequence[str]) -> bytes:
    """A workbook of several sheets to fill in: headings with their notes, an example row each, and what explains."""
    out = io.BytesIO()
    with _book(out) as book:
        shaded = book.add_format({"num_format": "@", "italic": True, "font_color": "#808080", "text_wrap": True})
        bold = book.add_format({"bold": True})
        for page in pages:
            sheet, _ = _headed(book, page.title, page.columns)
            for number, column in enumerate(page.columns):
                sheet.write_comment(0, number, column.note)
                sheet.write_string(1, number, (page.example or {}).get(column.title, ""), shaded)
        explained = book.add_worksheet("填写说明")
        explained.set_column(0, 1, 18)
        explained.set_column(2, 2, 90)
        place = 0
        for note in notes:
            explained.write_string(place, 2, note)
            place += 1
        for page in pages:
            explained.write_string(place, 0, page.title, bold)
            for column in page.columns:
                explained.write_row(place, 1, (_heading(column), column.note))
                place += 1
    return out.getvalue()


def _book(out: io.BytesIO) -> Any:
    return xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False})


def _heading(column: Column) -> str:
    return f"{column.title}*" if column.required else column.title


def _headed(book: Any, title: str, columns: Sequence[Column]) -> tuple[Any, Any]:
    """A sheet with its headings, and the format of text cells: otherwise 007 becomes 7."""
    text = book.add_format({"num_format": "@"})
    heading = book.add_format({"num_format": "@", "bold": True, "bg_color": "#DDE7F3", "border": 1})
    sheet = book.add_worksheet(title)
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(columns) - 1, 18, text)
    for number, column in enumerate(columns):
        sheet.write_string(0, number, _heading(column), heading)
    return sheet, text
