"""Measures of a sealed recording, made once, in one pass over both sides, a second at a time. Needs numpy and av.

The formulas are named and described in `server.speech.voice_facts`. Levels in dBFS, times in ms from the begin.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeAlias

from server.speech import codec
from server.speech.audio import CLIPPED_LEVEL
from server.speech.engines import Samples
from server.speech.opus import RATE
from server.speech.voice_facts import FACTS_VERSION

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Levels: TypeAlias = npt.NDArray[np.float64]
    Marks: TypeAlias = npt.NDArray[np.bool_]

FINE_MS = 10
FRAME_MS = 20
JOIN_MS = 200
LEAST_SPEECH_MS = 100
DEAD_AIR_MS = 10_000
PAUSE_MS = 500
MOST_PAUSES = 1_000
_FLOOR_DB = -90.0
_NUCLEUS_DIP_DB = 2.0
_NUCLEUS_APART_MS = 100


class Meter:
    """Loudness by ITU-R BS.1770 (EBU R 128), as FFmpeg's filter works it out."""

    def __init__(self) -> None:
        import av

        self._graph: Any = av.filter.Graph()
        self._in = self._graph.add_abuffer(sample_rate=RATE, format="fltp", layout="mono", time_base=Fraction(1, RATE))
        meter = self._graph.add("ebur128", "metadata=1:framelog=quiet")
        out = self._graph.add("abuffersink")
        self._in.link_to(meter)
        meter.link_to(out)
        self._graph.configure()
        self._at = 0
        self.lufs: float | None = None
        """Of everything so far; None as long as there is nothing but silence."""

    def add(self, samples: Samples) -> None:
        """The next samples."""
        import av

        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="fltp", layout="mono")
        frame.sample_rate = RATE
        frame.pts = self._at
        self._at += len(samples)
        self._graph.push(frame)
        while True:
            try:
                said = self._graph.pull().metadata.get("lavfi.r128.I")
            except (av.error.BlockingIOError, av.error.EOFError):
                return
            if said is not None:
                value = float(said)
                self.lufs = None if not math.isfinite(value) or value <= -69.9 else round(value, 1)


