"""The demo opens with papers, people and a history made by robots through the real runner."""

import asyncio
from pathlib import Path

import pytest

from server.app import build
from server.core.access import Role
from server.core.phases import Phase
from server.demo import create_demo
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
        finally:
            await services.database.close()

    asyncio.run(look())
