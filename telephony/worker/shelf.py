"""Reports that the server has not taken yet: numbered, in order, kept while it is away."""

from collections import OrderedDict
from collections.abc import Callable

from server.core.media import MediaReport
from server.core.media_wire import CallClosed, Reported

MOST = 50_000
"""About 265 calls for an hour without a server."""

AnyReport = Reported | CallClosed


class ReportShelf:
    """Reports of one worker's life. Full, it drops the oldest, but no CallClosed, and says so by `on_drop`."""

    def __init__(self, worker_id: str, on_drop: Callable[[int], None], most: int = MOST) -> None:
        self._worker_id = worker_id
        self._on_drop = on_drop
        self._most = most
        self._number = 0
        self._kept: OrderedDict[int, AnyReport] = OrderedDict()
        self._plain: OrderedDict[int, None] = OrderedDict()

    def report(self, attempt_id: str, call_id: str, at_ms: int, report: MediaReport) -> Reported:
        """Something happened at `at_ms` (UTC epoch ms)."""
        reported = Reported(
            number=self._next(),
            worker_id=self._worker_id,
            attempt_id=attempt_id,
            call_id=call_id,
            at_ms=at_ms,
            report=report,
        )
        self._kept[reported.number] = reported
        self._plain[reported.number] = None
        if len(self._plain) > self._most:
            oldest, _ = self._plain.popitem(last=False)
            del self._kept[oldest]
            self._on_drop(oldest)
        return reported

    def closed(self, attempt_id: str, call_id: str) -> CallClosed:
        """A call's journals are whole."""
        closed = CallClosed(number=self._next(), worker_id=self._worker_id, attempt_id=attempt_id, call_id=call_id)
        self._kept[closed.number] = closed
        return closed

    def taken(self, number: int) -> None:
        """The server has everything up to and with `number`."""
        while self._kept and (first := next(iter(self._kept))) <= number:
            del self._kept[first]
            self._plain.pop(first, None)

    def pending(self) -> tuple[AnyReport, ...]:
        """What the server has not taken, in order."""
        return tuple(self._kept.values())

    def _next(self) -> int:
        self._number += 1
        return self._number
