"""The board: a picture of the hall twice a second, encoded once for all who watch it."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import structlog

from agents.hall import current_stage
from agents.picture import Looks, row_of
from agents.presence import Presence
from agents.roll import WATCHERS, Entry, Roll
from server.accounts.service import AccountsService
from server.attempts.announcements import AnnouncementsService
from server.attempts.runner import AttemptRunner
from server.calls.service import CallsService
from server.contests.service import ContestsService
from server.core.access import Principal
from server.core.clock import Clock

TICK_MS = 500
STATIC_MS = 5_000
"""How often places and names are read anew, beside whenever staff has acted."""
WAITING = 4
"""Frames a viewer may be behind; then it gets the whole picture."""

log = structlog.get_logger()


@dataclass(slots=True)
class _Channel:
    """One contest and stage under watch."""

    contest: Any
    wanted: str | None
    viewers: set["asyncio.Queue[str]"] = field(default_factory=set)
    coming: int = 0
    """Viewers who have come and not gone, also those who wait for their first picture."""
    opening: asyncio.Lock = field(default_factory=asyncio.Lock)
    task: "asyncio.Task[None] | None" = None
    entries: list[Entry] = field(default_factory=list)
    stage_id: str | None = None
    revision: int = -1
    read_ms: int = 0
    names: dict[str, str] = field(default_factory=dict)
    shown: dict[str, tuple[Any, str]] = field(default_factory=dict)
    """What a row was made of, and its JSON, by key."""
    anew: bool = False
    """Whether the rows are other ones than those of the last frame."""
    looks: Looks = field(default_factory=Looks)
    changed: dict[str, str] = field(default_factory=dict)
    """JSON of rows that changed since the last frame for all, by key."""


@dataclass(slots=True)
class Board:
    """Nothing is worked out while nobody watches."""

    contests: ContestsService
    accounts: AccountsService
    announcements: AnnouncementsService
    runner: AttemptRunner
    roll: Roll
    presence: Presence
    calls: CallsService
    clock: Clock
    _channels: dict[tuple[str, str | None], _Channel] = field(default_factory=dict)
    _at_work: int = 0

    def busy(self) -> bool:
        """Whether a picture is being made just now."""
        return self._at_work > 0

    async def watch(
        self, who: Principal, contest_id: str, stage_id: str | None
    ) -> AbstractAsyncContextManager[AsyncIterator[str]]:
        """Frames as JSON for one viewer, the whole picture first; raises NotFound, NotPermitted."""
        contest = await self.contests.row(who, contest_id, *WATCHERS)
        if stage_id is not None:
            await self.contests.stage(contest_id, stage_id)
        return self._watching(contest, stage_id)

    @asynccontextmanager
    async def _watching(self, contest: Any, stage_id: str | None) -> AsyncIterator[AsyncIterator[str]]:
        key = (contest.id, stage_id)
        channel = self._channels.setdefault(key, _Channel(contest, stage_id))
        queue: asyncio.Queue[str] = asyncio.Queue(WAITING)
        channel.coming += 1
        try:
            async with channel.opening:  # after a restart all consoles come at once
                if channel.task is None:
                    await self._read(channel)
                    self._look(channel)
                    channel.changed.clear()
                    channel.anew = False
                    channel.task = asyncio.create_task(self._run(channel), name="board")
            began = time.thread_time()
            self._look(channel)
            queue.put_nowait(self._picture(channel, began))
            channel.viewers.add(queue)
            yield _frames(queue)
        finally:
            channel.viewers.discard(queue)
            channel.coming -= 1
            if not channel.coming:
                if channel.task is not None:
                    channel.task.cancel()
                self._channels.pop(key, None)

    async def _run(self, channel: _Channel) -> None:
        """Two beats: frames never wait for the database."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._again(lambda: self._refresh(channel)), name="board.refresh")
            tasks.create_task(self._again(lambda: self._tick(channel)), name="board.tick")

    async def _again(self, act: Callable[[], Awaitable[None]]) -> None:
        """Do something every half second, however long it takes."""
        next_ms = self.clock.now_ms()
        while True:
            next_ms = max(next_ms + TICK_MS, self.clock.now_ms())
            await self.clock.sleep_until(next_ms)
            self._at_work += 1
            try:
                await act()
            except Exception:
                log.exception("board.failed")
            finally:
                self._at_work -= 1

    async def _refresh(self, channel: _Channel) -> None:
        revision = await self.contests.revision(channel.contest.id)
        if revision != channel.revision or self.clock.now_ms() - channel.read_ms >= STATIC_MS:
            await self._read(channel)

    async def _tick(self, channel: _Channel) -> None:
        began = time.thread_time()
        self._look(channel)
        changed, channel.changed = list(channel.changed.values()), {}
        text = self._picture(channel, began) if channel.anew else self._changes(channel, changed, began)
        channel.anew = False
        for queue in channel.viewers:
            if queue.full():
                while not queue.empty():
                    queue.get_nowait()
                queue.put_nowait(self._picture(channel, began))
            else:
                queue.put_nowait(text)

    async def _read(self, channel: _Channel) -> None:
        """Places, contestants and attempts as the database has them; the picture changes when all has been read."""
        contest_id = channel.contest.id
        revision = await self.contests.revision(contest_id)
        read_ms = self.clock.now_ms()
        stage = current_stage(await self.contests.repository.stages([contest_id]))
        stage_id = channel.wanted or (None if stage is None else stage.id)
        entries = await self.roll.call(channel.contest, stage_id)
        ids = [entry.attempt_id for entry in entries if entry.attempt_id is not None]
        await self.runner.wake_up(ids)
        await self.announcements.load(contest_id)
        helpers = {
            standing.core.help_by
            for id_ in ids
            if (standing := self.runner.standing(id_)) is not None and standing.core.help_by is not None
        }
        names = await self.accounts.names(sorted(helpers))
        keys = [entry.key for entry in entries]
        channel.anew |= channel.stage_id != stage_id or keys != [entry.key for entry in channel.entries]
        channel.revision, channel.read_ms, channel.stage_id = revision, read_ms, stage_id
        channel.entries, channel.names = entries, names
        channel.shown = {key: kept for key in keys if (kept := channel.shown.get(key)) is not None}

    def _look(self, channel: _Channel) -> None:
        """Bring every row up to date; what changed is kept for the next frame, also if one viewer has seen it."""
        now_ms = self.clock.now_ms()
        for entry in channel.entries:
            standing = None if entry.attempt_id is None else self.runner.standing(entry.attempt_id)
            line = None if entry.attempt_id is None else self.presence.line(entry.attempt_id)
            asked_ms = None if entry.seat_id is None else self.presence.asked_ms(entry.seat_id)
            loudness = None if entry.attempt_id is None else self.calls.loudness(entry.attempt_id)
            facts = channel.looks.facts(entry, standing, line, asked_ms, loudness, now_ms)
            announced = self.announcements.to_room(channel.contest.id, entry.room)
            seq = None if standing is None else standing.seq
            made_of = (entry, seq, facts, len(announced), channel.names.get(facts.help_by or ""))
            kept = channel.shown.get(entry.key)
            if kept is None or kept[0] != made_of:
                row = row_of(entry, standing, facts, announced, channel.names, now_ms)
                text = row.model_dump_json()
                channel.shown[entry.key] = (made_of, text)
                channel.changed[entry.key] = text

    def _picture(self, channel: _Channel, began: float) -> str:
        rows = [channel.shown[entry.key][1] for entry in channel.entries]
        stage = "null" if channel.stage_id is None else f'"{channel.stage_id}"'
        return self._frame("picture", channel, rows, began, f'"stage_id":{stage},')

    def _changes(self, channel: _Channel, rows: list[str], began: float) -> str:
        return self._frame("changes", channel, rows, began)

    def _frame(self, kind: str, channel: _Channel, rows: list[str], began: float, more: str = "") -> str:
        """A frame out of rows that are JSON already: they are encoded once, for every frame and viewer."""
        body = ",".join(rows)
        cost_ms = (time.thread_time() - began) * 1000
        return (
            f'{{"type":"{kind}","at_ms":{self.clock.now_ms()},"revision":{max(channel.revision, 0)},{more}'
            f'"cost_ms":{cost_ms:.3f},"rows":[{body}]}}'
        )


async def _frames(queue: "asyncio.Queue[str]") -> AsyncIterator[str]:
    while True:
        yield await queue.get()
