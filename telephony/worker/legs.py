"""The browsers of a call: connections of its two legs, those who listen in, and what is fed to each."""

from dataclasses import dataclass, field

from server.core.media import Leg
from telephony.worker.rtp import SILENCE, TICK_SAMPLES, Arrived
from telephony.worker.streams import OutStream
from telephony.worker.wires import AnyWire

IDLE_NS = 100_000_000
"""After so long without somebody's packets their stream goes on with silence."""


class Feed:
    """One track towards one browser."""

    def __init__(self, wire: AnyWire, track: int = 0) -> None:
        self._wire = wire
        self._track = track
        self._stream: OutStream | None = None
        self._silent = False

    @property
    def stream(self) -> OutStream:
        """Its time base; only once the connection is negotiated."""
        if self._stream is None:
            self._stream = OutStream(self._wire.ssrc(self._track), self._wire.payload_type)
        return self._stream

    def own(self, payload: bytes, samples: int, now_ns: int) -> None:
        """A packet of a line, or silence."""
        if self._wire.up:
            self._wire.send(self.stream.own(payload, samples, now_ns), self._track)

    def forward(self, arrived: Arrived, now_ns: int) -> None:
        """Somebody's packet."""
        if self._wire.up:
            self._wire.send(self.stream.forward(arrived, now_ns), self._track)

    def idle(self, now_ns: int) -> None:
        """A tick in which somebody may have sent nothing: silence after a while, so that the time base goes on."""
        if self._wire.up and (self._silent or now_ns - self.stream.last_ns >= IDLE_NS):
            self._silent = True
            self.own(SILENCE, TICK_SAMPLES, now_ns)

    def alive(self) -> None:
        """Somebody's packets come again."""
        self._silent = False


@dataclass(eq=False)
class Connection:
    """One media connection of a leg."""

    leg: Leg
    number: int
    offered_ns: int
    wire: AnyWire = field(init=False)
    feed: Feed = field(init=False)
    quiet: bool = False
    """The network has been silent for so long that the leg counts as down; it may come back."""
    packet_ns: int = 0
    """When sound last came."""

    @property
    def up(self) -> bool:
        """Whether sound passes."""
        return self.wire.up and not self.quiet


@dataclass(eq=False)
class Listener:
    """Somebody who listens in: the agent on the first track, the customer on the second."""

    wire: AnyWire
    offered_ns: int

    def __post_init__(self) -> None:
        self.agent = Feed(self.wire, 0)
        self.customer = Feed(self.wire, 1)
