"""What happens without anybody's hand: planned starts, and starts that waited for an attempt before."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import structlog

from server.attempts import orders
from server.attempts.control import RESUMED, RunControl, Stage
from server.attempts.requests import Act
from server.attempts.runner import CLOSED, OUTAGE_MS
from server.contests.repository import ContestsRepository
from server.contests.service import stage_phase
from server.core.bus import Bus
from server.core.clock import Clock
from server.core.errors import Overtaken

SCHEDULE = "stages.schedule"
"""Bus topic: the planned start of a stage has been set or taken back."""
RETRY_MS = 1_000

log = structlog.get_logger()


@dataclass(slots=True)
class Director:
    """Two tasks; whatever they missed while the server was down they find again in the rows."""

    control: RunControl
    contests: ContestsRepository
    bus: Bus
    clock: Clock
    _at_work: int = 0

    async def run(self) -> None:
        """Serve for ever."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._planned(), name="director.planned")
            tasks.create_task(self._delayed(), name="director.delayed")

    def busy(self) -> bool:
        """Whether something is being looked after just now."""
        return self._at_work > 0

    @contextmanager
    def _working(self) -> Iterator[None]:
        self._at_work += 1
        try:
            yield
        finally:
            self._at_work -= 1

    async def _planned(self) -> None:
        """Start stages at their moment. One that the server slept through by more than an outage stays armed."""
        async with self.bus.listen(SCHEDULE) as words:
            news = asyncio.ensure_future(anext(words))
            try:
                while True:
                    try:
                        with self._working():
                            next_ms = await self._start_due()
                    except Exception:
                        log.exception("director.start_failed")
                        next_ms = self.clock.now_ms() + RETRY_MS
                    waits = {news}
                    alarm = None
                    if next_ms is not None:
                        alarm = asyncio.ensure_future(self.clock.sleep_until(next_ms))
                        waits = {news, alarm}  # type: ignore[arg-type]  # futures of different results
                    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
                    if alarm is not None:
                        alarm.cancel()
                    if news.done():
                        news = asyncio.ensure_future(anext(words))
            finally:
                news.cancel()

    async def _start_due(self) -> int | None:
        """Start what is due; returns the next planned moment (UTC epoch ms)."""
        for row in await self.contests.scheduled():
            now_ms = self.clock.now_ms()
            if now_ms - OUTAGE_MS < row.starts_ms <= now_ms:
                try:
                    await self._start(row.contest_id, row.id)
                except Exception:  # the other stages that are due must not wait for this one
                    log.exception("director.start_failed", stage_id=row.id)
                    await self.clock.sleep_until(now_ms + RETRY_MS)
        slept_ms = self.clock.now_ms() - OUTAGE_MS
        coming = [row.starts_ms for row in await self.contests.scheduled()]
        return min((at_ms for at_ms in coming if at_ms > slept_ms), default=None)

    async def _start(self, contest_id: str, stage_id: str) -> None:
        """Start a stage, unless somebody takes the plan back in this very moment."""
        contest = await self.contests.contest(contest_id)
        seen = await self.control.acts.revision(contest_id)
        row = await self.contests.stage(stage_id)
        if row.starts_ms is None or row.starts_ms > self.clock.now_ms():
            return
        with suppress(Overtaken):  # then the next look finds what is planned now
            await self.control.start_by_itself(Stage(row, contest.kind), seen)

    async def _delayed(self) -> None:
        """Start attempts whose predecessor has ended; a pause of their stage holds them up as well."""
        news = asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            for topic in (CLOSED, RESUMED):
                tasks.create_task(self._pass_on(topic, news), name=f"director.{topic}")
            while True:
                news.clear()
                try:
                    with self._working():
                        await self._start_delayed()
                except Exception:
                    log.exception("director.delayed_failed")
                    await self.clock.sleep_until(self.clock.now_ms() + RETRY_MS)
                    continue
                await news.wait()

    async def _pass_on(self, topic: str, news: asyncio.Event) -> None:
        async with self.bus.listen(topic) as words:
            async for _ in words:
                news.set()

    async def _start_delayed(self) -> None:
        """One attempt a contestant: the first of those that wait; the others wait for that one."""
        runner = self.control.runner
        waiting = await self.control.repository.delayed()
        if not waiting:
            return
        await runner.wake_up([*waiting, *waiting.values()])
        free: dict[str, list[tuple[int, str]]] = {}
        for attempt_id, behind in waiting.items():
            mine = runner.standing(attempt_id)
            if mine is None or not self.control.is_over(behind):
                continue
            stage = await self.contests.stage(mine.record.stage_id)
            if stage_phase(stage) == "running" and not await self.control.stands_still(stage.id):
                free.setdefault(mine.record.contestant_id, []).append((stage.position, attempt_id))
        acts: dict[str, Act] = {}
        for mine_all in free.values():
            (_, first), *others = sorted(mine_all)
            acts[first] = orders.start_after(None, self.control.is_over)
            acts |= {later: orders.start_after(first, self.control.is_over) for _, later in others}
        if acts:
            await runner.order(acts)
