"""Who belongs to a stage: places with their contestants, or the pupils of a lesson."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from agents.repository import PlacesRepository
from server.attempts.repository import AttemptsRepository
from server.contests.repository import ContestsRepository
from server.core.access import Permission

WATCHERS = (Permission.WATCH_HALL, Permission.RUN_STAGE, Permission.CONFIRM_ORDER)
"""Any of these lets somebody see who is in the hall and how it stands."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A place, with or without a contestant; or a contestant without a place."""

    key: str
    label: str
    room: str
    spare: bool
    bound: bool
    seat_id: str | None
    account_id: str | None
    ticket_number: str | None
    name: str | None
    attempt_id: str | None


@dataclass(frozen=True, slots=True)
class Roll:
    """Reads who is in a contest, with their attempts in one stage."""

    places: PlacesRepository
    contests: ContestsRepository
    attempts: AttemptsRepository

    async def call(self, contest: Any, stage_id: str | None) -> list[Entry]:
        """Every place and contestant of a contest, or every pupil of a lesson's class; names in lessons only."""
        records = [] if stage_id is None else await self.attempts.of_stage(stage_id)
        attempt_of = {record.contestant_id: record.attempt_id for record in records}
        if contest.kind == "lesson":
            return await self._pupils(contest.class_id, attempt_of)
        return await self._places(contest.id, attempt_of)

    async def _pupils(self, class_id: str, attempt_of: dict[str, str]) -> list[Entry]:
        return [
            Entry(
                key=row.account_id,
                label=row.number,
                room="",
                spare=False,
                bound=True,
                seat_id=None,
                account_id=row.account_id,
                ticket_number=row.number,
                name=row.display_name,
                attempt_id=attempt_of.get(row.account_id),
            )
            for row in await self.contests.pupils(class_id)
        ]

    async def _places(self, contest_id: str, attempt_of: dict[str, str]) -> list[Entry]:
        sits = {row.seat_id: row for row in await self.places.placements(contest_id)}
        entries = []
        for seat in await self.places.seats():
            sitter = sits.get(seat.id)
            account_id = None if sitter is None else sitter.account_id
            entries.append(
                Entry(
                    key=seat.id,
                    label=seat.label,
                    room=seat.room,
                    spare=seat.spare,
                    bound=seat.token_sha256 is not None,
                    seat_id=seat.id,
                    account_id=account_id,
                    ticket_number=None if sitter is None else sitter.ticket_number,
                    name=None,
                    attempt_id=None if account_id is None else attempt_of.get(account_id),
                )
            )
        placed = {row.account_id for row in sits.values()}
        rooms = {entry.room for entry in entries if entry.account_id is not None}
        return [entry for entry in entries if entry.account_id is not None or entry.room in rooms] + [
            Entry(
                key=row.account_id,
                label="—",
                room="",
                spare=False,
                bound=False,
                seat_id=None,
                account_id=row.account_id,
                ticket_number=row.ticket_number,
                name=None,
                attempt_id=attempt_of.get(row.account_id),
            )
            for row in await self.contests.entrants(contest_id)
            if row.account_id not in placed
        ]


def within(entries: Iterable[Entry], rooms: Iterable[str], keys: Iterable[str]) -> list[Entry]:
    """Entries of these rooms, or with these keys or accounts; all if nothing is named."""
    in_rooms, with_keys = set(rooms), set(keys)
    if not in_rooms and not with_keys:
        return list(entries)
    return [entry for entry in entries if entry.room in in_rooms or with_keys & {entry.key, entry.account_id}]
