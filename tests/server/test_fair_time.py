"""What would cost somebody time, or hit somebody else: starts, delays, swaps and credits at bad moments."""

import pytest

from agents.schemas import Move, Place
from server.accounts.schemas import ChangeAccount
from server.contests.schemas import NewStage, OrderRequest
from server.core.access import Role
from server.core.errors import Conflict, NotPermitted, Overtaken
from server.core.phases import Phase
from server.settings import DataFolder
from tests.support.clock import ManualClock
from tests.support.contest import Contest
from tests.support.house import house

pytestmark = [pytest.mark.flow, pytest.mark.anyio]

MINUTE = 60_000


async def test_a_hand_in_while_the_next_stage_starts_leaves_nobody_waiting(
    folder: DataFolder, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with house(folder, clock) as services:
        contest = await Contest.organise(services, entrants=2, stages=2)
        await contest.order("arm")
        await contest.order("start")
        await contest.order("arm", stage=1)
        late = await contest.contestant("001")
        under_way = services.control.repository.under_way

        async def then_handed_in(contest_id: str, stage_id: str) -> dict[str, str]:
            found = await under_way(contest_id, stage_id)
            if late.attempt_id in found.values():
                await late.send({"type": "hand_in", "cause": "handed_in"})
            return found

        monkeypatch.setattr(services.control.repository, "under_way", then_handed_in)
        await contest.order("start", stage=1)
        second = await contest.contestant("001", stage=1)
        assert (await second.standing()).core.phase is Phase.RUNNING
        waiting = await contest.contestant("002", stage=1)
        assert (await waiting.standing()).core.delayed_behind is not None


async def test_a_delayed_start_waits_while_its_stage_is_paused(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock) as services:
        contest = await Contest.organise(services, entrants=2, stages=2)
        await contest.order("arm")
        await contest.order("start")
        await contest.order("arm", stage=1)
        for ticket in ("001", "002"):
            person = await contest.contestant(ticket)
            if ticket == "001":
                await person.send({"type": "hand_in", "cause": "handed_in"})
        await contest.order("start", stage=1)
        await contest.order("pause", stage=1)
        person = await contest.contestant("002")
        await person.send({"type": "hand_in", "cause": "handed_in"})
        await clock.advance(MINUTE)
        second = await contest.contestant("002", stage=1)
        assert (await second.standing()).core.phase is Phase.ARMED
        await contest.order("resume", stage=1)
        await clock.advance(1_000)
        assert (await second.standing()).core.phase is Phase.RUNNING


async def test_a_confirmed_order_follows_the_person_and_not_the_place(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock) as services:
        contest = await Contest.organise(services)
        await contest.order("arm")
        await contest.order("start")
        chief, supervisor = contest.who(Role.CHIEF_REFEREE), contest.who(Role.SUPERVISOR)
        seats = {seat.label: seat.seat_id for seat in await services.places.seats(chief)}
        given = await contest.propose("hand_in", keys=[seats["A-01"]])
        for from_, to in (("A-01", "A-05"), ("A-02", "A-01")):
            move = Move(key=seats[from_], seat_id=seats[to], reason="换机")
            await services.places.move(chief, contest.contest_id, move)
        with pytest.raises(Overtaken):
            await services.orders.confirm(supervisor, contest.contest_id, given.order_id, given.seen)
        shown = (await services.orders.orders(supervisor, contest.contest_id))[0]
        assert shown.affected == 1
        await services.orders.confirm(supervisor, contest.contest_id, shown.order_id, shown.seen)
        phases = [(await (await contest.contestant(ticket)).standing()).core.phase for ticket in ("001", "002")]
        assert phases == [Phase.CLOSED, Phase.RUNNING]


async def test_an_order_of_somebody_who_lost_the_role_counts_for_nothing(
    folder: DataFolder, clock: ManualClock
) -> None:
    async with house(folder, clock) as services:
        contest = await Contest.organise(services)
        await contest.order("arm")
        given = await contest.propose("start")
        chief = contest.who(Role.CHIEF_REFEREE)
        await services.people.change(contest.who(Role.ORGANISER), chief.account_id, ChangeAccount(closed=True))
        supervisor = contest.who(Role.SUPERVISOR)
        with pytest.raises(NotPermitted):
            await services.orders.confirm(supervisor, contest.contest_id, given.order_id, given.seen)


async def test_single_places_cannot_start_while_a_common_start_is_planned(
    folder: DataFolder, clock: ManualClock
) -> None:
    async with house(folder, clock) as services:
        contest = await Contest.organise(services)
        await contest.order("arm")
        await contest.order("start", at_ms=clock.now_ms() + 5 * MINUTE)
        with pytest.raises(Conflict):
            await contest.propose("start", keys=[await contest.key_of("001")])
        await contest.order("unschedule")
        await contest.order("start", keys=[await contest.key_of("001")])
        assert (await (await contest.contestant("001")).standing()).core.phase is Phase.RUNNING


async def test_no_more_is_credited_than_was_worked(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock) as services:
        contest = await Contest.organise(services)
        await contest.order("arm")
        await contest.order("start")
        await clock.advance(MINUTE)
        with pytest.raises(Conflict):
            await contest.propose("credit", ms=9 * MINUTE, reason="主机故障")
        await contest.order("credit", ms=MINUTE, reason="主机故障")
        core = (await (await contest.contestant("001")).standing()).core
        at = core.moment(clock.now_ms())
        assert (at.stage_ms, at.left_ms) == (0, 10 * MINUTE)


async def test_a_place_belongs_to_the_contest_that_is_under_way(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock) as services:
        contest = await Contest.organise(services)
        await contest.order("arm")
        organiser = contest.who(Role.ORGANISER)
        other = await Contest.organise_more(services, contest, entrants=3, tickets=("001", "002", "003"))
        paper_id = (await services.papers.shelf(organiser))[0].paper_id
        seen = await services.contests.revision(other)
        await services.timetable.add(organiser, other, NewStage(paper_id=paper_id, seen=seen))
        await services.places.place(organiser, other, Place(seen=seen + 1))
        seats = {seat.label: seat.seat_id for seat in await services.places.seats(organiser)}
        token = await services.lobby.bind(seats["A-01"], None, "10.0.0.1")
        who, _ = await services.lobby.check_ticket(token, "10.0.0.1", "001")
        assert who.contest_id == contest.contest_id
        view = await services.lobby.view(token, "10.0.0.1", who)
        assert view.attempt_phase is Phase.ARMED


async def test_nobody_can_be_armed_where_there_is_nobody(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock) as services:
        contest = await Contest.organise(services)
        with pytest.raises(Conflict):
            await contest.propose("arm", rooms=["没有的房间"])
        assert OrderRequest(act="arm", seen=0).rooms == ()
