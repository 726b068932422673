"""The desk of chat_sim: what is accepted, what is refused with which words, what the page is told."""

import pytest

from chat_sim.module import module
from chat_sim.seat import RECENT
from server.core.phases import Moment, Phase
from tests.chat_sim.driving import Round
from tests.chat_sim.playing import whole
from tests.support.chats import chats, need, persona

pytestmark = pytest.mark.unit


def begun(*conversations: str) -> Round:
    """Everybody has come, but c."""
    round_ = Round()
    round_.wait(6_000)
    return round_.begin(*conversations)


def test_nobody_is_accepted_before_there_is_a_nickname() -> None:
    round_ = Round()
    round_.wait(0)
    assert round_.refused("accept", conversation="c1") == "no-nickname"
    assert round_.refused("set_nickname", nickname=" \u200b ") == "nickname-faulty"
    assert round_.refused("set_nickname", nickname="很" * 21) == "nickname-faulty"
    round_.send("set_nickname", nickname=" 小\u202e暖 ")
    assert round_.live.nickname == "小暖"
    round_.send("set_nickname", nickname="小暖暖")
    round_.send("accept", conversation="c1")
    round_.say("c1", "您好")
    assert round_.refused("set_nickname", nickname="别名") == "nickname-fixed"
    assert round_.send("set_nickname", nickname="小暖暖") == []


def test_the_queue_names_nobody_to_come_and_hides_what_is_known_of_them() -> None:
    round_ = Round()
    round_.wait(0)
    (waiting,) = round_.live.conversations
    assert (waiting.id, waiting.phase, waiting.file, waiting.unseen) == ("c1", "waiting", None, 1)
    assert round_.live.to_come == 2
    assert round_.refused("accept", conversation="c2") == "no-such-conversation"
    assert round_.refused("accept", conversation="a") == "no-such-conversation"
    round_.begin("c1")
    assert round_.live_of("c1").file is not None
    assert round_.send("accept", conversation="c1") == []


def test_no_more_are_open_than_the_task_allows() -> None:
    round_ = Round(chats(policy={"most_open": 1}))
    round_.wait(6_000)
    round_.begin("c1")
    assert round_.refused("accept", conversation="c2") == "desk-full"
    round_.send("close", conversation="c1", reason="unsolved")
    round_.send("accept", conversation="c2")


def test_messages_go_to_open_conversations_only() -> None:
    round_ = begun("c1")
    for kind, values in (
        ("send", {"text": "您好"}),
        ("send_product", {"product": "sock"}),
        ("set_order", {"lines": [], "rev": 1}),
        ("send_order", {}),
        ("close", {"reason": "solved"}),
    ):
        assert round_.refused(kind, conversation="c2", **values) == "not-accepted"
        assert round_.refused(kind, conversation="zz", **values) == "no-such-conversation"
    round_.send("close", conversation="c1", reason="solved", remark="问完\x00了")
    assert round_.refused("send", conversation="c1", text="您好") == "conversation-over"
    assert round_.refused("accept", conversation="c1") == "conversation-over"
    assert round_.own("a").remark == "问完了"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "message-blank"),
        (" \n\t\u200b\u200d ", "message-blank"),
        ("字" * 501, "message-too-long"),
        ("字" * 10_000, "message-too-long"),
    ],
)
def test_what_can_not_be_sent_is_refused_and_the_text_stays(text: str, code: str) -> None:
    round_ = begun("c1")
    round_.send("save_field", item="c1", field="reply", text="草稿", rev=4)
    assert round_.refused("send", conversation="c1", text=text, rev=5) == code
    assert module.seat_state(round_.content, round_.state).texts["c1"]["reply"].text == "草稿"


@pytest.mark.parametrize("saved", [4, 6])
def test_a_message_empties_its_box_and_an_older_save_comes_too_late(saved: int) -> None:
    round_ = begun("c1")
    round_.send("save_field", item="c1", field="reply", text="您好", rev=saved, composing=True, largest_insert=2)
    round_.say("c1", "您好", rev=6)
    assert round_.send("save_field", item="c1", field="reply", text="您", rev=5) == []
    held = module.seat_state(round_.content, round_.state).texts["c1"]["reply"]
    assert (held.text, held.rev) == ("", 6)
    assert round_.refused("save_field", item="zz", field="note", text="x", rev=1) == "no-such-conversation"


