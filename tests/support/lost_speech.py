"""Somebody who speaks for a known time, and which seconds of it a sealed recording still has."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import av
import numpy as np

from server.speech import codec
from server.speech.engines import Samples
from server.speech.opus import RATE
from tests.support.speech import speech

LOW = 8_000
"""Hz; sounds are compared at this rate."""
WINDOW_MS = 100
REACH_MS = 400
"""So far from its place a window is looked for: clocks, jitter, and where two copies were joined."""
FOUND = 0.8
"""Correlation from which on a window is the same sound."""
SPOKEN = 0.01
"""Root mean square from which on a window is speech."""
SPARE_MS = 200
"""Of a second's speech so much may be blurred where journal and copy meet, and by the decoder's start behind it."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """A voice that says something else every second; `line` and `copy`: 20 ms of Opus each, by two encoders."""

    samples: Samples
    line: tuple[bytes, ...]
    copy: tuple[bytes, ...]

    @classmethod
    def of(cls, seconds: float, seed: int) -> Self:
        """So long a speech; no other seed makes one like it."""
        samples = speech(seconds, seed)
        return cls(samples, tuple(codec.encode(samples)), tuple(codec.encode(samples, 24_000)))


@dataclass(slots=True)
class Verdict:
    """Seconds of the source (from its begin) with speech, and those of them that a recording lacks."""

    spoken: int = 0
    lost: list[int] = field(default_factory=list)
    missing_ms: int = 0
    """All windows of speech that were not found, those that are spared included."""


def agent_side(ogg: bytes) -> Samples:
    """The left channel of a recording, decoded by FFmpeg alone, at 8 kHz."""
    resampler = av.AudioResampler(format="flt", layout="stereo", rate=LOW)
    pieces: list[Any] = []
    with av.open(io.BytesIO(ogg), "r") as container:
        for frame in container.decode(audio=0):
            pieces += [each.to_ndarray() for each in resampler.resample(frame)]
        pieces += [each.to_ndarray() for each in resampler.resample(None)]
    return np.concatenate(pieces, axis=1).reshape(-1)[::2].astype(np.float32)


def compare(
    source: Samples, recorded: Samples, begin_ms: float, spans_ms: Sequence[tuple[float, float]] | None = None
) -> Verdict:
    """Second by second: `source` at 48 kHz, `recorded` at 8 kHz, in which the source begins at `begin_ms`.

    Only seconds that lie wholly in one of `spans_ms` (source time) are looked at; None: all.
    """
    found = Verdict()
    low = _slow(source)
    reach, size = REACH_MS * LOW // 1000, WINDOW_MS * LOW // 1000
    padded = np.concatenate([np.zeros(reach + LOW), recorded, np.zeros(reach + LOW)]).astype(np.float64)
    for second in range(len(low) // LOW):
        if spans_ms is not None and not any(a <= second * 1000 and second * 1000 + 1000 <= b for a, b in spans_ms):
            continue
        missing = spoken = 0
        for at in range(second * LOW, (second + 1) * LOW, size):
            window = low[at : at + size].astype(np.float64)
            if float(np.sqrt(np.mean(window * window))) < SPOKEN:
                continue
            spoken += WINDOW_MS
            begin = LOW + at + round(begin_ms * LOW / 1000)
            missing += WINDOW_MS * (not _there(window, padded[max(0, begin) : begin + 2 * reach + size]))
        found.spoken += spoken > 0
        found.missing_ms += missing
        if missing > SPARE_MS or 0 < spoken <= missing:
            found.lost.append(second)
    return found


def _there(window: Any, region: Any) -> bool:
    """Whether a window stands anywhere in a region."""
    if len(region) < len(window):
        return False
    over = np.correlate(region, window, "valid")
    sums = np.concatenate([[0.0], np.cumsum(region * region)])
    energy = sums[len(window) :] - sums[: -len(window)]
    under = np.sqrt(np.maximum(energy, 1e-6) * np.sum(window * window))
    return float(np.max(over / under)) >= FOUND


def _slow(samples: Samples) -> Samples:
    """48 kHz to 8 kHz."""
    frame = av.AudioFrame.from_ndarray(samples[None, :], format="flt", layout="mono")
    frame.sample_rate = RATE
    resampler = av.AudioResampler(format="flt", layout="mono", rate=LOW)
    pieces = [each.to_ndarray() for each in (*resampler.resample(frame), *resampler.resample(None))]
    return np.concatenate(pieces, axis=1).reshape(-1).astype(np.float32)
