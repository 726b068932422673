"""The results of a stage as an .xlsx workbook."""

import io
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import xlsxwriter  # type: ignore[import-untyped]

from server.core.export import ExportTable
from server.core.outcome import Outcome
from server.core.text import Text
from server.results.schemas import StageResults, WorkView

Cell = str | int | Decimal | None
Said = Cell | Text

_PHASES = {
    "armed": Text(zh="待命", en="armed"),
    "running": Text(zh="作答中", en="running"),
    "paused": Text(zh="暂停", en="paused"),
    "closed": Text(zh="已结束", en="closed"),
}
_CAUSES = {
    "handed_in": Text(zh="交卷", en="handed in"),
    "time_up": Text(zh="时间到", en="time up"),
    "forced": Text(zh="强制交卷", en="forced"),
    "absent": Text(zh="缺考", en="absent"),
}


@dataclass(frozen=True, slots=True)
class Working:
    """What a workbook is made of; `criteria` are titles by key, `at_ms` is UTC epoch ms."""

    results: StageResults
    outcomes: Mapping[str, Outcome]
    criteria: Mapping[str, Text]
    corrections: int
    at_ms: int
    tables: Mapping[str, Sequence[ExportTable]] = field(default_factory=dict)
    """What the module adds, by work code."""


@dataclass(frozen=True, slots=True)
class OneWork:
    """What the workbook of one work is made of; `who` is its name or its code, whichever may be known."""

    title: Text
    who: Text
    outcome: Outcome
    criteria: Mapping[str, Text]
    tables: Sequence[ExportTable]
    at_ms: int


@dataclass(frozen=True, slots=True)
class _Column:
    title: Text
    width: int
    form: str
    """Number format of Excel; "" for text."""
    value: Callable[[WorkView], Said]


def file_name(results: StageResults, language: str) -> str:
    """A name that every file system takes."""
    last = Text(zh="成绩", en="results").inside(language)
    parts = (results.contest_title.inside(language), results.stage_title.inside(language), last)
    return "-".join(part[:60] for part in map(_bare, parts) if part) + ".xlsx"


def _bare(part: str) -> str:
    return re.sub(r'[\x00-\x1f\\/:*?"<>|]+', " ", part).strip(" .")


def work_file_name(work: OneWork, language: str) -> str:
    """A name that every file system takes."""
    parts = (work.title.inside(language), work.who.inside(language))
    return "-".join(part[:60] for part in map(_bare, parts) if part) + ".xlsx"


@contextmanager
def _book(data: io.BytesIO, title: str, at_ms: int) -> Iterator[Any]:
    # Cells hold what people typed: no text may turn into a formula, a link or a number.
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(data, options) as book:
        book.set_properties({"title": title, "created": _moment(at_ms)})
        yield book


def made(working: Working, language: str) -> bytes:
    """The workbook's bytes; blocking."""
    data = io.BytesIO()
    with _book(data, working.results.stage_title.inside(language), working.at_ms) as book:
        formats = _Formats(book)
        by_people, partly = _policy(working, "manual"), _policy(working, "partly")
        columns = (*_who(working.results), *_result(working.results, by_people, partly))
        _table(
            book.add_worksheet(Text(zh="成绩", en="Results").inside(language)),
            [(column.title.inside(language), column.width, column.form) for column in columns],
            [[_said(column.value(work), language) for column in columns] for work in working.results.works],
            formats,
        )
        _table(
            book.add_worksheet(Text(zh="得分明细", en="Working").inside(language)),
            [(title.inside(language), width, form) for title, width, form in _detail_columns(working.results)],
            _details(working, language),
            formats,
        )
        who = _who(working.results)
        owned = [
            (tuple(_said(column.value(work), language) for column in who), working.tables.get(work.work_code, ()))
            for work in working.results.works
        ]
        _own_tables(book, [(column.title, column.width) for column in who], owned, formats, language)
        _write_notes(book, _notes(working), formats, language)
    return data.getvalue()


def of_work(work: OneWork, language: str) -> bytes:
    """The workbook of one work: marks, figures, what the module adds; blocking."""
    data = io.BytesIO()
    with _book(data, work.title.inside(language), work.at_ms) as book:
        formats = _Formats(book)
        heads = [(title.inside(language), width, form) for title, width, form in _DETAILS]
        _table(
            book.add_worksheet(Text(zh="得分明细", en="Working").inside(language)),
            heads,
            _criteria_rows(work.outcome, work.criteria, language),
            formats,
        )
        _table(
            book.add_worksheet(Text(zh="指标", en="Figures").inside(language)),
            [(title.inside(language), width, form) for title, width, form in _FIGURES],
            [
                [measure.title.inside(language), measure.value, measure.unit, measure.formula]
                for measure in work.outcome.measures
            ],
            formats,
        )
        _own_tables(book, [], [((), work.tables)], formats, language)
        marks = work.outcome.policy.get("marks")
        lines = [
            (Text(zh="作答", en="Work"), work.title),
            (Text(zh="作品", en="Whose"), work.who),
            (Text(zh="导出时间", en="Exported"), Text(zh=_shown(work.at_ms))),
            (Text(zh="评分程序版本", en="Scorer version"), Text(zh=work.outcome.scorer_version)),
            *([(_MARKS, _MARKED[marks])] if marks in _MARKED else []),
        ]
        _write_notes(book, lines, formats, language)
    return data.getvalue()


