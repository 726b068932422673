"""The machine at a seat, as its browser: cookies, HTTP, lines."""

import ssl
from collections.abc import Callable, Mapping
from typing import Any

import httpx2

from server.robots.wire import Wire
from server.web.guard import CSRF_HEADER

ANSWER_S = 30
"""Longest wait for anything that must come."""


class Machine:
    """A machine with a browser: its cookies, its HTTP, its lines. `trust` says which certificates it believes."""

    def __init__(self, url: str, trust: ssl.SSLContext | None = None, cookies: Mapping[str, str] | None = None) -> None:
        self.url = url
        if trust is None and url.startswith("https:"):
            trust = ssl.create_default_context()
        self._trust = trust
        self._cookies = dict(cookies or {})
        self._http: httpx2.AsyncClient | None = None

    @property
    def http(self) -> httpx2.AsyncClient:
        """A browser's manners: cookies and the CSRF header; no proxy."""
        if self._http is None:
            self._http = httpx2.AsyncClient(
                base_url=self.url,
                headers={CSRF_HEADER: "1"},
                cookies=self._cookies,
                # Making a context costs more than everything else here, and without TLS none is used.
                verify=self._trust or False,
                trust_env=False,
                timeout=ANSWER_S,
                limits=httpx2.Limits(keepalive_expiry=60),
            )
        return self._http

    async def json(self, method: str, path: str, body: Any = None) -> Any:
        """One request to the API; raises httpx2.HTTPError, also for a refusal."""
        answer = await self.http.request(method, f"/api/v1{path}", json=body)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    async def line(self, path: str, take: Callable[[str], None]) -> Wire:
        """A WebSocket under this machine's cookies; raises OSError, TimeoutError, WebSocketException."""
        jar = [] if self._http is None else list(self._http.cookies.jar)
        cookies = self._cookies | {cookie.name: cookie.value or "" for cookie in jar}
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()), "Origin": self.url}
        return await Wire.open(f"ws{self.url.removeprefix('http')}{path}", headers, self._trust, take)

    async def close(self) -> None:
        """Close what HTTP keeps open."""
        if self._http is not None:
            await self._http.aclose()
