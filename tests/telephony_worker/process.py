"""A real media worker as a process of its own, and the server's end of its channel."""

import asyncio
import contextlib
import itertools
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from server.core.frozen import sha256_hex
from server.core.media import CallPlan, Leg, MediaReport, Play
from server.core.media_wire import (
    Answered,
    CallClosed,
    EndListening,
    FromWorker,
    Join,
    Joined,
    Levels,
    Listen,
    Offer,
    Perform,
    PlanFile,
    Reported,
    Retire,
    Taken,
)
from tests.support.process import environment
from tests.telephony_worker.peer import Peer

START_S = 60
WAIT_S = 30
ATTEMPT = "attempt-1"
CALL = "in1.1"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Place:
    """What a worker says of itself."""

    port: int
    pid: int
    token: str
    worker_id: str


class WorkerProcess:
    """One worker on a folder; `kill` leaves nothing behind."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.folder = folder
        self.journals = folder / "journals"
        self._arguments = arguments
        self._process: subprocess.Popen[bytes] | None = None
        self._log = folder / "worker.stderr"

    def start(self) -> Place:
        """Start and wait until it can be joined."""
        workers = self.folder / "workers"
        place = workers / "0.json"
        place.unlink(missing_ok=True)
        command = [sys.executable, "-m", "telephony.worker", "--folder", str(workers), "--number", "0"]
        command += ["--journals", str(self.journals), "--address", "127.0.0.1", *self._arguments]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(command, stderr=log, stdout=log, env=environment())
        deadline = time.monotonic() + START_S
        while not place.exists():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the worker did not start\n{self.log()}")
            time.sleep(0.02)
        return Place(**json.loads(place.read_bytes()))

    @property
    def pid(self) -> int:
        """The process's id."""
        assert self._process is not None
        return self._process.pid

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        os.kill(self.pid, number)

    def kill(self) -> None:
        """`kill -9`; harmless if it has ended."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    async def ended(self) -> int:
        """Its exit code, once it has ended by itself."""
        assert self._process is not None
        return await asyncio.to_thread(self._process.wait, WAIT_S)

    def log(self) -> str:
        """What it said."""
        return self._log.read_text(encoding="utf-8", errors="replace")


class Server:
    """The server's end: joins, sends frames, keeps what came."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.frames: list[Any] = []
        self.ended = False
        self._came = asyncio.Event()
        self._requests = itertools.count(1)
        self._reader: asyncio.StreamReader
        self._writer: asyncio.StreamWriter
        self._task: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        """Open the channel, say nothing."""
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self.place.port, limit=8_000_000)
        self._task = asyncio.get_running_loop().create_task(self._read())

    async def join(self, token: str | None = None, now_ms: int | None = None) -> Joined:
        """Open the channel and be let in."""
        await self.connect()
        self.send(
            Join(
                token=self.place.token if token is None else token,
                now_ms=time.time_ns() // 1_000_000 if now_ms is None else now_ms,
            )
        )
        return await self.first(Joined)

    def send(self, frame: Any) -> None:
        """One frame."""
        self.raw(frame.model_dump_json().encode() + b"\n")

    def raw(self, data: bytes) -> None:
        """Whatever bytes."""
        self._writer.write(data)

    def perform(self, *plans: CallPlan, files: tuple[Path, ...] = (), attempt: str = ATTEMPT) -> None:
        """The calls of an attempt."""
        said = tuple(PlanFile(sha256=sha256_hex(file.read_bytes()), path=str(file)) for file in files)
        self.send(Perform(attempt_id=attempt, plans=plans, files=said))

    async def offer(
        self, sdp: str, connection: int = 1, leg: Leg = "seat", *, call: str = CALL, attempt: str = ATTEMPT
    ) -> Answered:
        """A browser's offer, and what became of it."""
        request = f"r{next(self._requests)}"
        frame = Offer(request_id=request, attempt_id=attempt, call_id=call, leg=leg, connection=connection, sdp=sdp)
        self.send(frame)
        return await self.first(Answered, lambda each: each.request_id == request)

    async def seat(
        self, peer: Peer, connection: int = 1, leg: Leg = "seat", *, call: str = CALL, attempt: str = ATTEMPT
    ) -> None:
        """Connect a browser to a leg."""
        answered = await self.offer(await peer.offer(), connection, leg, call=call, attempt=attempt)
        assert not answered.fault, answered.fault
        await peer.accept(answered.sdp)
        await peer.up()
        await self.reported("leg_up", lambda each: each.leg == leg and each.connection == connection, call=call)

    async def listen(self, peer: Peer, listener: str = "l1", *, call: str = CALL) -> None:
        """Connect somebody who listens in."""
        request = f"r{next(self._requests)}"
        sdp = await peer.offer()
        self.send(Listen(request_id=request, listener_id=listener, attempt_id=ATTEMPT, call_id=call, sdp=sdp))
        answered = await self.first(Answered, lambda each: each.request_id == request)
        assert not answered.fault, answered.fault
        await peer.accept(answered.sdp)
        await peer.up()

    def end_listening(self, listener: str = "l1") -> None:
        """They go."""
        self.send(EndListening(listener_id=listener))

    def taken(self, number: int) -> None:
        """Reports are durable."""
        self.send(Taken(number=number))

    def retire(self) -> None:
        """The worker may go."""
        self.send(Retire())

    async def first(self, kind: type[T], holds: Callable[[T], bool] = lambda _: True) -> T:
        """The first frame of a kind of which something holds, waited for."""
        async with asyncio.timeout(WAIT_S):
            while True:
                for frame in self.frames:
                    if isinstance(frame, kind) and holds(frame):
                        return frame
                assert not self.ended, "the worker hung up"
                await self._came.wait()

    async def reported(self, kind: str, holds: Callable[[Any], bool] = lambda _: True, *, call: str = CALL) -> Reported:
        """The first report of a kind of which something holds."""
        return await self.first(
            Reported, lambda each: each.call_id == call and each.report.type == kind and holds(each.report)
        )

    async def closed(self, call: str = CALL) -> CallClosed:
        """Until the call is in its journals."""
        return await self.first(CallClosed, lambda each: each.call_id == call)

    async def level(self, holds: Callable[[Any], bool]) -> Levels:
        """Levels in which something holds of a call."""
        return await self.first(Levels, lambda each: any(holds(call) for call in each.calls))

    async def hung_up(self) -> None:
        """Until the worker has closed the channel."""
        async with asyncio.timeout(WAIT_S):
            while not self.ended:
                await self._came.wait()

    def reports(self) -> list[MediaReport]:
        """Everything that was reported, in order."""
        return [frame.report for frame in self.frames if isinstance(frame, Reported)]

    async def close(self) -> None:
        """Go away, as a server that was killed."""
        self._writer.close()
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _read(self) -> None:
        with contextlib.suppress(OSError):
            while line := await self._reader.readline():
                self.frames.append(FromWorker.model_validate_json(line).root)
                self._wake()
        self.ended = True
        self._wake()

    def _wake(self) -> None:
        came, self._came = self._came, asyncio.Event()
        came.set()


def plan(*plays: Play, call: str = CALL, due: bool = False, **changes: Any) -> CallPlan:
    """A plan of the call."""
    return CallPlan(call_id=call, speech_due=due, plays=plays, **changes)


def play(n: int, file: Path, packets: int) -> Play:
    """A play of so many packets of 20 ms."""
    return Play(n=n, sha256=sha256_hex(file.read_bytes()), duration_ms=packets * 20)
