"""Delivery in virtual time: at least once, idempotent, blobs first, whatever goes wrong in between."""

from collections.abc import Iterator, MutableMapping
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from server.app import build
from server.core.dossier import Dossier
from server.core.grading import GradingAway, GradingRefused
from server.results.delivery import CONSUMER, FAILED_RETRY_MS, TRIES
from server.results.delivery_repository import DeliveryRepository
from server.settings import DataFolder
from tests.support.clock import ManualClock
from tests.support.contest import Contest
from tests.support.marking import Desk, graded_house
from tests.support.papers import CARD
from tests.support.stage import OTHER_NAME, Sitting, correct, seated

pytestmark = [pytest.mark.flow, pytest.mark.anyio]

MINUTE = 60_000
HOUR = 60 * MINUTE


@pytest.fixture
def logged() -> Iterator[list[MutableMapping[str, Any]]]:
    """What is logged, instead of being drawn on the console."""
    with capture_logs() as lines:
        yield lines


def said(logged: list[MutableMapping[str, Any]], event: str) -> int:
    """How often this was logged."""
    return sum(line["event"] == event for line in logged)


async def handed_in(sitting: Sitting) -> list[str]:
    """Everybody hands in, and the works are scored; returns the codes."""
    for number in range(len(sitting.people)):
        await sitting.hand_in(number, OTHER_NAME if number == 0 else CARD)
    return sorted([await sitting.work_code(number) for number in range(len(sitting.people))])


async def cursor(sitting: Sitting) -> int:
    """How far the contest has been delivered."""
    return await sitting.services.journal.cursor(CONSUMER, sitting.contest_id)


async def test_scored_works_arrive_with_their_files_first(
    folder: DataFolder, clock: ManualClock, tmp_path: Path
) -> None:
    async with Desk.opened(tmp_path / "desk") as desk, graded_house(folder, clock, desk.http) as services:
        sitting = await seated(services, people=3)
        await sitting.begin()
        codes = await handed_in(sitting)
        await clock.settle()
        dossiers = await desk.dossiers()
        assert [dossier.work_code for dossier in dossiers] == codes
        assert {dossier.revision for dossier in dossiers} == {1}
        code = await sitting.work_code(0)
        mine = next(one for one in dossiers if one.work_code == code)
        assert [str(mark.marks) for mark in mine.marks] == ["9.83"]
        assert "58 ÷ 59" in mine.marks[0].working.zh
        assert {file.role for file in mine.evidence} == {"events", "answers", "task", "recording"}
        assert mine.rubric.criteria[0].title.zh == "准确率"
        first_dossier = next(n for n, (_, path) in enumerate(desk.asked) if path.startswith("/dossiers/"))
        assert {path for _, path in desk.asked[:first_dossier]} - {"/instance"} == {
            f"/blobs/{file.sha256}" for file in _arrived_first(dossiers, desk).evidence
        }
        # The task and the recording are the same for all, and went once.
        assert len(desk.puts("blobs")) == len(set(desk.puts("blobs"))) < 3 * 4
        assert await cursor(sitting) > 0


def _arrived_first(dossiers: list[Dossier], desk: Desk) -> Dossier:
    code = desk.puts("dossiers")[0].split("/")[2]
    return next(one for one in dossiers if one.work_code == code)


async def test_an_hour_without_grading_loses_nothing_and_is_told_once(
    folder: DataFolder, clock: ManualClock, tmp_path: Path, logged: list[MutableMapping[str, Any]]
) -> None:
    async with Desk.opened(tmp_path / "desk") as desk, graded_house(folder, clock, desk.http) as services:
        desk.away = True
        sitting = await seated(services, people=3)
        await sitting.begin()
        codes = await handed_in(sitting)
        await clock.settle()
        await clock.advance(HOUR)
        assert said(logged, "delivery.grading_away") == 1
        assert await services.referees.arrears(sitting.chief) == 3
        desk.away = False
        await clock.advance(2 * MINUTE)
        assert sorted(dossier.work_code for dossier in await desk.dossiers()) == codes
        assert sorted(desk.puts("dossiers")) == [f"/dossiers/{code}/1" for code in codes]
        assert await services.referees.arrears(sitting.chief) == 0
        assert said(logged, "delivery.grading_back") == 1
        assert said(logged, "delivery.failed") == 0


