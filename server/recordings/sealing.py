"""Consumer of the journal: every call of a closed attempt becomes a sealed recording, at least once, never forgotten.

A row says what is still to be done before the cursor moves on. A call is sealed when its journals are final and its
seat has handed in everything, or has had ten minutes for it; what comes later is taken in by sealing it anew. The
newest that is ready goes first.
"""

import asyncio
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import structlog
from anyio import to_thread

from server.attempts.repository import AttemptsRepository
from server.attempts.runner import CLOSED
from server.calls.history import CallHistory
from server.calls.reports import CLOSED as CALL_CLOSED
from server.core.blobs import Blobs
from server.core.bus import Bus
from server.core.clock import Clock
from server.core.errors import DiskFull, StorageFailed
from server.core.events import RecordingSealed
from server.core.frozen import canonical_json, sha256_hex
from server.core.ids import new_id
from server.core.journal import Journal, NewEvent, RowUpdate
from server.core.media import CallRecord
from server.core.waking import news_or, pass_on
from server.recordings.repository import RecordingsRepository
from server.recordings.spool import Spool
from server.recordings.uploads import ARRIVED
from server.speech import sealing
from server.speech.child import Child, ChildFailed

CONSUMER = "recordings.sealing"
SEALED = "recordings.sealed"
"""Bus topic: a recording was sealed (attempt id)."""
PAGE = 1_000
LOOK_MS = 5_000
GRACE_MS = 5_000
"""For a page to say that it has something, after the hand-in."""
PATIENCE_MS = 10 * 60_000
"""How long a seat is waited for after the hand-in."""
STILL_MS = 60_000
"""Journals that did not grow, and uploads to which nothing came, for so long are taken as they are."""
FIRST_PAUSE_MS = 10_000
LONGEST_PAUSE_MS = 10 * 60_000
SHORTEST_WORK_S = 600.0
TRIES_WITH_COPIES = 4
"""If the child dies, or doesn't end, so many times, what the worker wrote is sealed without the seat's copies."""
_UNKNOWN = ""
"""The call id of a row that stands for an attempt whose calls could not be read."""

log = structlog.get_logger()

Closed = Callable[[str, str], bool]
"""Whether nothing more is written to the journals of a call (attempt id, call id)."""


