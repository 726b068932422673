"""A seat over the real protocol: HTTP to open a round, /ws for commands, each kept until it is acknowledged."""

import asyncio
import contextlib
import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import httpx2
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from server.core.frozen import canonical_json, sha256_hex
from server.web.context import COOKIE
from server.web.frames import PROTOCOL

CSRF = {"X-CCSS": "1"}
RETRY_S = 0.05
"""Pause before a refused command or a lost line is tried again: short, because tests are."""
ANSWER_S = 30
"""Longest that a test waits for anything."""


class Refused(Exception):
    """The server refused a command for good."""

    def __init__(self, problem: dict[str, Any]) -> None:
        super().__init__(f"{problem['status']} {problem['code']}: {problem['detail']}")
        self.problem = problem


def http_client(url: str, token: str = "") -> httpx2.AsyncClient:
    """A browser's manners: the log-in cookie and the CSRF header; no proxy."""
    cookies = {COOKIE: token} if token else None
    return httpx2.AsyncClient(base_url=url, headers=CSRF, cookies=cookies, trust_env=False, timeout=ANSWER_S)


def dial(url: str, token: str, **options: Any) -> connect:
    """The bare /ws connection of somebody, to be entered with `async with`."""
    headers = {"Cookie": f"{COOKIE}={token}", **options.pop("headers", {})}
    return connect(
        f"{url.replace('http', 'ws', 1)}/ws",
        additional_headers=headers,
        proxy=None,
        open_timeout=ANSWER_S,
        max_size=None,
        **options,
    )


async def demo_log_in(url: str) -> str:
    """The token behind the demo's button for contestants."""
    async with http_client(url) as http:
        answer = await http.post("/api/v1/demo/sessions", json={"role": "contestant"})
        answer.raise_for_status()
        return answer.cookies[COOKIE]


async def open_round(url: str, token: str, paper_id: str) -> str:
    """A new practice round; returns its attempt."""
    async with http_client(url, token) as http:
        answer = await http.post("/api/v1/practice", json={"paper_id": paper_id})
        answer.raise_for_status()
        attempt_id: str = answer.json()["attempt_id"]
        return attempt_id


def hello(attempt_id: str, page: str = "page-0001", **changes: Any) -> dict[str, Any]:
    """The first frame of a page."""
    return {"type": "hello", "protocol": PROTOCOL, "attempt_id": attempt_id, "page": page, **changes}


@dataclass(slots=True)
class _Entry:
    id: str
    stamp_ms: int
    command: dict[str, Any]
    done: "asyncio.Future[int]"
    again_at: float = 0.0


