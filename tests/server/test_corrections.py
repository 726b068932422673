"""Corrections of the key, with old and new marks; what can't be scored."""

import asyncio
import json
from collections.abc import Iterator, MutableMapping
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import delete
from structlog.testing import capture_logs
from typer.testing import CliRunner

from server.cli import app
from server.core.access import Role
from server.core.contract import Journalled
from server.core.errors import Conflict, Invalid, NotPermitted, Overtaken, Problem
from server.core.modules import Modules
from server.core.outcome import Outcome
from server.results.schemas import NewCorrection
from server.results.tables import outcomes
from server.settings import DataFolder
from server.verify import verify
from tests.support.clock import ManualClock
from tests.support.house import house
from tests.support.papers import CARD
from tests.support.stage import NAME, OTHER_NAME, Sitting, anybody, cells, correct, seated
from typing_test.module import TypingTest

pytestmark = [pytest.mark.flow, pytest.mark.anyio]


@pytest.fixture
def logged() -> Iterator[list[MutableMapping[str, Any]]]:
    """What is logged, instead of being drawn on the console."""
    with capture_logs() as lines:
        yield lines


class Moody(TypingTest):
    """A module that can't score works in which a name is typed that it does not like, or any at all."""

    def __init__(self) -> None:
        self.dislikes: str | None = "坏"

    def score(self, content: Any, history: Any, facts: Any) -> Outcome:
        typed = "".join(_text(entry) for entry in history)
        if self.dislikes is not None and self.dislikes in typed:
            raise RuntimeError("a fault of the module")
        return super().score(content, history, facts)


def _text(entry: Journalled[Any]) -> str:
    return getattr(entry.event, "text", "")


async def marks_of(sitting: Sitting) -> list[str | None]:
    """Marks in the order in which people sit."""
    results = await sitting.services.works.stage(sitting.chief, sitting.stage_id)
    by_code = {work.work_code: work.marks for work in results.works}
    marks = [by_code[await sitting.work_code(number)] for number in range(len(sitting.people))]
    return [None if mark is None else str(mark) for mark in marks]


# --- corrections -----------------------------------------------------------------------------------------


async def test_a_correction_lists_old_and_new_and_holds_for_later_works(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock) as services:
        sitting = await seated(services, people=4)
        await sitting.begin()
        await sitting.hand_in(0, OTHER_NAME)
        await sitting.hand_in(1, CARD)
        before = await services.contests.stage(sitting.contest_id, sitting.stage_id)
        view = await correct(sitting, CARD["name"], "欧阳血")
        assert [(line.path, line.accepted) for line in view.before] == [(NAME, ("欧阳雪",))]
        assert [(line.path, line.accepted) for line in view.key] == [(NAME, ("欧阳雪", "欧阳血"))]
        assert (view.scored, view.failed, view.corrected_by, view.reason) == (2, (), "裁判长某", "录音读法有歧义")
        (change,) = view.changes
        assert (change.work_code, str(change.old), str(change.new)) == (await sitting.work_code(0), "9.83", "10.00")
        assert await services.corrections.all(sitting.chief, sitting.stage_id) == [view]
        assert await marks_of(sitting) == ["10.00", "10.00", None, None]
        results = await services.works.stage(sitting.chief, sitting.stage_id)
        assert sorted(work.revision for work in results.works) == [0, 0, 2, 2]
        key = await services.corrections.key(sitting.chief, sitting.stage_id)
        assert next(line.accepted for line in key if line.path == NAME) == ("欧阳雪", "欧阳血")
        after = await services.contests.stage(sitting.contest_id, sitting.stage_id)
        assert after.content_sha256 == before.content_sha256 != after.scoring_sha256
        await sitting.hand_in(2, OTHER_NAME)
        second = await correct(sitting, "欧阳血")
        assert [(str(one.old), str(one.new)) for one in second.changes] == [("10.00", "9.83")]
        assert second.before[0].accepted == ("欧阳雪", "欧阳血")
        await sitting.hand_in(3, OTHER_NAME)
        assert await marks_of(sitting) == ["10.00", "9.83", "10.00", "10.00"]
        acts = [json.loads(event.payload) for event in await services.journal.read_stream(sitting.contest_id)]
        corrected = [act["details"] for act in acts if act["act"] == "key.correct"]
        assert [details["changed"] for details in corrected] == [[await sitting.work_code(n)] for n in (0, 1)]
        assert (await verify(services)).faults == []


