"""The one 20 ms ticker of all calls."""

import asyncio
from collections.abc import Callable

from telephony.worker.rtp import TICK_MS

MOST_AT_ONCE = 10
"""Ticks that are made up for after a stall; what is later than that is left out."""


EARLY_S = 0.001
"""uvloop's timers have whole ms and may ring half a one early; waiting for the rest would spin."""


class Schedule:
    """Which ticks are due, on a monotonic clock in s: none too early, none lost in a short stall."""

    def __init__(self, now_s: float) -> None:
        self._next_s = now_s + TICK_MS / 1000
        self._latest_ms = 0

    @property
    def next_s(self) -> float:
        """When the next tick is due."""
        return self._next_s

    def due(self, now_s: float) -> int:
        """How many ticks are to be done now."""
        late_s = now_s - self._next_s
        if late_s < -EARLY_S:
            return 0
        late_s = max(0.0, late_s)
        self._latest_ms = max(self._latest_ms, int(late_s * 1000))
        ticks = 1 + int(late_s * 1000) // TICK_MS
        self._next_s += ticks * TICK_MS / 1000
        return min(ticks, MOST_AT_ONCE)

    def latest_ms(self) -> int:
        """How late a tick was at most since this was last asked."""
        latest, self._latest_ms = self._latest_ms, 0
        return latest


class Ticker:
    """Calls `tick` every 20 ms until stopped."""

    def __init__(self, tick: Callable[[], None]) -> None:
        self._tick = tick
        self._loop = asyncio.get_running_loop()
        self.schedule = Schedule(self._loop.time())
        self._handle = self._loop.call_at(self.schedule.next_s, self._run)

    def stop(self) -> None:
        """No tick after this."""
        self._handle.cancel()

    def _run(self) -> None:
        try:
            for _ in range(self.schedule.due(self._loop.time())):
                self._tick()
        finally:
            self._handle = self._loop.call_at(self.schedule.next_s, self._run)
