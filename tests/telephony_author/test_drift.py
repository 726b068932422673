"""Drift between card, turns, references, articles and records; texts of our own with every kind of it."""

import pytest

from server.core.text import Text
from telephony.author import author
from telephony.draft import DraftArticle, DraftDesk, DraftRecord, TelephonyDraft
from tests.telephony_author.drafting import dialogue, doubts, invented, outbound, with_only, with_turn

pytestmark = pytest.mark.unit

HELLO = ("", "您好，演示云栖航空，请问有什么可以帮您？")
BYE = ("没有了。", "感谢您的来电，祝您生活愉快，再见。")


def found(draft: TelephonyDraft) -> list[str]:
    return [f"{path}: {text}" for path, text in doubts(draft)]


def test_the_four_drifts_of_a_dialogue_and_nothing_else() -> None:
    draft = dialogue(
        HELLO,
        (
            "我要带两个人，有三张从长沙到青岛的票要改。",
            "为您查到9点20分长沙起飞的航班，请提供乘机人姓名。",
        ),
        ("周敏，高远，票号你们都有。", "好的，还有别的乘机人吗？"),
        ("没了，那两张票就这么改。", "与您核对：周鸣，高远，5月12日10点20分从长沙起飞，对吗？"),
        BYE,
    )
    assert sorted(path for path, _ in doubts(draft)) == [
        "parts.0.turns.3.customer.text",
        "parts.0.turns.3.reference",
        "parts.0.turns.3.reference",
        "parts.0.turns.3.reference",
    ]
    texts = " ".join(text for _, text in doubts(draft))
    for words in ("10点20分", "9点20分", "两张", "三张", "5月12日", "周鸣", "周敏"):
        assert words in texts


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("{fee}元", "9876元", "9876元"),
        ("月", "月", ""),
        ("您好，{company}", "您好，演示山外快递", "演示山外快递"),
        ("{customer}", "欧{title}", "欧"),
        ("{number}", "{number_off}", "只差一两位"),
    ],
)
def test_one_value_that_is_changed_in_a_reference(before: str, after: str, words: str) -> None:
    draft = invented("inbound")
    assert doubts(draft) == []
    part = draft.parts[0]
    assert part.kind == "inbound"
    number = draft.desk.records[0].number
    facts = {
        "fee": draft.desk.articles[0].body.split("上楼费")[1].split("元")[0],
        "company": part.card.company,
        "customer": part.card.customer,
        "title": part.card.customer[1:],
        "number": number,
        "number_off": number[:-1] + str((int(number[-1]) + 5) % 10),
    }
    at = next(n for n, turn in enumerate(part.turns) if before.format(**facts) in turn.reference)
    changed = part.turns[at].reference.replace(before.format(**facts), after.format(**facts))
    told = doubts(with_turn(draft, at, reference=changed, key_points=()))
    assert bool(told) == bool(words)
    assert all(path == f"parts.0.turns.{at}.reference" for path, _ in told)
    if words:
        assert any(words in text for _, text in told)


def test_a_date_that_the_records_do_not_have() -> None:
    draft = invented("inbound")
    record = draft.desk.records[0].fields["送货日期"]
    month = record.split("月")[0]
    reference = f"您的商品原定{month}月31日送货，请问您想改到哪一天？"
    told = doubts(with_turn(draft, 2, reference=reference, key_points=()))
    assert [path for path, _ in told] == ["parts.0.turns.2.reference"]


def test_prices_that_follow_from_others_are_right() -> None:
    draft = invented("inbound")
    fee = int(draft.desk.articles[0].body.split("上楼费")[1].split("元")[0])
    turn = draft.parts[0].turns[4]  # type: ignore[union-attr]
    for price, right in ((fee * 3, True), (fee + 1, False)):
        reference = turn.reference + f"您一共要付{price}元。"
        assert (doubts(with_turn(draft, 4, reference=reference)) == []) is right


