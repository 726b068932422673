"""The grading service over HTTP: a pool for delivery, one for referees' audio, short patience, refusals as problems."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import httpx2
from anyio import open_file, to_thread
from pydantic import TypeAdapter, ValidationError

from server.core.dossier import ContestBrief, Dossier, WorkBrief
from server.core.errors import NotFound
from server.core.grading import (
    BlobsMissing,
    EvidenceAnswer,
    GradingAway,
    GradingRefused,
    GradingUnable,
    RevisionTaken,
)
from server.core.overruling import Overruling
from server.core.text import Text

CONNECT_S = 3.0
ANSWER_S = 20.0
_PIECE_BYTES = 256 * 1024
_PASSED_ON = ("content-type", "content-length", "content-range", "accept-ranges", "etag", "cache-control")
_AWAY = frozenset({408, 429, 502, 503, 504})
"""Answers that say nothing about what was sent: too busy, nobody behind a proxy."""
_UNABLE = frozenset({401, 403, 507})
"""Answers that whatever is sent would get: wrong token, disk full."""

T = TypeVar("T")
_contests = TypeAdapter(list[ContestBrief])
_works = TypeAdapter(list[WorkBrief])
_overrulings = TypeAdapter(list[Overruling])


class GradingHttp:
    """Satisfies `server.core.grading.Grading`; `address` gives URL and token, or None while nobody serves."""

    def __init__(
        self, address: Callable[[], tuple[str, str] | None], transport: httpx2.AsyncBaseTransport | None = None
    ) -> None:
        self._address = address
        self._transport = transport
        self._http: httpx2.AsyncClient | None = None
        self._streams: httpx2.AsyncClient | None = None
        """For evidence, which is as slow as whoever listens: delivery must not wait for it."""

    async def close(self) -> None:
        """Close the pools."""
        clients, self._http, self._streams = (self._http, self._streams), None, None
        for client in clients:
            if client is not None:
                await client.aclose()

    async def alive(self) -> bool:
        """Whether it answers; raises nothing."""
        try:
            answer = await self._send("GET", "/healthz")
        except GradingAway:
            return False
        return answer.status_code == 200

    async def instance(self) -> str:
        """By what its database is known from another."""
        answer = await self._send("GET", "/instance")
        _require(answer)
        return str(_said(answer).get("instance", ""))

    async def has(self, sha256: str) -> bool:
        """Whether a file has arrived."""
        return (await self._send("HEAD", f"/blobs/{sha256}")).status_code == 200

    async def put_blob(self, sha256: str, data: bytes | Path) -> None:
        """Send a file; sending it twice is harmless. Raises GradingRefused."""
        if isinstance(data, bytes):
            answer = await self._send("PUT", f"/blobs/{sha256}", content=data)
        else:
            length = {"content-length": str((await to_thread.run_sync(data.stat)).st_size)}
            answer = await self._send("PUT", f"/blobs/{sha256}", content=_pieces(data), headers=length)
        _require(answer)

    async def put_dossier(self, dossier: Dossier) -> None:
        """Send a dossier; sending it twice is harmless. Raises RevisionTaken, BlobsMissing, GradingRefused."""
        path = f"/dossiers/{dossier.work_code}/{dossier.revision}"
        headers = {"content-type": "application/json"}
        answer = await self._send("PUT", path, content=dossier.text().encode(), headers=headers)
        if answer.status_code == RevisionTaken.status:
            raise RevisionTaken(newest=_said(answer).get("newest", dossier.revision))
        if answer.status_code == BlobsMissing.status:
            raise BlobsMissing(missing=_said(answer).get("missing", ()))
        _require(answer)

    async def contests(self, referee: str) -> list[ContestBrief]:
        """Contests of which works have arrived."""
        return _read(_contests.validate_json, await self._ask(referee, "/contests"))

    async def works(self, referee: str, contest_code: str) -> list[WorkBrief]:
        """Works of a contest by code; raises NotFound."""
        return _read(_works.validate_json, await self._ask(referee, "/works", contest=contest_code))

    async def work(self, referee: str, work_code: str) -> Dossier:
        """The newest revision of a work; raises NotFound."""
        return _read(Dossier.model_validate_json, await self._ask(referee, f"/works/{work_code}"))

    async def overrulings(self, referee: str, work_code: str) -> list[Overruling]:
        """Judgements of a work that this referee overruled."""
        return _read(_overrulings.validate_json, await self._ask(referee, f"/works/{work_code}/overrulings"))

    async def overrule(self, referee: str, work_code: str, said: Overruling) -> list[Overruling]:
        """Keep a referee's word on a judgement; answers all of theirs that hold. Raises NotFound."""
        answer = await self._send(
            "POST",
            f"/works/{work_code}/overrulings",
            headers={"x-referee": referee, "content-type": "application/json"},
            content=said.model_dump_json().encode(),
        )
        _require(answer)
        return _read(_overrulings.validate_json, answer.content)

    @asynccontextmanager
    async def evidence(
        self, referee: str, work_code: str, sha256: str, byte_range: str | None
    ) -> AsyncIterator[EvidenceAnswer]:
        """A file that the work names; raises NotFound."""
        headers = {"x-referee": referee} | ({"range": byte_range} if byte_range else {})
        request = self._request("GET", f"/works/{work_code}/evidence/{sha256}", headers=headers)
        if self._streams is None:
            self._streams = self._opened()
        try:
            answer = await self._streams.send(request, stream=True)
        except httpx2.HTTPError as error:
            raise GradingAway(reason=type(error).__name__) from error
        try:
            if answer.status_code not in (200, 206, 416):
                await answer.aread()
                _require(answer)
            passed = {name: answer.headers[name] for name in _PASSED_ON if name in answer.headers}
            yield EvidenceAnswer(answer.status_code, passed, answer.aiter_raw())
        finally:
            await answer.aclose()

    async def _ask(self, referee: str, path: str, **params: str) -> bytes:
        answer = await self._send("GET", path, headers={"x-referee": referee}, params=params)
        _require(answer)
        return answer.content

    async def _send(self, method: str, path: str, **options: Any) -> httpx2.Response:
        """One request; raises GradingAway for whatever says nothing about the request itself."""
        try:
            answer = await self._client().send(self._request(method, path, **options))
        except httpx2.HTTPError as error:
            raise GradingAway(reason=type(error).__name__) from error
        _require_service(answer)
        return answer

    def _request(self, method: str, path: str, **options: Any) -> httpx2.Request:
        address = self._address()
        if address is None:
            raise GradingAway(reason="no process")
        url, token = address
        headers = {"authorization": f"Bearer {token}", "accept-encoding": "identity", **options.pop("headers", {})}
        return self._client().build_request(method, f"{url}{path}", headers=headers, **options)

    def _client(self) -> httpx2.AsyncClient:
        if self._http is None:
            self._http = self._opened()
        return self._http

    def _opened(self) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(
            transport=self._transport,
            trust_env=False,
            timeout=httpx2.Timeout(ANSWER_S, connect=CONNECT_S),
            limits=httpx2.Limits(max_connections=16, max_keepalive_connections=8, keepalive_expiry=60),
        )


