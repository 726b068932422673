"""A full hall over TLS: robots that save once a second, the burst of the start, and a board that is watched."""

import asyncio
import json
import os
import ssl
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from anyio import to_thread

from server.app import Services, build
from server.core.access import Role
from server.robots.clock import ServerClock, monotonic_ms
from server.robots.contest import prepare
from server.robots.machine import Machine
from server.robots.process import RobotsProcess
from server.robots.statistics import percentile
from server.settings import DataFolder
from server.web.context import COOKIE
from tests.bench.figures import Figure, note
from tests.support.house import make_folder
from tests.support.process import ServerProcess

ROBOTS = 300
PACE_S = 1.0
WARM_UP_S = 10
MEASURED_S = 40
LADDER = (400, 500, 650, 800, 1000)
LADDER_MEASURED_S = 20
QUICK_ROBOTS, QUICK_WARM_UP_S, QUICK_MEASURED_S = 60, 5, 10
COMING_S = 120
"""Longest that robots may need to come, and to open their pages."""
LIMITS = {
    "core.save_ack_p99_ms": 250,
    "core.start_burst_p99_ms": 1000,
    "core.board_age_max_ms": 1000,
    "core.board_cpu_cores": 0.1,
}


def measure(quick: bool = False) -> list[Figure]:
    """The figures of one hall, then the largest hall that holds them all."""
    if quick:
        hall = asyncio.run(_measure(QUICK_ROBOTS, QUICK_WARM_UP_S, QUICK_MEASURED_S))
        return hall.figures()
    hall = asyncio.run(_measure(ROBOTS, WARM_UP_S, MEASURED_S))
    return [*hall.figures(), _places_held(hall)]


def _places_held(first: "Measured") -> Figure:
    held, steps = 0, [first]
    if first.holds:
        held = first.robots
        for robots in LADDER:
            steps.append(asyncio.run(_measure(robots, WARM_UP_S, LADDER_MEASURED_S)))
            if not steps[-1].holds:
                break
            held = robots
    return Figure(
        name="core.places_held",
        value=held,
        unit="places",
        anchor=">= 300",
        conditions={
            "all_of": LIMITS,
            "steps": [{"robots": step.robots, **step.values(), **step.server_cpu()} for step in steps],
        },
    )


# --- one hall ----------------------------------------------------------------------------------------


@dataclass(slots=True)
class Measured:
    """What one hall gave."""

    robots: int
    burst_ms: list[float]
    report: dict[str, Any]
    ages_ms: list[float]
    board_cost_ms: float
    board_frames: int
    window_s: float
    cpu_s: float
    burst_cpu_s: float
    rss_mb: float

    def values(self) -> dict[str, float]:
        """By the figures' names."""
        return {
            "core.save_ack_p99_ms": round(self.report["ack_ms"]["p99"], 1),
            "core.start_burst_p99_ms": round(percentile(self.burst_ms, 0.99) or 0, 1),
            "core.board_age_max_ms": round(max(self.ages_ms), 1),
            "core.board_cpu_cores": round(self.board_cost_ms / 1000 / self.window_s, 4),
            "core.rss_mb": round(self.rss_mb, 1),
        }

    def server_cpu(self) -> dict[str, float]:
        """Cores that the server used while it was measured; the rest of the machine belongs to robots and viewer."""
        return {
            "server_cores": round(self.cpu_s / self.window_s, 2),
            "robots_cores": round(self.report["cpu_s"] / self.report["wall_s"], 2),
        }

    @property
    def holds(self) -> bool:
        """Whether every limit is kept."""
        values = self.values()
        return all(values[name] <= limit for name, limit in LIMITS.items())

    def figures(self) -> list[Figure]:
        """As lines of the report."""
        ack = self.report["ack_ms"]
        common = {
            "robots": self.robots,
            "tls": True,
            "synchronous": "FULL",
            "web_processes": 1,
            "window_s": round(self.window_s, 1),
            "server_cpu_s": round(self.cpu_s, 2),
            **self.server_cpu(),
        }
        more: dict[str, dict[str, Any]] = {
            "core.save_ack_p99_ms": {
                "stamped": "at the robot, from its outbox to the acknowledgement",
                "acks": self.report["acks"],
                "p50_ms": round(ack["p50"], 1),
                "p95_ms": round(ack["p95"], 1),
                "max_ms": round(ack["max"], 1),
                "goal": 100,
                "robots_loop_late_p99_ms": round(self.report["loop_late_p99_ms"], 1),
                "recordings_mb": round(self.report["loaded_bytes"] / 1e6, 1),
                "refused": self.report["refused"],
                "troubles": self.report["troubles"],
            },
            "core.start_burst_p99_ms": {
                "from": "the request that confirms the start order",
                "to": "the welcome frame with the content, parsed at the robot",
                "p50_ms": round(percentile(self.burst_ms, 0.5) or 0, 1),
                "max_ms": round(max(self.burst_ms), 1),
                "server_cpu_s": round(self.burst_cpu_s, 2),
            },
            "core.board_age_max_ms": {
                "viewers": 1,
                "what": "age of the picture just before the next frame came, start included",
                "frames": self.board_frames,
                "p50_ms": round(percentile(self.ages_ms, 0.5) or 0, 1),
            },
            "core.board_cpu_cores": {"what": "sum of cost_ms of the frames by wall time"},
            "core.rss_mb": {"what": "VmRSS of the server at the end"},
        }
        return [
            Figure(
                name=name,
                value=value,
                unit={"core.board_cpu_cores": "cores", "core.rss_mb": "MB"}.get(name, "ms"),
                anchor=f"<= {LIMITS[name]:g}" if name in LIMITS else "",
                conditions=common | more[name],
            )
            for name, value in self.values().items()
        ]


