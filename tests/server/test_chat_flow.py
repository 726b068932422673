"""A chat desk on a whole server: what bad input, moves, pauses and restarts do to it. Virtual time."""

from typing import Any

import pytest

from server.core.errors import Invalid, Problem, StagePaused, StaleLease
from server.settings import DataFolder
from tests.support.chat_desk import Desk
from tests.support.chat_paper import SKU, STOCK, chat_paper
from tests.support.clock import ManualClock
from tests.support.house import house

pytestmark = [pytest.mark.flow, pytest.mark.anyio]

ARRIVED_MS = 6_000
"""By then the five customers of the small paper have come."""


async def refused(desk: Desk, kind: str, **fields: Any) -> str:
    """The code that a command is refused with."""
    with pytest.raises(Problem) as refusal:
        await desk.act(kind, **fields)
    assert refusal.value.status < 500
    return refusal.value.code


# --- moves, pauses, restarts -----------------------------------------------------------------------------


async def test_another_machine_goes_on_where_the_old_one_stopped(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock) as services:
        desk = await Desk.sit_down(services)
        await clock.advance(ARRIVED_MS)
        await desk.open_all(5)
        await desk.act("show", conversations=["c1", "c2"])
        await desk.draft("c2", "亲，您好，这款")
        await desk.draft("c2", "要发票", "note")
        await desk.order("c3", (SKU, 2))
        await desk.say("c1", "您好，登机箱现在329元哦。")
        await clock.advance(20_000)
        before = await desk.state()

        epoch = await services.runner.take_lease(desk.trainee.attempt_id, "page-of-the-other-machine")
        with pytest.raises(StaleLease) as late:
            await desk.say("c1", "旧机器上的话")
        assert late.value.status == 410
        desk.trainee.epoch = epoch
        after = await desk.state()
        assert after == before
        assert after["texts"]["c2"] == {
            "reply": {"text": "亲，您好，这款", "rev": 1},
            "note": {"text": "要发票", "rev": 1},
        }
        assert [own["phase"] for own in after["live"]["conversations"]] == ["open"] * 5
        assert [own["unseen"] for own in after["live"]["conversations"]] == [0, 0, 1, 1, 1]
        form = (await desk.conversation("c3"))["form"]
        assert (form["lines"], form["rev"], form["fault"]) == ([{"sku": SKU, "quantity": 2}], 1, None)
        assert form["quote"]["total"] == "658.00"
        await desk.say("c2", "亲，您好，到杭州2-3天。")
        assert [said["text"] for said in await desk.messages("agent", "c1")] == ["您好，登机箱现在329元哦。"]


async def test_customers_come_later_by_exactly_the_pause(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock) as services:
        desk = await Desk.sit_down(services)
        paper = chat_paper()
        began_ms = clock.now_ms()
        await clock.advance(2_700)
        await desk.staff("pause")
        await clock.advance(90_000)
        assert len(await desk.events("customer_said")) == 2
        with pytest.raises(StagePaused):
            await desk.act("set_nickname", nickname="小满")
        await desk.staff("resume")
        await clock.advance(10_000)
        planned = [persona.arrives_ms for persona in paper.personas]
        held = [0 if at_ms <= 2_700 else 90_000 for at_ms in planned]
        expected = [(at_ms, began_ms + at_ms + later) for at_ms, later in zip(planned, held, strict=True)]
        assert await desk.events("customer_said") == expected


async def test_customers_resume_after_a_restart_where_they_were(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock) as services:
        desk = await Desk.sit_down(services)
        twin = await Desk.sit_down(services, name="t2")
        await clock.advance(ARRIVED_MS)
        for one in (desk, twin):
            await one.open_all(5)
            await one.say("c1", "您好，登机箱现在329元哦。")
            await one.say("c2", "您好，请稍等。")
        await clock.advance(1_000)
        await twin.staff("pause")
        state = await desk.state()
    async with house(folder, clock) as services:
        desk.trainee.services = twin.trainee.services = services
        assert await desk.state() == state
        await twin.staff("resume")
        await clock.advance(90_000)
        assert len(await desk.messages("customer")) > 8
        assert await desk.messages("customer") == await twin.messages("customer")