@dataclass(slots=True)
class Sealing:
    """Idempotent: equal sources give an equal recording, and then nothing is written."""

    journal: Journal
    repository: RecordingsRepository
    attempts: AttemptsRepository
    history: CallHistory
    spool: Spool
    blobs: Blobs
    bus: Bus
    clock: Clock
    closed: Closed
    child: Child = field(default_factory=Child)
    _retry_ms: dict[str, int] = field(default_factory=dict)
    _sizes: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Bytes of a recording's journals, and since when they are so many."""
    _unsure: set[str] = field(default_factory=set)
    """Recordings whose journals were taken as they are, because nothing had been written to them for long."""
    _catching: asyncio.Lock = field(default_factory=asyncio.Lock)
    _expecting: asyncio.Lock = field(default_factory=asyncio.Lock)
    _at_work: int = 0

    async def run(self) -> None:
        """Seal what is due, for ever."""
        news = asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            for topic in (CLOSED, CALL_CLOSED, ARRIVED):
                tasks.create_task(pass_on(self.bus, topic, news), name=f"recordings.{topic}")
            pause_ms = LOOK_MS
            while True:
                news.clear()
                try:
                    with self._working():
                        next_ms = await self.catch_up()
                    pause_ms = LOOK_MS
                except Exception:
                    log.exception("recordings.catch_up_failed")
                    next_ms = self.clock.now_ms() + pause_ms
                    pause_ms = min(pause_ms * 2, LONGEST_PAUSE_MS)
                if next_ms is not None:
                    # Never at once again: what is due by the clock and can't be done must not keep the loop busy.
                    next_ms = max(next_ms, self.clock.now_ms() + 1_000)
                await news_or(news, self.clock, next_ms)

    def busy(self) -> bool:
        """Whether something is being sealed just now."""
        return self._at_work > 0

    async def catch_up(self) -> int | None:
        """Seal all that is due; returns when to look again (UTC epoch ms), None if nothing is open.

        Raises DiskFull, StorageFailed; whatever else goes wrong with a call is its own affair.
        """
        async with self._catching:
            done: set[str] = set()
            grown: list[Any] | None = None
            while True:
                await self.expect()
                rows = await self.repository.pending()
                if grown is None:
                    grown = await self._grown({row.id for row in rows})
                rows = [row for row in (*rows, *grown) if row.id not in done]
                standing: dict[tuple[str, str], list[Any]] = {}
                if rows:
                    for one in await self.repository.pending_recorders():
                        standing.setdefault((one.attempt_id, one.call_id), []).append(one)
                waits = []
                # Who has just handed in must not wait behind a whole stage: newest first, looked at anew each time.
                for row in sorted(rows, key=lambda one: one.began_ms, reverse=True):
                    wait = await self._attend_or_note(row, standing.get((row.attempt_id, row.call_id), ()))
                    if wait is None:
                        done.add(row.id)
                        break
                    waits.append(wait)
                else:
                    return min(waits, default=None)

    async def _grown(self, but: Collection[str]) -> list[Any]:
        """Recordings that were sealed before anybody knew that their journals were final, and now it is known."""
        found = []
        for recording_id in self._unsure - set(but):
            row = await self.repository.recording(recording_id)
            if row is None or self.closed(row.attempt_id, row.call_id):
                self._unsure.discard(recording_id)
                found += [] if row is None else [row]
        return found

    async def expect(self) -> None:
        """Write down the calls of all attempts that have closed since the cursors."""
        async with self._expecting:
            for contest_id in await self.journal.lagging(CONSUMER):
                position = await self.journal.cursor(CONSUMER, contest_id)
                while events := await self.journal.read_contest(contest_id, position, PAGE):
                    for event in events:
                        if event.type == "attempt.closed":
                            await self._expect(event.stream, event.at_ms)
                    position = events[-1].position
                    await self.journal.save_cursors(CONSUMER, {contest_id: position})

    async def _expect(self, attempt_id: str, closed_ms: int) -> None:
        found = await self.attempts.records([attempt_id])
        if not found or not self.history.live(found[0].module):
            return
        record = found[0]
        try:
            calls = await self.history.calls(attempt_id, record.module, record.content_sha256, closed_ms)
        except (DiskFull, StorageFailed):
            raise
        except Exception:
            log.exception("recordings.calls_unreadable", attempt_id=attempt_id)
            blank = [self._blank(attempt_id, record.contest_id, _UNKNOWN, closed_ms, 0)]
            await self.repository.expect([row | {"state": "failed"} for row in blank])
            return
        rows = [
            self._blank(attempt_id, record.contest_id, call.call_id, call.began_ms, _ended(call, closed_ms))
            for call in calls
        ]
        await self.repository.expect(rows)

    def _blank(self, attempt_id: str, contest_id: str, call_id: str, began_ms: int, ended_ms: int) -> dict[str, Any]:
        return {
            "id": new_id(self.clock.now_ms()),
            "attempt_id": attempt_id,
            "contest_id": contest_id,
            "call_id": call_id,
            "state": "waiting",
            "revision": 0,
            "sources_sha256": "",
            "listed_ms": 0,
            "began_ms": began_ms,
            "duration_ms": max(0, ended_ms - began_ms),
            "sha256": None,
            "peaks_sha256": None,
            "stretches": [],
            "facts": {},
            "sealed_ms": None,
            "tries": 0,
            "error": None,
            "complete": False,
        }

    async def _attend_or_note(self, row: Any, recorders: Sequence[Any]) -> int | None:
        """One that can't be sealed must not keep the others waiting; a full disk keeps all."""
        if (retry_ms := self._retry_ms.get(row.id, 0)) > self.clock.now_ms():
            return retry_ms
        try:
            wait = await self._not_yet(row, recorders)
            if wait is None:
                await self._attend(row)
        except (DiskFull, StorageFailed):
            raise
        except Exception as error:
            return await self._note(row, error)
        if wait is None:
            self._retry_ms.pop(row.id, None)
            self._sizes.pop(row.id, None)
        return wait

    async def _note(self, row: Any, error: Exception) -> int:
        said = f"{type(error).__name__}: {error}"[:500]
        if row.error != said:
            log.error(
                "recordings.sealing_failed", attempt_id=row.attempt_id, call_id=row.call_id, error=said, exc_info=error
            )
        tries = row.tries + 1
        await self.repository.set(row.id, {"state": "failed", "tries": tries, "error": said})
        pause_ms = min(FIRST_PAUSE_MS * 2 ** min(tries - 1, 10), LONGEST_PAUSE_MS)
        self._retry_ms[row.id] = self.clock.now_ms() + pause_ms
        return self._retry_ms[row.id]

    async def _attend(self, row: Any) -> None:
        """Seal a recording. Raises whatever sealing raises."""
        calls = await self.history.calls(row.attempt_id, row.module, row.content_sha256, row.closed_ms)
        if row.call_id == _UNKNOWN:
            rows = [
                self._blank(row.attempt_id, row.contest_id, call.call_id, call.began_ms, _ended(call, row.closed_ms))
                for call in calls
            ]
            await self.repository.expect(rows)
            await self.repository.remove(row.id)
            self.bus.publish(ARRIVED, row.attempt_id)
            return
        async with self.repository.adding:
            listed_ms = self.clock.now_ms()
            seats = [
                Seat(recorder, await self.repository.chunks_of(recorder.id))
                for recorder in await self.repository.recorders_of(row.attempt_id, row.call_id)
            ]
        call = next(call for call in calls if call.call_id == row.call_id)
        sources = await to_thread.run_sync(self._sources, row, call, seats)
        said = await to_thread.run_sync(fingerprint, sources, seats)
        complete = all(seat.complete for seat in seats)
        if row.sha256 is not None and row.sources_sha256 == said:
            values = {"listed_ms": listed_ms, "complete": complete, "state": "sealed", "error": None, "tries": 0}
            await self.repository.set(row.id, values)
            return
        without = self._gives_up_copies(row, sources)
        work = partial(sealing.seal, replace(sources, seats=()) if without else sources)
        timeout_s = SHORTEST_WORK_S + (sources.ended_ms - sources.began_ms) / 500
        # Where there is nothing to decode no child is worth its start.
        sealed = await (self.child.run(work, timeout_s) if sources.any else to_thread.run_sync(work))
        faults = [*sealed.faults, *(["the seat's copies were left out: working on them failed"] if without else [])]
        for fault in faults:
            log.warning("recordings.source_unreadable", attempt_id=row.attempt_id, call_id=row.call_id, fault=fault)
        sha256 = await self.blobs.put(sealed.sound)
        values = {
            "state": "sealed",
            # What was left out is worked on once more as soon as anything else comes.
            "sources_sha256": "" if without else said,
            "listed_ms": listed_ms,
            "began_ms": call.began_ms,
            "duration_ms": sealed.duration_ms,
            "sha256": sha256,
            "peaks_sha256": await self.blobs.put(sealed.peaks),
            "stretches": sealed.stretches,
            "facts": sealed.facts | {"sha256": sha256},
            "tries": 0,
            "error": "; ".join(faults)[:500] or None,
            "complete": complete,
        }
        await self._write(row, values)

    @staticmethod
    def _gives_up_copies(row: Any, sources: sealing.Sources) -> bool:
        """A copy on which the child dies again and again must not cost what the worker wrote."""
        died = (row.error or "").startswith(ChildFailed.__name__)
        copies = any(seat.chunks for seat in sources.seats)
        return died and row.tries >= TRIES_WITH_COPIES and copies and bool(sources.journals)

    async def _write(self, row: Any, values: Mapping[str, Any]) -> None:
        """The row and its event at once; without an event where nothing that anybody hears or reads has changed."""
        if row.sha256 == values["sha256"] and row.facts == values["facts"] and row.stretches == values["stretches"]:
            await self.repository.set(row.id, values)
            return
        revision = row.revision + 1
        told = RecordingSealed(
            attempt_id=row.attempt_id, call_id=row.call_id, sha256=values["sha256"], revision=revision
        )
        now_ms = self.clock.now_ms()
        event = NewEvent(
            contest_id=row.contest_id,
            stream=row.stage_id,
            type=told.type,
            version=told.v,
            at_ms=now_ms,
            stage_ms=0,
            command_id=None,
            payload=canonical_json(told.model_dump(mode="json")),
        )
        change = RowUpdate("recordings", {"id": row.id}, {**values, "revision": revision, "sealed_ms": now_ms})
        await self.journal.append([event], updates=[change])
        self.bus.publish(SEALED, row.attempt_id)

    # --- what there is -------------------------------------------------------------------------------

    async def _not_yet(self, row: Any, recorders: Sequence[Any]) -> int | None:
        """When to look again, if something is worth waiting for; `recorders` as `pending_recorders` has them."""
        now_ms = self.clock.now_ms()
        if not await self._final(row):
            return now_ms + LOOK_MS
        if recorders and all(one.chunks is not None and one.held >= one.chunks for one in recorders):
            return None
        if row.sha256 is not None:
            ready_ms = max((one.last_ms or 0 for one in recorders), default=0) + STILL_MS
        else:
            ready_ms = row.closed_ms + (PATIENCE_MS if recorders else GRACE_MS)
        return ready_ms if ready_ms > now_ms else None

    async def _final(self, row: Any) -> bool:
        """Nothing is written to the journals any more, as the calls know, or as it looks."""
        if self.closed(row.attempt_id, row.call_id):
            return True
        paths = await to_thread.run_sync(self.spool.journals, row.attempt_id, row.call_id)
        size = await to_thread.run_sync(lambda: sum(path.stat().st_size for path in paths))
        now_ms = self.clock.now_ms()
        known = self._sizes.get(row.id)
        if known is None or known[0] != size:
            self._sizes[row.id] = (size, now_ms)
            return False
        if now_ms - known[1] < STILL_MS:
            return False
        self._unsure.add(row.id)
        return True

    def _sources(self, row: Any, call: CallRecord, seats: Sequence["Seat"]) -> sealing.Sources:
        ended_ms = _ended(call, row.closed_ms)
        holds = tuple(
            (max(0, marker.at_ms - call.began_ms), max(0, (marker.until_ms or ended_ms) - call.began_ms))
            for marker in call.markers
            if marker.kind in ("hold", "pause")
        )
        return sealing.Sources(
            began_ms=call.began_ms,
            ended_ms=ended_ms,
            live=call.live,
            holds=holds,
            journals=tuple(str(path) for path in self.spool.journals(row.attempt_id, row.call_id)),
            seats=tuple(seat.source(self.spool) for seat in seats),
        )

    @contextmanager
    def _working(self) -> Iterator[None]:
        self._at_work += 1
        try:
            yield
        finally:
            self._at_work -= 1


