"""How customers of chat_sim ask, react, wait and buy: to the message, and to the millisecond."""

import pytest

from tests.chat_sim.driving import Round, one, typed
from tests.support.chats import (
    BUYS,
    CHAT,
    PATIENCE_MS,
    PRICE,
    QUIET,
    RAIN,
    SHOP,
    SIZE,
    SOCK,
    STOCK,
    THINK_MS,
    chats,
    need,
    persona,
)

pytestmark = pytest.mark.unit

POLE = {"product": "pole", "accepts": False, "says": "登山杖有了"}


def test_it_comes_at_its_time_and_asks() -> None:
    round_ = Round()
    assert round_.wait(0) == ["customer_said"]
    assert round_.heard("a") == [(0, "ask", "脚长26厘米穿几码？")]
    round_.wait(5_000)
    assert round_.heard("b")[0] == (5_000, "ask", "包多少钱？")


def test_questions_of_a_batch_follow_by_typing_time_even_in_the_queue() -> None:
    round_ = Round()
    round_.wait(20_000)
    second = 5_000 + typed("黑色有吗？")
    assert round_.heard("b") == [(5_000, "ask", "包多少钱？"), (second, "ask", "黑色有吗？")]
    assert [state.id for state in round_.own("b").open_needs] == ["price", "stock"]


def test_a_picture_follows_the_question() -> None:
    round_ = Round()
    round_.wait(63_000)
    said = [event for event in round_.events("customer_said") if event.conversation == "c"]
    assert [(event.stage_ms, event.text, event.picture) for event in said] == [
        (60_000, "鞋开胶了！", None),
        (62_000, "", "ab" * 32),
    ]


def test_an_answer_is_followed_by_thanks_and_the_next_question() -> None:
    round_ = one(SIZE, RAIN)
    round_.wait(10_000)
    round_.say("c1", "亲，建议选42码。")
    assert round_.live_of("c1").typing_from_ms == 10_000 + THINK_MS
    round_.wait(10_000)
    thanks = 10_000 + THINK_MS + typed("明白了")
    asks = thanks + typed("能防水吗？鞋底滑不滑？")
    assert round_.heard("a")[1:] == [(thanks, "met", "明白了"), (asks, "ask", "能防水吗？鞋底滑不滑？")]
    (settled,) = round_.events("need_settled")
    assert (settled.stage_ms, settled.need, settled.met, settled.by) == (thanks, "size", True, 2)


def test_without_thanks_it_goes_straight_on() -> None:
    round_ = one(RAIN, CHAT)
    round_.wait(1_000)
    round_.say("c1", "这款防泼水，橡胶大底。")
    round_.wait(10_000)
    assert round_.heard("a")[1:] == [(1_000 + THINK_MS + typed("今天真热"), "ask", "今天真热")]
    assert round_.events("need_settled")[0].stage_ms == 1_000 + THINK_MS


def test_what_answers_nothing_is_reminded_of_and_then_given_up() -> None:
    round_ = one(RAIN)
    round_.wait(1_000)
    round_.say("c1", "我们店的东西都好")
    round_.wait(10_000)
    assert round_.heard("a")[-1] == (1_000 + THINK_MS + typed("rain还没答呢"), "reminder", "rain还没答呢")
    round_.say("c1", "真的都好")
    round_.wait(20_000)
    assert round_.settled() == {"a.rain": False}
    assert round_.heard("a")[-1][1:] == ("closing", "好的再见")


def test_half_an_answer_is_asked_for_the_rest_and_adds_up() -> None:
    round_ = one(RAIN)
    round_.wait(1_000)
    round_.say("c1", "这款防泼水")
    round_.wait(10_000)
    assert round_.heard("a")[-1][1:] == ("partly", "还有呢？")
    round_.say("c1", "橡胶大底")
    round_.wait(20_000)
    assert round_.settled() == {"a.rain": True}


