"""SQL of accounts and log-ins."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, insert, select

from server.accounts.tables import accounts, logins
from server.db.database import Database


class AccountsRepository:
    """Rows in, rows out."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def add(self, values: dict[str, Any]) -> None:
        """Insert an account."""
        async with self._db.write() as connection:
            await connection.execute(insert(accounts).values(**values))

    async def by_login_name(self, login_name: str) -> Any:
        """The account of this log-in name, or None."""
        async with self._db.read() as connection:
            query = select(accounts).where(accounts.c.login_name == login_name)
            return (await connection.execute(query)).one_or_none()

    async def by_id(self, account_id: str) -> Any:
        """An account, or None."""
        async with self._db.read() as connection:
            return (await connection.execute(select(accounts).where(accounts.c.id == account_id))).one_or_none()

    async def outside_contests(self) -> list[Any]:
        """Accounts that are not entrants of a contest, oldest first."""
        async with self._db.read() as connection:
            query = select(accounts).where(accounts.c.contest_id.is_(None)).order_by(accounts.c.id)
            return list((await connection.execute(query)).all())

    async def first_of_role(self, role: str) -> Any:
        """The oldest account of a role, or None."""
        async with self._db.read() as connection:
            held = ("," + accounts.c.roles + ",").like(f"%,{role},%")
            query = select(accounts).where(held, accounts.c.contest_id.is_(None))
            query = query.order_by(accounts.c.created_ms, accounts.c.login_name).limit(1)
            return (await connection.execute(query)).one_or_none()

    async def rows(self, account_ids: Sequence[str]) -> list[Any]:
        """These accounts."""
        async with self._db.read() as connection:
            return list((await connection.execute(select(accounts).where(accounts.c.id.in_(account_ids)))).all())

    async def names(self, account_ids: Sequence[str]) -> dict[str, str]:
        """Display names by id."""
        async with self._db.read() as connection:
            query = select(accounts.c.id, accounts.c.display_name).where(accounts.c.id.in_(account_ids))
            return {row.id: row.display_name for row in await connection.execute(query)}

    async def count(self) -> int:
        """How many accounts there are."""
        async with self._db.read() as connection:
            return len((await connection.execute(select(accounts.c.id))).all())

    async def add_login(self, values: dict[str, Any]) -> None:
        """Insert a log-in."""
        async with self._db.write() as connection:
            await connection.execute(insert(logins).values(**values))

    async def login(self, token_sha256: str, at_ms: int) -> Any:
        """Account columns of a valid log-in, or None."""
        query = (
            select(accounts, logins.c.seat_id, logins.c.address)
            .join(logins, logins.c.account_id == accounts.c.id)
            .where(
                logins.c.token_sha256 == token_sha256,
                logins.c.expires_ms > at_ms,
                accounts.c.closed_ms.is_(None),
            )
        )
        async with self._db.read() as connection:
            return (await connection.execute(query)).one_or_none()

    async def end_login(self, token_sha256: str, at_ms: int) -> None:
        """Delete a log-in, and those that have expired."""
        async with self._db.write() as connection:
            gone = (logins.c.token_sha256 == token_sha256) | (logins.c.expires_ms <= at_ms)
            await connection.execute(delete(logins).where(gone))

    async def end_logins_of(self, account_id: str) -> list[str]:
        """Delete every log-in of an account; returns the SHA-256 of their tokens."""
        mine = logins.c.account_id == account_id
        async with self._db.write() as connection:
            tokens = list(await connection.scalars(select(logins.c.token_sha256).where(mine)))
            await connection.execute(delete(logins).where(mine))
        return tokens
