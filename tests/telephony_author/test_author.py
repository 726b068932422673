"""Drafts, contents and papers; fictitious cases; tables."""

from typing import Any

import pytest
from pydantic import ValidationError

from server.core.errors import Invalid
from server.core.text import Text
from telephony.author import author
from telephony.content import InboundPart, TelephonyContent
from telephony.draft import TelephonyDraft
from telephony.lint import check
from telephony.rows import COLUMNS, EXAMPLE
from tests.support.voice import voice_paper
from tests.telephony_author.drafting import TITLE, inbound, invented, severe

pytestmark = pytest.mark.unit

KINDS = ("inbound", "outbound", "retell", "summary")


def both(*kinds: str) -> TelephonyDraft:
    """One draft with the invented parts of several forms."""
    drafts = [invented(kind, number) for number, kind in enumerate(kinds)]
    desk = drafts[0].desk.model_copy(
        update={"articles": tuple(article for draft in drafts for article in draft.desk.articles)}
    )
    parts = tuple(draft.parts[0] for draft in drafts)
    return drafts[0].model_copy(update={"parts": parts, "desk": desk})


def row(**changes: str) -> dict[str, str]:
    return {**EXAMPLE, **changes}


def test_lines_have_ids_of_their_own_and_titles() -> None:
    lines = author.lines(both(*KINDS))
    assert len({line.id for line in lines}) == len(lines)
    titles = [line.title.zh for line in lines]
    assert {"第 1 轮客户的话", "台词 8", "催促 1", "成交时的话", "失去耐心时的话", "要复述的录音"} <= set(titles)
    assert all(line.title.en for line in lines)


@pytest.mark.parametrize("kind", KINDS)
def test_inventing_a_part_leaves_the_others_alone(kind: str) -> None:
    draft = both(*KINDS)
    part = next(part for part in draft.parts if part.kind == kind)
    again = author.invent(draft, part.id, 99)
    assert [one for one in again.parts if one.id != part.id] == [one for one in draft.parts if one.id != part.id]
    assert again.part(part.id) != part
    own = f"{part.id}-"
    assert [a for a in again.desk.articles if not a.id.startswith(own)] == [
        a for a in draft.desk.articles if not a.id.startswith(own)
    ]
    assert all(line.audio is None for name, _, line in again.recordings() if name.startswith(f"{part.id}."))
    assert not [fault for fault in severe(again) if not fault.path.endswith("audio")]


def test_a_draft_refuses_ids_that_stand_there_twice() -> None:
    raw = both("inbound", "outbound").model_dump(mode="json", by_alias=True)

    def broken(change: Any) -> None:
        copy = TelephonyDraft.model_validate(raw).model_dump(mode="json", by_alias=True)
        change(copy)
        with pytest.raises(ValidationError):
            TelephonyDraft.model_validate(copy)

    broken(lambda draft: draft["parts"][1].update(id="in1"))
    broken(lambda draft: draft["parts"][0]["turns"][1].update(id="t01"))
    broken(lambda draft: draft["parts"][1]["persona"]["impatient"].update(id="l01"))
    broken(lambda draft: draft["desk"]["records"][0].update(id="in1-a1"))
    broken(lambda draft: draft["parts"][1]["persona"]["endings"].pop("deal"))


def test_a_paper_keeps_targets_and_drops_what_is_equal() -> None:
    one = author.content(invented("inbound", 1))
    two = author.content(invented("inbound", 2))
    paper = author.combine([one, two, one], TITLE, 1_000_000)
    assert [part.id for part in paper.parts] == ["in1", "in2", "in3"]
    assert len(paper.desk.records) == len(one.desk.records) + len(two.desk.records)
    assert author.faults(author.draft(paper)) == []
    targets = [
        [act.target for turn in part.turns for act in turn.required]
        for part in paper.parts
        if isinstance(part, InboundPart)
    ]
    assert targets[0] == targets[2] != targets[1]
    known = {record.id: record for record in paper.desk.records}
    assert known[targets[1][0]].number == two.desk.records[0].number


