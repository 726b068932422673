"""What robots will do: planned from the full content, which no seat ever gets, read beside the running server."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from agents.repository import PlacesRepository
from server.attempts.tables import attempts
from server.core.contract import Content, RobotAct
from server.core.modules import installed_modules
from server.db.database import Database, sqlite_url
from server.papers.repository import PapersRepository
from server.settings import DataFolder


@dataclass(frozen=True, slots=True)
class Sitting:
    """Where a robot goes, and the ticket it types there."""

    seat_id: str
    label: str
    ticket_number: str


class Plans:
    """Reads the data folder of a running server; writes nothing."""

    def __init__(self, folder: DataFolder) -> None:
        self._database = Database(sqlite_url(folder.database))
        self._modules = installed_modules()
        self._contents: dict[str, Content] = {}

    async def sittings(self, contest_id: str) -> list[Sitting]:
        """Who should sit where, by place."""
        rows = await PlacesRepository(self._database).placements(contest_id)
        return [Sitting(row.seat_id, row.label, row.ticket_number) for row in rows]

    async def acts(self, attempt_id: str, seed: int, skill: float) -> Sequence[RobotAct]:
        """What a robot does in an attempt, by net time."""
        query = select(attempts.c.module, attempts.c.content_sha256).where(attempts.c.id == attempt_id)
        async with self._database.read() as connection:
            attempt = (await connection.execute(query)).one()
        module = self._modules[attempt.module]
        if attempt.content_sha256 not in self._contents:
            row = await PapersRepository(self._database).content(attempt.content_sha256)
            self._contents[attempt.content_sha256] = module.content_type.model_validate_json(row.body)
        return module.robot(self._contents[attempt.content_sha256], seed, skill)

    async def close(self) -> None:
        """Let go of the database."""
        await self._database.close()
