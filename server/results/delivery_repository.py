"""SQL of deliveries, and of the codes that hide what must not cross."""

from typing import Any

from sqlalchemy import ColumnElement, Select, func, insert, select, update

from server.attempts.tables import attempts
from server.contests.tables import contests, stages
from server.core.ids import new_code
from server.core.phases import Phase
from server.db.database import Database
from server.recordings.tables import recordings
from server.results.delivery_tables import deliveries, grading_codes
from server.results.tables import outcomes

CODE_LENGTH = 8
_sibling = attempts.alias()


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
                attempts.c.closed_ms,
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

    async def any(self) -> bool:
        """Whether anything is delivered or to be delivered."""
        async with self._db.read() as connection:
            return await connection.scalar(select(deliveries.c.attempt_id).limit(1)) is not None

    async def reopen(self, instance: str) -> int:
        """What was delivered to another database than this one is due again; returns how many that are."""
        elsewhere = (deliveries.c.status == "delivered") & (deliveries.c.instance != instance)
        async with self._db.write() as connection:
            changed = await connection.execute(update(deliveries).where(elsewhere).values(status="due", tries=0))
            return changed.rowcount

    async def due(self, now_ms: int) -> list[str]:
        """Deliveries that are not ended, and failed ones that are to be tried again; by work code.

        None of a stage of which a work is still open, not scored yet, or without a recording that is on its way: that
        one would be known by coming last.
        """
        again = (deliveries.c.status == "failed") & (deliveries.c.retry_ms <= now_ms)
        wanted = deliveries.c.status.in_(("due", "sending")) | again
        scored = select(outcomes.c.attempt_id).where(outcomes.c.attempt_id == _sibling.c.id).exists()
        waits = (recordings.c.attempt_id == _sibling.c.id) & (recordings.c.state == "waiting")
        unsealed = select(recordings.c.id).where(waits).exists()
        query = _of_stages_without(wanted, (_sibling.c.phase != Phase.CLOSED.value) | ~scored | unsealed)
        async with self._db.read() as connection:
            return list(await connection.scalars(query.order_by(attempts.c.work_code)))

    async def arrears(self) -> int:
        """How many works of stages that are over have not arrived."""
        wanted = deliveries.c.status.in_(("due", "sending", "failed"))
        late = _of_stages_without(wanted, _sibling.c.phase != Phase.CLOSED.value).subquery()
        async with self._db.read() as connection:
            found: int | None = await connection.scalar(select(func.count()).select_from(late))
            return found or 0

    async def next_retry_ms(self) -> int | None:
        """When the next failed delivery is to be tried again (UTC epoch ms)."""
        async with self._db.read() as connection:
            query = select(func.min(deliveries.c.retry_ms)).where(deliveries.c.status == "failed")
            found: int | None = await connection.scalar(query)
            return found

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


def _of_stages_without(wanted: ColumnElement[bool], holding: ColumnElement[bool]) -> Select[tuple[Any]]:
    """Attempts whose delivery is wanted, of stages in which nobody's attempt is `holding`."""
    held = select(_sibling.c.stage_id).where(holding)
    return (
        select(deliveries.c.attempt_id)
        .join(attempts, attempts.c.id == deliveries.c.attempt_id)
        .where(wanted, attempts.c.stage_id.not_in(held))
    )
