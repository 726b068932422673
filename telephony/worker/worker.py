"""All calls of one worker: does what the server's frames ask, and reports."""

import asyncio
import re
from collections.abc import Callable, Coroutine
from typing import Any

import structlog

from server.core.media import MediaReport
from server.core.media_wire import (
    Answered,
    CallClosed,
    EndListening,
    Joined,
    Levels,
    Listen,
    Offer,
    Perform,
    Reported,
)
from telephony.worker.call import Call
from telephony.worker.clock import WorkerClock
from telephony.worker.journals import JournalWriter
from telephony.worker.plans import changes
from telephony.worker.shelf import ReportShelf
from telephony.worker.sounds import SoundLibrary
from telephony.worker.wires import MakeWire, Refused

AnyFrame = Joined | Answered | Reported | CallClosed | Levels
_log = structlog.get_logger()
_ATTEMPT = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Worker:
    """Calls by attempt and id. `tell` passes a frame to the server, if there is one."""

    def __init__(
        self,
        clock: WorkerClock,
        writer: JournalWriter,
        library: SoundLibrary,
        shelf: ReportShelf,
        make_wire: MakeWire,
        tell: Callable[[AnyFrame], None],
    ) -> None:
        self._clock = clock
        self._writer = writer
        self._library = library
        self._shelf = shelf
        self._make_wire = make_wire
        self._tell = tell
        self._calls: dict[tuple[str, str], Call] = {}
        self._closing: list[Call] = []
        self._listening: dict[str, Call] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._retiring = False
        self._failing: set[tuple[str, str]] = set()

    @property
    def calls(self) -> tuple[tuple[str, str], ...]:
        """(attempt, call) of every call that is up, or of which something is still to be written."""
        closing = ((call.attempt_id, call.call_id) for call in self._closing)
        return tuple(dict.fromkeys((*self._calls, *closing)))

    @property
    def alone(self) -> bool:
        """Whether nobody is connected to any call."""
        return all(call.quiet for call in self._calls.values())

    def perform(self, frame: Perform) -> None:
        """The calls of an attempt from here on; raises ValueError for an attempt that can't be one."""
        if not _ATTEMPT.fullmatch(frame.attempt_id):
            raise ValueError("an attempt id that is no name of a folder")
        for file in frame.files:
            self._library.lies_at(file.sha256, file.path)
        current = {
            call_id: call.plan for (attempt, call_id), call in self._calls.items() if attempt == frame.attempt_id
        }
        todo = changes(current, frame.plans)
        for call_id in todo.end:
            call = self._calls.pop((frame.attempt_id, call_id))
            self._closing.append(call)
            self._later(self._close(call))
        for plan in todo.change:
            self._calls[frame.attempt_id, plan.call_id].perform(plan)
        for plan in todo.begin:
            self._calls[frame.attempt_id, plan.call_id] = Call(
                frame.attempt_id,
                plan,
                self._clock,
                self._writer,
                self._library.packets,
                self._make_wire,
                self._on_report,
            )

    async def offer(self, frame: Offer) -> Answered:
        """The answer to a browser, or why there is none."""
        call = self._calls.get((frame.attempt_id, frame.call_id))
        if call is None:
            return self._refusal(frame)
        try:
            sdp = await call.offer(frame.leg, frame.connection, frame.sdp)
        except Refused as fault:
            return Answered(request_id=frame.request_id, fault=str(fault))
        return Answered(request_id=frame.request_id, sdp=sdp)

    async def listen(self, frame: Listen) -> Answered:
        """The answer to somebody who listens in."""
        call = self._calls.get((frame.attempt_id, frame.call_id))
        if call is None:
            return self._refusal(frame)
        await self.end_listening(EndListening(listener_id=frame.listener_id))
        try:
            sdp = await call.listen(frame.listener_id, frame.sdp)
        except Refused as fault:
            return Answered(request_id=frame.request_id, fault=str(fault))
        self._listening[frame.listener_id] = call
        return Answered(request_id=frame.request_id, sdp=sdp)

    async def end_listening(self, frame: EndListening) -> None:
        """A listener goes."""
        call = self._listening.pop(frame.listener_id, None)
        if call is not None:
            await call.end_listening(frame.listener_id)

    def tick(self, now_ns: int) -> None:
        """20 ms have passed; a call that fails takes no other with it."""
        for key, call in self._calls.items():
            try:
                call.tick(now_ns)
            except Exception:
                if key not in self._failing:
                    self._failing.add(key)
                    _log.exception("media worker: a call that fails", attempt_id=key[0], call_id=key[1])

    def levels(self, late_ms: int) -> Levels:
        """How loud all calls have been; the ticker was at most `late_ms` late."""
        return Levels(calls=tuple(call.level() for call in self._calls.values()), late_ms=late_ms)

    async def retire(self) -> None:
        """Close every call; returns when all journals are whole."""
        self._retiring = True
        calls, self._calls = list(self._calls.values()), {}
        self._closing += calls
        await asyncio.gather(*(self._close(call) for call in calls), *self._tasks)

    async def _close(self, call: Call) -> None:
        for listener_id in [each for each, heard in self._listening.items() if heard is call]:
            del self._listening[listener_id]
        await call.close()
        self._closing.remove(call)
        self._tell(self._shelf.closed(call.attempt_id, call.call_id))

    def _on_report(self, attempt_id: str, call_id: str, report: MediaReport) -> None:
        self._tell(self._shelf.report(attempt_id, call_id, self._clock.server_ms(), report))

    def _refusal(self, frame: Offer | Listen) -> Answered:
        return Answered(request_id=frame.request_id, fault="retiring" if self._retiring else "no_call")

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
