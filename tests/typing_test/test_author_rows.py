"""Cards as rows of a table, and several tasks as one paper."""

from typing import Any

import pytest

from server.core.errors import Invalid
from server.core.text import Text
from tests.support.drafts import faultless, with_answer
from tests.support.papers import paper
from typing_test.author import author
from typing_test.rows import COLUMNS, EXAMPLE
from typing_test.standard import FIELDS

pytestmark = pytest.mark.unit

TITLE = Text(zh="组卷", en="Combined")


def changed(**cells: str) -> dict[str, str]:
    return {**EXAMPLE, **cells}


def test_the_first_column_is_the_title_and_the_example_fills_what_is_required() -> None:
    assert author.columns[0].title == "标题"
    assert {column.title for column in COLUMNS if column.required} <= {title for title, cell in EXAMPLE.items() if cell}
    assert set(EXAMPLE) == {column.title for column in COLUMNS}
    assert author.from_table([EXAMPLE])[0].faults == []


def test_a_row_becomes_a_card() -> None:
    (row,) = author.from_table([changed(录音文件="01.mp3", 难度="难", 读音="章文彬=zhang1 wen2 bin1")])
    item = row.draft.items[0]  # type: ignore[attr-defined]
    assert row.faults == []
    assert row.audio_files == {"c01": (0, "01.mp3")}
    assert row.draft.title.zh == EXAMPLE["标题"]
    assert item.level == "hard"
    assert {key: answer.text for key, answer in item.answers.items()} == {
        "name": "章文彬",
        "address": "湖北省武汉市武昌区首义路86号5栋2单元801室",
        "postcode": "430060",
        "phone": "02790350472",
        "email": "wenbin_88@hanbei.net",
    }
    assert item.answers["name"].hint == EXAMPLE["姓名说明"]
    assert item.answers["name"].readings == {"章文彬": "zhang1 wen2 bin1"}
    assert item.answers["phone"].alternatives == ("027-90350472",)


def test_wordings_of_several_fields() -> None:
    cell = "联系地址=首义路86号；联系地址=首义路八十六号; 联系电话＝027-90350472；"
    answers = author.from_table([changed(其他正确写法=cell)])[0].draft.items[0].answers  # type: ignore[attr-defined]
    assert answers["address"].alternatives == ("首义路86号", "首义路八十六号")
    assert answers["phone"].alternatives == ("027-90350472",)


@pytest.mark.parametrize(
    ("column", "cell", "words"),
    [
        ("标题", "", "没有填写"),
        ("标题", "长" * 81, "80 字"),
        ("姓名", "", "没有填写姓名"),
        ("姓名", "长" * 41, "40 字"),
        ("姓名说明", "长" * 501, "500 字"),
        ("邮政编码", "50011", "开头的 0"),
        ("联系电话", "2790350472", "区号"),
        ("电子邮箱", "wenbin", "@"),
        ("其他正确写法", "027-90350472", "不是字段名"),
        ("其他正确写法", "联系电话=", "1 至 30 字"),
        ("其他正确写法", "；".join(f"姓名=章{n}" for n in range(21)), "20 种"),
        ("读音", "单=shan4 yu4", "拼音"),
        ("难度", "很难", "易、中或难"),
    ],
)
def test_a_cell_that_cannot_be_right(column: str, cell: str, words: str) -> None:
    _, row = author.from_table([EXAMPLE, changed(**{column: cell})])
    assert [(one.row, one.fault.path, one.fault.severe) for one in row.faults] == [(1, column, True)]
    assert words in row.faults[0].fault.text.zh
    assert row.faults[0].fault.text.en


def test_cells_that_are_missing_are_all_named() -> None:
    required = [column.title for column in COLUMNS if column.required]
    assert [one.fault.path for one in author.from_table([{}])[0].faults] == required


def test_rows_of_a_paper_have_titles_of_their_own() -> None:
    draft = author.draft(paper(items=2))
    assert [row["标题"] for part in author.parts(draft) for row in author.rows(draft, part.id)] == [
        "测试卷 第 1 条",
        "测试卷 第 2 条",
    ]


def test_a_wording_with_a_separator_stays_one() -> None:
    draft = with_answer(faultless(), "address", alternatives=("首义路86号；801室",))
    again = author.from_table(author.rows(draft, "c01"))[0].draft.items[0]  # type: ignore[attr-defined]
    assert again.answers["address"].alternatives == ("首义路86号，801室",)


def test_combining_numbers_the_items_anew() -> None:
    one, two = author.content(faultless()), author.content(author.draft(paper(items=1, fields=raw_fields())))
    combined = author.combine([one, two, one], TITLE, 600_000)
    assert [(item.id, item.title.zh, item.title.en) for item in combined.items] == [
        ("c01", "第 1 条", "Item 1"),
        ("c02", "第 2 条", "Item 2"),
        ("c03", "第 3 条", "Item 3"),
    ]
    assert (combined.title, combined.duration_ms) == (TITLE, 600_000)
    assert [item.answers for item in combined.items] == [each.items[0].answers for each in (one, two, one)]


@pytest.mark.parametrize(
    ("changes", "setting"),
    [
        ({"player": {"max_plays": 1}}, "播放设置"),
        ({"counting": {"rounding": "ratio"}}, "计字规则"),
        ({"paste_allowed": True}, "是否允许粘贴"),
        ({"fields": "other"}, "字段"),
    ],
)
def test_what_does_not_go_together_is_named(changes: dict[str, Any], setting: str) -> None:
    fields = raw_fields()
    if changes.pop("fields", None):
        fields[0]["max_length"] = 41
    other = paper(items=1, fields=fields, **changes)
    with pytest.raises(Invalid) as refused:
        author.combine([author.content(faultless()), other], TITLE, 600_000)
    assert refused.value.detail.zh.startswith(f"“测试卷”与“登记客户信息”的{setting}不同")


def test_too_few_and_too_many() -> None:
    with pytest.raises(Invalid, match="at least one"):
        author.combine([], TITLE, 600_000)
    with pytest.raises(Invalid, match="200"):
        author.combine([paper(items=150), paper(items=51)], TITLE, 600_000)


def raw_fields() -> list[dict[str, Any]]:
    return [spec.model_dump(mode="json", by_alias=True) for spec in FIELDS]
