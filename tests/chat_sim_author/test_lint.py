"""The linter of chat tasks: each fault is found at its place, with words that help; good tasks have none."""

import time
from decimal import Decimal
from typing import Any

import pytest

from chat_sim.author import author
from chat_sim.content import ChatContent
from chat_sim.draft import DraftFact, DraftNeed, DraftWrong
from chat_sim.lint import check
from chat_sim.module import module
from server.core.errors import Invalid
from tests.chat_sim_author.drafting import TITLE, changed, found, invented, said, stock_need, with_needs

pytestmark = pytest.mark.unit
P = "personas.0"


def test_a_fictitious_task_has_no_fault() -> None:
    assert found(invented(6)) == []


def test_what_is_missing_of_one_customer_keeps_nobody_from_looking_at_the_others() -> None:
    draft = changed(invented(2), "personas.1.name", "")
    draft = changed(draft, f"{P}.needs.1.reference", "不太方便说")
    assert found(draft)[0] == ("personas.1.name", True)
    assert (f"{P}.needs.1.reference", True) in found(draft)


def test_every_empty_field_is_named_in_words() -> None:
    draft = author.blank(TITLE)
    texts = [fault.text.zh for fault in author.faults(draft)]
    assert f"{P}.name" in [fault.path for fault in author.faults(draft)]
    assert texts
    assert all("没有填写" in text or "至少要有一个" in text for text in texts)


@pytest.mark.parametrize(
    ("path", "value", "at", "words"),
    [
        ("shop.promotions.0.threshold", "900000", "shop.promotions.0", "从不生效"),
        ("shop.promotions.1.off", "0", "shop.promotions.1", "从不生效"),
        ("shop.promotions.0.products", ["nothing"], "shop.promotions.0.products", "没有编号为 nothing"),
        ("shop.products.1.name", "不粘炒锅", "shop.products.1.name", "名称或别名"),
        ("shop.products.0.skus.1.name", "28厘米", "shop.products.0.skus.1.name", "重复"),
        ("shop.products.0.goes_with", ["P1"], "shop.products.0.goes_with", "它自己"),
        ("shop.products.0.member_price", "500", "shop.products.0.member_price", "高于售价"),
        (f"{P}.purchase.budget", "1", f"{P}.purchase.budget", "超过预算"),
        (f"{P}.purchase.items.0.quantity", 99, f"{P}.purchase.items", "发不出去"),
        (f"{P}.purchase.items.0.sku", "nothing", f"{P}.purchase.items.0.sku", "没有编号为 nothing"),
        (f"{P}.purchase.coupon", "NOSUCH", f"{P}.purchase.coupon", "没有优惠券"),
        (f"{P}.purchase.least_met", 30, f"{P}.purchase.least_met", "只有"),
        (f"{P}.arrives_ms", 1_800_000, f"{P}.arrives_ms", "之后"),
        (f"{P}.arrives_ms", 1_790_000, f"{P}.arrives_ms", "不到 1 分钟"),
        (f"{P}.needs.0.asks", [], f"{P}.needs.0.asks", "没有填写"),
        (f"{P}.needs.1.products", ["nothing"], f"{P}.needs.1.products", "没有编号为 nothing"),
        (f"{P}.needs.1.reference", "不知道呢", f"{P}.needs.1.reference", "服务禁语"),
        ("canned.0.text", "这个不归我管", "canned.0.text", "服务禁语"),
        ("policy.most_characters", 20, f"{P}.needs.0.reference", "超过每条消息"),
        ("rubric.gap", "open", "rubric.gap", "80%"),
        ("rubric", {"gap": "rows", "rows": []}, "rubric.rows", "正好是 20%"),
        ("indicators.0.full", "2000", "indicators.0.full", "方向反了"),
    ],
)
def test_each_fault_is_found_at_its_place(path: str, value: Any, at: str, words: str) -> None:
    draft = changed(invented(), path, value)
    assert words in said(draft, at), author.faults(draft)


def test_a_price_that_no_engine_gives_is_told_with_the_right_one() -> None:
    price = DraftNeed(
        id="N1",
        kind="price",
        title="多少钱",
        asks=("保温杯多少钱？",),
        facts=(DraftFact(id="f1", title="售价", kind="price", accept=("88",)),),
        reminders=("我问的是价格。",),
        reference="保温杯现在88元。",
        products=("P2",),
    )
    wrong = with_needs(invented(), price)
    assert "89" in said(wrong, f"{P}.needs.0.facts.0.accept")
    right = changed(wrong, f"{P}.needs.0.facts.0.accept", ["89"])
    right = changed(right, f"{P}.needs.0.reference", "保温杯现在89元。")
    assert found(right) == []
    # 159 + 89 comes to 199: what the price engine works out is right as well.
    both = changed(right, f"{P}.needs.0.products", ["P1", "P2"])
    both = changed(both, f"{P}.needs.0.facts.0.accept", ["228"])
    both = changed(both, f"{P}.needs.0.reference", "两件一起228元。")
    assert found(both) == []


