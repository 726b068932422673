"""The clocks of a seat: its own monotonic one, and server time told by it."""

import time

_KEPT_SAMPLES = 12
_SLACK_MS = 50


def monotonic_ms() -> float:
    """The clock that pings are sent by; on one machine it is the same in every process."""
    return time.monotonic_ns() / 1e6


class ServerClock:
    """Server time on the monotonic clock; the offset is that of the probe with the least round trip."""

    def __init__(self) -> None:
        self._samples: list[tuple[float, float]] = []
        self._best = (0.0, 0.0)

    @property
    def rtt_ms(self) -> int | None:
        """The best round trip so far."""
        return round(self._best[0]) if self._samples else None

    def add(self, sent_ms: float, received_ms: float, server_ms: int) -> None:
        """One answered probe."""
        rtt = max(0.0, received_ms - sent_ms)
        base = server_ms - (sent_ms + received_ms) / 2
        if self._samples and abs(base - self._best[1]) > (rtt + self._best[0]) / 2 + _SLACK_MS:
            self._samples.clear()
        self._samples.append((rtt, base))
        if len(self._samples) > _KEPT_SAMPLES:
            self._samples.pop(0)
        self._best = min(self._samples)

    def now_ms(self) -> int:
        """UTC epoch ms at the server."""
        return round(monotonic_ms() + self._best[1])
