"""The voices of all installed engines, found by the entry-point group `ccss.tts`, best engine first."""

from collections.abc import Sequence
from functools import lru_cache
from importlib.metadata import entry_points
from pathlib import Path

from server.speech.engines import SpeechError, TtsEngine, Voice

GROUP = "ccss.tts"
_LAST = "espeak"
"""A voice to try things out with; whatever else can speak comes first."""


@lru_cache(maxsize=4)
def engines(folder: Path) -> Sequence[TtsEngine]:
    """Every engine with its files in `folder`; a model is loaded once a process, on first use."""
    points = sorted(entry_points(group=GROUP), key=lambda point: (point.name == _LAST, point.name))
    return [point.load()(folder) for point in points]


def voices(folder: Path) -> Sequence[Voice]:
    """The voices that can speak here and now."""
    return [voice for engine in engines(folder) if engine.available()[0] for voice in engine.voices()]


def engine_of(voice: str, folder: Path) -> TtsEngine:
    """The engine of a voice; raises SpeechError."""
    for engine in engines(folder):
        if any(one.id == voice for one in engine.voices()):
            return engine
    raise SpeechError(f"no such voice: {voice!r}")


def reason(folder: Path) -> str:
    """Why no good voice can speak; "" if one can."""
    found = [engine.available() for engine in engines(folder)]
    return "" if any(able for able, _ in found) else "; ".join(why for _, why in found)
