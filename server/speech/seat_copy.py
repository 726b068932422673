"""What a page recorded with MediaRecorder (WebM), taken apart without decoding; also when chunks of it are missing.

Its chunks are one file cut anywhere: a header, then clusters of blocks. Behind a hole the parser looks for the next
cluster, or for the next block that can be one; when the cluster's own time lies in the hole, it is taken from the
chunk's number, and from the next cluster if one follows. Matroska (RFC 9559), EBML (RFC 8794).
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from statistics import median

from server.speech import opus
from server.speech.engines import Samples
from server.speech.opus import RATE, SLOT

CHUNK_MS = 1_000
"""What a chunk holds unless its neighbours say otherwise."""
_CLUSTER, _SIMPLE_BLOCK, _BLOCK = 0x1F43B675, 0xA3, 0xA1
_OPEN = frozenset({0x18538067, _CLUSTER, 0x1549A966, 0x1654AE6B, 0xAE, 0xE1, 0xA0})
"""Segment, Cluster, Info, Tracks, TrackEntry, Audio, BlockGroup: what lies in them is read as if it lay beside them."""
_MOST_BLOCK = 400_000
_RATES = (8_000.0, 192_000.0)
"""What sound is sampled with; another number would make an hour of a second."""
_SAME_MS = 2_500
"""A block that lies nearer to where its chunk should begin is still of the cluster before the hole."""
_BREAK_MS = 40
"""A later block than this, against where the last one ended, lies behind a break."""


@dataclass(slots=True)
class Block:
    """A block: its time in ms from the recorder's begin, and what it holds."""

    ms: float
    data: bytes
    chunk: int
    guessed: bool = False
    """The time comes from the chunk's number."""


@dataclass(slots=True)
class Copy:
    """A seat's copy: blocks in order of time."""

    codec: str = ""
    rate: float = 48_000.0
    channels: int = 1
    bits: int = 32
    blocks: list[Block] = field(default_factory=list)


@dataclass(slots=True)
class _Cluster:
    """The cluster that a parser stands in; `base` None where its own time was not seen."""

    base: float | None = None
    last_rel: float = -1.0
    guessed: bool = False


def read(chunks: Mapping[int, Path]) -> Copy:
    """Everything that these chunks hold; nothing if they hold nothing. Raises OSError."""
    copy = Copy()
    cluster = _Cluster()
    scale = [1.0]
    for numbers in _runs(sorted(chunks)):
        pieces = [chunks[number].read_bytes() for number in numbers]
        _Run(copy, cluster, scale, numbers, pieces).parse()
    copy.blocks.sort(key=lambda block: block.ms)
    return copy


