"""When somebody speaks, by audio levels alone (RFC 6464): nothing is decoded."""

from collections import deque

from server.core.media import Leg, SpeechBegan, SpeechEnded
from server.speech.rtp_journal import NO_LEVEL
from telephony.worker.rtp import TICK_MS

BEGIN_FRAMES, OF_FRAMES = 3, 5
END_MS = 400
OVER_FLOOR_DB = 15.0
LOWEST_DBFS, HIGHEST_DBFS = -50.0, -38.0
"""Where the threshold may lie; with the usual noise of a hall's headset it is -45 dBFS."""
HYSTERESIS_DB = 6.0
_USUAL_FLOOR = -60.0
_DEEPEST_FLOOR, _TOP_FLOOR = -70.0, -40.0
_FALL, _RISE_DB = 0.1, 0.01
"""The noise floor follows a quieter frame by a tenth, and a louder one by 0.5 dB a second."""


class SpeechDetector:
    """One leg's speech. Times are ms of any steady clock; reports come back as they fall due."""

    def __init__(self, leg: Leg) -> None:
        self._leg: Leg = leg
        self._floor = _USUAL_FLOOR
        self._threshold = _threshold(_USUAL_FLOOR)
        self._recent: deque[int | None] = deque(maxlen=OF_FRAMES)
        self._began_ms: int | None = None
        self._last_loud_ms = 0

    @property
    def speaking(self) -> bool:
        """Whether speech has begun and not ended."""
        return self._began_ms is not None

    @property
    def threshold_dbfs(self) -> float:
        """At which level speech begins now."""
        return self._threshold

    def is_loud(self, level: int) -> bool:
        """Whether a frame of so many -dBov is speech rather than noise."""
        return level != NO_LEVEL and -level >= self._threshold

    def frame(self, level: int, now_ms: int) -> SpeechBegan | SpeechEnded | None:
        """A frame of 20 ms arrived; `level` is -dBov, `NO_LEVEL` says nothing."""
        if level == NO_LEVEL:
            return self.tick(now_ms)
        threshold = self._threshold
        self._follow(-level)
        if self._began_ms is None:
            self._recent.append(now_ms if -level >= threshold else None)
            times = [each for each in self._recent if each is not None]
            if len(times) >= BEGIN_FRAMES:
                self._began_ms, self._last_loud_ms = times[0], now_ms
                return SpeechBegan(leg=self._leg)
            return None
        if -level >= threshold - HYSTERESIS_DB:
            self._last_loud_ms = now_ms
            return None
        return self.tick(now_ms)

    def tick(self, now_ms: int) -> SpeechEnded | None:
        """Time went by, perhaps without a frame: a stream that breaks off ends the speech, too."""
        if self._began_ms is None or now_ms - self._last_loud_ms < END_MS:
            return None
        return self.end(now_ms)

    def end(self, now_ms: int) -> SpeechEnded | None:
        """The leg is gone: whoever spoke has stopped."""
        if self._began_ms is None:
            return None
        spoken = self._last_loud_ms + TICK_MS - self._began_ms
        self._began_ms = None
        self._recent.clear()
        return SpeechEnded(leg=self._leg, spoken_ms=spoken, ago_ms=max(0, now_ms - self._last_loud_ms - TICK_MS))

    def _follow(self, dbfs: int) -> None:
        floor = self._floor
        floor += (dbfs - floor) * _FALL if dbfs < floor else _RISE_DB
        if _DEEPEST_FLOOR <= floor <= _TOP_FLOOR:
            self._floor = floor
            self._threshold = _threshold(floor)


def _threshold(floor: float) -> float:
    over = floor + OVER_FLOOR_DB
    return LOWEST_DBFS if over < LOWEST_DBFS else HIGHEST_DBFS if over > HIGHEST_DBFS else over
