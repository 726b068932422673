"""Figures to the digit, marks that nobody gets for silence, replies judged anew, the sheet and the evidence."""

from decimal import Decimal
from typing import Any

import pytest

from chat_sim import events as e
from chat_sim.content import ChatContent
from chat_sim.keyed import key_id
from chat_sim.sheet import ChatSheet
from server.core.contract import Journalled
from server.core.outcome import Outcome
from server.kpi.registry import formula
from tests.chat_sim.desk import Desk, desk_content, good_desk, raw_content

pytestmark = pytest.mark.unit


def values(found: Outcome) -> dict[str, Decimal]:
    """Measures by key."""
    return {measure.key: measure.value for measure in found.measures}


def shares(found: ChatSheet) -> dict[str, Decimal]:
    """Shares of the indicators by key."""
    return {one.key: one.share for one in found.indicators}


def test_figures_of_a_good_desk_to_the_digit() -> None:
    expected = {
        "customers": "2",
        "replied": "2",
        "accept_wait": "7500",
        "first_response": "21000",
        "avg_response": "13500",
        "avg_response_last": "13250",
        "response_rate": "1.0000",
        "reply_ratio": "0.7500",
        "session": "43500",
        "service_time": "43500",
        "customer_waits": "33000",
        "accuracy": "1.0000",
        "accuracy_facts": "1.0000",
        "wrong": "0",
        "greeting": "2",
        "waiting": "0",
        "apology": "0",
        "closing": "2",
        "forbidden": "0",
        "recommended": "1",
        "accepted": "1",
        "rating": "5.00",
        "conversion": "0.5000",
        "sales": "605.00",
        "order_value": "605.00",
        "items_per_order": "2.00",
        "concurrency": "1.5536",
        "peak": "2",
        "searches": "0",
        "canned": "0",
        "largest_insert": "0",
        "blocked": "0",
    }
    found = good_desk().outcome()
    assert {key: str(value) for key, value in values(found).items()} == expected
    assert all(formula(measure.formula).title == measure.title for measure in found.measures)


def test_figures_of_each_conversation_have_the_same_keys() -> None:
    desk = good_desk()
    of_desk = values(desk.outcome())
    a, b = ({measure.key: str(measure.value) for measure in one.measures} for one in desk.sheet().conversations)
    assert set(a) | set(b) <= set(of_desk)
    assert (a["first_response"], b["first_response"]) == ("12000", "30000")
    assert (a["reply_ratio"], b["reply_ratio"]) == ("0.6667", "1.0000")
    assert (a["session"], b["session"]) == ("46000", "41000")
    assert (a["customer_waits"], b["customer_waits"]) == ("29000", "37000")
    assert (a["conversion"], b["conversion"]) == ("1.0000", "0.0000")
    assert "order_value" not in b


def test_the_mark_is_the_mean_of_the_shares_with_the_working() -> None:
    desk = good_desk()
    assert {key: str(share) for key, share in shares(desk.sheet()).items()} == {
        "service_time": "0.6667",
        "reply_ratio": "0.5000",
        "first_response": "0.6600",
        "accuracy": "0.7500",
        "rating": "0.6667",
    }
    (mark,) = desk.outcome().marks
    assert (mark.criterion, str(mark.marks), str(mark.max_marks)) == ("indicators", "5.84", "9.00")
    lines = mark.working.zh.split("；")
    assert lines[2] == "首次响应时长 21 s（20 → 1, 120 → 0）= 0.99，× 得到服务的客户 2/3 = 0.66"
    assert lines[3] == "服务准确率 1（0.95 → 1, 0.3 → 0）= 1，× 已提出的需求 3/4 = 0.75"
    assert lines[-2:] == ["(0.6667×1 + 0.5×1 + 0.66×1 + 0.75×1 + 0.6667×1) ÷ 5 = 0.6487", "0.6487 × 9 = 5.84 分"]
    assert "First response 21 s" in mark.working.en


def test_nothing_at_all_is_no_mark() -> None:
    found = Desk().outcome()
    (mark,) = found.marks
    assert (mark.marks, mark.max_marks) == (Decimal(0), Decimal(9))
    assert "服务准确率：没有可计算的数据，计 0" in mark.working.zh
    assert values(found)["customers"] == values(found)["peak"] == 0
    assert "rating" not in values(found)
    assert Desk().sheet().not_arrived == 3


def test_a_warm_up_is_measured_and_not_marked() -> None:
    desk = good_desk()
    desk.content = desk_content(max_marks=0)
    assert desk.outcome().marks == ()
    assert values(desk.outcome()) == values(good_desk().outcome())


def lenient() -> ChatContent:
    """Customers who forgive everything."""
    raw = raw_content()
    nothing = dict.fromkeys(("nudge", "unmet", "wrong", "forbidden", "no_greeting", "no_closing", "left"), "0")
    for persona in raw["personas"]:
        persona["rating"] = nothing
    return ChatContent.model_validate(raw, strict=False)