def slots(copy: Copy) -> dict[int, bytes]:
    """The copy as packets of 20 ms by slot from the recorder's begin; what can't be cut so is encoded anew.

    Blocks follow one another without a hole as long as their times say nearly so: their clock is the page's.
    """
    found: dict[int, bytes] = {}
    odd: list[tuple[int, bytes, int]] = []
    pcm: list[tuple[int, Samples]] = []
    end_ms: float | None = None
    place = 0
    for block in copy.blocks:
        if end_ms is None or block.ms - end_ms > _BREAK_MS:
            place = round(block.ms / 20) * SLOT
            end_ms = block.ms
        if copy.codec.startswith("A_PCM"):
            samples = _samples(copy, block.data)
            pcm.append((place, samples))
            length = len(samples)
        else:
            try:
                length = opus.parse(block.data).samples
                pieces = opus.slots(block.data) if place % SLOT == 0 else None
            except opus.NoOpus:
                continue
            if pieces is None:
                odd.append((place, block.data, length))
            else:
                found |= {place // SLOT + number: piece for number, piece in enumerate(pieces)}
        place += length
        end_ms += length / 48
    if odd or pcm:
        from server.speech import codec

        sound = codec.decoded([(at, data) for at, data, _ in odd], [size for _, _, size in odd]) if odd else iter(pcm)
        found = codec.recoded(sound) | found
    return found


def _samples(copy: Copy, data: bytes) -> Samples:
    """PCM as mono samples of 48 kHz."""
    import numpy as np

    flat: Samples
    if copy.bits == 32:
        flat = np.frombuffer(data[: len(data) // 4 * 4], dtype="<f4").astype(np.float32)
    else:
        flat = np.frombuffer(data[: len(data) // 2 * 2], dtype="<i2").astype(np.float32) / np.float32(32768)
    mono = flat[: len(flat) // copy.channels * copy.channels].reshape(-1, copy.channels).mean(axis=1)
    if copy.rate == RATE:
        return np.asarray(mono, dtype=np.float32)
    places = np.arange(round(len(mono) * RATE / copy.rate)) * copy.rate / RATE
    return np.asarray(np.interp(places, np.arange(len(mono)), mono), dtype=np.float32)


def _runs(numbers: Sequence[int]) -> Iterator[list[int]]:
    run: list[int] = []
    for number in numbers:
        if run and number != run[-1] + 1:
            yield run
            run = []
        run.append(number)
    if run:
        yield run


class _Run:
    """Chunks without a hole between them."""

    def __init__(
        self, copy: Copy, cluster: _Cluster, scale: list[float], numbers: Sequence[int], pieces: Sequence[bytes]
    ) -> None:
        self._copy, self._cluster, self._scale = copy, cluster, scale
        self._numbers = numbers
        self._data = b"".join(pieces)
        self._starts = [0]
        for piece in pieces:
            self._starts.append(self._starts[-1] + len(piece))
        self._torn = numbers[0] != 0
        self._mine: list[Block] = []

    def parse(self) -> None:
        """Put the run's blocks into the copy."""
        at = self._resynced(0) if self._torn else 0
        while at is not None and at < len(self._data):
            after = self._element(at)
            at = self._resynced(at + 1) if after is None else after
        self._mend()
        self._copy.blocks += self._mine

    def _element(self, at: int) -> int | None:
        """Read what stands here; where the next one stands, or None if this is none."""
        found = _header(self._data, at)
        if found is None:
            return None
        id_, size, body = found
        if id_ == _CLUSTER:
            self._cluster.base, self._cluster.last_rel, self._cluster.guessed = None, -1.0, False
            self._torn = False
        if id_ in _OPEN:
            return body
        if size is None:
            return None
        end = body + size
        if end > len(self._data):
            return len(self._data) if id_ in (_SIMPLE_BLOCK, _BLOCK) and size < _MOST_BLOCK else None
        self._leaf(id_, self._data[body:end], at)
        return end

    def _leaf(self, id_: int, body: bytes, at: int) -> None:
        copy = self._copy
        match id_:
            case 0xE7:  # Timecode of the cluster
                self._cluster.base = int.from_bytes(body, "big") * self._scale[0]
            case 0x2AD7B1:  # TimecodeScale, ns
                self._scale[0] = int.from_bytes(body, "big") / 1_000_000
            case 0x86:  # CodecID
                copy.codec = body.rstrip(b"\0").decode("ascii", "replace")
            case 0xB5 if len(body) in (4, 8):  # SamplingFrequency
                rate = struct.unpack(">f" if len(body) == 4 else ">d", body)[0]
                copy.rate = rate if _RATES[0] <= rate <= _RATES[1] else 48_000.0
            case 0x9F:  # Channels
                copy.channels = int.from_bytes(body, "big") or 1
            case 0x6264:  # BitDepth
                copy.bits = int.from_bytes(body, "big") or 32
            case 0xA3 | 0xA1 if len(body) > 4:
                self._block(body, at)

    def _block(self, body: bytes, at: int) -> None:
        rel = struct.unpack(">h", body[1:3])[0] * self._scale[0]
        chunk = self._chunk(at)
        cluster = self._cluster
        if self._torn:
            expected = self._expected(chunk)
            base = cluster.base
            if base is None or rel <= cluster.last_rel or abs(base + rel - expected) > _SAME_MS:
                cluster.base, cluster.guessed = expected - rel, True
            self._torn = False
        elif cluster.base is None:
            cluster.base, cluster.guessed = self._expected(chunk) - rel, True
        cluster.last_rel = rel
        assert cluster.base is not None
        self._mine.append(Block(cluster.base + rel, body[4:], chunk, cluster.guessed))

    def _expected(self, chunk: int) -> float:
        """When a chunk should begin, by those before it."""
        firsts: dict[int, float] = {}
        for block in (*self._copy.blocks, *self._mine):
            if not block.guessed:
                firsts.setdefault(block.chunk, block.ms)
        known = sorted(firsts.items())
        steps = [later[1] - one[1] for one, later in pairwise(known) if later[0] == one[0] + 1]
        step = median(steps) if steps else CHUNK_MS
        return known[-1][1] + (chunk - known[-1][0]) * step if known else chunk * step

    def _mend(self) -> None:
        """Blocks with guessed times end where the first one with a time of its own begins."""
        for number, block in enumerate(self._mine):
            if block.guessed or number == 0 or not self._mine[number - 1].guessed:
                continue
            last = self._mine[number - 1]
            shift = block.ms - (last.ms + _length_ms(self._copy, last.data))
            for guessed in self._mine[:number]:
                if guessed.guessed:
                    guessed.ms += shift
                    guessed.guessed = False
            return

    def _resynced(self, at: int) -> int | None:
        """The next place at which a cluster or a block begins."""
        mark = _CLUSTER.to_bytes(4, "big")
        while at < len(self._data):
            block = self._data.find(bytes((_SIMPLE_BLOCK,)), at)
            cluster = self._data.find(mark, at)
            if cluster >= 0 and (block < 0 or cluster < block):
                return cluster
            if block < 0:
                return None
            if self._may_be_block(block):
                self._torn = True
                return block
            at = block + 1
        return None

    def _may_be_block(self, at: int) -> bool:
        found = _header(self._data, at)
        if found is None or found[1] is None or not 4 < found[1] < _MOST_BLOCK:
            return False
        _, size, body = found
        assert size is not None
        end = body + size
        if end > len(self._data) or self._data[body] != 0x81 or self._data[body + 3] & 0x7F:
            return False
        if end < len(self._data):
            after = _header(self._data, end)
            if after is None or after[0] not in (_SIMPLE_BLOCK, _CLUSTER, 0xA0, 0xEC):
                return False
        if self._copy.codec in ("", "A_OPUS"):
            try:
                opus.parse(self._data[body + 4 : end])
            except opus.NoOpus:
                return False
        return True

    def _chunk(self, at: int) -> int:
        return self._numbers[min(bisect_right(self._starts, at), len(self._numbers)) - 1]


def _header(data: bytes, at: int) -> tuple[int, int | None, int] | None:
    """Id, size (None for unknown) and where the body begins; None where no element stands whole."""
    id_ = _vint(data, at, 4, keep=True)
    if id_ is None:
        return None
    size = _vint(data, at + id_[1], 8, keep=False)
    if size is None:
        return None
    unknown = size[0] == (1 << (7 * size[1])) - 1
    return id_[0], None if unknown else size[0], at + id_[1] + size[1]


def _vint(data: bytes, at: int, most: int, *, keep: bool) -> tuple[int, int] | None:
    """A number of EBML and how many bytes it takes; `keep` leaves the marker in, as ids have it."""
    if at >= len(data) or not data[at]:
        return None
    length = 9 - data[at].bit_length()
    if length > most or at + length > len(data):
        return None
    value = int.from_bytes(data[at : at + length], "big")
    return (value if keep else value & ((1 << (7 * length)) - 1)), length


def _length_ms(copy: Copy, data: bytes) -> float:
    if copy.codec.startswith("A_PCM"):
        return len(data) * 8_000 / (copy.bits * copy.channels * copy.rate)
    try:
        return opus.parse(data).samples / 48
    except opus.NoOpus:
        return 20.0
