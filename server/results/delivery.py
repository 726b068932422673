"""Consumer of the journal: brings every work of a contest to the grading service, at least once, blobs first."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import structlog

from server.core.bus import Bus
from server.core.clock import Clock
from server.core.errors import DiskFull, Problem, StorageFailed
from server.core.grading import BlobsMissing, Grading, GradingAway, GradingUnable, RevisionTaken
from server.core.journal import Journal, Recorded
from server.core.waking import news_or, pass_on
from server.results.delivery_packing import Packed, Packer
from server.results.delivery_repository import DeliveryRepository
from server.results.scorer import OUTCOMES

CONSUMER = "results.delivery"
PAGE = 1_000
FIRST_PAUSE_MS = 1_000
LONGEST_PAUSE_MS = 60_000
ABSENCE_MS = 10_000
"""A shorter absence of the service is not worth a word."""
FAILED_RETRY_MS = 10 * 60_000
LOOK_MS = 10 * 60_000
"""So often it is seen whether the service's database is still the one that was delivered to."""
TRIES = 5
"""So often a work is tried that makes the service fall silent, before it stands aside for the others."""

log = structlog.get_logger()


@dataclass(slots=True)
class Delivery:
    """Idempotent. A contest's cursor moves only past works that are written down as due."""

    journal: Journal
    repository: DeliveryRepository
    packer: Packer
    grading: Grading
    bus: Bus
    clock: Clock
    expect_recordings: Callable[[], Awaitable[None]] | None = None
    """Writes down which recordings are still to come, so that nothing of their stage goes before them."""
    _away_since_ms: int | None = None
    _told: str = ""
    """The absence that was told."""
    _delivered: int = 0
    _at_work: int = 0

    async def run(self) -> None:
        """Catch up, then deliver whatever is scored, for ever."""
        news = asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(pass_on(self.bus, OUTCOMES, news), name="delivery.news")
            pause_ms = FIRST_PAUSE_MS
            while True:
                news.clear()
                try:
                    with self._working():
                        next_ms = await self._counted()
                except Exception as error:
                    self._report(error)
                    await self.clock.sleep_until(self.clock.now_ms() + pause_ms)
                    pause_ms = min(pause_ms * 2, LONGEST_PAUSE_MS)
                    continue
                if self._told:
                    log.info("delivery.grading_back")
                self._told, self._away_since_ms = "", None
                pause_ms = FIRST_PAUSE_MS
                await news_or(news, self.clock, next_ms)

    def busy(self) -> bool:
        """Whether something is being delivered just now."""
        return self._at_work > 0

    async def _counted(self) -> int | None:
        """Catch up, and tell how many works have arrived by it."""
        before = self._delivered
        try:
            return await self.catch_up()
        finally:
            if arrived := self._delivered - before:
                log.info("delivery.arrived", works=arrived)

    async def catch_up(self) -> int | None:
        """Deliver all that is due; returns when a failed one is to be tried again (UTC epoch ms).

        Raises GradingAway, DiskFull, StorageFailed; then whatever has not arrived is still due.
        """
        for contest_id in await self._lagging():
            position = await self.journal.cursor(CONSUMER, contest_id)
            while events := await self.journal.read_contest(contest_id, position, PAGE):
                for attempt_id, heard in _touched(events).items():
                    await self._write_down(attempt_id, heard)
                position = events[-1].position
                await self.journal.save_cursors(CONSUMER, {contest_id: position})
        if not await self.repository.any():
            return None
        if self.expect_recordings is not None:
            await self.expect_recordings()
        instance = await self.grading.instance()
        if lost := await self.repository.reopen(instance):
            log.warning("delivery.grading_replaced", works=lost)
        for attempt_id in await self.repository.due(self.clock.now_ms()):
            await self._deliver_or_note(attempt_id, instance)
        look_ms = self.clock.now_ms() + LOOK_MS
        return min(look_ms, await self.repository.next_retry_ms() or look_ms)

    async def _lagging(self) -> list[str]:
        contests = set(await self.repository.contests())
        return [contest_id for contest_id in await self.journal.lagging(CONSUMER) if contest_id in contests]

    async def _write_down(self, attempt_id: str, heard: bool) -> None:
        """A new outcome is due, or a work of which a recording was sealed; it waits for the others of its stage."""
        work = await self.repository.work(attempt_id)
        held = await self.repository.held(attempt_id)
        if work is None or (held is not None and held.outcome_revision == work.revision and not heard):
            return
        blank = {"revision": 0, "content_sha256": ""} if held is None else {}
        await self._save(attempt_id, **blank, outcome_revision=work.revision, status="due", tries=0, retry_ms=None)

    async def _deliver_or_note(self, attempt_id: str, instance: str) -> None:
        """One that can't be delivered must not keep the others waiting."""
        try:
            await self._deliver(attempt_id, instance)
        except (DiskFull, StorageFailed, GradingUnable):
            raise
        except GradingAway as away:
            if not await self.grading.alive():
                raise
            await self._count(attempt_id, away)
        except Exception as error:
            await self._note(attempt_id, error)

    async def _deliver(self, attempt_id: str, instance: str) -> None:
        work = await self.repository.work(attempt_id)
        held = await self.repository.held(attempt_id)
        packed = None if work is None else await self.packer.pack(work)
        if packed is None:
            await self._save(attempt_id, status="nothing", tries=0, error=None, retry_ms=None)
            return
        sha256 = packed.dossier.content_sha256()
        same = held.content_sha256 == sha256
        revision = held.revision if same else held.revision + 1
        tries = held.tries if same and held.status == "sending" else 0
        while True:
            await self._save(
                attempt_id,
                revision=revision,
                content_sha256=sha256,
                outcome_revision=work.revision,
                status="sending",
                tries=tries,
                error=held.error if same else None,
                retry_ms=None,
            )
            try:
                await self._send(packed, revision)
                break
            except RevisionTaken as taken:  # our own books are older than the service's: a restored backup
                revision = max(taken.newest, revision) + 1
        await self._save(attempt_id, status="delivered", instance=instance, tries=0, error=None)
        self._delivered += 1

    async def _send(self, packed: Packed, revision: int) -> None:
        dossier = packed.dossier.model_copy(update={"revision": revision})
        for sha256, data in packed.files.items():
            if not await self.grading.has(sha256):
                await self.grading.put_blob(sha256, data)
        try:
            await self.grading.put_dossier(dossier)
        except BlobsMissing as problem:  # they were there a moment ago, and are damaged
            for sha256 in problem.missing:
                await self.grading.put_blob(sha256, packed.files[sha256])
            await self.grading.put_dossier(dossier)

    async def _save(self, attempt_id: str, **values: Any) -> None:
        await self.repository.save(attempt_id, {**values, "at_ms": self.clock.now_ms()})

    async def _count(self, attempt_id: str, away: GradingAway) -> None:
        """The service lives, and this very work made it fall silent: raises as often as that may be chance."""
        held = await self.repository.held(attempt_id)
        if held.tries + 1 < TRIES:
            await self.repository.save(attempt_id, {"tries": held.tries + 1})
            raise away
        await self._note(attempt_id, away)

    async def _note(self, attempt_id: str, error: Exception) -> None:
        """Write down that it failed, and when to try again; told once as long as the fault is the same."""
        held = await self.repository.held(attempt_id)
        said = f"{error.code}: {error.detail.en}" if isinstance(error, Problem) else f"{type(error).__name__}: {error}"
        said = said[:500]
        if held.error != said:
            log.error("delivery.failed", attempt_id=attempt_id, error=said, exc_info=error)
        await self._save(attempt_id, status="failed", error=said, retry_ms=self.clock.now_ms() + FAILED_RETRY_MS)

    def _report(self, error: Exception) -> None:
        """An absence is told once, however long it lasts, and a short one not at all: at a start both come up.

        Where it is there and takes nothing, somebody has to act: told at once, and again for another reason.
        """
        if not isinstance(error, GradingAway):
            log.error("delivery.catch_up_failed", exc_info=error)
            return
        now_ms = self.clock.now_ms()
        if self._away_since_ms is None:
            self._away_since_ms = now_ms
        reason = str(error.extra.get("reason", ""))
        if isinstance(error, GradingUnable):
            if self._told != reason:
                self._told = reason
                log.error("delivery.grading_unable", reason=reason, mend=error.title.en)
        elif not self._told and now_ms - self._away_since_ms >= ABSENCE_MS:
            self._told = "away"
            log.warning("delivery.grading_away", reason=reason)

    @contextmanager
    def _working(self) -> Iterator[None]:
        self._at_work += 1
        try:
            yield
        finally:
            self._at_work -= 1


def _touched(events: Sequence[Recorded]) -> dict[str, bool]:
    """Attempts whose outcome is or may be new, and whether a recording of them was sealed.

    The closing counts too, because works that were scored before outcomes were journalled have nothing else.
    """
    found: dict[str, bool] = {}
    for event in events:
        if event.type in ("outcome.changed", "recording.sealed"):
            attempt_id = json.loads(event.payload)["attempt_id"]
            found[attempt_id] = found.get(attempt_id, False) or event.type == "recording.sealed"
        elif event.type == "attempt.closed":
            found.setdefault(event.stream, False)
    return found
