"""RTP packets of Opus (RFC 3550 section 5.1, RFC 7587) with the audio level of RFC 6464, and nothing else."""

import struct
from typing import NamedTuple

from server.speech.rtp_journal import NO_LEVEL

CLOCK_RATE = 48_000
TICK_MS = 20
TICK_SAMPLES = CLOCK_RATE * TICK_MS // 1000
SILENCE = b"\xf8\xff\xfe"
"""20 ms of digital silence: CELT, full band, mono (RFC 6716 section 3.1)."""

_HEAD = struct.Struct("!BBHII")
_EXTENSION = struct.Struct("!HH")
_ONE_BYTE = 0xBEDE
_TWO_BYTE = 0x1000
_FRAME_SAMPLES = (
    *(480, 960, 1920, 2880) * 3,  # SILK: narrow, medium, wide band
    *(480, 960) * 2,  # hybrid
    *(120, 240, 480, 960) * 4,  # CELT
)


class Arrived(NamedTuple):
    """What an RTP packet says; `level` is 0 to 127 -dBov, or `NO_LEVEL`."""

    payload_type: int
    marker: bool
    sequence: int
    timestamp: int
    ssrc: int
    level: int
    payload: bytes


def parse(data: bytes, level_id: int) -> Arrived | None:
    """A decrypted packet; `level_id` is the header extension of the audio level, 0 for none. None if it is no RTP."""
    if len(data) < 12:
        return None
    first, second, sequence, timestamp, ssrc = _HEAD.unpack_from(data)
    if first >> 6 != 2:
        return None
    begin, end, level = 12 + 4 * (first & 15), len(data), NO_LEVEL
    if first & 0x10:
        if end < begin + 4:
            return None
        profile, words = _EXTENSION.unpack_from(data, begin)
        begin += 4
        if level_id and profile == _ONE_BYTE and words and data[begin] >> 4 == level_id and begin + 1 < end:
            level = data[begin + 1] & 127  # first among its like, as browsers send it
        elif level_id:
            level = _level(data[begin : begin + 4 * words], profile, level_id)
        begin += 4 * words
    if first & 0x20:
        end -= data[-1]
    if begin > end:
        return None
    return Arrived(second & 127, second > 127, sequence, timestamp, ssrc, level, data[begin:end])


def packet(
    payload_type: int,
    sequence: int,
    timestamp: int,
    ssrc: int,
    payload: bytes,
    *,
    marker: bool = False,
    level_id: int = 0,
    level: int = NO_LEVEL,
) -> bytes:
    """The packet to encrypt; with an audio level where there is one and the other side knows its extension."""
    second = payload_type | (128 if marker else 0)
    if not level_id or level == NO_LEVEL:
        return _HEAD.pack(0x80, second, sequence, timestamp, ssrc) + payload
    head = _HEAD.pack(0x90, second, sequence, timestamp, ssrc)
    return head + _EXTENSION.pack(_ONE_BYTE, 1) + bytes((level_id << 4, level & 127, 0, 0)) + payload


def opus_samples(payload: bytes) -> int:
    """How many samples at 48 kHz a packet of Opus lasts (RFC 6716 section 3.1); raises ValueError for none."""
    if not payload:
        raise ValueError("an empty Opus packet")
    first = payload[0]
    match first & 3:
        case 0:
            frames = 1
        case 1 | 2:
            frames = 2
        case _:
            if len(payload) < 2:
                raise ValueError("an Opus packet without its count of frames")
            frames = payload[1] & 63
    samples = frames * _FRAME_SAMPLES[first >> 3]
    if not 0 < samples <= CLOCK_RATE * 120 // 1000:
        raise ValueError("an Opus packet of an impossible length")
    return samples


def _level(extensions: bytes, profile: int, level_id: int) -> int:
    position, size = 0, len(extensions)
    one_byte = profile == _ONE_BYTE
    if not one_byte and profile & 0xFFF0 != _TWO_BYTE:
        return NO_LEVEL
    while position < size:
        mark = extensions[position]
        position += 1
        if mark == 0:
            continue
        if one_byte:
            number, length = mark >> 4, (mark & 15) + 1
            if number == 15:
                break
        else:
            if position >= size:
                break
            number, length = mark, extensions[position]
            position += 1
        if number == level_id and length >= 1 and position < size:
            return extensions[position] & 127
        position += length
    return NO_LEVEL