@dataclass(slots=True)
class Viewer:
    """Somebody at the console, watching the board over TLS."""

    machine: Machine
    clock: ServerClock
    ages_ms: list[float] = field(default_factory=list)
    costs: list[tuple[float, float]] = field(default_factory=list)
    """Moment and cost of each frame."""
    _shown_ms: int | None = None

    @classmethod
    @asynccontextmanager
    async def watching(cls, machine: Machine, contest_id: str, stage_id: str) -> AsyncIterator["Viewer"]:
        """Look until the caller has seen enough."""
        viewer = cls(machine, ServerClock())
        for _ in range(5):
            sent = monotonic_ms()
            seen = await machine.json("GET", f"/contests/{contest_id}/clock")
            viewer.clock.add(sent, monotonic_ms(), seen["server_ms"])
        wire = await machine.line(f"/ws/board?contest={contest_id}&stage={stage_id}", viewer._take)
        yield viewer
        assert not wire.closed.done(), "the board's line was lost"
        wire.cut()
        await wire.closed

    def _take(self, text: str) -> None:
        now_ms = self.clock.now_ms()
        if self._shown_ms is not None:
            self.ages_ms.append(now_ms - self._shown_ms)
        frame = json.loads(text)
        self._shown_ms = frame["at_ms"]
        self.costs.append((monotonic_ms(), frame["cost_ms"]))

    def begin(self) -> None:
        """Forget what was."""
        self.ages_ms.clear()
        self.costs.clear()


@dataclass(frozen=True, slots=True)
class Prepared:
    """A contest in a folder, and the log-ins of those who run it."""

    contest_id: str
    chief: str
    supervisor: str


@dataclass(frozen=True, slots=True)
class Console:
    """Chief referee and supervisor over TLS: one gives an order, the other confirms it."""

    contest_id: str
    chief: Machine
    supervisor: Machine

    async def stage_id(self, stage: int = 0) -> str:
        """A stage by its position."""
        contest = await self.chief.json("GET", f"/contests/{self.contest_id}")
        stage_id: str = contest["stages"][stage]["stage_id"]
        return stage_id

    async def order(self, act: str, stage: int = 0) -> float:
        """Give and confirm an order; returns the monotonic ms at which what carries it out was sent."""
        contest = await self.chief.json("GET", f"/contests/{self.contest_id}")
        path = f"/contests/{self.contest_id}/stages/{contest['stages'][stage]['stage_id']}/orders"
        sent_ms = monotonic_ms()
        given = await self.chief.json("POST", path, {"act": act, "seen": contest["revision"]})
        if given["status"] == "pending":
            sent_ms = monotonic_ms()
            confirm = f"/contests/{self.contest_id}/orders/{given['order_id']}/confirm"
            given = await self.supervisor.json("POST", confirm, {"seen": given["seen"]})
        assert given["status"] == "done", given
        return sent_ms


