"""A seat's copy beside the journal: found, placed, used where the journal has nothing, told where they differ."""

import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from server.speech import alignment, codec, sealing, seat_copy, stereo
from server.speech.opus import RATE, SILENCE, SLOT
from tests.support.speech import (
    BEGAN_MS,
    UNKNOWN,
    Rtp,
    chunked,
    decoded,
    element,
    per_second,
    speech,
    webm,
    write_chunks,
    write_journal,
)

pytestmark = pytest.mark.unit

SECONDS = 40
SOUND = speech(SECONDS, seed=5)
SENT = codec.encode(SOUND)
CLEAN = decoded(SENT)


def sources(
    tmp_path: Path, lost: range, *, early_ms: int = 0, missing: tuple[int, ...] = (), began_ms: int = 0
) -> sealing.Sources:
    """A journal that lacks packets, and a copy of the whole that was begun `early_ms` after the call, or says so."""
    packets = [packet for n, packet in enumerate(Rtp().packets(SENT)) if n not in lost]
    write_journal(tmp_path / "journals", packets)
    first = early_ms // 20
    chunks = write_chunks(tmp_path / "spool", chunked(webm(SENT[first:])), missing)
    seat = sealing.SeatSource(
        BEGAN_MS + early_ms + began_ms, "audio/webm;codecs=opus", {n: str(path) for n, path in chunks.items()}
    )
    journals = tuple(str(path) for path in sorted((tmp_path / "journals").rglob("*.rtp")))
    return sealing.Sources(BEGAN_MS, BEGAN_MS + SECONDS * 1_000, True, (), journals, (seat,))


def heard(sealed: sealing.Sealed) -> tuple[np.ndarray, np.ndarray]:
    """Both sides of a sealed recording."""
    import io

    import av

    with av.open(io.BytesIO(sealed.sound), "r") as container:
        both = np.concatenate([frame.to_ndarray() for frame in container.decode(audio=0)], axis=1)
    return both[0], both[1]


@pytest.mark.parametrize("wrong_ms", [0, 700, -1_900, 4_300])
def test_what_the_journal_lacks_comes_from_the_seat(tmp_path: Path, wrong_ms: int) -> None:
    """Also when the page's idea of the server's time is wrong."""
    found = sealing.seal(sources(tmp_path, range(500, 1_250), early_ms=400, began_ms=wrong_ms))
    assert found.faults == []
    assert [(one["kind"], one["from_ms"], one["to_ms"]) for one in found.stretches] == [("filled", 10_000, 25_000)]
    left, _ = heard(found)
    assert min(per_second(left, CLEAN[312:])) > 0.9


def test_what_nobody_has_is_a_gap(tmp_path: Path) -> None:
    found = sealing.seal(sources(tmp_path, range(500, 1_250), missing=(14, 15)))
    kinds = [(one["kind"], one["from_ms"], one["to_ms"]) for one in found.stretches]
    assert ("gap", 14_000, 16_000) in kinds
    assert [kind for kind, *_ in kinds] == ["filled", "gap", "filled"]
    left, _ = heard(found)
    likely = per_second(left, CLEAN[312:])
    assert min(likely[:14] + likely[17:39]) > 0.9
    assert float(np.max(np.abs(left[14 * RATE + SLOT * 2 : 16 * RATE - SLOT * 2]))) < 0.02


def test_without_a_journal_the_copy_is_all_there_is(tmp_path: Path) -> None:
    found = sealing.seal(sources(tmp_path, range(0, 2_000), early_ms=2_000))
    assert [(one["kind"], one["from_ms"], one["to_ms"]) for one in found.stretches] == [("filled", 2_000, 40_000)]
    left, right = heard(found)
    assert min(per_second(left[2 * RATE :], CLEAN[2 * RATE + 312 :])) > 0.9
    assert float(np.max(np.abs(right))) < 0.001


