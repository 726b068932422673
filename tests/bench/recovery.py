"""How soon a seat works again after kill -9, with 300 running attempts of ten minutes behind them."""

import asyncio
import os
import statistics
import tempfile
import time
from itertools import count
from pathlib import Path
from typing import Any

from anyio import to_thread

from server.app import Services, build, running
from server.core.access import Role
from server.core.clock import SystemClock
from server.demo.clock import ScriptClock
from server.settings import DataFolder
from tests.bench.figures import Figure, note
from tests.support.client import SeatClient, Typist
from tests.support.house import make_folder
from tests.support.papers import AUDIO, paper
from tests.support.process import Pass, ServerProcess

ATTEMPTS = 300
ITEMS = 10
RESTARTS = 3
ACTS, SIDE_BY_SIDE = 8, 60
"""So many acts of so many robots share a commit while the streams are written."""
AHEAD_MS = 120_000
"""The script ends so far ahead of the wall clock: the server, whose clock never goes back, takes over there."""


def measure() -> Figure:
    """Seconds from exec to the first acknowledged command, median of some kills."""
    return asyncio.run(_measure())


async def _measure() -> Figure:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as root:
        folder = make_folder(Path(root))
        began = time.monotonic()
        pass_, attempt_id, events = await _write_streams(folder)
        note(f"{ATTEMPTS} attempts with {events} events written in {time.monotonic() - began:.0f} s")
        load_s = await _load_s(folder)
        with ServerProcess(folder, graded=True) as server:
            await to_thread.run_sync(server.start)
            trials = [await _trial(server, pass_, attempt_id) for _ in range(RESTARTS)]
    walls = [wall for wall, _ in trials]
    cpus = [cpu for _, cpu in trials if cpu is not None]
    return Figure(
        name="core.recovery_after_kill_s",
        value=round(statistics.median(walls), 2),
        unit="s",
        anchor="<= 3",
        conditions={
            "from": "exec of ccss run",
            "to": "first acknowledged command of a seat that reconnects",
            "attempts_running": ATTEMPTS,
            "events": events,
            "kills": RESTARTS,
            "each_s": [round(wall, 2) for wall in walls],
            "server_cpu_s": round(statistics.median(cpus), 2) if cpus else None,
            "of_which_loading_attempts_cpu_s": round(load_s, 2),
        },
    )


async def _trial(server: ServerProcess, pass_: Pass, attempt_id: str) -> tuple[float, float | None]:
    """Kill, start, and let a seat come back with a command in its outbox."""
    async with SeatClient(server.url, pass_.token, attempt_id, page="robot-0000") as seat:
        typist = Typist(seat, revs={("i1", "name"): 1_000 + int(time.monotonic()) % 2**30})
        await typist.save("i1", "name", "欧阳")
        await to_thread.run_sync(server.kill)
        saving = asyncio.create_task(typist.save("i1", "name", "欧阳雪"))
        await to_thread.run_sync(server.launch)
        await saving
        wall_s = (time.monotonic_ns() - server.exec_ns) / 1e9
        assert seat.attempt["phase"] == "running"
        return wall_s, _cpu_s(server.pid)


def _cpu_s(pid: int) -> float | None:
    """CPU seconds that a process has used, where the system says so."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    except OSError:
        return None
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def _load_s(folder: DataFolder) -> float:
    """CPU seconds of folding all running attempts from snapshots and streams."""
    services = await build(folder)
    try:
        began = time.process_time()
        lives = await services.runner.loader.running()
        assert len(lives) == ATTEMPTS
        return time.process_time() - began
    finally:
        await services.database.close()


async def _write_streams(folder: DataFolder) -> tuple[Pass, str, int]:
    """Robots take a ten-minute paper through the real runner; returns the first one's pass and attempt."""
    content = paper(items=ITEMS)
    end_ms = SystemClock().now_ms() + AHEAD_MS
    clock = ScriptClock(end_ms - int(content.duration_ms * 0.93))
    async with running(await build(folder, clock)) as services:
        await services.blobs.put(AUDIO)
        paper_id = await services.papers.add_paper(services.modules["typing_test"], content, "contest")
        first: Pass | None = None
        attempt_ids = []
        for number in range(ATTEMPTS):
            who = await services.accounts.create(f"robot-{number}", f"机器人{number}", Role.CONTESTANT, None)
            first = first or Pass(who.account_id, await services.accounts.open_login(who))
            attempt_ids.append((await services.attempts.open_practice(who, paper_id)).record.attempt_id)
        await _take(services, clock, attempt_ids)
        clock.at_ms = end_ms
        await services.journal.heartbeat(end_ms)
        streams = await services.journal.read_streams(dict.fromkeys(attempt_ids, 0))
    assert first is not None
    return first, attempt_ids[0], sum(len(events) for events in streams.values())


async def _take(services: Services, clock: ScriptClock, attempt_ids: list[str]) -> None:
    """All robots side by side, some acts of some robots in every commit, each stamped with its own moment."""
    epochs = await asyncio.gather(*(services.runner.take_lease(id_, "robot-0000") for id_ in attempt_ids))
    sent = count()

    async def send(number: int, command: dict[str, Any], stamp_ms: int) -> None:
        id_ = f"act-{number}-{next(sent):06d}"
        await services.runner.command(attempt_ids[number], id_, epochs[number], stamp_ms, command)

    for command in ({"type": "acknowledge_rules"}, {"type": "start"}):
        await asyncio.gather(*(send(number, command, clock.at_ms) for number in range(len(attempt_ids))))
    started_ms = clock.at_ms
    live = await services.runner.attempt(attempt_ids[0])
    plans = [live.module.robot(live.content, seed, 0.6 + 0.4 * seed / ATTEMPTS) for seed in range(len(attempt_ids))]
    for step in range(0, max(len(plan) for plan in plans), ACTS):
        for first in range(0, len(plans), SIDE_BY_SIDE):
            some = range(first, min(first + SIDE_BY_SIDE, len(plans)))
            acts = [(number, act) for number in some for act in plans[number][step : step + ACTS]]
            clock.at_ms = max([clock.at_ms, *(started_ms + act.stage_ms for _, act in acts)])
            await asyncio.gather(*(send(number, act.command, started_ms + act.stage_ms) for number, act in acts))
