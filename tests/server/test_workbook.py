"""The workbook of results, where it says who gives the marks."""

import io
from decimal import Decimal
from typing import Any

import pytest
from openpyxl import load_workbook

from server.core.contract import Progress
from server.core.outcome import Outcome
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
