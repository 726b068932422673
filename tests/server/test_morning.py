"""A contest's morning in virtual time: orders, pauses, credits, an outage, and what must not happen."""

import asyncio

import pytest

from agents.lobby import WrongSeat
from agents.places import TooFewPlaces
from agents.schemas import Move, Place
from server.app import Services
from server.contests.schemas import NewAnnouncement
from server.core.access import Principal, Role
from server.core.errors import Conflict, Invalid, NotPermitted, Overtaken, StagePaused, StaleLease, StorageFailed
from server.core.phases import Phase
from server.settings import DataFolder
from server.verify import verify
from tests.support.clock import ManualClock
from tests.support.contest import Contest
from tests.support.house import house

pytestmark = [pytest.mark.flow, pytest.mark.anyio]

MINUTE = 60_000


async def test_a_whole_morning(folder: DataFolder, clock: ManualClock) -> None:
    """Two stages with a pause of the hall, a grant to one place, an outage, and a delayed second stage."""
    async with house(folder, clock) as services:
        contest = await Contest.organise(services, entrants=3, stages=2)
        await contest.order("arm")
        people = [await contest.contestant(ticket) for ticket in contest.tickets]
        for person in people:
            await person.send({"type": "acknowledge_rules"})
            with pytest.raises(Conflict):
                await person.send({"type": "start"})

        await contest.order("start", at_ms=clock.now_ms() + 2 * MINUTE)
        assert (await people[0].standing()).core.phase is Phase.ARMED
        await clock.advance(2 * MINUTE)
        cores = [(await person.standing()).core for person in people]
        assert {core.phase for core in cores} == {Phase.RUNNING}
        assert len({core.started_ms for core in cores}) == 1

        await clock.advance(3 * MINUTE)
        await people[0].save("name", "欧阳雪")
        await contest.order("pause")
        with pytest.raises(StagePaused):
            await people[0].save("name", "欧阳", rev=2)
        await clock.advance(5 * MINUTE)
        await contest.order("resume")
        await contest.order("grant", keys=[await contest.key_of("002")], ms=2 * MINUTE, reason="耳机故障")
        limits = [(await person.standing()).core.limit_ms for person in people]
        assert limits == [10 * MINUTE, 12 * MINUTE, 10 * MINUTE]
        await clock.advance(MINUTE)
    await clock.advance(4 * MINUTE)

    async with house(folder, clock) as services:
        contest.services = services
        for person in people:
            person.services = services
        cores = [(await person.standing()).core for person in people]
        assert {core.pause_cause for core in cores} == {"outage"}
        await contest.order("resume")
        at = cores[0].moment(clock.now_ms())
        assert abs(at.stage_ms - 4 * MINUTE) <= 2_000

        await contest.order("arm", stage=1)
        await clock.advance(6 * MINUTE + 10_000)
        cores = [(await person.standing()).core for person in people]
        assert [core.phase for core in cores] == [Phase.CLOSED, Phase.RUNNING, Phase.CLOSED]
        assert cores[0].net_ms == 10 * MINUTE

        await contest.order("start", stage=1)
        second = [await contest.contestant(ticket, stage=1) for ticket in contest.tickets]
        phases = [(await person.standing()).core.phase for person in second]
        assert phases == [Phase.RUNNING, Phase.ARMED, Phase.RUNNING]
        assert (await second[1].standing()).core.delayed_behind == people[1].attempt_id
        await clock.advance(2 * MINUTE)
        assert (await people[1].standing()).core.net_ms == 12 * MINUTE
        late = (await second[1].standing()).core
        assert (late.phase, late.delayed_behind, late.limit_ms) == (Phase.RUNNING, None, 10 * MINUTE)

        await clock.advance(MINUTE)
        await contest.order("hand_in", stage=1, keys=[await contest.key_of("003")])
        await contest.order("close", stage=1)
        cores = [(await person.standing()).core for person in second]
        assert {core.close_cause for core in cores} == {"forced"}
        await services.scorer.catch_up()
        assert (await verify(services)).faults == []


