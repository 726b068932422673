"""SQL of attempts."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, func, select

from server.attempts.standing import AttemptRecord
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

    async def open_ids(self, modules: Sequence[str]) -> list[str]:
        """Attempts in these modules whose time runs or stands still."""
        query = select(attempts.c.id).where(
            attempts.c.phase.in_((Phase.RUNNING.value, Phase.PAUSED.value)), attempts.c.module.in_(modules)
        )
        async with self._db.read() as connection:
            return list((await connection.scalars(query)).all())

    async def of_stage(self, stage_id: str) -> list[AttemptRecord]:
        """Every attempt of a stage."""
        return await self._records(_facts().where(attempts.c.stage_id == stage_id))

    async def of_contest(self, contest_id: str) -> list[AttemptRecord]:
        """Every attempt of a contest."""
        return await self._records(_facts().where(attempts.c.contest_id == contest_id))

    async def of_contests(self, contest_ids: Sequence[str]) -> list[AttemptRecord]:
        """Every attempt of these contests, in the order of the timetables."""
        ordered = _facts().join(stages, stages.c.id == attempts.c.stage_id).order_by(stages.c.position)
        return await self._records(ordered.where(attempts.c.contest_id.in_(contest_ids)))

    async def of_contestant(self, contest_id: str, contestant_id: str) -> list[AttemptRecord]:
        """A contestant's attempts in a contest, in the order of the timetable."""
        mine = (attempts.c.contest_id == contest_id) & (attempts.c.contestant_id == contestant_id)
        order = _facts().join(stages, stages.c.id == attempts.c.stage_id).order_by(stages.c.position)
        return await self._records(order.where(mine))

    async def under_way(self, contest_id: str, but_stage_id: str) -> dict[str, str]:
        """Attempts of other stages whose time runs or stands still, by contestant."""
        query = select(attempts.c.contestant_id, attempts.c.id).where(
            attempts.c.contest_id == contest_id,
            attempts.c.stage_id != but_stage_id,
            attempts.c.phase.in_((Phase.RUNNING.value, Phase.PAUSED.value)),
        )
        async with self._db.read() as connection:
            return {row.contestant_id: row.id for row in await connection.execute(query)}

    async def delayed(self) -> dict[str, str]:
        """Attempts that wait for another one to end: waited for, by waiting."""
        query = select(attempts.c.id, attempts.c.delayed_behind).where(attempts.c.delayed_behind.is_not(None))
        async with self._db.read() as connection:
            return {row.id: row.delayed_behind for row in await connection.execute(query)}

    async def open_rounds(self, contestant_id: str) -> int:
        """How many practice rounds of a person are not closed."""
        mine = (attempts.c.contestant_id == contestant_id) & (attempts.c.phase != Phase.CLOSED.value)
        query = select(func.count()).select_from(attempts.join(contests)).where(mine, contests.c.kind == "practice")
        async with self._db.read() as connection:
            return (await connection.scalar(query)) or 0

    async def titles(self, attempt_id: str) -> Any:
        """Contest kind and title, stage title of an attempt, or None."""
        query = (
            select(
                contests.c.kind,
                contests.c.title.label("contest_title"),
                stages.c.title,
                stages.c.starts_ms,
                stages.c.started_ms,
            )
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
                    stage_id=row.stage_id,
                    kind=row.kind,
                )
                for row in await connection.execute(query)
            ]


def _facts() -> Select[Any]:
    return select(attempts, contests.c.kind).join(contests, contests.c.id == attempts.c.contest_id)
