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
from server.accounts.repository import AccountsRepository
from server.accounts.service import AccountsService
from server.adapters.blobs_local import LocalBlobs
from server.adapters.bus_local import LocalBus
from server.adapters.journal_sql import SqlJournal
from server.attempts.loader import AttemptLoader
from server.attempts.repository import AttemptsRepository
from server.attempts.runner import AttemptRunner
from server.attempts.service import AttemptsService
from server.core.clock import Clock, SystemClock
from server.core.modules import Modules, installed_modules
from server.db.database import Database, sqlite_url
from server.papers.repository import PapersRepository
from server.papers.service import PapersService
from server.results.repository import ResultsRepository
from server.results.scorer import Scorer
from server.results.service import ResultsService
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
    accounts: AccountsService
    papers: PapersService
    runner: AttemptRunner
    attempts: AttemptsService
    scorer: Scorer
    results: ResultsService


async def build(folder: DataFolder, clock: Clock | None = None, modules: Modules | None = None) -> Services:
    """Wire the services on a data folder; nothing runs yet. Without a clock, the system's is used."""
    database = Database(sqlite_url(folder.database))
    journal = SqlJournal(database)
    if clock is None:
        clock = SystemClock(not_before_ms=await journal.last_ms())
    modules = modules or installed_modules()
    blobs = LocalBlobs(folder.blobs)
    bus = LocalBus()
    accounts = AccountsService(AccountsRepository(database), clock, bus)
    papers = PapersService(PapersRepository(database), modules, blobs, clock)
    attempts_repository = AttemptsRepository(database)
    loader = AttemptLoader(attempts_repository, journal, papers, modules)
    runner = AttemptRunner(journal, loader, clock, bus)
    attempts = AttemptsService(runner, attempts_repository, journal, papers, accounts, clock)
    results_repository = ResultsRepository(database)
    return Services(
        settings=folder.settings(),
        clock=clock,
        modules=modules,
        blobs=blobs,
        bus=bus,
        database=database,
        journal=journal,
        accounts=accounts,
        papers=papers,
        runner=runner,
        attempts=attempts,
        scorer=Scorer(journal, runner, results_repository, bus, clock),
        results=ResultsService(results_repository, attempts, modules),
    )


@asynccontextmanager
async def running(services: Services) -> AsyncIterator[Services]:
    """Start the runner and the journal's consumers; stop them and close the database on the way out."""
    await services.blobs.delete_unfinished()
    await services.runner.start()
    scorer = asyncio.create_task(services.scorer.run(), name="results.scorer")
    scorer.add_done_callback(_report)
    try:
        yield services
    finally:
        scorer.cancel()
        await asyncio.gather(scorer, return_exceptions=True)
        await services.runner.stop()
        await services.database.close()


def _report(task: "asyncio.Task[None]") -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("task.died", task=task.get_name(), exc_info=error)
