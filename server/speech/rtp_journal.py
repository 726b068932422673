"""RTP journal: what arrived, or went out, on one leg of a call; append-only, readable up to where a writer died.

A file is the magic, then records of a fixed head and the Opus payload. Times are UTC epoch µs by the server's clock,
`timestamp` and `sequence` those of the RTP packet (RFC 3550 section 5.1, 48 kHz), `level` the RFC 6464 audio level
as it stands in the packet (0 to 127 -dBov, the voice flag dropped; 255 if there was none).
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

MAGIC = b"CCSSRTP1"
NO_LEVEL = 255
_HEAD = struct.Struct("<QIIHBHI")
"""Time, timestamp, SSRC, sequence, level, length, CRC-32 of head (without it) and payload."""
_SAID = struct.Struct("<QIIHBH")


@dataclass(frozen=True, slots=True)
class Packet:
    """One RTP packet of Opus."""

    at_us: int
    timestamp: int
    ssrc: int
    sequence: int
    level: int
    payload: bytes


def record(packet: Packet) -> bytes:
    """A packet as bytes of the journal."""
    said = _SAID.pack(packet.at_us, packet.timestamp, packet.ssrc, packet.sequence, packet.level, len(packet.payload))
    return said + struct.pack("<I", zlib.crc32(packet.payload, zlib.crc32(said))) + packet.payload


def packets(path: Path) -> Iterator[Packet]:
    """The packets of a journal, up to the first record that is not whole. Raises ValueError for another file."""
    with path.open("rb") as file:
        if file.read(len(MAGIC)) != MAGIC:
            raise ValueError(f"{path.name} is no RTP journal")
        while (packet := _next(file)) is not None:
            yield packet


def _next(file: IO[bytes]) -> Packet | None:
    head = file.read(_HEAD.size)
    if len(head) < _HEAD.size:
        return None
    at_us, timestamp, ssrc, sequence, level, size, crc = _HEAD.unpack(head)
    payload = file.read(size)
    if len(payload) < size or zlib.crc32(payload, zlib.crc32(head[: _SAID.size])) != crc:
        return None
    return Packet(at_us, timestamp, ssrc, sequence, level, payload)


JournalLeg = str
"""agent: the contestant; customer: what was played or the role player said."""


def journal_path(root: Path, attempt_id: str, call_id: str, leg: JournalLeg, connection: int, worker_id: str) -> Path:
    """Where a journal lies: one file a leg, connection and life of a worker, so that none is ever opened twice."""
    return root / attempt_id / call_id / f"{leg}-{connection:03d}-{worker_id}.rtp"
