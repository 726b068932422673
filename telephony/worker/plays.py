"""What the other side of a call says: recordings one after another, packet by packet, in ticks of 20 ms."""

from collections.abc import Callable, Sequence

from server.core.media import Play, PlayBegan, PlayEnded
from telephony.worker.rtp import CLOCK_RATE, TICK_SAMPLES, opus_samples

Sounds = Callable[[Play], Sequence[bytes] | None]
"""The packets of a play; None while they are being read, none where they can't be."""


class PlayQueue:
    """The plays of one call. A play begins only while somebody is connected, and never twice."""

    def __init__(self) -> None:
        self._plays: tuple[Play, ...] = ()
        self._done = 0
        self._on: Play | None = None
        self._packets: Sequence[bytes] = ()
        self._index = 0
        self._sent = 0
        """Samples that have been handed out, and in `_gone` those whose time has passed."""
        self._gone = 0
        self._heard = True

    @property
    def playing(self) -> bool:
        """Whether a play has begun and not ended."""
        return self._on is not None

    @property
    def inside_packet(self) -> bool:
        """Whether a packet longer than a tick, or the rest of a sound that can't be read, is still being said."""
        return self._on is not None and bool(self._packets) and self._sent >= self._gone

    @property
    def next(self) -> Play | None:
        """The play that is on, or that comes next."""
        return self._on or next((each for each in self._plays if each.n > self._done), None)

    def plan(self, plays: Sequence[Play], played: int) -> list[PlayEnded]:
        """What is to be said, and up to where it has been; a play that is on and no longer wanted ends."""
        self._plays = tuple(sorted(plays, key=lambda each: each.n))
        self._done = max(self._done, played)
        if self._on is not None and (self._on.n <= self._done or self._on not in self._plays):
            return [self._end(heard=False)]
        return []

    def tick(
        self, sounds: Sounds, *, up: bool, held: bool, reached: bool
    ) -> tuple[list[tuple[bytes, int]], list[PlayBegan | PlayEnded]]:
        """Packets that go out in this tick with their samples, and what there is to report.

        `up`: somebody is connected; `held`: nothing is said; `reached`: the network has not been silent of late.
        """
        told: list[PlayBegan | PlayEnded] = []
        if self._on is not None and not up:
            told.append(self._end(heard=False))
        if self._on is not None and self._index >= len(self._packets) and self._gone >= self._sent:
            told.append(self._end(heard=self._heard and reached))
        if held or not up:
            return [], told
        if self._on is None and not self._begin(sounds, told):
            return [], told
        self._heard &= reached
        self._gone += TICK_SAMPLES
        out: list[tuple[bytes, int]] = []
        while self._index < len(self._packets) and self._sent < self._gone:
            payload = self._packets[self._index]
            samples = opus_samples(payload)
            out.append((payload, samples))
            self._sent += samples
            self._index += 1
        return out, told

    def _begin(self, sounds: Sounds, told: list[PlayBegan | PlayEnded]) -> bool:
        play = self.next
        packets = sounds(play) if play is not None else None
        if play is None or packets is None:
            return False
        self._on, self._packets = play, packets
        self._index = self._gone = 0
        # What can't be read lasts as long as it should have, so that it isn't asked for again without end.
        self._sent = 0 if packets else play.duration_ms * CLOCK_RATE // 1000
        self._heard = bool(packets)
        told.append(PlayBegan(n=play.n))
        return True

    def _end(self, *, heard: bool) -> PlayEnded:
        assert self._on is not None
        ended = PlayEnded(n=self._on.n, heard=heard)
        self._done = max(self._done, self._on.n)
        self._on, self._packets = None, ()
        return ended
