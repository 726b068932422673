"""Many robots in one process, steered by whoever started it: one word a line on stdin, one JSON object a line back.

`begin` starts new statistics, `report` tells them; the end of stdin, also by the starter's death, is the end.
"""

import asyncio
import contextlib
import json
import logging
import ssl
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import typer

from server.robots.machine import Machine
from server.robots.plans import Plans
from server.robots.robot import Manner, Robot
from server.robots.statistics import Statistics
from server.settings import DataFolder

SEATED_A_SECOND = 30.0
"""So many robots come in a second: a hall doesn't fill at once either."""


@dataclass(frozen=True, slots=True)
class Hall:
    """Who sits where, and how they get to the server."""

    folder: DataFolder
    contest_id: str
    url: str
    certificate: Path | None
    """What TLS is trusted by; None for plain HTTP."""
    robots: int | None = None
    """At most so many; None for everybody of the contest."""
    manner: Manner = Manner()
    seed: int = 0


async def attend(hall: Hall) -> None:
    """Let the robots sit until stdin ends."""
    logging.getLogger("httpx2").setLevel(logging.WARNING)
    words = words_on_stdin()
    async with sitting(hall) as statistics:
        while (word := await words.get()) is not None:
            if word == "begin":
                statistics.begin()
            elif word == "report":
                typer.echo(json.dumps(statistics.report()))
                sys.stdout.flush()


@asynccontextmanager
async def sitting(hall: Hall) -> AsyncIterator[Statistics]:
    """The robots at work; leaving sends them home."""
    statistics = Statistics()
    plans = Plans(hall.folder)
    trust = None if hall.certificate is None else ssl.create_default_context(cafile=hall.certificate)
    tasks = [asyncio.create_task(statistics.watch_loop())]
    try:
        sittings = (await plans.sittings(hall.contest_id))[: hall.robots]
        for number, place in enumerate(sittings):
            robot = Robot(Machine(hall.url, trust), place, plans.acts, hall.manner, statistics, hall.seed + number)
            tasks.append(asyncio.create_task(_after(number / SEATED_A_SECOND, robot), name=f"robot {place.label}"))
        yield statistics
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await plans.close()


async def _after(wait_s: float, robot: Robot) -> None:
    await asyncio.sleep(wait_s)
    await robot.run()


def words_on_stdin() -> "asyncio.Queue[str | None]":
    """Lines of stdin, then None; a thread reads, because a pipe can't be awaited everywhere."""
    loop = asyncio.get_running_loop()
    words: asyncio.Queue[str | None] = asyncio.Queue()

    def read() -> None:
        with contextlib.suppress(RuntimeError, ValueError):  # the loop has ended first
            for line in sys.stdin:
                loop.call_soon_threadsafe(words.put_nowait, line.strip())
            loop.call_soon_threadsafe(words.put_nowait, None)

    threading.Thread(target=read, name="stdin", daemon=True).start()
    return words
