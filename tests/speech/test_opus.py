"""Opus packets taken apart and put together, and the Ogg file of two mono streams, against FFmpeg and libopus."""

import io
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.speech import codec, ogg_writing, opus, wav
from server.speech.engines import Samples
from server.speech.ogg import opus_duration_ms, opus_samples
from tests.support.speech import likeness, quiet, speech

pytestmark = pytest.mark.unit

FRAMES = st.lists(st.binary(max_size=300), min_size=1, max_size=6)


@given(FRAMES)
def test_frames_survive_joining_and_parsing(frames: list[bytes]) -> None:
    head = 31 << 3
    packet = opus.parse(opus.joined(head, frames))
    assert (packet.head, packet.frames, packet.samples) == (head, tuple(frames), 960 * len(frames))


@given(st.binary(max_size=400))
def test_any_bytes_are_a_packet_or_refused(data: bytes) -> None:
    try:
        packet = opus.parse(data)
    except opus.NoOpus:
        return
    assert 0 < packet.samples <= opus.MOST_SAMPLES
    assert sum(map(len, packet.frames)) < len(data)


@given(FRAMES)
def test_the_first_of_two_streams_says_how_long_it_is(frames: list[bytes]) -> None:
    first = opus.joined(31 << 3, frames)
    both = opus.two_streams(first, b"second")
    # The same packet with one length more, that of its last frame, before the frames (appendix B).
    body = b"".join(frames)
    said = 1 if len(frames[-1]) < 252 else 2
    head = len(first) - len(body)
    assert both == first[:head] + both[head : head + said] + body + b"second"
    length = both[head : head + said]
    assert (length[0] if said == 1 else length[0] + 4 * length[1]) == len(frames[-1])


@pytest.mark.parametrize(("broken", "why"), [(b"", "empty"), (bytes((1, 2)), "odd"), (bytes((3,)), "count")])
def test_what_is_no_packet(broken: bytes, why: str) -> None:
    with pytest.raises(opus.NoOpus, match=why):
        opus.parse(broken)


def _encoded(samples: Samples, frame_ms: str) -> list[bytes]:
    from fractions import Fraction

    encoder = av.CodecContext.create("libopus", "w")
    assert isinstance(encoder, av.AudioCodecContext)
    encoder.sample_rate, encoder.layout, encoder.format, encoder.bit_rate = 48_000, "mono", "s16", 64_000
    encoder.time_base = Fraction(1, 48_000)
    encoder.options = {"application": "audio", "frame_duration": frame_ms}
    encoder.open()
    size = encoder.frame_size
    pcm = (samples * 32767).astype(np.int16)
    found = []
    for at in range(0, len(pcm) - size + 1, size):
        frame = av.AudioFrame.from_ndarray(pcm[None, at : at + size], format="s16", layout="mono")
        frame.sample_rate, frame.pts = 48_000, at
        found += [bytes(packet) for packet in encoder.encode(frame)]
    return found


@pytest.mark.parametrize("frame_ms", ["20", "40", "60"])
def test_long_packets_are_cut_into_slots_without_encoding_anew(frame_ms: str) -> None:
    sound = speech(4)
    cut = [slot for packet in _encoded(sound, frame_ms) for slot in opus.slots(packet) or []]
    assert {opus.parse(slot).samples for slot in cut} == {960}
    heard = np.concatenate(list(codec.blocks(cut)))
    assert likeness(heard[312:], sound) > 0.97


def test_two_mono_streams_play_as_left_and_right() -> None:
    left, right = speech(6, seed=1), speech(6, seed=2)
    samples = 6 * 48_000 - 500
    packets = [[*codec.encode(sound), opus.SILENCE] for sound in (left, right)]
    data = ogg_writing.stereo(packets[0], packets[1], samples)
    assert opus_samples(data) == samples
    assert opus_duration_ms(data) == round(samples / 48)
    with av.open(io.BytesIO(data), "r") as container:
        (stream,) = container.streams.audio
        assert stream.codec_context.layout.name == "stereo"
        heard = np.concatenate([frame.to_ndarray() for frame in container.decode(audio=0)], axis=1)
    assert abs(heard.shape[1] - samples) <= 960
    for side, sent, source in zip(heard, packets, (left, right), strict=True):
        assert likeness(side, np.concatenate(list(codec.blocks(sent)))[ogg_writing.PRE_SKIP :]) > 0.97
        assert likeness(side, source) > 0.85
    assert abs(likeness(heard[0], right)) < 0.3


def test_pages_have_the_checksum_of_rfc_3533_and_equal_packets_equal_bytes() -> None:
    packets = codec.encode(speech(2))
    one = ogg_writing.stereo(packets, packets, 48_000)
    assert one == ogg_writing.stereo(packets, packets, 48_000)
    at, pages = 0, 0
    while at < len(one):
        lacing = one[at + 27 : at + 27 + one[at + 26]]
        end = at + 27 + len(lacing) + sum(lacing)
        page = one[at:end]
        bitwise = 0
        for byte in page[:22] + bytes(4) + page[26:]:
            bitwise ^= byte << 24
            for _ in range(8):
                bitwise = ((bitwise << 1) ^ 0x04C11DB7 if bitwise & 0x80000000 else bitwise << 1) & 0xFFFFFFFF
        assert int.from_bytes(page[22:26], "little") == bitwise
        at, pages = end, pages + 1
    assert pages == 4


def test_too_few_packets_are_refused() -> None:
    with pytest.raises(ValueError, match="fewer"):
        ogg_writing.stereo([opus.SILENCE], [opus.SILENCE], 48_000)


def test_wav_is_as_long_as_it_says_and_sounds_the_same(tmp_path: Path) -> None:
    sound = speech(3)
    path = tmp_path / "one.opus"
    packets = [*codec.encode(sound), opus.SILENCE]
    path.write_bytes(ogg_writing.stereo(packets, codec.encode(quiet(3.1)), 3 * 48_000))
    done = subprocess.run(
        [sys.executable, "-P", "-m", "server.speech.wav", str(path)], capture_output=True, check=True, timeout=60
    )
    assert len(done.stdout) == 44 + 4 * 3 * 48_000
    assert done.stdout[:4] == b"RIFF"
    assert int.from_bytes(done.stdout[40:44], "little") == 4 * 3 * 48_000
    heard = np.frombuffer(done.stdout[44:], dtype="<i2").reshape(-1, 2).astype(np.float32) / np.float32(32768)
    assert likeness(heard[:, 0], sound) > 0.85
    assert float(np.max(np.abs(heard[:, 1]))) < 0.01
    assert wav.head(2**31)[40:44] == (2**32 - 1 - 36).to_bytes(4, "little")
