"""Tables as people hand them in, good and bad."""

import csv
import io
import zipfile
from collections.abc import Callable, Sequence
from typing import Any

from openpyxl import Workbook

HEADINGS = ("参赛证号", "姓名", "代表队", "组别", "指导教师", "出生日期", "往届一等奖")
GOOD: tuple[tuple[Any, ...], ...] = (
    ("GS-001", "欧阳雪", "甘肃省", "中职组", "李四", "2001-09-01", "否"),
    ("gs-002", "张　三", "甘肃省", "中职组", "李 四", "2001年9月2日", ""),
    (17.0, "王小明", "宁波市", "中职组", "赵六", "20010903", "无"),
)


def xlsx(*rows: Sequence[Any], headings: Sequence[str] = HEADINGS, above: Sequence[Sequence[Any]] = ()) -> bytes:
    """A workbook of one sheet."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (*above, headings, *rows):
        sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def csv_text(*rows: Sequence[Any], headings: Sequence[str] = HEADINGS) -> str:
    """The same as comma-separated text."""
    out = io.StringIO()
    csv.writer(out).writerows([headings, *rows])
    return out.getvalue()


def rewritten(body: bytes, change: Callable[[str, bytes], bytes], **more: bytes) -> bytes:
    """A workbook with its parts changed, and with further parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(body)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
        for name, data in more.items():
            new.writestr(name, data)
    return out.getvalue()
