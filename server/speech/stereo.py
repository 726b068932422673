"""Two sides and the seat's copies become one recording: what is kept, what stands in, what nobody has.

The worker's journal is authoritative; a copy fills the slots that it lacks. Where both are there and say different
things the journal stays, and the stretch is told. Slots of 20 ms; nothing is encoded anew.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from server.speech.opus import SILENCE

Kind = Literal["gap", "filled", "differs"]
SLOT_MS = 20
LEAD_MS = 3_000
"""A connection takes so long at most to come up: no gap before it."""
TAIL_MS = 1_000
LEAST_GAP_MS = 60
_JOIN_MS = {"gap": 0, "filled": 500, "differs": 1_000}


@dataclass(frozen=True, slots=True)
class Patch:
    """A stretch of the recording, ms from its begin; as `server.recordings.schemas.Stretch`."""

    from_ms: int
    to_ms: int
    kind: Kind


@dataclass(frozen=True, slots=True)
class Filling:
    """A seat's copy that was aligned: packets by slot of the copy, and how far each second of it is to be moved."""

    slots: Mapping[int, bytes]
    offsets: Sequence[int]
    differs: Sequence[int] = ()

    def by_call(self) -> dict[int, bytes]:
        """Packets by slot of the call; where a second moves on, the slot between is taken from its neighbour."""
        found: dict[int, bytes] = {}
        last = -1
        for slot in sorted(self.slots):
            second = min(slot // 50, len(self.offsets) - 1)
            at = slot + self.offsets[second]
            if 0 < at - last - 1 <= 2 and last >= 0 and slot - 1 in self.slots:
                for hole in range(last + 1, at):
                    found.setdefault(hole, self.slots[slot])
            found.setdefault(at, self.slots[slot])
            last = at
        return found


def merged(journal: Sequence[bytes | None], fillings: Sequence[Filling]) -> tuple[list[bytes], list[Patch]]:
    """The agent's side without a hole, and what is to be said about it."""
    out = list(journal)
    filled = [False] * len(out)
    for filling in fillings:
        for at, packet in filling.by_call().items():
            if 0 <= at < len(out) and out[at] is None:
                out[at], filled[at] = packet, True
    patches = _patches([packet is None for packet in out], "gap")
    patches = [patch for patch in patches if not _excused(patch, len(out) * SLOT_MS)]
    patches += _patches(filled, "filled")
    differs = [False] * len(out)
    for filling in fillings:
        for begin in filling.differs:
            differs[begin : begin + 50] = [True] * len(differs[begin : begin + 50])
    patches += _patches(differs, "differs")
    return whole(out), sorted(patches, key=lambda patch: (patch.from_ms, patch.kind))


def whole(slots: Sequence[bytes | None]) -> list[bytes]:
    """Silence where nothing is."""
    return [SILENCE if packet is None else packet for packet in slots]


def _excused(patch: Patch, length_ms: int) -> bool:
    """Nobody can have anything before the connection, nor behind the last packet."""
    least = LEAST_GAP_MS
    if patch.from_ms == 0:
        least = LEAD_MS
    elif patch.to_ms >= length_ms:
        least = TAIL_MS
    return patch.to_ms - patch.from_ms < least


def _patches(marked: Sequence[bool], kind: Kind) -> list[Patch]:
    found: list[Patch] = []
    for first, end in _spans(marked):
        from_ms, to_ms = first * SLOT_MS, end * SLOT_MS
        if found and from_ms - found[-1].to_ms < _JOIN_MS[kind]:
            found[-1] = Patch(found[-1].from_ms, to_ms, kind)
        else:
            found.append(Patch(from_ms, to_ms, kind))
    return found


def _spans(marked: Sequence[bool]) -> Iterator[tuple[int, int]]:
    first: int | None = None
    for at, mark in enumerate(marked):
        if mark and first is None:
            first = at
        elif not mark and first is not None:
            yield first, at
            first = None
    if first is not None:
        yield first, len(marked)
