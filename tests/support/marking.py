"""A grading service inside the test's process: the real application on a real folder, reached over ASGI."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
from fastapi import FastAPI

from grading.app import create_application
from grading.folder import GradingFolder
from server.adapters.grading_http import GradingHttp
from server.app import Services, build, running
from server.core.dossier import Dossier
from server.settings import DataFolder
from tests.support.clock import ManualClock

REFEREE = "REFEREE7"


@dataclass(slots=True)
class Desk:
    """The grading service, its adapter, and what was asked of it."""

    folder: GradingFolder
    app: FastAPI
    http: GradingHttp
    away: bool = False
    cut_after: int | None = None
    """So many requests more, then it is away."""
    full: bool = False
    """Its disk takes nothing more."""
    asked: list[tuple[str, str]] = field(default_factory=list)
    """Methods and paths of what got through."""

    @classmethod
    @asynccontextmanager
    async def opened(cls, root: Path) -> AsyncIterator["Desk"]:
        """A service on a folder; leaving closes it."""
        folder = GradingFolder(root)
        await asyncio.to_thread(folder.prepare)
        app = create_application(folder)
        transport = _Transport(httpx2.ASGITransport(app))
        desk = cls(folder, app, GradingHttp(lambda: ("http://grading", folder.token()), transport))
        transport.desk = desk
        async with app.router.lifespan_context(app):
            yield desk
        await desk.http.close()

    def puts(self, kind: str) -> list[str]:
        """Paths of all deliveries of this kind (blobs, dossiers) that got through."""
        return [path for method, path in self.asked if method == "PUT" and path.startswith(f"/{kind}/")]

    async def dossiers(self) -> list[Dossier]:
        """The newest revision of every work that is there."""
        found = []
        for contest in await self.http.contests(REFEREE):
            for work in await self.http.works(REFEREE, contest.contest_code):
                found.append(await self.http.work(REFEREE, work.work_code))
        return found


class _Transport(httpx2.AsyncBaseTransport):
    """The line to the service, which can be cut."""

    def __init__(self, inner: httpx2.AsyncBaseTransport) -> None:
        self.inner = inner
        self.desk: Desk | None = None

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        desk = self.desk
        assert desk is not None
        if desk.cut_after == 0:
            desk.away = True
        if desk.away:
            raise httpx2.ConnectError("away")
        if desk.cut_after is not None:
            desk.cut_after -= 1
        desk.asked.append((request.method, request.url.path))
        if desk.full and request.method == "PUT":
            return httpx2.Response(507, json={"code": "disk-full"})
        return await self.inner.handle_async_request(request)


@asynccontextmanager
async def graded_house(folder: DataFolder, clock: ManualClock, service: Any) -> AsyncIterator[Services]:
    """A running server in virtual time with a grading service attached."""
    async with running(await build(folder, clock, grading=service)) as services:
        assert services.delivery is not None
        busy = [services.runner.busy, services.director.busy, services.board.busy, services.delivery.busy]
        busy.append(services.sealing.busy)
        clock.busy += busy
        try:
            yield services
        finally:
            for ask in busy:
                clock.busy.remove(ask)
