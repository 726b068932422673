"""The long run: rounds one after the other on many seats, with kills and cuts at random, and the same checks."""

import asyncio
import random
import time

from anyio import to_thread

from tests.bench.crowd import Crowd
from tests.bench.figures import Figure, note

SEATS = 40
ROUND_S = 120
KILL_EVERY_S = (3.0, 20.0)
CUT_SHARE = 0.3
"""Of the disturbances between two kills, so many seats at a time lose their line."""


def measure(minutes: float) -> Figure:
    """What was acknowledged and is missing after all rounds."""
    return asyncio.run(_measure(minutes * 60))


async def _measure(duration_s: float) -> Figure:
    chance = random.Random()
    until = time.monotonic() + duration_s
    rounds = kills = cuts = wrong_receipts = 0
    async with Crowd.gathered(SEATS) as crowd:
        sitting = crowd.typists[:]
        while True:
            rounds += 1
            crowd.type(sitting)
            round_until = min(until, time.monotonic() + ROUND_S)
            while (left_s := round_until - time.monotonic()) > 0:
                await asyncio.sleep(min(left_s, chance.uniform(*KILL_EVERY_S)))
                if chance.random() < 0.5:
                    losing = [typist for typist in sitting if chance.random() < CUT_SHARE]
                    await asyncio.gather(*(typist.seat.cut() for typist in losing))
                    cuts += len(losing)
                else:
                    await to_thread.run_sync(crowd.server.restart)
                    kills += 1
            wrong_receipts += await crowd.hand_in()
            note(f"round {rounds}: {kills} kills, {cuts} cuts, {crowd.acks()} acknowledgements")
            if time.monotonic() >= until:
                break
            sitting = await crowd.sit_down()
        found, faults = await crowd.verdict()
        traces = crowd.server.log().count("Traceback")
    bad = len(found.lost) + len(found.doubled) + len(found.differing) + wrong_receipts + len(faults) + traces
    return Figure(
        name="core.soak_faults",
        value=bad,
        unit="count",
        anchor="== 0",
        conditions={
            "minutes": round(duration_s / 60, 1),
            "seats": SEATS,
            "rounds": rounds * SEATS,
            "kills": kills,
            "cuts": cuts,
            "acks": found.acked,
            "lost": len(found.lost),
            "doubled": len(found.doubled),
            "differing": len(found.differing),
            "wrong_receipts": wrong_receipts,
            "verify_log_faults": len(faults),
            "tracebacks": traces,
        },
    )
