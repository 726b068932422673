"""kill -9 under load, outages, and a second process on the same folder."""

import asyncio
import contextlib
from functools import partial

import pytest
from anyio import to_thread

from server.app import build
from tests.fault.audit import audit, streams, verify_log
from tests.fault.conftest import Standing
from tests.support.client import SeatClient, Typist
from tests.support.process import run_ccss

pytestmark = [pytest.mark.fault, pytest.mark.anyio]

SEATS = 4
KILLS = 3
ACKS_A_KILL = 60


async def test_kills_under_load_lose_nothing(fresh: Standing) -> None:
    async with contextlib.AsyncExitStack() as stack:
        seats = []
        for _ in range(SEATS):
            token, attempt_id = await fresh.round()
            seats.append(await stack.enter_async_context(SeatClient(fresh.url, token, attempt_id)))
        typists = [Typist(seat) for seat in seats]
        for seat in seats:
            await seat.start()

        def acks() -> int:
            return sum(len(seat.acked) for seat in seats)

        over = False
        typing = [asyncio.create_task(typist.until(lambda: over)) for typist in typists]
        for _ in range(KILLS):
            goal = acks() + ACKS_A_KILL
            await seats[0].until(lambda goal=goal: acks() >= goal)  # type: ignore[misc]  # bound at once
            await to_thread.run_sync(fresh.server.restart)
        over = True
        await asyncio.gather(*typing)
        receipts = [await seat.hand_in() for seat in seats]
        found = await audit(fresh.folder, seats)
        assert found.clean, found
        assert found.acked >= KILLS * ACKS_A_KILL
        assert [receipt["answers_sha256"] for receipt in receipts] == [typist.answers_sha256() for typist in typists]
        assert all(seat.welcomes > KILLS for seat in seats)
    fresh.server.kill()
    verdict = await verify_log(fresh.folder)
    assert (verdict["faults"], verdict["exit"]) == ([], 0)


async def test_an_unacknowledged_command_is_applied_once_after_the_kill(fresh: Standing) -> None:
    token, attempt_id = await fresh.round()
    async with SeatClient(fresh.url, token, attempt_id) as seat:
        await seat.start()
        typist = Typist(seat)
        save = asyncio.create_task(typist.save("i1", "name", "欧阳雪"))
        fresh.server.kill()
        await to_thread.run_sync(fresh.server.start)
        await save
        id_ = next(id_ for id_, command in seat.sent.items() if command.get("text") == "欧阳雪")
        seq = seat.acked[id_]
        assert await seat.do(seat.sent[id_], id_) <= seq
    events = (await streams(fresh.folder, [attempt_id]))[attempt_id]
    assert len([event for event in events if event.command_id == id_ and event.seq <= seq]) == 1


async def test_a_long_outage_comes_up_paused_and_the_trainee_goes_on(fresh: Standing) -> None:
    token, attempt_id = await fresh.round()
    async with SeatClient(fresh.url, token, attempt_id, resumes=False) as seat:
        await seat.start()
        typist = Typist(seat)
        await typist.save("i1", "name", "欧")
        fresh.server.kill()
        await _back_date(fresh, 60_000)
        await to_thread.run_sync(fresh.server.start)
        await seat.until(lambda: seat.attempt["phase"] == "paused")
        assert seat.attempt["pause_cause"] == "outage"
        left_ms = seat.attempt["left_ms"]
        waiting = asyncio.create_task(typist.save("i1", "name", "欧阳"))
        await seat.until(lambda: any(problem["code"] == "stage-paused" for problem in seat.refusals))
        assert all(problem["retry"] for problem in seat.refusals)
        waiting.cancel()
        async with SeatClient(fresh.url, token, attempt_id, page=seat.page) as again:
            await again.until(lambda: again.attempt["phase"] == "running")
            assert abs(again.attempt["left_ms"] - left_ms) < 5_000
            await again.hand_in()


async def test_a_second_process_on_the_folder_is_refused(fresh: Standing) -> None:
    for command in (("run", "--port", "0"), ("migrate",)):
        second = await to_thread.run_sync(partial(run_ccss, *command, "--data", fresh.folder.root))
        assert second.returncode == 1
        assert "另一个 CCSS 正在使用" in second.stderr
        assert "another CCSS is using this data folder" in second.stderr
        assert "Traceback" not in second.stderr
    token, attempt_id = await fresh.round()
    async with SeatClient(fresh.url, token, attempt_id) as seat:
        await seat.start()


async def test_a_killed_process_leaves_a_folder_that_starts(fresh: Standing) -> None:
    fresh.server.kill()
    half = fresh.folder.blobs / "ab" / "0123456789ab.part"
    half.parent.mkdir(parents=True, exist_ok=True)
    half.write_bytes(b"half a fi")
    await to_thread.run_sync(fresh.server.start)
    assert not half.exists()


async def _back_date(standing: Standing, ms: int) -> None:
    """As if the last heartbeat had been `ms` earlier; a pause still never begins before the last event."""
    services = await build(standing.folder)
    try:
        beat_ms = await services.journal.last_heartbeat_ms()
        assert beat_ms is not None
        await services.journal.heartbeat(beat_ms - ms)
    finally:
        await services.database.close()