@pytest.mark.parametrize("requests", range(10))
async def test_a_line_cut_anywhere_between_blob_and_dossier_leaves_no_gap(
    folder: DataFolder, clock: ManualClock, tmp_path: Path, requests: int
) -> None:
    async with Desk.opened(tmp_path / "desk") as desk, graded_house(folder, clock, desk.http) as services:
        desk.cut_after = requests
        sitting = await seated(services, people=2)
        await sitting.begin()
        codes = await handed_in(sitting)
        await clock.settle()
        assert desk.away
        assert len(desk.puts("dossiers")) == (1 if requests > 9 else 0)
        desk.away, desk.cut_after = False, None
        await clock.advance(MINUTE)
        assert [dossier.work_code for dossier in await desk.dossiers()] == codes
        assert len(set(desk.puts("dossiers"))) == 2


class Killed(BaseException):
    """The end of the process, as far as a test can have it."""


class Forgetful:
    """Dossiers arrive, but the acknowledgement of the first ones is lost, and the server dies of it."""

    def __init__(self, inner: Any, lost: int) -> None:
        self.inner, self.lost = inner, lost

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    async def put_dossier(self, dossier: Dossier) -> None:
        await self.inner.put_dossier(dossier)
        if self.lost:
            self.lost -= 1
            raise Killed


async def test_killed_before_the_acknowledgement_delivers_again_under_the_same_number(
    folder: DataFolder, clock: ManualClock, tmp_path: Path
) -> None:
    async with Desk.opened(tmp_path / "desk") as desk:
        async with graded_house(folder, clock, desk.http) as services:
            desk.away = True
            sitting = await seated(services, people=2)
            await sitting.begin()
            codes = await handed_in(sitting)
        desk.away = False
        services = await build(folder, clock, grading=Forgetful(desk.http, lost=1))
        assert services.delivery is not None
        with pytest.raises(Killed):
            await services.delivery.catch_up()
        await services.database.close()
        assert len(desk.puts("dossiers")) == 1
        async with graded_house(folder, clock, desk.http) as services:
            await clock.settle()
        works = await desk.dossiers()
        assert [(one.work_code, one.revision) for one in works] == [(code, 1) for code in codes]
        assert len(desk.puts("dossiers")) == 3
        assert len(set(desk.puts("dossiers"))) == 2


async def test_a_restart_with_nothing_new_sends_nothing(folder: DataFolder, clock: ManualClock, tmp_path: Path) -> None:
    async with Desk.opened(tmp_path / "desk") as desk:
        async with graded_house(folder, clock, desk.http) as services:
            sitting = await seated(services, people=2)
            await sitting.begin()
            await handed_in(sitting)
            await clock.settle()
            position = await cursor(sitting)
            assert position > 0
        sent = [one for one in desk.asked if one[1] != "/instance"]
        async with graded_house(folder, clock, desk.http) as services:
            await clock.settle()
            assert await services.journal.cursor(CONSUMER, sitting.contest_id) == position
            # Even with the cursor lost, what has arrived is known to have arrived.
            await services.journal.save_cursors(CONSUMER, {sitting.contest_id: 0})
            assert services.delivery is not None
            await services.delivery.catch_up()
        assert [one for one in desk.asked if one[1] != "/instance"] == sent


async def test_a_correction_makes_revision_two_where_something_changed(
    folder: DataFolder, clock: ManualClock, tmp_path: Path
) -> None:
    async with Desk.opened(tmp_path / "desk") as desk, graded_house(folder, clock, desk.http) as services:
        sitting = await seated(services, people=2)
        await sitting.begin()
        await handed_in(sitting)
        await clock.settle()
        await correct(sitting, CARD["name"], "欧阳血")
        await clock.settle()
        code = await sitting.work_code(0)
        (contest,) = await desk.http.contests("REFEREE7")
        works = {work.work_code: work for work in await desk.http.works("REFEREE7", contest.contest_code)}
        changed = works[code]
        assert (changed.revision, str(changed.marks), str(changed.marks_before)) == (2, "10.00", "9.83")
        # The key is part of the evidence, and has changed for everybody.
        assert {work.revision for work in works.values()} == {2}
        await services.scorer.score(sitting.people[0].attempt_id)
        await clock.settle()
        assert len(desk.puts("dossiers")) == 4


