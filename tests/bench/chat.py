"""A hall of chat desks over TLS: five customers at once at each, answered at a person's pace."""

import asyncio
import json
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from anyio import to_thread

from server.app import Services
from server.robots.clock import monotonic_ms
from server.robots.contest import prepare
from server.robots.machine import Machine
from server.web.context import COOKIE
from tests.bench.chat_robots import paper
from tests.bench.figures import Figure, note
from tests.bench.hall import COMING_S, Console, cpu_of, prepared, rss_of
from tests.support.house import make_folder
from tests.support.process import ServerProcess

SEATS = 300
STRETCH_SEATS = 1_000
CUSTOMERS = 5
MEASURED_S = 90
QUICK_SEATS, QUICK_MEASURED_S = 30, 45
LIMITS = {"chat.due_error_p99_ms": 250, "chat.ack_p99_ms": 250, "chat.cpu_cores": 0.6, "chat.rss_mb": 1024}
_UNITS = {"chat.cpu_cores": "cores", "chat.rss_mb": "MB"}
_STOP_S = 10


def measure(quick: bool = False) -> list[Figure]:
    """The figures of one hall."""
    seats, measured_s = (QUICK_SEATS, QUICK_MEASURED_S) if quick else (SEATS, MEASURED_S)
    return asyncio.run(_measure(seats, measured_s)).figures(LIMITS)


def stretch() -> list[Figure]:
    """The same with more seats than are promised: only told."""
    told = asyncio.run(_measure(STRETCH_SEATS, MEASURED_S)).figures({})
    return [
        Figure(f"{own.name}_{STRETCH_SEATS}_seats", own.value, own.unit, own.anchor, own.conditions) for own in told
    ]


class Desks:
    """The robots' process; a context manager. It ends when its pipe does."""

    def __init__(self, arguments: list[str]) -> None:
        self._command = [sys.executable, "-m", "tests.bench.chat_robots", *arguments]
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        process, self._process = self._process, None
        assert process is not None
        try:
            process.communicate(timeout=_STOP_S)
        except (subprocess.TimeoutExpired, KeyboardInterrupt):
            process.kill()
            process.communicate()

    def say(self, word: str) -> None:
        """`begin` or `report`."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(f"{word}\n")
        self._process.stdin.flush()

    def report(self) -> dict[str, Any]:
        """What the robots lived through since `begin`."""
        self.say("report")
        assert self._process is not None
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the robots have gone")
        report: dict[str, Any] = json.loads(line)
        return report


@dataclass(frozen=True, slots=True)
class Measured:
    """What one hall gave."""

    seats: int
    report: dict[str, Any]
    window_s: float
    cpu_s: float
    rss_mb: float

    def figures(self, limits: dict[str, float]) -> list[Figure]:
        """As lines of the report."""
        report = self.report
        due, ack = report["due_error_ms"], report["ack_ms"]
        values = {
            "chat.due_error_p99_ms": round(due["p99"], 1),
            "chat.ack_p99_ms": round(ack["p99"], 1),
            "chat.cpu_cores": round(self.cpu_s / self.window_s, 3),
            "chat.rss_mb": round(self.rss_mb, 1),
        }
        common = {
            "seats": self.seats,
            "customers_at_once": CUSTOMERS,
            "tls": True,
            "synchronous": "FULL",
            "window_s": round(self.window_s, 1),
            "robots_cores": round(report["cpu_s"] / report["wall_s"], 2),
            "robots_loop_late_p99_ms": round(report["loop_late_p99_ms"], 1),
        }
        more: dict[str, dict[str, Any]] = {
            "chat.due_error_p99_ms": {
                "what": "message of a customer, parsed at the robot, against its planned stage time",
                "messages": report["customers_said"],
                **{f"{name}_ms": round(due[name], 1) for name in ("p50", "p95", "max", "arrivals_p99")},
            },
            "chat.ack_p99_ms": {
                "stamped": "at the robot, from its outbox to the acknowledgement, saves of the reply box included",
                "acks": report["acks"],
                "messages": report["agents_said"],
                **{f"{name}_ms": round(ack[name], 1) for name in ("p50", "p95", "max")},
                "goal": 100,
                "refused": report["refused"],
                "troubles": report["troubles"],
            },
            "chat.cpu_cores": {"what": "CPU time of the server by wall time, start of the stage included"},
            "chat.rss_mb": {"what": "VmRSS of the server at the end"},
        }
        return [
            Figure(
                name=name,
                value=value,
                unit=_UNITS.get(name, "ms"),
                anchor=f"<= {limits[name]:g}" if name in limits else "",
                conditions=common | more[name],
            )
            for name, value in values.items()
        ]


async def _measure(seats: int, measured_s: float) -> Measured:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as root:
        folder = make_folder(Path(root))
        ready = await prepared(folder, lambda services: _contest(services, seats))
        with ServerProcess(folder, ["--tls-port", "0"], graded=True) as server:
            await to_thread.run_sync(server.start)
            certificate = folder.tls / "authority.pem"
            arguments = ["--data", folder.root, "--url", server.secure_url, "--certificate", certificate]
            arguments += ["--contest", ready.contest_id, "--customers", CUSTOMERS]
            with Desks([str(argument) for argument in arguments]) as desks:
                trust = ssl.create_default_context(cafile=certificate)
                chief, supervisor = (
                    Machine(server.secure_url, trust, {COOKIE: token}) for token in (ready.chief, ready.supervisor)
                )
                try:
                    measured = await _run(
                        server, desks, Console(ready.contest_id, chief, supervisor), seats, measured_s
                    )
                finally:
                    await chief.close()
                    await supervisor.close()
            assert "Traceback" not in server.log(), server.log()[-3000:]
            return measured


async def _contest(services: Services, seats: int) -> str:
    paper_id = await services.papers.add_paper(services.modules["chat_sim"], paper(CUSTOMERS), "contest")
    return await prepare(services, seats, [paper_id])


async def _run(server: ServerProcess, desks: Desks, console: Console, seats: int, measured_s: float) -> Measured:
    await _until(desks, lambda report: report["seated"] == seats)
    await console.order("arm")
    await _until(desks, lambda report: report["pages"] == {"armed": seats})
    await asyncio.sleep(5)  # the rules are acknowledged within 3 s
    desks.say("begin")
    began_ms, used_s = monotonic_ms(), cpu_of(server.pid)
    await console.order("start")
    await asyncio.sleep(measured_s)
    report = await to_thread.run_sync(desks.report)
    measured = Measured(
        seats, report, (monotonic_ms() - began_ms) / 1000, cpu_of(server.pid) - used_s, rss_of(server.pid)
    )
    note(f"{seats} seats: {[(figure.name, figure.value) for figure in measured.figures({})]}")
    return measured


async def _until(desks: Desks, ask: Callable[[dict[str, Any]], bool]) -> None:
    deadline = time.monotonic() + COMING_S
    while not ask(report := await to_thread.run_sync(desks.report)):
        if time.monotonic() > deadline:
            raise TimeoutError(f"the robots do not get on: {report}")
        await asyncio.sleep(0.5)