def test_messages_are_taken_together_and_put_the_answer_off() -> None:
    round_ = one(RAIN)
    round_.wait(1_000)
    round_.say("c1", "这款防泼水")
    round_.wait(1_500)
    round_.say("c1", "橡胶大底")
    round_.wait(1_999)
    assert round_.events("need_settled") == []
    round_.wait(1)
    assert round_.settled() == {"a.rain": True}
    assert [cause for _, cause, _ in round_.heard("a")] == ["ask"]


def test_the_answer_is_put_off_for_20_seconds_at_most() -> None:
    round_ = one(RAIN)
    for _ in range(15):
        round_.wait(1_900)
        if round_.own("a").needs[0].reminders:
            break
        round_.say("c1", "我们店的东西都好")
    # the first message came at 1.9 s, so the last that counted came at 20.9 s
    assert round_.heard("a")[1] == (20_900 + THINK_MS + typed("rain还没答呢"), "reminder", "rain还没答呢")


def test_an_objection_is_made_once() -> None:
    round_ = one(SIZE | {"wrong": [{"id": "w", "title": "说小了", "phrases": ["选39码"]}]})
    round_.wait(1_000)
    round_.say("c1", "选39码")
    round_.wait(10_000)
    assert round_.heard("a")[-1][1:] == ("corrected", "不对吧")
    round_.say("c1", "选39码")
    round_.wait(10_000)
    assert round_.heard("a")[-1][1] == "reminder"
    round_.say("c1", "抱歉，建议选42码")
    round_.wait(10_000)
    assert round_.settled() == {"a.size": True}


def test_a_wrong_answer_without_an_objection_passes_silently_and_counts() -> None:
    round_ = one(RAIN)
    round_.wait(1_000)
    round_.say("c1", "防泼水，橡胶大底，而且完全防水")
    round_.wait(10_000)
    assert round_.settled() == {"a.rain": False}
    assert round_.heard("a")[1][1] == "closing"
    assert round_.own("a").wrong == 1


def test_of_several_questions_the_first_open_one_is_asked_again() -> None:
    round_ = one(PRICE, STOCK)
    round_.wait(2_000)
    round_.say("c1", "黑色有货")
    round_.wait(8_000)
    assert round_.settled() == {"a.stock": True}
    assert round_.heard("a")[-1][2] == "price还没答呢"
    round_.say("c1", "199元")
    round_.wait(20_000)
    assert round_.settled() == {"a.stock": True, "a.price": True}


def test_what_was_said_before_the_last_question_of_a_batch_gets_no_reminder() -> None:
    round_ = one(PRICE, STOCK)
    round_.wait(100)
    round_.say("c1", "199元")
    round_.wait(20_000)
    assert [cause for _, cause, _ in round_.heard("a")] == ["ask", "ask"]
    round_.say("c1", "有货")
    round_.wait(20_000)
    assert round_.settled() == {"a.price": True, "a.stock": True}


