"""The board in virtual time: the whole picture, then what changes, with every trouble named."""

import json
from pathlib import Path
from typing import Any

import pytest

from server.app import Services
from server.attempts.live import MOST_CHECKS
from server.attempts.schemas import NewLesson
from server.calls.levels import step
from server.contests.schemas import NewClass, OrderRequest
from server.core.access import Principal, Role
from server.core.errors import Conflict, Invalid, NotPermitted
from server.core.media import Trouble as MediaTrouble
from server.core.phases import Phase
from server.settings import DataFolder
from server.verify import verify
from tests.support.calls import MODULES, OUT, voice_contest
from tests.support.clock import ManualClock
from tests.support.contest import Contest
from tests.support.house import house
from tests.support.media import FakeMedia
from tests.support.papers import AUDIO, paper

pytestmark = [pytest.mark.flow, pytest.mark.anyio]

MINUTE = 60_000
CASES = Path(__file__).parents[1] / "support" / "device_cases.json"
GOOD: dict[str, Any] = json.loads(CASES.read_text(encoding="utf-8"))["good"]


class Viewer:
    """Keeps the rows as a console does."""

    def __init__(self, clock: ManualClock, frames: Any) -> None:
        self.clock = clock
        self.frames = frames
        self.rows: dict[str, dict[str, Any]] = {}
        self.last: dict[str, Any] = {}

    async def frame(self) -> dict[str, Any]:
        """The next frame."""
        self.last = json.loads(await anext(self.frames))
        if self.last["type"] == "picture":
            self.rows.clear()
        self.rows |= {row["key"]: row for row in self.last["rows"]}
        return self.last

    async def after(self, ms: int) -> dict[str, dict[str, Any]]:
        """Rows by label after some time."""
        for _ in range(max(1, ms // 500)):
            await self.clock.advance(500)
            await self.frame()
        return {row["label"]: row for row in self.rows.values()}


async def test_the_picture_and_its_changes(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock) as services:
        contest = await Contest.organise(services)
        technician = contest.who(Role.TECHNICIAN)
        with pytest.raises(NotPermitted):
            await services.board.watch(
                await services.accounts.create("t", "外人", Role.TRAINER, None), contest.contest_id, None
            )
        async with await services.board.watch(technician, contest.contest_id, None) as frames:
            viewer = Viewer(clock, frames)
            assert (await viewer.frame())["type"] == "picture"
            rows = {row["label"]: row for row in viewer.rows.values()}
            assert list(rows) == ["A-01", "A-02", "A-03", "A-04", "A-05"]
            assert rows["A-02"]["ticket_number"] == "002"
            assert rows["A-05"]["spare"]
            assert all(row["name"] is None for row in rows.values())
            assert await viewer.after(500)
            assert (viewer.last["type"], viewer.last["rows"]) == ("changes", [])

            await contest.order("arm")
            rows = await viewer.after(1_000)
            assert rows["A-01"]["phase"] == Phase.ARMED
            assert rows["A-01"]["troubles"] == ["never_came"]
            await contest.order("start")
            person = await contest.contestant("001")
            line = services.presence.enter(person.attempt_id, rows["A-01"]["key"], "10.0.0.1", clock.now_ms())
            rows = await viewer.after(500)
            assert rows["A-01"]["phase"] == Phase.RUNNING
            assert rows["A-02"]["troubles"] == ["offline"]
            rows = await viewer.after(3_000)
            assert rows["A-01"]["troubles"] == ["end_unseen"]

            def ping(**said: Any) -> None:
                plain = {"wall_ms": clock.now_ms(), "rtt_ms": 2, "queued": 0, "ends_ms": rows["A-01"]["ends_ms"]}
                services.presence.said(line, clock.now_ms(), **(plain | said))

            ping()
            rows = await viewer.after(500)
            assert (rows["A-01"]["troubles"], rows["A-01"]["end_seen"]) == ([], True)
            await contest.order("grant", keys=[rows["A-01"]["key"]], ms=MINUTE, reason="耳机")
            ping(wall_ms=clock.now_ms() - 3_000, queued=2)
            rows = await viewer.after(6_000)
            assert rows["A-01"]["troubles"] == ["end_unseen", "unsaved", "clock"]
            assert abs(rows["A-01"]["offset_ms"] + 3_000) < 10
            ping()
            await person.send({"type": "raise_hand"})
            rows = await viewer.after(500)
            assert rows["A-01"]["troubles"] == ["help"]
            services.presence.leave(line)
            rows = await viewer.after(500)
            assert rows["A-01"]["troubles"] == ["help", "offline"]


async def test_a_device_check_is_evidence_and_stands_on_the_board(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock) as services:
        contest = await Contest.organise(services)
        await contest.order("arm")
        person = await contest.contestant("001")
        technician = contest.who(Role.TECHNICIAN)
        async with await services.board.watch(technician, contest.contest_id, None) as frames:
            viewer = Viewer(clock, frames)
            await viewer.frame()
            rows = await viewer.after(500)
            assert (rows["A-01"]["device"], rows["A-01"]["device_faults"]) == ("untested", [])
            assert rows["A-05"]["device"] is None

            deaf = GOOD | {"headphones": {"played": 4, "left": 2, "heard": 2, "tries": 3}}
            await person.send({"type": "device_check", "report": deaf})
            rows = await viewer.after(500)
            assert (rows["A-01"]["device"], rows["A-01"]["device_faults"]) == ("faulty", ["headphones"])
            assert "device" in rows["A-01"]["troubles"]
            view = await services.attempts.view(await services.runner.attempt(person.attempt_id))
            assert (view.device.mark, view.device.faults) == ("faulty", ("headphones",))

            await person.send({"type": "device_check", "report": GOOD})
            rows = await viewer.after(500)
            assert rows["A-01"]["device"] == "passed"
            assert "device" not in rows["A-01"]["troubles"]
            await person.send({"type": "device_check", "report": deaf})
            await contest.order("start")
            rows = await viewer.after(500)
            assert (rows["A-01"]["device"], rows["A-02"]["device"]) == ("faulty", "untested")
            assert "device" not in rows["A-01"]["troubles"]

        shown = await services.attempts.timeline(technician, person.attempt_id)
        reports = [event.payload["report"] for event in shown if event.type == "attempt.device_checked"]
        assert [one["headphones"]["heard"] for one in reports] == [2, 4, 2]
        with pytest.raises(Invalid):
            await person.send({"type": "device_check", "report": GOOD | {"device_label": "某人的耳机"}})
        for _ in range(MOST_CHECKS - 3):
            await person.send({"type": "device_check", "report": GOOD})
        with pytest.raises(Conflict):
            await person.send({"type": "device_check", "report": GOOD})
        assert (await verify(services)).faults == []
        kept = (await person.standing()).core

    async with house(folder, clock) as services:
        assert (await services.runner.attempt(person.attempt_id)).core == kept


async def test_a_place_that_is_not_the_drawn_one_is_shown(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock) as services:
        contest = await Contest.organise(services)
        await contest.order("arm")
        person = await contest.contestant("001")
        services.presence.enter(person.attempt_id, await contest.key_of("002"), "10.0.0.2", clock.now_ms())
        async with await services.board.watch(contest.who(Role.CHIEF_REFEREE), contest.contest_id, None) as frames:
            viewer = Viewer(clock, frames)
            await viewer.frame()
            rows = await viewer.after(500)
            assert rows["A-01"]["troubles"] == ["wrong_seat"]


async def test_a_slow_viewer_gets_the_whole_picture_again(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock) as services:
        contest = await Contest.organise(services)
        async with await services.board.watch(contest.who(Role.CHIEF_REFEREE), contest.contest_id, None) as frames:
            viewer = Viewer(clock, frames)
            await clock.advance(5_000)
            kinds = [(await viewer.frame())["type"] for _ in range(2)]
            assert "picture" in kinds


async def _lesson(services: Services, teacher: Principal) -> tuple[str, str]:
    await services.blobs.put(AUDIO)
    paper_id = await services.papers.add_paper(services.modules["typing_test"], paper(items=3), "lesson")
    made = await services.classes.create(teacher, NewClass(title="高二（3）班"))
    table = "学号,姓名\n01,测试一\n02,测试二\n".encode()
    await services.classes.import_(teacher, made.class_id, "名单.csv", table, dry_run=False)
    lesson = await services.lessons.prepare(
        teacher, made.class_id, NewLesson(paper_id=paper_id, parts=("i1", "i3"), duration_ms=40 * MINUTE)
    )
    return lesson.contest_id, lesson.stages[0].stage_id


async def test_a_lesson_is_one_teachers_work_and_shows_names(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock) as services:
        teacher = await services.accounts.create("teacher", "测试教师", Role.TRAINER, None)
        lesson_id, stage_id = await _lesson(services, teacher)

        async def order(act: str) -> None:
            seen = await services.contests.revision(lesson_id)
            request = OrderRequest.model_validate({"act": act, "seen": seen})
            given = await services.orders.order(teacher, lesson_id, stage_id, request)
            assert given.status == "done"

        async with await services.board.watch(teacher, lesson_id, None) as frames:
            viewer = Viewer(clock, frames)
            await viewer.frame()
            rows = await viewer.after(500)
            assert {row["name"] for row in rows.values()} == {"测试一", "测试二"}
            await order("start")
            rows = await viewer.after(500)
            assert {row["phase"] for row in rows.values()} == {Phase.RUNNING}
            assert rows["01"]["total"] == 2
            assert rows["01"]["limit_ms"] == 40 * MINUTE

        pupil = (await services.accounts.principals([rows["01"]["key"]]))[0]
        attempt_id = await services.lessons.mine(pupil)
        assert attempt_id == rows["01"]["attempt_id"]
        await order("close")
        assert await services.lessons.mine(pupil) is None
        await services.scorer.catch_up()
        assert attempt_id is not None
        assert (await services.results.outcome(pupil, attempt_id)).status == "ready"


async def test_a_latecomer_joins_a_lesson_that_runs(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock) as services:
        teacher = await services.accounts.create("teacher", "测试教师", Role.TRAINER, None)
        lesson_id, stage_id = await _lesson(services, teacher)
        seen = await services.contests.revision(lesson_id)
        await services.orders.order(teacher, lesson_id, stage_id, OrderRequest(act="start", seen=seen))
        (made,) = await services.classes.all(teacher)
        table = "学号,姓名\n03,测试三\n".encode()
        await services.classes.import_(teacher, made.class_id, "名单.csv", table, dry_run=False)
        late = (await services.contests.repository.pupils(made.class_id))[2]
        (pupil,) = await services.accounts.principals([late.account_id])
        attempt_id = await services.lessons.mine(pupil)
        assert attempt_id is not None
        assert (await services.runner.attempt(attempt_id)).core.phase is Phase.RUNNING


async def test_a_call_stands_on_the_board(folder: DataFolder, clock: ManualClock) -> None:
    media = FakeMedia(clock)
    async with house(folder, clock, MODULES, media) as services:
        contest, seat = await voice_contest(services, media)
        place = await contest.key_of("001")
        async with await services.board.watch(contest.who(Role.CHIEF_REFEREE), contest.contest_id, None) as frames:
            viewer = Viewer(clock, frames)
            await viewer.frame()
            line = services.presence.enter(seat.attempt_id, place, "10.0.0.1", clock.now_ms())
            ends_ms = (await seat.standing()).core.ends_ms

            def ping(unsent_ms: int = 0) -> None:
                services.presence.said(
                    line,
                    clock.now_ms(),
                    wall_ms=clock.now_ms(),
                    rtt_ms=2,
                    queued=0,
                    ends_ms=ends_ms,
                    unsent_ms=unsent_ms,
                )

            ping()
            media.level(seat.attempt_id, OUT, -20, -127)
            rows = await viewer.after(500)
            voice = rows["A-01"]["voice"]
            assert (voice["call_id"], voice["phase"], voice["connected"]) == (OUT, "dialling", True)
            assert (voice["agent_dbfs"], voice["customer_dbfs"]) == (-25, -127)
            assert (rows["A-02"]["voice"], rows["A-02"]["unsent_ms"]) == (None, None)
            assert "connected" not in rows["A-01"]["troubles"]

            # Within a step nothing is sent again.
            media.level(seat.attempt_id, OUT, -15, -100)
            await viewer.after(500)
            assert viewer.last["rows"] == []

            await seat.do("mute", call=OUT, on=True)
            media.report(seat.attempt_id, OUT, MediaTrouble(kind="no_packets", began=True))
            await seat.do("trouble", call=OUT, kind="no_microphone", began=True)
            rows = await viewer.after(500)
            assert rows["A-01"]["voice"]["muted"]
            assert rows["A-01"]["troubles"] == ["no_microphone", "no_packets"]

            # Levels that come no more are no levels; a call without sound for long is a trouble.
            ping(unsent_ms=61_200)
            rows = await viewer.after(4_000)
            assert not rows["A-01"]["voice"]["connected"]
            assert rows["A-01"]["unsent_ms"] == 62_000
            ping(unsent_ms=61_200)
            rows = await viewer.after(6_000)
            assert rows["A-01"]["troubles"] == ["no_microphone", "no_packets", "unconnected", "unsent"]

            # After the hand-in the machine must stay on until all has gone.
            await seat.send({"type": "hand_in", "cause": "handed_in"})
            ping(unsent_ms=2_000)
            rows = await viewer.after(6_000)
            assert (rows["A-01"]["voice"], rows["A-01"]["troubles"]) == (None, ["unsent"])
            ping()
            rows = await viewer.after(500)
            assert rows["A-01"]["troubles"] == []


async def test_a_module_is_asked_of_a_call_only_when_the_attempt_has_gone_on(
    folder: DataFolder, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    media = FakeMedia(clock)
    async with house(folder, clock, MODULES, media) as services:
        contest, seat = await voice_contest(services, media)
        asked: list[Any] = []
        side: Any = MODULES["telephony"].media
        standing = type(side).standing

        def counted(self: Any, content: Any, state: Any) -> Any:
            asked.append(state)
            return standing(self, content, state)

        async with await services.board.watch(contest.who(Role.CHIEF_REFEREE), contest.contest_id, None) as frames:
            viewer = Viewer(clock, frames)
            await viewer.frame()
            monkeypatch.setattr(type(side), "standing", counted)
            for dbfs in (-10, -30, -50):
                media.level(seat.attempt_id, OUT, dbfs, dbfs)
                await viewer.after(500)
                assert viewer.rows[await contest.key_of("001")]["voice"]["agent_dbfs"] == step(dbfs)
            assert asked == []
            await seat.do("open_part", part="in1")
            await viewer.after(500)
            assert len(asked) == 1


@pytest.mark.parametrize(
    ("dbfs", "least"), [(-127, -127), (-61, -127), (-60, -60), (-44, -45), (-35, -35), (-13, -25), (-12, -12), (0, -12)]
)
def test_levels_come_in_steps(dbfs: int, least: int) -> None:
    assert step(dbfs) == least