async def test_a_cut_of_ten_seconds_costs_nothing(folder: DataFolder, clock: ManualClock) -> None:
    typed = [("c1", "您好，登机箱现在329元哦。"), ("c2", "您好，到杭州2-3天。"), ("c1", "您放心。")]
    async with house(folder, clock) as services:
        desk, twin = await Desk.sit_down(services), await Desk.sit_down(services, name="t2")
        await clock.advance(ARRIVED_MS)
        for one in (desk, twin):
            await one.open_all(5)
        cut_ms = clock.now_ms()
        for conversation, text in typed:
            await twin.say(conversation, text)
            await clock.advance(3_000)
        await clock.advance(1_000)
        for number, (conversation, text) in enumerate(typed):
            command = {"type": "chat_sim.send", "conversation": conversation, "text": text, "rev": number + 1}
            for _ in range(2):  # the page sends again what it saw no answer to
                await desk.trainee.send(command, stamp_ms=cut_ms + 3_000 * number, id_=f"typed-{number:08d}")
        await clock.advance(20_000)
        assert [(one["conversation"], one["text"]) for one in await desk.messages("agent")] == typed
        assert (await desk.state())["messages"] == (await twin.state())["messages"]
        assert len(await desk.messages("customer", "c1")) > 1


async def test_after_the_time_nobody_says_anything_more(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock) as services:
        desk = await Desk.sit_down(services, chat_paper(duration_ms=4_000, arrives_ms=1_000, apart_ms=2_000))
        await clock.advance(60_000)
        assert [stage_ms for stage_ms, _ in await desk.events("customer_said")] == [1_000, 3_000]
        assert (await desk.trainee.standing()).core.close_cause == "time_up"


# --- messages --------------------------------------------------------------------------------------------


async def test_a_command_that_comes_twice_is_done_once(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock) as services:
        desk = await Desk.sit_down(services)
        await clock.advance(ARRIVED_MS)
        await desk.open_all(5)
        first = await desk.say("c1", "您好，登机箱现在329元哦。", "the-same-command")
        again = await desk.say("c1", "您好，登机箱现在329元哦。", "the-same-command")
        assert (again.seq, again.repeated) == (first.seq, True)
        await desk.order("c1", (SKU, 1))
        for _ in range(3):
            await desk.act("send_order", "the-same-order", conversation="c1")
        state = await desk.state()
        assert len([said for said in state["messages"] if said["by"] == "agent"]) == 2
        assert [(order["order"], order["status"]) for order in state["live"]["orders"]] == [
            (state["live"]["orders"][0]["order"], "sent")
        ]
        assert state["live"]["stock"] == {SKU: STOCK - 1}


async def test_fifty_messages_in_a_second(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock) as services:
        desk = await Desk.sit_down(services)
        await clock.advance(ARRIVED_MS)
        await desk.open_all(5)
        codes = []
        for number in range(50):
            await clock.advance(20)
            try:
                await desk.say("c1", f"第{number}条")
            except Problem as problem:
                codes.append(problem.code)
        assert codes == ["chat-too-fast"] * 30
        assert [said["text"] for said in await desk.messages("agent")] == [f"第{number}条" for number in range(20)]
        await clock.advance(10_000)
        await desk.say("c1", "慢慢来。")
        assert (await desk.messages("agent"))[-1]["text"] == "慢慢来。"


async def test_a_message_of_ten_thousand_characters_is_refused_and_the_draft_stays(
    folder: DataFolder, clock: ManualClock
) -> None:
    async with house(folder, clock) as services:
        desk = await Desk.sit_down(services)
        await clock.advance(ARRIVED_MS)
        await desk.open_all(5)
        await desk.draft("c1", "长" * 2_000)
        assert await refused(desk, "send", conversation="c1", text="长" * 10_000, rev=2) == "chat-message-too-long"
        with pytest.raises(Invalid):
            await desk.act("send", conversation="c1", text="长" * 20_001, rev=3)
        state = await desk.state()
        assert state["texts"]["c1"]["reply"]["text"] == "长" * 2_000
        assert await desk.messages("agent") == []
        await desk.say("c1", "长" * 500)
        assert len((await desk.messages("agent"))[0]["text"]) == 500


@pytest.mark.parametrize(
    ("typed", "seen"),
    [
        ("您好\x00\x1b[31m，\x7f请讲", "您好[31m，请讲"),
        ("第一行\n第二行", "第一行\n第二行"),
        ("\u202e反过来\u2066藏\u200b着\ufeff", "反过来藏着"),
        ("<img src=x onerror=alert(1)><b>粗</b>&lt;", "<img src=x onerror=alert(1)><b>粗</b>&lt;"),
        ("{{7*7}} ${x} %s '; drop table events; --", "{{7*7}} ${x} %s '; drop table events; --"),
        ("👍🏽好的🎁", "👍🏽好的🎁"),
    ],
)
async def test_text_is_text(folder: DataFolder, clock: ManualClock, typed: str, seen: str) -> None:
    async with house(folder, clock) as services:
        desk = await Desk.sit_down(services)
        await clock.advance(ARRIVED_MS)
        await desk.open_all(5)
        await desk.say("c1", typed)
        assert [said["text"] for said in await desk.messages("agent")] == [seen]


