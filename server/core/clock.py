"""Time is injected; only the composition root knows a real clock."""

import asyncio
import time
from typing import Protocol


class Clock(Protocol):
    """UTC in epoch milliseconds that never goes backwards, and a way to wait for a moment of it."""

    def now_ms(self) -> int:
        """The present, ms since 1970-01-01 UTC."""
        ...

    async def sleep_until(self, at_ms: int) -> None:
        """Return at `at_ms` or later; at once if it has passed."""
        ...


class SystemClock:
    """Wall time read once, then the monotonic clock; starts no earlier than the last journalled moment.

    A wall clock that is set back, or jumps, while the server runs therefore changes nothing.
    """

    def __init__(self, not_before_ms: int = 0) -> None:
        self._origin_ms = max(not_before_ms, time.time_ns() // 1_000_000)
        self._monotonic_ns = time.monotonic_ns()

    def now_ms(self) -> int:
        """The present, ms since 1970-01-01 UTC."""
        return self._origin_ms + (time.monotonic_ns() - self._monotonic_ns) // 1_000_000

    async def sleep_until(self, at_ms: int) -> None:
        """Return at `at_ms` or later; at once if it has passed."""
        left = at_ms - self.now_ms()
        if left > 0:
            await asyncio.sleep((left + 1) / 1000)