def _policy(working: Working, marks: str) -> frozenset[str]:
    """Codes of works whose module says so of its marks."""
    return frozenset(code for code, outcome in working.outcomes.items() if outcome.policy.get("marks") == marks)


def _own_tables(
    book: Any,
    who: Sequence[tuple[Text, int]],
    works: Sequence[tuple[tuple[Cell, ...], Sequence[ExportTable]]],
    formats: "_Formats",
    language: str,
) -> None:
    """A worksheet for each table of the module, works one below the other, `who` in front."""
    shapes = {table.key: table for _, tables in works for table in tables}
    for key, shape in shapes.items():
        columns = [(title.inside(language), width, "") for title, width in who]
        columns += [(column.title.inside(language), column.width, column.form) for column in shape.columns]
        rows = [
            [*whose, *(_said(cell, language) for cell in row)]
            for whose, tables in works
            for table in tables
            if table.key == key
            for row in table.rows
        ]
        _table(book.add_worksheet(shape.title.inside(language)), columns, rows, formats)


def _write_notes(book: Any, lines: Sequence[tuple[Text, Text]], formats: "_Formats", language: str) -> None:
    notes = book.add_worksheet(Text(zh="说明", en="Notes").inside(language))
    notes.set_column(0, 0, 20)
    notes.set_column(1, 1, 70)
    for number, (title, text) in enumerate(lines):
        notes.write_string(number, 0, title.inside(language), formats.head)
        notes.write_string(number, 1, text.inside(language), formats.text)


class _Formats:
    def __init__(self, book: Any) -> None:
        self._book = book
        self.head = book.add_format({"bold": True, "bg_color": "#E8EEF7", "border": 1, "text_wrap": True})
        self.text = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
        self._numbers: dict[str, Any] = {}

    def number(self, form: str) -> Any:
        """One format of the book for each number format."""
        if form not in self._numbers:
            self._numbers[form] = self._book.add_format({"num_format": form, "valign": "top"})
        return self._numbers[form]


def _table(
    sheet: Any, columns: Sequence[tuple[str, int, str]], rows: Sequence[Sequence[Cell]], formats: _Formats
) -> None:
    """Headings that stay in sight and filter, and a row each."""
    for place, (title, width, _) in enumerate(columns):
        sheet.set_column(place, place, width)
        sheet.write_string(0, place, title, formats.head)
    for number, row in enumerate(rows, start=1):
        for place, (cell, (_, _, form)) in enumerate(zip(row, columns, strict=True)):
            if isinstance(cell, str):
                sheet.write_string(number, place, cell, formats.text)
            elif cell is not None:
                sheet.write_number(number, place, float(cell), formats.number(form))
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, max(len(rows), 1), len(columns) - 1)


def _remark(work: WorkView, by_people: Collection[str], partly: Collection[str]) -> Text | None:
    if work.failed:
        return Text(zh="评分失败", en="scoring failed")
    if work.close_cause == "absent":
        return Text(zh="缺考", en="absent")
    if work.marks is None:
        return Text(zh="评分中", en="being scored") if work.phase == "closed" else None
    if work.max_marks:
        return Text(zh="其余由裁判评分", en="the rest by referees") if work.work_code in partly else None
    # Marks that people give are still to come; practice has none.
    if work.work_code in by_people:
        return Text(zh="人工评分", en="marked by people")
    return Text(zh="不计分", en="not scored")


_CODE = _Column(Text(zh="作品号", en="Work code"), 14, "", lambda work: work.work_code)


