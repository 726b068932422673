"""Callers for a load on a media server, in a process of their own: `python -m tests.bench.voice_load` (see `voice`).

Each speaks 50 packets a second all the time and notes what it hears. Prints one JSON object: CPU time of the process
under load while every caller was up, setup times, and how many packets were sent and kept, both ways.
"""

import argparse
import asyncio
import json
import os
import sys
import time
from pathlib import Path
from typing import Any, Protocol

from server.core.media import Play
from server.speech.rtp_journal import journal_path, packets
from telephony.worker.rtc_inside import Wire, advertise
from telephony.worker.rtp import TICK_SAMPLES, Arrived, packet
from tests.bench.voice_janus import JanusTarget
from tests.telephony_worker.process import Place, Server, plan, play
from tests.telephony_worker.sounds import ogg_file, speech

SLOTS = 10
"""Callers are not in step: a tenth of them speaks every 2 ms."""
SPEAKER = speech(500, 1)
LEVEL = 20
UP_S = 20
LINE_S = 120
SETTLE_S = 3


class Target(Protocol):
    """What is put under load."""

    pid: int

    async def open(self, number: int, offer: str) -> str:
        """The answer for a caller."""
        ...

    async def close(self, callers: "list[Caller]") -> tuple[int, int]:
        """End all calls; packets that passed (sent by either side), and those that arrived and were kept."""
        ...


class Caller(Wire):
    """A connection that reads no more of a packet than its number."""

    def __init__(self) -> None:
        super().__init__(_nothing, self._on_change)
        self.heard: list[int] = []
        self.spoken: list[int] = []
        self.connected = asyncio.Event()
        self.sound = asyncio.Event()
        self._timestamp = 0

    def _decrypt(self, session: Any, data: bytes) -> None:
        self.last_heard_ns = 1
        self.heard.append(int.from_bytes(data[2:4]))
        self.sound.set()

    def _on_change(self, state: str) -> None:
        if state == "up":
            self.connected.set()

    def speak(self) -> None:
        """The next packet."""
        number = len(self.spoken) & 0xFFFF
        self._timestamp = (self._timestamp + TICK_SAMPLES) & 0xFFFFFFFF
        payload = SPEAKER[number % len(SPEAKER)]
        data = packet(
            self.payload_type, number, self._timestamp, self.ssrc(), payload, level_id=self.level_id, level=LEVEL
        )
        if self.send(data):
            self.spoken.append(number)


class Speaking:
    """The tickers of all callers."""

    def __init__(self) -> None:
        self.slots: list[list[Caller]] = [[] for _ in range(SLOTS)]
        self._loop = asyncio.get_running_loop()
        began = self._loop.time()
        self._on = True
        for slot in range(SLOTS):
            self._again(slot, began + slot * 0.02 / SLOTS)

    def stop(self) -> None:
        """Nobody speaks any more."""
        self._on = False

    def _again(self, slot: int, due_s: float) -> None:
        self._loop.call_at(due_s, self._tick, slot, due_s)

    def _tick(self, slot: int, due_s: float) -> None:
        if self._on:
            for caller in self.slots[slot]:
                caller.speak()
            self._again(slot, due_s + 0.02)