@dataclass(frozen=True, slots=True)
class Seat:
    """A recorder and what it has uploaded."""

    recorder: Any
    chunks: Sequence[Any]

    @property
    def complete(self) -> bool:
        """It has said how many chunks there are, and all are there."""
        return self.recorder.chunks is not None and len(self.chunks) >= self.recorder.chunks

    def source(self, spool: Spool) -> sealing.SeatSource:
        """For the child; a chunk whose file is gone is told of, and is a hole."""
        chunks = {}
        for chunk in self.chunks:
            path = spool.chunk(self.recorder.id, chunk.number)
            if path.is_file():
                chunks[chunk.number] = str(path)
            else:
                log.error("recordings.chunk_missing", recorder_id=self.recorder.id, number=chunk.number)
        return sealing.SeatSource(self.recorder.began_ms, self.recorder.media_type, chunks)


def fingerprint(sources: sealing.Sources, seats: Sequence[Seat]) -> str:
    """SHA-256 of everything that a recording is made of: times, journals by name and size, chunks by hash."""
    journals = [[Path(path).name, Path(path).stat().st_size] for path in sources.journals]
    copies = [
        [seat.recorder.id, [[chunk.number, chunk.sha256] for chunk in seat.chunks if chunk.number in source.chunks]]
        for seat, source in zip(seats, sources.seats, strict=True)
    ]
    times = [sources.began_ms, sources.ended_ms, sources.live, [list(hold) for hold in sources.holds]]
    return sha256_hex(canonical_json([sealing.SEALING_VERSION, times, journals, copies]))


def _ended(call: CallRecord, closed_ms: int) -> int:
    return call.ended_ms if call.ended_ms is not None else closed_ms