def test_an_outdated_article_is_no_source() -> None:
    draft = invented("inbound")
    old = draft.desk.articles[0].model_copy(update={"outdated": True})
    new = DraftArticle(id="n1", title="上楼费用", body="没有电梯的楼房，每件收取上楼费77元。")
    desk = draft.desk.model_copy(update={"articles": (old, new, *draft.desk.articles[1:])})
    told = doubts(draft.model_copy(update={"desk": desk}))
    assert [path for path, _ in told] == ["parts.0.turns.4.reference"]


def test_another_title_than_that_of_the_card() -> None:
    told = found(dialogue(HELLO, ("我想改签。", "孙女士，请您提供票号。"), BYE))
    assert len(told) == 1
    assert "称呼前后不一致" in told[0]


def test_last_four_digits_must_be_those_of_a_record() -> None:
    draft = invented("inbound")
    verify = draft.desk.records[0].verify
    wrong = verify[:3] + str((int(verify[3]) + 1) % 10)
    told = doubts(with_turn(draft, 2, customer=f"后四位是{wrong}。"))
    assert [path for path, _ in told] == ["parts.0.turns.2.customer.text"]
    assert wrong in told[0][1]


def test_a_weekday_that_is_not_that_of_the_date() -> None:
    assert found(dialogue(HELLO, BYE, date="2026年11月3日 星期二")) == []
    told = found(dialogue(HELLO, BYE, date="2026年11月3日（星期三）"))
    assert len(told) == 1
    assert "星期二" in told[0]


@pytest.mark.parametrize(
    "reference",
    [
        "请稍等1分钟，马上为您查询。",
        "好的，方便的话请说一下，安排专人联系您。",
        "您的票改到16点30分长沙起飞的航班。",
    ],
)
def test_words_that_only_look_like_values_or_names(reference: str) -> None:
    draft = dialogue(HELLO, ("票号你们有。", "查到9点20分长沙起飞的航班，方案如下。"), ("行。", reference), BYE)
    assert doubts(draft) == []


def test_a_persona_and_a_reference_that_are_not_of_the_card() -> None:
    draft = invented("outbound")
    part = outbound(draft)
    card = part.card.model_copy(update={"customer": "梁丽丽女士", "company": "演示东方健身会所"})
    persona = part.persona.model_copy(update={"name": "梁丽丽女士"})
    reference = {
        "opening": "您好，请问是梁方丽女士吗？我是韵动健身网的客服。",
        "ending": "感谢您的接听，再见。",
        "product": "我们有" + "、".join(package.name for package in part.packages) + "，每月999元。",
    }
    update = {"card": card, "persona": persona, "reference": reference, "key_points": ()}
    told = found(with_only(part.model_copy(update=update)))
    assert any("梁方丽" in one for one in told)
    assert any("韵动健身网" in one for one in told)
    assert any("999元" in one for one in told)
    other = with_only(part.model_copy(update={"persona": persona}))
    assert any(one.startswith("parts.0.persona.name") for one in found(other))


def test_a_product_that_is_misspelt() -> None:
    part = outbound(invented("outbound"))
    name = part.packages[0].name
    reference = {**part.reference, "closing": f"给您登记{name[0]}心{name[2:]}，好吗？"}
    told = found(with_only(part.model_copy(update={"reference": reference, "key_points": ()})))
    assert any("parts.0.reference.closing" in one and name in one for one in told)


def test_records_are_sources_by_their_fields() -> None:
    draft = dialogue(HELLO, ("票号是你们发的。", "查到您的票价是1280元。"), BYE)
    assert doubts(draft) == []
    record = DraftRecord(id="r1", number="T20260001", customer="孙先生", fields={"票价": "1380元"})
    told = doubts(draft.model_copy(update={"desk": DraftDesk(records=(record,))}))
    assert [path for path, _ in told] == ["parts.0.turns.1.reference"]
    same = record.model_copy(update={"fields": {"票价": "1280元"}})
    assert doubts(draft.model_copy(update={"desk": DraftDesk(records=(same,))})) == []


def test_every_fault_says_it_in_english_too() -> None:
    draft = dialogue(("我姓孙，三张票。", "你这那两张票13月40日，12345678。"))
    texts: list[Text] = [fault.text for fault in author.faults(draft)]
    assert texts
    assert all(text.en for text in texts)