class WorkerTarget:
    """Our media worker: a call each, with a line that lasts as long as the load."""

    def __init__(self, server: Server, place: Place, journals: Path, folder: Path) -> None:
        self.pid = place.pid
        self._server = server
        self._place = place
        self._journals = journals
        self._file = ogg_file(folder / "line.opus", speech(LINE_S * 50, 2))
        self._play: Play | None = None

    async def open(self, number: int, offer: str) -> str:
        """A call and its seat."""
        if self._play is None:
            self._play = play(1, self._file, LINE_S * 50)
        attempt = f"attempt-{number}"
        self._server.perform(plan(self._play), files=(self._file,), attempt=attempt)
        answered = await self._server.offer(offer, attempt=attempt)
        if answered.fault:
            raise RuntimeError(answered.fault)
        self._server.frames.clear()
        return answered.sdp

    async def close(self, callers: list[Caller]) -> tuple[int, int]:
        """Compare what was said with what is in the journals, and what was played with what was heard."""
        for number in range(len(callers)):
            self._server.perform(attempt=f"attempt-{number}")
        self._server.retire()
        await self._server.hung_up()
        passed = kept = 0
        for number, caller in enumerate(callers):
            said = self._journalled(number, "agent")
            passed += len(caller.spoken)
            for packet_number, payload in said.items():
                kept += payload == SPEAKER[packet_number % len(SPEAKER)]
            played = self._journalled(number, "customer")
            passed += len(played)
            kept += len(played.keys() & set(caller.heard))
        return passed, kept

    def _journalled(self, number: int, leg: str) -> dict[int, bytes]:
        path = journal_path(self._journals, f"attempt-{number}", "in1.1", leg, 1, self._place.worker_id)
        return {each.sequence: each.payload for each in packets(path)}


def cpu_s(pid: int) -> float:
    """User and system time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def load(target: Target, calls: int, seconds: float) -> dict[str, Any]:
    """Connect one after another, wait, measure."""
    speaking = Speaking()
    callers: list[Caller] = []
    setups: list[float] = []
    try:
        for number in range(calls):
            setups.append(await _connect(target, number, callers, speaking))
    except (RuntimeError, TimeoutError) as fault:
        speaking.stop()
        await asyncio.gather(*(caller.close() for caller in callers), return_exceptions=True)
        return {"failed": f"call {len(callers)} of {calls}: {fault!r}"}
    await asyncio.sleep(SETTLE_S)
    began_s, began_cpu, own = time.monotonic(), cpu_s(target.pid), time.process_time()
    await asyncio.sleep(seconds)
    lasted = time.monotonic() - began_s
    used, own = cpu_s(target.pid) - began_cpu, time.process_time() - own
    speaking.stop()
    await asyncio.sleep(0.5)
    passed, kept = await target.close(callers)
    await asyncio.gather(*(caller.close() for caller in callers))
    return {
        "cpu_pct_per_call": round(100 * used / lasted / calls, 4),
        "generator_cpu_pct": round(100 * own / lasted, 1),
        "setup_ms": sorted(round(each, 1) for each in setups),
        "passed": passed,
        "kept": kept,
        "seconds": round(lasted, 1),
    }


async def _connect(target: Target, number: int, callers: list[Caller], speaking: Speaking) -> float:
    """One more caller, who speaks from then on; ms from the offer to the first sound."""
    began = time.monotonic()
    caller = Caller()
    callers.append(caller)
    await caller.accept(await target.open(number, await caller.offer()))
    async with asyncio.timeout(UP_S):
        await caller.connected.wait()
        speaking.slots[number % SLOTS].append(caller)
        await caller.sound.wait()
    return (time.monotonic() - began) * 1000


def _nothing(arrived: Arrived) -> None:
    """Never called."""


async def _run(arguments: argparse.Namespace) -> dict[str, Any]:
    advertise([arguments.address])
    if arguments.janus:
        async with JanusTarget.of(arguments.janus, arguments.pid) as janus:
            return await load(janus, arguments.calls, arguments.seconds)
    place = Place(**json.loads(arguments.worker.read_bytes()))
    server = Server(place)
    await server.join()
    target = WorkerTarget(server, place, arguments.journals, arguments.journals.parent)
    result = await load(target, arguments.calls, arguments.seconds)
    await server.close()
    return result


def main() -> int:
    """One load."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--calls", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--address", required=True)
    parser.add_argument("--worker", type=Path, help="the file by which the worker is joined")
    parser.add_argument("--journals", type=Path)
    parser.add_argument("--janus", help="address of its HTTP interface")
    parser.add_argument("--pid", type=int)
    factory = None
    if sys.platform != "win32":
        import uvloop

        factory = uvloop.Loop
    with asyncio.Runner(loop_factory=factory) as runner:
        sys.stdout.write(json.dumps(runner.run(_run(parser.parse_args()))) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