async def test_nothing_to_read_is_no_message(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock) as services:
        desk = await Desk.sit_down(services)
        await clock.advance(ARRIVED_MS)
        await desk.open_all(5)
        for blank in ("", "  \n\t　", "\x00\x07", "\u200b\u200d\ufeff"):
            assert await refused(desk, "send", conversation="c1", text=blank, rev=1) == "chat-message-blank"


async def test_messages_where_nobody_listens(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock) as services:
        desk = await Desk.sit_down(services)
        assert await refused(desk, "send", conversation="c1", text="您好") == "chat-no-such-conversation"
        await clock.advance(ARRIVED_MS)
        assert await refused(desk, "accept", conversation="c1") == "chat-no-nickname"
        await desk.act("set_nickname", nickname="小满")
        assert await refused(desk, "send", conversation="c1", text="您好") == "chat-not-accepted"
        await desk.act("accept", conversation="c1")
        for unknown in ("c99", "p1", "", "../c1"):
            assert await refused(desk, "send", conversation=unknown, text="您好") == "chat-no-such-conversation"
        await desk.draft("c1", "还没说完")
        await desk.act("close", conversation="c1", reason="unsolved", remark="")
        assert await refused(desk, "send", conversation="c1", text="您好", rev=2) == "chat-conversation-over"
        assert await refused(desk, "send_product", conversation="c1", product="case") == "chat-conversation-over"
        assert await refused(desk, "send_order", conversation="c1") == "chat-conversation-over"
        assert await refused(desk, "close", conversation="c1", reason="solved") == "chat-conversation-over"
        assert (await desk.state())["texts"]["c1"]["reply"]["text"] == "还没说完"
        await clock.advance(120_000)
        assert len(await desk.messages("customer", "c1")) == 1


# --- orders ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line", [(SKU, -1), (SKU, 0), (SKU, 6), (SKU, STOCK + 1), (SKU, 2**31), ("no-such-sku", 1), ("", 1)]
)
async def test_a_faulty_order_is_kept_and_not_sent(
    folder: DataFolder, clock: ManualClock, line: tuple[str, int]
) -> None:
    async with house(folder, clock) as services:
        desk = await Desk.sit_down(services)
        await clock.advance(ARRIVED_MS)
        await desk.open_all(5)
        await desk.order("c1", ("tag-1", 1), line)
        form = (await desk.conversation("c1"))["form"]
        assert form["lines"][1] == {"sku": line[0], "quantity": line[1]}
        assert form["fault"]["zh-CN"]
        assert form["quote"] is None
        assert await refused(desk, "send_order", conversation="c1") == "chat-order-faulty"
        state = await desk.state()
        assert (state["live"]["orders"], state["live"]["stock"]) == ([], {})
        assert (await desk.conversation("c1"))["form"] == form


async def test_stock_is_taken_when_an_order_is_sent_and_comes_back(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock) as services:
        desk = await Desk.sit_down(services)
        await clock.advance(ARRIVED_MS)
        await desk.open_all(5)
        await desk.order("c3", (SKU, 2))
        await desk.act("send_order", conversation="c3")
        await desk.order("c4", (SKU, 2))
        assert (await desk.conversation("c4"))["form"]["fault"]["zh-CN"]
        assert await refused(desk, "send_order", conversation="c4") == "chat-order-faulty"
        assert await refused(desk, "send_order", conversation="c3") in ("chat-order-waiting", "chat-order-faulty")
        order = (await desk.state())["live"]["orders"][0]["order"]
        await desk.act("cancel_order", order=order)
        assert await refused(desk, "cancel_order", order=order) == "chat-order-not-open"
        await desk.act("send_order", conversation="c4")
        state = await desk.state()
        assert [own["status"] for own in state["live"]["orders"]] == ["cancelled", "sent"]
        assert state["live"]["stock"] == {SKU: STOCK - 2}


async def test_a_late_save_of_an_older_form_or_text_changes_nothing(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock) as services:
        desk = await Desk.sit_down(services)
        await clock.advance(ARRIVED_MS)
        await desk.open_all(5)
        newer = [{"sku": SKU, "quantity": 1}]
        await desk.act("set_order", conversation="c1", lines=newer, coupon="", rev=5)
        await desk.act("set_order", conversation="c1", lines=[], coupon="", rev=4)
        assert (await desk.conversation("c1"))["form"]["lines"] == newer
        await desk.act("send", conversation="c1", text="您好，登机箱现在329元哦。", rev=7)
        await desk.act("save_field", item="c1", field="reply", text="您好，登机箱", rev=6)
        state = await desk.state()
        assert state["texts"].get("c1", {}).get("reply", {"text": ""})["text"] == ""
