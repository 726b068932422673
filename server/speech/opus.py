"""Opus packets without decoding: what their first byte says, their frames, and other framings of the same frames.

RFC 6716 section 3 (packets), appendix B (self-delimiting framing). Durations in samples of 48 kHz.
"""

from collections.abc import Sequence
from dataclasses import dataclass

RATE = 48_000
SLOT = 960
"""20 ms, the step of every recording."""
SILENCE = bytes((0xF8, 0xFF, 0xFE))
"""20 ms of nothing: CELT, full band, mono."""
MOST_FRAME = 1275
MOST_SAMPLES = 5_760
"""120 ms, the longest packet."""


class NoOpus(ValueError):
    """The bytes are not an Opus packet."""


@dataclass(frozen=True, slots=True)
class Packet:
    """A packet taken apart: configuration and channels (upper six bits of the first byte), and its frames."""

    head: int
    frames: tuple[bytes, ...]

    @property
    def frame_samples(self) -> int:
        """Length of one frame."""
        return frame_samples(self.head)

    @property
    def samples(self) -> int:
        """Length of the packet."""
        return self.frame_samples * len(self.frames)


def frame_samples(toc: int) -> int:
    """Length of one frame by the first byte (RFC 6716 table 2)."""
    config = toc >> 3
    if config < 12:
        return (480, 960, 1_920, 2_880)[config % 4]
    if config < 16:
        return (480, 960)[config % 2]
    return (120, 240, 480, 960)[config % 4]


def parse(data: bytes) -> Packet:
    """A packet's frames; raises NoOpus for what RFC 6716 section 3.4 (R1 to R7) forbids."""
    if not data:
        raise NoOpus("an empty packet")
    toc, rest = data[0], data[1:]
    match toc & 3:
        case 0:
            frames = [rest]
        case 1:
            if len(rest) % 2:
                raise NoOpus("two equal frames of an odd length")
            frames = [rest[: len(rest) // 2], rest[len(rest) // 2 :]]
        case 2:
            size, rest = _length(rest)
            if size > len(rest):
                raise NoOpus("a frame longer than its packet")
            frames = [rest[:size], rest[size:]]
        case _:
            frames = _counted(rest)
    if any(len(frame) > MOST_FRAME for frame in frames):
        raise NoOpus("a frame of more than 1275 bytes")
    packet = Packet(toc & 0xFC, tuple(frames))
    if packet.samples > MOST_SAMPLES:
        raise NoOpus("a packet of more than 120 ms")
    return packet


def _counted(rest: bytes) -> list[bytes]:
    """Code 3: a count, perhaps padding, frames of one length or of their own."""
    if not rest:
        raise NoOpus("no frame count")
    count, padded, variable, rest = rest[0] & 63, rest[0] & 64, rest[0] & 128, rest[1:]
    if not count:
        raise NoOpus("no frame")
    padding = 0
    while padded:
        if not rest:
            raise NoOpus("padding without a length")
        said, rest = rest[0], rest[1:]
        padding += 254 if said == 255 else said
        padded = int(said == 255)
    if padding > len(rest):
        raise NoOpus("more padding than packet")
    sizes = []
    if variable:
        for _ in range(count - 1):
            size, rest = _length(rest)
            sizes.append(size)
    body = rest[: len(rest) - padding]
    if variable:
        sizes.append(len(body) - sum(sizes))
    elif len(body) % count:
        raise NoOpus("equal frames that don't fit")
    else:
        sizes = [len(body) // count] * count
    if sizes[-1] < 0:
        raise NoOpus("frames longer than their packet")
    frames, at = [], 0
    for size in sizes:
        frames.append(body[at : at + size])
        at += size
    return frames


def _length(data: bytes) -> tuple[int, bytes]:
    """A frame's length and what follows (RFC 6716 section 3.2.1)."""
    if not data:
        raise NoOpus("no frame length")
    if data[0] < 252:
        return data[0], data[1:]
    if len(data) < 2:
        raise NoOpus("half a frame length")
    return data[1] * 4 + data[0], data[2:]


def _said(size: int) -> bytes:
    """A frame's length as one or two bytes."""
    if size < 252:
        return bytes((size,))
    first = 252 + (size & 3)
    return bytes((first, (size - first) >> 2))


def joined(head: int, frames: Sequence[bytes], *, delimited: bool = False) -> bytes:
    """One packet of these frames (1 to 48, 120 ms at most); self-delimiting if another packet follows it."""
    sizes = [len(frame) for frame in frames]
    body = b"".join(frames)
    equal = len(set(sizes)) == 1
    last = _said(sizes[-1]) if delimited else b""
    if len(frames) == 1:
        return bytes((head,)) + last + body
    if len(frames) == 2 and equal:
        return bytes((head | 1,)) + last + body
    if len(frames) == 2:
        return bytes((head | 2,)) + _said(sizes[0]) + last + body
    if equal:
        return bytes((head | 3, len(frames))) + last + body
    return bytes((head | 3, 128 | len(frames))) + b"".join(map(_said, sizes[:-1])) + last + body


def slots(data: bytes) -> list[bytes] | None:
    """The packet as packets of exactly 20 ms each, the same frames; None where it can't be cut so. Raises NoOpus."""
    packet = parse(data)
    size = packet.frame_samples
    if packet.samples == SLOT:
        return [data]
    if SLOT % size or packet.samples % SLOT:
        return None
    step = SLOT // size
    return [joined(packet.head, packet.frames[at : at + step]) for at in range(0, len(packet.frames), step)]


def two_streams(first: bytes, second: bytes) -> bytes:
    """A multistream packet of two streams (RFC 6716 appendix B): both of the same length. Raises NoOpus."""
    packet = parse(first)
    return joined(packet.head, packet.frames, delimited=True) + second
