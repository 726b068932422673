"""The services that come before anybody sits down, wired by hand on a real SQLite file."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from server.accounts.acts import HOUSE, Acts
from server.accounts.people import PeopleService
from server.accounts.repository import AccountsRepository
from server.accounts.service import AccountsService
from server.adapters.bus_local import LocalBus
from server.adapters.journal_sql import SqlJournal
from server.contests.classes import ClassesService
from server.contests.repository import ContestsRepository
from server.contests.roster import RosterService
from server.contests.roster_repository import RosterRepository
from server.core.access import Principal, Role
from server.core.journal import RowInsert, RowUpdate
from server.db.database import Database, sqlite_url
from server.settings import DataFolder
from tests.support.clock import ManualClock


@dataclass(slots=True)
class Office:
    """Accounts, people, rosters and classes on one database."""

    database: Database
    clock: ManualClock
    bus: LocalBus
    acts: Acts
    accounts: AccountsService
    people: PeopleService
    roster: RosterService
    classes: ClassesService
    _count: list[int] = field(default_factory=list)

    async def account(self, name: str, *roles: Role, password: str | None = None) -> Principal:
        """A new account."""
        return await self.accounts.create(name, f"测试{name}", roles, password)

    async def contest(self, who: Principal, kind: str = "contest", **values: Any) -> str:
        """A contest with one act in its stream: `seen` is 1."""
        self._count.append(1)
        contest_id = f"contest-{len(self._count)}"
        row = {"id": contest_id, "kind": kind, "title": {"zh-CN": "赛"}, "blind": True, "created_ms": 1, **values}
        await self.acts.record(
            who, "contest.create", contest_id, contest_id=contest_id, inserts=[RowInsert("contests", row)]
        )
        return contest_id

    async def stage(self, who: Principal, contest_id: str, **values: Any) -> None:
        """One stage of a contest; counts as an act."""
        row = {
            "id": f"stage-{contest_id}",
            "contest_id": contest_id,
            "position": 0,
            "module": "typing_test",
            "title": {},
            "duration_ms": 1,
            **values,
        }
        await self.acts.record(who, "stage.add", "s", contest_id=contest_id, inserts=[RowInsert("stages", row)])

    async def arm(self, who: Principal, contest_id: str) -> None:
        """Arm that stage."""
        update = RowUpdate("stages", {"id": f"stage-{contest_id}"}, {"armed_ms": 1})
        await self.acts.record(who, "stage.arm", "s", contest_id=contest_id, updates=[update])

    async def journalled(self, contest_id: str = HOUSE) -> list[str]:
        """Payloads of the acts of a contest, or of the house, as they stand in the journal."""
        return [event.payload for event in await self.acts.journal.read_stream(contest_id)]


@asynccontextmanager
async def office(folder: DataFolder, clock: ManualClock) -> AsyncIterator[Office]:
    """The services; leaving closes the database."""
    database = Database(sqlite_url(folder.database))
    bus = LocalBus()
    acts = Acts(SqlJournal(database), clock)
    accounts_repository = AccountsRepository(database)
    accounts = AccountsService(accounts_repository, clock, bus)
    contests = ContestsRepository(database)
    rosters = RosterRepository(database)
    try:
        yield Office(
            database=database,
            clock=clock,
            bus=bus,
            acts=acts,
            accounts=accounts,
            people=PeopleService(accounts, accounts_repository, acts),
            roster=RosterService(contests, rosters, accounts, acts),
            classes=ClassesService(rosters, accounts, acts),
        )
    finally:
        await database.close()
