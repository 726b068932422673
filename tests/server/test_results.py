"""Results of a stage: by work code, blind in a contest; the workbook; corrections of the key; what can't be scored."""

import asyncio
import io
import json
from decimal import Decimal
from typing import Any

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

from server.attempts import orders
from server.cli import app
from server.core.access import Principal, Role
from server.core.contract import Journalled
from server.core.errors import Conflict, Invalid, NotFound, NotPermitted, Overtaken, Problem, StageNotRunning
from server.core.journal import RowUpdate
from server.core.modules import Modules
from server.core.outcome import Outcome
from server.results.schemas import NewCorrection
from server.results.service import NotPublished
from server.settings import DataFolder
from server.verify import verify
from tests.support.clock import ManualClock
from tests.support.house import Trainee, house
from tests.support.papers import CARD
from tests.support.stage import PLANTED, Sitting, seated
from typing_test.module import TypingTest

pytestmark = [pytest.mark.flow, pytest.mark.anyio]

NAME = "items.i1.name"
OTHER_NAME = CARD | {"name": "欧阳血"}
"""One of 59 characters wrong: 98.31 %, 9.83 marks."""


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


def anybody(*roles: Role) -> Principal:
    return Principal(account_id="somebody", roles=roles, display_name="某")


async def correct(sitting: Sitting, *accepted: str, seen: int | None = None, path: str = NAME) -> Any:
    body = NewCorrection(
        key={path: accepted}, reason="录音读法有歧义", seen=await sitting.seen() if seen is None else seen
    )
    return await sitting.services.corrections.correct(sitting.chief, sitting.stage_id, body)


async def marks_of(sitting: Sitting) -> list[str | None]:
    """Marks in the order in which people sit."""
    results = await sitting.services.works.stage(sitting.chief, sitting.stage_id)
    by_code = {work.work_code: work.marks for work in results.works}
    marks = [by_code[await sitting.work_code(number)] for number in range(len(sitting.people))]
    return [None if mark is None else str(mark) for mark in marks]


# --- the table -------------------------------------------------------------------------------------------


async def test_a_contest_shows_codes_and_marks_best_first(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock) as services:
        sitting = await seated(services, people=4)
        await sitting.begin()
        await clock.advance(10_000)
        await sitting.hand_in(1, CARD)
        await sitting.hand_in(0, OTHER_NAME)
        await sitting.hand_in(2, CARD)
        results = await services.works.stage(sitting.chief, sitting.stage_id)
        assert results.blind
        assert [str(work.marks) for work in results.works] == ["10.00", "10.00", "9.83", "None"]
        assert results.works[2].work_code == await sitting.work_code(0)
        assert [work.close_cause for work in results.works] == ["handed_in"] * 3 + [None]
        assert {(work.name, work.number, work.attempt_id, work.net_ms) for work in results.works} == {(None,) * 4}
        assert (results.works[0].revision, results.works[3].revision) == (1, 0)
        assert not any(work.failed for work in results.works)


async def test_in_a_blind_contest_nothing_says_whose_work_it_is(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock) as services:
        sitting = await seated(services, people=3)
        await sitting.begin()
        for number in range(3):
            await sitting.hand_in(number, OTHER_NAME)
        await correct(sitting, CARD["name"], "欧阳血")
        answers: list[Any] = [
            await services.works.stage(sitting.chief, sitting.stage_id),
            *(await services.corrections.all(sitting.chief, sitting.stage_id)),
            *(await services.corrections.key(sitting.chief, sitting.stage_id)),
        ]
        for number in range(3):
            code = await sitting.work_code(number)
            answers.append(await services.works.work(sitting.chief, sitting.stage_id, code))
        said = "\n".join(answer.model_dump_json(by_alias=True) for answer in answers)
        for language in ("zh-CN", "en"):
            name, book = await services.works.workbook(sitting.chief, sitting.stage_id, language)
            said += name + "\n".join(str(cell) for cell in cells(book))
        acts = await services.journal.read_stream(sitting.contest_id)
        said += "\n".join(act.payload for act in acts if "key.corrected" in act.payload)
        assert await sitting.work_code(0) in said
        forbidden = [*PLANTED.values(), "account-", "login-", "CODE0", *(one.attempt_id for one in sitting.people)]
        assert [secret for secret in forbidden if secret in said] == []


async def test_a_lesson_shows_names_and_numbers(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock) as services:
        sitting = await seated(services, "lesson")
        await sitting.begin()
        await clock.advance(30_000)
        await sitting.hand_in(1, CARD)
        results = await services.works.stage(sitting.trainer, sitting.stage_id)
        best, other = results.works
        assert not results.blind
        assert (best.name, best.number, best.net_ms) == (f"{PLANTED['name']}1", "2026001", 30_000)
        assert best.attempt_id == sitting.people[1].attempt_id
        assert (other.number, other.marks, other.phase) == ("2026000", None, "running")


