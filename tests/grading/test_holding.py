"""When a work goes: not before its stage is over, again where the service has lost it, and not at all where none is."""

from collections.abc import Iterator, MutableMapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete
from structlog.testing import capture_logs

from server.core.access import Role
from server.results.delivery import FAILED_RETRY_MS, LOOK_MS, TRIES
from server.results.delivery_repository import DeliveryRepository
from server.results.tables import outcomes
from server.settings import DataFolder
from tests.support.clock import ManualClock
from tests.support.contest import Contest
from tests.support.marking import Desk, graded_house
from tests.support.papers import CARD
from tests.support.stage import seated

pytestmark = [pytest.mark.flow, pytest.mark.anyio]

MINUTE = 60_000


@pytest.fixture
def logged() -> Iterator[list[MutableMapping[str, Any]]]:
    """What is logged, instead of being drawn on the console."""
    with capture_logs() as lines:
        yield lines


def said(logged: list[MutableMapping[str, Any]], event: str) -> list[MutableMapping[str, Any]]:
    """What was logged under this name."""
    return [line for line in logged if line["event"] == event]


async def test_nothing_goes_before_the_stage_is_over_and_then_all_by_code(
    folder: DataFolder, clock: ManualClock, tmp_path: Path
) -> None:
    async with Desk.opened(tmp_path / "desk") as desk, graded_house(folder, clock, desk.http) as services:
        sitting = await seated(services, people=6)
        await sitting.begin()
        codes = [await sitting.work_code(number) for number in range(6)]
        order = sorted(range(6), key=lambda number: codes[number], reverse=True)
        for number in order[:-1]:
            await sitting.hand_in(number, CARD)
            await clock.advance(MINUTE)
        assert desk.puts("dossiers") == desk.puts("blobs") == []
        assert await services.referees.arrears(sitting.chief) == 0
        await sitting.hand_in(order[-1], CARD)
        await clock.settle()
        assert desk.puts("dossiers") == [f"/dossiers/{code}/1" for code in sorted(codes)]


async def test_a_work_that_is_not_scored_yet_holds_the_others_back(
    folder: DataFolder, clock: ManualClock, tmp_path: Path
) -> None:
    async with Desk.opened(tmp_path / "desk") as desk, graded_house(folder, clock, desk.http) as services:
        desk.away = True
        sitting = await seated(services, people=2)
        await sitting.begin()
        for number in range(2):
            await sitting.hand_in(number, CARD)
        await clock.advance(MINUTE)
        deliveries = DeliveryRepository(services.database)
        assert len(await deliveries.due(clock.now_ms())) == 2
        late = sitting.people[0].attempt_id
        async with services.database.write() as connection:
            await connection.execute(delete(outcomes).where(outcomes.c.attempt_id == late))
        assert await deliveries.due(clock.now_ms()) == []
        # It stays that way only if something is wrong, and then it must be seen.
        assert await deliveries.arrears() == 2


async def test_works_that_a_replaced_service_has_lost_go_again(
    folder: DataFolder, clock: ManualClock, tmp_path: Path, logged: list[MutableMapping[str, Any]]
) -> None:
    async with Desk.opened(tmp_path / "one") as one, graded_house(folder, clock, one.http) as services:
        sitting = await seated(services, people=2)
        await sitting.begin()
        codes = sorted([await sitting.work_code(number) for number in range(2)])
        for number in range(2):
            await sitting.hand_in(number, CARD)
        await clock.settle()
        assert [work.work_code for work in await one.dossiers()] == codes
        async with Desk.opened(tmp_path / "two") as two:
            one.http._address, one.http._transport = two.http._address, two.http._transport
            await one.http.close()
            await clock.advance(LOOK_MS + 1)
            assert [work.work_code for work in await two.dossiers()] == codes
            assert [line["works"] for line in said(logged, "delivery.grading_replaced")] == [2]
            await clock.advance(6 * LOOK_MS)
            assert len(two.puts("dossiers")) == 2
            assert len(said(logged, "delivery.grading_replaced")) == 1


@pytest.mark.parametrize("fault", ["token", "disk"])
async def test_a_service_that_takes_nothing_is_no_fault_of_the_works(
    folder: DataFolder,
    clock: ManualClock,
    tmp_path: Path,
    logged: list[MutableMapping[str, Any]],
    fault: str,
) -> None:
    async with Desk.opened(tmp_path / "desk") as desk, graded_house(folder, clock, desk.http) as services:
        right = desk.http._address
        if fault == "token":
            desk.http._address = lambda: ("http://grading", "another")
        else:
            desk.full = True
        sitting = await seated(services, people=2)
        await sitting.begin()
        for number in range(2):
            await sitting.hand_in(number, CARD)
        await clock.advance(4 * TRIES * MINUTE)
        (told,) = said(logged, "delivery.grading_unable")
        assert ("401" if fault == "token" else "507") in told["reason"]
        assert said(logged, "delivery.failed") == []
        assert await services.referees.arrears(sitting.chief) == 2
        desk.http._address, desk.full = right, False
        await clock.advance(2 * MINUTE)
        assert len(await desk.dossiers()) == 2
        assert await services.referees.arrears(sitting.chief) == 0


async def test_a_failed_delivery_with_nothing_left_to_send_rests_for_ever(
    folder: DataFolder, clock: ManualClock, tmp_path: Path
) -> None:
    async with Desk.opened(tmp_path / "desk") as desk, graded_house(folder, clock, desk.http) as services:
        contest = await Contest.organise(services, entrants=2)
        await contest.order("arm")
        await contest.order("start")
        came = await contest.contestant("001")
        await came.save("name", CARD["name"])
        await contest.order("close")
        await services.scorer.catch_up()
        await clock.settle()
        records = await services.attempts.repository.of_stage(contest.stage_ids[0])
        (absent,) = [record.attempt_id for record in records if record.attempt_id != came.attempt_id]
        deliveries = DeliveryRepository(services.database)
        await deliveries.save(absent, {"status": "failed", "retry_ms": clock.now_ms() - 1})
        assert services.delivery is not None
        next_ms = await services.delivery.catch_up()
        assert next_ms is not None
        assert next_ms > clock.now_ms()
        assert (await deliveries.held(absent)).status == "nothing"
        await clock.advance(FAILED_RETRY_MS)
        assert await services.referees.arrears(contest.staff[Role.CHIEF_REFEREE]) == 0
