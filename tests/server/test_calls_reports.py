"""What workers report is journalled once, in order, and taken only when it is durable."""

from itertools import count
from typing import Any

import pytest

from server.adapters.bus_local import LocalBus
from server.calls.reports import CLOSED, RETRY_MS, ReportTaker
from server.core.errors import DiskFull, NotFound, Problem, StorageFailed
from server.core.media import LegDown, LegUp, MediaReport, SpeechBegan
from server.core.media_wire import CallClosed, Reported
from server.settings import DataFolder
from tests.support.calls import IN, MODULES, VoiceSeat
from tests.support.clock import ManualClock
from tests.support.house import house
from tests.support.media import WORKER, FakeMedia

pytestmark = [pytest.mark.flow, pytest.mark.anyio]


class Runner:
    """Journals what it is told, or fails as told."""

    def __init__(self) -> None:
        self.journal: list[tuple[str, str]] = []
        self.fails: dict[str, Exception] = {}
        self.tries = 0

    async def reported(self, attempt_id: str, call_id: str, report: MediaReport, report_id: str, at_ms: int) -> None:
        self.tries += 1
        if (problem := self.fails.get(attempt_id)) is not None:
            raise problem
        self.journal.append((attempt_id, report_id))


class Bench:
    """A taker on a runner that can fail."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.runner = Runner()
        self.media = FakeMedia(clock)
        self.bus = LocalBus()
        made: Any = self.runner
        self.taker = ReportTaker(made, self.media, self.bus, clock)
        self._numbers = count(1)

    def report(self, attempt_id: str, number: int | None = None) -> Reported:
        reported = Reported(
            number=next(self._numbers) if number is None else number,
            worker_id=WORKER,
            attempt_id=attempt_id,
            call_id=IN,
            at_ms=self.clock.now_ms(),
            report=SpeechBegan(leg="seat"),
        )
        self.taker.take(reported)
        return reported

    @property
    def taken(self) -> int:
        return self.media.taken_up_to.get(WORKER, 0)


async def test_each_report_is_journalled_once_and_in_order(clock: ManualClock) -> None:
    bench = Bench(clock)
    for attempt_id in ("a", "b", "a", "a"):
        bench.report(attempt_id)
    await clock.settle()
    assert [name for attempt, name in bench.runner.journal if attempt == "a"] == [f"{WORKER}.{n}" for n in (1, 3, 4)]
    assert bench.taken == 4
    # A worker that has been joined anew sends again whatever it has not been told of.
    for number, attempt_id in ((3, "a"), (4, "a"), (5, "b")):
        bench.report(attempt_id, number)
    await clock.settle()
    assert [name for _, name in bench.runner.journal].count(f"{WORKER}.4") == 1
    assert bench.taken == 5


@pytest.mark.parametrize("problem", [DiskFull(), StorageFailed(), RuntimeError("of the server's own")])
async def test_a_full_disk_keeps_reports_until_there_is_room(clock: ManualClock, problem: Exception) -> None:
    bench = Bench(clock)
    bench.report("a")
    await clock.settle()
    bench.runner.fails["b"] = problem
    for attempt_id in ("b", "a", "b"):
        bench.report(attempt_id)
    await clock.advance(5 * RETRY_MS)
    assert bench.taken == 1
    assert [attempt for attempt, _ in bench.runner.journal] == ["a", "a"]
    assert bench.runner.tries == 8
    del bench.runner.fails["b"]
    await clock.advance(RETRY_MS)
    assert [name for attempt, name in bench.runner.journal if attempt == "b"] == [f"{WORKER}.2", f"{WORKER}.4"]
    assert bench.taken == 4
    assert not bench.taker.busy()


@pytest.mark.parametrize("problem", [NotFound(), Problem()])
async def test_what_can_never_be_journalled_is_taken(clock: ManualClock, problem: Problem) -> None:
    bench = Bench(clock)
    bench.runner.fails["nobody"] = problem
    bench.report("nobody")
    bench.report("a")
    await clock.settle()
    assert bench.taken == 2
    assert bench.runner.tries == 2


async def test_a_call_is_closed_after_what_was_reported_of_it(clock: ManualClock) -> None:
    bench = Bench(clock)
    bench.runner.fails["a"] = DiskFull()
    async with bench.bus.listen(CLOSED) as words:
        bench.report("a")
        bench.taker.take(CallClosed(number=2, worker_id=WORKER, attempt_id="a", call_id=IN))
        await clock.advance(3 * RETRY_MS)
        assert bench.taken == 0
        bench.runner.fails.clear()
        await clock.advance(RETRY_MS)
        assert await anext(words) == f"a/{IN}"
    assert bench.taken == 2
    await bench.taker.stop()


async def test_a_report_sent_again_after_a_restart_counts_once(folder: DataFolder, clock: ManualClock) -> None:
    media = FakeMedia(clock)
    async with house(folder, clock, MODULES, media) as services:
        seat = await VoiceSeat.begin(services)
        await seat.do("open_part", part="in1")
        await clock.settle()
        reports = [
            media.report(seat.attempt_id, IN, LegUp(leg="seat", connection=1)),
            media.report(seat.attempt_id, IN, LegDown(leg="seat", connection=1)),
        ]
        await clock.settle()
        assert media.taken_up_to == {WORKER: 2}
    again = FakeMedia(clock)
    async with house(folder, clock, MODULES, again) as services:
        seat.services = services
        for report in (*reports, *reports):
            again.say(report)
        await clock.settle()
        assert again.taken_up_to == {WORKER: 2}
        assert [event["up"] for event in await seat.events("leg_changed")] == [True, False]
        assert [plan.call_id for plan in again.plans[seat.attempt_id]] == [IN]


async def test_a_report_counts_at_its_own_moment(folder: DataFolder, clock: ManualClock) -> None:
    media = FakeMedia(clock)
    async with house(folder, clock, MODULES, media) as services:
        seat = await VoiceSeat.begin(services)
        await seat.do("open_part", part="in1")
        began_ms = clock.now_ms()
        await clock.advance(10_000)
        media.report(seat.attempt_id, IN, LegUp(leg="seat", connection=1), at_ms=began_ms + 700)
        await clock.settle()
        (changed,) = await seat.events("leg_changed")
        (began,) = await seat.events("call_began")
        assert changed["stage_ms"] - began["stage_ms"] == 700
