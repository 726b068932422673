"""How customers of chat_sim buy: which order is paid, which is refused, what comes too early or too late."""

import pytest

from tests.chat_sim.driving import Round, one, typed
from tests.support.chats import BUYS, PATIENCE_MS, RAIN, SOCK, THINK_MS

pytestmark = pytest.mark.unit


def buyer(**more: object) -> Round:
    """A customer that is ready to buy."""
    round_ = one(RAIN, purchase=BUYS | more, suggestions=[SOCK])
    round_.wait(1_000)
    round_.say("c1", "防泼水，橡胶大底")
    round_.wait(10_000)
    assert round_.heard("a")[-1][1:] == ("ready", "那下单吧")
    return round_


def test_the_right_order_is_paid() -> None:
    round_ = buyer()
    round_.order("c1", ("shoe-42", 1), coupon="new10")
    sent_ms = round_.now_ms
    round_.wait(10_000)
    (paid,) = round_.events("order_paid")
    assert paid.stage_ms == sent_ms + 4_000
    assert round_.heard("a")[-2:] == [
        (sent_ms + 4_000, "paid", "付好了"),
        (sent_ms + 4_000 + typed("好的再见"), "closing", "好的再见"),
    ]
    assert [(order.status, str(order.total)) for order in round_.live.orders] == [("paid", "559.00")]
    assert round_.live.stock == {"shoe-42": 1}


def test_a_wrong_order_is_refused_and_another_may_follow() -> None:
    round_ = buyer()
    round_.order("c1", ("shoe-42", 2), coupon="NEW10")
    round_.wait(10_000)
    assert round_.heard("a")[-1][1:] == ("wrong_items", "东西不对")
    assert round_.events("order_ended")[0].cause == "wrong_items"
    assert round_.live.stock == {}, "its stock returned"
    round_.order("c1", ("shoe-42", 1), coupon="NEW10")
    round_.wait(10_000)
    assert [order.status for order in round_.live.orders] == ["refused", "paid"]


def test_an_order_without_the_coupon_is_refused_once() -> None:
    round_ = buyer()
    for _ in range(2):
        round_.order("c1", ("shoe-42", 1))
        round_.wait(5_000)
    assert [cause for _, cause, _ in round_.heard("a")][-3:] == ["too_dear", "paid", "closing"]


def test_beyond_the_budget_nothing_is_bought() -> None:
    round_ = buyer(budget="500")
    for _ in range(2):
        round_.order("c1", ("shoe-42", 1), coupon="NEW10")
        round_.wait(5_000)
    assert [order.status for order in round_.live.orders] == ["refused", "refused"]


def test_what_was_beyond_the_budget_is_no_excuse_for_leaving_the_coupon_out() -> None:
    round_ = buyer(budget="569")
    round_.order("c1", ("shoe-42", 1), coupon="NEW10")
    round_.send("cancel_order", order="o1")
    for lines, coupon in (((("shoe-42", 1), ("sock-1", 1)), ""), ((("shoe-42", 1),), ""), ((("shoe-42", 1),), "")):
        round_.order("c1", *lines, coupon=coupon)
        round_.wait(5_000)
    causes = [(event.cause, event.dearer) for event in round_.events("order_ended")]
    assert causes == [("cancelled", False), ("wrong_items", False), ("too_dear", True)]
    assert round_.live.orders[-1].status == "paid"
    over = buyer(budget="565")
    over.order("c1", ("shoe-42", 1))
    over.wait(5_000)
    assert over.own("a").dear
    over = buyer(budget="500", coupon="")
    for _ in range(2):
        over.order("c1", ("shoe-42", 1))
        over.wait(5_000)
    assert [(event.cause, event.dearer) for event in over.events("order_ended")] == [("too_dear", False)] * 2


def test_an_accepted_recommendation_belongs_into_the_order() -> None:
    round_ = buyer()
    round_.send("send_product", conversation="c1", product="sock")
    round_.wait(5_000)
    assert round_.own("a").taken == ("sock",)
    round_.order("c1", ("sock-1", 1), ("shoe-42", 1), coupon="NEW10")
    round_.wait(5_000)
    assert [str(order.total) for order in round_.live.orders if order.status == "paid"] == ["595.00"]


def test_a_recommendation_after_the_order_comes_too_late() -> None:
    round_ = buyer(pay_ms=20_000)
    round_.order("c1", ("shoe-42", 1), coupon="NEW10")
    round_.send("send_product", conversation="c1", product="sock")
    round_.wait(30_000)
    assert [cause for _, cause, _ in round_.heard("a")][-4:] == ["ready", "no_thanks", "paid", "closing"]


def test_an_order_before_it_is_wanted_waits_and_is_looked_at_when_it_would_be_asked_for() -> None:
    round_ = one(RAIN, purchase=BUYS)
    round_.wait(1_000)
    round_.order("c1", ("shoe-42", 1), coupon="NEW10")
    round_.wait(10_000)
    assert round_.heard("a")[-1][1] == "reminder", "it answers nothing"
    round_.say("c1", "防泼水，橡胶大底")
    said_ms = round_.now_ms
    round_.wait(10_000)
    assert [cause for _, cause, _ in round_.heard("a")] == ["ask", "reminder", "paid", "closing"]
    assert round_.events("order_paid")[0].stage_ms == said_ms + THINK_MS + typed("那下单吧")


def test_who_was_answered_badly_buys_nothing() -> None:
    round_ = one(RAIN | {"reminders": []}, purchase=BUYS)
    round_.wait(1_000)
    round_.say("c1", "都好")
    round_.wait(20_000)
    assert [cause for _, cause, _ in round_.heard("a")] == ["ask", "declines", "closing"]


def test_who_wants_an_order_waits_for_it_and_leaves() -> None:
    round_ = buyer()
    round_.wait(4 * PATIENCE_MS)
    assert [cause for _, cause, _ in round_.heard("a")][-3:] == ["nudge", "nudge", "leaves"]


def test_closing_settles_what_was_answered_and_ends_the_order() -> None:
    round_ = buyer()
    round_.order("c1", ("shoe-42", 1))
    round_.send("close", conversation="c1", reason="unsolved", remark="客户离开")
    assert round_.live.orders[0].status == "closed"
    assert round_.live.stock == {}
    assert round_.wait(500_000) == []
    again = one(RAIN)
    again.wait(1_000)
    again.say("c1", "防泼水，橡胶大底")
    again.send("close", conversation="c1", reason="solved")
    assert again.settled() == {"a.rain": True}
