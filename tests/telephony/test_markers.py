"""Markers of a recording, as the history tells them."""

from collections.abc import Sequence

import pytest

from server.core.media import CallRecord, LegUp, Marker, RoleActed
from telephony.module import module
from tests.support.voice import inbound, outbound, voice_paper
from tests.telephony.driving import BEGAN_MS, Round
from tests.telephony.playing import inbound_case, whole

pytestmark = pytest.mark.unit


def records(round_: Round, closed_ms: int | None = None) -> Sequence[CallRecord]:
    """The calls of a round."""
    return module.media.calls(round_.content, round_.history, closed_ms)


def marked(record: CallRecord, kind: str) -> list[Marker]:
    """Markers of a kind."""
    return [marker for marker in record.markers if marker.kind == kind]


def test_turns_lie_one_behind_the_other_with_hint_and_text() -> None:
    record = records(whole())[0]
    turns = marked(record, "turn")
    assert [turn.ref for turn in turns] == ["t1", "t2", "t3"]
    assert turns[0].title.zh == "规范开头语，询问需求"
    assert turns[0].text == "您好，演示速运，请讲。"
    assert turns[0].until_ms == turns[1].at_ms
    assert turns[1].until_ms == turns[2].at_ms
    assert turns[2].until_ms == record.ended_ms


def test_of_two_takes_the_first_is_superseded() -> None:
    takes = marked(records(whole())[0], "take")
    assert [(take.ref, take.superseded) for take in takes] == [
        ("t1", True),
        ("t1", False),
        ("t2", False),
        ("t3", False),
    ]
    assert all(take.until_ms is not None and take.until_ms - take.at_ms == 2_000 for take in takes)


def test_lines_hold_the_customers_words() -> None:
    inbound, outbound_ = records(whole())
    assert [line.ref for line in marked(inbound, "line")] == ["c1", "c1", "c2"]
    assert marked(inbound, "line")[0].text == "你好，我有个快递想换个地方收。"
    assert [line.ref for line in marked(outbound_, "line")] == ["open", "q1", "q2", "q3", "deal"]


def test_holds_troubles_look_ups_and_acts_are_marked() -> None:
    record = records(whole())[0]
    (hold,) = marked(record, "hold")
    assert hold.until_ms == hold.at_ms + 4_000
    (trouble,) = marked(record, "trouble")
    assert (trouble.ref, trouble.until_ms) == ("no_sound", trouble.at_ms + 700)
    titles = [marker.title.zh for marker in marked(record, "look_up")]
    assert titles == [
        "搜索知识库：“改地址”，2 条结果",
        "打开文章：更改派件地址的规则",
        "查询业务记录：“YD20260001”，2 条结果",
        "打开记录：YD20260001",
    ]
    article = marked(record, "look_up")[1]
    assert article.until_ms == article.at_ms + 3_000
    assert [marker.title.zh for marker in marked(record, "act")] == [
        "核对后四位：YD20260001：8760，不一致",
        "核对后四位：YD20260001：0098，一致",
        "修改地址：YD20260001：演示市新路 9 号",
        "转接：售后服务",
    ]


def test_ends_of_turns_say_what_ended_them() -> None:
    record = records(whole())[1]
    assert [marker.title.zh for marker in marked(record, "act")] == ["说完了（停顿）"] * 4
    assert (record.live, records(whole())[0].live) == (True, False)


def test_a_call_that_was_up_at_the_close_ended_then() -> None:
    round_ = Round()
    round_.send("open_part", part="in1")
    round_.report("in1.1", LegUp(leg="seat", connection=1))
    round_.send("answer", call="in1.1")
    assert records(round_)[0].ended_ms is None
    assert marked(records(round_)[0], "turn")[0].until_ms is None
    (record,) = records(round_, BEGAN_MS + 9_000)
    assert record.ended_ms == BEGAN_MS + 9_000
    assert all(marker.until_ms == record.ended_ms for marker in record.markers)


def test_a_pause_of_the_stage_is_marked_in_the_call_that_was_up() -> None:
    round_ = Round()
    round_.send("open_part", part="in1")
    round_.send("answer", call="in1.1")
    round_.hear("in1.1", 1)
    round_.paused_ms = 60_000
    round_.send("start_take", call="in1.1", turn="t1")
    (pause,) = marked(records(round_)[0], "pause")
    assert pause.until_ms == round_.at.utc_ms
    assert pause.at_ms == round_.at.utc_ms - 60_000


def test_no_account_of_a_role_player_stands_in_markers() -> None:
    round_ = Round(voice_paper(parts=[outbound(other_side="role_player")]))
    round_.send("dial", part="out1")
    round_.report("out1.1", RoleActed(by="person-7", act="answer"))
    round_.report("out1.1", RoleActed(by="person-7", act="hang_up"))
    (record,) = records(round_)
    assert [marker.title.zh for marker in marked(record, "act")] == ["模拟客户接听", "模拟客户挂机"]
    assert "person-7" not in record.model_dump_json()


def test_a_second_call_is_named_by_its_number() -> None:
    round_ = Round(voice_paper(parts=[outbound(dials=2)]))
    for _ in range(2):
        round_.send("dial", part="out1")
        round_.send("hang_up", call=f"out1.{len(round_.state.calls)}")
    assert [record.title.zh for record in records(round_)] == ["呼出：宽带续约", "呼出：宽带续约（第 2 次）"]


def test_markers_come_in_order_of_time_and_end_with_the_call() -> None:
    round_ = Round()
    inbound_case(round_)
    (record,) = records(round_)
    assert [marker.at_ms for marker in record.markers] == sorted(marker.at_ms for marker in record.markers)
    assert all(marker.until_ms is not None and marker.until_ms <= (record.ended_ms or 0) for marker in record.markers)


def test_turns_of_one_name_in_two_parts_are_told_apart() -> None:
    round_ = Round(voice_paper(parts=[inbound(), inbound("in2")]))
    for part in ("in1", "in2"):
        round_.send("open_part", part=part)
        round_.send("answer", call=f"{part}.1")
        round_.send("start_take", call=f"{part}.1", turn="t1")
        round_.wait(1_000)
        round_.send("hang_up", call=f"{part}.1")
    refs = [[m.ref for m in record.markers if m.kind in ("turn", "take")] for record in records(round_)]
    assert refs == [["t1", "t1"], ["in2.t1", "in2.t1"]]
    models = [line.ref for line in module.media.models(round_.content)]
    assert len(set(models)) == len(models) == 6