async def test_who_never_came_has_no_dossier(folder: DataFolder, clock: ManualClock, tmp_path: Path) -> None:
    async with Desk.opened(tmp_path / "desk") as desk, graded_house(folder, clock, desk.http) as services:
        contest = await Contest.organise(services, entrants=2)
        await contest.order("arm")
        await contest.order("start")
        came = await contest.contestant("001")
        await came.save("name", CARD["name"])
        await contest.order("close")
        await services.scorer.catch_up()
        await clock.settle()
        (dossier,) = await desk.dossiers()
        assert dossier.work_code == (await came.standing()).record.work_code


async def test_practice_and_lessons_are_not_delivered(folder: DataFolder, clock: ManualClock, tmp_path: Path) -> None:
    async with Desk.opened(tmp_path / "desk") as desk, graded_house(folder, clock, desk.http) as services:
        sitting = await seated(services, kind="lesson", people=1)
        await sitting.begin()
        await handed_in(sitting)
        await clock.settle()
        assert desk.asked == []


class Choosy:
    """Refuses the dossiers of some works, or falls silent over them."""

    def __init__(self, inner: Any, refuse: Exception) -> None:
        self.inner, self.refuse, self.codes = inner, refuse, set[str]()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    async def put_dossier(self, dossier: Dossier) -> None:
        if dossier.work_code in self.codes:
            raise self.refuse
        await self.inner.put_dossier(dossier)


@pytest.mark.parametrize("refuse", [GradingRefused(), RuntimeError("a fault of ours"), GradingAway()])
async def test_one_poisoned_work_holds_up_no_other_and_is_tried_again(
    folder: DataFolder,
    clock: ManualClock,
    tmp_path: Path,
    logged: list[MutableMapping[str, Any]],
    refuse: Exception,
) -> None:
    async with Desk.opened(tmp_path / "desk") as desk:
        choosy = Choosy(desk.http, refuse)
        async with graded_house(folder, clock, choosy) as services:
            assert services.delivery is not None
            sitting = await seated(services, people=3)
            await sitting.begin()
            bad = await sitting.work_code(0)
            choosy.codes.add(bad)
            codes = await handed_in(sitting)
            await clock.advance(MINUTE * (1 if TRIES <= 5 else 10))
            assert [one.work_code for one in await desk.dossiers()] == [code for code in codes if code != bad]
            assert await cursor(sitting) > 0
            held = await services.delivery.repository.held(sitting.people[0].attempt_id)
            assert held.status == "failed"
            assert held.error
            assert await services.referees.arrears(sitting.chief) == 1
            await clock.advance(2 * FAILED_RETRY_MS)
            assert said(logged, "delivery.failed") == 1
            choosy.codes.clear()
            await clock.advance(FAILED_RETRY_MS + MINUTE)
            assert [one.work_code for one in await desk.dossiers()] == codes
            assert await services.referees.arrears(sitting.chief) == 0


async def test_books_older_than_the_service_take_the_next_number(
    folder: DataFolder, clock: ManualClock, tmp_path: Path
) -> None:
    async with Desk.opened(tmp_path / "desk") as desk, graded_house(folder, clock, desk.http) as services:
        sitting = await seated(services, people=1)
        await sitting.begin()
        (code,) = await handed_in(sitting)
        await clock.settle()
        attempt_id = sitting.people[0].attempt_id
        # As after a restored backup: the house believes it is at nothing, and its key has been corrected.
        lost = {"revision": 0, "content_sha256": "", "status": "sending", "outcome_revision": 0}
        await DeliveryRepository(services.database).save(attempt_id, lost)
        await correct(sitting, CARD["name"], "欧阳血")
        await clock.settle()
        (dossier,) = await desk.dossiers()
        assert (dossier.work_code, dossier.revision, str(dossier.total)) == (code, 2, "10.00")