@pytest.mark.parametrize("accepted", [True, False])
@pytest.mark.parametrize("content", [desk_content(), lenient()], ids=["strict", "lenient"])
def test_silence_earns_nothing_even_with_kind_customers(content: ChatContent, accepted: bool) -> None:
    desk = Desk(content)
    for at_ms, who in ((0, "a"), (10_000, "b"), (600_000, "c")):
        desk.asks(at_ms, who, "n1")
        if accepted:
            desk.accept(at_ms + 2_000, who)
        desk.heard(at_ms + 60_000, who, "nudge")
        desk.heard(at_ms + 120_000, who, "leaves")
        desk.settles(at_ms + 120_000, who, "n1", False)
        desk.ends(at_ms + 120_000, who, "customer", "customer_gone", 1)
    (mark,) = desk.outcome().marks
    assert mark.marks == 0
    assert set(shares(desk.sheet()).values()) == {0}
    found = values(desk.outcome())
    assert found["response_rate"] == found["accuracy"] == 0
    assert found["rating"] == 1
    assert "first_response" not in found
    assert "reply_ratio" not in found
    (line,) = desk.sheet().conversations[0].rating.working[-2:-1]
    assert line.zh == "从未得到回复，计 1 分"


def test_closing_early_makes_nobody_faster() -> None:
    early = Desk()
    early.asks(0, "a", "n1")
    early.accept(1_000, "a")
    early.says(3_000, "a", "您好，42码")
    early.settles(6_000, "a", "n1", True, 2)
    early.ends(6_500, "a")
    assert "service_time" not in values(early.outcome())
    assert values(early.outcome())["session"] == 5_500
    found = shares(early.sheet())
    assert found["service_time"] == 0
    assert str(found["accuracy"]) == "0.2500"
    assert any("未问完" in line.zh for line in early.sheet().conversations[0].rating.working)


def test_quick_words_that_help_nobody_earn_nothing() -> None:
    desk = Desk()
    desk.asks(10_000, "b", "n1")
    desk.accept(11_000, "b")
    desk.says(12_000, "b", "好的亲")
    desk.settles(15_000, "b", "n1", False)
    desk.heard(15_000, "b", "closing")
    desk.ends(16_000, "b", stars=3)
    found = values(desk.outcome())
    assert [found[key] for key in ("first_response", "reply_ratio", "accuracy")] == [2_000, Decimal("0.5"), 0]
    assert "service_time" not in found
    earned = shares(desk.sheet())
    assert earned["first_response"] == earned["reply_ratio"] == earned["service_time"] == earned["accuracy"] == 0


@pytest.mark.parametrize(("last", "whole"), [("paid", True), ("declines", True), ("ready", False)])
def test_who_is_closed_before_it_has_bought_is_not_served_to_the_end(last: str, whole: bool) -> None:
    desk = Desk()
    for at_ms, need in ((0, "n1"), (10_000, "n2")):
        desk.asks(at_ms, "a", need)
        if not at_ms:
            desk.accept(1_000, "a")
        desk.says(at_ms + 4_000, "a", "您好，建议选42码，48小时内发货")
        desk.settles(at_ms + 8_000, "a", need, True)
    if last == "paid":
        desk.orders(20_000, "a", "o1", "605.00", "shoe", "sock")
        desk.pays(25_000, "a", "o1")
    desk.heard(26_000, "a", last)
    desk.ends(30_000, "a")
    assert ("service_time" in values(desk.outcome())) is whole


def test_a_conversation_that_is_open_at_the_end_is_measured_up_to_it() -> None:
    desk = good_desk()
    desk.history = [
        entry
        for entry in desk.history
        if not (isinstance(entry.event, e.ConversationEnded) and entry.event.conversation == "a")
    ]
    a = desk.sheet().conversations[0]
    assert (a.ended_ms, a.ended_by, a.rating.stars) == (None, None, 5)
    assert values(desk.outcome())["session"] == (61_000 - 5_000 + 41_000) / 2
    assert desk.sheet().concurrency[-1] == (61_000, 0)


def test_what_is_still_fresh_at_the_end_is_no_late_reply() -> None:
    desk = good_desk()
    desk.asks(62_000, "c", "n1")
    assert values(desk.outcome())["response_rate"] == 1
    desk.heard(300_000, "c", "nudge")
    assert str(values(desk.outcome())["response_rate"]) == "0.8571"


