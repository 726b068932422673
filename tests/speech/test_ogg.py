"""The length of an Ogg Opus file from its pages."""

import struct

import pytest

from server.speech.engines import SpeechError
from server.speech.ogg import opus_duration_ms

pytestmark = pytest.mark.unit

HEAD = struct.pack("<8sBBHIhB", b"OpusHead", 1, 1, 312, 48_000, 0, 0)


def page(body: bytes, granule: int, serial: int = 7) -> bytes:
    lacing = [255] * (len(body) // 255) + [len(body) % 255]
    return struct.pack("<4sBBqIIIB", b"OggS", 0, 0, granule, serial, 0, 0, len(lacing)) + bytes(lacing) + body


def test_duration_is_the_last_position_less_the_pre_skip() -> None:
    data = page(HEAD, 0) + page(b"x" * 300, 24_000) + page(b"y", -1) + page(b"z", 48_000 + 312)
    assert opus_duration_ms(data) == 1000


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"RIFF" + bytes(60),
        page(b"OpusTags" + bytes(20), 0),
        page(HEAD, 0)[:-3],
        page(HEAD, 0)[:10],
        page(HEAD, 0) + page(b"x", 960, serial=8),
    ],
)
def test_anything_else_is_refused(data: bytes) -> None:
    with pytest.raises(SpeechError):
        opus_duration_ms(data)
