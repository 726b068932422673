"""The server's side of media workers on real processes: joined, lost, killed, found again, replaced."""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from server.adapters import media_channel, media_worker
from server.adapters.media_process import MediaFolder
from server.adapters.media_workers import MediaWorkers, WorkerSetup, worker_count
from server.core.media import CallPlan
from server.core.media_port import CallOver, MediaAway, MediaHappening, SdpUnusable, WorkerGone, WorkerJoined
from server.core.media_wire import CallClosed, Reported
from tests.support.media import SDP

pytestmark = [pytest.mark.fault, pytest.mark.anyio]

SCRIPT = Path(__file__).parents[1] / "support" / "scripted_worker.py"
WAIT_S = 60
CALL = "in1.1"
PLAN = CallPlan(call_id=CALL, speech_due=False)


def setup(count: int = 1, mode: str = "plain") -> WorkerSetup:
    return WorkerSetup((sys.executable, str(SCRIPT), mode), ("127.0.0.1",), count)


class Hall:
    """Workers on a folder, with everything that happened."""

    def __init__(self, folder: Path, setup_: WorkerSetup) -> None:
        self.workers = MediaWorkers(folder)
        self.happened: list[MediaHappening] = []
        self._setup = setup_
        self._came = asyncio.Event()
        self._task = asyncio.create_task(self._listen())

    async def start(self) -> None:
        self.workers.start(self._setup, lambda: 1_800_000_000_000)
        await self.until(lambda: self.workers.standing().joined == self._setup.count)

    async def until(self, holds: Callable[[], bool]) -> None:
        """Until something holds; asked whenever something happens, and now and then."""
        async with asyncio.timeout(WAIT_S):
            while not holds():
                self._came.clear()
                try:
                    async with asyncio.timeout(0.05):
                        await self._came.wait()
                except TimeoutError:
                    continue

    def of(self, *kinds: type[MediaHappening]) -> list[MediaHappening]:
        return [one for one in self.happened if isinstance(one, kinds)]

    def perform(self, *attempts: str, plans: Sequence[CallPlan] = (PLAN,)) -> None:
        for attempt_id in attempts:
            self.workers.perform(attempt_id, plans, {})

    async def answer(self, attempt_id: str, sdp: str = SDP) -> str:
        return await self.workers.offer(attempt_id, CALL, "seat", 1, sdp)

    async def leave(self, *, retire_all: bool = False) -> None:
        await self.workers.stop(retire_all=retire_all)
        self._task.cancel()

    async def _listen(self) -> None:
        async for happening in self.workers.happenings():
            self.happened.append(happening)
            self._came.set()


@asynccontextmanager
async def hall(folder: Path, setup_: WorkerSetup) -> AsyncIterator[Hall]:
    """A hall whose workers are all gone afterwards."""
    here = Hall(folder, setup_)
    try:
        await here.start()
        yield here
    finally:
        await here.leave(retire_all=True)
        assert MediaFolder(folder).numbers() == []


def pids(folder: Path) -> dict[int, int]:
    """Process ids by number."""
    media = MediaFolder(folder)
    return {number: state.pid for number in media.numbers() if (state := media.state(number)) is not None}


async def test_offers_are_answered_or_refused_with_a_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media_channel, "ANSWER_S", 0.5)
    async with hall(tmp_path, setup()) as here:
        here.perform("a")
        assert (await here.answer("a")).startswith("answer of ")
        assert (await here.workers.listen("l1", "a", CALL, SDP)).startswith("answer of ")
        here.workers.end_listening("l1")
        with pytest.raises(CallOver):
            await here.answer("b")
        with pytest.raises(SdpUnusable):
            await here.answer("a", "bad")
        with pytest.raises(MediaAway):
            await here.answer("a", "silence")
        # What this version doesn't know is passed over.
        assert await here.answer("a", "nonsense")
        assert await here.answer("a")


async def test_a_broken_line_is_joined_anew_and_reports_come_again(tmp_path: Path) -> None:
    async with hall(tmp_path, setup()) as here:
        here.perform("a")
        await here.until(lambda: len(here.of(Reported)) == 1)
        with pytest.raises(MediaAway):
            await here.answer("a", "silence, then hang up")
        await here.until(lambda: len(here.of(WorkerJoined)) == 2)
        await here.until(lambda: len(here.of(Reported)) == 2)
        first, again = here.of(Reported)
        assert first == again
        assert here.of(WorkerJoined)[1].calls == (("a", CALL),)  # type: ignore[union-attr]
        assert here.of(WorkerGone) == []
        # Taken, it comes no more.
        here.workers.taken(first.worker_id, 1)  # type: ignore[union-attr]
        with pytest.raises(MediaAway):
            await here.answer("a", "silence, then hang up")
        await here.until(lambda: len(here.of(WorkerJoined)) == 3)
        assert await here.answer("a")
        assert len(here.of(Reported)) == 2


async def test_a_killed_worker_is_started_again_and_knows_nothing(tmp_path: Path) -> None:
    async with hall(tmp_path, setup()) as here:
        here.perform("a")
        await here.until(lambda: len(here.of(Reported)) == 1)
        assert here.workers.held("a", CALL)
        before = pids(tmp_path)
        os.kill(before[0], 9)
        await here.until(lambda: len(here.of(WorkerJoined)) == 2)
        (gone,) = here.of(WorkerGone)
        assert isinstance(gone, WorkerGone)
        assert gone.calls == (("a", CALL),)
        assert pids(tmp_path) != before
        assert not here.workers.held("a", CALL)
        with pytest.raises(CallOver):
            await here.answer("a")
        here.perform("a")
        assert await here.answer("a")