def test_wrong_facts_and_forbidden_words_cost_what_the_customer_says() -> None:
    desk = Desk()
    desk.asks(10_000, "b", "n1")
    desk.accept(11_000, "b")
    desk.says(12_000, "b", "完全防水，随便你")
    desk.heard(15_000, "b", "corrected", need="n1")
    desk.says(20_000, "b", "抱歉，这款不防水")
    desk.settles(23_000, "b", "n1", True, 4)
    desk.ends(24_000, "b", stars=2)
    found = values(desk.outcome())
    assert found["wrong"] == found["forbidden"] == found["apology"] == found["accuracy"] == 1
    (own,) = desk.sheet().conversations
    # 5 − 1 (wrong) − 1.5 (forbidden) − 0.5 (no greeting) − 0.5 (no closing) = 1.5, rounded half up.
    assert (str(own.rating.exact), own.rating.stars) == ("1.5", 2)
    (need,) = own.needs
    assert (need.met, need.by) == (True, 4)
    assert [(fact.id, fact.said, fact.by) for fact in need.facts] == [("f", "right", 4), ("w", "right", 2)]
    assert own.messages[1].verdicts == {"n1": "wrong"}
    assert own.messages[1].forbidden == ("随便你",)


def corrected() -> ChatContent:
    """The key takes 43 for right, too."""
    raw = raw_content()
    raw["personas"][0]["needs"][0]["facts"][0]["accept"] = ["42", "43"]
    return ChatContent.model_validate(raw, strict=False)


def other_size() -> Desk:
    """Who says 43 is not understood at the time, and given up."""
    desk = Desk()
    desk.asks(0, "a", "n1")
    desk.accept(1_000, "a")
    desk.says(2_000, "a", "您好，穿43码的")
    desk.heard(6_000, "a", "reminder", need="n1")
    desk.settles(9_000, "a", "n1", False)
    desk.asks(9_000, "a", "n2")
    return desk


def test_a_corrected_key_judges_every_reply_anew() -> None:
    desk = other_size()
    assert values(desk.outcome())["accuracy"] == 0
    found = values(desk.outcome(corrected()))
    assert str(found["accuracy"]) == str(found["accuracy_facts"]) == "0.5000"
    assert values(desk.outcome())["accuracy_facts"] == 0
    before, after = desk.sheet().conversations[0], desk.sheet(corrected()).conversations[0]
    assert before.messages[1].said_verdicts == {}
    assert after.messages[1].verdicts == {"n1": "met"}
    assert after.messages[1].said_verdicts == {"n1": before.messages[1].verdicts["n1"]}
    assert [need.met for need in after.needs] == [True, False]
    assert after.needs[0].by == 2
    assert after.rating.exact > before.rating.exact


def test_judging_anew_by_the_same_key_gives_the_same() -> None:
    desk, again = good_desk(), good_desk()
    again.history = [
        Journalled(entry.seq, entry.at_ms, entry.stage_ms, entry.event.model_copy(update={"key": ""}))
        if isinstance(entry.event, e.AgentSaid)
        else entry
        for entry in again.history
    ]
    assert again.history != desk.history
    assert again.outcome() == desk.outcome()


def test_a_key_has_an_id_of_its_own() -> None:
    one, same, other = desk_content(), desk_content(), corrected()
    (a, b, _) = one.personas
    assert key_id(one, a) == key_id(same, a) != key_id(one, b)
    assert key_id(other, a) != key_id(one, a)
    assert key_id(other, b) == key_id(one, b)
    assert key_id(desk_content(forbidden=[]), b) != key_id(one, b)


def test_the_same_key_gives_what_was_journalled() -> None:
    sheet = good_desk().sheet()
    for own in sheet.conversations:
        assert own.rating.stars == 5
        assert all(message.said_verdicts == {} for message in own.messages)
    assert [(need.met, need.by) for need in sheet.conversations[0].needs] == [(True, 3), (True, 5)]


def test_a_silence_is_as_it_was_journalled() -> None:
    raw = raw_content()
    raw["personas"][1]["needs"].append(
        {"id": "q", "kind": "silence", "title": "沉默", "reference": "", "silent_ms": 30_000}
    )
    for met in (True, False):
        desk = Desk(ChatContent.model_validate(raw, strict=False))
        desk.asks(10_000, "b", "n1")
        desk.accept(11_000, "b")
        desk.says(12_000, "b", "您好，这款不防水")
        desk.settles(13_000, "b", "n1", True, 2)
        desk.open["b"]["q"] = []
        desk.settles(43_000, "b", "q", met, 2 if met else None)
        assert values(desk.outcome())["accuracy"] == (1 if met else Decimal("0.5"))
        assert desk.sheet().conversations[0].needs[1].met is met