async def test_two_persons_and_the_order_of_their_acts(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock) as services:
        contest = await Contest.organise(services)
        with pytest.raises(Conflict):
            await contest.propose("start")
        await contest.order("arm")
        seen = await contest.seen()
        given = await contest.propose("start")
        assert (given.status, given.affected) == ("pending", 3)
        person = await contest.contestant("001")
        assert (await person.standing()).core.phase is Phase.ARMED
        chief, supervisor = contest.who(Role.CHIEF_REFEREE), contest.who(Role.SUPERVISOR)
        with pytest.raises(NotPermitted):
            await services.orders.confirm(chief, contest.contest_id, given.order_id, given.seen)
        with pytest.raises(NotPermitted):
            await services.orders.confirm(contest.who(Role.TECHNICIAN), contest.contest_id, given.order_id, given.seen)
        both = [services.orders.confirm(supervisor, contest.contest_id, given.order_id, given.seen) for _ in range(2)]
        done = await asyncio.gather(*both, return_exceptions=True)
        assert sum(isinstance(one, Overtaken) for one in done) == 1
        assert (await person.standing()).core.phase is Phase.RUNNING
        with pytest.raises(Overtaken):
            await contest.propose("close", seen=seen)
        with pytest.raises(Invalid):
            await contest.propose("grant", ms=MINUTE)
        with pytest.raises(NotPermitted):
            await services.orders.orders(await _outsider(services), contest.contest_id)
        refused = await contest.propose("close")
        withdrawn = await services.orders.withdraw(supervisor, contest.contest_id, refused.order_id)
        assert withdrawn.status == "withdrawn"
        assert (await person.standing()).core.phase is Phase.RUNNING


async def test_two_chiefs_granting_at_once_grant_once(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock) as services:
        contest = await Contest.organise(services)
        await contest.order("arm")
        await contest.order("start")
        seen = await contest.seen()
        grants = [contest.propose("grant", ms=MINUTE, reason="停电", seen=seen) for _ in range(2)]
        done = await asyncio.gather(*grants, return_exceptions=True)
        assert sum(isinstance(one, Overtaken) for one in done) == 1
        person = await contest.contestant("001")
        assert (await person.standing()).core.limit_ms == 11 * MINUTE


