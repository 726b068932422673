"""The page of a seat over the real protocol: /ws for commands, each kept until acknowledged."""

import asyncio
import contextlib
import json
import random
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from websockets.exceptions import WebSocketException

from server.robots.clock import ServerClock, monotonic_ms
from server.robots.machine import ANSWER_S, Machine
from server.robots.wire import Wire
from server.web.frames import PROTOCOL
from server.web.seat import CLOSE_LOGIN, CLOSE_ORIGIN

PING_S = 3.0
SILENCE_S = 3.5
"""A line that leaves a ping unanswered for so long is dead."""


class Refused(Exception):
    """The server refused a command for good."""

    def __init__(self, problem: dict[str, Any]) -> None:
        super().__init__(f"{problem['status']} {problem['code']}: {problem['detail']}")
        self.problem = problem


def hello(attempt_id: str, page: str = "page-0001", **changes: Any) -> dict[str, Any]:
    """The first frame of a page."""
    return {"type": "hello", "protocol": PROTOCOL, "attempt_id": attempt_id, "page": page, **changes}


@dataclass(slots=True)
class Entry:
    """A command in the outbox."""

    id: str
    stamp_ms: int
    command: dict[str, Any]
    done: "asyncio.Future[int]"
    posted_ms: float
    again_ms: float = 0.0


