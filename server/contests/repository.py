"""SQL of contests, stages, orders and announcements."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select

from server.accounts.tables import accounts
from server.contests.tables import announcements, contests, entrants, orders, pupils, stages
from server.db.database import Database

ORDERS_SHOWN = 100


class ContestsRepository:
    """Rows in, rows out; what staff changes is written by `Acts`."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def contests(self, kinds: Sequence[str]) -> list[Any]:
        """Contests of these kinds, newest first."""
        query = select(contests).where(contests.c.kind.in_(kinds)).order_by(contests.c.id.desc())
        return await self._all(query)

    async def contest(self, contest_id: str) -> Any:
        """One contest, or None."""
        return await self._one(select(contests).where(contests.c.id == contest_id))

    async def stages(self, contest_ids: Sequence[str]) -> list[Any]:
        """Stages of these contests in the order of the timetable."""
        query = select(stages).where(stages.c.contest_id.in_(contest_ids))
        return await self._all(query.order_by(stages.c.position, stages.c.id))

    async def stage(self, stage_id: str) -> Any:
        """One stage, or None."""
        return await self._one(select(stages).where(stages.c.id == stage_id))

    async def scheduled(self) -> list[Any]:
        """Stages that wait for the moment at which they start by themselves."""
        return await self._all(
            select(stages).where(
                stages.c.starts_ms.is_not(None), stages.c.started_ms.is_(None), stages.c.closed_ms.is_(None)
            )
        )

    async def running_since(self, since_ms: int) -> bool:
        """Whether a stage of a contest runs that was started after a moment (UTC epoch ms)."""
        query = select(stages.c.id).join(contests, contests.c.id == stages.c.contest_id)
        found = await self._all(
            query.where(contests.c.kind == "contest", stages.c.started_ms > since_ms, stages.c.closed_ms.is_(None))
        )
        return bool(found)

    async def entrant_counts(self, contest_ids: Sequence[str]) -> dict[str, int]:
        """How many entrants, or pupils of the lesson's class, there are by contest."""
        of_roster = (
            select(entrants.c.contest_id, func.count())
            .where(entrants.c.contest_id.in_(contest_ids))
            .group_by(entrants.c.contest_id)
        )
        of_class = (
            select(contests.c.id, func.count())
            .join(pupils, pupils.c.class_id == contests.c.class_id)
            .where(contests.c.id.in_(contest_ids))
            .group_by(contests.c.id)
        )
        async with self._db.read() as connection:
            found = [*await connection.execute(of_roster), *await connection.execute(of_class)]
        return {contest_id: count for contest_id, count in found}

    async def entrants(self, contest_id: str) -> list[Any]:
        """Entrants of a contest with their names, by ticket."""
        query = (
            select(entrants, accounts.c.display_name)
            .join(accounts, accounts.c.id == entrants.c.account_id)
            .where(entrants.c.contest_id == contest_id)
        )
        return await self._all(query.order_by(entrants.c.ticket_number))

    async def pupils(self, class_id: str) -> list[Any]:
        """Pupils of a class with their names, by number."""
        query = (
            select(pupils, accounts.c.display_name)
            .join(accounts, accounts.c.id == pupils.c.account_id)
            .where(pupils.c.class_id == class_id)
        )
        return await self._all(query.order_by(pupils.c.number))

    async def lesson_ids(self, account_id: str) -> list[str]:
        """Lessons that go on of the classes of a pupil, newest first."""
        query = (
            select(contests.c.id)
            .join(pupils, pupils.c.class_id == contests.c.class_id)
            .where(pupils.c.account_id == account_id, contests.c.kind == "lesson", contests.c.closed_ms.is_(None))
            .order_by(contests.c.id.desc())
        )
        async with self._db.read() as connection:
            return list(await connection.scalars(query))

    async def orders(self, contest_id: str) -> list[Any]:
        """Orders of a contest, newest first."""
        query = select(orders).where(orders.c.contest_id == contest_id).order_by(orders.c.id.desc())
        return await self._all(query.limit(ORDERS_SHOWN))

    async def order(self, order_id: str) -> Any:
        """One order, or None."""
        return await self._one(select(orders).where(orders.c.id == order_id))

    async def announcements(self, contest_id: str) -> list[Any]:
        """Announcements of a contest, oldest first."""
        query = select(announcements).where(announcements.c.contest_id == contest_id)
        return await self._all(query.order_by(announcements.c.id))

    async def _all(self, query: Any) -> list[Any]:
        async with self._db.read() as connection:
            return list((await connection.execute(query)).all())

    async def _one(self, query: Any) -> Any:
        async with self._db.read() as connection:
            return (await connection.execute(query)).one_or_none()
