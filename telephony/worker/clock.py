"""Time in a worker: its own for intervals, the server's for what is told and written down."""

import time
from collections.abc import Callable

STEP_MS = 50
"""A clock of the server that differs by less than this is the same clock; a frame takes a while, too."""


class WorkerClock:
    """Monotonic time, and with it the server's UTC epoch time as its last Join told it."""

    def __init__(
        self, monotonic_ns: Callable[[], int] = time.monotonic_ns, wall_ns: Callable[[], int] = time.time_ns
    ) -> None:
        self._monotonic_ns = monotonic_ns
        self._offset_us = (wall_ns() - monotonic_ns()) // 1000

    def now_ns(self) -> int:
        """Monotonic ns; only differences mean something."""
        return self._monotonic_ns()

    def now_ms(self) -> int:
        """Monotonic ms."""
        return self._monotonic_ns() // 1_000_000

    def server_us(self, now_ns: int) -> int:
        """The server's time of day (UTC epoch µs) at a monotonic time."""
        return now_ns // 1000 + self._offset_us

    def server_ms(self) -> int:
        """The server's time of day, UTC epoch ms."""
        return self.server_us(self._monotonic_ns()) // 1000

    def joined(self, now_ms: int) -> None:
        """The server says what time it is (UTC epoch ms)."""
        offset = now_ms * 1000 - self._monotonic_ns() // 1000
        if abs(offset - self._offset_us) >= STEP_MS * 1000:
            self._offset_us = offset
