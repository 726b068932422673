"""A browser for tests: offers, sends Opus with audio levels, and keeps what it got."""

import asyncio
import random
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from telephony.worker.ogg_packets import opus_packets
from telephony.worker.rtc_inside import Direction, Wire, advertise
from telephony.worker.rtp import SILENCE, TICK_MS, Arrived, opus_samples, packet

LOUD = 20
"""-dBov of somebody who speaks."""
QUIET = 90
UP_S = 20
"""A connection takes about 100 ms; a busy machine may need far more."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A packet that went out; `at_us` is the time of day."""

    at_us: int
    sequence: int
    timestamp: int
    payload: bytes


class Peer:
    """One media connection as a page makes it. `tracks` > 1 and `recvonly` for one who listens in.

    Offer, post, accept, wait until it is up:

        peer = Peer()
        await peer.accept(await post(await peer.offer()))
        await peer.up()
        await peer.speak(opus_file)
        await peer.close()
    """

    def __init__(self, tracks: int = 1, direction: Direction = "sendrecv") -> None:
        advertise(["127.0.0.1"])
        self.received: list[Arrived] = []
        self.received_at_us: list[int] = []
        self.sent: list[Sent] = []
        self.state: Literal["new", "up", "down"] = "new"
        self.cut = False
        """While True no packet is sent or kept; STUN still passes. See `unplug` for a network that is away."""
        self._unplugged: list[tuple[Any, Any, Any]] = []
        self._came = asyncio.Event()
        self._sequence = random.getrandbits(15)
        self._timestamp = random.getrandbits(31)
        self._wire = Wire(self._on_packet, self._on_state, tracks, direction)

    async def offer(self) -> str:
        """The SDP to post."""
        return await self._wire.offer()

    async def accept(self, answer: str) -> None:
        """The SDP that came back."""
        await self._wire.accept(answer)

    async def up(self) -> None:
        """Until packets can pass."""
        await self.until(lambda: self.state == "up")

    async def down(self) -> None:
        """Until the connection has ended."""
        await self.until(lambda: self.state == "down")

    async def until(self, holds: Callable[[], bool], timeout_s: float = UP_S) -> None:
        """Until something holds of what was received; raises TimeoutError."""
        async with asyncio.timeout(timeout_s):
            while not holds():
                await self._came.wait()

    async def heard(self, payloads: Iterable[bytes], timeout_s: float = UP_S) -> None:
        """Until these payloads have been received, one right after another."""
        wanted = tuple(payloads)
        await self.until(lambda: contains(self.payloads(), wanted), timeout_s)

    def send(self, payload: bytes = SILENCE, level: int = LOUD) -> None:
        """One packet now; `level` is -dBov, 255 leaves the header out."""
        self._sequence, sequence = (self._sequence + 1) & 0xFFFF, self._sequence
        self._timestamp, timestamp = (self._timestamp + opus_samples(payload)) & 0xFFFFFFFF, self._timestamp
        wire = self._wire
        data = packet(wire.payload_type, sequence, timestamp, wire.ssrc(), payload, level_id=wire.level_id, level=level)
        if not self.cut and wire.send(data):
            self.sent.append(Sent(time.time_ns() // 1000, sequence, timestamp, payload))

    async def speak(self, sound: Path | Iterable[bytes], level: int = LOUD) -> list[bytes]:
        """Send an Ogg Opus file, or packets, as fast as they would be spoken; returns the payloads."""
        payloads = packets_of(sound) if isinstance(sound, Path) else tuple(sound)
        loop = asyncio.get_running_loop()
        due = loop.time()
        for payload in payloads:
            self.send(payload, level)
            due += opus_samples(payload) / 48_000
            await asyncio.sleep(max(0.0, due - loop.time()))
        return list(payloads)

    async def be_silent(self, ms: int, level: int = QUIET) -> None:
        """Send silence for so long."""
        await self.speak([SILENCE] * (ms // TICK_MS), level)

    def unplug(self, away: bool) -> None:
        """The network is away, or back: nothing passes, not even STUN."""
        self.cut = away
        if away:
            for protocol in self._wire._ice._protocols:
                self._unplugged.append((protocol, protocol.transport, protocol.datagram_received))
                protocol.transport = _Nowhere(protocol.transport)
                protocol.datagram_received = _lost
        else:
            for protocol, transport, received in self._unplugged:
                protocol.transport, protocol.datagram_received = transport, received
            self._unplugged.clear()

    def payloads(self, ssrc: int | None = None, *, silence: bool = False) -> list[bytes]:
        """What was received, of one source or of all; frames of digital silence only if asked for."""
        return [
            each.payload
            for each in self.received
            if (ssrc is None or each.ssrc == ssrc) and (silence or each.payload != SILENCE)
        ]

    def tracks(self) -> list[int]:
        """The sources of the other side, in the order of the tracks."""
        return self._wire.remote_ssrcs()

    @property
    def packets_lost(self) -> int:
        """Packets that never came, by their sequence numbers."""
        return self._wire.packets_lost

    async def close(self) -> None:
        """Hang up, as a page does that is closed."""
        if self._unplugged:
            self.unplug(False)
        await self._wire.close()

    def _on_packet(self, arrived: Arrived) -> None:
        if not self.cut:
            self.received.append(arrived)
            self.received_at_us.append(time.time_ns() // 1000)
            self._wake()

    def _on_state(self, state: Literal["up", "down"]) -> None:
        self.state = state
        self._wake()

    def _wake(self) -> None:
        came, self._came = self._came, asyncio.Event()
        came.set()


class _Nowhere:
    """A network interface without a cable."""

    def __init__(self, transport: Any) -> None:
        self._transport = transport

    def close(self) -> None:
        """The socket is closed all the same."""
        self._transport.close()

    def sendto(self, data: bytes, address: Any) -> None:
        """Gone."""


def _lost(data: bytes, address: Any) -> None:
    """Gone."""


def packets_of(file: Path) -> tuple[bytes, ...]:
    """The Opus packets of an Ogg file."""
    return opus_packets(file.read_bytes())


def contains(whole: list[bytes], part: tuple[bytes, ...]) -> bool:
    """Whether `part` stands in `whole` without a gap."""
    if not part:
        return True
    return any(tuple(whole[i : i + len(part)]) == part for i, each in enumerate(whole) if each == part[0])
