"""SQL of places and placements."""

from typing import Any

from sqlalchemy import select

from agents.tables import placements, seats
from server.contests.tables import contests, entrants
from server.db.database import Database


class PlacesRepository:
    """Rows in, rows out; what staff changes is written by `Acts`."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def seats(self) -> list[Any]:
        """All places by label."""
        return await self._all(select(seats).order_by(seats.c.room, seats.c.label))

    async def seat(self, seat_id: str) -> Any:
        """One place, or None."""
        return await self._one(select(seats).where(seats.c.id == seat_id))

    async def seat_of_token(self, token_sha256: str) -> Any:
        """The place that a machine is bound to, or None."""
        return await self._one(select(seats).where(seats.c.token_sha256 == token_sha256))

    async def placements(self, contest_id: str) -> list[Any]:
        """Who sits where in a contest: label, room and ticket, by label."""
        query = (
            select(placements, seats.c.label, seats.c.room, entrants.c.ticket_number)
            .join(seats, seats.c.id == placements.c.seat_id)
            .join(entrants, entrants.c.account_id == placements.c.account_id)
            .where(placements.c.contest_id == contest_id)
            .order_by(seats.c.room, seats.c.label)
        )
        return await self._all(query)

    async def placement(self, account_id: str) -> Any:
        """Where an entrant sits, and its ticket, or None."""
        query = (
            select(placements, seats.c.label, seats.c.room, entrants.c.ticket_number)
            .join(seats, seats.c.id == placements.c.seat_id)
            .join(entrants, entrants.c.account_id == placements.c.account_id)
        )
        return await self._one(query.where(placements.c.account_id == account_id))

    async def sitters(self) -> list[Any]:
        """Who has which place in contests that are not over."""
        query = (
            select(placements, entrants.c.ticket_number, contests.c.title)
            .join(entrants, entrants.c.account_id == placements.c.account_id)
            .join(contests, contests.c.id == placements.c.contest_id)
            .where(contests.c.closed_ms.is_(None))
        )
        return await self._all(query)

    async def ticket(self, contest_id: str, ticket_number: str) -> Any:
        """Where a ticket of a contest should sit: account, place and label (None without a place), or None."""
        query = (
            select(entrants.c.account_id, seats.c.id.label("seat_id"), seats.c.label)
            .outerjoin(placements, placements.c.account_id == entrants.c.account_id)
            .outerjoin(seats, seats.c.id == placements.c.seat_id)
            .where(entrants.c.contest_id == contest_id, entrants.c.ticket_number == ticket_number)
        )
        return await self._one(query)

    async def _all(self, query: Any) -> list[Any]:
        async with self._db.read() as connection:
            return list((await connection.execute(query)).all())

    async def _one(self, query: Any) -> Any:
        async with self._db.read() as connection:
            return (await connection.execute(query)).one_or_none()
