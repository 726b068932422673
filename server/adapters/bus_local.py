"""The bus inside one process."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

_WAITING = 64


class LocalBus:
    """Satisfies `server.core.bus.Bus`."""

    def __init__(self) -> None:
        self._listeners: dict[str, set[asyncio.Queue[str]]] = defaultdict(set)

    def publish(self, topic: str, word: str) -> None:
        """Wake whoever listens; never waits, never fails."""
        for queue in self._listeners.get(topic, ()):
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(word)

    @asynccontextmanager
    async def listen(self, topic: str) -> AsyncIterator[AsyncIterator[str]]:
        """Words published from now on; a slow listener loses the oldest."""
        queue: asyncio.Queue[str] = asyncio.Queue(_WAITING)
        self._listeners[topic].add(queue)
        try:
            yield _words(queue)
        finally:
            self._listeners[topic].discard(queue)
            if not self._listeners[topic]:
                del self._listeners[topic]


async def _words(queue: asyncio.Queue[str]) -> AsyncIterator[str]:
    while True:
        yield await queue.get()
