"""A whole server inside the test's process, on a real SQLite file and a clock of the test's choice."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import count
from pathlib import Path
from typing import Any

from server.app import Services, build, running
from server.attempts.requests import Ack
from server.attempts.standing import StandingAttempt
from server.core.access import Principal, Role
from server.core.media_port import MediaPort
from server.core.modules import Modules
from server.db.database import sqlite_url
from server.db.migrate import upgrade
from server.settings import DataFolder, Profile, Settings
from tests.support.clock import ManualClock
from tests.support.papers import AUDIO, paper


@lru_cache
def _migrated() -> bytes:
    """A migrated database file, made once by running the migrations."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ccss.db"
        upgrade(sqlite_url(path))
        return path.read_bytes()


def make_folder(root: Path, profile: Profile = "demo") -> DataFolder:
    """An empty installation with a migrated database."""
    folder = DataFolder(root / "data")
    folder.create(Settings(profile=profile))
    folder.database.write_bytes(_migrated())
    return folder


@asynccontextmanager
async def house(
    folder: DataFolder, clock: ManualClock, modules: Modules | None = None, media: MediaPort | None = None
) -> AsyncIterator[Services]:
    """A running server in virtual time; leaving stops it cleanly."""
    async with running(await build(folder, clock, modules, media=media)) as services:
        busy = [services.runner.busy, services.director.busy, services.board.busy, services.calls.busy]
        busy += [services.sealing.busy]
        clock.busy += busy
        try:
            yield services
        finally:
            for ask in busy:
                clock.busy.remove(ask)


@dataclass(slots=True)
class Trainee:
    """One trainee with one open practice round, speaking to the runner as a page would."""

    services: Services
    who: Principal
    attempt_id: str
    epoch: int
    _ids: Any = field(default_factory=lambda: count(1))

    @classmethod
    async def sit_down(cls, services: Services, name: str = "t1", page: str = "page-0001", **changes: Any) -> "Trainee":
        """A new account and a new round on the small paper."""
        who = await services.accounts.create(name, f"测试学员{name}", Role.CONTESTANT, None)
        await services.blobs.put(AUDIO)
        module = services.modules["typing_test"]
        paper_id = await services.papers.add_paper(module, paper(**changes), "lesson")
        live = await services.attempts.open_practice(who, paper_id)
        epoch = await services.runner.take_lease(live.record.attempt_id, page)
        return cls(services, who, live.record.attempt_id, epoch)

    async def send(self, command: dict[str, Any], *, stamp_ms: int | None = None, id_: str | None = None) -> Ack:
        """One command, stamped now unless told otherwise."""
        stamp = self.services.clock.now_ms() if stamp_ms is None else stamp_ms
        command_id = id_ or f"command-{next(self._ids):06d}"
        return await self.services.runner.command(self.attempt_id, command_id, self.epoch, stamp, command)

    async def start(self) -> None:
        """Acknowledge the rules and begin."""
        await self.send({"type": "acknowledge_rules"})
        await self.send({"type": "start"})

    async def standing(self) -> StandingAttempt:
        """How the attempt durably stands now."""
        return await self.services.runner.attempt(self.attempt_id)

    async def save(self, field_: str, text: str, rev: int = 1, item: str = "i1", **options: Any) -> Ack:
        """Save a field."""
        return await self.send(save(field_, text, rev, item), **options)


def save(field_: str, text: str, rev: int = 1, item: str = "i1") -> dict[str, Any]:
    """The command that saves a field."""
    return {"type": "typing_test.save_field", "item": item, "field": field_, "text": text, "rev": rev}
