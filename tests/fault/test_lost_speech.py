"""Nothing that was said is lost: cut networks, killed workers, servers and tabs, compared second by second."""

import asyncio

import numpy as np
import pytest
from anyio import to_thread

from server.settings import DataFolder
from tests.fault.audit import verify_log
from tests.fault.conftest import traces
from tests.support.lost_speech import LOW, Speaker, compare
from tests.support.speaking_hall import speaking_hall

pytestmark = [pytest.mark.fault, pytest.mark.anyio]

MOST_S = 60.0
"""Everybody speaks until all has happened; on a quiet machine that is half of it."""


def test_what_is_lost_is_seen() -> None:
    speaker = Speaker.of(6, seed=3)
    whole = speaker.samples[:: 48_000 // LOW]
    assert compare(speaker.samples, whole, 0).lost == []
    without = whole.copy()
    without[2 * LOW : 3 * LOW] = 0
    assert compare(speaker.samples, without, 0).lost == [2]
    assert compare(speaker.samples, without, 0, [(0, 2_000), (3_000, 6_000)]).lost == []
    other = Speaker.of(6, seed=4).samples[:: 48_000 // LOW]
    for wrong in (other, np.roll(whole, LOW), np.zeros(0, dtype=np.float32)):
        found = compare(speaker.samples, wrong, 0)
        assert len(found.lost) == found.spoken


async def test_nothing_that_was_said_is_lost(folder: DataFolder) -> None:
    speakers = await asyncio.gather(*(to_thread.run_sync(Speaker.of, MOST_S, seed) for seed in (11, 12)))
    async with speaking_hall(folder, speakers) as hall:
        cut, killed = hall.phones
        for phone in hall.phones:
            phone.talk()
        await asyncio.sleep(4)

        async def tab() -> None:
            killed.unplug(True)
            await asyncio.sleep(2.5)
            killed.unplug(False)
            await killed.die(3)

        await asyncio.gather(cut.cut(5), tab())
        await asyncio.sleep(3)
        await hall.kill_worker()
        await asyncio.sleep(4)
        await to_thread.run_sync(hall.server.restart)
        await asyncio.sleep(1)
        first, second = await hall.heard()
        log = hall.server.log()
    assert (first.verdict.lost, second.verdict.lost) == ([], []), (first, second)
    assert min(first.verdict.spoken, second.verdict.spoken) > 10
    assert first.total_ms("filled") >= 4_000, first.view.stretches
    assert first.total_ms("gap") == 0, first.view.stretches
    assert second.marked(), (second.dead_ms, second.view.stretches)
    assert log.count("media.gone") == 1
    assert not traces(log), log
    assert (await verify_log(folder))["faults"] == []