class Page:
    """One page that never gives up: what is not acknowledged is sent again after every cut and every restart."""

    def __init__(
        self,
        machine: Machine,
        attempt_id: str,
        *,
        page: str | None = None,
        window: int = 1,
        retry_s: tuple[float, float] = (0.3, 4.0),
        acked: Callable[[float], None] | None = None,
        lived: "Callable[[Page, dict[str, Any]], None] | None" = None,
    ) -> None:
        """`window` commands are under way at once; `retry_s`: first and longest pause before a new try.

        `acked` is told how many ms each command took from its post to its acknowledgement, `lived` what the task's own
        life has come to (`live` of the frame) as soon as the page has it.
        """
        self.machine, self.attempt_id = machine, attempt_id
        self.page = page or f"page-{secrets.token_hex(8)}"
        self.window = window
        self.attempt: dict[str, Any] = {}
        self.content: dict[str, Any] | None = None
        self.live: dict[str, Any] | None = None
        """What is pushed of the task's own life, as it was last."""
        self.state: dict[str, Any] | None = None
        self.opened_ms = 0.0
        """Monotonic time at which the content was first here."""
        self.epoch = 0
        self.welcomes = 0
        self.refusals: list[dict[str, Any]] = []
        self.stale = False
        self.shut_out = False
        """The log-in has ended, or the page is no page of this server."""
        self.clock = ServerClock()
        self._retry_s = retry_s
        self._acked_ms = acked
        self._lived = lived
        self._seq: int | None = None
        self._wire: Wire | None = None
        self._welcomed = False
        self._hello_ms = 0.0
        self._asked_ms: float | None = None
        self._outbox: dict[str, Entry] = {}
        self._flying: set[str] = set()
        self._waiting: dict[asyncio.Future[None], Callable[[], bool]] = {}
        self._task: asyncio.Task[None] | None = None
        self._ping_timer: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._keep_line(), name=f"page {self.page}")
        try:
            await self.until(lambda: self.welcomes > 0)
        except BaseException:
            await self.leave()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.leave()

    async def leave(self) -> None:
        """Close the page; what was not acknowledged is given up."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        wire = self._wire
        self._drop()
        if wire is not None:
            await wire.closed
        for entry in self._outbox.values():
            entry.done.cancel()

    # --- what somebody at the page does --------------------------------------------------------------

    async def do(self, command: dict[str, Any], id_: str | None = None, stamp_ms: int | None = None) -> int:
        """One command, for as long as it takes; returns the acknowledged sequence number or raises Refused."""
        return await self.post(command, id_, stamp_ms)

    def post(
        self, command: dict[str, Any], id_: str | None = None, stamp_ms: int | None = None
    ) -> "asyncio.Future[int]":
        """Put one command into the outbox; the future holds its acknowledgement."""
        stamp = self.server_ms() if stamp_ms is None else stamp_ms
        done: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        entry = Entry(id_ or secrets.token_hex(10), stamp, command, done, monotonic_ms())
        self._outbox[entry.id] = entry
        self._pump()
        return done

    async def hand_in(self) -> dict[str, Any]:
        """Hand in; returns the receipt."""
        await self.do({"type": "hand_in", "cause": "handed_in"})
        await self.until(lambda: self.attempt.get("receipt") is not None)
        receipt: dict[str, Any] = self.attempt["receipt"]
        return receipt

    async def cut(self) -> None:
        """Lose the line without a word; the page comes back by itself."""
        if self._wire is not None:
            self._wire.cut()

    async def until(self, ask: Callable[[], bool], timeout_s: float | None = ANSWER_S) -> None:
        """Wait until something is so; raises TimeoutError."""
        if ask():
            return
        asked: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[asked] = ask
        try:
            async with asyncio.timeout(timeout_s):
                await asked
        finally:
            self._waiting.pop(asked, None)

    def server_ms(self) -> int:
        """Server time as this page estimates it, UTC epoch ms."""
        return self.clock.now_ms()

    @property
    def over(self) -> bool:
        """Whether this page can do nothing any more."""
        return self.stale or self.shut_out

    @property
    def queued(self) -> int:
        """Commands that are still kept."""
        return len(self._outbox)

    # --- the line ------------------------------------------------------------------------------------

    async def _keep_line(self) -> None:
        failures = 0
        while not self.over:
            with contextlib.suppress(OSError, TimeoutError, WebSocketException):
                wire = self._wire = await self.machine.line("/ws", self._receive)
                self._say_hello()
                await asyncio.wait([wire.closed])
                self.shut_out = wire.closed.result() in (CLOSE_LOGIN, CLOSE_ORIGIN)
            failures = 0 if self._welcomed else failures + 1
            self._drop()
            self._tell()
            if not self.over:
                first, longest = self._retry_s
                await asyncio.sleep(min(longest, first * 2**failures) * random.uniform(0.5, 1))

    def _say_hello(self) -> None:
        self._hello_ms = monotonic_ms()
        after = None if self.content is None else self._seq
        self._put(hello(self.attempt_id, self.page, after=after, epoch=self.epoch or None))

    def _drop(self) -> None:
        if self._ping_timer is not None:
            self._ping_timer.cancel()
        wire, self._wire = self._wire, None
        if wire is not None:
            wire.cut()
        self._welcomed = False
        self._flying.clear()

    def _receive(self, text: str) -> None:
        frame: dict[str, Any] = json.loads(text)
        self._asked_ms = None
        match frame["type"]:
            case "acked":
                self._acked(frame)
            case "pong":
                self.clock.add(frame["sent"], monotonic_ms(), frame["server_ms"])
            case "welcome":
                self._welcome(frame)
            case "changed":
                ends_ms = self.attempt.get("ends_ms")
                self._seen(frame)
                if self.attempt["ends_ms"] != ends_ms:
                    self._ping()
                if self.attempt["phase"] == "running" and self.content is None:
                    self._say_hello()
            case "live":
                self._went_on(frame["seq"])
                self._live(frame["live"])
            case "refused":
                self._refused(frame)
            case "stale":
                self.stale = True
                self._drop()
        self._pump()
        self._tell()

    def _tell(self) -> None:
        """Wake up whoever waits for what has become so."""
        if self._waiting:
            for asked in [asked for asked, ask in self._waiting.items() if not asked.done() and ask()]:
                asked.set_result(None)

    def _welcome(self, frame: dict[str, Any]) -> None:
        if not self._welcomed:  # a later one is the server's own word, not an answer
            self.clock.add(self._hello_ms, monotonic_ms(), frame["attempt"]["server_ms"])
        self._welcomed = True
        self.epoch = frame["epoch"]
        if frame["content"] is not None:
            self.opened_ms = self.opened_ms or monotonic_ms()
            self.content, self.state = frame["content"], frame["state"]
        self.welcomes += 1
        self._seen(frame)
        if (live := frame.get("live")) is not None:
            self._live(live)
        self._ping()

    def _seen(self, frame: dict[str, Any]) -> None:
        self.attempt = frame["attempt"]
        self._went_on(frame["seq"])

    def _live(self, live: dict[str, Any]) -> None:
        self.live = live
        if self._lived is not None:
            self._lived(self, live)

    def _went_on(self, seq: int) -> None:
        self._seq = max(self._seq or 0, seq)

    def _ping(self) -> None:
        """Probe the clock and the line; say how this page stands."""
        if self._ping_timer is not None:
            self._ping_timer.cancel()
        if not self._welcomed or self._wire is None:
            return
        now = monotonic_ms()
        if self._asked_ms is not None and now - self._asked_ms > SILENCE_S * 1000:
            self._wire.cut()
            return
        self._asked_ms = self._asked_ms or now
        self._put(
            {
                "type": "ping",
                "sent": now,
                "wall_ms": int(time.time() * 1000),
                "rtt_ms": self.clock.rtt_ms,
                "queued": len(self._outbox),
                "ends_ms": self.attempt.get("ends_ms"),
            }
        )
        self._ping_timer = asyncio.get_running_loop().call_later(PING_S, self._ping)

    # --- the outbox ----------------------------------------------------------------------------------

    def _acked(self, frame: dict[str, Any]) -> None:
        self._flying.discard(frame["id"])
        self._went_on(frame["seq"])
        entry = self._outbox.pop(frame["id"], None)
        if entry is None:
            return
        if self._acked_ms is not None:
            self._acked_ms(monotonic_ms() - entry.posted_ms)
        self._settled(entry, frame)
        if not entry.done.done():
            entry.done.set_result(frame["seq"])

    def _settled(self, entry: Entry, frame: dict[str, Any]) -> None:
        """A command has been acknowledged; for those who keep books."""

    def _refused(self, frame: dict[str, Any]) -> None:
        problem = frame["problem"]
        self.refusals.append(problem)
        entry = self._outbox.get(frame["id"] or "")
        if entry is None:
            if not self._welcomed and self._wire is not None:
                self._wire.cut()  # the hello itself: only another one can help
            return
        self._flying.discard(entry.id)
        if problem["retry"]:
            entry.again_ms = monotonic_ms() + self._retry_s[0] * 1000
            asyncio.get_running_loop().call_later(self._retry_s[0] * 1.1, self._pump)
            return
        del self._outbox[entry.id]
        if not entry.done.done():
            entry.done.set_exception(Refused(problem))

    def _pump(self) -> None:
        """Send, in order, what may go now."""
        if not self._welcomed or not self._outbox:
            return
        for entry in list(self._outbox.values()):
            if len(self._flying) >= self.window:
                return
            if entry.id in self._flying:
                continue
            if entry.again_ms > monotonic_ms():
                return
            self._flying.add(entry.id)
            self._put(
                {
                    "type": "command",
                    "id": entry.id,
                    "epoch": self.epoch,
                    "stamp_ms": entry.stamp_ms,
                    "command": entry.command,
                }
            )

    def _put(self, frame: dict[str, Any]) -> None:
        if self._wire is not None:
            self._wire.send(json.dumps(frame, ensure_ascii=False))
