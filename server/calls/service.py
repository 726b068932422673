"""Live calls on the server's side: keeps media told, takes what it reports, lets browsers in."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Self

import structlog

from server.accounts.acts import Acts
from server.attempts.repository import AttemptsRepository
from server.attempts.runner import AttemptRunner
from server.attempts.service import AttemptsService
from server.calls.connecting import Connecting, standing_of
from server.calls.keeper import Keeper
from server.calls.levels import CallLoudness, LevelBook
from server.calls.listening import Listeners
from server.calls.reports import CLOSED, ReportTaker
from server.calls.roles import RolePlayers
from server.calls.schemas import MediaAnswer, SeatOffer
from server.contests.service import ContestsService
from server.core.access import Principal
from server.core.blobs import Blobs
from server.core.bus import Bus
from server.core.clock import Clock
from server.core.errors import StaleLease
from server.core.journal import Journal
from server.core.media import LegDown, MediaReport, Trouble
from server.core.media_port import MediaHappening, MediaPort, MediaStanding, WorkerGone, WorkerJoined
from server.core.media_wire import CallClosed, Levels, Reported
from server.core.modules import Modules

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class CallsService:
    """The one door to live media."""

    attempts: AttemptsService
    port: MediaPort
    bus: Bus
    clock: Clock
    keeper: Keeper
    taker: ReportTaker
    levels: LevelBook
    connecting: Connecting
    roles: RolePlayers
    listeners: Listeners

    @classmethod
    def wired(
        cls,
        port: MediaPort,
        runner: AttemptRunner,
        attempts: AttemptsService,
        contests: ContestsService,
        repository: AttemptsRepository,
        blobs: Blobs,
        modules: Modules,
        journal: Journal,
        acts: Acts,
        bus: Bus,
        clock: Clock,
    ) -> Self:
        """With its parts, on a runner that tells it of every commit from now on."""
        keeper = Keeper(runner, repository, blobs, modules, port, clock)
        runner.watch(keeper.look)
        connecting = Connecting(journal, keeper, port, clock)
        return cls(
            attempts=attempts,
            port=port,
            bus=bus,
            clock=clock,
            keeper=keeper,
            taker=ReportTaker(runner, port, bus, clock),
            levels=LevelBook(),
            connecting=connecting,
            roles=RolePlayers(runner, keeper, connecting, clock),
            listeners=Listeners(runner, contests, keeper, port, acts, clock),
        )

    async def run(self) -> None:
        """Keep media told and take what happens, until cancelled."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self.keeper.run(), name="calls.keeper")
                tasks.create_task(self._hear(), name="calls.happenings")
        finally:
            await self.taker.stop()

    def busy(self) -> bool:
        """Whether something is still to be told or taken."""
        return self.keeper.busy() or self.taker.busy()

    async def connect(self, who: Principal, attempt_id: str, call_id: str, offer: SeatOffer) -> MediaAnswer:
        """The answer to the contestant's own browser.

        Raises NotFound, StaleLease, and as `Connecting.connect`.
        """
        standing = await self.attempts.own(who, attempt_id)
        if offer.epoch != standing.core.epoch:
            raise StaleLease
        return await self.connecting.connect(standing, call_id, "seat", offer)

    def closed(self, attempt_id: str, call_id: str) -> bool:
        """Whether nothing more will be written to a call's journals; False while that isn't known.

        It is so when no plan names the call and no living worker has it; told on the bus as `reports.CLOSED`.
        """
        if not self.keeper.found or self.keeper.plan(attempt_id, call_id) is not None:
            return False
        return not self.port.held(attempt_id, call_id)

    def loudness(self, attempt_id: str) -> CallLoudness | None:
        """How loud an attempt's call is just now; None if nothing is known."""
        return self.levels.of(attempt_id, self.clock.now_ms())

    def standing(self) -> MediaStanding:
        """How media stands."""
        return self.port.standing()

    async def _hear(self) -> None:
        async for happening in self.port.happenings():
            try:
                self._heard(happening)
            except Exception:
                log.exception("calls.happening_failed", kind=type(happening).__name__)

    def _heard(self, happening: MediaHappening) -> None:
        match happening:
            case Levels():
                self.levels.note(happening, self.clock.now_ms())
            case Reported():
                self.taker.take(happening)
            case CallClosed():
                self.connecting.forget(happening.attempt_id, happening.call_id)
                self.roles.forget(happening.attempt_id, happening.call_id)
                self.taker.take(happening)
            case WorkerJoined():
                self.keeper.tell_all(attempt_id for attempt_id, _ in happening.calls)
            case WorkerGone():
                for attempt_id, call_id in happening.calls:
                    lost = partial(self._lost, attempt_id, call_id)
                    self.taker.gone(happening.worker_id, attempt_id, call_id, lost)
                self.taker.forget(happening.worker_id)
                self.keeper.tell_all()
                for attempt_id, call_id in happening.calls:
                    self.bus.publish(CLOSED, f"{attempt_id}/{call_id}")

    def _lost(self, attempt_id: str, call_id: str) -> Iterator[MediaReport]:
        """What is so no more when the worker of a call has died, and its successor can't know of."""
        standing = self.keeper.runner.standing(attempt_id)
        call = None if standing is None else standing_of(standing, call_id)
        if call is None:
            return
        for kind in ("no_sound", "no_packets"):
            if kind in call.troubles:
                yield Trouble(kind=kind, began=False)
        for leg, connection in (("seat", call.seat_connection), ("role_player", call.role_connection)):
            if connection:
                yield LegDown(leg=leg, connection=connection)