def test_markup_and_emoji_are_text_and_control_characters_vanish() -> None:
    round_ = begun("c1")
    round_.say("c1", "<b>您好</b>\x07\u202e 👨‍👩‍👧\r\n第二行\u200b")
    assert round_.live.recent[-1].text == "<b>您好</b> 👨‍👩‍👧\n第二行"


def test_more_than_twenty_messages_in_ten_seconds_are_refused() -> None:
    round_ = begun("c1")
    for number in range(20):
        round_.say("c1", f"您好{number}")
    assert round_.refused("send", conversation="c1", text="您好") == "too-fast"
    assert round_.refused("send_product", conversation="c1", product="sock") == "too-fast"
    round_.wait(10_000)
    round_.say("c1", "您好")


def test_orders_count_as_messages() -> None:
    round_ = begun("c1")
    lines = [{"sku": "shoe-42", "quantity": 1}]
    for number in range(1, 21):
        round_.send("set_order", conversation="c1", lines=lines, rev=number)
        round_.send("send_order", conversation="c1")
        round_.send("cancel_order", order=f"o{number}")
    round_.send("set_order", conversation="c1", lines=lines, rev=21)
    assert round_.refused("send_order", conversation="c1") == "too-fast"
    assert round_.live_of("c1").form.rev == 21


def test_canned_phrases_and_products_must_exist() -> None:
    round_ = begun("c1")
    round_.say("c1", "您好，欢迎光临！", canned="hi")
    assert round_.refused("send", conversation="c1", text="您好", canned="zz") == "no-such-canned"
    assert round_.refused("send_product", conversation="c1", product="zz") == "no-such-product"
    assert round_.refused("open_product", id="zz") == "no-such-product"
    strict = Round(chats(policy={"canned_allowed": False}))
    strict.wait(0)
    assert strict.begin("c1").refused("send", conversation="c1", text="您好", canned="hi") == "no-such-canned"
    assert module.seat_content(strict.content).canned == ()


def test_what_came_while_nobody_looked_is_unseen() -> None:
    round_ = begun("c1", "c2")
    assert (round_.live_of("c1").unseen, round_.live_of("c2").unseen) == (1, 2)
    round_.send("show", conversations=["c2", "c2"])
    assert (round_.live_of("c1").unseen, round_.live_of("c2").unseen) == (1, 0)
    assert round_.send("show", conversations=["c2"]) == []
    assert round_.refused("show", conversations=["c2", "zz"]) == "no-such-conversation"
    round_.say("c1", "请稍等")
    assert round_.live_of("c1").unseen == 0


def test_waiting_counts_from_the_first_message_without_a_reply() -> None:
    round_ = begun("c2")
    round_.wait(40_000)
    assert round_.live_of("c2").waiting_since_ms == 5_000
    round_.say("c2", "199元")
    assert round_.live_of("c2").waiting_since_ms is None


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [{"sku": "shoe-42", "quantity": 0}],
        [{"sku": "shoe-42", "quantity": -3}],
        [{"sku": "zz", "quantity": 1}],
        [{"sku": "shoe-43", "quantity": 1}],
        [{"sku": "shoe-42", "quantity": 3}],
        [{"sku": "shoe-42", "quantity": 2**31}],
    ],
)
def test_an_order_that_can_not_be_is_refused_and_the_form_stays(lines: list[dict[str, object]]) -> None:
    round_ = begun("c1")
    round_.send("set_order", conversation="c1", lines=lines, coupon="X", rev=1)
    form = round_.live_of("c1").form
    assert [line.model_dump() for line in form.lines] == lines
    assert (form.quote is None, form.fault is None) == (True, not lines)
    assert round_.refused("send_order", conversation="c1") == "order-faulty"
    assert round_.live_of("c1").form == form
    if lines:
        assert round_.refused("calculate", lines=lines) == "order-faulty"


def test_the_form_is_priced_and_revisions_keep_order() -> None:
    round_ = begun("c1")
    lines = [{"sku": "shoe-42", "quantity": 1}, {"sku": "sock-1", "quantity": 1}]
    round_.send("set_order", conversation="c1", lines=lines, rev=2)
    assert round_.send("set_order", conversation="c1", lines=[], rev=2) == []
    quote = round_.live_of("c1").form.quote
    assert quote is not None
    assert str(quote.total) == "605.00"
    round_.send("send_order", conversation="c1")
    form = round_.live_of("c1").form
    assert (form.lines, form.rev) == ((), 2)
    assert round_.live.recent[-1].order == "o1"


