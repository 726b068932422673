"""The whole work on one call, as it is done in a child process: sources in, a sealed recording out. Plain data only.

Needs numpy and av where there is any sound. Times UTC epoch ms, or ms from the call's begin, as named.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from server.speech import ogg_writing, seat_copy, stereo, timeline
from server.speech.opus import RATE, SILENCE
from server.speech.voice_facts import FACTS_VERSION

AGENT, CUSTOMER = "agent", "customer"
PEAK_MS = 50
MOST_PEAKS = 12_000
BEYOND_SLOTS = 15_000
"""5 min: by so much a copy may be longer than its call; times further on were written by no recorder."""
SEALING_VERSION = 1
"""Part of what a sealing is known by: another version makes another recording of the same sources."""


@dataclass(frozen=True, slots=True)
class SeatSource:
    """What one recorder uploaded: when it began, and its chunks by number."""

    began_ms: int
    media_type: str
    chunks: dict[int, str]


@dataclass(frozen=True, slots=True)
class Sources:
    """Everything that there is of a call; paths as text. `holds` (also pauses of the stage) in ms from the begin."""

    began_ms: int
    ended_ms: int
    live: bool
    holds: tuple[tuple[int, int], ...]
    journals: tuple[str, ...]
    seats: tuple[SeatSource, ...]

    @property
    def any(self) -> bool:
        """Whether anybody recorded anything."""
        return bool(self.journals) or any(seat.chunks for seat in self.seats)


@dataclass(frozen=True, slots=True)
class Sealed:
    """A recording: Ogg Opus, peaks as JSON, what is to be said of stretches, what was measured."""

    sound: bytes
    peaks: bytes
    duration_ms: int
    stretches: list[dict[str, Any]]
    facts: dict[str, Any]
    faults: list[str] = field(default_factory=list)
    """Sources that could not be read."""


def seal(sources: Sources) -> Sealed:
    """One call. A source that can't be read is told of and left out: the others must not be lost by it."""
    duration_ms = max(20, sources.ended_ms - sources.began_ms)
    samples = duration_ms * RATE // 1000
    count = ogg_writing.slots_of(samples)
    if not sources.any:
        return _empty(sources, duration_ms, samples, count)
    from server.speech import voice_measures

    faults: list[str] = []
    agent, customer = (
        timeline.side(_of(sources.journals, leg), sources.began_ms * 1000, count) for leg in (AGENT, CUSTOMER)
    )
    if broken := agent.broken + customer.broken:
        faults.append(f"{broken} packets or journals could not be read")
    left, patches = stereo.merged(agent.slots, _fillings(sources, agent.slots, faults))
    patches = [patch for patch in patches if patch.from_ms < duration_ms]
    right = stereo.whole(customer.slots)
    peak_ms = _peak_ms(duration_ms)
    sides = voice_measures.Sides(left, right, samples, peak_ms)
    aside = [*sources.holds, *((patch.from_ms, patch.to_ms) for patch in patches if patch.kind == "gap")]
    found = voice_measures.facts(sides, live=sources.live, aside=aside)
    return Sealed(
        sound=ogg_writing.stereo(left, right, samples),
        peaks=_peaks(peak_ms, sides.peaks[0], sides.peaks[1]),
        duration_ms=duration_ms,
        stretches=_said(patches, duration_ms),
        facts=found | _counts(agent, patches, duration_ms),
        faults=faults,
    )


def _fillings(sources: Sources, agent: Sequence[bytes | None], faults: list[str]) -> list[stereo.Filling]:
    """The seats' copies, each in its place."""
    found: list[stereo.Filling] = []
    levels = None
    for seat in sources.seats:
        if not seat.chunks:
            continue
        try:
            copy = seat_copy.slots(seat_copy.read({number: Path(path) for number, path in seat.chunks.items()}))
        except Exception as error:
            faults.append(f"a seat's copy could not be read: {type(error).__name__}: {error}")
            continue
        if not copy:
            faults.append("a seat's copy holds no sound")
            continue
        from server.speech import alignment

        if levels is None:
            levels = alignment.envelope(agent)
        first = min(copy)
        kept = {slot: packet for slot, packet in copy.items() if slot - first <= len(agent) + BEYOND_SLOTS}
        if len(kept) < len(copy):
            faults.append(f"a seat's copy names times far behind its call: {len(copy) - len(kept)} packets left out")
        copy, last = kept, max(kept)
        # Counted from the copy's own first slot: the page's clock may have run on before it.
        slots = {slot - first: packet for slot, packet in copy.items()}
        listed = [slots.get(number) for number in range(last - first + 1)]
        nominal = round((seat.began_ms - sources.began_ms) / stereo.SLOT_MS) + first
        aligned = alignment.align(levels, alignment.envelope(listed), nominal)
        found.append(stereo.Filling(slots, aligned.offsets, aligned.differs))
    return found


def _of(journals: Sequence[str], leg: str) -> list[Path]:
    return [Path(path) for path in journals if Path(path).name.split("-")[0] == leg]


def _empty(sources: Sources, duration_ms: int, samples: int, count: int) -> Sealed:
    """Nobody has anything: a recording of silence that says so."""
    silence = [SILENCE] * count
    peak_ms = _peak_ms(duration_ms)
    steps = [0] * -(-duration_ms // peak_ms)
    return Sealed(
        sound=ogg_writing.stereo(silence, silence, samples),
        peaks=_peaks(peak_ms, steps, steps),
        duration_ms=duration_ms,
        stretches=_said([stereo.Patch(0, duration_ms, "gap")], duration_ms),
        facts={
            "version": FACTS_VERSION,
            "live": sources.live,
            "duration_ms": duration_ms,
            "talk_ms": 0,
            "speech": [],
            "pauses": [],
            "gap_ms": duration_ms,
            "filled_ms": 0,
            "differs_ms": 0,
            "packets": 0,
        },
    )


def _counts(agent: timeline.Side, patches: Sequence[stereo.Patch], duration_ms: int) -> dict[str, Any]:
    lengths = {
        f"{kind}_ms": sum(min(patch.to_ms, duration_ms) - patch.from_ms for patch in patches if patch.kind == kind)
        for kind in ("gap", "filled", "differs")
    }
    return {**lengths, "packets": agent.packets, "duration_ms": duration_ms}


def _said(patches: Sequence[stereo.Patch], duration_ms: int) -> list[dict[str, Any]]:
    return [asdict(patch) | {"to_ms": min(patch.to_ms, duration_ms)} for patch in patches]


def _peak_ms(duration_ms: int) -> int:
    """A step that divides a second, so that blocks of a second join without a seam."""
    return next((step for step in (PEAK_MS, 100, 250, 500) if duration_ms // step <= MOST_PEAKS), 1_000)


def _peaks(step_ms: int, agent: Sequence[int], customer: Sequence[int]) -> bytes:
    body = {"step_ms": step_ms, "agent": list(agent), "customer": list(customer)}
    return json.dumps(body, separators=(",", ":")).encode()
