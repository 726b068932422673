"""What every speech engine offers: samples are mono float32 in the range -1..1, rates in Hz."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias

from server.core.spoken import Segment

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

Samples: TypeAlias = "npt.NDArray[np.float32]"


class SpeechError(Exception):
    """A voice, a file or a text that speech cannot work with; the message says what to do."""


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
