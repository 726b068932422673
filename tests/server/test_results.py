"""Results of a stage: by work code, blind in a contest; the workbook; what people learn of their own."""

import io
import json
from decimal import Decimal
from typing import Any

import pytest
from openpyxl import load_workbook

from server.attempts import orders
from server.core.access import Role
from server.core.errors import NotFound, NotPermitted, StageNotRunning
from server.core.journal import RowUpdate
from server.results.service import NotPublished
from server.settings import DataFolder
from tests.support.clock import ManualClock
from tests.support.house import Trainee, house
from tests.support.papers import CARD
from tests.support.stage import OTHER_NAME, PLANTED, anybody, cells, correct, seated

pytestmark = [pytest.mark.flow, pytest.mark.anyio]


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
        said += "\n".join(act.payload for act in acts if "key.correct" in act.payload)
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
        notes: dict[Any, Any] = dict(opened["说明"].iter_rows(values_only=True))  # type: ignore[arg-type]
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
        assert work.revision == 1
        with pytest.raises(StageNotRunning):
            await services.works.work(sitting.chief, sitting.stage_id, work.work_code)
