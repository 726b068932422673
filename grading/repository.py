"""SQL of the grading service."""

from typing import Any

from sqlalchemy import func, insert, select

from grading.tables import dossiers, instances, overrulings
from server.core.dossier import CriterionMark, Dossier
from server.core.ids import new_code
from server.core.outcome import ProposedMark
from server.core.overruling import Overruling
from server.db.database import Database

INSTANCE_LENGTH = 12


class DossierRepository:
    """Rows in, rows out; a revision is written once and never changed."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def instance(self) -> str:
        """By what this database is known from another; made by chance when it is first asked for."""
        async with self._db.read() as connection:
            found: str | None = await connection.scalar(select(instances.c.id))
        if found is not None:
            return found
        async with self._db.write() as connection:
            found = await connection.scalar(select(instances.c.id))
            if found is None:
                found = new_code(INSTANCE_LENGTH)
                await connection.execute(insert(instances).values(id=found))
            return found

    async def add(self, dossier: Dossier) -> int | None:
        """Keep a revision unless it is there already; returns the newest revision if it is there with another body."""
        mine = dossiers.c.work_code == dossier.work_code
        row = _row(dossier)
        async with self._db.write() as connection:
            query = select(dossiers.c.body).where(mine, dossiers.c.revision == dossier.revision)
            held: str | None = await connection.scalar(query)
            if held is None:
                await connection.execute(insert(dossiers).values(**row))
                return None
            if held == row["body"]:
                return None
            newest: int | None = await connection.scalar(select(func.max(dossiers.c.revision)).where(mine))
            return newest

    async def works(self, contest_code: str | None = None) -> list[Any]:
        """The newest revision of every work, without its body, and the marks of the one before (`marks_before`)."""
        revisions: dict[str, Any] = {"partition_by": dossiers.c.work_code, "order_by": dossiers.c.revision.desc()}
        lines = select(
            *(column for column in dossiers.c if column.name != "body"),
            func.row_number().over(**revisions).label("age"),
            func.lead(dossiers.c.marks).over(**revisions).label("marks_before"),
        )
        if contest_code is not None:
            lines = lines.where(dossiers.c.contest_code == contest_code)
        found = lines.subquery()
        query = select(found).where(found.c.age == 1)
        order = (found.c.contest_code, found.c.stage_number, found.c.stage_code, found.c.work_code)
        async with self._db.read() as connection:
            return list((await connection.execute(query.order_by(*order))).all())

    async def newest(self, work_code: str) -> str | None:
        """The newest revision of a work, as it came."""
        query = select(dossiers.c.body).where(dossiers.c.work_code == work_code)
        async with self._db.read() as connection:
            found: str | None = await connection.scalar(query.order_by(dossiers.c.revision.desc()).limit(1))
            return found

    async def has_revision(self, work_code: str, revision: int) -> bool:
        """Whether this revision of a work is there."""
        mine = (dossiers.c.work_code == work_code) & (dossiers.c.revision == revision)
        async with self._db.read() as connection:
            return await connection.scalar(select(dossiers.c.revision).where(mine)) is not None

    async def overrule(self, referee: str, work_code: str, said: Overruling) -> None:
        """Add a referee's word to those before; none is ever changed."""
        row = {"work_code": work_code, "referee": referee, **said.model_dump()}
        async with self._db.write() as connection:
            await connection.execute(insert(overrulings).values(**row))

    async def overrulings(self, referee: str, work_code: str) -> list[Any]:
        """The last word of a referee on every judgement of a work, also where it was taken back."""
        mine = (overrulings.c.work_code == work_code) & (overrulings.c.referee == referee)
        last = select(func.max(overrulings.c.id)).where(mine).group_by(overrulings.c.judgement)
        query = select(overrulings).where(overrulings.c.id.in_(last)).order_by(overrulings.c.judgement)
        async with self._db.read() as connection:
            return list((await connection.execute(query)).all())


def _row(dossier: Dossier) -> dict[str, Any]:
    total, max_total = dossier.total, dossier.max_total
    return {
        "work_code": dossier.work_code,
        "revision": dossier.revision,
        "contest_code": dossier.contest_code,
        "stage_code": dossier.stage_code,
        "stage_number": dossier.stage_number,
        "module": dossier.module,
        "module_title": dossier.module_title.model_dump(mode="json", by_alias=True),
        "failed": dossier.failed,
        "marks": None if total is None else str(total),
        "max_marks": None if max_total is None else str(max_total),
        "criteria": [_criterion(mark) for mark in dossier.marks],
        "body": dossier.text(),
    }


def _criterion(mark: ProposedMark) -> dict[str, Any]:
    short = CriterionMark(criterion=mark.criterion, marks=mark.marks, max_marks=mark.max_marks)
    return short.model_dump(mode="json", by_alias=True)