def test_contents_that_do_not_go_together() -> None:
    content = author.content(invented("summary"))
    other = content.model_copy(update={"agent_number": "9001"})
    with pytest.raises(Invalid, match="agent number"):
        author.combine([content, other], TITLE, 600_000)
    with pytest.raises(Invalid, match="parts at most"):
        author.combine([content] * 11, TITLE, 600_000)
    with pytest.raises(Invalid):
        author.combine([], TITLE, 600_000)


def test_instructions_of_several_stand_there_once() -> None:
    content = author.content(invented("summary"))
    other = content.model_copy(update={"instructions": Text(zh="另一段", en="Another")})
    paper = author.combine([content, other, content], TITLE, 600_000)
    assert paper.instructions.zh == f"{content.instructions.zh}\n另一段"


def test_a_content_of_elsewhere_is_a_draft() -> None:
    content = voice_paper()
    draft = author.draft(content)
    assert severe(draft) == []
    assert author.content(draft) == content
    raw = content.model_dump(mode="json", by_alias=True)
    raw["desk"]["articles"][0]["keywords"] = [str(n) for n in range(31)]
    beyond = TelephonyContent.model_validate(raw)
    assert [(fault.path, fault.severe) for fault in check(beyond)] == [("desk.articles.0.keywords", False)]
    with pytest.raises(Invalid) as refused:
        author.draft(beyond)
    assert [fault["path"] for fault in refused.value.extra["faults"]] == ["desk.articles.0.keywords"]


def test_rows_of_one_title_are_one_call() -> None:
    table = [
        row(),
        row(标题="示例：更改送货时间", 公司="", 时间="", 客户="", 来电号码="", 客户需求="", 录音文件="2.wav"),
        row(标题="另一题", 客户的话="", 关键点="问候=您好/你好；道歉＝抱歉"),
    ]
    first, second = author.from_table(table)
    assert first.faults == second.faults == []
    assert (first.row, second.row) == (0, 2)
    assert first.audio_files == {"in1.t02": (1, "2.wav")}
    assert isinstance(first.draft, TelephonyDraft)
    assert isinstance(second.draft, TelephonyDraft)
    assert len(inbound(first.draft).turns) == 2
    turn = inbound(second.draft).turns[0]
    assert turn.customer is None
    assert [(point.title, point.phrases) for point in turn.key_points] == [
        ("问候", ("您好", "你好")),
        ("道歉", ("抱歉",)),
    ]


@pytest.mark.parametrize(
    ("column", "cell", "severe_"),
    [
        ("标题", "", True),
        ("标题", "长" * 81, True),
        ("显示提示", "", True),
        ("公司", "", True),
        ("客户的话", "长" * 501, True),
        ("关键点", "只有名称", True),
        ("关键点", "；".join(f"名{n}=词" for n in range(31)), True),
    ],
)
def test_a_cell_that_cannot_be_right(column: str, cell: str, severe_: bool) -> None:
    (made,) = author.from_table([row(**{column: cell})])
    assert [(one.fault.path, one.fault.severe) for one in made.faults] == [(column, severe_)]
    assert made.faults[0].fault.text.en


def test_a_card_that_is_filled_in_again_and_a_recording_of_nobody() -> None:
    (made,) = author.from_table([row(), row(客户的话="", 录音文件="1.wav", 公司="别家", 时间="", 客户="", 来电号码="")])
    found = [(one.row, one.fault.path, one.fault.severe) for one in made.faults]
    assert found == [(1, "公司", False), (1, "客户需求", False), (1, "录音文件", True)]
    assert made.audio_files == {}


def test_more_rows_than_a_call_has_turns() -> None:
    (made,) = author.from_table([row(), *[row(公司="", 时间="", 客户="", 来电号码="", 客户需求="")] * 60])
    assert [(one.row, one.fault.path) for one in made.faults] == [(60, "标题")]


@pytest.mark.parametrize("kind", ["outbound", "retell", "summary"])
def test_other_forms_are_not_for_tables(kind: str) -> None:
    draft = invented(kind)
    with pytest.raises(Invalid):
        author.rows(draft, draft.parts[0].id)


def test_the_columns_say_what_goes_in() -> None:
    assert author.columns[0].title == "标题"
    assert set(EXAMPLE) == {column.title for column in COLUMNS}
    assert [column.title for column in COLUMNS if column.required] == ["标题", "显示提示"]