async def test_a_start_that_fails_to_be_written_starts_nobody(
    folder: DataFolder, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with house(folder, clock) as services:
        contest = await Contest.organise(services)
        await contest.order("arm")
        given = await contest.propose("start")

        async def fails(*_: object) -> None:
            raise StorageFailed

        supervisor = contest.who(Role.SUPERVISOR)
        with monkeypatch.context() as patch:
            patch.setattr(type(services.journal), "_chain", fails)
            with pytest.raises(StorageFailed):
                await services.orders.confirm(supervisor, contest.contest_id, given.order_id, given.seen)
        person = await contest.contestant("001")
        assert (await person.standing()).core.phase is Phase.ARMED
        await services.orders.confirm(supervisor, contest.contest_id, given.order_id, given.seen)
        assert (await person.standing()).core.phase is Phase.RUNNING


async def test_a_planned_start_that_the_server_slept_through_waits_for_a_hand(
    folder: DataFolder, clock: ManualClock
) -> None:
    async with house(folder, clock) as services:
        contest = await Contest.organise(services)
        await contest.order("arm")
        await contest.order("start", at_ms=clock.now_ms() + MINUTE)
    await clock.advance(3 * MINUTE)
    async with house(folder, clock) as services:
        contest.services = services
        person = await contest.contestant("001")
        await clock.advance(MINUTE)
        assert (await person.standing()).core.phase is Phase.ARMED
        await contest.order("start")
        assert (await person.standing()).core.phase is Phase.RUNNING


async def test_wrong_place_move_and_a_roster_larger_than_the_hall(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock) as services:
        contest = await Contest.organise(services)
        technician = contest.who(Role.TECHNICIAN)
        seats = {seat.label: seat.seat_id for seat in await services.places.seats(technician)}
        token = await services.lobby.bind(seats["A-01"], None, "10.0.0.1")
        with pytest.raises(WrongSeat, match="A-02") as refused:
            await services.lobby.check_ticket(token, "10.0.0.1", "002")
        assert refused.value.extra["should_sit"] == "A-02"
        who, seat_id = await services.lobby.check_ticket(token, "10.0.0.1", " 001 ")
        assert (seat_id, who.contest_id) == (seats["A-01"], contest.contest_id)
        assert who.permissions == ()

        await contest.order("arm")
        person = await contest.contestant("001")
        await contest.order("start")
        await person.save("name", "欧阳雪")
        chief = contest.who(Role.CHIEF_REFEREE)
        move = Move(key=seats["A-01"], seat_id=seats["A-05"], reason="主机故障")
        assert (await services.places.move(chief, contest.contest_id, move)).label == "A-05"
        with pytest.raises(WrongSeat, match="A-05"):
            await services.lobby.check_ticket(token, "10.0.0.1", "001")
        again = await contest.contestant("001")
        assert again.attempt_id == person.attempt_id
        epoch = await services.runner.take_lease(person.attempt_id, "page-at-the-spare")
        with pytest.raises(StaleLease):
            await person.save("name", "旧机", rev=9)
        standing = await person.standing()
        assert (epoch, standing.answers()["i1"]["name"]) == (2, "欧阳雪")
        with pytest.raises(Conflict):
            await services.places.move(
                chief, contest.contest_id, Move(key=seats["A-05"], seat_id=seats["A-02"], reason="x")
            )

        other = await Contest.organise_more(services, contest, entrants=9)
        with pytest.raises(TooFewPlaces, match=r"9 entrants|9 人"):
            await services.places.place(
                contest.who(Role.ORGANISER), other, Place(seen=await services.contests.revision(other))
            )


async def test_help_is_claimed_once_and_closed(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock) as services:
        contest = await Contest.organise(services)
        await contest.order("arm")
        person = await contest.contestant("001")
        await person.send({"type": "raise_hand"})
        floor, technician = contest.who(Role.FLOOR_REFEREE), contest.who(Role.TECHNICIAN)
        await services.hall.claim_help(floor, contest.contest_id, person.attempt_id)
        await services.hall.claim_help(technician, contest.contest_id, person.attempt_id)
        assert (await person.standing()).core.help_by == floor.account_id
        view = await services.attempts.view(await person.standing())
        assert view.help_claimed
        await services.hall.close_help(floor, contest.contest_id, person.attempt_id)
        assert (await person.standing()).core.help_since_ms is None
        blind = await services.hall.attempt(technician, contest.contest_id, person.attempt_id)
        assert blind.contestant_name == ""


async def test_announcements_reach_a_room_and_are_read_once(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock) as services:
        contest = await Contest.organise(services)
        await contest.order("arm")
        person = await contest.contestant("001")
        chief = contest.who(Role.CHIEF_REFEREE)
        await services.hall.announce(chief, contest.contest_id, NewAnnouncement(body="第 3 题题面更正"))
        await clock.advance(1)
        _, said = await services.hall.announce(chief, contest.contest_id, NewAnnouncement(body="B 场", room="B"))
        assert said.missing == ("A-01", "A-02", "A-03")
        view = await services.attempts.view(await person.standing())
        assert [one.body for one in view.announcements] == ["第 3 题题面更正"]
        for _ in range(2):
            await person.send({"type": "read_announcement", "announcement_id": said.announcement_id})
        view = await services.attempts.view(await person.standing())
        assert view.announcements == ()
        receipts = await services.hall.receipts(chief, contest.contest_id)
        assert (receipts[1].read, receipts[1].missing) == (1, ("A-02", "A-03"))


async def test_every_act_of_the_staff_is_journalled_without_names(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock) as services:
        contest = await Contest.organise(services)
        await contest.order("arm")
        await contest.order("start")
        events = await services.journal.read_stream(contest.contest_id)
        acts = [event.payload for event in events]
        for word in ("contest.create", "stage.add", "placements.make", "stage.arm", "order.propose", "stage.start"):
            assert any(f'"{word}"' in payload for payload in acts), word
        assert not any("选手" in payload or "测试" in payload for payload in acts)


async def _outsider(services: Services) -> Principal:
    return await services.accounts.create("outsider", "外人", Role.TRAINER, None)