def test_the_sheet_tells_the_whole_desk() -> None:
    desk = good_desk()
    desk.add(e.Shown(stage_ms=62_000, conversations=("b",)))
    desk.add(e.Searched(stage_ms=62_100, query="发货", hits=("a1",)))
    desk.add(e.ArticleOpened(stage_ms=62_200, article="a1"))
    desk.add(e.ProductOpened(stage_ms=62_300, product="p-bag"))
    desk.add(e.ProductOpened(stage_ms=62_400, product=None))
    order = e.OrderSet.model_validate(
        {
            "stage_ms": 62_500,
            "conversation": "a",
            "lines": [{"sku": "shoe", "quantity": 1}, {"sku": "bag", "quantity": 1}],
            "coupon": "",
            "rev": 1,
        }
    )
    desk.add(order)
    desk.add(order.model_copy(update={"stage_ms": 62_600, "coupon": "NONE"}))
    typed: dict[str, Any] = {"item": "b", "field": "reply", "rev": 1}
    desk.add(e.FieldSaved(stage_ms=62_700, text="正在", **typed))
    desk.add(e.FieldSaved(stage_ms=62_800, text="正在输入", largest_insert=2, **typed))
    desk.add(e.FieldSaved(stage_ms=62_900, item="b", field="note", text="老客户", rev=1))
    desk.add(e.InputWasBlocked(stage_ms=63_000, item="b", field="reply", kind="paste", length=9))
    sheet = desk.sheet()
    assert (sheet.shop, sheet.nickname, sheet.net_ms, sheet.not_arrived) == ("演示户外店", "小山", 63_000, 1)
    assert [(act.act, act.conversation, act.text) for act in sheet.acts if act.at_ms > 51_000] == [
        ("end", "b", "已解决"),
        ("show", "b", ""),
        ("search", "b", "发货"),
        ("article", "b", "发货说明"),
        ("product", "b", "腰包"),
        ("product", "b", ""),
        ("order", "a", "合计 718.00"),
        ("order", "a", "没有优惠券 NONE，请核对后重新填写，或清空"),
        ("typed", "b", "正在"),
        ("typed", "b", "正在输入"),
        ("note", "b", "老客户"),
        ("blocked", "b", "paste"),
    ]
    a, b = sheet.conversations
    assert b.note == "老客户"
    assert [message.n for message in a.messages] == sorted(message.n for message in a.messages)
    (sold,) = a.orders
    assert (sold.status, sold.paid_ms, str(sold.quote.total)) == ("paid", 45_000, "605.00")
    assert [step.title.zh for step in sold.quote.steps] == ["商品金额", "满599减50", "运费"]
    (suggestion,) = a.suggestions
    assert (suggestion.name, suggestion.accepted) == ("羊毛袜", True)
    assert len(a.rounds) == 4
    assert values(desk.outcome())["largest_insert"] == 2
    desk.add(e.Searched(stage_ms=64_000, query="", hits=()))
    assert values(desk.outcome())["searches"] == 1, "a search that is cleared is none"


def test_orders_that_came_to_nothing() -> None:
    desk = Desk()
    desk.asks(0, "a", "n1")
    desk.accept(1_000, "a")
    for number, cause in enumerate(("cancelled", "wrong_items", "closed")):
        desk.orders(2_000 + number, "a", f"o{number}", "569.00", "shoe")
        raw = {"stage_ms": 3_000 + number, "conversation": "a", "order": f"o{number}", "cause": cause}
        desk.add(e.OrderEnded.model_validate(raw))
    desk.orders(4_000, "a", "o3", "569.00", "shoe")
    (own,) = desk.sheet().conversations
    assert [order.status for order in own.orders] == ["cancelled", "refused", "closed", "sent"]
    assert values(desk.outcome())["sales"] == 0
    assert [act.text for act in desk.sheet().acts if act.act == "order"] == ["撤回订单 o0"]


def test_evidence_points_to_events_and_criteria_that_exist() -> None:
    desk = good_desk()
    found = desk.outcome()
    seqs = {str(entry.seq): entry.event for entry in desk.history}
    assert {pointer.criterion for pointer in found.evidence} == {"wording", "knowledge", "closing", "indicators"}
    assert all(pointer.ref in seqs for pointer in found.evidence)
    paid = [seqs[pointer.ref] for pointer in found.evidence if pointer.criterion == "closing"]
    assert any(isinstance(event, e.OrderPaid) for event in paid)
    assert found.policy["marks"] == "partly"


def test_an_outcome_is_the_same_twice_and_json() -> None:
    found = good_desk().outcome()
    assert good_desk().outcome() == found
    assert Outcome.model_validate_json(found.model_dump_json(by_alias=True)) == found
    assert ChatSheet.model_validate(found.sheet).model_dump(mode="json", by_alias=True) == found.sheet


def test_customers_that_the_content_does_not_have_are_passed_over() -> None:
    raw = raw_content()
    raw["personas"] = raw["personas"][1:]
    found = good_desk().outcome(ChatContent.model_validate(raw, strict=False))
    assert values(found)["customers"] == 1
