"""知识库 and 业务系统: found first, opened then, worked with at last."""

from datetime import date

import pytest

from telephony import desk, idcard, records
from tests.support.voice import ID_NUMBER, voice_paper
from tests.telephony.driving import Round

pytestmark = pytest.mark.unit

TODAY = date(2026, 3, 5)
DESK = voice_paper().desk


def opened() -> Round:
    """The first record was looked up and opened."""
    round_ = Round()
    round_.send("look_up", query="YD20260001")
    round_.send("open_record", id="r1")
    return round_


def test_an_article_is_read_only_after_it_was_found_and_opened() -> None:
    round_ = Round()
    assert round_.refused("open_article", id="a1") == "not-found-yet"
    assert round_.send("search", query="改地址") == ["knowledge_searched"]
    desk = round_.live.desk
    assert [hit.id for hit in desk.hits] == ["a1", "a3"]
    assert desk.article is None
    assert round_.send("open_article", id="a1") == ["article_opened"]
    article = round_.live.desk.article
    assert article is not None
    assert "后四位" in article.body
    assert round_.send("open_article", id="a1") == []
    assert round_.send("open_article", id=None) == ["article_opened"]
    assert round_.live.desk.article is None


def test_what_was_found_once_can_be_opened_after_another_search() -> None:
    round_ = Round()
    round_.send("search", query="改地址")
    round_.send("search", query="理赔")
    assert round_.send("open_article", id="a1") == ["article_opened"]
    round_.send("search", query="")
    assert round_.live.desk.hits == ()
    assert round_.state.desk.searches == 2


def test_a_search_names_the_call_that_was_up() -> None:
    round_ = Round()
    round_.send("open_part", part="in1")
    round_.send("search", query="理赔")
    assert round_.events("knowledge_searched")[0].call == "in1.1"


def test_near_duplicates_are_found_beside_what_was_asked_for() -> None:
    assert records.look_up("YD2026 0001", DESK.records) == ("r1", "r2")
    assert records.look_up("yd20260007", DESK.records) == ("r2", "r1")
    assert records.look_up("0001", DESK.records) == ("r1", "r3")
    assert records.look_up("142-0000-0002", DESK.records) == ("r3", "r1", "r2")
    assert records.look_up("演示客户", DESK.records) == ("r1", "r2", "r3")
    assert records.look_up("演示客户甲", DESK.records) == ("r1",)
    assert records.look_up("01", DESK.records) == ()
    assert records.look_up(" - ", DESK.records) == ()


def test_a_record_is_seen_only_after_it_was_looked_up_and_opened() -> None:
    round_ = Round()
    assert round_.refused("open_record", id="r1") == "not-found-yet"
    assert round_.refused("verify", record="r1", digits="0098") == "not-found-yet"
    round_.send("look_up", query="YD20260001")
    assert round_.state.desk.record is None
    assert round_.refused("suspend", record="r1", on=True) == "not-found-yet"
    round_.send("open_record", id="r1")
    record = round_.live.desk.record
    assert record is not None
    assert (record.number, record.verified, record.fields["状态"]) == ("YD20260001", False, "派送中")
    assert "0098" not in round_.live.model_dump_json()


def test_the_last_four_digits_are_checked_and_a_wrong_four_is_journalled() -> None:
    round_ = opened()
    round_.send("verify", record="r1", digits="8760")
    record = round_.live.desk.record
    assert record is not None
    assert not record.verified
    round_.send("verify", record="r1", digits="0098")
    record = round_.live.desk.record
    assert record is not None
    assert record.verified
    assert [event.right for event in round_.events("verified")] == [False, True]


def test_a_record_without_digits_cannot_be_checked() -> None:
    round_ = Round()
    round_.send("look_up", query="M0001")
    round_.send("open_record", id="r3")
    assert round_.refused("verify", record="r3", digits="0098") == "nothing-to-verify"