class Sides:
    """Both sides of a recording, decoded once: levels, peaks, clipping, loudness."""

    def __init__(self, agent: Sequence[bytes], customer: Sequence[bytes], samples: int, peak_ms: int) -> None:
        import numpy as np

        meter = Meter()
        self.clipped = 0
        self.highest = 0.0
        fine: list[Levels] = []
        peaks: tuple[list[Levels], list[Levels]] = ([], [])
        other: list[Levels] = []
        left = samples
        for one, two in zip(codec.blocks(agent), codec.blocks(customer), strict=True):
            size = min(left, len(one))
            left -= size
            if not size:
                break
            one, two = one[:size], two[:size]
            self.clipped += int(np.count_nonzero(np.abs(one) >= CLIPPED_LEVEL))
            self.highest = max(self.highest, float(np.max(np.abs(one))))
            fine.append(_levels(one, FINE_MS))
            other.append(_levels(two, FRAME_MS))
            for found, block in zip(peaks, (one, two), strict=True):
                found.append(_highest(block, peak_ms))
            meter.add(one)
        self.lufs = meter.lufs
        self.fine = np.concatenate(fine) if fine else np.zeros(0)
        self.customer = np.concatenate(other) if other else np.zeros(0)
        pairs = self.fine[: len(self.fine) // 2 * 2].reshape(-1, 2)
        power = np.mean(10 ** (pairs / 10), axis=1)
        self.agent = 10 * np.log10(np.maximum(power, 1e-12))
        self.peaks = tuple(
            [int(value) for value in np.minimum(100, np.ceil(np.concatenate(found) * 100))] if found else []
            for found in peaks
        )


def facts(sides: Sides, *, live: bool, aside: Sequence[tuple[int, int]]) -> dict[str, Any]:
    """Everything that `voice_facts.FIGURES` names, the pause map, and where the agent speaks.

    `aside` are stretches (ms) that are no dead air: holds, and what nobody has.
    """
    import numpy as np

    count = min(len(sides.agent), len(sides.customer))
    agent, customer = sides.agent[:count], sides.customer[:count]
    speaks, answers = _speech(agent), _speech(customer)
    quiet = ~(speaks | answers)
    counted = quiet.copy()
    for from_ms, to_ms in aside:
        counted[from_ms // FRAME_MS : -(-to_ms // FRAME_MS)] = False
    dead = [span for span in _spans(counted) if span[1] - span[0] > DEAD_AIR_MS]
    spurts = _spans(speaks)
    talk_ms = int(np.sum(speaks)) * FRAME_MS
    pauses = [[one[1], two[0]] for one, two in zip(spurts, spurts[1:], strict=False) if two[0] - one[1] >= PAUSE_MS]
    found: dict[str, Any] = {
        "version": FACTS_VERSION,
        "live": live,
        "duration_ms": count * FRAME_MS,
        "talk_ms": talk_ms,
        "customer_talk_ms": int(np.sum(answers)) * FRAME_MS,
        "silence_pct": round(100 * float(np.mean(quiet)), 1) if count else None,
        "overlap_ms": int(np.sum(speaks & answers)) * FRAME_MS,
        "longest_silence_ms": max((end - begin for begin, end in _spans(counted)), default=0),
        "nuclei_per_s": round(_nuclei(sides.fine, speaks) * 1000 / talk_ms, 1) if talk_ms >= 1_000 else None,
        "lufs": sides.lufs,
        "peak_dbfs": round(20 * math.log10(sides.highest), 1) if sides.highest > 0 else None,
        "clipped_samples": sides.clipped,
        "snr_db": _snr(agent, speaks),
        "speech": [list(span) for span in spurts[:MOST_PAUSES]],
        "pauses": pauses[:MOST_PAUSES],
    }
    if live:
        found |= {
            "dead_air": [list(span) for span in dead],
            "dead_air_count": len(dead),
            "dead_air_ms": sum(end - begin for begin, end in dead),
        }
    return found


def _levels(samples: Samples, step_ms: int) -> Levels:
    import numpy as np

    power = np.mean(np.square(_steps(samples, step_ms), dtype=np.float64), axis=1)
    return np.asarray(10 * np.log10(np.maximum(power, 10 ** (_FLOOR_DB / 10))), dtype=np.float64)


def _highest(samples: Samples, step_ms: int) -> Levels:
    import numpy as np

    return np.asarray(np.max(np.abs(_steps(samples, step_ms)), axis=1), dtype=np.float64)


def _steps(samples: Samples, step_ms: int) -> Samples:
    """Whole steps, the last one filled up with silence."""
    import numpy as np

    size = RATE * step_ms // 1000
    return np.pad(samples, (0, -len(samples) % size)).reshape(-1, size)


def _speech(levels: Levels) -> Marks:
    """Frames taken as speech: well above this side's own noise; joined over short dips, clicks left out."""
    import numpy as np

    marks = np.zeros(len(levels), dtype=np.bool_)
    if not len(levels):
        return marks
    heard = levels[levels > _FLOOR_DB + 10]
    noise = float(np.percentile(heard, 10)) if len(heard) else _FLOOR_DB
    least = min(max(noise + 12, -50.0), -35.0)
    spans: list[list[int]] = []
    for begin, end in _spans(levels > least):
        if spans and begin - spans[-1][1] <= JOIN_MS:
            spans[-1][1] = end
        else:
            spans.append([begin, end])
    for begin, end in spans:
        if end - begin >= LEAST_SPEECH_MS:
            marks[begin // FRAME_MS : end // FRAME_MS] = True
    return marks


def _spans(marks: Marks) -> list[tuple[int, int]]:
    """Where frames are marked, in ms."""
    import numpy as np

    edges = np.flatnonzero(np.diff(np.concatenate(([0], marks.astype(np.int8), [0]))))
    return [(int(a) * FRAME_MS, int(b) * FRAME_MS) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _snr(levels: Levels, speaks: Marks) -> float | None:
    import numpy as np

    if not speaks.any() or speaks.all():
        return None
    rest = np.sort(levels[~speaks])
    noise = float(np.mean(rest[: max(1, len(rest) // 10)]))
    speech = 10 * math.log10(float(np.mean(10 ** (levels[speaks] / 10))))
    return round(min(speech - max(noise, _FLOOR_DB), 90.0), 1)


def _nuclei(fine: Levels, speaks: Marks) -> int:
    """Peaks of the smoothed energy within speech that stand out of the dips beside them."""
    import numpy as np

    if len(fine) < 5:
        return 0
    smooth = np.convolve(np.pad(fine, 2, mode="edge"), np.ones(5) / 5, mode="valid")
    within = np.repeat(speaks, FRAME_MS // FINE_MS)
    count, last_peak = 0, -_NUCLEUS_APART_MS
    low, high, high_at, rising = math.inf, -math.inf, 0, True
    for at, level in enumerate(smooth[: len(within)]):
        if not within[at]:
            low, high, rising = math.inf, -math.inf, True
            continue
        if rising:
            low = min(low, level)
            if level > high:
                high, high_at = level, at
            elif high - level >= _NUCLEUS_DIP_DB:
                at_ms = high_at * FINE_MS
                if at_ms - last_peak >= _NUCLEUS_APART_MS:
                    count, last_peak = count + 1, at_ms
                low, rising = level, False
        else:
            low = min(low, level)
            if level - low >= _NUCLEUS_DIP_DB:
                high, high_at, rising = level, at, True
    return count