def test_an_answer_must_stand_somewhere() -> None:
    assert found(with_needs(invented(), stock_need())) == []
    nowhere = stock_need().model_copy(
        update={
            "facts": (DraftFact(id="f1", title="赠品颜色", accept=("墨绿色绒布袋",)),),
            "reference": "送的是墨绿色绒布袋。",
            "articles": (),
        }
    )
    assert (f"{P}.needs.0.articles", True) in found(with_needs(invented(), nowhere))
    elsewhere = stock_need().model_copy(update={"articles": ("A3",)})
    draft = with_needs(invented(), elsewhere)
    assert found(draft) == [(f"{P}.needs.0.articles", False)]
    assert "A2" in said(draft, f"{P}.needs.0.articles")


def test_a_wording_can_not_be_right_and_wrong() -> None:
    both = stock_need().model_copy(
        update={
            "facts": (DraftFact(id="f1", title="有货", accept=("有现货",)),),
            "wrong": (DraftWrong(id="w1", title="说错", phrases=("有现货",)),),
            "reference": "有现货的。",
            "articles": (),
        }
    )
    paths = [path for path, severe in found(with_needs(invented(), both)) if severe]
    assert f"{P}.needs.0.wrong.0.phrases.0" in paths


def test_questions_asked_together_must_not_spoil_one_another() -> None:
    first = stock_need().model_copy(update={"with_next": True})
    second = DraftNeed(
        id="N2",
        kind="returns",
        title="退货期限",
        asks=("几天能退？",),
        facts=(DraftFact(id="f1", title="退货期限", kind="duration", accept=("7天",)),),
        wrong=(DraftWrong(id="w1", title="说成两天", phrases=("48小时内发货",)),),
        reminders=("几天能退呢？",),
        reference="签收后7天内可以退。",
        articles=("A1",),
    )
    draft = with_needs(invented(), first, second)
    assert "退货期限" in said(draft, f"{P}.needs.0.reference")


def test_customers_whom_nobody_can_please_and_whom_silence_pleases_are_found_by_playing() -> None:
    impatient = changed(invented(), f"{P}.purchase.least_met", len(invented().personas[0].needs))
    assert found(impatient) == []
    harsh = changed(invented(), f"{P}.rating", {"start": "1"})
    assert (f"{P}.rating", False) in found(harsh)
    mild = {"nudge": "0", "unmet": "0", "no_greeting": "0", "no_closing": "0", "left": "0"}
    assert [path for path, _ in found(changed(invented(), f"{P}.rating", mild))] in ([], [f"{P}.rating"])


def test_too_many_at_once_are_told_with_the_moment() -> None:
    draft = invented(4)
    for number in range(4):
        draft = changed(draft, f"personas.{number}.arrives_ms", 1_000 * number)
    draft = changed(draft, "policy.most_open", 2)
    assert ("policy.most_open", False) in found(draft)
    assert "超过同时接待的 2 位" in said(draft, "policy.most_open")


def test_two_customers_of_one_name_are_told_apart() -> None:
    draft = invented(2)
    draft = changed(draft, "personas.1.name", draft.personas[0].name)
    assert ("personas.1.name", True) in found(draft)


def test_a_content_is_looked_through_like_its_draft() -> None:
    draft = invented(2)
    content = author.content(draft)
    assert isinstance(content, ChatContent)
    assert check(content) == module.check(content) == []
    bad = content.model_copy(
        update={
            "shop": content.shop.model_copy(
                update={"promotions": (content.shop.promotions[0].model_copy(update={"off": Decimal(0)}),)}
            )
        }
    )
    assert [fault.path for fault in check(bad)] == ["shop.promotions.0"]


def test_a_severe_fault_keeps_a_draft_from_becoming_a_content() -> None:
    draft = changed(invented(), f"{P}.purchase.budget", "1")
    with pytest.raises(Invalid) as refused:
        author.content(draft)
    assert [fault["path"] for fault in refused.value.extra["faults"]] == [f"{P}.purchase.budget"]


def test_ten_customers_are_looked_through_in_time_and_again_at_once() -> None:
    draft = invented(10, seed=91)
    begun = time.process_time()
    author.faults(draft)
    first = time.process_time() - begun
    begun = time.process_time()
    author.faults(changed(draft, "personas.3.arrives_ms", 222_000))
    again = time.process_time() - begun
    assert first < 1.5
    assert again < 0.75
