"""SQL of attempts."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, select

from server.attempts.live import AttemptRecord
from server.attempts.tables import attempts
from server.contests.tables import contests, stages
from server.core.phases import Phase
from server.db.database import Database


class AttemptsRepository:
    """Rows in, rows out."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def records(self, attempt_ids: Sequence[str]) -> list[AttemptRecord]:
        """The unchanging facts of these attempts; missing ones are left out."""
        return await self._records(_facts().where(attempts.c.id.in_(attempt_ids)))

    async def running(self) -> list[AttemptRecord]:
        """Attempts whose time runs."""
        return await self._records(_facts().where(attempts.c.phase == Phase.RUNNING.value))

    async def titles(self, attempt_id: str) -> Any:
        """Contest kind and title, stage title of an attempt, or None."""
        query = (
            select(contests.c.kind, contests.c.title.label("contest_title"), stages.c.title)
            .select_from(attempts.join(contests).join(stages, stages.c.id == attempts.c.stage_id))
            .where(attempts.c.id == attempt_id)
        )
        async with self._db.read() as connection:
            return (await connection.execute(query)).one_or_none()

    async def _records(self, query: Select[Any]) -> list[AttemptRecord]:
        async with self._db.read() as connection:
            return [
                AttemptRecord(
                    attempt_id=row.id,
                    contest_id=row.contest_id,
                    contestant_id=row.contestant_id,
                    module=row.module,
                    content_sha256=row.content_sha256,
                    work_code=row.work_code,
                    opened_ms=row.opened_ms,
                    self_run=row.kind == "practice",
                )
                for row in await connection.execute(query)
            ]


def _facts() -> Select[Any]:
    return select(attempts, contests.c.kind).join(contests, contests.c.id == attempts.c.contest_id)
