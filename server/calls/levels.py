"""How loud the calls are just now, by attempt; in memory only, for the board."""

from bisect import bisect_right
from dataclasses import dataclass, field

from server.core.frozen import Frozen
from server.core.media_wire import Levels

STEPS = (-127, -60, -45, -35, -25, -12)
"""Lower bounds of what is told apart, dBFS: a row of the board changes only with the step."""
FRESH_MS = 3_000
"""Levels come every half second; after so long they say nothing."""


class CallLoudness(Frozen):
    """One call: both sides in steps (dBFS, one of `STEPS`), and whether the contestant's sound is connected."""

    call_id: str
    agent_dbfs: int
    customer_dbfs: int
    connected: bool


@dataclass(slots=True)
class LevelBook:
    """The newest levels of each attempt; one call at a time is up in an attempt."""

    _newest: dict[str, tuple[int, CallLoudness]] = field(default_factory=dict)

    def note(self, levels: Levels, now_ms: int) -> None:
        """Levels of one worker came at `now_ms` (UTC epoch ms)."""
        for call in levels.calls:
            loudness = CallLoudness(
                call_id=call.call_id,
                agent_dbfs=step(call.agent_dbfs),
                customer_dbfs=step(call.customer_dbfs),
                connected=call.connected,
            )
            self._newest[call.attempt_id] = (now_ms, loudness)

    def of(self, attempt_id: str, now_ms: int) -> CallLoudness | None:
        """The levels of an attempt's call at `now_ms`; None if none have come lately."""
        noted = self._newest.get(attempt_id)
        if noted is None:
            return None
        if now_ms - noted[0] > FRESH_MS:
            del self._newest[attempt_id]
            return None
        return noted[1]


def step(dbfs: int) -> int:
    """The step that a level is in."""
    return STEPS[max(0, bisect_right(STEPS, dbfs) - 1)]