async def _measure(robots: int, warm_up_s: float, measured_s: float) -> Measured:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as root:
        folder = make_folder(Path(root))
        ready = await prepared(folder, lambda services: prepare(services, robots))
        with ServerProcess(folder, ["--tls-port", "0"], graded=True) as server:
            await to_thread.run_sync(server.start)
            certificate = folder.tls / "authority.pem"
            arguments: list[str | Path] = ["--data", folder.root, "--url", server.secure_url]
            arguments += ["--certificate", certificate, "--contest", ready.contest_id, "--pace", str(PACE_S)]
            with RobotsProcess(arguments, reports=True) as crowd:
                trust = ssl.create_default_context(cafile=certificate)
                machines = [
                    Machine(server.secure_url, trust, {COOKIE: token}) for token in (ready.chief, ready.supervisor)
                ]
                console = Console(ready.contest_id, *machines)
                try:
                    measured = await _run(server, crowd, console, robots, warm_up_s, measured_s)
                finally:
                    for machine in machines:
                        await machine.close()
            assert "Traceback" not in server.log(), server.log()[-3000:]
            return measured


async def _run(
    server: ServerProcess, crowd: RobotsProcess, console: Console, robots: int, warm_up_s: float, measured_s: float
) -> Measured:
    await _until(crowd, lambda report: report["seated"] == robots)
    stage_id = await console.stage_id()
    async with Viewer.watching(console.chief, console.contest_id, stage_id) as viewer:
        await console.order("arm")
        await _until(crowd, lambda report: report["pages"] == {"armed": robots})
        await asyncio.sleep(5)  # the rules are acknowledged within 3 s
        viewer.begin()
        cpu_s = cpu_of(server.pid)
        sent_ms = await console.order("start")
        await _until(crowd, lambda report: len(report["opened"]) == robots)
        burst_cpu_s = cpu_of(server.pid) - cpu_s
        await asyncio.sleep(warm_up_s)
        crowd.begin()
        began_ms, cpu_s = monotonic_ms(), cpu_of(server.pid)
        await asyncio.sleep(measured_s)
        ended_ms, cpu_s = monotonic_ms(), cpu_of(server.pid) - cpu_s
        report = await to_thread.run_sync(crowd.report)
        rss_mb = rss_of(server.pid)
    measured = Measured(
        robots=robots,
        burst_ms=[opened - sent_ms for opened in report["opened"]],
        report=report,
        ages_ms=viewer.ages_ms,
        board_cost_ms=sum(cost for at, cost in viewer.costs if began_ms <= at <= ended_ms),
        board_frames=len(viewer.costs),
        window_s=(ended_ms - began_ms) / 1000,
        cpu_s=cpu_s,
        burst_cpu_s=burst_cpu_s,
        rss_mb=rss_mb,
    )
    note(f"{robots} robots: {measured.values()} {measured.server_cpu()}")
    return measured


async def prepared(folder: DataFolder, make: Callable[[Services], Awaitable[str]]) -> Prepared:
    """A contest made in a folder that no server uses, and log-ins for those who run it."""
    services = await build(folder)
    try:
        contest_id = await make(services)
        tokens = []
        for role in (Role.CHIEF_REFEREE, Role.SUPERVISOR):
            who = await services.accounts.create(f"bench-{role}", f"测试{role}", role, None)
            tokens.append(await services.accounts.open_login(who))
        return Prepared(contest_id, *tokens)
    finally:
        await services.database.close()


async def _until(crowd: RobotsProcess, ask: Callable[[dict[str, Any]], bool]) -> None:
    deadline = time.monotonic() + COMING_S
    while not ask(report := await to_thread.run_sync(crowd.report)):
        if time.monotonic() > deadline:
            raise TimeoutError(f"the robots do not get on: {report}")
        await asyncio.sleep(0.5)


def cpu_of(pid: int) -> float:
    """CPU seconds that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def rss_of(pid: int) -> float:
    """Memory that a process holds."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1000
    return 0.0
