"""Is anything lost that was acknowledged? kill -9 under load, again and again."""

import asyncio
import random
import time

from anyio import to_thread

from tests.bench.crowd import Crowd
from tests.bench.figures import Figure, note

SEATS = 30
KILLS = 20
ACKS_BETWEEN = 150
"""Acknowledgements between the return of the server and the earliest next kill."""
EXTRA_S = 0.4
"""Up to so much later, so that kills hit every moment of a commit."""


def measure() -> Figure:
    """Commands acknowledged and not (or not so) in the journal."""
    return asyncio.run(_measure())


async def _measure() -> Figure:
    chance = random.Random(5)
    began = time.monotonic()
    async with Crowd.gathered(SEATS) as crowd:
        crowd.type(crowd.typists)
        for number in range(KILLS):
            await crowd.wait_for_acks(ACKS_BETWEEN)
            await asyncio.sleep(chance.random() * EXTRA_S)
            note(f"kill {number + 1} of {KILLS} after {crowd.acks()} acknowledgements")
            await to_thread.run_sync(crowd.server.restart)
        await crowd.wait_for_acks(ACKS_BETWEEN)
        wrong_receipts = await crowd.hand_in()
        found, faults = await crowd.verdict()
        repeated = sum(seat.repeated for seat in crowd.seats)
    lost = len(found.lost) + len(found.differing) + wrong_receipts
    return Figure(
        name="core.acked_lost",
        value=lost + len(found.doubled) + len(faults),
        unit="count",
        anchor="== 0",
        conditions={
            "kills": KILLS,
            "seats": SEATS,
            "acks": found.acked,
            "lost": len(found.lost),
            "doubled": len(found.doubled),
            "differing": len(found.differing),
            "wrong_receipts": wrong_receipts,
            "verify_log_faults": len(faults),
            "resent_and_recognised": repeated,
            "wall_s": round(time.monotonic() - began),
        },
    )
