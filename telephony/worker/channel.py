"""The local channel to the server: JSON lines over loopback TCP, one server at a time, proved by a token."""

import asyncio
import contextlib
import hmac
import os
from collections.abc import Callable, Coroutine
from typing import Any

import structlog
from pydantic import ValidationError

from server.core.media_wire import (
    EndListening,
    Join,
    Joined,
    Levels,
    Listen,
    Offer,
    Perform,
    Retire,
    Taken,
    ToWorker,
)
from telephony.worker.clock import WorkerClock
from telephony.worker.shelf import ReportShelf
from telephony.worker.worker import AnyFrame, Worker

JOIN_S = 5.0
LONGEST_LINE = 8_000_000
LEVELS_BACKLOG = 500_000
MOST_BACKLOG = 32_000_000
"""A server that doesn't read for so long is cut off; it gets its reports again when it comes back."""
_log = structlog.get_logger()


class Channel:
    """Serves the newest server that knows the token. `on_retire` is called once when it asks the worker to end."""

    def __init__(
        self, token: str, worker_id: str, clock: WorkerClock, shelf: ReportShelf, on_retire: Callable[[], None]
    ) -> None:
        self._token = token
        self._worker_id = worker_id
        self._clock = clock
        self._shelf = shelf
        self._on_retire = on_retire
        self._worker: Worker | None = None
        self._server: asyncio.Server | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._taken = asyncio.Event()

    async def listen(self, worker: Worker) -> int:
        """Begin to listen on a free loopback port, which is returned."""
        self._worker = worker
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=LONGEST_LINE)
        return int(self._server.sockets[0].getsockname()[1])

    @property
    def joined(self) -> bool:
        """Whether a server is there."""
        return self._writer is not None

    def tell(self, frame: AnyFrame) -> None:
        """Send a frame now, if a server is there; reports wait on the shelf else."""
        writer = self._writer
        if writer is None or writer.is_closing():
            return
        backlog = writer.transport.get_write_buffer_size()
        if isinstance(frame, Levels) and backlog > LEVELS_BACKLOG:
            return
        if backlog > MOST_BACKLOG:
            _log.warning("media worker: the server doesn't read")
            self._cut_off(writer)
            return
        writer.write(_line(frame))

    async def all_taken(self, timeout_s: float) -> None:
        """Until the server has taken every report, or is gone, or time is up."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                while self._writer is not None and self._shelf.pending():
                    self._taken.clear()
                    await self._taken.wait()

    async def close(self) -> None:
        """Stop listening, and hang up."""
        if self._server is not None:
            self._server.close()
        if self._writer is not None:
            self._cut_off(self._writer)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            async with asyncio.timeout(JOIN_S):
                first = await _read(reader)
            if not isinstance(first, Join) or not hmac.compare_digest(first.token.encode(), self._token.encode()):
                _log.warning("media worker: a stranger at the door")
                return
            self._join(first, writer)
            while (frame := await _read(reader)) is not None:
                if self._writer is not writer:
                    return
                self._do(frame, writer)
        except (OSError, TimeoutError):
            return
        except ValueError as error:
            _log.warning("media worker: a frame that can't be", reason=_reason(error))
        except asyncio.CancelledError:
            return
        finally:
            self._cut_off(writer)

    def _join(self, join: Join, writer: asyncio.StreamWriter) -> None:
        assert self._worker is not None
        older, self._writer = self._writer, writer
        if older is not None:
            older.close()
        self._clock.joined(join.now_ms)
        self.tell(Joined(worker_id=self._worker_id, pid=os.getpid(), calls=self._worker.calls))
        for report in self._shelf.pending():
            self.tell(report)

    def _do(self, frame: object, writer: asyncio.StreamWriter) -> None:
        worker = self._worker
        assert worker is not None
        match frame:
            case Join():
                raise ValueError("a second Join")
            case Perform():
                worker.perform(frame)
            case Offer() | Listen():
                self._later(self._answer(frame, writer))
            case EndListening():
                self._later(worker.end_listening(frame))
            case Taken():
                self._shelf.taken(frame.number)
                self._taken.set()
            case Retire():
                self._on_retire()

    async def _answer(self, frame: Offer | Listen, writer: asyncio.StreamWriter) -> None:
        assert self._worker is not None
        answered = await (self._worker.offer(frame) if isinstance(frame, Offer) else self._worker.listen(frame))
        if self._writer is writer:
            self.tell(answered)

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _cut_off(self, writer: asyncio.StreamWriter) -> None:
        if self._writer is writer:
            self._writer = None
            self._taken.set()
        writer.close()


async def _read(reader: asyncio.StreamReader) -> object | None:
    """The next frame; None at the end. Raises ValueError for what is none, and for a line without an end."""
    line = await reader.readline()
    if not line:
        return None
    return ToWorker.model_validate_json(line).root


def _line(frame: AnyFrame) -> bytes:
    return frame.model_dump_json().encode() + b"\n"


def _reason(error: ValueError) -> str:
    """What was wrong, without what was sent: a token may be in it."""
    if isinstance(error, ValidationError):
        return "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['type']}" for each in error.errors()[:5])
    return type(error).__name__