def _result(results: StageResults, by_people: Collection[str], partly: Collection[str]) -> tuple[_Column, ...]:
    net = _Column(Text(zh="用时（秒）", en="Net time (s)"), 12, "0.0", lambda work: _seconds(work.net_ms))

    def proposed(work: WorkView) -> bool:
        return work.work_code not in by_people

    marks, most = Text(zh="得分", en="Marks"), Text(zh="满分", en="Of")
    if partly:
        marks, most = Text(zh="系统评分", en="System's marks"), Text(zh="系统评分满分", en="System's part")
    return (
        _Column(marks, 10, "0.00", lambda work: work.marks if proposed(work) else None),
        _Column(most, 14 if partly else 8, "0.##", lambda work: work.max_marks if proposed(work) else None),
        _Column(Text(zh="状态", en="State"), 10, "", lambda work: _PHASES.get(work.phase)),
        _Column(Text(zh="结束方式", en="Ended by"), 12, "", lambda work: _CAUSES.get(work.close_cause or "")),
        *(() if results.blind else (net,)),
        _Column(Text(zh="完成条目", en="Parts done"), 10, "0", lambda work: work.progress.done),
        _Column(Text(zh="条目总数", en="Parts"), 10, "0", lambda work: work.progress.total),
        _Column(Text(zh="逾时指令", en="Late commands"), 10, "0", lambda work: work.late_count),
        _Column(Text(zh="备注", en="Remark"), 16, "", lambda work: _remark(work, by_people, partly)),
    )


def _seconds(ms: int | None) -> Decimal | None:
    return None if ms is None else Decimal(ms) / 1000


def _who(results: StageResults) -> tuple[_Column, ...]:
    """The work code; where nothing is blind, also whose it is."""
    if results.blind:
        return (_CODE,)
    return (
        _CODE,
        _Column(Text(zh="学号", en="Number"), 16, "", lambda work: work.number),
        _Column(Text(zh="姓名", en="Name"), 16, "", lambda work: work.name),
    )


def _said(cell: Said, language: str) -> Cell:
    return cell.inside(language) if isinstance(cell, Text) else cell


def _detail_columns(results: StageResults) -> list[tuple[Text, int, str]]:
    return [
        *((column.title, column.width, "") for column in _who(results)),
        *_DETAILS,
    ]


_DETAILS = (
    (Text(zh="评分项", en="Criterion"), 20, ""),
    (Text(zh="得分", en="Marks"), 10, "0.00"),
    (Text(zh="满分", en="Of"), 8, "0.##"),
    (Text(zh="计算过程", en="Working"), 70, ""),
)
_FIGURES = (
    (Text(zh="指标", en="Figure"), 28, ""),
    (Text(zh="数值", en="Value"), 12, "0.####"),
    (Text(zh="单位", en="Unit"), 8, ""),
    (Text(zh="公式编号", en="Formula"), 32, ""),
)
_MARKS = Text(zh="评分", en="Marks")
_MARKED = {
    "manual": Text(zh="人工评分", en="By people"),
    "partly": Text(
        zh="表中只是系统评分的评分项；其余评分项由裁判评分，不在表中",
        en="Only the criteria that the system marks; referees mark the others, which are not in here",
    ),
}


def _criteria_rows(outcome: Outcome, criteria: Mapping[str, Text], language: str) -> list[list[Cell]]:
    """One row a criterion that the system marked."""
    return [
        [
            criteria.get(mark.criterion, Text(zh=mark.criterion)).inside(language),
            mark.marks,
            mark.max_marks,
            mark.working.inside(language),
        ]
        for mark in outcome.marks
    ]


def _details(working: Working, language: str) -> list[list[Cell]]:
    """One row a work and criterion, in the order of the table."""
    rows: list[list[Cell]] = []
    for work in working.results.works:
        outcome = working.outcomes.get(work.work_code)
        if outcome is None:
            continue
        whose = [_said(column.value(work), language) for column in _who(working.results)]
        rows += [[*whose, *row] for row in _criteria_rows(outcome, working.criteria, language)]
    return rows


def _notes(working: Working) -> list[tuple[Text, Text]]:
    results = working.results
    versions = "、".join(sorted({outcome.scorer_version for outcome in working.outcomes.values()}))
    failed = [work.work_code for work in results.works if work.failed]
    blind = Text(zh="按作品号，不含身份信息", en="By work code, without any identity")
    named = Text(zh="含学号和姓名，请勿外传", en="With numbers and names: not for passing on")
    return [
        (Text(zh="赛事", en="Contest"), results.contest_title),
        (Text(zh="环节", en="Stage"), results.stage_title),
        (Text(zh="导出时间", en="Exported"), Text(zh=_shown(working.at_ms))),
        (Text(zh="作品数", en="Works"), Text(zh=str(len(results.works)))),
        (Text(zh="评分程序版本", en="Scorer version"), Text(zh=versions)),
        (Text(zh="答案更正次数", en="Corrections of the key"), Text(zh=str(working.corrections))),
        (Text(zh="评分失败的作品", en="Works that could not be scored"), Text(zh="、".join(failed) or "0")),
        *([(_MARKS, _MARKED["partly"])] if _policy(working, "partly") else []),
        (Text(zh="身份信息", en="Identities"), blind if results.blind else named),
    ]


def _shown(at_ms: int) -> str:
    return _moment(at_ms).astimezone().strftime("%Y-%m-%d %H:%M:%S %z")


def _moment(at_ms: int) -> datetime:
    return datetime.fromtimestamp(at_ms / 1000, tz=UTC)
