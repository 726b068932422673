"""The length of an Ogg Opus file from its own pages, with the standard library only.

`opus_samples(data)` is the last granule position less the pre-skip, `opus_duration_ms(data)` the same at 48 samples
per ms (RFC 7845).
Raises SpeechError when the bytes are not one Ogg Opus stream.
"""

from __future__ import annotations

import struct

from server.speech.engines import SpeechError

_PAGE = struct.Struct("<4sBBqIIIB")
_HEAD = struct.Struct("<8sBBHIhB")
_SAMPLES_PER_MS = 48
_NO_PACKET_ENDS = -1


def opus_duration_ms(data: bytes) -> int:
    """Playing time in ms."""
    return round(opus_samples(data) / _SAMPLES_PER_MS)


def opus_samples(data: bytes) -> int:
    """Playing time in samples of 48 kHz."""
    position, pre_skip, granule, serial = 0, None, 0, None
    while position < len(data):
        if len(data) < position + _PAGE.size:
            raise SpeechError("the file ends within an Ogg page")
        mark, _, _, page_granule, page_serial, _, _, segments = _PAGE.unpack_from(data, position)
        if mark != b"OggS":
            raise SpeechError(f"no Ogg page at byte {position}")
        body = position + _PAGE.size + segments
        end = body + sum(data[position + _PAGE.size : body])
        if end > len(data):
            raise SpeechError("the file ends within an Ogg page")
        if pre_skip is None:
            pre_skip, serial = _pre_skip(data[body:end]), page_serial
        if page_serial != serial:
            raise SpeechError("the file holds more than one stream")
        if page_granule != _NO_PACKET_ENDS:
            granule = page_granule
        position = end
    if pre_skip is None:
        raise SpeechError("the file is empty")
    return max(0, granule - pre_skip)


def _pre_skip(head: bytes) -> int:
    if len(head) < _HEAD.size or head[:8] != b"OpusHead":
        raise SpeechError("the stream is not Opus")
    return int(_HEAD.unpack_from(head)[3])
