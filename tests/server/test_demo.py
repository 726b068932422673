"""The demo opens with papers, people and a history made by robots through the real runner."""

import asyncio
from pathlib import Path

import pytest

from server.app import Services, build
from server.core.access import Role
from server.core.phases import Phase
from server.demo import create_demo
from server.demo.contest import ROBOTS
from server.settings import DataFolder
from server.verify import verify

pytestmark = pytest.mark.flow


def test_the_demo_is_whole_and_has_something_to_look_at(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "demo")
    create_demo(folder)
    assert [path.name for path in tmp_path.iterdir()] == ["demo"]

    async def look() -> None:
        services = await build(folder)
        try:
            assert (await verify(services)).faults == []
            assert {paper.kind for paper in await services.papers.offered()} == {"warmup", "lesson", "contest"}
            trainer = await services.accounts.first_of_role(Role.TRAINER)
            pupil = await services.accounts.first_of_role(Role.CONTESTANT)
            assert trainer is not None
            assert pupil is not None
            rounds = await services.results.watch(trainer)
            assert {brief.phase for brief in rounds} == {Phase.CLOSED}
            assert len({brief.contestant_name for brief in rounds}) == 3
            marks = [brief.marks for brief in rounds if brief.marks is not None and brief.max_marks]
            assert len(set(marks)) == len(marks) == 5
            assert all(0 < mark < 10 for mark in marks)
            assert len(await services.results.history(pupil)) == 3
            await _contests(services)
        finally:
            await services.database.close()

    asyncio.run(look())


async def _contests(services: Services) -> None:
    """One that is over, with works good and poor, and one that waits for the visitor."""
    chief = await services.accounts.first_of_role(Role.CHIEF_REFEREE)
    assert chief is not None
    ready, over = await services.contests.all(chief)
    assert (ready.entrants, ready.stages[0].phase) == (6, "not_open")
    assert (over.entrants, over.stages[0].phase) == (ROBOTS, "closed")
    results = await services.works.stage(chief, over.stages[0].stage_id)
    marks = [work.marks for work in results.works]
    assert len(marks) == ROBOTS
    assert len({mark for mark in marks if mark}) > ROBOTS / 2
    assert {work.close_cause for work in results.works} == {"handed_in", "forced", "absent"}
    pairs = [order.confirmed_by for order in await services.orders.orders(chief, over.contest_id)]
    assert pairs.count(None) == 2
    assert len(pairs) == 4
