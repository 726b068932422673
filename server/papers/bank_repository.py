"""SQL of the task bank; drafts are written here, whole acts by the journal."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import func, or_, select, update

from server.db.database import Database
from server.papers.tables import tasks, versions


class Newest(NamedTuple):
    """The newest version of a task, and whether the draft still is that."""

    number: int
    same: bool


class BankRepository:
    """Rows in, rows out."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def tasks(self, account_id: str | None) -> list[Any]:
        """Tasks by folder, newest first; with an account only its own and the shared ones."""
        query = select(tasks).order_by(tasks.c.folder, tasks.c.id.desc())
        if account_id is not None:
            query = query.where(or_(tasks.c.created_by == account_id, tasks.c.shared))
        async with self._db.read() as connection:
            return list((await connection.execute(query)).all())

    async def task(self, task_id: str) -> Any:
        """A task's row, or None."""
        async with self._db.read() as connection:
            return (await connection.execute(select(tasks).where(tasks.c.id == task_id))).one_or_none()

    async def change(self, task_id: str, seen: int, values: Mapping[str, Any]) -> bool:
        """Change a task unless it has gone on since; whether it was changed."""
        query = update(tasks).where(tasks.c.id == task_id, tasks.c.revision == seen)
        async with self._db.write() as connection:
            done = await connection.execute(query.values(**values, revision=seen + 1))
            return done.rowcount == 1

    async def versions(self, task_ids: Sequence[str]) -> list[Any]:
        """Versions of these tasks, newest first."""
        query = select(versions).where(versions.c.task_id.in_(task_ids)).order_by(versions.c.number.desc())
        async with self._db.read() as connection:
            return list((await connection.execute(query)).all())

    async def version(self, task_id: str, number: int | None) -> Any:
        """A version, the newest without a number; None if there is none."""
        query = select(versions).where(versions.c.task_id == task_id).order_by(versions.c.number.desc()).limit(1)
        if number is not None:
            query = query.where(versions.c.number == number)
        async with self._db.read() as connection:
            return (await connection.execute(query)).one_or_none()

    async def newest(self) -> dict[str, Newest]:
        """The newest version of every task that has one, by task."""
        last = select(versions.c.task_id, func.max(versions.c.number).label("number")).group_by(versions.c.task_id)
        newest = last.subquery()
        same = (versions.c.draft == tasks.c.draft).label("same")
        query = (
            select(versions.c.task_id, versions.c.number, same)
            .join(newest, (versions.c.task_id == newest.c.task_id) & (versions.c.number == newest.c.number))
            .join(tasks, tasks.c.id == versions.c.task_id)
        )
        async with self._db.read() as connection:
            return {row.task_id: Newest(row.number, bool(row.same)) for row in (await connection.execute(query)).all()}
