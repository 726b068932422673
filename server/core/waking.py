"""What consumers of the journal wait for: news on the bus, or a moment."""

import asyncio
from typing import Any

from server.core.bus import Bus
from server.core.clock import Clock


async def pass_on(bus: Bus, topic: str, news: asyncio.Event) -> None:
    """Set `news` at every word of a topic, for ever."""
    async with bus.listen(topic) as words:
        async for _ in words:
            news.set()


async def news_or(news: asyncio.Event, clock: Clock, at_ms: int | None) -> None:
    """Return when there is news, or at `at_ms` (UTC epoch ms; None for never)."""
    waits: set[asyncio.Task[Any]] = {asyncio.create_task(news.wait())}
    if at_ms is not None:
        waits.add(asyncio.create_task(clock.sleep_until(at_ms)))
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
        await asyncio.gather(*waits, return_exceptions=True)
