"""Keeps media told: whenever an attempt has changed, its plans are derived anew and sent where they differ."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from server.attempts.repository import AttemptsRepository
from server.attempts.runner import AttemptRunner
from server.attempts.standing import StandingAttempt
from server.core.blobs import Blobs
from server.core.clock import Clock
from server.core.errors import Problem
from server.core.media import CallPlan
from server.core.media_port import MediaPort
from server.core.modules import Modules
from server.core.phases import Phase

RETRY_MS = 2_000
"""After this the attempts that were open before are looked for again, if they could not be read."""

log = structlog.get_logger()


@dataclass(slots=True)
class Keeper:
    """Costs an attempt without media one look at its module, and a call one derivation a commit."""

    runner: AttemptRunner
    attempts: AttemptsRepository
    blobs: Blobs
    modules: Modules
    port: MediaPort
    clock: Clock
    found: bool = False
    """Whether every attempt that was open before this server began has been looked at."""
    _plans: dict[str, tuple[CallPlan, ...]] = field(default_factory=dict)
    """Of attempts that have a call up."""
    _changed: set[str] = field(default_factory=set)
    _woken: asyncio.Event = field(default_factory=asyncio.Event)
    _telling: int = 0

    def look(self, standing: StandingAttempt) -> None:
        """An attempt may have other plans than before; for `AttemptRunner.watch`, so it never fails."""
        if standing.module.media is None:
            return
        attempt_id = standing.record.attempt_id
        try:
            plans = _plans_of(standing)
        except Exception:  # a faulty module must not hurt the others
            log.exception("calls.plans_failed", attempt_id=attempt_id)
            return
        if plans == self._plans.get(attempt_id, ()):
            return
        if plans:
            self._plans[attempt_id] = plans
        else:
            self._plans.pop(attempt_id, None)
        self._changed.add(attempt_id)
        self._woken.set()

    def plan(self, attempt_id: str, call_id: str | None = None) -> CallPlan | None:
        """The plan of a call that is up, or of whichever call of the attempt is; None if there is none."""
        plans = self._plans.get(attempt_id, ())
        return next((plan for plan in plans if call_id in (None, plan.call_id)), None)

    def bridged(self) -> list[tuple[str, str]]:
        """Every call (attempt id, call id) whose other side is a person."""
        return [
            (attempt_id, plan.call_id) for attempt_id, plans in self._plans.items() for plan in plans if plan.bridged
        ]

    def busy(self) -> bool:
        """Whether something is still to be told."""
        return bool(self._changed) or self._telling > 0

    async def run(self) -> None:
        """Look at everything that is open, then tell what changes, for ever."""
        await self._find()
        while True:
            await self._woken.wait()
            self._woken.clear()
            while self._changed:
                attempt_id = self._changed.pop()
                try:
                    await self.tell(attempt_id)
                except Exception:  # one attempt that can't be told must not end the telling of all
                    log.exception("calls.not_told", attempt_id=attempt_id)

    def tell_all(self, also: Iterable[str] = ()) -> None:
        """Tell of every attempt with a call up, and of these: a worker has come that knows nothing, or other things."""
        self._changed |= self._plans.keys() | set(also)
        self._woken.set()

    async def tell(self, attempt_id: str) -> None:
        """Send an attempt's plans as they are now."""
        self._changed.discard(attempt_id)
        self._telling += 1
        try:
            while True:
                plans = self._plans.get(attempt_id, ())
                files = await self._files(plans)
                # Nothing older may be sent after something newer.
                if plans == self._plans.get(attempt_id, ()):
                    break
            self.port.perform(attempt_id, plans, files)
        finally:
            self._telling -= 1

    async def _files(self, plans: Iterable[CallPlan]) -> dict[str, Path]:
        """Files of all plays; one that is missing or damaged is left out, and the worker says that nobody heard it."""
        files: dict[str, Path] = {}
        for sha256 in sorted({play.sha256 for plan in plans for play in plan.plays}):
            try:
                files[sha256] = (await self.blobs.path(sha256)).absolute()
            except (Problem, OSError) as fault:
                why = fault.code if isinstance(fault, Problem) else str(fault)
                log.error("calls.sound_missing", sha256=sha256, why=why)
        return files

    async def _find(self) -> None:
        """Calls that were up when the last server ended."""
        names = [name for name, module in self.modules.items() if module.media is not None]
        while names:
            try:
                ids = await self.attempts.open_ids(names)
                await self.runner.wake_up(ids)
                for attempt_id in ids:
                    if (standing := self.runner.standing(attempt_id)) is not None:
                        self.look(standing)
                break
            except Exception:
                log.exception("calls.not_found_yet")
                await self.clock.sleep_until(self.clock.now_ms() + RETRY_MS)
        self.found = True


def _plans_of(standing: StandingAttempt) -> tuple[CallPlan, ...]:
    """What media is to do for an attempt; while the stage stands still nobody speaks, and no role player listens."""
    media, phase = standing.module.media, standing.core.phase
    if media is None or phase not in (Phase.RUNNING, Phase.PAUSED):
        return ()
    plans = tuple(media.plans(standing.content, standing.state))
    if phase is Phase.PAUSED:
        return tuple(plan.model_copy(update={"speech_due": False, "held": True}) for plan in plans)
    return plans