def test_one_order_waits_at_a_time_and_stock_is_taken_once() -> None:
    round_ = begun("c1", "c2")
    round_.order("c1", ("shoe-42", 2))
    assert round_.live.stock == {"shoe-42": 0}
    assert round_.refused("send_order", conversation="c1") == "order-waiting"
    round_.send("set_order", conversation="c2", lines=[{"sku": "shoe-42", "quantity": 1}], rev=1)
    assert round_.refused("send_order", conversation="c2") == "order-faulty"
    assert round_.live_of("c2").form.fault is not None
    assert round_.refused("cancel_order", order="zz") == "no-such-order"
    round_.send("cancel_order", order="o1")
    assert round_.refused("cancel_order", order="o1") == "order-not-open"
    assert round_.live_of("c2").form.fault is None
    assert round_.live.stock == {}


def test_look_ups_are_logged_and_shown() -> None:
    round_ = begun("c1")
    assert round_.refused("open_article", id="a1") == "not-found-yet"
    round_.send("search", query="尺码")
    assert [hit.id for hit in round_.live.look_up.hits] == ["a1"]
    round_.send("open_article", id="a1")
    assert round_.live.look_up.article is not None
    assert round_.send("open_article", id="a1") == []
    round_.send("search", query="")
    assert round_.live.look_up.hits == ()
    round_.send("open_product", id="shoe")
    assert round_.live.look_up.product == "shoe"
    assert [event.query for event in round_.events("searched")] == ["尺码", ""]
    assert round_.refused("open_picture", n=1) == "no-such-picture"


def test_the_calculator_orders_nothing() -> None:
    round_ = begun("c1")
    round_.send("calculate", lines=[{"sku": "shoe-42", "quantity": 1}], coupon="new10", member=True)
    basket = round_.live.basket
    assert basket.quote is not None
    assert str(basket.quote.total) == "559.00"
    assert (round_.live.stock, round_.live.orders) == ({}, ())


def test_what_customers_were_due_to_do_happens_before_a_command() -> None:
    round_ = Round()
    round_.begin()
    round_.now_ms = 6_000
    assert round_.send("accept", conversation="c2") == ["customer_said"] * 2 + ["accepted"]
    assert [event.stage_ms for event in round_.events("customer_said")] == [0, 5_000, 5_500]


def test_pages_are_told_no_need_and_no_persona() -> None:
    round_ = whole()
    told = module.seat_state(round_.content, round_.state).model_dump_json() + round_.live.model_dump_json()
    told += module.seat_content(round_.content).model_dump_json()
    for secret in ("patience", "reference", "finding", "verdict", 'accept"', "演示客户", "least_met"):
        assert secret not in told
    assert {message.conversation for message in module.seat_state(round_.content, round_.state).messages} == {
        "c1",
        "c2",
        "c3",
    }


def test_what_is_live_is_small_and_counts_its_messages() -> None:
    live = whole().live
    assert len(live.recent) == RECENT
    assert live.recent[-1].n == live.messages
    assert len(live.model_dump_json()) < 10_000


def test_a_persona_without_words_never_comes() -> None:
    mute = persona("mute", 0, need("x", "product", "？", reference="x") | {"asks": []})
    round_ = Round(chats(mute, persona("b", 1_000, need("y", "product", "在吗？", reference="在的"))))
    round_.wait(2_000)
    assert [own.name for own in round_.live.conversations] == ["演示b"]
    assert module.progress(round_.content, round_.state).total == 1


def test_progress_and_receipt_count_what_was_done() -> None:
    round_ = whole()
    progress = module.progress(round_.content, round_.state)
    assert (progress.done, progress.total) == (3, 3)
    receipt = {line.title.en: line.value for line in module.receipt(round_.content, round_.state)}
    assert receipt == {
        "Customers served": "2 / 3",
        "Conversations closed": "2 / 2",
        "Messages sent": "12",
        "Orders paid": "1（¥595.00）",
    }


def test_a_moment_after_the_end_still_decides() -> None:
    round_ = begun("c1")
    at = Moment(utc_ms=1, stage_ms=10**7, left_ms=0, phase=Phase.RUNNING)
    command = module.parse_command({"type": "chat_sim.send", "conversation": "c1", "text": "您好"})
    assert type(module.decide(round_.content, round_.state, command, at)).__name__ == "ConversationOver"