@dataclass(slots=True)
class SeatClient:
    """One page that never gives up: what is not acknowledged is sent again after every cut and every restart."""

    url: str
    token: str
    attempt_id: str
    page: str = field(default_factory=lambda: f"page-{secrets.token_hex(8)}")
    window: int = 1
    """Commands under way at once; a real page has one."""
    resumes: bool = True
    """Whether the trainee goes on by himself after an outage."""
    acked: dict[str, int] = field(default_factory=dict)
    sent: dict[str, dict[str, Any]] = field(default_factory=dict)
    repeated: int = 0
    refusals: list[dict[str, Any]] = field(default_factory=list)
    attempt: dict[str, Any] = field(default_factory=dict)
    stale: bool = False
    welcomes: int = 0
    epoch: int = 0
    _outbox: dict[str, _Entry] = field(default_factory=dict)
    _flying: set[str] = field(default_factory=set)
    _socket: ClientConnection | None = None
    _offset_ms: float = 0.0
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)
    _tasks: list["asyncio.Task[None]"] = field(default_factory=list)
    _late: set["asyncio.Task[None]"] = field(default_factory=set)

    async def __aenter__(self) -> Self:
        self._tasks = [asyncio.create_task(self._line(), name=f"seat {self.page}")]
        await self.until(lambda: self.welcomes > 0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        tasks = [*self._tasks, *self._late]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for entry in self._outbox.values():
            entry.done.cancel()

    # --- what a trainee does -------------------------------------------------------------------------

    async def do(self, command: dict[str, Any], id_: str | None = None, stamp_ms: int | None = None) -> int:
        """One command, for as long as it takes; returns the acknowledged sequence number or raises Refused."""
        return await self.post(command, id_, stamp_ms)

    def post(
        self, command: dict[str, Any], id_: str | None = None, stamp_ms: int | None = None
    ) -> "asyncio.Future[int]":
        """Put one command into the outbox; the future holds its acknowledgement."""
        stamp = self.server_ms() if stamp_ms is None else stamp_ms
        entry = _Entry(id_ or secrets.token_hex(10), stamp, command, asyncio.get_running_loop().create_future())
        self._outbox[entry.id] = entry
        self.sent[entry.id] = command
        self._pump()
        return entry.done

    async def start(self) -> None:
        """Acknowledge the rules and begin."""
        await self.do({"type": "acknowledge_rules"})
        await self.do({"type": "start"})

    async def hand_in(self) -> dict[str, Any]:
        """Hand in; returns the receipt."""
        await self.do({"type": "hand_in", "cause": "handed_in"})
        await self.until(lambda: self.attempt.get("receipt") is not None)
        receipt: dict[str, Any] = self.attempt["receipt"]
        return receipt

    async def cut(self) -> None:
        """Lose the line without a word; the client comes back by itself."""
        if self._socket is not None:
            self._socket.transport.abort()

    async def until(self, ask: Callable[[], bool], timeout_s: float = ANSWER_S) -> None:
        """Wait until something is so."""
        async with asyncio.timeout(timeout_s), self._news:
            await self._news.wait_for(ask)

    def server_ms(self) -> int:
        """Server time as this page estimates it, UTC epoch ms."""
        return int(time.monotonic() * 1000 + self._offset_ms)

    # --- the line ------------------------------------------------------------------------------------

    async def _line(self) -> None:
        while not self.stale:
            with contextlib.suppress(OSError, TimeoutError, WebSocketException):
                async with dial(self.url, self.token) as socket:
                    await socket.send(json.dumps(hello(self.attempt_id, self.page)))
                    async for text in socket:
                        self._take(json.loads(text), socket)
                        async with self._news:
                            self._news.notify_all()
            self._socket = None
            self._flying.clear()
            await asyncio.sleep(RETRY_S)

    def _take(self, frame: dict[str, Any], socket: ClientConnection) -> None:
        match frame["type"]:
            case "welcome":
                self.epoch, self._socket = frame["epoch"], socket
                self._seen(frame["attempt"])
                self.welcomes += 1
            case "changed":
                self._seen(frame["attempt"])
            case "acked":
                self._acked(frame)
            case "refused":
                self._refused(frame)
            case "stale":
                self.stale = True
        self._pump()

    def _seen(self, attempt: dict[str, Any]) -> None:
        self.attempt = attempt
        self._offset_ms = attempt["server_ms"] - time.monotonic() * 1000
        resuming = any(entry.command["type"] == "resume" for entry in self._outbox.values())
        if attempt["phase"] == "paused" and self.resumes and not resuming:
            entries = dict(self._outbox)
            self._outbox.clear()
            self.post({"type": "resume"})
            self._outbox.update(entries)

    def _acked(self, frame: dict[str, Any]) -> None:
        self._flying.discard(frame["id"])
        self.repeated += frame["repeated"]
        if (entry := self._outbox.pop(frame["id"], None)) is not None:
            self.acked[frame["id"]] = frame["seq"]
            if not entry.done.done():
                entry.done.set_result(frame["seq"])

    def _refused(self, frame: dict[str, Any]) -> None:
        self.refusals.append(frame["problem"])
        self._flying.discard(frame["id"])
        entry = self._outbox.get(frame["id"])
        if entry is None:
            return
        if frame["problem"]["retry"]:
            entry.again_at = time.monotonic() + RETRY_S
            later = asyncio.create_task(self._pump_later())
            self._late.add(later)
            later.add_done_callback(self._late.discard)
            return
        del self._outbox[entry.id]
        if not entry.done.done():
            entry.done.set_exception(Refused(frame["problem"]))

    async def _pump_later(self) -> None:
        await asyncio.sleep(RETRY_S * 1.1)
        self._pump()

    def _pump(self) -> None:
        """Send, in order, what may go now."""
        if self._socket is None:
            return
        for entry in list(self._outbox.values()):
            if len(self._flying) >= self.window:
                return
            if entry.id in self._flying:
                continue
            if entry.again_at > time.monotonic():
                return
            self._flying.add(entry.id)
            frame = {
                "type": "command",
                "id": entry.id,
                "epoch": self.epoch,
                "stamp_ms": entry.stamp_ms,
                "command": entry.command,
            }
            self._write(json.dumps(frame))

    def _write(self, text: str) -> None:
        task = asyncio.create_task(self._send(text))
        self._late.add(task)
        task.add_done_callback(self._late.discard)

    async def _send(self, text: str) -> None:
        socket = self._socket
        if socket is not None:
            with contextlib.suppress(WebSocketException, OSError):
                await socket.send(text)


@dataclass(slots=True)
class Typist:
    """Types into one seat as fast as it is acknowledged, and knows what stands in every field."""

    seat: SeatClient
    items: tuple[str, ...] = ("i1", "i2")
    keys: tuple[str, ...] = ("name", "address", "postcode", "phone", "email")
    texts: dict[str, dict[str, str]] = field(default_factory=dict)
    revs: dict[tuple[str, str], int] = field(default_factory=dict)

    async def save(self, item: str, key: str, text: str) -> int:
        """One save of one field."""
        rev = self.revs[item, key] = self.revs.get((item, key), 0) + 1
        self.texts.setdefault(item, {})[key] = text
        command = {"type": "typing_test.save_field", "item": item, "field": key, "text": text, "rev": rev}
        return await self.seat.do(command)

    async def until(self, enough: Callable[[], bool], pause_s: float = 0.0) -> None:
        """Go round the fields, a character more each time."""
        number = 0
        while not enough():
            item = self.items[number % len(self.items)]
            key = self.keys[number // len(self.items) % len(self.keys)]
            await self.save(item, key, f"{self.texts.get(item, {}).get(key, '')[-40:]}{chr(0x4E00 + number % 999)}")
            number += 1
            if pause_s:
                await asyncio.sleep(pause_s)

    def answers_sha256(self) -> str:
        """What the receipt must say."""
        texts = {item: {key: self.texts.get(item, {}).get(key, "") for key in self.keys} for item in self.items}
        return sha256_hex(canonical_json(texts))
