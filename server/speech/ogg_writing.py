"""An Ogg Opus file of two mono streams in one multistream: left and right, nothing encoded anew.

RFC 3533 (pages), RFC 7845 (OpusHead with channel mapping family 1: two streams, none of them coupled). Equal packets
give equal bytes: no random serial number, no time, no name.
"""

import struct
import zlib
from collections.abc import Iterable, Sequence

from server.speech.opus import RATE, SLOT, two_streams

PRE_SKIP = 312
"""What libopus looks ahead (6.5 ms): so long the sound of a slot comes late."""
_SERIAL = 0x43435353
_PAGE_SLOTS = 50
"""One second a page (RFC 7845 section 3)."""
_MOST_SEGMENTS = 255
_FIRST, _LAST = 2, 4


_MIRRORED = bytes(int(f"{value:08b}"[::-1], 2) for value in range(256))


def crc(data: bytes) -> int:
    """The checksum of a page whose own field is zero (RFC 3533 section 6): zlib's polynomial, the other way round."""
    value = zlib.crc32(data.translate(_MIRRORED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int.from_bytes(value.to_bytes(4, "little").translate(_MIRRORED), "big")


def head() -> bytes:
    """OpusHead: left is the first stream, right the second."""
    return b"OpusHead" + struct.pack("<BBHIhB", 1, 2, PRE_SKIP, RATE, 0, 1) + bytes((2, 0, 0, 1))


def tags() -> bytes:
    """OpusTags: the vendor, and nothing."""
    vendor = b"CCSS"
    return b"OpusTags" + struct.pack("<I", len(vendor)) + vendor + struct.pack("<I", 0)


def slots_of(samples: int) -> int:
    """How many slots hold so many samples, with what is skipped at the begin."""
    return -(-(samples + PRE_SKIP) // SLOT)


def stereo(left: Sequence[bytes], right: Sequence[bytes], samples: int) -> bytes:
    """The file: both sides as packets of 20 ms each, at least `slots_of(samples)`; it plays `samples` of 48 kHz.

    Raises ValueError if there are too few, NoOpus for what is no packet.
    """
    count = slots_of(samples)
    if min(len(left), len(right)) < count:
        raise ValueError("fewer packets than samples")
    out = [_page([head()], 0, 0, _FIRST), _page([tags()], 0, 1, 0)]
    number, done = 2, 0
    for packets in _paged(two_streams(left[at], right[at]) for at in range(count)):
        done += len(packets)
        last = done == count
        granule = samples + PRE_SKIP if last else done * SLOT
        out.append(_page(packets, granule, number, _LAST if last else 0))
        number += 1
    return b"".join(out)


def _paged(packets: Iterable[bytes]) -> Iterable[list[bytes]]:
    page: list[bytes] = []
    segments = 0
    for packet in packets:
        needed = len(packet) // 255 + 1
        if page and (len(page) == _PAGE_SLOTS or segments + needed > _MOST_SEGMENTS):
            yield page
            page, segments = [], 0
        page.append(packet)
        segments += needed
    if page:
        yield page


def _page(packets: Sequence[bytes], granule: int, number: int, flags: int) -> bytes:
    lacing = b"".join(bytes((255,)) * (len(packet) // 255) + bytes((len(packet) % 255,)) for packet in packets)
    start = struct.pack("<4sBBqII", b"OggS", 0, flags, granule, _SERIAL, number)
    rest = bytes((len(lacing),)) + lacing + b"".join(packets)
    return start + struct.pack("<I", crc(start + bytes(4) + rest)) + rest