def test_what_was_done_with_a_record_is_seen_in_it() -> None:
    round_ = opened()
    assert round_.send("suspend", record="r1", on=True) == ["suspended"]
    assert round_.send("suspend", record="r1", on=True) == []
    assert round_.refused("change_address", record="r1", address="  ") == "address-missing"
    assert round_.send("change_address", record="r1", address="演示市演示路 1 号") == []
    assert round_.send("change_address", record="r1", address="演示市新路 9 号 ") == ["address_changed"]
    assert round_.send("after_sales", record="r1", remark="破损") == ["after_sales_asked"]
    record = round_.live.desk.record
    assert record is not None
    assert (record.suspended, record.address, record.after_sales) == (True, "演示市新路 9 号", True)
    round_.send("suspend", record="r1", on=False)
    record = round_.live.desk.record
    assert record is not None
    assert not record.suspended


def test_a_member_is_registered_with_a_number_that_passes_its_check() -> None:
    round_ = Round()
    member = {"part": "out1", "name": " 演示  会员 ", "id_number": ID_NUMBER, "package": "p1"}
    assert round_.send("register", **member) == ["member_registered"]
    assert round_.live.desk.members[0].name == "演示 会员"
    assert round_.refused("register", **member) == "not-registered"
    assert round_.refused("register", **(member | {"package": "p9"})) == "unknown-part"
    assert round_.refused("register", **(member | {"part": "in1"})) == "unknown-part"
    assert round_.refused("register", **(member | {"name": " "})) == "not-registered"
    assert round_.refused("register", **(member | {"id_number": "123456"})) == "not-registered"


@pytest.mark.parametrize(
    ("number", "says"),
    [
        ("11010519491231002", "17 位"),
        ("1101051949123100211", "19 位"),
        ("11010519491231002Y", "数字或 X"),
        ("1101051949X2310029", "前 17 位"),
        ("110105194913310020", "1949 年 13 月 31 日"),
        ("110105202302290025", "不是存在的日期"),
        ("110105189912310020", "不可能"),
        ("110105203001010020", "不可能"),
        ("110105194912310021", "校验位"),
    ],
)
def test_a_wrong_id_number_says_what_is_wrong(number: str, says: str) -> None:
    found = idcard.fault(number, TODAY)
    assert found is not None
    assert says in found.zh


def test_right_id_numbers_pass_in_any_writing() -> None:
    # The worked example of GB 11643 has X as its check character.
    assert idcard.check_character("11010519491231002") == "X"
    assert idcard.fault(idcard.normal("110105 1949-1231 002x"), TODAY) is None
    assert idcard.fault(idcard.normal("１１０１０５１９４９１２３１００２Ｘ"), TODAY) is None
    assert idcard.fault(ID_NUMBER, TODAY) is None


def test_every_single_wrong_digit_is_noticed() -> None:
    for place in range(17):
        for digit in "0123456789":
            wrong = ID_NUMBER[:place] + digit + ID_NUMBER[place + 1 :]
            assert (idcard.fault(wrong, TODAY) is None) == (wrong == ID_NUMBER), wrong


def test_registrations_come_to_an_end() -> None:
    round_ = Round()
    for place in range(desk.MOST_MEMBERS + 1):
        first = f"9900001990031{place:04}"
        member = {
            "part": "out1",
            "name": "演示会员",
            "id_number": first + idcard.check_character(first),
            "package": "p1",
        }
        if place < desk.MOST_MEMBERS:
            assert round_.send("register", **member) == ["member_registered"]
        else:
            assert round_.refused("register", **member) == "not-registered"
    assert len(round_.live.desk.members) == desk.MOST_MEMBERS


def test_a_desk_of_another_paper_is_never_shown_for_one_that_looks_alike() -> None:
    round_ = Round()
    round_.send("search", query="改地址")
    before = round_.live.desk
    assert round_.live.desk == before
    renamed = tuple(a.model_copy(update={"title": "另一份试卷"}) for a in round_.content.desk.articles)
    round_.content = round_.content.model_copy(
        update={"desk": round_.content.desk.model_copy(update={"articles": renamed})}
    )
    assert {hit.title for hit in round_.live.desk.hits} == {"另一份试卷"}
    assert {hit.title for hit in before.hits} != {"另一份试卷"}
