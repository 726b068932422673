"""What was measured in a sealed recording: keys, units, formula ids and titles. Evidence for people, never marks.

Facts are plain JSON: numbers rounded so that equal sources give equal facts, times in ms from the recording's begin.
`turn_ms`, `held_ms` and the like come from the module's own journal and are not here. Pure: needs neither numpy nor av.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from server.core.outcome import Measure
from server.core.text import Text

FACTS_VERSION = 1


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of the facts."""

    key: str
    title: Text
    unit: str
    formula: str
    live_only: bool = False
    """Means something only where somebody listened and answered."""


FIGURES: tuple[Figure, ...] = (
    Figure("talk_ms", Text(zh="讲话时长", en="Talk time"), "ms", "talk-1"),
    Figure("customer_talk_ms", Text(zh="客户讲话时长", en="Customer's talk time"), "ms", "talk-1", live_only=True),
    Figure("silence_pct", Text(zh="静音占比", en="Silence"), "%", "silence-1", live_only=True),
    Figure("overlap_ms", Text(zh="抢话时长", en="Talking at once"), "ms", "overlap-1", live_only=True),
    Figure(
        "dead_air_count", Text(zh="超过 10 秒的冷场次数", en="Silences over 10 s"), "", "dead-air-10s-1", live_only=True
    ),
    Figure("dead_air_ms", Text(zh="冷场总时长", en="Dead air"), "ms", "dead-air-10s-1", live_only=True),
    Figure("longest_silence_ms", Text(zh="最长静音", en="Longest silence"), "ms", "silence-1", live_only=True),
    Figure("nuclei_per_s", Text(zh="语速（估计，音节/秒）", en="Speech rate (syllables/s)"), "1/s", "nuclei-1"),
    Figure("lufs", Text(zh="响度", en="Loudness"), "LUFS", "ebu-r128-i"),
    Figure("peak_dbfs", Text(zh="峰值电平", en="Peak level"), "dBFS", "peak-1"),
    Figure("clipped_samples", Text(zh="削波采样数", en="Clipped samples"), "", "clip-0.999-1"),
    Figure("snr_db", Text(zh="信噪比（估计）", en="Signal to noise"), "dB", "snr-p10-1"),
)
"""talk: frames of 20 ms taken as speech, joined over 200 ms, at least 100 ms long. silence: neither side speaks, of the
whole length. overlap: both do. dead-air: neither does for more than 10 s. nuclei: local maxima of the smoothed energy,
2 dB above both neighbouring minima, at least 100 ms apart, per second of speech. snr: mean power of speech less that of
the quietest tenth of the rest. ebu-r128-i: ITU-R BS.1770 gated loudness of the agent's side."""


def measures(facts: Mapping[str, Any]) -> tuple[Measure, ...]:
    """The figures that these facts hold, for people; one that could not be measured is left out."""
    live = bool(facts.get("live"))
    return tuple(
        Measure(
            key=figure.key,
            title=figure.title,
            value=Decimal(str(facts[figure.key])),
            unit=figure.unit,
            formula=figure.formula,
        )
        for figure in FIGURES
        if facts.get(figure.key) is not None and (live or not figure.live_only)
    )
