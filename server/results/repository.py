"""SQL of outcomes and of the lists that show them."""

from typing import Any

from sqlalchemy import insert, select, update

from server.accounts.tables import accounts
from server.attempts.tables import attempts
from server.contests.tables import contests, stages
from server.db.database import Database
from server.results.tables import outcomes

LIST_LIMIT = 300
"""Newest attempts that a list shows."""


class ResultsRepository:
    """Rows in, rows out."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def save(self, attempt_id: str, values: dict[str, Any]) -> None:
        """Insert an outcome, or replace it with the next revision."""
        async with self._db.write() as connection:
            revision = await connection.scalar(select(outcomes.c.revision).where(outcomes.c.attempt_id == attempt_id))
            if revision is None:
                await connection.execute(insert(outcomes).values(attempt_id=attempt_id, revision=1, **values))
            else:
                await connection.execute(
                    update(outcomes).where(outcomes.c.attempt_id == attempt_id).values(revision=revision + 1, **values)
                )

    async def outcome(self, attempt_id: str) -> Any:
        """An outcome's row, or None."""
        async with self._db.read() as connection:
            query = select(outcomes).where(outcomes.c.attempt_id == attempt_id)
            return (await connection.execute(query)).one_or_none()

    async def practice(self, contestant_id: str | None) -> list[Any]:
        """Practice attempts, newest first: of one trainee, or of all."""
        query = (
            select(
                attempts,
                stages.c.title,
                stages.c.duration_ms,
                accounts.c.display_name,
                outcomes.c.marks,
                outcomes.c.max_marks,
            )
            .select_from(
                attempts.join(contests, contests.c.id == attempts.c.contest_id)
                .join(stages, stages.c.id == attempts.c.stage_id)
                .join(accounts, accounts.c.id == attempts.c.contestant_id)
                .outerjoin(outcomes, outcomes.c.attempt_id == attempts.c.id)
            )
            .where(contests.c.kind == "practice")
            .order_by(attempts.c.id.desc())
            .limit(LIST_LIMIT)
        )
        if contestant_id is not None:
            query = query.where(attempts.c.contestant_id == contestant_id)
        async with self._db.read() as connection:
            return list((await connection.execute(query)).all())
