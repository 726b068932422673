"""What a call needs of a connection, so that it can be tried without a network."""

from collections.abc import Callable
from typing import Literal, Protocol

from telephony.worker.rtp import Arrived

OnPacket = Callable[[Arrived], None]
OnState = Callable[[Literal["up", "down"]], None]


class AnyWire(Protocol):
    """A connection with one browser; see `rtc_inside.Wire`."""

    last_heard_ns: int

    @property
    def up(self) -> bool:
        """Whether packets can pass."""
        ...

    @property
    def payload_type(self) -> int:
        """What Opus is called on it."""
        ...

    @property
    def packets_lost(self) -> int:
        """Packets that never came."""
        ...

    def ssrc(self, track: int = 0) -> int:
        """The source that packets of a track must name."""
        ...

    async def answer(self, offer: str) -> str:
        """The answer to an offer; raises BadOffer."""
        ...

    def send(self, packet: bytes, track: int = 0) -> bool:
        """Send a packet now."""
        ...

    async def close(self) -> None:
        """End it."""
        ...


MakeWire = Callable[[OnPacket, OnState, int], AnyWire]
"""Makes a connection of so many tracks: one goes both ways, more only towards the browser."""


class BadOffer(Exception):
    """A description that can't be answered: not SDP, no Opus, or other tracks than are carried."""


class Refused(Exception):
    """Why an offer is not answered: no_call, sdp, late, no_address (of this machine) or retiring."""