async def test_works_that_close_during_a_correction_are_scored_by_the_new_key(
    folder: DataFolder, clock: ManualClock
) -> None:
    async with house(folder, clock) as services:
        sitting = await seated(services, people=6)
        await sitting.begin()
        await sitting.hand_in(0, OTHER_NAME)
        hand_ins = [sitting.hand_in(number, OTHER_NAME, score=False) for number in range(1, 6)]
        await asyncio.gather(*hand_ins[:2], correct(sitting, "欧阳血"), *hand_ins[2:])
        await services.scorer.catch_up()
        assert await marks_of(sitting) == ["10.00"] * 6


async def test_scoring_again_by_the_same_key_is_no_new_revision(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock) as services:
        sitting = await seated(services, people=1)
        await sitting.begin()
        await sitting.hand_in(0, OTHER_NAME)
        await correct(sitting, "欧阳血")
        await services.scorer.score(sitting.people[0].attempt_id)
        (work,) = (await services.works.stage(sitting.chief, sitting.stage_id)).works
        assert (str(work.marks), work.revision) == ("10.00", 2)


async def test_a_work_that_closed_a_moment_ago_gets_its_first_marks(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock) as services:
        sitting = await seated(services, people=1)
        await sitting.begin()
        await sitting.hand_in(0, OTHER_NAME)
        async with services.database.write() as connection:  # as if the scorer had not come to it yet
            await connection.execute(delete(outcomes))
        assert (await correct(sitting, "欧阳血")).changes == ()
        await services.scorer.score(sitting.people[0].attempt_id)
        (work,) = (await services.works.stage(sitting.chief, sitting.stage_id)).works
        assert (str(work.marks), work.revision) == ("10.00", 1)


async def test_corrections_that_are_refused_change_nothing(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock) as services:
        sitting = await seated(services)
        with pytest.raises(Conflict, match="begun"):
            await services.corrections.key(sitting.chief, sitting.stage_id)
        with pytest.raises(Conflict, match="begun"):
            await correct(sitting, "欧阳血")
        await sitting.begin()
        await sitting.hand_in(0, OTHER_NAME)
        stream = await services.journal.read_stream(sitting.contest_id)
        refused: list[tuple[type[Problem], dict[str, Any], tuple[str, ...]]] = [
            (Overtaken, {"seen": await sitting.seen() - 1}, ("欧阳血",)),
            (Conflict, {}, (CARD["name"],)),
            (Invalid, {}, ("。。",)),
            (Invalid, {}, ()),
            (Invalid, {"path": "items.i9.name"}, ("某",)),
        ]
        for problem, how, accepted in refused:
            with pytest.raises(problem):
                await correct(sitting, *accepted, **how)
        body = NewCorrection(key={NAME: ("欧阳血",)}, reason="某", seen=0)
        for who in (anybody(Role.ORGANISER), sitting.trainer):
            with pytest.raises(NotPermitted):
                await services.corrections.correct(who, sitting.stage_id, body)
        assert await marks_of(sitting) == ["9.83", None]
        assert await services.journal.read_stream(sitting.contest_id) == stream
        assert await services.corrections.all(sitting.chief, sitting.stage_id) == []


async def test_a_trainer_corrects_the_key_of_a_lesson(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock) as services:
        sitting = await seated(services, "lesson")
        assert await services.corrections.key(sitting.trainer, sitting.stage_id)
        await sitting.begin()
        await sitting.hand_in(0, OTHER_NAME)
        one = sitting.people[0]
        assert (await services.results.outcome(one.who, one.attempt_id)).can_repeat
        body = NewCorrection(key={NAME: ("欧阳血",)}, reason="某", seen=await sitting.seen())
        await services.corrections.correct(sitting.trainer, sitting.stage_id, body)
        view = await services.results.outcome(one.who, one.attempt_id)
        assert view.outcome is not None
        assert (str(view.outcome.marks[0].marks), view.can_repeat) == ("10.00", False)


