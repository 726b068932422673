"""Opus files for tests: packets that look like 20 ms of CELT and differ from one another; nobody decodes them."""

import random
import struct
from pathlib import Path

_TABLE: list[int] = []


def speech(packets: int, seed: int, toc: int = 0xF8) -> list[bytes]:
    """So many packets that no other seed makes."""
    chance = random.Random(seed)
    return [bytes((toc,)) + chance.randbytes(chance.randint(60, 120)) for _ in range(packets)]


def ogg(packets: list[bytes], family: int = 0) -> bytes:
    """An Ogg Opus file of these packets of 20 ms (RFC 7845), fifty a page."""
    head = struct.pack("<8sBBHIhB", b"OpusHead", 1, 1, 312, 48_000, 0, family)
    tags = b"OpusTags" + struct.pack("<I", 4) + b"test" + struct.pack("<I", 0)
    pages = [_page([head], 0, 0, 2), _page([tags], 0, 1, 0)]
    for number, begin in enumerate(range(0, len(packets), 50)):
        some = packets[begin : begin + 50]
        last = begin + 50 >= len(packets)
        pages.append(_page(some, (begin + len(some)) * 960, number + 2, 4 if last else 0))
    return b"".join(pages)


def ogg_file(path: Path, packets: list[bytes]) -> Path:
    """The same on the disk."""
    path.write_bytes(ogg(packets))
    return path


def _page(packets: list[bytes], granule: int, number: int, flags: int) -> bytes:
    lacing = b"".join(b"\xff" * (len(each) // 255) + bytes((len(each) % 255,)) for each in packets)
    head = struct.pack("<4sBBqIII", b"OggS", 0, flags, granule, 7, number, 0) + bytes((len(lacing),))
    page = head + lacing + b"".join(packets)
    return page[:22] + struct.pack("<I", _crc(page)) + page[26:]


def _crc(data: bytes) -> int:
    if not _TABLE:
        for each in range(256):
            value = each << 24
            for _ in range(8):
                value = (value << 1) ^ 0x04C11DB7 if value & 0x80000000 else value << 1
            _TABLE.append(value & 0xFFFFFFFF)
    crc = 0
    for byte in data:
        crc = ((crc << 8) & 0xFFFFFFFF) ^ _TABLE[(crc >> 24) ^ byte]
    return crc
