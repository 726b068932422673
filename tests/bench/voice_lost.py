"""`voice.lost_speech_s`: seats that speak while networks, tabs, worker and server die."""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from anyio import to_thread

from tests.bench.figures import Figure, note
from tests.support.house import make_folder
from tests.support.lost_speech import Speaker
from tests.support.seat_phone import SeatPhone
from tests.support.speaking_hall import Heard, SpeakingHall, speaking_hall

CUTS_S = (5.0, 15.0, 40.0)
QUICK_CUTS_S = (5.0,)
SETTLE_S = 6.0
"""Of quiet speech before, between and after what happens."""
DEAD_S = 4.0
MOST_S = 120.0


def measure(quick: bool = False) -> Figure:
    """One seat for each length of a cut, and one whose tab is killed while its network is away."""
    return asyncio.run(_measure(QUICK_CUTS_S if quick else CUTS_S))


async def _measure(cuts_s: tuple[float, ...]) -> Figure:
    names = [f"cut {seconds:g} s" for seconds in cuts_s] + ["tab killed"]
    speakers = [await to_thread.run_sync(Speaker.of, MOST_S, 21 + number) for number in range(len(names))]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as root:
        async with speaking_hall(make_folder(Path(root)), speakers) as hall:
            await _happen(hall, cuts_s)
            heard = await hall.heard()
            traces = hall.server.log().count("Traceback")
    for name, one in zip(names, heard, strict=True):
        note(f"{name}: {_told(one)}")
    unmarked = sum(not one.marked() for one in heard)
    lost = sum(len(one.verdict.lost) for one in heard)
    return Figure(
        name="voice.lost_speech_s",
        value=lost + unmarked + traces,
        unit="count",
        anchor="== 0",
        conditions={
            "what": "seconds of speech that a sealed recording lacks, by correlation with the source in windows of "
            "100 ms; but for the last second before a tab was killed, and its dead time, which is marked as a gap",
            "happened": [*names, "worker killed", "server killed"],
            "spoken_s": sum(one.verdict.spoken for one in heard),
            "seats": {name: _told(one) for name, one in zip(names, heard, strict=True)},
            "dead_times_not_marked": unmarked,
            "tracebacks": traces,
        },
    )


async def _happen(hall: SpeakingHall, cuts_s: tuple[float, ...]) -> None:
    """Cuts and the killed tab at once, then the worker, then the server."""
    for phone in hall.phones:
        phone.talk()
    await asyncio.sleep(SETTLE_S)
    *cut, killed = hall.phones
    works: list[Callable[[], Awaitable[None]]] = [
        *(lambda phone=phone, s=s: phone.cut(s) for phone, s in zip(cut, cuts_s, strict=True)),
        lambda: _tab(killed),
    ]
    await asyncio.gather(*(work() for work in works))
    await asyncio.sleep(SETTLE_S)
    await hall.kill_worker()
    await asyncio.sleep(SETTLE_S)
    await to_thread.run_sync(hall.server.kill)
    await asyncio.sleep(SETTLE_S / 2)
    await to_thread.run_sync(hall.server.start)
    await asyncio.sleep(SETTLE_S)


async def _tab(phone: SeatPhone) -> None:
    phone.unplug(True)
    await asyncio.sleep(DEAD_S)
    phone.unplug(False)
    await phone.die(DEAD_S)


def _told(one: Heard) -> dict[str, Any]:
    return {
        "spoken_s": one.verdict.spoken,
        "lost": one.verdict.lost,
        "blurred_ms": one.verdict.missing_ms,
        "filled_s": round(one.total_ms("filled") / 1000, 1),
        "gap_s": round(one.total_ms("gap") / 1000, 1),
        "connections": one.connections,
        "requests_that_failed": one.retries,
    }
