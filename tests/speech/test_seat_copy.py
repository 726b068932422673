"""What MediaRecorder wrote: whole, and with chunks missing anywhere."""

from io import BytesIO
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.speech import codec, opus, seat_copy
from tests.support.speech import chunked, decoded, likeness, speech, webm, write_chunks

pytestmark = pytest.mark.unit


def payloads(count: int) -> list[bytes]:
    """Packets of 20 ms that can be told apart."""
    return [bytes((0xF8, 3, number >> 8, number & 255)) for number in range(count)]


SENT = payloads(1_000)
CHUNKS = chunked(webm(SENT))


def read(folder: Path, chunks: list[bytes], missing: set[int]) -> dict[int, bytes]:
    """Slots of the chunks that are there."""
    return seat_copy.slots(seat_copy.read(write_chunks(folder, chunks, missing)))


def test_a_whole_copy(tmp_path: Path) -> None:
    assert read(tmp_path, CHUNKS, set()) == dict(enumerate(SENT))


@settings(max_examples=60, deadline=None)
@given(missing=st.sets(st.integers(0, 19), min_size=1, max_size=12))
def test_a_missing_chunk_loses_itself_alone(missing: set[int], tmp_path_factory: pytest.TempPathFactory) -> None:
    found = read(tmp_path_factory.mktemp("copy"), CHUNKS, missing)
    kept = {n: packet for n, packet in enumerate(SENT) if n // 50 not in missing}
    assert set(found.values()) == set(kept.values())
    if 0 not in missing:
        assert found == kept
        return
    # Without the header and with guessed times it may lie somewhat off, in order, until a cluster says its time.
    assert [packet for _, packet in sorted(found.items())] == list(kept.values())
    assert all(abs(slot - n) <= 50 for slot, n in zip(sorted(found), kept, strict=True))


@settings(max_examples=40, deadline=None)
@given(
    cuts=st.lists(st.integers(200, 9_000), min_size=3, max_size=12, unique=True),
    chosen=st.data(),
)
def test_chunks_cut_in_the_middle_of_a_block(
    cuts: list[int], chosen: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    data = b"".join(webm(SENT[:500]))
    edges = [0, *sorted(cuts), len(data)]
    pieces = [data[a:b] for a, b in zip(edges, edges[1:], strict=False)]
    missing = chosen.draw(st.sets(st.integers(1, len(pieces) - 1), max_size=3))
    found = read(tmp_path_factory.mktemp("copy"), pieces, missing)
    block = len(data) / 500
    lost = sum(len(pieces[n]) for n in missing)
    assert set(found.values()) <= set(SENT)
    # The header, and at each hole the block before it and the one behind it.
    assert len(found) >= 500 - lost / block - 16 - 4 * len(missing)


def test_packets_of_60_ms_are_cut(tmp_path: Path) -> None:
    long = [opus.joined(0xF8, [packet[1:] for packet in SENT[at : at + 3]]) for at in range(0, 999, 3)]
    found = read(tmp_path, chunked(webm(long, step_ms=60), step_ms=60, chunk_ms=960), {3})
    assert found == {n: packet for n, packet in enumerate(SENT[:999]) if not 3 * 48 <= n < 4 * 48}


def test_a_recorder_that_stood_still_goes_on_behind_its_break(tmp_path: Path) -> None:
    pieces = webm(SENT[:100])
    later = webm([*SENT[:50], *[b"\xf8\xff\xfe"] * 150, *SENT[50:100]])
    cut = [*pieces[:51], *later[201:]]
    found = read(tmp_path, [b"".join(cut)], set())
    assert found == {n if n < 50 else n + 150: packet for n, packet in enumerate(SENT[:100])}


def test_what_another_muxer_wrote(tmp_path: Path) -> None:
    target = BytesIO()
    sound = speech(5)
    with av.open(target, "w", format="webm", options={"live": "1"}) as container:
        stream = container.add_stream("libopus", rate=48_000, options={"frame_duration": "20"})
        stream.layout = "mono"
        pcm = (sound * 32767).astype(np.int16).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(pcm, format="s16", layout="mono")
        frame.sample_rate, frame.pts = 48_000, 0
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    data = target.getvalue()
    pieces = [data[at : at + 3_000] for at in range(0, len(data), 3_000)]
    found = read(tmp_path, pieces, set())
    heard = decoded([found.get(n) for n in range(250)])
    assert likeness(heard[312:], sound) > 0.95


def test_sound_that_is_not_encoded_is_encoded(tmp_path: Path) -> None:
    sound = speech(3)
    blocks = [sound[at : at + 960].astype("<f4").tobytes() for at in range(0, len(sound), 960)]
    found = read(tmp_path, chunked(webm(blocks, codec_id="A_PCM/FLOAT/IEEE")), set())
    heard = decoded([found.get(n) for n in range(150)])
    assert likeness(heard[312:], sound) > 0.8


@given(junk=st.binary(max_size=3_000))
def test_junk_is_nothing(junk: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    found = read(tmp_path_factory.mktemp("junk"), [junk], set())
    assert len(found) <= len(junk)


def test_nothing_is_nothing() -> None:
    assert seat_copy.slots(seat_copy.read({})) == {}
    assert codec.recoded([]) == {}
