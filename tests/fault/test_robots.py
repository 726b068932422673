"""Robots take a contest over TLS from the bind to the receipt, and end with whoever started them."""

import asyncio
import os
import re
import ssl
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from anyio import to_thread

from server.app import build
from server.core.access import Role
from server.robots.contest import prepare
from server.robots.machine import Machine
from server.robots.process import RobotsProcess
from server.settings import DataFolder
from server.web.context import COOKIE
from tests.bench.hall import Console, Viewer
from tests.fault.audit import verify_log
from tests.fault.conftest import traces
from tests.support.papers import AUDIO, paper
from tests.support.process import ServerProcess, ccss, environment

pytestmark = pytest.mark.fault

ROBOTS = 3
LONG_S = 60


async def _furnished(folder: DataFolder) -> tuple[str, list[str]]:
    """A contest for robots, dictation and calls; its id, and the log-ins of chief referee and supervisor."""
    services = await build(folder)
    try:
        await services.blobs.put(AUDIO)
        await services.papers.add_paper(services.modules["typing_test"], paper(), "contest", None)
        contest_id = await prepare(services, ROBOTS)
        tokens = []
        for role in (Role.CHIEF_REFEREE, Role.SUPERVISOR):
            who = await services.accounts.create(f"test-{role}", f"测试{role}", role, None)
            tokens.append(await services.accounts.open_login(who))
        return contest_id, tokens
    finally:
        await services.database.close()


async def _until(crowd: RobotsProcess, ask: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    deadline = time.monotonic() + LONG_S
    while not ask(report := await to_thread.run_sync(crowd.report)):
        assert time.monotonic() < deadline, report
        await asyncio.sleep(0.1)
    return report


def _handed_in(robots: int) -> Callable[[dict[str, Any]], bool]:
    return lambda report: bool(report["handed_in"] == robots)


@pytest.mark.anyio
async def test_robots_take_every_stage(folder: DataFolder) -> None:
    contest_id, tokens = await _furnished(folder)
    with ServerProcess(folder, ["--tls-port", "0"]) as server:
        await to_thread.run_sync(server.start)
        certificate = folder.tls / "authority.pem"
        arguments: list[str | Path] = ["--data", folder.root, "--url", server.secure_url, "--contest", contest_id]
        arguments += ["--certificate", certificate, "--pace", "0.02"]
        trust = ssl.create_default_context(cafile=certificate)
        chief, supervisor = (Machine(server.secure_url, trust, {COOKIE: token}) for token in tokens)
        console = Console(contest_id, chief, supervisor)
        with RobotsProcess(arguments, reports=True) as crowd:
            await _until(crowd, lambda report: report["seated"] == ROBOTS)
            for stage in range(2):
                async with Viewer.watching(chief, contest_id, await console.stage_id(stage)) as viewer:
                    await console.order("arm", stage)
                    await _until(crowd, lambda report: report["pages"] == {"armed": ROBOTS})
                    await console.order("start", stage)
                    done = ROBOTS * (stage + 1)
                    report = await _until(crowd, _handed_in(done))
                    assert len(report["opened"]) == done
                    assert (report["refused"], report["troubles"], report["queued"]) == ({}, {}, 0)
                    assert report["loaded_bytes"] >= ROBOTS * len(AUDIO)
                    assert len(viewer.ages_ms) > 2
            assert report["acks"] > ROBOTS * 2 * 100
        await chief.close()
        await supervisor.close()
        log = server.log()
    assert not traces(log), log
    assert (await verify_log(folder))["faults"] == []


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="children are looked up in /proc")
def test_the_demos_robots_end_with_it_even_if_it_is_killed(tmp_path: Path) -> None:
    command = [ccss(), "demo", "--data", str(tmp_path / "demo"), "--port", "0", "--tls-port", "0", "--robots", "2"]
    command.append("--no-media")  # whose workers outlive a killed server
    with (tmp_path / "stderr").open("wb") as log:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, env=environment())
    assert process.stdout is not None
    try:
        secure_url, url = process.stdout.readline().split()[-2:]
        assert url.startswith("http://")
        assert secure_url.startswith("https://")
        (child,) = _children(process.pid)
        assert "robots" in Path(f"/proc/{child}/cmdline").read_text(encoding="utf-8").split("\0")
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
    deadline = time.monotonic() + LONG_S
    while _alive(child):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert not traces((tmp_path / "stderr").read_text(encoding="utf-8"))


def _alive(pid: int) -> bool:
    """Whether a process does more than wait for its parent's notice."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except OSError:
        return False
    return "State:\tZ" not in status


def _children(pid: int) -> list[int]:
    """Processes that this one has started."""
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                status = Path(f"/proc/{entry}/status").read_text(encoding="utf-8")
            except OSError:
                continue
            if (parent := re.search(r"^PPid:\s+(\d+)$", status, re.MULTILINE)) and int(parent[1]) == pid:
                found.append(int(entry))
    return found