async def test_who_may_see_results(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock) as services:
        sitting = await seated(services)
        works = services.works
        for role in (Role.ORGANISER, Role.SCORING_REFEREE, Role.SUPERVISOR, Role.ARBITRATOR):
            assert await works.stage(anybody(role), sitting.stage_id)
        for role in (Role.TRAINER, Role.ENCRYPTION_REFEREE, Role.FLOOR_REFEREE, Role.TECHNICIAN, Role.CONTESTANT):
            with pytest.raises(NotPermitted):
                await works.stage(anybody(role), sitting.stage_id)
        for who in (anybody(Role.ORGANISER), anybody(Role.SCORING_REFEREE), sitting.trainer):
            with pytest.raises(NotPermitted):
                await services.corrections.key(who, sitting.stage_id)
        with pytest.raises(NotPermitted):
            await works.stage(sitting.people[0].who, sitting.stage_id)
        with pytest.raises(NotFound):
            await works.stage(sitting.chief, "no-such-stage")
        with pytest.raises(NotFound):
            await works.work(sitting.chief, sitting.stage_id, "NOCODE")


async def test_a_practice_round_is_no_stage_of_results(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock) as services:
        trainee = await Trainee.sit_down(services)
        stage_id = (await trainee.standing()).record.stage_id
        with pytest.raises(NotFound):
            await services.works.stage(anybody(Role.ORGANISER, Role.TRAINER), stage_id)
        with pytest.raises(NotFound):
            await services.corrections.key(anybody(Role.TRAINER), stage_id)


async def test_a_work_is_explained_down_to_the_alignment(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock) as services:
        sitting = await seated(services)
        code = await sitting.work_code(0)
        with pytest.raises(StageNotRunning):
            await services.works.work(sitting.chief, sitting.stage_id, code)
        await sitting.begin()
        assert (await services.works.work(sitting.chief, sitting.stage_id, code)).outcome is None
        await sitting.hand_in(0, OTHER_NAME)
        work = await services.works.work(sitting.chief, sitting.stage_id, code)
        assert work.outcome is not None
        assert work.outcome.sheet["items"][0]["fields"][0]["alignment"][1:] == [
            {"kind": "missing", "text": "雪"},
            {"kind": "surplus", "text": "血"},
        ]
        assert CARD["name"] not in json.dumps(work.content, ensure_ascii=False)


# --- the workbook ----------------------------------------------------------------------------------------


def cells(book: bytes) -> list[Any]:
    return [
        cell for sheet in load_workbook(io.BytesIO(book)) for row in sheet.iter_rows(values_only=True) for cell in row
    ]


async def test_the_workbook_of_a_contest(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock) as services:
        sitting = await seated(services, people=3)
        await sitting.begin()
        await sitting.hand_in(0, OTHER_NAME)
        await sitting.hand_in(1, CARD)
        name, book = await services.works.workbook(sitting.chief, sitting.stage_id, "zh-CN")
        assert name == "=2+3 某赛事-听打录入-成绩.xlsx"
        opened = load_workbook(io.BytesIO(book))
        assert opened.sheetnames == ["成绩", "得分明细", "说明"]
        table = opened["成绩"]
        assert (table.freeze_panes, table.auto_filter.ref) == ("B2", "A1:I4")
        head, *rows = list(table.iter_rows(values_only=True))
        assert head[:3] == ("作品号", "得分", "满分")
        assert not {"姓名", "学号", "用时（秒）"} & set(head)
        assert [row[:3] for row in rows] == [
            (await sitting.work_code(1), 10, 10),
            (await sitting.work_code(0), 9.83, 10),
            (await sitting.work_code(2), None, None),
        ]
        assert table["B2"].data_type == "n"
        detail = list(opened["得分明细"].iter_rows(values_only=True))
        assert detail[0] == ("作品号", "评分项", "得分", "满分", "计算过程")
        assert detail[1][1:4] == ("准确率", 10, 10)
        assert detail[2][4] == "准确率 58 ÷ 59 = 98.31%；98.31% × 10 = 9.83 分"
        notes = dict(opened["说明"].iter_rows(values_only=True))  # type: ignore[arg-type]
        assert notes["身份信息"] == "按作品号，不含身份信息"
        assert notes["评分程序版本"] == "typing_test/1"
        assert notes["作品数"] == "3"


