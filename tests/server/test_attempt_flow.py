"""A practice round from the first page to the explained score, in virtual time."""

import asyncio

import pytest

from server.attempts import orders
from server.attempts.requests import Ack
from server.core.errors import Conflict, NotFound, Problem, StageClosed, StageNotRunning, StagePaused, StaleLease
from server.core.frozen import canonical_json, sha256_hex
from server.core.phases import Phase
from server.settings import DataFolder
from server.verify import verify
from tests.support.clock import ManualClock
from tests.support.house import Trainee, house, save
from tests.support.papers import CARD

pytestmark = [pytest.mark.flow, pytest.mark.anyio]

MINUTE = 60_000


async def test_a_whole_round(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock) as services:
        trainee = await Trainee.sit_down(services, items=1)
        with pytest.raises(StageNotRunning):
            await trainee.save("name", "早了")
        with pytest.raises(Conflict):
            await trainee.send({"type": "start"})
        await trainee.start()
        await clock.advance(30_000)
        for key, text in CARD.items():
            await trainee.save(key, text)
        await clock.advance(MINUTE)
        await trainee.send({"type": "hand_in", "cause": "handed_in"})
        await services.scorer.catch_up()
        view = await services.results.outcome(trainee.who, trainee.attempt_id)
        receipt = view.attempt.receipt
        assert receipt is not None
        assert (receipt.net_ms, receipt.close_cause, receipt.late_count) == (90_000, "handed_in", 0)
        assert receipt.answers_sha256 == sha256_hex(canonical_json({"i1": CARD}))
        assert view.outcome is not None
        assert str(view.outcome.marks[0].marks) == "10.00"
        assert not view.can_repeat
        assert (await verify(services)).faults == []


async def test_the_end_comes_by_itself_and_takes_the_last_second(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock) as services:
        trainee = await Trainee.sit_down(services)
        await trainee.start()
        end_ms = clock.now_ms() + 10 * MINUTE
        await clock.advance(10 * MINUTE + 3_000)
        ack = await trainee.save("name", "欧阳雪", stamp_ms=end_ms - 200)
        assert not ack.repeated
        with pytest.raises(StageClosed):
            await trainee.save("phone", "138", stamp_ms=end_ms + 10)
        await clock.advance(4_000)
        live = await services.attempts.own(trainee.who, trainee.attempt_id)
        assert live.core.phase is Phase.CLOSED
        assert live.core.net_ms == 10 * MINUTE
        assert live.core.close_cause == "time_up"
        assert len(live.core.late_ids) == 1
        assert live.answers()["i1"]["name"] == "欧阳雪"
        with pytest.raises(StageClosed):
            await trainee.save("name", "太晚", rev=9, stamp_ms=end_ms - 100)
        kept = [event for event in await services.journal.read_stream(trainee.attempt_id) if "evidence" in event.type]
        assert len(kept) == 2


async def test_hand_in_by_the_page_at_the_end(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock) as services:
        trainee = await Trainee.sit_down(services)
        await trainee.start()
        with pytest.raises(Conflict):
            await trainee.send({"type": "hand_in", "cause": "time_up"})
        await clock.advance(10 * MINUTE)
        await trainee.send({"type": "hand_in", "cause": "time_up"})
        live = await services.attempts.own(trainee.who, trainee.attempt_id)
        assert live.core.net_ms == 10 * MINUTE


async def test_a_repeated_command_is_applied_once_even_after_a_restart(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock) as services:
        trainee = await Trainee.sit_down(services)
        await trainee.start()
        first = await trainee.save("name", "欧阳", id_="same-command")
        again = await trainee.save("name", "欧阳", id_="same-command")
        assert (again.seq, again.repeated) == (first.seq, True)
    async with house(folder, clock) as services:
        trainee.services = services
        again = await trainee.save("name", "欧阳", id_="same-command")
        assert (again.seq, again.repeated) == (first.seq, True)
        events = await services.journal.read_stream(trainee.attempt_id)
        assert sum(event.type == "typing_test.field_saved" for event in events) == 1


async def test_out_of_order_saves_never_undo_newer_text(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock) as services:
        trainee = await Trainee.sit_down(services)
        await trainee.start()
        await trainee.save("name", "欧阳雪", rev=3)
        await trainee.save("name", "欧", rev=1)
        live = await services.attempts.own(trainee.who, trainee.attempt_id)
        assert live.answers()["i1"]["name"] == "欧阳雪"


async def test_a_second_page_takes_over_and_the_first_is_refused(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock) as services:
        trainee = await Trainee.sit_down(services, page="page-0001")
        await trainee.start()
        assert await services.runner.take_lease(trainee.attempt_id, "page-0001") == trainee.epoch
        assert await services.runner.take_lease(trainee.attempt_id, "page-0002") == trainee.epoch + 1
        with pytest.raises(StaleLease):
            await trainee.save("name", "旧页面")
        standing = await trainee.standing()
        assert len(standing.core.stale_ids) == 1
        assert standing.answers()["i1"]["name"] == ""


async def test_what_a_stale_page_kept_counts_once_it_has_taken_over(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock) as services:
        trainee = await Trainee.sit_down(services, page="page-0001")
        await trainee.start()
        await services.runner.take_lease(trainee.attempt_id, "page-0002")
        for _ in range(2):
            with pytest.raises(StaleLease):
                await trainee.save("name", "欧阳雪", id_="kept-in-the-outbox")
        trainee.epoch = await services.runner.take_lease(trainee.attempt_id, "page-0003")
        ack = await trainee.save("name", "欧阳雪", id_="kept-in-the-outbox")
        assert not ack.repeated
        standing = await trainee.standing()
        assert standing.answers()["i1"]["name"] == "欧阳雪"
        assert len(standing.core.stale_ids) == 1


