"""Runs all attempts of this process: one queue, one commit at a time, acknowledgement after the commit."""

import asyncio
from collections.abc import Callable, Collection, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog

from server.attempts.alarms import Alarms
from server.attempts.live import LiveAttempt
from server.attempts.loader import AttemptLoader
from server.attempts.requests import Ack, Act, Opening, Request, decided, facts_of, ordered, share
from server.attempts.standing import StandingAttempt
from server.core.bus import Bus
from server.core.clock import Clock
from server.core.errors import NotFound, Overtaken, Problem, StorageFailed
from server.core.events import AttemptOpened, AttemptPaused
from server.core.journal import Journal, NewEvent, RowInsert, RowUpdate
from server.core.media import MediaReport
from server.core.phases import Phase

BATCH = 512
"""Most requests that share one commit."""
MOST_LIVE = 2_000
"""Attempts in memory beyond which closed ones are forgotten."""
HEARTBEAT_MS = 2_000
RETRY_MS = 1_000
OUTAGE_MS = 10_000
"""A heartbeat older than this at the start means an outage: running attempts come up paused as of it."""
CLOSED = "attempt.closed"
"""Bus topic: an attempt id whose outcome can be worked out."""
LOOK = "look"
"""Word to an attempt's pages: what stands beside the stream has changed."""

log = structlog.get_logger()


