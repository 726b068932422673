"""What every speech engine offers, and the pieces that are spoken.

`Segment` holds Chinese text, an optional reading and the pause after it in ms; samples are mono float32
in the range -1..1; rates are in Hz.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

Samples: TypeAlias = "npt.NDArray[np.float32]"


class SpeechError(Exception):
    """A voice, a file or a text that speech cannot work with; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of speech: text, its pinyin where the usual reading is wrong, the pause after it.

    `pinyin` holds one numbered syllable per character ("shan4 yu3 tong2"); `pause_ms` 0 means that the
    next segment follows without a break, in the same breath.
    """

    text: str
    pinyin: str | None = None
    pause_ms: int = 0


@dataclass(frozen=True, slots=True)
class Voice:
    """A voice of an engine: its id, language tag, and a label for people."""

    id: str
    language: str
    label: str


class TtsEngine(Protocol):
    """An engine that turns segments into sound, equal input into equal output."""

    @property
    def version(self) -> str:
        """Names engine and model; a part of every cache key."""

    def voices(self) -> Sequence[Voice]:
        """The voices it knows, whether or not their files are at hand."""

    def available(self) -> tuple[bool, str]:
        """Whether it can speak here and now, and if not the reason in one sentence."""

    def synth(self, segments: Sequence[Segment], voice: str, speed: float) -> tuple[Samples, int]:
        """Mono samples and their rate in Hz; raises SpeechError."""
