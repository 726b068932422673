"""Where a seat's copy lies in a call: by correlating how loud both are, slot by slot, second by second.

Envelopes are one value a slot of 20 ms, dBFS, floored at -60; NaN where there is nothing. Needs numpy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from server.speech import codec
from server.speech.opus import SLOT

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Levels: TypeAlias = npt.NDArray[np.float32]

FLOOR_DB = -60.0
SPEECH_DB = -45.0
NEAR_SLOTS = 250
"""5 s: so far the page's idea of the server's time may be wrong, before the whole call is searched."""
SECOND = 50
_REACH = 12
"""Slots by which two clocks may part from one second to the next that says something."""
_SURE = 0.7
_LIKELY = 0.5
_LEAST_SPEECH = SECOND
_UNLIKE = 0.3
_UNLIKE_DB = 12.0


@dataclass(frozen=True, slots=True)
class Aligned:
    """Slot of the call for every slot of the copy (`offset[second]` added), and seconds of the call that differ."""

    offsets: tuple[int, ...]
    score: float
    """Correlation of the whole; 0 where nothing could be compared."""
    differs: tuple[int, ...]
    """Slots of the call at which a differing second begins."""


def envelope(slots: Sequence[bytes | None]) -> Levels:
    """How loud each slot is; decoded a second at a time."""
    import numpy as np

    parts = [
        10 * np.log10(np.maximum(np.mean(np.square(block.reshape(-1, SLOT), dtype=np.float64), axis=1), 1e-12))
        for block in codec.blocks(slots)
    ]
    levels = np.maximum(np.concatenate(parts) if parts else np.zeros(0), FLOOR_DB).astype(np.float32)
    levels[np.fromiter((packet is None for packet in slots), dtype=bool, count=len(slots))] = np.nan
    return levels


def align(call: Levels, copy: Levels, nominal: int) -> Aligned:
    """Align a copy that should begin at slot `nominal` of the call."""
    seconds = max(1, -(-len(copy) // SECOND))
    offset, score = _whole(call, copy, nominal)
    if not score:
        return Aligned((nominal,) * seconds, 0.0, ())
    offsets: list[int | None] = [None] * seconds
    current = offset
    for second in range(seconds):
        found = _local(call, copy, second, current)
        if found is not None:
            offsets[second] = current = found
    known = [number for number, found in enumerate(offsets) if found is not None]
    filled = [
        offsets[min(known, key=lambda near: abs(near - number))] if known else offset for number in range(seconds)
    ]
    final = tuple(offset if found is None else found for found in filled)
    return Aligned(final, score, tuple(_differing(call, copy, final)))


def _whole(call: Levels, copy: Levels, nominal: int) -> tuple[int, float]:
    """The offset at which the copy as a whole fits best, and how well: near the nominal one if it does there."""
    import numpy as np

    size = 1 << (len(call) + len(copy)).bit_length()
    there, here = ~np.isnan(call), ~np.isnan(copy)
    if min(int(np.sum(call[there] > SPEECH_DB)), int(np.sum(copy[here] > SPEECH_DB))) < _LEAST_SPEECH:
        return nominal, 0.0
    a = np.where(there, call - FLOOR_DB, 0.0)
    b = np.where(here, copy - FLOOR_DB, 0.0)

    def correlated(one: Any, other: Any) -> npt.NDArray[np.float64]:
        product = np.fft.rfft(one, size) * np.conj(np.fft.rfft(other, size))
        return np.fft.irfft(product, size)

    mask_a, mask_b = there.astype(np.float64), here.astype(np.float64)
    count = np.maximum(np.round(correlated(mask_a, mask_b)), 1.0)
    sum_a, sum_b = correlated(a, mask_b), correlated(mask_a, b)
    over = correlated(a, b) - sum_a * sum_b / count
    var_a = correlated(a * a, mask_b) - sum_a**2 / count
    var_b = correlated(mask_a, b * b) - sum_b**2 / count
    under = np.sqrt(np.maximum(var_a, 1e-3) * np.maximum(var_b, 1e-3))
    scores = np.where(count >= min(2 * SECOND, len(copy)), over / under, -1.0)

    lags = np.arange(size)
    lags = np.where(lags < len(call), lags, lags - size)
    near = np.abs(lags - nominal) <= NEAR_SLOTS
    best_near = int(np.argmax(np.where(near, scores, -2.0)))
    if scores[best_near] >= _LIKELY:
        return int(lags[best_near]), float(scores[best_near])
    best = int(np.argmax(scores))
    if scores[best] >= _SURE:
        return int(lags[best]), float(scores[best])
    return nominal, 0.0


def _local(call: Levels, copy: Levels, second: int, current: int) -> int | None:
    """The offset of one second (with its neighbours), if it says one.

    Where too little is common to both at the current offset, as on the edge of a gap, none is said: by moving into the
    gap's other side a piece would always find something that it is like by chance.
    """
    first, last = max(0, (second - 1) * SECOND), min(len(copy), (second + 2) * SECOND)
    piece = copy[first:last]
    begin = max(0, first + current)
    there = call[begin : max(0, last + current)]
    if _score(there, piece[begin - first - current :][: len(there)]) is None:
        return None
    best: tuple[float, int] | None = None
    for offset in range(current - _REACH, current + _REACH + 1):
        begin = first + offset
        if begin < 0 or begin + len(piece) > len(call):
            continue
        score = _score(call[begin : begin + len(piece)], piece)
        if score is not None and (best is None or score > best[0] + 1e-6):
            best = (score, offset)
    return best[1] if best is not None and best[0] >= _SURE else None


def _score(one: Levels, other: Levels) -> float | None:
    """Correlation over the slots that both have; None where there is too little to compare."""
    import numpy as np

    both = ~(np.isnan(one) | np.isnan(other))
    if int(np.sum(both)) < SECOND:
        return None
    a, b = one[both], other[both]
    if float(np.max(a)) < SPEECH_DB or float(np.max(b)) < SPEECH_DB:
        return None
    a, b = a - a.mean(), b - b.mean()
    under = float(np.sqrt(np.sum(a * a) * np.sum(b * b)))
    return float(np.sum(a * b)) / under if under > 1e-3 else None


def _differing(call: Levels, copy: Levels, offsets: Sequence[int]) -> list[int]:
    import numpy as np

    found = []
    for second, offset in enumerate(offsets):
        begin = second * SECOND + offset
        piece = copy[second * SECOND : (second + 1) * SECOND]
        if begin < 0 or begin + len(piece) > len(call) or len(piece) < SECOND:
            continue
        other = call[begin : begin + SECOND]
        both = ~(np.isnan(piece) | np.isnan(other))
        if int(np.sum(both)) < SECOND * 4 // 5:
            continue
        a, b = other[both], piece[both]
        if max(float(np.max(a)), float(np.max(b))) < SPEECH_DB or float(np.mean(np.abs(a - b))) < _UNLIKE_DB:
            continue
        score = _score(other, piece)
        if score is None or score < _UNLIKE:
            found.append(begin)
    return found