def test_a_seat_that_says_something_else_is_told_and_not_believed(tmp_path: Path) -> None:
    other = SENT[:1_000] + codec.encode(speech(10, seed=99))[:500] + SENT[1_500:]
    write_journal(tmp_path / "journals", Rtp().packets(SENT))
    chunks = write_chunks(tmp_path / "spool", chunked(webm(other)))
    seat = sealing.SeatSource(BEGAN_MS, "audio/webm", {n: str(path) for n, path in chunks.items()})
    journals = tuple(str(path) for path in (tmp_path / "journals").rglob("*.rtp"))
    found = sealing.seal(sealing.Sources(BEGAN_MS, BEGAN_MS + 40_000, True, (), journals, (seat,)))
    assert {one["kind"] for one in found.stretches} == {"differs"}
    told = [number for one in found.stretches for number in range(one["from_ms"] // 1_000, one["to_ms"] // 1_000)]
    assert set(told) <= set(range(20, 30))
    assert found.stretches[0]["from_ms"] >= 20_000 - 20
    left, _ = heard(found)
    assert min(per_second(left, CLEAN[312:])[:39]) > 0.9


def test_a_clock_that_runs_away_is_followed(tmp_path: Path) -> None:
    """The copy loses a slot every five seconds."""
    copy = [packet for n, packet in enumerate(SENT) if n % 250 != 249]
    levels = alignment.envelope(SENT)
    found = alignment.align(levels, alignment.envelope(copy), 0)
    assert found.offsets[0] in (0, 1)
    assert found.offsets[-2] in (6, 7, 8)
    assert list(found.offsets) == sorted(found.offsets)
    assert found.differs == ()


def test_the_edge_of_a_gap_moves_nothing() -> None:
    """Beside a gap a second has few slots in common with the journal, and is like many places by chance."""
    copy = alignment.envelope(SENT[:750])
    for edge in range(110, 400, 7):
        call = copy.copy()
        call[edge : 2 * edge] = np.nan
        found = alignment.align(call, copy, 0)
        assert set(found.offsets) == {0}, (edge, found.offsets)


def test_silence_says_nothing() -> None:
    levels = alignment.envelope([SILENCE] * 500)
    found = alignment.align(levels, levels, 17)
    assert (set(found.offsets), found.score, found.differs) == ({17}, 0.0, ())


def test_a_copy_that_is_no_copy_is_told_and_left_out(tmp_path: Path) -> None:
    journal = write_journal(tmp_path, Rtp().packets(SENT))
    junk = tmp_path / "junk"
    junk.write_bytes(b"\x1a\x45\xdf\xa3 what is this" * 50)
    seats = (
        sealing.SeatSource(BEGAN_MS, "audio/webm", {0: str(junk)}),
        sealing.SeatSource(BEGAN_MS, "audio/webm", {0: str(tmp_path / "gone")}),
    )
    found = sealing.seal(sealing.Sources(BEGAN_MS, BEGAN_MS + 40_000, True, (), (str(journal),), seats))
    assert len(found.faults) == 2
    assert found.stretches == []


def test_a_copy_that_names_impossible_times_costs_no_memory(tmp_path: Path) -> None:
    """A page may upload what it likes: a cluster in ten years, or sound with a sample an hour."""
    made = sources(tmp_path, range(500, 1_250))
    (seat,) = made.seats
    far = (0x1F43B675).to_bytes(4, "big") + UNKNOWN + element(0xE7, (10**12).to_bytes(8, "big"))
    (tmp_path / "far").write_bytes(far + element(0xA3, b"\x81\0\0\x80" + SENT[0]))
    seat.chunks[SECONDS] = str(tmp_path / "far")
    found = sealing.seal(made)
    assert found.faults == ["a seat's copy names times far behind its call: 1 packets left out"]
    assert [(one["kind"], one["from_ms"], one["to_ms"]) for one in found.stretches] == [("filled", 10_000, 25_000)]

    slow = b"".join(webm([bytes(960)], codec_id="A_PCM/FLOAT/IEEE"))
    slow = slow.replace(struct.pack(">f", float(RATE)), struct.pack(">f", 1e-9))
    (tmp_path / "slow").write_bytes(slow)
    assert len(seat_copy.slots(seat_copy.read({0: tmp_path / "slow"}))) == 1


def test_nobody_has_anything() -> None:
    found = sealing.seal(sealing.Sources(BEGAN_MS, BEGAN_MS + 3_010, False, (), (), ()))
    assert found.stretches == [{"from_ms": 0, "to_ms": 3_010, "kind": "gap"}]
    left, right = heard(found)
    assert not np.any(left)
    assert abs(len(right) - 3_010 * 48) <= SLOT


def test_equal_sources_give_equal_bytes(tmp_path: Path) -> None:
    made = sources(tmp_path, range(500, 600))
    assert sealing.seal(made) == sealing.seal(made)


def test_small_holes_are_one_stretch() -> None:
    journal = [None if n in (10, 20, 22, 30, 300) else SILENCE for n in range(400)]
    filling = stereo.Filling(dict.fromkeys(range(400), SILENCE), (0,) * 8)
    _, patches = stereo.merged(journal, [filling])
    assert [(one.kind, one.from_ms, one.to_ms) for one in patches] == [("filled", 200, 620), ("filled", 6_000, 6_020)]


_WORK = """
import sys
from functools import partial
from pathlib import Path
from server.speech import sealing
from server.speech.child import niced
root = Path(sys.argv[1])
seat = sealing.SeatSource(0, "audio/webm", {int(p.name): str(p) for p in (root / "spool").iterdir()})
journals = tuple(str(path) for path in root.rglob("*.rtp"))
call = sealing.Sources(0, int(sys.argv[2]) * 60_000, True, (), journals, (seat,))
found = niced(partial(sealing.seal, call))
assert [one["kind"] for one in found.stretches] == ["filled"], found.stretches
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


def _needed_mb(root: Path, minutes: int) -> float:
    """Most memory of a process that seals so long a call with a copy."""
    many = codec.encode(speech(60, seed=8))[:3_000] * minutes
    write_journal(root, [packet for n, packet in enumerate(Rtp(began_ms=0).packets(many)) if not 1_000 <= n < 1_500])
    write_chunks(root / "spool", chunked(webm(many)))
    work = [sys.executable, "-c", _WORK, str(root), str(minutes)]
    done = subprocess.run(work, capture_output=True, text=True, timeout=300, check=True)
    return int(done.stdout) / 1024


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_fifty_minutes_would_need_less_than_200_mb(tmp_path: Path) -> None:
    """Reckoned from two minutes and eight, which take seconds."""
    short, longer = _needed_mb(tmp_path / "short", 2), _needed_mb(tmp_path / "longer", 8)
    assert short + (longer - short) / 6 * 48 < 200, (short, longer)
