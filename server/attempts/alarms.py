"""When which attempt must be looked at: one moment each, however often it is set."""

import heapq


class Alarms:
    """A heap of moments (UTC epoch ms) by key; setting a key again replaces its moment."""

    def __init__(self) -> None:
        self._at: dict[str, int] = {}
        self._heap: list[tuple[int, str]] = []

    def set(self, key: str, at_ms: int | None) -> None:
        """Ring for `key` at `at_ms`; None for never."""
        if at_ms is None:
            self._at.pop(key, None)
        elif self._at.get(key) != at_ms:
            self._at[key] = at_ms
            heapq.heappush(self._heap, (at_ms, key))

    def next_ms(self) -> int | None:
        """The next moment that still holds."""
        while self._heap and self._at.get(self._heap[0][1]) != self._heap[0][0]:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def due(self, now_ms: int) -> list[str]:
        """Keys whose moment has come; each is given once."""
        keys = []
        while (at_ms := self.next_ms()) is not None and at_ms <= now_ms:
            key = heapq.heappop(self._heap)[1]
            del self._at[key]
            keys.append(key)
        return keys
