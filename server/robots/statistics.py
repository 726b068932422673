"""What many robots lived through, as one JSON object; all times ms, moments on the monotonic clock."""

import asyncio
import math
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from server.robots.client import Page, Refused
from server.robots.clock import monotonic_ms


def percentile(values: Sequence[float], share: float) -> float | None:
    """The smallest value that at least this share does not exceed."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * share) - 1)]


@dataclass(slots=True)
class Statistics:
    """Since the last `begin`; pages and people are counted as they are at the report."""

    seated: int = 0
    handed_in: int = 0
    pages: set[Page] = field(default_factory=set)
    acks_ms: list[float] = field(default_factory=list)
    opened: list[float] = field(default_factory=list)
    """When each page had the content; kept over `begin`."""
    refused: Counter[str] = field(default_factory=Counter)
    troubles: Counter[str] = field(default_factory=Counter)
    cuts: int = 0
    loaded_bytes: int = 0
    late_ms: list[float] = field(default_factory=list)
    """How late this process's own loop was: what it adds to every figure."""
    _began_ms: float = field(default_factory=monotonic_ms)
    _began_cpu_s: float = field(default_factory=time.process_time)

    def begin(self) -> None:
        """Start anew."""
        self.acks_ms.clear()
        self.refused.clear()
        self.troubles.clear()
        self.late_ms.clear()
        self.cuts = self.loaded_bytes = 0
        self._began_ms, self._began_cpu_s = monotonic_ms(), time.process_time()

    def acked(self, took_ms: float) -> None:
        """A command was acknowledged so long after it was posted."""
        self.acks_ms.append(took_ms)

    def lived(self, page: Page, live: dict[str, Any]) -> None:
        """A page was told of the task's own life; for those who keep books of it."""

    def settled(self, done: "asyncio.Future[int]") -> None:
        """A command that nobody waited for has ended."""
        if not done.cancelled() and (error := done.exception()) is not None:
            self.troubled(error)

    def troubled(self, error: BaseException) -> None:
        """Something did not work."""
        if isinstance(error, Refused):
            self.refused[error.problem["code"]] += 1
        else:
            self.troubles[f"{type(error).__name__}: {error}"[:200]] += 1

    async def watch_loop(self) -> None:
        """Measure how late this process's loop is."""
        while True:
            due_ms = monotonic_ms() + 50
            await asyncio.sleep(0.05)
            self.late_ms.append(monotonic_ms() - due_ms)

    def report(self) -> dict[str, Any]:
        """As JSON data."""
        standing = Counter(page.attempt.get("phase", "coming") for page in self.pages)
        return {
            "seated": self.seated,
            "handed_in": self.handed_in,
            "pages": dict(standing),
            "queued": sum(page.queued for page in self.pages),
            "acks": len(self.acks_ms),
            "ack_ms": {
                "p50": percentile(self.acks_ms, 0.5),
                "p95": percentile(self.acks_ms, 0.95),
                "p99": percentile(self.acks_ms, 0.99),
                "max": percentile(self.acks_ms, 1),
            },
            "opened": self.opened,
            "refused": dict(self.refused),
            "troubles": dict(self.troubles),
            "cuts": self.cuts,
            "loaded_bytes": self.loaded_bytes,
            "loop_late_p99_ms": percentile(self.late_ms, 0.99),
            "wall_s": (monotonic_ms() - self._began_ms) / 1000,
            "cpu_s": time.process_time() - self._began_cpu_s,
        }
