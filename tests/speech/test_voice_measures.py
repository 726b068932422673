"""Measures of sealed recordings against sounds of which everything is known."""

from decimal import Decimal

import numpy as np
import pytest

from server.speech import codec, voice_measures
from server.speech.engines import Samples
from server.speech.opus import RATE
from server.speech.voice_facts import FIGURES, measures
from tests.support.sound import tone
from tests.support.speech import quiet, speech

pytestmark = pytest.mark.unit


def syllables(count: int, apart_ms: int, ms: int = 120, level: float = 0.4) -> Samples:
    """So many bursts of a tone, begun `apart_ms` from one another."""
    out = quiet(count * apart_ms / 1_000)
    shape = np.hanning(RATE * ms // 1_000).astype(np.float32)
    for number in range(count):
        at = number * apart_ms * RATE // 1_000
        out[at : at + len(shape)] += tone(ms, level, 300)[: len(shape)] * shape
    return out


def facts_of(
    agent: Samples, customer: Samples, *, live: bool = True, aside: tuple[tuple[int, int], ...] = ()
) -> dict[str, object]:
    """What is measured in these two sides."""
    size = max(len(agent), len(customer))
    sides = [codec.encode(np.pad(side, (0, size - len(side)))) for side in (agent, customer)]
    found: dict[str, object] = voice_measures.facts(
        voice_measures.Sides(sides[0], sides[1], size, 50), live=live, aside=aside
    )
    return found


def test_talk_overlap_and_dead_air() -> None:
    agent = np.concatenate([tone(4_000), quiet(16), tone(2_000)])
    customer = np.concatenate([quiet(3), tone(3_000), quiet(16)])
    found = facts_of(agent, customer)
    assert found["talk_ms"] == pytest.approx(6_000, abs=150)
    assert found["customer_talk_ms"] == pytest.approx(3_000, abs=100)
    assert found["overlap_ms"] == pytest.approx(1_000, abs=100)
    assert (found["dead_air_count"], found["dead_air_ms"]) == (1, pytest.approx(14_000, abs=150))
    assert found["silence_pct"] == pytest.approx(14 / 22 * 100, abs=1)
    assert found["longest_silence_ms"] == found["dead_air_ms"]
    pauses = found["pauses"]
    assert isinstance(pauses, list)
    assert [pytest.approx([4_000, 20_000], abs=80)] == pauses


def test_holds_and_gaps_are_no_dead_air() -> None:
    agent = np.concatenate([tone(1_000), quiet(24), tone(1_000)])
    assert facts_of(agent, quiet(1), aside=((8_000, 18_000),))["dead_air_count"] == 0
    assert facts_of(agent, quiet(1))["dead_air_count"] == 1


def test_dead_air_is_measured_in_live_calls_only() -> None:
    found = facts_of(np.concatenate([tone(1_000), quiet(20)]), quiet(1), live=False)
    assert "dead_air_count" not in found
    assert {measure.key for measure in measures(found)} & {"dead_air_ms", "silence_pct", "overlap_ms"} == set()
    live = measures(facts_of(np.concatenate([tone(1_000), quiet(20)]), quiet(1)))
    assert {"dead_air_ms", "silence_pct", "overlap_ms"} <= {measure.key for measure in live}


@pytest.mark.parametrize("apart_ms", [180, 200, 250])
def test_syllables_are_counted(apart_ms: int) -> None:
    found = facts_of(syllables(40, apart_ms), quiet(1))
    assert found["nuclei_per_s"] == pytest.approx(1_000 / apart_ms, rel=0.1)


def test_loudness_is_that_of_the_standard() -> None:
    """ITU-R BS.1770: a sine of 1 kHz has its RMS level in LUFS, 3 dB below its peak."""
    level = 10 ** (-20 / 20)
    found = facts_of(tone(6_000, level, 1_000), quiet(1))
    assert found["lufs"] == pytest.approx(-23.0, abs=0.4)
    assert found["peak_dbfs"] == pytest.approx(-20, abs=0.6)


def test_clipping_and_noise() -> None:
    loud = np.clip(speech(5, level=1.0) * 6, -1, 1).astype(np.float32)
    assert facts_of(loud, quiet(1))["clipped_samples"] > 50  # type: ignore[operator]
    clean = facts_of(speech(8), quiet(1))
    assert clean["clipped_samples"] == 0
    noise = (np.random.default_rng(1).normal(0, 0.01, 8 * RATE)).astype(np.float32)
    noisy = facts_of(speech(8) + noise, quiet(1))
    assert noisy["snr_db"] < clean["snr_db"] - 10  # type: ignore[operator]


def test_silence_has_no_figures_of_speech() -> None:
    found = facts_of(quiet(5), quiet(5))
    assert (found["talk_ms"], found["nuclei_per_s"], found["lufs"], found["snr_db"]) == (0, None, None, None)
    assert {measure.key: measure.value for measure in measures(found)}["talk_ms"] == Decimal(0)


def test_every_figure_has_a_formula_and_is_known_once() -> None:
    assert len({figure.key for figure in FIGURES}) == len(FIGURES)
    assert all(figure.formula and figure.title.en for figure in FIGURES)