async def test_no_cell_of_a_workbook_is_a_formula(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock) as services:
        sitting = await seated(services, "lesson")
        named = RowUpdate("accounts", {"id": "account-0"}, {"display_name": '=HYPERLINK("http://x")'})
        numbered = RowUpdate("pupils", {"account_id": "account-0"}, {"number": "@SUM(1)"})
        await services.acts.record(sitting.trainer, "test", "test", updates=[named, numbered])
        await sitting.begin()
        await sitting.hand_in(0, CARD)
        _, book = await services.works.workbook(sitting.trainer, sitting.stage_id, "en")
        opened = load_workbook(io.BytesIO(book))
        assert opened.sheetnames == ["Results", "Working", "Notes"]
        found = {cell.value: cell for sheet in opened for row in sheet.iter_rows() for cell in row}
        for text in ('=HYPERLINK("http://x")', "@SUM(1)", "=2+3 Some contest"):
            assert (found[text].data_type, found[text].hyperlink) == ("s", None)
        assert not [cell for cell in found.values() if cell.data_type == "f"]


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
        corrected = [act["details"] for act in acts if act["act"] == "key.corrected"]
        assert [details["changed"] for details in corrected] == [[await sitting.work_code(n)] for n in (0, 1)]
        assert (await verify(services)).faults == []


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
        async with services.scorer.lock:  # as if the scorer had not come to it yet
            await sitting.hand_in(0, OTHER_NAME, score=False)
            correction = asyncio.ensure_future(correct(sitting, "欧阳血"))
            await clock.settle()
        assert not (await correction).changes
        await services.scorer.catch_up()
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
        for who in (anybody(Role.ORGANISER), sitting.trainer):
            with pytest.raises(NotPermitted):
                body = NewCorrection(key={NAME: ("欧阳血",)}, reason="某", seen=0)
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


async def test_what_can_not_be_scored_says_so_until_it_can(folder: DataFolder, clock: ManualClock) -> None:
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
        moody.dislikes = None
        assert str((await services.scorer.score(one.attempt_id)).marks) == "9.49"
        works = (await services.works.stage(sitting.chief, sitting.stage_id)).works
        assert [(work.failed, work.revision) for work in works] == [(False, 1), (False, 2)]


async def test_a_correction_names_what_it_could_not_score(folder: DataFolder, clock: ManualClock) -> None:
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
        assert await marks_of(sitting) == ["9.49", None, "9.83"]
        assert await services.scorer.failed() == [sitting.people[1].attempt_id]


def test_ccss_rescore_tries_again(folder: DataFolder, clock: ManualClock) -> None:
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


# --- one's own results, and a class's --------------------------------------------------------------------


async def test_a_contestant_learns_no_marks_before_they_are_published(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock) as services:
        sitting = await seated(services)
        await sitting.begin()
        await sitting.hand_in(0, OTHER_NAME)
        one = sitting.people[0]
        with pytest.raises(NotPublished) as refused:
            await services.results.outcome(one.who, one.attempt_id)
        assert (refused.value.status, refused.value.detail.zh) == (409, "比赛成绩公布后可查看")
        with pytest.raises(NotPublished):
            await services.results.again(one.who, one.attempt_id)
        with pytest.raises(NotPermitted):
            await services.results.history(one.who)
        for who in (sitting.trainer, sitting.chief, sitting.people[1].who):
            with pytest.raises(NotFound):
                await services.results.outcome(who, one.attempt_id)


async def test_a_class_has_the_history_of_every_pupil(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock) as services:
        sitting = await seated(services, "lesson")
        await sitting.begin()
        await sitting.hand_in(1, CARD)
        await clock.advance(60_000)
        pupil = sitting.people[1].who
        content = (await sitting.people[1].standing()).content
        await services.attempts.open_practice_on(pupil, services.modules["typing_test"], content)
        first, second = await services.results.class_history(sitting.trainer, "class")
        assert (first.number, first.name, len(first.rounds)) == ("2026000", f"{PLANTED['name']}0", 1)
        assert [(brief.contest_kind, brief.marks) for brief in second.rounds] == [
            ("practice", None),
            ("lesson", Decimal("10.00")),
        ]
        assert list(second.rounds) == await services.results.history(pupil)
        assert [brief.contest_kind for brief in await services.results.watch(sitting.trainer)] == ["practice"]
        with pytest.raises(NotFound):
            await services.results.class_history(sitting.trainer, "no-such-class")
        for who in (pupil, sitting.chief):
            with pytest.raises(NotPermitted):
                await services.results.class_history(who, "class")


async def test_what_never_began_is_closed_with_no_marks(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock) as services:
        sitting = await seated(services, people=1)
        await services.runner.order({sitting.people[0].attempt_id: orders.act_of("close")})
        await services.scorer.catch_up()
        (work,) = (await services.works.stage(sitting.chief, sitting.stage_id)).works
        assert (str(work.marks), work.close_cause) == ("0.00", "forced")
        assert (await services.works.work(sitting.chief, sitting.stage_id, work.work_code)).revision == 1
