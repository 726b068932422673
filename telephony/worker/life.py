"""When a worker ends by itself: nobody steers it, and nobody is connected."""

EMPTY_MS = 60_000
ALONE_MS = 600_000


class Life:
    """Without a server it goes on for a minute, with calls that nobody is connected to for ten.

    Times are ms of any steady clock.
    """

    def __init__(self, now_ms: int, empty_ms: int = EMPTY_MS, alone_ms: int = ALONE_MS) -> None:
        self._needed_ms = now_ms
        self._empty_ms = empty_ms
        self._alone_ms = alone_ms

    def over(self, now_ms: int, *, joined: bool, calls: bool, alone: bool) -> bool:
        """Whether it is time. `joined`: a server is there; `alone`: nobody is connected to any of the `calls`."""
        if joined or not alone:
            self._needed_ms = now_ms
        return now_ms - self._needed_ms >= (self._alone_ms if calls else self._empty_ms)
