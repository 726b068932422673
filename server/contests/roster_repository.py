"""SQL of classes and pupils, and of what a roster's import has to know."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, insert, select, update
from sqlalchemy.exc import IntegrityError

from server.accounts.tables import accounts, logins
from server.contests.tables import classes, pupils
from server.db.database import Database


class RosterRepository:
    """Rows in, rows out; what staff changes is written by `Acts`, what pupils do by themselves is written here."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def logged_in(self, contest_id: str) -> list[str]:
        """Accounts of the contest's entrants that have a log-in."""
        query = (
            select(logins.c.account_id)
            .join(accounts, accounts.c.id == logins.c.account_id)
            .where(accounts.c.contest_id == contest_id)
            .distinct()
        )
        async with self._db.read() as connection:
            return list(await connection.scalars(query))

    async def classes(self) -> list[Any]:
        """All classes, newest first."""
        async with self._db.read() as connection:
            return list((await connection.execute(select(classes).order_by(classes.c.id.desc()))).all())

    async def class_of(self, class_id: str) -> Any:
        """A class, or None."""
        return await self._class(classes.c.id == class_id)

    async def class_by_code(self, code: str) -> Any:
        """The class of a code, or None."""
        return await self._class(classes.c.code == code)

    async def pupils(self, class_ids: Sequence[str]) -> list[Any]:
        """Pupils of these classes by number, each with the columns of the account."""
        query = (
            select(pupils.c.class_id, pupils.c.number, accounts)
            .join(accounts, accounts.c.id == pupils.c.account_id)
            .where(pupils.c.class_id.in_(class_ids))
            .order_by(pupils.c.number)
        )
        async with self._db.read() as connection:
            return list((await connection.execute(query)).all())

    async def pupil(self, class_id: str, number: str) -> Any:
        """The account of a pupil by number, or None."""
        query = select(accounts).join(pupils, pupils.c.account_id == accounts.c.id)
        query = query.where(pupils.c.class_id == class_id, pupils.c.number == number)
        async with self._db.read() as connection:
            return (await connection.execute(query)).one_or_none()

    async def register(self, account: Mapping[str, Any], pupil: Mapping[str, Any]) -> bool:
        """Insert a pupil who registers; False if somebody was faster with the same number."""
        try:
            async with self._db.write() as connection:
                await connection.execute(insert(accounts).values(**account))
                await connection.execute(insert(pupils).values(**pupil))
        except IntegrityError:
            return False
        return True

    async def set_first_password(self, account_id: str, password_hash: str) -> bool:
        """Set the password of an account that has none; False if it has one by now."""
        first = update(accounts).where(accounts.c.id == account_id, accounts.c.password_hash.is_(None))
        async with self._db.write() as connection:
            return (await connection.execute(first.values(password_hash=password_hash))).rowcount == 1

    async def _class(self, wanted: ColumnElement[bool]) -> Any:
        async with self._db.read() as connection:
            return (await connection.execute(select(classes).where(wanted))).one_or_none()
