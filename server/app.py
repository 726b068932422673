"""Composition root: the only place where ports meet adapters."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

import structlog

import server.adapters.tables
import server.attempts.tables
import server.contests.tables
import server.recordings.tables
import server.results.delivery_tables
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
from server.adapters.no_media import NoMedia
from server.attempts.announcements import AnnouncementsService
from server.attempts.control import RunControl
from server.attempts.director import Director
from server.attempts.lessons import LessonsService
from server.attempts.loader import AttemptLoader
from server.attempts.repository import AttemptsRepository
from server.attempts.runner import AttemptRunner
from server.attempts.service import AttemptsService
from server.calls.history import CallHistory
from server.calls.service import CallsService
from server.contests.classes import ClassesService
from server.contests.repository import ContestsRepository
from server.contests.roster import RosterService
from server.contests.roster_repository import RosterRepository
from server.contests.service import ContestsService
from server.core.clock import Clock, SystemClock
from server.core.grading import Grading
from server.core.media_port import MediaPort
from server.core.modules import Modules, installed_modules
from server.db.database import Database, sqlite_url
from server.installation.nightly import Nightly, back_up_in_a_child
from server.papers.bank import BankService
from server.papers.bank_audio import BankAudio
from server.papers.bank_packages import BankPackages
from server.papers.bank_papers import BankPapers
from server.papers.bank_pictures import BankPictures
from server.papers.bank_repository import BankRepository
from server.papers.repository import PapersRepository
from server.papers.service import PapersService
from server.papers.timetable import Timetable
from server.papers.trials import Trials
from server.recordings.repository import RecordingsRepository
from server.recordings.sealing import Sealing
from server.recordings.service import RecordingsService
from server.recordings.spool import Spool
from server.recordings.uploads import Uploads
from server.results.corrections import CorrectionsService
from server.results.delivery import Delivery
from server.results.delivery_packing import Packer
from server.results.delivery_repository import DeliveryRepository
from server.results.referees import RefereesService
from server.results.repository import ResultsRepository
from server.results.scorer import Scorer
from server.results.service import ResultsService
from server.results.works import WorksService
from server.settings import DataFolder, Settings
from server.speech.voices import folder_or_variable

log = structlog.get_logger()


LONGEST_STAGE_MS = 24 * 3600 * 1000
"""A stage that was never closed doesn't keep the server from other work for ever."""


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
    bank: BankService
    bank_audio: BankAudio
    bank_papers: BankPapers
    bank_packages: BankPackages
    bank_pictures: BankPictures
    trials: Trials
    timetable: Timetable
    runner: AttemptRunner
    announcements: AnnouncementsService
    attempts: AttemptsService
    control: RunControl
    director: Director
    lessons: LessonsService
    calls: CallsService
    presence: Presence
    places: PlacesService
    lobby: Lobby
    orders: OrdersService
    hall: HallService
    board: Board
    uploads: Uploads
    sealing: Sealing
    recordings: RecordingsService
    scorer: Scorer
    results: ResultsService
    works: WorksService
    corrections: CorrectionsService
    delivery: Delivery | None
    referees: RefereesService
    nightly: Nightly | None


async def build(
    folder: DataFolder,
    clock: Clock | None = None,
    modules: Modules | None = None,
    grading: Grading | None = None,
    media: MediaPort | None = None,
) -> Services:
    """Wire the services on a data folder; nothing runs yet. Without a clock, the system's is used.

    Without a grading service nothing is delivered; what is due waits for a process that has one. Without media no
    call has sound.
    """
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
    calls = CallsService.wired(
        media or NoMedia(), runner, attempts, contests, attempts_repository, blobs, modules, journal, acts, bus, clock
    )
    control = RunControl(runner, attempts_repository, papers, acts, clock)
    roll = Roll(places_repository, contests_repository, attempts_repository)
    results_repository = ResultsRepository(database)
    settings = folder.settings()
    back_up = partial(back_up_in_a_child, folder)
    nightly = None
    if settings.backup is not None:
        nightly = Nightly(settings.backup, clock, contests_repository.running_since, back_up)

    async def contest_runs() -> bool:
        return await contests_repository.running_since(clock.now_ms() - LONGEST_STAGE_MS)

    bank = BankService(BankRepository(database), papers, accounts, modules, blobs, acts, clock)
    bank_audio = BankAudio(bank, folder_or_variable(folder.voices), contest_runs)
    recordings = RecordingsRepository(database)
    history = CallHistory(journal, papers, modules)
    spool = Spool.at(folder.media)
    sealing = Sealing(journal, recordings, attempts_repository, history, spool, blobs, bus, clock, closed=calls.closed)
    scorer = Scorer(journal, results_repository, papers, modules, recordings, bus, clock)
    deliveries = DeliveryRepository(database)
    packer = Packer(journal, deliveries, runner, papers, modules, blobs, recordings)
    delivery = None if grading is None else Delivery(journal, deliveries, packer, grading, bus, clock, sealing.expect)
    return Services(
        settings=settings,
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
        bank=bank,
        bank_audio=bank_audio,
        bank_papers=BankPapers(bank),
        bank_packages=BankPackages(bank, bank_audio),
        bank_pictures=BankPictures(bank, blobs),
        trials=Trials(bank),
        timetable=Timetable(contests, papers, acts, clock),
        runner=runner,
        announcements=announcements,
        attempts=attempts,
        control=control,
        director=Director(control, contests_repository, bus, clock),
        lessons=LessonsService(contests, papers, control, acts, clock),
        calls=calls,
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
        board=Board(contests, accounts, announcements, runner, roll, presence, calls, clock),
        uploads=Uploads(recordings, spool, attempts, history, bus, clock),
        sealing=sealing,
        recordings=RecordingsService(recordings, attempts, accounts, history, blobs, acts, clock),
        scorer=scorer,
        results=ResultsService(results_repository, attempts, papers, modules, clock),
        works=WorksService(results_repository, runner, papers, modules, clock),
        corrections=CorrectionsService(results_repository, scorer, papers, modules, accounts, acts),
        delivery=delivery,
        referees=RefereesService(deliveries, grading),
        nightly=nightly,
    )


@asynccontextmanager
async def running(services: Services) -> AsyncIterator[Services]:
    """Start the runner, the journal's consumers and the director; stop them and close the database on the way out."""
    await services.blobs.delete_unfinished()
    await services.runner.start()
    tasks = [
        asyncio.create_task(services.scorer.run(), name="results.scorer"),
        asyncio.create_task(services.sealing.run(), name="recordings.sealing"),
        asyncio.create_task(services.director.run(), name="attempts.director"),
        asyncio.create_task(services.calls.run(), name="calls"),
    ]
    if services.delivery is not None:
        tasks.append(asyncio.create_task(services.delivery.run(), name="results.delivery"))
    if services.nightly is not None:
        tasks.append(asyncio.create_task(services.nightly.run(), name="installation.nightly"))
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
