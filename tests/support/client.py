"""A seat over the real protocol: the robots' page, with what tests want to know and to do beyond it."""

import asyncio
import secrets
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx2
from websockets.asyncio.client import connect

from server.core.frozen import canonical_json, sha256_hex
from server.robots.client import Entry, Page, Refused, hello
from server.robots.machine import ANSWER_S, Machine
from server.web.context import COOKIE

__all__ = ["CSRF", "Refused", "SeatClient", "Typist", "demo_log_in", "dial", "hello", "http_client", "open_round"]

CSRF = {"X-CCSS": "1"}
RETRY_S = 0.05
"""Pause before a refused command or a lost line is tried again: short, because tests are."""


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


class SeatClient(Page):
    """A page as tests need it: it comes back at once, keeps books, and its trainee goes on after an outage."""

    def __init__(
        self,
        url: str,
        token: str,
        attempt_id: str,
        page: str | None = None,
        window: int = 1,
        resumes: bool = True,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        machine = Machine(url, trust, {COOKIE: token})
        super().__init__(machine, attempt_id, page=page, window=window, retry_s=(RETRY_S, RETRY_S))
        self.acked: dict[str, int] = {}
        self.sent: dict[str, dict[str, Any]] = {}
        self.repeated = 0
        self._resumes = resumes

    async def start(self) -> None:
        """Acknowledge the rules and begin."""
        await self.do({"type": "acknowledge_rules"})
        await self.do({"type": "start"})

    def post(
        self, command: dict[str, Any], id_: str | None = None, stamp_ms: int | None = None
    ) -> "asyncio.Future[int]":
        id_ = id_ or secrets.token_hex(10)
        self.sent[id_] = command
        return super().post(command, id_, stamp_ms)

    def _settled(self, entry: Entry, frame: dict[str, Any]) -> None:
        self.acked[entry.id] = frame["seq"]
        self.repeated += frame["repeated"]

    def _seen(self, frame: dict[str, Any]) -> None:
        super()._seen(frame)
        resuming = any(entry.command["type"] == "resume" for entry in self._outbox.values())
        if self.attempt["phase"] == "paused" and self._resumes and not resuming:
            entries = dict(self._outbox)
            self._outbox.clear()
            self.post({"type": "resume"})
            self._outbox.update(entries)


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
