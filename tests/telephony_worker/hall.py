"""A call between connections of the test's own, on its clock: no network, no time."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from server.core.media import CallPlan, MediaReport
from server.speech.rtp_journal import journal_path, packets
from telephony.worker.call import Call
from telephony.worker.clock import WorkerClock
from telephony.worker.journals import JournalWriter
from telephony.worker.rtp import SILENCE, Arrived, parse
from telephony.worker.wires import BadOffer, OnPacket, OnState
from tests.telephony_worker.sounds import speech

SECOND = 1_000_000_000
LINE = speech(5, 1)


class FakeWire:
    """A connection that the test is the browser of."""

    def __init__(self, hall: "Hall", on_packet: OnPacket, on_state: OnState, tracks: int) -> None:
        self.last_heard_ns = 0
        self.packets_lost = 0
        self.up = False
        self.payload_type = 111
        self.closed = False
        self.tracks = tracks
        self.got: list[tuple[int, bytes]] = []
        self._hall = hall
        self._on_packet = on_packet
        self._on_state = on_state
        self._sequence = 0

    def ssrc(self, track: int = 0) -> int:
        return 100 + track

    async def answer(self, offer: str) -> str:
        if offer == "slow":
            await self._hall.slow.wait()
        if offer == "bad":
            raise BadOffer(offer)
        return "v=0" if offer == "nowhere" else "a=candidate:1"

    def send(self, packet: bytes, track: int = 0) -> bool:
        arrived = parse(packet, 0)
        assert arrived is not None
        assert arrived.ssrc == 100 + track
        self.got.append((track, arrived.payload))
        return True

    async def close(self) -> None:
        self.closed = True
        self.set("down")

    def set(self, state: Any) -> None:
        self.up = state == "up"
        self.last_heard_ns = self._hall.now_ns
        self._on_state(state)

    def say(self, payload: bytes, level: int = 20) -> None:
        self.last_heard_ns = self._hall.now_ns
        self._sequence += 1
        self._on_packet(Arrived(111, False, self._sequence, self._sequence * 960, 7, level, payload))

    def sound(self, track: int = 0) -> list[bytes]:
        return [payload for each, payload in self.got if each == track and payload != SILENCE]


class Hall:
    """A call, its clock, its wires in the order of their offers, and what it reported."""

    def __init__(self, root: Path, **plan: Any) -> None:
        self.now_ns = 1_000 * SECOND
        self.wires: list[FakeWire] = []
        self.told: list[MediaReport] = []
        self.root = root
        self.slow = asyncio.Event()
        """Set, it lets the answers to slow offers out."""
        self.clock = WorkerClock(lambda: self.now_ns, lambda: self.now_ns)
        self.writer = JournalWriter(root, "w1", failed, flush_s=0.001)
        self.call = Call(
            "a1",
            CallPlan.model_validate({"call_id": "in.1", "speech_due": False} | plan),
            self.clock,
            self.writer,
            lambda play: LINE,
            self.make_wire,
            lambda attempt, call, report: self.told.append(report),
        )

    def make_wire(self, on_packet: OnPacket, on_state: OnState, tracks: int) -> FakeWire:
        self.wires.append(FakeWire(self, on_packet, on_state, tracks))
        return self.wires[-1]

    def plan(self, **plan: Any) -> None:
        self.call.perform(CallPlan.model_validate({"call_id": "in.1", "speech_due": False} | plan))

    async def seat(self, number: int = 1, leg: Any = "seat") -> FakeWire:
        await self.call.offer(leg, number, "offer")
        self.wires[-1].set("up")
        return self.wires[-1]

    def go(self, ms: int, *says: FakeWire, payload: bytes = b"\xf8x", level: int = 20) -> None:
        for _ in range(ms // 20):
            self.now_ns += 20_000_000
            for wire in says:
                wire.say(payload, level)
            self.call.tick(self.now_ns)

    def legs(self) -> list[MediaReport]:
        return [each for each in self.told if each.type in ("leg_up", "leg_down")]

    def journal(self, leg: str, number: int = 1) -> list[bytes]:
        return [each.payload for each in packets(journal_path(self.root, "a1", "in.1", leg, number, "w1"))]


def failed(reason: object) -> None:
    """What must not happen has happened."""
    pytest.fail(str(reason))


def play_of(work: Callable[[], Awaitable[None]]) -> None:
    """Run it, but not for ever."""

    async def limited() -> None:
        async with asyncio.timeout(60):
            await work()

    asyncio.run(limited())


async def until(holds: Callable[[], bool]) -> None:
    """Until something holds that a thread or a task works at."""
    for _ in range(1_000_000):
        if holds():
            return
        await asyncio.sleep(0)
    raise AssertionError("it never came to hold")
