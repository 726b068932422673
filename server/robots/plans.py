"""What robots will do: planned from the full content, which no seat ever gets, read beside the running server."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from server.attempts.tables import attempts
from server.contests.tables import entrants
from server.core.clock import SystemClock
from server.core.contract import RobotAct
from server.core.errors import NotFound
from server.core.modules import installed_modules
from server.db.database import Database, sqlite_url
from server.papers.repository import PapersRepository
from server.papers.service import PapersService
from server.settings import DataFolder


@dataclass(frozen=True, slots=True)
class Sitting:
    """Where a robot goes and what it types there."""

    seat_id: str
    ticket_number: str


class Plans:
    """Reads a data folder that a server is using; writes nothing."""

    def __init__(self, folder: DataFolder) -> None:
        self._modules = installed_modules()
        self._database = Database(sqlite_url(folder.database))
        blobs = _NoBlobs()
        self._papers = PapersService(PapersRepository(self._database), self._modules, blobs, SystemClock())