async def test_calls_of_a_dead_worker_go_to_another_one(tmp_path: Path) -> None:
    async with hall(tmp_path, setup(2)) as here:
        attempts = [f"attempt-{number}" for number in range(12)]
        here.perform(*attempts)
        answers = {attempt: await here.answer(attempt) for attempt in attempts}
        assert len(set(answers.values())) == 2
        dead = answers[attempts[0]].split()[-1]
        (number,) = [n for n in pids(tmp_path) if (s := MediaFolder(tmp_path).state(n)) and s.worker_id == dead]
        os.kill(pids(tmp_path)[number], 9)
        await here.until(lambda: bool(here.of(WorkerGone)))
        here.perform(*attempts)
        after = {attempt: await here.answer(attempt) for attempt in attempts}
        assert {after[attempt] for attempt in attempts if answers[attempt] != answers[attempts[0]]} == {
            answers[attempt] for attempt in attempts if answers[attempt] != answers[attempts[0]]
        }
        assert dead not in " ".join(after.values())


async def test_calls_outlive_the_server_and_are_found_by_the_next(tmp_path: Path) -> None:
    one = Hall(tmp_path, setup())
    await one.start()
    one.perform("a")
    answer = await one.answer("a")
    await one.leave()
    async with hall(tmp_path, setup()) as here:
        (joined,) = here.of(WorkerJoined)
        assert isinstance(joined, WorkerJoined)
        assert joined.calls == (("a", CALL),)
        assert here.workers.held("a", CALL)
        assert await here.answer("a") == answer
        await here.until(lambda: len(here.of(Reported)) == 1)
        here.perform("a", plans=())
        await here.until(lambda: len(here.of(CallClosed)) == 1)
        assert not here.workers.held("a", CALL)


async def test_a_server_that_ends_in_order_takes_idle_workers_with_it(tmp_path: Path) -> None:
    one = Hall(tmp_path, setup(2))
    await one.start()
    one.perform("a")
    await one.answer("a")
    await one.leave()
    assert len(pids(tmp_path)) == 1
    async with hall(tmp_path, setup(2)) as here:
        assert here.workers.held("a", CALL)


async def test_a_worker_of_another_version_goes_once_its_calls_are_over(tmp_path: Path) -> None:
    one = Hall(tmp_path, setup())
    await one.start()
    one.perform("a")
    old = (await one.answer("a")).split()[-1]
    await one.leave()
    (tmp_path / "workers" / "0.version").write_text("0.0.1", encoding="utf-8")
    async with hall(tmp_path, setup()) as here:
        await here.until(lambda: len(here.of(WorkerJoined)) == 2)
        here.perform("b")
        assert old in await here.answer("a")
        assert old not in await here.answer("b")
        await here.until(lambda: len(here.of(Reported)) == 2)
        here.perform("a", plans=())
        await here.until(lambda: bool(here.of(CallClosed)))
        (closed,) = here.of(CallClosed)
        assert isinstance(closed, CallClosed)
        assert here.of(WorkerGone) == []  # what it has reported isn't durable yet
        here.workers.taken(old, closed.number)
        await here.until(lambda: bool(here.of(WorkerGone)))
        assert len(pids(tmp_path)) == 1
        # The attempt's next call is the new one's.
        here.perform("a")
        assert old not in await here.answer("a")


async def test_a_workers_clock_is_set_when_the_line_is_there(tmp_path: Path) -> None:
    asked: list[int] = []

    def now_ms() -> int:
        asked.append(len(asked))
        return 1_800_000_000_000

    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    with pytest.raises(ConnectionRefusedError):
        await media_channel.join(port, "token", now_ms)
    assert asked == []
    async with hall(tmp_path, setup()):
        state = MediaFolder(tmp_path).state(0)
        assert state is not None
        channel, _ = await media_channel.join(state.port, state.token, now_ms)
        channel.close()
        assert asked == [0]


async def test_stale_files_are_no_workers(tmp_path: Path) -> None:
    workers = tmp_path / "workers"
    workers.mkdir()
    (workers / "0.json").write_text("{", encoding="utf-8")
    (workers / "3.json").write_text('{"port":1,"pid":1,"token":"t","worker_id":"w"}', encoding="utf-8")
    async with hall(tmp_path, setup()) as here:
        here.perform("a")
        assert await here.answer("a")
        await here.until(lambda: list(pids(tmp_path)) == [1])
        assert not here.workers.held("x", CALL)


async def test_a_worker_that_can_not_start_is_media_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = Hall(tmp_path, setup(mode="broken"))
    here.workers.start(setup(mode="broken"), lambda: 0)
    await here.until(lambda: (tmp_path / "workers" / "0.log").is_file())
    here.perform("a")
    with pytest.raises(MediaAway):
        await here.answer("a")
    assert here.workers.standing().away
    await here.leave()


async def test_a_worker_that_hangs_is_put_down(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media_channel, "JOIN_S", 0.3)
    monkeypatch.setattr(media_worker, "HUNG_S", 1.0)
    monkeypatch.setattr(media_worker, "STOP_S", 0.3)
    here = Hall(tmp_path, setup(mode="deaf"))
    here.workers.start(setup(mode="deaf"), lambda: 0)
    await here.until(lambda: len(pids(tmp_path)) == 1)
    first = pids(tmp_path)[0]
    await here.until(lambda: pids(tmp_path).get(0, first) != first)
    with pytest.raises(ProcessLookupError):
        os.kill(first, 0)
    await here.leave(retire_all=True)


@pytest.mark.parametrize(("seats", "cores", "workers"), [(0, 4, 1), (150, 4, 1), (151, 4, 2), (265, 1, 1), (900, 4, 4)])
def test_as_many_workers_as_places_need(monkeypatch: pytest.MonkeyPatch, seats: int, cores: int, workers: int) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    assert worker_count(seats) == workers
