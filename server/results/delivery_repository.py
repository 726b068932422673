"""SQL of deliveries, and of the codes that hide what must not cross."""

from typing import Any

from sqlalchemy import func, insert, select, update

from server.attempts.tables import attempts
from server.contests.tables import contests, stages
from server.core.ids import new_code
from server.db.database import Database
from server.results.delivery_tables import deliveries, grading_codes
from server.results.tables import outcomes

CODE_LENGTH = 8


class DeliveryRepository:
    """Rows in, rows out."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def contests(self) -> list[str]:
        """Contests proper: practice rounds and lessons are not delivered."""
        async with self._db.read() as connection:
            return list(await connection.scalars(select(contests.c.id).where(contests.c.kind == "contest")))

    async def work(self, attempt_id: str) -> Any:
        """An attempt of a contest with its outcome and the number of its stage; None as long as it has none."""
        query = (
            select(
                attempts.c.work_code,
                attempts.c.contest_id,
                attempts.c.stage_id,
                attempts.c.module,
                stages.c.position.label("stage_position"),
                outcomes,
            )
            .join(outcomes, outcomes.c.attempt_id == attempts.c.id)
            .join(stages, stages.c.id == attempts.c.stage_id)
            .join(contests, contests.c.id == attempts.c.contest_id)
            .where(attempts.c.id == attempt_id, contests.c.kind == "contest")
        )
        async with self._db.read() as connection:
            return (await connection.execute(query)).one_or_none()

    async def held(self, attempt_id: str) -> Any:
        """What is known of the delivery of an attempt, or None."""
        async with self._db.read() as connection:
            query = select(deliveries).where(deliveries.c.attempt_id == attempt_id)
            return (await connection.execute(query)).one_or_none()

    async def save(self, attempt_id: str, values: dict[str, Any]) -> None:
        """Insert or change what is known of a delivery."""
        async with self._db.write() as connection:
            mine = update(deliveries).where(deliveries.c.attempt_id == attempt_id).values(**values)
            if not (await connection.execute(mine)).rowcount:
                await connection.execute(insert(deliveries).values(attempt_id=attempt_id, **values))

    async def due(self, now_ms: int) -> list[str]:
        """Deliveries that were begun and not ended, and failed ones that are to be tried again."""
        again = (deliveries.c.status == "failed") & (deliveries.c.retry_ms <= now_ms)
        query = select(deliveries.c.attempt_id).where((deliveries.c.status == "sending") | again)
        async with self._db.read() as connection:
            return list(await connection.scalars(query.order_by(deliveries.c.attempt_id)))

    async def next_retry_ms(self) -> int | None:
        """When the next failed delivery is to be tried again (UTC epoch ms)."""
        async with self._db.read() as connection:
            query = select(func.min(deliveries.c.retry_ms)).where(deliveries.c.status == "failed")
            found: int | None = await connection.scalar(query)
            return found

    async def failed(self) -> list[Any]:
        """Deliveries that the grading service refused, or that could not be put together: attempt, work code, error."""
        query = (
            select(deliveries.c.attempt_id, attempts.c.work_code, deliveries.c.error, deliveries.c.tries)
            .join(attempts, attempts.c.id == deliveries.c.attempt_id)
            .where(deliveries.c.status == "failed")
            .order_by(attempts.c.work_code)
        )
        async with self._db.read() as connection:
            return list((await connection.execute(query)).all())

    async def code(self, subject: str) -> str:
        """The code of a contest, a stage or an account; made by chance when it is first asked for."""
        query = select(grading_codes.c.code).where(grading_codes.c.subject == subject)
        async with self._db.read() as connection:
            found: str | None = await connection.scalar(query)
        if found is not None:
            return found
        async with self._db.write() as connection:
            found = await connection.scalar(query)
            if found is None:
                found = new_code(CODE_LENGTH)
                await connection.execute(insert(grading_codes).values(subject=subject, code=found))
            return found