@dataclass(slots=True)
class AttemptRunner:
    """The only writer of attempt streams."""

    journal: Journal
    loader: AttemptLoader
    clock: Clock
    bus: Bus
    _live: dict[str, LiveAttempt] = field(default_factory=dict)
    _queue: asyncio.Queue[Request] = field(default_factory=asyncio.Queue)
    _commit_lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _alarms: Alarms = field(default_factory=Alarms)
    _rescheduled: asyncio.Event = field(default_factory=asyncio.Event)
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)
    _watchers: list[Callable[[StandingAttempt], None]] = field(default_factory=list)

    async def start(self) -> None:
        """Load what was running, pause it if there was an outage, then begin to serve."""
        beat_ms = await self.journal.last_heartbeat_ms()
        now_ms = self.clock.now_ms()
        for live in await self.loader.running():
            self._live[live.record.attempt_id] = live
        if beat_ms is not None and now_ms - beat_ms > OUTAGE_MS:
            await self._pause_all(beat_ms, now_ms)
        await self.journal.heartbeat(now_ms)
        self._schedule(self._live.values())
        self._tasks = [
            asyncio.create_task(self._commits(), name="attempts.commits"),
            asyncio.create_task(self._timer(), name="attempts.timer"),
            asyncio.create_task(self._heartbeats(), name="attempts.heartbeats"),
        ]

    async def stop(self) -> None:
        """Stop serving; whatever was not acknowledged may be sent again after the next start."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()

    def alive(self) -> bool:
        """Whether every task of the runner still runs."""
        return bool(self._tasks) and not any(task.done() for task in self._tasks)

    def watch(self, told: Callable[[StandingAttempt], None]) -> None:
        """Have `told` called at once after every commit, with each attempt that it changed; it must be quick."""
        self._watchers.append(told)

    def busy(self) -> bool:
        """Whether requests wait or are being written."""
        return not self._queue.empty() or self._commit_lock.locked()

    # --- requests ------------------------------------------------------------------------------------

    async def open(
        self,
        openings: Sequence[Opening],
        *,
        inserts: Sequence[RowInsert] = (),
        updates: Sequence[RowUpdate] = (),
        events: Sequence[NewEvent] = (),
        expected: Mapping[str, int] | None = None,
    ) -> list[StandingAttempt]:
        """Bring attempts into being, together with rows and staff's events, in one transaction.

        Raises Overtaken if a stream of `expected` has gone on meanwhile.
        """
        lives = [LiveAttempt(opening.record, opening.module, opening.content) for opening in openings]
        async with self._commit_lock:
            for live, opening in zip(lives, openings, strict=True):
                opened = AttemptOpened(
                    content_sha256=opening.record.content_sha256,
                    duration_ms=opening.content.duration_ms,
                    seed=opening.seed,
                )
                live.add(opened, live.core.moment(self.clock.now_ms()))
            rows = [RowInsert("attempts", facts_of(live.record) | dict(live.row_update().values)) for live in lives]
            recorded = await self.journal.append(
                [*events, *(event for live in lives for event in live.pending)],
                inserts=[*inserts, *rows],
                updates=updates,
                expected=expected,
            )
            share(recorded, lives)
            self._forget(keep=())
            self._live |= {live.record.attempt_id: live for live in lives}
        return [live.durable for live in lives]

    async def order(
        self,
        acts: Mapping[str, Act],
        *,
        inserts: Sequence[RowInsert] = (),
        updates: Sequence[RowUpdate] = (),
        events: Sequence[NewEvent] = (),
        expected: Mapping[str, int] | None = None,
    ) -> list[str]:
        """Let staff's acts reach many attempts at one moment, in one transaction with what staff's stream says of it.

        Returns the attempts that changed. An attempt that can't be read is left out: it must not stop the others.
        Raises Overtaken if a stream of `expected` has gone on meanwhile; then nothing has happened to anybody.
        """
        async with self._commit_lock:
            # Asked before anything is folded, so that an order that comes too late costs nobody's fold.
            ends = await self.journal.stream_seqs(list(expected or {}))
            if any(ends.get(stream, 0) != seq for stream, seq in (expected or {}).items()):
                raise Overtaken
            await self._load(acts)
            now_ms = self.clock.now_ms()
            touched: dict[str, LiveAttempt] = {}
            for attempt_id, act in acts.items():
                live = self._live.get(attempt_id)
                if live is not None and ordered(live, act, now_ms):
                    touched[attempt_id] = live
            try:
                await self._write(touched.values(), inserts, updates, events, expected)
            except Exception:
                for attempt_id in touched:
                    self._live.pop(attempt_id, None)
                raise
            self._schedule(touched.values())
        for live in touched.values():
            self._publish(live)
        return list(touched)

    async def command(self, attempt_id: str, command_id: str, epoch: int, stamp_ms: int, raw: Mapping[str, Any]) -> Ack:
        """Apply a seat's command once; returns when it is durable. Raises the refusal."""

        def act(live: LiveAttempt, now_ms: int) -> Problem | None:
            return live.command(command_id, epoch, stamp_ms, raw, now_ms)

        return await self._submit(attempt_id, act, command_id)

    async def reported(self, attempt_id: str, call_id: str, report: MediaReport, report_id: str, at_ms: int) -> None:
        """Take note once of what media saw in a call at `at_ms` (UTC epoch ms); returns when it is durable.

        Raises NotFound, StorageFailed, DiskFull; then the report must come again.
        """

        def act(live: LiveAttempt, now_ms: int) -> None:
            live.reported(call_id, report, report_id, at_ms, now_ms)

        await self._submit(attempt_id, act, report_id)

    async def take_lease(self, attempt_id: str, page: str) -> int:
        """Let a page write from now on; returns the lease's epoch."""

        def act(live: LiveAttempt, now_ms: int) -> None:
            live.take_lease(page, now_ms)

        await self._submit(attempt_id, act)
        return (await self.attempt(attempt_id)).core.epoch

    async def attempt(self, attempt_id: str) -> StandingAttempt:
        """How an attempt durably stands, loaded if need be; raises NotFound, or StorageFailed if it is unreadable."""
        if attempt_id not in self._live:
            async with self._commit_lock:
                await self._load([attempt_id])
        live = self._live.get(attempt_id)
        if live is None:
            raise StorageFailed if await self.loader.exist([attempt_id]) else NotFound
        return live.durable

    def standing(self, attempt_id: str) -> StandingAttempt | None:
        """How an attempt stands, if it is in memory; costs nothing."""
        live = self._live.get(attempt_id)
        return None if live is None or live.seq == 0 else live.durable

    async def wake_up(self, attempt_ids: Sequence[str]) -> None:
        """Have these attempts in memory."""
        async with self._commit_lock:
            await self._load(attempt_ids)

    def tell(self, attempt_ids: Iterable[str]) -> None:
        """Let the pages of these attempts look again: something beside their stream has changed."""
        for attempt_id in attempt_ids:
            self.bus.publish(attempt_id, LOOK)

    async def _submit(self, attempt_id: str, act: Act, command_id: str | None = None) -> Ack:
        request = Request(attempt_id, act, command_id, asyncio.get_running_loop().create_future())
        await self._queue.put(request)
        return await request.done

    # --- the commit loop -----------------------------------------------------------------------------

    async def _commits(self) -> None:
        while True:
            batch = [await self._queue.get()]
            while len(batch) < BATCH and not self._queue.empty():
                batch.append(self._queue.get_nowait())
            async with self._commit_lock:
                try:
                    await self._commit(batch)
                except Exception as error:
                    self._fail(batch, error)

    async def _commit(self, batch: list[Request]) -> None:
        touched: dict[str, LiveAttempt] = {}
        await self._load([request.attempt_id for request in batch])
        repeated = await self._journalled(batch)
        now_ms = self.clock.now_ms()
        for request in batch:
            live = self._live.get(request.attempt_id)
            if live is None:
                unreadable = await self.loader.exist([request.attempt_id])
                request.refusal = StorageFailed() if unreadable else NotFound()
                continue
            key = (request.attempt_id, request.command_id or "")
            if (seq := repeated.get(key) or live.commands.get(key[1])) is not None:
                request.repeated = seq
            elif decided(request, live, now_ms):
                touched[request.attempt_id] = live
        await self._write(touched.values())
        self._answer(batch)
        self._schedule(touched.values())
        for live in touched.values():
            self._publish(live)

    def _fail(self, batch: list[Request], error: Exception) -> None:
        """Nothing of the batch is acknowledged; its attempts are folded anew from what is durable."""
        if not isinstance(error, Problem):
            log.error("attempts.commit_failed", exc_info=error)
        for request in batch:
            self._live.pop(request.attempt_id, None)
            if not request.done.done():
                request.done.set_exception(error if isinstance(error, Problem) else StorageFailed())

    async def _write(
        self,
        touched: Iterable[LiveAttempt],
        inserts: Sequence[RowInsert] = (),
        updates: Sequence[RowUpdate] = (),
        events: Sequence[NewEvent] = (),
        expected: Mapping[str, int] | None = None,
    ) -> None:
        """One transaction for all pending events, their projections and snapshots, and what goes with them."""
        lives = list(touched)
        if not lives and not events:
            return
        snapshots = [(live, snapshot) for live in lives if (snapshot := live.snapshot_due())]
        recorded = await self.journal.append(
            [*events, *(event for live in lives for event in live.pending)],
            inserts=inserts,
            updates=[*updates, *(live.row_update() for live in lives)],
            snapshots=[snapshot for _, snapshot in snapshots],
            expected=expected,
        )
        share(recorded, lives)
        for live, snapshot in snapshots:
            live.snapshot_seq = snapshot.seq

    def _answer(self, batch: list[Request]) -> None:
        at_ms = self.clock.now_ms()
        for request in batch:
            if request.done.done():
                continue
            if request.refusal is not None:
                request.done.set_exception(request.refusal)
                continue
            seq = self._live[request.attempt_id].seq if request.repeated is None else request.repeated
            request.done.set_result(Ack(seq, request.repeated is not None, at_ms))

    async def _journalled(self, batch: list[Request]) -> dict[tuple[str, str], int]:
        """Commands of this batch that an earlier life of this process has journalled."""
        unknown = [
            (request.attempt_id, request.command_id)
            for request in batch
            if request.command_id is not None
            and (live := self._live.get(request.attempt_id)) is not None
            and live.recovered
            and request.command_id not in live.commands
        ]
        return await self.journal.command_seqs(unknown) if unknown else {}

    async def _load(self, attempt_ids: Iterable[str]) -> None:
        wanted = set(attempt_ids)
        missing = sorted(wanted - self._live.keys())
        if missing:
            self._forget(keep=wanted)
        for live in await self.loader.load(missing) if missing else []:
            self._live[live.record.attempt_id] = live
            self._schedule([live])

    def _forget(self, keep: Collection[str]) -> None:
        """Keep memory bounded: attempts whose time does not run can be folded anew whenever somebody comes."""
        if len(self._live) > MOST_LIVE:
            for attempt_id in [id_ for id_, live in self._live.items() if live.core.phase is not Phase.RUNNING]:
                if attempt_id not in keep:
                    del self._live[attempt_id]

    def _publish(self, live: LiveAttempt) -> None:
        for told in self._watchers:
            told(live.durable)
        self.bus.publish(live.record.attempt_id, str(live.seq))
        if live.core.phase is Phase.CLOSED:
            self.bus.publish(CLOSED, live.record.attempt_id)

    # --- time ----------------------------------------------------------------------------------------

    def _schedule(self, lives: Iterable[LiveAttempt]) -> None:
        for live in lives:
            self._alarms.set(live.record.attempt_id, live.wake_ms())
        self._rescheduled.set()

    async def _timer(self) -> None:
        while True:
            self._rescheduled.clear()
            due = self._alarms.due(self.clock.now_ms())
            if due:
                await self._wake(due)
            else:
                await self._until(self._alarms.next_ms())

    async def _wake(self, attempt_ids: Sequence[str]) -> None:
        """Every due attempt once; one that failed, or got nowhere, is tried again a little later."""

        def act(live: LiveAttempt, now_ms: int) -> None:
            wake_ms = live.wake_ms()
            if wake_ms is not None and wake_ms <= now_ms:
                live.wake(now_ms)

        waking = [self._submit(attempt_id, act) for attempt_id in attempt_ids]
        results = await asyncio.gather(*waking, return_exceptions=True)
        now_ms = self.clock.now_ms()
        for attempt_id, result in zip(attempt_ids, results, strict=True):
            live = self._live.get(attempt_id)
            if isinstance(result, NotFound):
                continue
            if isinstance(result, BaseException) or live is None:
                self._alarms.set(attempt_id, now_ms + RETRY_MS)
            elif (wake_ms := live.wake_ms()) is not None:
                self._alarms.set(attempt_id, wake_ms if wake_ms > now_ms else now_ms + RETRY_MS)

    async def _until(self, wake_ms: int | None) -> None:
        """Return at `wake_ms`, or earlier when the schedule changes."""
        waits: list[Coroutine[Any, Any, Any]] = [self._rescheduled.wait()]
        if wake_ms is not None:
            waits.append(self.clock.sleep_until(wake_ms))
        tasks = [asyncio.ensure_future(wait) for wait in waits]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _heartbeats(self) -> None:
        while True:
            await self.clock.sleep_until(self.clock.now_ms() + HEARTBEAT_MS)
            async with self._commit_lock:
                try:
                    await self.journal.heartbeat(self.clock.now_ms())
                except Exception:
                    log.exception("attempts.heartbeat_failed")

    async def _pause_all(self, since_ms: int, now_ms: int) -> None:
        """An outage: what was running has stood still since the last heartbeat."""
        running = [live for live in self._live.values() if live.core.phase is Phase.RUNNING]
        if not running:
            return
        for live in running:
            since = max(since_ms, live.last_ms)
            stood = live.core.moment(since).model_copy(update={"utc_ms": max(now_ms, since)})
            live.add(AttemptPaused(since_ms=since, cause="outage"), stood)
        await self._write(running)
        log.warning("attempts.paused_after_outage", attempts=len(running), since_ms=since_ms)
