"""The workbook of results, where it says who gives the marks, and what modules add to it."""

import io
from decimal import Decimal
from typing import Any

import pytest
from openpyxl import load_workbook

from server.core.contract import Progress
from server.core.export import ExportColumn, ExportTable
from server.core.outcome import Measure, Outcome, ProposedMark
from server.core.text import Text
from server.results import workbook
from server.results.schemas import StageResults, WorkView

pytestmark = pytest.mark.unit


def _work(code: str) -> WorkView:
    return WorkView(
        work_code=code,
        name=None,
        number=None,
        attempt_id=None,
        phase="closed",
        close_cause="handed_in",
        net_ms=None,
        progress=Progress(done=1, total=2),
        late_count=0,
        marks=Decimal(0),
        max_marks=Decimal(0),
        revision=1,
        failed=False,
    )


def _outcome(module: str, **policy: Any) -> Outcome:
    return Outcome(
        module=module, scorer_version="telephony/1", policy=policy, measures=(), marks=(), sheet={}, evidence=()
    )


@pytest.mark.parametrize(("policy", "remark"), [({"marks": "manual"}, "人工评分"), ({}, "不计分")])
def test_a_work_that_people_mark_is_not_called_unscored(policy: dict[str, Any], remark: str) -> None:
    results = StageResults(
        contest_id="c",
        contest_title=Text(zh="某赛", en="Some"),
        stage_id="s",
        stage_title=Text(zh="语音服务", en="Voice"),
        module="telephony",
        blind=True,
        works=(_work("W1"),),
    )
    working = workbook.Working(results, {"W1": _outcome("telephony", **policy)}, {}, 0, 1_700_000_000_000)
    sheet = load_workbook(io.BytesIO(workbook.made(working, "zh-CN")))["成绩"]
    head, row = list(sheet.iter_rows(values_only=True))
    said = dict(zip(head, row, strict=True))
    assert said["备注"] == remark
    marks = None if policy else 0
    assert (said["得分"], said["满分"]) == (marks, marks)


def _results(*works: WorkView, blind: bool) -> StageResults:
    return StageResults(
        contest_id="c",
        contest_title=Text(zh="某赛", en="Some"),
        stage_id="s",
        stage_title=Text(zh="在线服务", en="Online chat"),
        module="chat_sim",
        blind=blind,
        works=works,
    )


_MARK = ProposedMark(criterion="indicators", marks=Decimal("7.20"), max_marks=Decimal(9), working=Text(zh="0.8 × 9"))
_MEASURE = Measure(
    key="accuracy", title=Text(zh="服务准确率"), value=Decimal("0.8"), unit="", formula="accuracy.needs/1"
)


def _partly() -> Outcome:
    outcome = _outcome("chat_sim", marks="partly")
    return outcome.model_copy(update={"marks": (_MARK,), "measures": (_MEASURE,)})


def _table(*said: str) -> ExportTable:
    return ExportTable(
        key="conversations",
        title=Text(zh="会话", en="Conversations"),
        columns=(ExportColumn(title=Text(zh="客户")), ExportColumn(title=Text(zh="满足"), form="0")),
        rows=tuple((one, number) for number, one in enumerate(said, 1)),
    )


def _read(body: bytes, sheet: str) -> list[dict[Any, Any]]:
    head, *rows = load_workbook(io.BytesIO(body))[sheet].iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


def test_marks_that_are_a_part_are_called_so() -> None:
    work = _work("W1").model_copy(update={"marks": Decimal("7.20"), "max_marks": Decimal(9)})
    working = workbook.Working(_results(work, blind=True), {"W1": _partly()}, {}, 0, 1_700_000_000_000)
    body = workbook.made(working, "zh-CN")
    (said,) = _read(body, "成绩")
    assert (said["系统评分"], said["系统评分满分"], said["备注"]) == (7.2, 9, "其余由裁判评分")
    assert not {"得分", "满分"} & set(said)
    notes = {row[0]: row[1] for row in load_workbook(io.BytesIO(body))["说明"].iter_rows(values_only=True)}
    assert "裁判" in str(notes["评分"])


@pytest.mark.parametrize("blind", [True, False])
def test_conversations_of_all_works_stand_under_their_codes(blind: bool) -> None:
    named = {} if blind else {"name": "演示学生", "number": "01"}
    works = [_work(code).model_copy(update=named) for code in ("W1", "W2")]
    tables = {"W1": [_table("雾蓝", "=1+1")], "W2": [_table("听雨")]}
    outcomes = {code: _partly() for code in tables}
    working = workbook.Working(_results(*works, blind=blind), outcomes, {}, 0, 1_700_000_000_000, tables)
    rows = _read(workbook.made(working, "zh-CN"), "会话")
    assert [(row["作品号"], row["客户"], row["满足"]) for row in rows] == [
        ("W1", "雾蓝", 1),
        ("W1", "=1+1", 2),
        ("W2", "听雨", 1),
    ]
    assert ("姓名" in rows[0]) is not blind


def test_a_work_without_tables_of_its_own_makes_no_sheet_of_them() -> None:
    working = workbook.Working(_results(_work("W1"), blind=True), {"W1": _partly()}, {}, 0, 1_700_000_000_000)
    assert load_workbook(io.BytesIO(workbook.made(working, "zh-CN"))).sheetnames == ["成绩", "得分明细", "说明"]


def test_one_work_as_a_workbook() -> None:
    one = workbook.OneWork(
        title=Text(zh="在线服务：练习", en="Chat: practice"),
        who=Text(zh="W1"),
        outcome=_partly(),
        criteria={"indicators": Text(zh="服务指标", en="Service indicators")},
        tables=[_table("雾蓝")],
        at_ms=1_700_000_000_000,
    )
    assert workbook.work_file_name(one, "zh-CN") == "在线服务：练习-W1.xlsx"
    assert workbook.work_file_name(one, "en") == "Chat  practice-W1.xlsx"
    body = workbook.of_work(one, "zh-CN")
    (criterion,) = _read(body, "得分明细")
    assert (criterion["评分项"], criterion["得分"], criterion["满分"]) == ("服务指标", 7.2, 9)
    (figure,) = _read(body, "指标")
    assert (figure["数值"], figure["公式编号"]) == (0.8, "accuracy.needs/1")
    assert _read(body, "会话") == [{"客户": "雾蓝", "满足": 1}]
    english = load_workbook(io.BytesIO(workbook.of_work(one, "en")))
    assert english.sheetnames == ["Working", "Figures", "Conversations", "Notes"]
