"""Media workers under load: what a call costs, beside Janus in the same run, and how many calls one worker holds."""

import ipaddress
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ifaddr

from server.robots.statistics import percentile
from tests.bench.figures import Figure, note
from tests.bench.voice_janus import janus
from tests.support.process import environment
from tests.telephony_worker.process import WorkerProcess

CALLS, SECONDS = 50, 20.0
LADDER, LADDER_SECONDS = (150, 200, 265), 20.0
QUICK_CALLS, QUICK_SECONDS = 10, 5.0
KEPT_PCT = 99.9
SETUP_MS = 1000
LOAD_S = 600
"""Longest that one load may take, with all its setups."""


class LoadFailed(Exception):
    """Not every caller could be connected."""


def measure(quick: bool = False) -> list[Figure]:
    """The worker and Janus with 50 calls, then more and more calls on one worker."""
    calls, seconds = (QUICK_CALLS, QUICK_SECONDS) if quick else (CALLS, SECONDS)
    ours = _worker(calls, seconds)
    note(f"worker: {_told(ours)}")
    conditions = {"calls": calls, "seconds": ours["seconds"], "generator_cpu_pct": ours["generator_cpu_pct"]}
    figures = [Figure("voice.cpu_pct_per_call", ours["cpu_pct_per_call"], "%", "", conditions)]
    theirs = _janus(calls, seconds)
    if theirs is None:
        note("no janus on this machine: its figures are left out (apt-get install janus)")
    else:
        note(f"janus: {_told(theirs)}")
        same = conditions | {"kept_pct": _kept_pct(theirs), "generator_cpu_pct": theirs["generator_cpu_pct"]}
        figures.append(Figure("voice.janus_cpu_pct_per_call", theirs["cpu_pct_per_call"], "%", "", same))
        ratio = round(ours["cpu_pct_per_call"] / theirs["cpu_pct_per_call"], 2)
        figures.append(Figure("voice.janus_ratio", ratio, "times", "<= 1.5", conditions))
    setups = ours["setup_ms"]
    figures.append(
        Figure(
            "voice.call_setup_ms",
            percentile(setups, 0.99) or 0.0,
            "ms",
            f"<= {SETUP_MS}",
            conditions | {"of": "p99, from the offer to the first sound", "median_ms": percentile(setups, 0.5)},
        )
    )
    return figures if quick else [*figures, *_ladder()]


def _ladder() -> list[Figure]:
    held, kept = 0, 0.0
    steps: list[dict[str, Any]] = []
    for calls in LADDER:
        try:
            step = _worker(calls, LADDER_SECONDS)
        except LoadFailed as fault:
            note(f"{calls} calls on one worker: {fault}")
            steps.append({"calls": calls, "failed": str(fault)})
            break
        note(f"{calls} calls on one worker: {_told(step)}")
        pct = _kept_pct(step)
        steps.append({"calls": calls, "kept_pct": pct, "cpu_pct_per_call": step["cpu_pct_per_call"]})
        if not steps[:-1]:
            kept = pct
        if pct < KEPT_PCT:
            break
        held, kept = calls, pct
    conditions = {"steps": steps, "seconds": LADDER_SECONDS}
    return [
        Figure("voice.calls_one_worker", held, "calls", f">= {LADDER[0]}", conditions),
        Figure("voice.packets_kept_pct", kept, "%", f">= {KEPT_PCT}", conditions),
    ]


def _worker(calls: int, seconds: float) -> dict[str, Any]:
    address = _address()
    with tempfile.TemporaryDirectory(prefix="ccss-voice-") as made:
        folder = Path(made)
        worker = WorkerProcess(folder, "--address", address)
        try:
            worker.start()
            place = folder / "workers" / "0.json"
            target = ["--worker", str(place), "--journals", str(worker.journals)]
            return _load(calls, seconds, address, target)
        finally:
            worker.kill()


def _janus(calls: int, seconds: float) -> dict[str, Any] | None:
    address = _address()
    with tempfile.TemporaryDirectory(prefix="ccss-janus-") as made, janus(Path(made), address) as found:
        if found is None:
            return None
        url, pid = found
        result = _load(calls, seconds, address, ["--janus", url, "--pid", str(pid)])
        result["recordings"] = sum(each.stat().st_size > 0 for each in Path(made).glob("echo-*.mjr"))
        if result["recordings"] != calls:
            raise RuntimeError(f"Janus recorded {result['recordings']} of {calls} calls: that is no anchor")
        return result


def _load(calls: int, seconds: float, address: str, target: Sequence[str]) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.bench.voice_load", "--calls", str(calls), "--seconds", str(seconds)]
    command += ["--address", address, *target]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=LOAD_S, env=environment(), check=True)
    result: dict[str, Any] = json.loads(done.stdout)
    if "failed" in result:
        raise LoadFailed(result["failed"])
    return result


def _kept_pct(result: dict[str, Any]) -> float:
    return round(100 * result["kept"] / result["passed"], 4) if result["passed"] else 0.0


def _told(result: dict[str, Any]) -> str:
    setups = result["setup_ms"]
    return (
        f"{result['cpu_pct_per_call']} % of a core a call, {_kept_pct(result)} % of {result['passed']} packets kept, "
        f"setup median {percentile(setups, 0.5)} ms, p99 {percentile(setups, 0.99)} ms, "
        f"generator {result['generator_cpu_pct']} % of a core"
    )


def _address() -> str:
    """An address of this machine that Janus offers, too: it knows no loopback."""
    for adapter in ifaddr.get_adapters():
        for each in adapter.ips:
            if isinstance(each.ip, str) and not ipaddress.ip_address(each.ip).is_loopback:
                return each.ip
    return "127.0.0.1"
