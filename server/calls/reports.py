"""Takes what workers report into the attempts' journals: each once, in order, and taken only when it is durable."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import structlog

from server.attempts.runner import AttemptRunner
from server.core.bus import Bus
from server.core.clock import Clock
from server.core.errors import DiskFull, NotFound, Problem, StorageFailed
from server.core.media import MediaReport
from server.core.media_port import MediaPort
from server.core.media_wire import CallClosed, Reported

CLOSED = "calls.closed"
"""Bus topic: nothing more is written to a call's journals; the word is "<attempt id>/<call id>"."""
RETRY_MS = 1_000

log = structlog.get_logger()


@dataclass(slots=True)
class _Life:
    """Reports of one life of a worker: they come in order, and those not taken come again after a break."""

    newest: int = 0
    waiting: set[int] = field(default_factory=set)

    def taken(self) -> int:
        """Everything up to and with this is done."""
        return min(self.waiting) - 1 if self.waiting else self.newest


@dataclass(frozen=True, slots=True)
class _Gone:
    """The end of a worker's life, in the lane of a call that it had."""

    number: int
    worker_id: str
    attempt_id: str
    call_id: str
    lost: Callable[[], Iterable[MediaReport]]


_Said = Reported | CallClosed | _Gone


@dataclass(slots=True)
class ReportTaker:
    """One lane an attempt: an attempt whose journal can't be written keeps no other one waiting."""

    runner: AttemptRunner
    port: MediaPort
    bus: Bus
    clock: Clock
    _lives: dict[str, _Life] = field(default_factory=dict)
    _lanes: dict[str, deque[_Said]] = field(default_factory=dict)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _resting: int = 0
    """Lanes that wait for a next try."""

    def take(self, said: _Said) -> None:
        """Something was reported, perhaps once more."""
        life = self._lives.setdefault(said.worker_id, _Life())
        if said.number <= life.newest:
            self.port.taken(said.worker_id, life.taken())
            return
        life.newest = said.number
        life.waiting.add(said.number)
        lane = self._lanes.get(said.attempt_id)
        if lane is not None:
            lane.append(said)
            return
        self._lanes[said.attempt_id] = deque([said])
        task = asyncio.create_task(self._drive(said.attempt_id), name="calls.reports")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def gone(self, worker_id: str, attempt_id: str, call_id: str, lost: Callable[[], Iterable[MediaReport]]) -> None:
        """A worker died with a call: what that means (`lost`) is asked behind all that it had reported of it."""
        life = self._lives.get(worker_id)
        number = 1 if life is None else life.newest + 1
        self.take(_Gone(number, worker_id, attempt_id, call_id, lost))

    def forget(self, worker_id: str) -> None:
        """That life of a worker is over and sends nothing again; what it has reported is still taken."""
        life = self._lives.get(worker_id)
        if life is not None and not life.waiting:
            del self._lives[worker_id]

    def busy(self) -> bool:
        """Whether something is being taken just now."""
        return len(self._lanes) > self._resting

    async def stop(self) -> None:
        """Take nothing more; whatever was not taken comes again."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _drive(self, attempt_id: str) -> None:
        lane = self._lanes[attempt_id]
        try:
            while lane:
                said = lane[0]
                await self._durable(said)
                lane.popleft()
                life = self._lives[said.worker_id]
                life.waiting.discard(said.number)
                self.port.taken(said.worker_id, life.taken())
        finally:
            del self._lanes[attempt_id]

    async def _durable(self, said: _Said) -> None:
        """Return once it is in the journal, or can never be."""
        match said:
            case CallClosed():
                self.bus.publish(CLOSED, f"{said.attempt_id}/{said.call_id}")
            case Reported():
                await self._journalled(said, said.report, f"{said.worker_id}.{said.number}", said.at_ms)
            case _Gone():
                now_ms = self.clock.now_ms()
                for n, report in enumerate(tuple(said.lost())):
                    await self._journalled(said, report, f"{said.worker_id}.gone.{said.call_id}.{n}", now_ms)

    async def _journalled(self, said: Reported | _Gone, report: MediaReport, report_id: str, at_ms: int) -> None:
        while True:
            try:
                await self.runner.reported(said.attempt_id, said.call_id, report, report_id, at_ms)
                return
            except (DiskFull, StorageFailed) as problem:
                log.warning("calls.report_waits", attempt_id=said.attempt_id, why=problem.code)
            except NotFound:
                log.warning("calls.report_of_nobody", attempt_id=said.attempt_id, call_id=said.call_id)
                return
            except Problem as problem:  # the module could not make sense of it, and never will
                log.error("calls.report_refused", attempt_id=said.attempt_id, call_id=said.call_id, why=problem.code)
                return
            except Exception:  # nobody knows what that was: what comes behind it in the lane must not be lost by it
                log.exception("calls.report_waits", attempt_id=said.attempt_id)
            self._resting += 1
            try:
                await self.clock.sleep_until(self.clock.now_ms() + RETRY_MS)
            finally:
                self._resting -= 1
