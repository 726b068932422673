"""RTP journals of one side of a call as slots of 20 ms from the call's begin; None where nothing is there.

A packet's place comes from its RTP timestamp; where a stretch of timestamps lies, from when its packets arrived, by
those that were least delayed. So jitter, reordering and duplicates change nothing, a gap stays a gap, and a source
that stood still (a machine that slept, a microphone that was swapped) goes on where it really did. RFC 3550 section
5.1, appendix A.1 (wrapping counters).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from server.speech import opus
from server.speech.opus import SLOT
from server.speech.rtp_journal import NO_LEVEL, Packet, packets

JUMP = 5 * opus.RATE
"""Samples by which timestamps and arrivals may drift apart between two packets, before a new stretch begins."""
_LAG_QUIET = 2 * SLOT
_LAG_ANYWHERE = 10 * SLOT
_QUIET_LEVEL = 50
"""-dBov; below it a few slots can be put in unheard."""


@dataclass(slots=True)
class Side:
    """One side of a call: packets by slot, and what was seen on the way."""

    slots: list[bytes | None]
    packets: int = 0
    duplicates: int = 0
    outside: int = 0
    """Before the call's begin or after its end."""
    broken: int = 0
    """No Opus."""
    odd: dict[int, tuple[bytes, int]] = field(default_factory=dict)
    """Packets that can't be cut into 20 ms, with their lengths, by the sample at which they lie."""

    @classmethod
    def empty(cls, count: int) -> "Side":
        """So many slots without anything."""
        return cls([None] * count)

    def put(self, at: int, data: bytes) -> None:
        """A packet that begins at a sample; whatever is there already stays."""
        try:
            pieces = opus.slots(data)
            length = 0 if pieces else opus.parse(data).samples
        except opus.NoOpus:
            self.broken += 1
            return
        if pieces is None:
            self.odd.setdefault(at, (data, length))
            return
        first = round(at / SLOT)
        for number, piece in enumerate(pieces, first):
            self.put_slot(number, piece)

    def put_slot(self, number: int, packet: bytes) -> None:
        """A packet of 20 ms in its slot."""
        if not 0 <= number < len(self.slots):
            self.outside += 1
        elif self.slots[number] is not None:
            self.duplicates += 1
        else:
            self.slots[number] = packet

    def recode(self) -> None:
        """Encode what could not be cut anew; costs time, and happens for unusual senders only. Needs av."""
        if not self.odd:
            return
        from server.speech import codec

        places = sorted(self.odd)
        lengths = [self.odd[at][1] for at in places]
        made = codec.recoded(codec.decoded(((at, self.odd[at][0]) for at in places), lengths))
        self.odd.clear()
        for number, packet in made.items():
            self.put_slot(number, packet)


def side(journals: Iterable[Path], begin_us: int, count: int) -> Side:
    """Journals of one side (`agent`, `customer`), of all its connections, on the `count` slots from `begin_us` on.

    `begin_us` is UTC epoch µs. A file that is no journal is passed over: the others must not be lost by it.
    """
    found = Side.empty(count)
    for path in journals:
        try:
            for stretch in stretches(packets(path)):
                place(stretch, begin_us, found)
        except (ValueError, OSError):
            found.broken += 1
    found.recode()
    return found


@dataclass(slots=True)
class _Seen:
    """A packet with its unwrapped timestamp."""

    at: int
    """Arrival in samples."""
    timestamp: int
    packet: Packet


def stretches(arrived: Iterable[Packet]) -> Iterator[Sequence[_Seen]]:
    """Packets of one source whose timestamps hang together; in the order of arrival."""
    open_: dict[int, list[_Seen]] = {}
    for packet in arrived:
        at = packet.at_us * 6 // 125
        known = open_.get(packet.ssrc)
        timestamp = packet.timestamp
        if known is not None:
            last = known[-1]
            timestamp = last.timestamp + _signed(packet.timestamp - last.timestamp)
            if abs((timestamp - last.timestamp) - (at - last.at)) > JUMP:
                yield known
                known = None
                timestamp = packet.timestamp
        if known is None:
            known = open_[packet.ssrc] = []
        known.append(_Seen(at, timestamp, packet))
    yield from open_.values()


def place(stretch: Sequence[_Seen], begin_us: int, found: Side) -> None:
    """Put a stretch into its slots."""
    seen = sorted(stretch, key=lambda one: (one.timestamp, one.at))
    least = [0] * len(seen)
    lowest = seen[-1].at - seen[-1].timestamp
    for number in range(len(seen) - 1, -1, -1):
        lowest = min(lowest, seen[number].at - seen[number].timestamp)
        least[number] = lowest
    begin = begin_us * 6 // 125
    offset = _anchored(seen[0].timestamp, least[0] - begin)
    base = least[0]
    before: int | None = None
    for number, one in enumerate(seen):
        found.packets += 1
        if one.timestamp == before:
            found.duplicates += 1
            continue
        lag = least[number] - base
        broken_off = before is None or one.timestamp - before > 2 * SLOT
        if lag >= _LAG_ANYWHERE or (lag >= _LAG_QUIET and (broken_off or _quiet(one.packet))):
            steps = lag // SLOT * SLOT
            offset += steps
            base += steps
        before = one.timestamp
        found.put(one.timestamp + offset, one.packet.payload)


def _anchored(timestamp: int, offset: int) -> int:
    """The offset at which a timestamp falls on a slot."""
    return round((timestamp + offset) / SLOT) * SLOT - timestamp


def _quiet(packet: Packet) -> bool:
    return packet.level != NO_LEVEL and packet.level >= _QUIET_LEVEL


def _signed(difference: int) -> int:
    """The nearest way round a counter of 32 bits."""
    return (difference + 2**31) % 2**32 - 2**31