async def _pieces(path: Path) -> AsyncIterator[bytes]:
    async with await open_file(path, "rb") as file:
        while piece := await file.read(_PIECE_BYTES):
            yield piece


def _require(answer: httpx2.Response) -> None:
    """Raise unless the answer is a good one."""
    _require_service(answer)
    if answer.status_code == 404:
        raise NotFound
    if answer.is_error:
        said = _said(answer)
        faults = "; ".join(f"{one['path']}: {one['text']['zh-CN']}" for one in said.get("faults", ())[:5])
        words = f"HTTP {answer.status_code} {said.get('code', '')} {faults}".strip()
        raise GradingRefused(Text(zh=f"评分服务拒收：{words}", en=f"Refused by the grading service: {words}"))


def _require_service(answer: httpx2.Response) -> None:
    """Raise GradingAway or GradingUnable for an answer that says nothing about the request itself."""
    if answer.status_code not in _UNABLE | _AWAY:
        return
    away = GradingUnable if answer.status_code in _UNABLE else GradingAway
    raise away(reason=f"HTTP {answer.status_code} {_said(answer).get('code', '')}".strip())


def _said(answer: httpx2.Response) -> dict[str, Any]:
    try:
        said = answer.json()
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _read(validate: Callable[[bytes], T], body: bytes) -> T:
    """What was answered; another version than ours may be at the other end."""
    try:
        return validate(body)
    except ValidationError as error:
        raise GradingRefused(
            Text(
                zh="评分服务的版本与本服务器不符，请同时升级",
                en="The grading service is of another version: update both",
            )
        ) from error
