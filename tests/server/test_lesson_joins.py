"""Latecomers of a lesson who join at one moment."""

import asyncio

import pytest

from server.attempts.schemas import NewLesson
from server.contests.schemas import NewClass, OrderRequest
from server.core.access import Role
from server.core.phases import Phase
from server.settings import DataFolder
from tests.support.clock import ManualClock
from tests.support.house import house
from tests.support.papers import AUDIO, paper

pytestmark = [pytest.mark.flow, pytest.mark.anyio]

LATE = 12


async def test_all_latecomers_who_join_at_once_work(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock) as services:
        teacher = await services.accounts.create("teacher", "测试教师", Role.TRAINER, None)
        await services.blobs.put(AUDIO)
        paper_id = await services.papers.add_paper(services.modules["typing_test"], paper(), "lesson")
        made = await services.classes.create(teacher, NewClass(title="一班"))
        await services.classes.import_(
            teacher, made.class_id, "名单.csv", "学号,姓名\n01,测试一\n".encode(), dry_run=False
        )
        lesson = await services.lessons.prepare(teacher, made.class_id, NewLesson(paper_id=paper_id))
        seen = await services.contests.revision(lesson.contest_id)
        stage_id = lesson.stages[0].stage_id
        await services.orders.order(teacher, lesson.contest_id, stage_id, OrderRequest(act="start", seen=seen))
        table = "学号,姓名\n" + "".join(f"{number},迟到{number}\n" for number in range(10, 10 + LATE))
        await services.classes.import_(teacher, made.class_id, "名单.csv", table.encode(), dry_run=False)
        pupils = await services.contests.repository.pupils(made.class_id)
        late = await services.accounts.principals([row.account_id for row in pupils if row.number != "01"])
        asked = [services.lessons.mine(who) for who in (*late, *late)]
        attempts = await asyncio.gather(*asked)
        assert attempts[:LATE] == attempts[LATE:]
        assert len({*attempts}) == LATE
        for attempt_id in attempts:
            assert attempt_id is not None
            assert (await services.runner.attempt(attempt_id)).core.phase is Phase.RUNNING
