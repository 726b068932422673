"""RTP packets and Opus files, byte by byte."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.speech.ogg import opus_duration_ms
from server.speech.rtp_journal import NO_LEVEL
from telephony.worker.ogg_packets import opus_packets
from telephony.worker.rtp import SILENCE, Arrived, opus_samples, packet, parse
from tests.telephony_worker.sounds import ogg, speech

pytestmark = pytest.mark.unit


@given(
    st.integers(0, 0xFFFF),
    st.integers(0, 0xFFFFFFFF),
    st.integers(0, 0xFFFFFFFF),
    st.binary(max_size=400),
    st.booleans(),
)
def test_a_packet_says_what_was_put_in(seq: int, stamp: int, ssrc: int, payload: bytes, marker: bool) -> None:
    for level_id, level in ((0, NO_LEVEL), (2, 0), (14, 127), (3, 45)):
        data = packet(111, seq, stamp, ssrc, payload, marker=marker, level_id=level_id, level=level)
        assert parse(data, level_id) == Arrived(111, marker, seq, stamp, ssrc, level, payload)


@given(st.binary(max_size=80), st.integers(0, 14))
def test_nonsense_is_no_packet_and_no_fault(data: bytes, level_id: int) -> None:
    found = parse(data, level_id)
    assert found is None or data.endswith(found.payload) or data[0] & 0x20


def rtp(extension: bytes, profile: int = 0xBEDE, payload: bytes = b"sound", first: int = 0x90) -> bytes:
    head = struct.pack("!BBHII", first, 96, 1, 2, 3)
    return head + struct.pack("!HH", profile, len(extension) // 4) + extension + payload


@pytest.mark.parametrize(
    ("extension", "profile", "level"),
    [
        (bytes((0x20, 0x80 | 33, 0, 0)), 0xBEDE, 33),  # with the voice flag
        (bytes((0x10, 7, 0x20, 33)), 0xBEDE, 33),  # after another
        (bytes((0, 0, 0x20, 33)), 0xBEDE, 33),  # after padding
        (bytes((0x10, 33, 0, 0)), 0xBEDE, NO_LEVEL),
        (bytes((0xF0, 0, 0x20, 33)), 0xBEDE, NO_LEVEL),  # 15 ends the list
        (bytes((0, 0, 0, 0x20)), 0xBEDE, NO_LEVEL),  # cut off
        (bytes((2, 1, 33, 0)), 0x1000, 33),
        (bytes((9, 0, 2, 1, 33, 0, 0, 0)), 0x1000, 33),
        (bytes((0x20, 33, 0, 0)), 0x1234, NO_LEVEL),
    ],
)
def test_the_audio_level_is_found_among_header_extensions(extension: bytes, profile: int, level: int) -> None:
    found = parse(rtp(extension, profile), 2)
    assert found is not None
    assert (found.level, found.payload) == (level, b"sound")


def test_padding_and_sources_are_no_sound() -> None:
    head = struct.pack("!BBHII", 0xA1, 96, 1, 2, 3) + b"\0\0\0\7"
    found = parse(head + b"sound" + b"\0\0\3", 0)
    assert found is not None
    assert found.payload == b"sound"
    assert parse(head[:12] + b"\0\0\0\7" + b"\x09", 0) is None


@pytest.mark.parametrize(
    ("payload", "samples"),
    [
        (SILENCE, 960),
        (b"\x08", 960),
        (b"\x18", 2880),
        (b"\xe1", 240),
        (b"\xfb\x03", 2880),
        (b"\x78", 960),
        (b"\xf9", 1920),
    ],
)
def test_a_packet_lasts_as_its_first_byte_says(payload: bytes, samples: int) -> None:
    assert opus_samples(payload) == samples


@pytest.mark.parametrize("payload", [b"", b"\xfb", b"\xfb\x00", b"\x1b\x3f"])
def test_a_packet_of_no_length_is_refused(payload: bytes) -> None:
    with pytest.raises(ValueError, match="Opus packet"):
        opus_samples(payload)


@pytest.mark.parametrize("count", [1, 49, 50, 51, 120])
def test_an_ogg_file_gives_its_packets_untouched(count: int) -> None:
    wanted = [*speech(count, 3), b"\xf8" + bytes(255), b"\xf8" + bytes(509)]
    data = ogg(wanted)
    assert list(opus_packets(data)) == wanted
    assert abs(opus_duration_ms(data) - len(wanted) * 20) <= 7


def test_packets_go_on_from_page_to_page() -> None:
    long = b"\xf8" + bytes(600)
    data = ogg([long])
    page = data[data.rindex(b"OggS") :]
    sizes = page[27 : 27 + page[26]]
    assert list(sizes) == [255, 255, 91]
    first = page[:26] + b"\x02" + sizes[:2] + long[:510]
    second = page[:26] + b"\x01" + sizes[2:] + long[510:]
    assert opus_packets(data[: data.rindex(b"OggS")] + first + second) == (long,)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"RIFF" + bytes(60),
        ogg(speech(5, 1))[:-1],
        ogg(speech(5, 1))[:20],
        ogg(speech(5, 1), family=1),
        ogg([b"\xfb"]),
    ],
)
def test_what_is_no_opus_file_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        opus_packets(data)