def test_being_asked_to_wait_lengthens_patience_once() -> None:
    round_ = one(RAIN)
    round_.wait(20_000)
    round_.say("c1", "请稍等")
    assert round_.wait(PATIENCE_MS * 3 // 2 - 1) == []
    assert round_.wait(1) == ["customer_said"]
    assert round_.heard("a")[-1] == (20_000 + PATIENCE_MS * 3 // 2, "nudge", "在吗？")
    round_.wait(10_000)
    round_.say("c1", "请稍等")
    round_.wait(PATIENCE_MS - 10_000)
    assert round_.heard("a")[-1][1:] == ("nudge", "人呢？")


def test_asking_to_wait_puts_a_reminder_off_once() -> None:
    round_ = one(RAIN)
    round_.wait(1_000)
    round_.say("c1", "我们店的东西都好")
    round_.wait(1_000)
    round_.say("c1", "请稍等")
    round_.wait(20_000)
    assert [cause for _, cause, _ in round_.heard("a")] == ["ask"]
    round_.say("c1", "我们店的东西都好")
    round_.say("c1", "请稍等")
    round_.wait(10_000)
    assert [cause for _, cause, _ in round_.heard("a")] == ["ask", "reminder"]


def test_an_answer_that_is_not_understood_gets_a_reaction_though_it_begins_with_a_greeting() -> None:
    round_ = one(RAIN)
    round_.wait(3_000)
    round_.say("c1", "您好，欢迎光临，这款鞋穿着去公园散步或者逛街都是很合适的")
    round_.wait(10_000)
    assert round_.heard("a")[-1][1:] == ("reminder", "rain还没答呢")


def test_a_greeting_at_the_beginning_is_heard_out() -> None:
    round_ = one(RAIN)
    round_.wait(3_000)
    round_.say("c1", "您好，欢迎光临")
    round_.wait(PATIENCE_MS - 1)
    assert len(round_.heard("a")) == 1
    round_.wait(1)
    assert round_.heard("a")[-1] == (3_000 + PATIENCE_MS, "nudge", "在吗？")


def test_who_is_left_waiting_nudges_and_leaves_in_the_queue_too() -> None:
    round_ = Round()
    round_.wait(200_000)
    waits = [(at_ms, cause) for at_ms, cause, _ in round_.heard("a")]
    assert waits == [
        (0, "ask"),
        (PATIENCE_MS, "nudge"),
        (2 * PATIENCE_MS, "nudge"),
        (3 * PATIENCE_MS, "leaves"),
    ]
    ended = round_.events("conversation_ended")[0]
    assert (ended.conversation, ended.by, ended.reason, ended.stars) == ("a", "customer", "customer_gone", 1)
    assert round_.settled()["a.size"] is False
    assert [state.id for state in round_.own("a").needs] == ["size"], "nothing more is put by leaving"


def test_an_answer_begins_the_patience_anew() -> None:
    round_ = one(SIZE, RAIN)
    round_.wait(PATIENCE_MS)
    round_.say("c1", "42码")
    round_.wait(10_000)
    asked_ms = round_.heard("a")[-1][0]
    round_.wait(PATIENCE_MS)
    assert round_.heard("a")[-1] == (asked_ms + PATIENCE_MS, "nudge", "在吗？")
    assert round_.own("a").nudged == 2


def test_a_forbidden_word_offends_once() -> None:
    round_ = one(RAIN)
    round_.wait(1_000)
    round_.say("c1", "随便你")
    round_.wait(10_000)
    assert round_.heard("a")[-1][1:] == ("offended", "怎么这样说话")
    round_.say("c1", "随便你，防泼水，橡胶大底")
    round_.wait(10_000)
    assert [cause for _, cause, _ in round_.heard("a")] == ["ask", "offended", "closing"]
    assert round_.own("a").forbidden == 2


def test_recommendations_are_accepted_declined_and_thanked_for_once() -> None:
    round_ = one(RAIN, CHAT, purchase=BUYS, suggestions=[SOCK])
    round_.wait(1_000)
    round_.send("send_product", conversation="c1", product="sock")
    round_.wait(10_000)
    assert round_.heard("a")[-1] == (1_000 + THINK_MS + typed("袜子也要"), "suggestion", "袜子也要")
    assert round_.own("a").taken == ("sock",)
    round_.send("send_product", conversation="c1", product="pole")
    round_.wait(10_000)
    assert round_.heard("a")[-1][1:] == ("no_thanks", "这个不用了")
    round_.send("send_product", conversation="c1", product="shoe")
    round_.wait(10_000)
    assert [cause for _, cause, _ in round_.heard("a")] == ["ask", "suggestion", "no_thanks"]
    assert [event.suggested for event in round_.events("agent_said")] == [("sock",), ("pole",), ()]


def test_a_recommendation_that_gets_no_answer_is_in_nobodys_way() -> None:
    sku = {"name": "标准", "stock": 9}
    pole = SHOP["products"][2]
    goods = [{**pole, "id": f"x{n}", "name": f"水壶{n}号", "skus": [{**sku, "id": f"x{n}-1"}]} for n in (1, 2)]
    buyer = persona("a", 0, RAIN, CHAT, suggestions=[SOCK])
    round_ = Round(chats(buyer, shop={**SHOP, "products": [*SHOP["products"], *goods]}))
    round_.wait(1_000)
    round_.begin("c1")
    for product in ("x1", "x2", "sock"):
        round_.send("send_product", conversation="c1", product=product)
        round_.wait(9_000)
    assert [cause for _, cause, _ in round_.heard("a")] == ["ask", "no_thanks", "suggestion"]
    assert round_.own("a").taken == ("sock",)


def test_of_two_recommendations_in_one_message_the_other_can_be_made_again() -> None:
    pole = {**POLE, "accepts": True, "says": "登山杖也要"}
    round_ = one(RAIN, CHAT, suggestions=[SOCK, pole])
    round_.wait(1_000)
    round_.say("c1", "推荐您搭配羊毛袜和登山杖")
    round_.wait(9_000)
    assert round_.own("a").taken == ("sock",)
    round_.send("send_product", conversation="c1", product="pole")
    round_.wait(9_000)
    assert round_.own("a").taken == ("sock", "pole")


def test_what_it_asks_about_is_no_recommendation() -> None:
    round_ = one(RAIN | {"products": ["sock"]}, CHAT, suggestions=[SOCK])
    round_.wait(1_000)
    round_.say("c1", "羊毛袜防泼水，橡胶大底")
    assert round_.events("agent_said")[0].suggested == ()


def test_a_product_that_a_message_names_is_recommended() -> None:
    round_ = one(RAIN, CHAT, suggestions=[POLE])
    round_.wait(1_000)
    round_.say("c1", "防泼水，橡胶大底，搭配登山杖更省力")
    round_.wait(20_000)
    assert [cause for _, cause, _ in round_.heard("a")] == ["ask", "suggestion", "ask"]
    assert round_.own("a").taken == ()


def test_silence_is_broken_by_a_follow_up_of_the_agent_after_15_seconds() -> None:
    round_ = one(RAIN, QUIET, CHAT)
    round_.wait(1_000)
    round_.say("c1", "防泼水，橡胶大底")
    round_.wait(4_000)
    assert round_.own("a").open_needs[0].id == "quiet"
    round_.say("c1", "您还在吗")
    round_.wait(10_000)
    assert len(round_.heard("a")) == 1, "too early: its question was 5 s ago"
    round_.say("c1", "您还在吗")
    round_.wait(10_000)
    assert round_.settled() == {"a.rain": True, "a.quiet": True}
    assert [cause for _, cause, _ in round_.heard("a")] == ["ask", "met", "ask"]


def test_silence_passes_by_itself() -> None:
    round_ = one(RAIN, QUIET, CHAT)
    round_.wait(1_000)
    round_.say("c1", "防泼水，橡胶大底")
    round_.wait(60_000)
    over = 1_000 + THINK_MS + 40_000
    assert [(event.need, event.met, event.stage_ms) for event in round_.events("need_settled")][1] == (
        "quiet",
        False,
        over,
    )
    assert round_.heard("a")[1] == (over + typed("今天真热"), "ask", "今天真热")


def test_a_complaint_wants_an_apology() -> None:
    round_ = one(need("burst", "complaint", "鞋开胶了！", {"id": "f", "title": "换新", "accept": ["换新"]},
                      reference="抱歉，换新", courtesy=["apology"]))  # fmt: skip
    round_.wait(1_000)
    round_.say("c1", "给您换新")
    round_.wait(10_000)
    assert round_.heard("a")[-1][1] == "reminder"
    round_.say("c1", "非常抱歉")
    round_.wait(10_000)
    assert round_.settled() == {"a.burst": True}


def test_after_its_leave_it_says_nothing_more() -> None:
    round_ = one(CHAT)
    round_.wait(1_000)
    round_.say("c1", "是呀")
    round_.wait(20_000)
    assert round_.heard("a")[-1][1] == "closing"
    round_.say("c1", "随便你，再见")
    assert round_.wait(500_000) == []
    round_.send("close", conversation="c1", reason="solved")
    assert round_.events("conversation_ended")[0].stars == 3
