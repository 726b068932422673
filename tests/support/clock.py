"""Virtual time: a morning of a contest passes in milliseconds, and nothing sleeps."""

import asyncio
import heapq
from collections.abc import Callable

_ROUNDS = 25
"""Turns of the event loop that any chain of awaits without I/O is done in."""


class ManualClock:
    """Time moves only by `advance`, which lets everything that becomes due run in its order.

    `busy` holds questions to ask of whatever works in threads (the database): time waits until all say no.
    """

    def __init__(self, now_ms: int = 1_800_000_000_000) -> None:
        self.busy: list[Callable[[], bool]] = []
        self._now_ms = now_ms
        self._sleepers: list[tuple[int, int, asyncio.Future[None]]] = []
        self._count = 0

    def now_ms(self) -> int:
        return self._now_ms

    async def sleep_until(self, at_ms: int) -> None:
        if at_ms <= self._now_ms:
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._count += 1
        heapq.heappush(self._sleepers, (at_ms, self._count, future))
        await future

    async def advance(self, ms: int) -> None:
        """Let `ms` pass, waking every sleeper at its moment and letting all that follows from it happen."""
        until = self._now_ms + ms
        await self.settle()
        while self._sleepers and self._sleepers[0][0] <= until:
            at_ms, _, future = heapq.heappop(self._sleepers)
            if future.done():
                continue
            self._now_ms = max(self._now_ms, at_ms)
            future.set_result(None)
            await self.settle()
        self._now_ms = until
        await self.settle()

    async def settle(self) -> None:
        """Let every task that can run do so, and threads finish what they have begun."""
        quiet = 0
        while quiet < _ROUNDS:
            working = any(ask() for ask in self.busy)
            quiet = 0 if working else quiet + 1
            await asyncio.sleep(0.0002 if working else 0)