async def test_a_late_command_is_never_acknowledged_however_often_it_comes(
    folder: DataFolder, clock: ManualClock
) -> None:
    async with house(folder, clock) as services:
        trainee = await Trainee.sit_down(services)
        await trainee.start()
        await clock.advance(11 * MINUTE)
        for _ in range(3):
            with pytest.raises(StageClosed):
                await trainee.save("name", "太晚", id_="too-late-command")
        assert (await trainee.standing()).core.late_ids == ("too-late-command",)


async def test_a_start_that_waited_out_a_cut_costs_no_working_time(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock) as services:
        trainee = await Trainee.sit_down(services)
        await trainee.send({"type": "acknowledge_rules"})
        clicked_ms = clock.now_ms()
        await clock.advance(9 * MINUTE)
        await trainee.send({"type": "start"}, stamp_ms=clicked_ms)
        standing = await trainee.standing()
        assert standing.core.moment(clock.now_ms()).left_ms == 10 * MINUTE


async def test_a_value_that_json_cannot_hold_hurts_only_its_own_command(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock) as services:
        one, two = await Trainee.sit_down(services, "one"), await Trainee.sit_down(services, "two")
        await one.start()
        await two.start()
        await services.runner.take_lease(one.attempt_id, "page-0002")
        bad = one.send({"type": "typing_test.open_item", "item": float("nan")})
        refused, saved = await asyncio.gather(bad, two.save("name", "欧"), return_exceptions=True)
        assert isinstance(refused, Problem)
        assert isinstance(saved, Ack)


async def test_an_outage_pauses_and_costs_no_time(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock) as services:
        trainee = await Trainee.sit_down(services)
        await trainee.start()
        await clock.advance(MINUTE)
        await trainee.save("name", "欧")
    await clock.advance(5 * MINUTE)
    async with house(folder, clock) as services:
        trainee.services = services
        standing = await trainee.standing()
        assert (standing.core.phase, standing.core.pause_cause) == (Phase.PAUSED, "outage")
        with pytest.raises(StagePaused) as refused:
            await trainee.save("name", "欧阳", rev=2)
        assert refused.value.retry
        await trainee.send({"type": "resume"}, stamp_ms=0)
        await trainee.save("name", "欧阳", rev=2)
        at = (await trainee.standing()).core.moment(clock.now_ms())
        assert abs(at.stage_ms - MINUTE) <= 2_000
        await clock.advance(9 * MINUTE + 10_000)
        standing = await trainee.standing()
        assert (standing.core.phase, standing.core.net_ms) == (Phase.CLOSED, 10 * MINUTE)


async def test_a_short_restart_does_not_pause(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock) as services:
        trainee = await Trainee.sit_down(services)
        await trainee.start()
        await clock.advance(MINUTE)
    await clock.advance(6_000)
    async with house(folder, clock) as services:
        live = await services.attempts.own(trainee.who, trainee.attempt_id)
        assert live.core.phase is Phase.RUNNING


async def test_a_clock_an_hour_off_changes_no_time(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock) as services:
        trainee = await Trainee.sit_down(services)
        await trainee.start()
        await clock.advance(MINUTE)
        hour = 60 * MINUTE
        await trainee.save("name", "快", rev=1, stamp_ms=clock.now_ms() + hour)
        await trainee.save("name", "慢", rev=2, stamp_ms=clock.now_ms() - hour)
        saves = [event for event in await services.journal.read_stream(trainee.attempt_id) if "saved" in event.type]
        assert [event.at_ms for event in saves] == [clock.now_ms()] * 2
        await clock.advance(10 * MINUTE)
        with pytest.raises(StageClosed):
            await trainee.save("name", "补", rev=3, stamp_ms=clock.now_ms() - hour)


async def test_help_is_raised_and_closed(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock) as services:
        trainee = await Trainee.sit_down(services)
        await trainee.send({"type": "raise_hand"})
        assert (await trainee.standing()).core.help_since_ms == clock.now_ms()
        await services.runner.order({trainee.attempt_id: orders.close_help})
        assert (await trainee.standing()).core.help_since_ms is None


async def test_nobody_sees_somebody_elses_attempt(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock) as services:
        one = await Trainee.sit_down(services, "one")
        two = await Trainee.sit_down(services, "two")
        with pytest.raises(NotFound):
            await services.attempts.own(two.who, one.attempt_id)
        with pytest.raises(NotFound):
            await services.results.outcome(two.who, one.attempt_id)


async def test_again_offers_what_was_wrong(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock) as services:
        trainee = await Trainee.sit_down(services, items=2)
        await trainee.start()
        for key, text in CARD.items():
            await trainee.save(key, text, item="i1")
        await trainee.save("name", "错", item="i2")
        await trainee.send({"type": "hand_in", "cause": "handed_in"})
        await services.scorer.catch_up()
        live = await services.results.again(trainee.who, trainee.attempt_id)
        assert list(live.answers()) == ["i2"]
        assert live.core.phase is Phase.ARMED


async def test_a_malformed_command_is_refused_with_its_place(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock) as services:
        trainee = await Trainee.sit_down(services)
        await trainee.start()
        for command in ({}, {"type": "due"}, {"type": "nonsense"}, save("name", "x", rev=0), save("name", "长" * 1001)):
            with pytest.raises(Problem) as refused:
                await trainee.send(command)
            assert refused.value.status == 422
