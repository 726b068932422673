"""Which pages have a line to the server, and what they last said of themselves; in memory only."""

from dataclasses import dataclass, field

ASKED_LATELY_MS = 15_000
"""A place's own page asks every few seconds, an attempt's pings; after so long it is gone."""


@dataclass(slots=True)
class Line:
    """One open line of a page."""

    key: str
    """The attempt of the page."""
    seat_id: str | None
    address: str
    since_ms: int
    seen_ms: int
    offset_ms: int | None = None
    rtt_ms: int | None = None
    queued: int = 0
    unsent_ms: int = 0
    ends_ms: int | None = None


@dataclass(slots=True)
class Presence:
    """Open lines by attempt, newest last; and the places whose own page asked lately."""

    _lines: dict[str, list[Line]] = field(default_factory=dict)
    _asked: dict[str, int] = field(default_factory=dict)

    def enter(self, key: str, seat_id: str | None, address: str, now_ms: int) -> Line:
        """A page has come."""
        line = Line(key, seat_id, address, now_ms, now_ms)
        self._lines.setdefault(key, []).append(line)
        return line

    def leave(self, line: Line) -> None:
        """A page has gone; harmless if it has gone already."""
        lines = self._lines.get(line.key, [])
        if line in lines:
            lines.remove(line)
            if not lines:
                del self._lines[line.key]

    def said(
        self,
        line: Line,
        now_ms: int,
        *,
        wall_ms: int | None,
        rtt_ms: int | None,
        queued: int,
        ends_ms: int | None,
        unsent_ms: int = 0,
    ) -> None:
        """What a page said of itself in a ping (ms)."""
        line.seen_ms = now_ms
        line.queued, line.unsent_ms, line.ends_ms, line.rtt_ms = queued, unsent_ms, ends_ms, rtt_ms
        if wall_ms is not None:
            line.offset_ms = wall_ms + (rtt_ms or 0) // 2 - now_ms

    def asked(self, seat_id: str, now_ms: int) -> None:
        """The page of a place, with nobody at work, has asked what comes."""
        self._asked[seat_id] = now_ms

    def line(self, key: str) -> Line | None:
        """The newest line of an attempt."""
        lines = self._lines.get(key)
        return lines[-1] if lines else None

    def asked_ms(self, seat_id: str) -> int | None:
        """When the page of a place last asked."""
        return self._asked.get(seat_id)

    def there(self, seat_id: str, now_ms: int) -> bool:
        """Whether the machine at a place shows signs of life."""
        asked_ms = self._asked.get(seat_id)
        lately = asked_ms is not None and asked_ms > now_ms - ASKED_LATELY_MS
        line = self.at_seat(seat_id)
        return lately or (line is not None and line.seen_ms > now_ms - ASKED_LATELY_MS)

    def at_seat(self, seat_id: str) -> Line | None:
        """The line of the machine at a place that was heard of last."""
        at_place = (line for lines in self._lines.values() for line in lines if line.seat_id == seat_id)
        return max(at_place, key=lambda line: line.seen_ms, default=None)
