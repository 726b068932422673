"""Composition root: the only place where ports meet adapters."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import structlog

import server.adapters.tables
import server.attempts.tables
import server.contests.tables
import server.results.tables  # noqa: F401  # importing fills the metadata
from agents.board import Board
from agents.hall import HallService
from agents.lobby import Lobby
from agents.orders import OrdersService
from agents.places import PlacesService
from agents.presence import Presence
from agents.repository import PlacesRepository
from agents.roll import Roll
from server.accounts.acts import Acts
from server.accounts.people import PeopleService
from server.accounts.repository import AccountsRepository
from server.accounts.service import AccountsService
from server.adapters.blobs_local import LocalBlobs
from server.adapters.bus_local import LocalBus
from server.adapters.journal_sql import SqlJournal
from server.attempts.announcements import AnnouncementsService
from server.attempts.control import RunControl
from server.attempts.director import Director
from server.attempts.lessons import LessonsService
from server.attempts.loader import AttemptLoader
from server.attempts.repository import AttemptsRepository
from server.attempts.runner import AttemptRunner
from server.attempts.service import AttemptsService
from server.contests.classes import ClassesService
from server.contests.repository import ContestsRepository
from server.contests.roster import RosterService
from server.contests.roster_repository import RosterRepository
from server.contests.service import ContestsService
from server.core.clock import Clock, SystemClock
from server.core.modules import Modules, installed_modules
from server.db.database import Database, sqlite_url
from server.papers.repository import PapersRepository
from server.papers.service import PapersService
from server.papers.timetable import Timetable
from server.results.corrections import CorrectionsService
from server.results.repository import ResultsRepository
from server.results.scorer import Scorer
from server.results.service import ResultsService
from server.results.works import WorksService
from server.settings import DataFolder, Settings

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that the faces of the server use."""

    settings: Settings
    clock: Clock
    modules: Modules
    blobs: LocalBlobs
    bus: LocalBus
    database: Database
    journal: SqlJournal
    acts: Acts
    accounts: AccountsService
    people: PeopleService
    contests: ContestsService
    roster: RosterService
    classes: ClassesService
    papers: PapersService
    timetable: Timetable
    runner: AttemptRunner
    announcements: AnnouncementsService
    attempts: AttemptsService
    control: RunControl
    director: Director
    lessons: LessonsService
    presence: Presence
    places: PlacesService
    lobby: Lobby
    orders: OrdersService
    hall: HallService
    board: Board
    scorer: Scorer
    results: ResultsService
    works: WorksService
    corrections: CorrectionsService


async def build(folder: DataFolder, clock: Clock | None = None, modules: Modules | None = None) -> Services:
    """Wire the services on a data folder; nothing runs yet. Without a clock, the system's is used."""
    database = Database(sqlite_url(folder.database))
    journal = SqlJournal(database)
    if clock is None:
        clock = SystemClock(not_before_ms=await journal.last_ms())
    modules = modules or installed_modules()
    blobs = LocalBlobs(folder.blobs)
    bus = LocalBus()
    acts = Acts(journal, clock)
    accounts_repository = AccountsRepository(database)
    accounts = AccountsService(accounts_repository, clock, bus)
    contests_repository = ContestsRepository(database)
    contests = ContestsService(contests_repository, journal, modules, acts, clock)
    papers = PapersService(PapersRepository(database), modules, blobs, acts, clock)
    attempts_repository = AttemptsRepository(database)
    loader = AttemptLoader(attempts_repository, journal, papers, modules)
    runner = AttemptRunner(journal, loader, clock, bus)
    announcements = AnnouncementsService(contests, attempts_repository, runner, accounts, acts, clock)
    presence = Presence()
    places_repository = PlacesRepository(database)
    rosters = RosterRepository(database)

    async def seat_labels(contest_id: str) -> dict[str, str]:
        return {row.account_id: row.label for row in await places_repository.placements(contest_id)}

    places = PlacesService(places_repository, contests, accounts, presence, acts, clock)
    attempts = AttemptsService(
        runner,
        attempts_repository,
        journal,
        papers,
        accounts,
        acts,
        announcements,
        places,
        clock,
    )
    control = RunControl(runner, attempts_repository, papers, acts, clock)
    roll = Roll(places_repository, contests_repository, attempts_repository)
    results_repository = ResultsRepository(database)
    scorer = Scorer(journal, results_repository, papers, modules, bus, clock)
    return Services(
        settings=folder.settings(),
        clock=clock,
        modules=modules,
        blobs=blobs,
        bus=bus,
        database=database,
        journal=journal,
        acts=acts,
        accounts=accounts,
        people=PeopleService(accounts, accounts_repository, acts),
        contests=contests,
        roster=RosterService(contests_repository, rosters, accounts, acts, seat_labels),
        classes=ClassesService(rosters, accounts, acts),
        papers=papers,
        timetable=Timetable(contests, papers, acts, clock),
        runner=runner,
        announcements=announcements,
        attempts=attempts,
        control=control,
        director=Director(control, contests_repository, bus, clock),
        lessons=LessonsService(contests, papers, control, acts, clock),
        presence=presence,
        places=places,
        lobby=Lobby(
            places_repository,
            contests,
            attempts_repository,
            runner,
            accounts,
            announcements,
            presence,
            acts,
            clock,
        ),
        orders=OrdersService(contests, accounts, control, roll, presence, bus, acts, clock),
        hall=HallService(contests, attempts, accounts, announcements, control, roll, acts, clock),
        board=Board(contests, accounts, announcements, runner, roll, presence, clock),
        scorer=scorer,
        results=ResultsService(results_repository, attempts, papers, modules),
        works=WorksService(results_repository, runner, papers, modules, clock),
        corrections=CorrectionsService(results_repository, scorer, papers, modules, accounts, acts),
    )


@asynccontextmanager
async def running(services: Services) -> AsyncIterator[Services]:
    """Start the runner, the journal's consumers and the director; stop them and close the database on the way out."""
    await services.blobs.delete_unfinished()
    await services.runner.start()
    tasks = [
        asyncio.create_task(services.scorer.run(), name="results.scorer"),
        asyncio.create_task(services.director.run(), name="attempts.director"),
    ]
    for task in tasks:
        task.add_done_callback(_report)
    try:
        yield services
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await services.runner.stop()
        await services.database.close()


def _report(task: "asyncio.Task[None]") -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("task.died", task=task.get_name(), exc_info=error)
