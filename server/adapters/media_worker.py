"""One media worker, from its start or from when it was found to its end; lines to it break and are joined anew."""

import asyncio
import contextlib
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal

import structlog
from pydantic import BaseModel

from server.adapters.media_channel import Heard, MediaChannel, NotOurs, join
from server.adapters.media_process import MediaFolder, WorkerState
from server.core.media import CallPlan
from server.core.media_port import MediaHappening, WorkerGone, WorkerJoined
from server.core.media_wire import CallClosed, Joined, Levels, Perform, PlanFile, Retire, Taken

START_S = 60
"""A start takes about a second; a busy machine without bytecode needs far more."""
POLL_S = 0.05
AGAIN_S = 0.2
HUNG_S = 20
"""Whoever has let nobody in for so long is put down, if it is a child, and given up."""
STOP_S = 8

log = structlog.get_logger()

Call = tuple[str, str]


@dataclass(slots=True, eq=False)
class MediaWorker:
    """`number` names its files; `leaving` means that it gets no new calls, and is asked to go once it has none."""

    number: int
    folder: MediaFolder
    now_ms: Callable[[], int]
    tell: Callable[[MediaHappening], None]
    process: "subprocess.Popen[bytes] | None" = None
    leaving: bool = False
    state: Literal["starting", "joined", "lost", "gone"] = "starting"
    worker_id: str = ""
    calls: set[Call] = field(default_factory=set)
    """What it has up, by its own word and by what it was told."""
    _channel: MediaChannel | None = None
    _newest: int = 0
    _taken: int = 0
    _retired: bool = False

    @property
    def channel(self) -> MediaChannel | None:
        """The line to it; None while there is none."""
        return self._channel if self.state == "joined" else None

    def send(self, frame: BaseModel) -> None:
        """Say something; lost while there is no line."""
        if (channel := self.channel) is not None:
            channel.send(frame)

    def perform(self, attempt_id: str, plans: Iterable[CallPlan], files: Iterable[PlanFile]) -> None:
        """Have it carry exactly these calls of an attempt."""
        frame = Perform(attempt_id=attempt_id, plans=tuple(plans), files=tuple(files))
        self.calls |= {(attempt_id, plan.call_id) for plan in frame.plans}
        self.send(frame)

    def taken(self, number: int) -> None:
        """Its reports up to and with this one are durable."""
        self._taken = max(self._taken, number)
        self.send(Taken(number=number))
        self._go_if_idle()

    def leave(self) -> None:
        """It is to go once it has nothing left to do."""
        self.leaving = True
        self._go_if_idle()

    @property
    def idle(self) -> bool:
        """Whether it has no call up and nothing that was not taken."""
        return not self.calls and self._taken >= self._newest

    async def live(self) -> None:
        """Return when its process has ended, or has been given up."""
        try:
            state = await self._announced()
            if state is not None:
                await self._attend(state)
        except asyncio.CancelledError:
            self._let_go()
            raise
        except Exception:
            self._gone()
            raise
        self._gone()

    async def retire(self) -> None:
        """Ask it to end, and wait for that; a child that won't is put down."""
        self._retired = True
        channel, process = self.channel, self.process
        if channel is None and process is not None and process.poll() is None:
            process.terminate()  # it has not said yet how to reach it, and has no call
        self.send(Retire())
        try:
            async with asyncio.timeout(STOP_S):
                if channel is not None:
                    await channel.ended()
                if process is not None:
                    await _ended(process)
        except TimeoutError:
            await self._put_down()

    async def _announced(self) -> WorkerState | None:
        """What it says of itself; None if it ended, or said nothing, before that."""
        deadline = asyncio.get_running_loop().time() + START_S
        while (state := self.folder.state(self.number)) is None:
            if self.process is None:
                self.folder.forget(self.number)
                return None
            if (code := self.process.poll()) is not None:
                log.warning("media.not_started", number=self.number, code=code)
                return None
            if asyncio.get_running_loop().time() > deadline:
                log.warning("media.not_started", number=self.number, seconds=START_S)
                await self._put_down()
                return None
            await asyncio.sleep(POLL_S)
        return state

    async def _attend(self, state: WorkerState) -> None:
        loop = asyncio.get_running_loop()
        heard_s = loop.time()
        while True:
            try:
                channel, joined = await join(state.port, state.token, self.now_ms)
            except (ConnectionRefusedError, NotOurs):
                # Nobody listens there, or somebody else: that worker's life is over.
                await self._put_down()
                self.folder.forget(self.number, state)
                return
            except (OSError, TimeoutError):
                if loop.time() - heard_s > HUNG_S:
                    log.error("media.hangs", number=self.number, pid=state.pid)
                    await self._put_down()
                    self.folder.forget(self.number, state)
                    return
            else:
                self._came(channel, joined)
                await channel.listen(self._heard)
                heard_s = loop.time()
                self.state = "lost"
                await channel.ended()
            await asyncio.sleep(AGAIN_S)

    def _came(self, channel: MediaChannel, joined: Joined) -> None:
        self._channel, self.state, self.worker_id = channel, "joined", joined.worker_id
        self.calls = {(attempt_id, call_id) for attempt_id, call_id in joined.calls}
        log.info("media.joined", number=self.number, worker=joined.worker_id, pid=joined.pid, calls=len(self.calls))
        self.tell(WorkerJoined(worker_id=joined.worker_id, calls=joined.calls))
        # It may hold reports that come right now: whether it is idle is asked after them.
        asyncio.get_running_loop().call_later(AGAIN_S, self._go_if_idle)

    def _heard(self, frame: Heard) -> None:
        if not isinstance(frame, Levels):
            self._newest = max(self._newest, frame.number)
        if isinstance(frame, CallClosed):
            self.calls.discard((frame.attempt_id, frame.call_id))
        self.tell(frame)

    def _go_if_idle(self) -> None:
        if self.leaving and self.idle and not self._retired and self.state == "joined":
            self._retired = True
            log.info("media.retires", number=self.number, worker=self.worker_id)
            self.send(Retire())

    def _let_go(self) -> None:
        """This server leaves; the process may live on for the next."""
        if self._channel is not None:
            self._channel.close()
        if self.process is not None and self.process.poll() is None:
            self.process.returncode = 0  # else a process that is forgotten while it runs is taken for a mistake

    def _gone(self) -> None:
        if self._channel is not None:
            self._channel.close()
        calls, self.calls, self.state = tuple(sorted(self.calls)), set(), "gone"
        if self.worker_id:
            say = log.info if self._retired else log.warning
            say("media.gone", number=self.number, worker=self.worker_id, calls=len(calls))
            self.tell(WorkerGone(worker_id=self.worker_id, calls=calls))

    async def _put_down(self) -> None:
        """End a child for good; somebody else's process is left alone, since its id may be another's by now."""
        process = self.process
        if process is None:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STOP_S):  # it may be on its way out, with journals to write
                await _ended(process)
        if process.poll() is None:
            process.kill()
            await _ended(process)


async def _ended(process: "subprocess.Popen[bytes]") -> None:
    """Return when it has ended; the loop's own way of waiting would end it with the loop."""
    while True:
        if process.poll() is not None:
            return
        await asyncio.sleep(POLL_S)
