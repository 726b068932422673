"""RTP journals on the time line of a call: whatever the network did, every packet lies where it was sent."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.speech import codec, opus, timeline
from server.speech.opus import SLOT
from server.speech.rtp_journal import Packet
from tests.support.speech import (
    BEGAN_MS,
    Rtp,
    arriving,
    decoded,
    likeness,
    loudness,
    per_second,
    quiet,
    speech,
    write_journal,
)

pytestmark = pytest.mark.unit

BEGAN_US = BEGAN_MS * 1000


def payloads(count: int, mark: int = 0) -> list[bytes]:
    """Packets that can be told apart: 20 ms of CELT, never decoded."""
    return [bytes((0xF8, mark, number >> 8, number & 255)) for number in range(count)]


def placed(packets: Sequence[Packet], count: int) -> timeline.Side:
    """These packets, in this order of arrival, on so many slots."""
    side = timeline.Side.empty(count)
    for stretch in timeline.stretches(packets):
        timeline.place(stretch, BEGAN_US, side)
    return side


@settings(max_examples=200, deadline=None)
@given(
    lost=st.sets(st.integers(0, 299), max_size=120),
    again=st.lists(st.integers(0, 299), max_size=20),
    jitter=st.lists(st.integers(0, 90), min_size=300, max_size=300),
    timestamp=st.integers(0, 2**32 - 1),
    sequence=st.integers(0, 2**16 - 1),
)
def test_loss_reordering_duplicates_jitter_and_wrapping_move_nothing(
    lost: set[int], again: list[int], jitter: list[int], timestamp: int, sequence: int
) -> None:
    sent = payloads(300)
    on_the_wire = Rtp(timestamp=timestamp, sequence=sequence, delay_ms=0).packets(sent)
    late = [arriving(packet, jitter[number]) for number, packet in enumerate(on_the_wire) if number not in lost]
    late += [arriving(on_the_wire[number], jitter[number] + 100) for number in again if number not in lost]
    late.sort(key=lambda packet: packet.at_us)
    side = placed(late, 320)
    kept = [number for number in range(300) if number not in lost]
    if not kept:
        assert side.packets == 0
        return
    # The least delayed packet says where all lie: so much later than they were sent they may stand, and no more.
    least = min(jitter[number] for number in kept)
    moved = {number: at for at, packet in enumerate(side.slots) if packet for number in [packet[2] << 8 | packet[3]]}
    steps = {at - number for number, at in moved.items()}
    assert set(moved) == set(kept)
    assert len(steps) == 1
    assert abs(steps.pop() - least / 20) <= 0.5 + 1e-6
    assert side.duplicates == len(late) - len(kept)


def test_a_connection_that_was_rebuilt_goes_on_behind_its_gap(tmp_path: Path) -> None:
    first, second = payloads(100, 1), payloads(100, 2)
    write_journal(tmp_path, Rtp(ssrc=1).packets(first), connection=1)
    other = Rtp(ssrc=2, timestamp=77, sequence=3, began_ms=BEGAN_MS + 7_000)
    write_journal(tmp_path, other.packets(second), connection=2)
    side = timeline.side(sorted(tmp_path.rglob("agent-*.rtp")), BEGAN_US, 500)
    assert side.slots == [*first, *[None] * 250, *second, *[None] * 50]


def test_a_new_source_within_a_file_stands_where_it_arrived() -> None:
    one = Rtp(ssrc=1).packets(payloads(50, 1))
    two = Rtp(ssrc=2, timestamp=5, began_ms=BEGAN_MS + 1_500).packets(payloads(50, 2))
    side = placed([*one, *two], 150)
    assert side.slots == [*payloads(50, 1), *[None] * 25, *payloads(50, 2), *[None] * 25]


def test_a_source_that_stood_still_goes_on_where_it_really_did() -> None:
    """The machine slept for 3 s, then for 12 s: its time stamps know nothing of it."""
    sender = Rtp(delay_ms=0)
    packets = sender.packets(payloads(300))
    moved = [arriving(packet, 0 if n < 100 else 3_000 if n < 200 else 15_000) for n, packet in enumerate(packets)]
    side = placed(moved, 1_200)
    assert [n for n, packet in enumerate(side.slots) if packet] == [*range(100), *range(250, 350), *range(950, 1_050)]


def test_a_burst_of_delayed_packets_is_no_pause() -> None:
    """Two seconds stuck in a queue and delivered at once lie where they were sent."""
    packets = Rtp(delay_ms=0).packets(payloads(400))
    stuck = [arriving(packet, max(0, (200 - n) * 20) if 100 <= n < 200 else 0) for n, packet in enumerate(packets)]
    side = placed(stuck, 400)
    assert side.slots == payloads(400)


def test_a_slow_clock_is_followed_in_silence() -> None:
    """A sender whose clock is slow by 200 ppm: after twenty minutes it would be 240 ms late."""
    count = 60_000
    packets = Rtp(delay_ms=0).packets(payloads(count))
    drifting = [arriving(packet, n * 20 * 200e-6) for n, packet in enumerate(packets)]
    side = placed(drifting, count + 20)
    last = max(n for n, packet in enumerate(side.slots) if packet)
    assert sum(packet is not None for packet in side.slots) == count
    assert abs(last - (count - 1) * (1 + 200e-6)) <= 11


def test_what_is_no_opus_and_what_lies_outside_is_counted(tmp_path: Path) -> None:
    sent = payloads(20)
    packets = Rtp(began_ms=BEGAN_MS - 200, delay_ms=0).packets([*sent[:15], b"", *sent[16:]])
    path = write_journal(tmp_path, packets)
    (tmp_path / "agent-009-other.rtp").write_bytes(b"something else")
    side = timeline.side([path, tmp_path / "agent-009-other.rtp"], BEGAN_US, 8)
    assert side.slots == [*sent[10:15], None, *sent[16:18]]
    assert (side.outside, side.broken) == (12, 2)


def test_a_journal_ends_where_its_writer_died(tmp_path: Path) -> None:
    path = write_journal(tmp_path, Rtp(delay_ms=0).packets(payloads(50)))
    path.write_bytes(path.read_bytes()[:-3])
    side = timeline.side([path], BEGAN_US, 50)
    assert side.slots == [*payloads(49), None]


def test_packets_of_ten_ms_are_encoded_anew(tmp_path: Path) -> None:
    from fractions import Fraction

    import av

    sound = speech(3)
    encoder = av.CodecContext.create("libopus", "w")
    assert isinstance(encoder, av.AudioCodecContext)
    encoder.sample_rate, encoder.layout, encoder.format, encoder.bit_rate = 48_000, "mono", "s16", 48_000
    encoder.time_base = Fraction(1, 48_000)
    encoder.options = {"application": "voip", "frame_duration": "10"}
    packets: list[Packet] = []
    for n in range(300):
        pcm = (sound[None, n * 480 : (n + 1) * 480] * 32767).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(pcm, format="s16", layout="mono")
        frame.sample_rate, frame.pts = 48_000, n * 480
        for packet in encoder.encode(frame):
            number = len(packets)
            packets.append(Packet(BEGAN_US + number * 10_000, number * 480, 7, number, 20, bytes(packet)))
    side = timeline.side([write_journal(tmp_path, packets)], BEGAN_US, 150)
    assert sum(packet is not None for packet in side.slots) >= 148
    # Twice through the codec: the wave has changed, what is heard when has not.
    assert likeness(loudness(decoded(side.slots)[624:]), loudness(sound)) > 0.98


def test_real_sound_comes_back_sample_by_sample_but_for_what_was_lost(tmp_path: Path) -> None:
    sound = speech(12)
    sent = codec.encode(sound)
    packets = [packet for n, packet in enumerate(Rtp().packets(sent)) if not 250 <= n < 400]
    side = timeline.side([write_journal(tmp_path, packets)], BEGAN_US, len(sent))
    heard = decoded(side.slots)
    clean = decoded(sent)
    assert [n for n, packet in enumerate(side.slots) if packet is None] == list(range(250, 400))
    found = per_second(heard, clean)
    assert min(found[:5] + found[9:]) > 0.99
    assert not np.any(heard[250 * SLOT : 400 * SLOT])
    assert likeness(heard[opus.SLOT * 400 :], quiet(1)) == 0.0