# --- what can't be scored --------------------------------------------------------------------------------


async def test_what_can_not_be_scored_says_so_until_it_can(
    folder: DataFolder, clock: ManualClock, logged: list[MutableMapping[str, Any]]
) -> None:
    moody = Moody()
    async with house(folder, clock, Modules({moody.name: moody})) as services:
        sitting = await seated(services, "lesson")
        await sitting.begin()
        await sitting.hand_in(0, CARD | {"name": "坏"})
        await sitting.hand_in(1, CARD)
        works = (await services.works.stage(sitting.chief, sitting.stage_id)).works
        assert [(work.number, work.failed, work.marks) for work in works] == [
            ("2026001", False, Decimal("10.00")),
            ("2026000", True, None),
        ]
        one = sitting.people[0]
        assert (await services.results.outcome(one.who, one.attempt_id)).status == "failed"
        assert [(brief.failed, brief.marks) for brief in await services.results.history(one.who)] == [(True, None)]
        with pytest.raises(Conflict, match="failed"):
            await services.results.again(one.who, one.attempt_id)
        _, book = await services.works.workbook(sitting.chief, sitting.stage_id, "zh-CN")
        assert "评分失败" in cells(book)
        assert await services.scorer.failed() == [one.attempt_id]
        assert (await services.scorer.score(one.attempt_id)).failed
        assert {(line["event"], line["attempt_id"]) for line in logged} == {("results.scoring_failed", one.attempt_id)}
        moody.dislikes = None
        assert str((await services.scorer.score(one.attempt_id)).marks) == "9.49"
        works = (await services.works.stage(sitting.chief, sitting.stage_id)).works
        assert [(work.failed, work.revision) for work in works] == [(False, 1), (False, 2)]


async def test_a_correction_names_what_it_could_not_score(
    folder: DataFolder, clock: ManualClock, logged: list[MutableMapping[str, Any]]
) -> None:
    moody = Moody()
    async with house(folder, clock, Modules({moody.name: moody})) as services:
        sitting = await seated(services, people=3)
        await sitting.begin()
        await sitting.hand_in(0, CARD | {"name": "坏"})
        await sitting.hand_in(1, OTHER_NAME)
        await sitting.hand_in(2, CARD)
        moody.dislikes = "血"
        view = await correct(sitting, "欧阳血")
        assert (view.scored, view.failed) == (3, (await sitting.work_code(1),))
        changes = {change.work_code: (change.old, str(change.new)) for change in view.changes}
        assert changes == {
            await sitting.work_code(0): (None, "9.49"),
            await sitting.work_code(2): (Decimal("10.00"), "9.83"),
        }
        assert await marks_of(sitting) == ["9.49", "9.83", "9.83"]
        assert await services.scorer.failed() == [sitting.people[1].attempt_id]


def test_ccss_rescore_tries_again(
    folder: DataFolder, clock: ManualClock, logged: list[MutableMapping[str, Any]]
) -> None:
    async def prepared() -> tuple[str, str, str]:
        moody = Moody()
        async with house(folder, clock, Modules({moody.name: moody})) as services:
            sitting = await seated(services)
            await sitting.begin()
            await sitting.hand_in(0, CARD | {"name": "坏"})
            return await sitting.work_code(0), sitting.people[0].attempt_id, sitting.people[1].attempt_id

    code, failed_id, open_id = asyncio.run(prepared())

    def ccss(*arguments: str) -> Any:
        return CliRunner().invoke(app, ["rescore", "--data", str(folder.root), *arguments])

    for wrong in ((), ("--failed", "--attempt", failed_id)):
        assert ccss(*wrong).exit_code == 1
    said = ccss("--failed")
    assert said.exit_code == 0
    assert json.loads(said.stdout) == [
        {"work_code": code, "failed": False, "marks": "9.49", "max_marks": "10", "scorer_version": "typing_test/1"}
    ]
    assert json.loads(ccss("--failed").stdout) == []
    assert json.loads(ccss("--attempt", failed_id).stdout)[0]["marks"] == "9.49"
    refused = ccss("--attempt", open_id)
    assert (refused.exit_code, "尚未交卷" in refused.output) == (1, True)
