"""The counter of FAQ: questions with answers, those that repeat others not counted."""

import pytest

from telephony import faq
from tests.telephony.driving import Round

pytestmark = pytest.mark.unit


def asked(*pairs: tuple[str, str]) -> Round:
    """These pairs were written, one after another."""
    round_ = Round()
    for n, (question, answer) in enumerate(pairs, start=1):
        round_.send("save_field", item="out1", field=f"faq:{n}:q", text=question, rev=1)
        round_.send("save_field", item="out1", field=f"faq:{n}:a", text=answer, rev=1)
    return round_


def test_only_whole_pairs_count() -> None:
    round_ = asked(("多少钱？", "七百二。"), ("多久装好？", " "), ("", "一天。"))
    assert round_.live.faq == {"out1": 1}
    assert round_.live.duplicates == {"out1": ()}


def test_the_same_question_in_other_dress_is_flagged() -> None:
    round_ = asked(
        ("请问宽带多少钱一年？", "七百二。"),
        ("宽带多少钱一年呢", "七百二。"),
        ("你们的宽带，多少钱一年？？", "七百二。"),
        ("宽带多少钱一月？", "六十。"),
    )
    assert round_.live.duplicates == {"out1": (2, 3)}
    assert round_.live.faq == {"out1": 2}


def test_long_questions_that_differ_in_a_character_are_flagged() -> None:
    first = "如果合约还没有到期就搬家了宽带可以移机并且保留原来的价格吗"
    second = "如果合约还没有到期就搬家了宽带能够移机并且保留原来的价格吗"
    round_ = asked((first, "可以。"), (second, "可以。"))
    assert round_.live.duplicates == {"out1": (2,)}


def test_long_questions_that_differ_in_a_number_ask_about_different_things() -> None:
    asks = "老客户续约{}套餐以后原来的手机号码和家里的固定电话还能不能继续一起使用"
    round_ = asked(*((asks.format(size), "能。") for size in ("300兆", "500兆", "三百兆", "五百兆", "500兆")))
    assert round_.live.duplicates == {"out1": (5,)}
    assert round_.live.faq == {"out1": 4}


def test_a_question_of_filling_words_is_compared_as_it_stands() -> None:
    assert faq.normal("可以吗？") == "可以吗"
    assert faq.normal("Wi-Fi 6 怎么样？") == faq.normal("ｗｉｆｉ６怎么样")


def test_fields_beyond_the_paper_s_number_are_unknown() -> None:
    round_ = Round()
    assert round_.refused("save_field", item="out1", field="faq:7:q", text="x", rev=1) == "unknown-part"
    assert round_.refused("save_field", item="out1", field="faq:0:q", text="x", rev=1) == "unknown-part"


def test_a_late_save_cannot_undo() -> None:
    round_ = Round()
    round_.send("save_field", item="out1", field="script:opening", text="新", rev=2)
    assert round_.send("save_field", item="out1", field="script:opening", text="旧", rev=1) == []
    assert round_.state.text("out1", "script:opening") == "新"


@pytest.mark.parametrize(
    ("item", "field"),
    [
        ("in1", "turn:t9"),
        ("in1", "summary"),
        ("su1", "turn:t1"),
        ("out1", "script:other"),
        ("re1", "summary"),
        ("zz", "notes"),
    ],
)
def test_nothing_is_written_where_nothing_can_stand(item: str, field: str) -> None:
    assert Round().refused("save_field", item=item, field=field, text="x", rev=1) == "unknown-part"


def test_notes_can_be_taken_in_every_part() -> None:
    round_ = Round()
    for part in round_.content.parts:
        assert round_.send("save_field", item=part.id, field="notes", text="记", rev=1) == ["field_saved"]
