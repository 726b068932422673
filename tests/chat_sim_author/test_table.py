"""Tables of chat tasks: what is written comes back, every fault has its row and column."""

from collections.abc import Mapping, Sequence

import pytest

from chat_sim import cells
from chat_sim.author import author
from chat_sim.draft import ChatDraft, DraftFact
from server.core.authoring import SHEET, RowFault
from tests.chat_sim_author.drafting import changed, invented

pytestmark = pytest.mark.unit


def tasks_of(rows: Sequence[Mapping[str, str]]) -> list[tuple[ChatDraft, list[RowFault]]]:
    """The drafts of a table, each with its faults."""
    made = []
    for one in author.from_table(rows):
        assert isinstance(one.draft, ChatDraft)
        made.append((one.draft, list(one.faults)))
    return made


def rows_of(draft: ChatDraft) -> list[dict[str, str]]:
    return [row for part in author.parts(draft) for row in author.rows(draft, part.id)]


def test_a_whole_task_comes_back_from_its_table() -> None:
    draft = invented(3)
    rows = rows_of(draft)
    ((made, faults),) = tasks_of(rows)
    assert faults == []
    assert rows_of(made) == rows
    assert made.personas == draft.personas
    assert made.shop == draft.shop
    assert made.canned == draft.canned
    assert author.faults(made) == [
        fault for fault in author.faults(changed(draft, "rubric.gap", "open")) if fault.path == "rubric.gap"
    ]


def test_two_tasks_stand_in_one_table() -> None:
    one, other = invented(1), changed(invented(2, seed=9), "title", {"zh-CN": "乙题"})
    tasks = tasks_of([*rows_of(one), *rows_of(other)])
    assert [draft.title.zh for draft, _ in tasks] == [one.title.zh, "乙题"]
    assert [len(draft.personas) for draft, _ in tasks] == [1, 2]


def test_a_blank_title_means_the_one_above() -> None:
    rows = rows_of(invented(2))
    blanked = [{**row, "标题": row["标题"] if number == 0 else ""} for number, row in enumerate(rows)]
    ((made, faults),) = tasks_of(blanked)
    assert faults == []
    assert len(made.personas) == 2


def _row(sheet: str, **values: str) -> Mapping[str, str]:
    return {SHEET: sheet, "标题": "表格题", **values}


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        (_row("商品", 商品编号="P 1"), "商品编号", "只能用字母"),
        (_row("商品", 售价="很便宜"), "售价", "不是金额"),
        (_row("商品", 规格="38码"), "规格", "编号=名称=库存"),
        (_row("商品", 规格="S38=38码=²"), "规格", "编号=名称=库存"),
        (_row("商品", 商品属性="棉"), "商品属性", "名称=内容"),
        (_row("商品", 搭售商品="也许"), "搭售商品", "是”或“否"),
        (_row("促销", 促销类型="清仓"), "促销类型", "可选的词"),
        (_row("促销", 促销类型="第N件", 件数="1"), "件数", "2 至 10"),
        (_row("客户", 到达时间="3点"), "到达时间", "分:秒"),
        (_row("客户", 购买="S38"), "购买", "规格编号×数量"),
        (_row("客户", 对推荐的反应="P1=也许=好"), "对推荐的反应", "接受"),
        (_row("客户", 历史订单="123=昨天"), "历史订单", "单号=日期"),
        (_row("客户", 评分规则="起始=9"), "评分规则", "起始 1 至 5"),
        (_row("客户", 耐心秒数="3"), "耐心秒数", "10 至 600"),
        (_row("需求", 客户编号="C9"), "客户编号", "没有编号为“C9”"),
        (_row("需求", 需求类型="聊天"), "需求类型", "可选的词"),
        (_row("需求", 答对要点="四十八小时"), "答对要点", "名称=说法"),
        (_row("需求", 答对要点="时间（很快）=48小时"), "答对要点", "不认识"),
        (_row("仓库"), SHEET, "不认识“仓库”"),
    ],
)
def test_each_fault_names_its_column(row: Mapping[str, str], column: str, words: str) -> None:
    (made,) = author.from_table([_row("店铺", 店铺名称="店"), row])
    faults = [(one.row, one.fault.path) for one in made.faults]
    assert (1, column) in faults
    assert any(words in one.fault.text.zh for one in made.faults if one.fault.path == column)


def test_ids_stand_there_once() -> None:
    product = _row("商品", 商品编号="P1", 商品名="锅")
    (made,) = author.from_table([product, product])
    assert [(one.row, one.fault.path) for one in made.faults] == [(1, "商品编号")]


def test_facts_have_a_short_form() -> None:
    facts = (
        DraftFact(id="f1", title="尺码", kind="size", accept=("38", "三十八")),
        DraftFact(id="f2", title="防水", accept=("防水",), denied=True),
        DraftFact(id="f3", title="层数", kind="number", accept=("3",), unit="层", required=False),
    )
    text = "尺码（尺码）=38/三十八；防水（否认）=防水；层数（数量、可选、单位:层）=3"
    assert cells.facts(facts) == text
    assert cells.facts_of(text) == facts


@pytest.mark.parametrize(("cell", "ms"), [("0:05", 5_000), ("12:30", 750_000), ("00:01:10", 70_000), ("4", 240_000)])
def test_moments_are_read_as_people_and_spreadsheets_write_them(cell: str, ms: int) -> None:
    assert cells.clock(cell) == ms
