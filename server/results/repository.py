"""SQL of outcomes, of the lists that show them, and of corrections."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, func, select

from server.accounts.tables import accounts
from server.attempts.tables import attempts
from server.contests.tables import classes, contests, entrants, pupils, stages
from server.core.phases import Phase
from server.db.database import Database
from server.results.tables import corrections, outcomes

LIST_LIMIT = 300
"""Newest attempts that a list shows."""
CLASS_LIMIT = 10_000
"""Newest attempts of a whole class."""

_OUTCOME = (outcomes.c.revision, outcomes.c.failed, outcomes.c.marks, outcomes.c.max_marks)


class ResultsRepository:
    """Rows out; outcomes and corrections are written together with their events."""

    def __init__(self, database: Database) -> None:
        self._db = database

    # --- outcomes ------------------------------------------------------------------------------------

    async def outcome(self, attempt_id: str) -> Any:
        """An outcome's row, or None."""
        return await self._one(select(outcomes).where(outcomes.c.attempt_id == attempt_id))

    async def to_score(self, attempt_id: str) -> Any:
        """Module, phase, work code of an attempt, and by what it was taken and is scored; or None."""
        return await self._one(_to_score().where(attempts.c.id == attempt_id))

    async def failed(self) -> list[str]:
        """Attempts whose outcome could not be worked out."""
        async with self._db.read() as connection:
            query = select(outcomes.c.attempt_id).where(outcomes.c.failed).order_by(outcomes.c.attempt_id)
            return list(await connection.scalars(query))

    # --- lists of people -----------------------------------------------------------------------------

    async def rounds(self, kinds: Sequence[str], contestant_id: str | None) -> list[Any]:
        """Attempts of contests of these kinds, newest first: of one person, or of all."""
        query = _rounds().where(contests.c.kind.in_(kinds)).limit(LIST_LIMIT)
        if contestant_id is not None:
            query = query.where(attempts.c.contestant_id == contestant_id)
        return await self._all(query)

    async def rounds_of_class(self, class_id: str) -> list[Any]:
        """Practice rounds and lessons of every pupil of a class, newest first."""
        query = _rounds().join(pupils, pupils.c.account_id == attempts.c.contestant_id)
        mine = (pupils.c.class_id == class_id) & contests.c.kind.in_(("practice", "lesson"))
        return await self._all(query.where(mine).limit(CLASS_LIMIT))

    async def class_exists(self, class_id: str) -> bool:
        """Whether there is such a class."""
        return await self._one(select(classes.c.id).where(classes.c.id == class_id)) is not None

    async def pupils(self, class_id: str) -> list[Any]:
        """Pupils of a class with their names, by number."""
        query = (
            select(pupils, accounts.c.display_name)
            .join(accounts, accounts.c.id == pupils.c.account_id)
            .where(pupils.c.class_id == class_id)
        )
        return await self._all(query.order_by(pupils.c.number))

    # --- one stage -----------------------------------------------------------------------------------

    async def stage(self, stage_id: str) -> Any:
        """A stage with kind, title and blindness of its contest, or None."""
        query = select(stages, contests.c.kind, contests.c.title.label("contest_title"), contests.c.blind).join(
            contests, contests.c.id == stages.c.contest_id
        )
        return await self._one(query.where(stages.c.id == stage_id))

    async def any_started(self, stage_id: str) -> bool:
        """Whether anybody's time in this stage has begun."""
        query = select(attempts.c.id).where(attempts.c.stage_id == stage_id, attempts.c.started_ms.is_not(None))
        return await self._one(query.limit(1)) is not None

    async def works(self, stage_id: str, *, named: bool) -> list[Any]:
        """Opened attempts of a stage with their marks; with `named`, also names and numbers."""
        query = select(attempts, *_OUTCOME).outerjoin(outcomes, outcomes.c.attempt_id == attempts.c.id)
        if named:
            number = func.coalesce(pupils.c.number, entrants.c.ticket_number).label("number")
            query = (
                query.add_columns(accounts.c.display_name, number)
                .join(accounts, accounts.c.id == attempts.c.contestant_id)
                .outerjoin(pupils, pupils.c.account_id == accounts.c.id)
                .outerjoin(entrants, entrants.c.account_id == accounts.c.id)
            )
        opened = attempts.c.phase != Phase.NOT_OPEN.value
        return await self._all(query.where(attempts.c.stage_id == stage_id, opened))

    async def work(self, stage_id: str, work_code: str) -> Any:
        """One work with its outcome, or None."""
        query = (
            select(attempts, *_OUTCOME, outcomes.c.body)
            .outerjoin(outcomes, outcomes.c.attempt_id == attempts.c.id)
            .where(attempts.c.stage_id == stage_id, attempts.c.work_code == work_code)
        )
        return await self._one(query)

    async def bodies(self, stage_id: str) -> list[Any]:
        """Outcomes of a stage by work code."""
        query = (
            select(attempts.c.work_code, outcomes.c.body)
            .join(outcomes, outcomes.c.attempt_id == attempts.c.id)
            .where(attempts.c.stage_id == stage_id, outcomes.c.body.is_not(None))
        )
        return await self._all(query)

    async def closed(self, stage_id: str) -> list[Any]:
        """Closed attempts of a stage by work code, as `to_score`, each with what its outcome says so far."""
        query = _to_score().where(attempts.c.stage_id == stage_id, attempts.c.phase == Phase.CLOSED.value)
        return await self._all(query.order_by(attempts.c.work_code))

    async def corrections(self, stage_id: str) -> list[Any]:
        """Corrections of a stage's key, newest first."""
        query = select(corrections).where(corrections.c.stage_id == stage_id)
        return await self._all(query.order_by(corrections.c.id.desc()))

    async def correction(self, correction_id: str) -> Any:
        """One correction, or None."""
        return await self._one(select(corrections).where(corrections.c.id == correction_id))

    async def _all(self, query: Any) -> list[Any]:
        async with self._db.read() as connection:
            return list((await connection.execute(query)).all())

    async def _one(self, query: Any) -> Any:
        async with self._db.read() as connection:
            return (await connection.execute(query)).one_or_none()


def _to_score() -> Select[Any]:
    return (
        select(
            attempts.c.id,
            attempts.c.contest_id,
            attempts.c.stage_id,
            attempts.c.module,
            attempts.c.phase,
            attempts.c.work_code,
            attempts.c.content_sha256,
            stages.c.scoring_sha256,
            *_OUTCOME,
        )
        .select_from(attempts)
        .join(stages, stages.c.id == attempts.c.stage_id)
        .outerjoin(outcomes, outcomes.c.attempt_id == attempts.c.id)
    )


def _rounds() -> Select[Any]:
    return (
        select(attempts, stages.c.title, contests.c.kind, accounts.c.display_name, *_OUTCOME)
        .select_from(attempts)
        .join(contests, contests.c.id == attempts.c.contest_id)
        .join(stages, stages.c.id == attempts.c.stage_id)
        .join(accounts, accounts.c.id == attempts.c.contestant_id)
        .outerjoin(outcomes, outcomes.c.attempt_id == attempts.c.id)
        .order_by(attempts.c.id.desc())
    )
