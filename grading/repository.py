"""SQL of the grading service."""

from typing import Any

from sqlalchemy import func, insert, select

from grading.tables import dossiers
from server.db.database import Database


class DossierRepository:
    """Rows in, rows out; a revision is written once and never changed."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def add(self, work_code: str, revision: int, contest_code: str, body: str) -> int | None:
        """Keep a revision unless it is there already; returns the newest revision if it is there with another body."""
        mine = dossiers.c.work_code == work_code
        async with self._db.write() as connection:
            query = select(dossiers.c.body).where(mine, dossiers.c.revision == revision)
            held: str | None = await connection.scalar(query)
            if held is None:
                row = {"work_code": work_code, "revision": revision, "contest_code": contest_code, "body": body}
                await connection.execute(insert(dossiers).values(**row))
                return None
            if held == body:
                return None
            newest: int | None = await connection.scalar(select(func.max(dossiers.c.revision)).where(mine))
            return newest

    async def contest_codes(self) -> list[str]:
        """Contests of which works are there."""
        async with self._db.read() as connection:
            query = select(dossiers.c.contest_code).distinct().order_by(dossiers.c.contest_code)
            return list(await connection.scalars(query))

    async def bodies(self, contest_code: str) -> list[Any]:
        """Every revision of every work of a contest: by work code, newest first."""
        query = (
            select(dossiers)
            .where(dossiers.c.contest_code == contest_code)
            .order_by(dossiers.c.work_code, dossiers.c.revision.desc())
        )
        async with self._db.read() as connection:
            return list((await connection.execute(query)).all())

    async def newest(self, work_code: str) -> str | None:
        """The newest revision of a work, as it came."""
        query = select(dossiers.c.body).where(dossiers.c.work_code == work_code)
        async with self._db.read() as connection:
            found: str | None = await connection.scalar(query.order_by(dossiers.c.revision.desc()).limit(1))
            return found
