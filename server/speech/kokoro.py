"""Kokoro-82M v1.0 (int8 ONNX) as a Mandarin voice: an authoring tool, never used while a contest runs.

24 kHz mono float32; about 0.6 CPU seconds per second of sound on one thread; equal input gives equal output
on one machine. Needs the `tts` extra and the files of server.speech.voices; raises SpeechError without.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from server.core.spoken import Segment
from server.speech import voices
from server.speech.engines import Samples, SpeechError, Voice
from server.speech.phonemes import phonemes

if TYPE_CHECKING:
    import numpy as np

RATE_HZ = 24_000
MAX_SYMBOLS = 508
SPEEDS = (0.5, 2.0)
_NEEDED = ("numpy", "onnxruntime", "rjieba", "pypinyin")

# Numbers of the symbols in the model's vocabulary; only what Mandarin uses.
_VOCABULARY = {
    ";": 1, ":": 2, ",": 3, ".": 4, "!": 5, "?": 6, " ": 16, "ʦ": 20, "ʨ": 21, "ꭧ": 23, "a": 43, "e": 47,
    "f": 48, "h": 50, "i": 51, "j": 52, "k": 53, "l": 54, "m": 55, "n": 56, "o": 57, "p": 58, "s": 61,
    "t": 62, "u": 63, "w": 65, "x": 66, "y": 67, "ɔ": 76, "ɕ": 77, "ə": 83, "ɚ": 85, "ɛ": 86, "ɥ": 99,
    "ɨ": 101, "ŋ": 112, "ɻ": 126, "ʂ": 130, "ʊ": 135, "ɤ": 140, "ʰ": 162, "↓": 169, "→": 171, "↗": 172,
    "↘": 173,
}  # fmt: skip


class KokoroEngine:
    """Speaks segments with one of the pinned Mandarin voices; loads the model on first use."""

    version = f"kokoro-82m-v1.0-int8-{voices.MODEL_SHA256[:12]}"

    def __init__(self, folder: Path | None = None, threads: int = 1) -> None:
        self._folder = folder
        self._threads = threads
        self._session: Any = None
        self._styles: dict[str, Any] = {}

    def voices(self) -> Sequence[Voice]:
        """The eight Mandarin voices."""
        return voices.VOICES

    def available(self) -> tuple[bool, str]:
        """Whether the extra and the pinned files are there."""
        missing = [name for name in _NEEDED if find_spec(name) is None]
        if missing:
            return False, f"not installed: {', '.join(missing)} (extra 'tts')"
        try:
            folder = voices.voices_folder(self._folder)
            voices.model_path(folder)
            for voice in voices.VOICES:
                voices.style_path(folder, voice.id)
        except SpeechError as error:
            return False, str(error)
        return True, ""

    def synth(self, segments: Sequence[Segment], voice: str, speed: float) -> tuple[Samples, int]:
        """Samples at 24,000 Hz: one inference per breath, silence for each pause between them."""
        from server.speech.audio import join, silence, trim

        if not SPEEDS[0] <= speed <= SPEEDS[1]:
            raise SpeechError(f"speed {speed} is outside {SPEEDS[0]}..{SPEEDS[1]}")
        parts: list[Samples] = []
        for breath, pause_ms in _breaths(segments):
            parts.append(trim(self._infer(phonemes(breath), voice, speed), RATE_HZ))
            if pause_ms:
                parts.append(silence(pause_ms, RATE_HZ))
        return join(parts), RATE_HZ

    def _infer(self, spoken: str, voice: str, speed: float) -> Samples:
        import numpy as np

        unknown = set(spoken) - set(_VOCABULARY)
        if unknown:
            raise SpeechError(f"the model knows no symbol {''.join(sorted(unknown))!r} (in {spoken!r})")
        symbols = [_VOCABULARY[symbol] for symbol in spoken]
        if not 0 < len(symbols) <= MAX_SYMBOLS:
            raise SpeechError(f"{len(symbols)} phonemes in one breath; 1 to {MAX_SYMBOLS} are possible")
        inputs = {
            "tokens": np.array([[0, *symbols, 0]], dtype=np.int64),
            "style": self._style(voice)[len(symbols) - 1].reshape(1, -1),
            "speed": np.array([speed], dtype=np.float32),
        }
        sound: Samples = np.asarray(self._loaded().run(None, inputs)[0], dtype=np.float32).ravel()
        return sound

    def _style(self, voice: str) -> np.ndarray[Any, Any]:
        import numpy as np

        if voice not in self._styles:
            path = voices.style_path(voices.voices_folder(self._folder), voice)
            self._styles[voice] = np.fromfile(path, dtype=np.float32).reshape(voices.STYLE_SHAPE)
        style: np.ndarray[Any, Any] = self._styles[voice]
        return style

    def _loaded(self) -> Any:
        if self._session is None:
            path = voices.model_path(voices.voices_folder(self._folder))
            import onnxruntime

            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = self._threads
            options.inter_op_num_threads = 1
            self._session = onnxruntime.InferenceSession(
                str(path), sess_options=options, providers=["CPUExecutionProvider"]
            )
        return self._session


def _breaths(segments: Sequence[Segment]) -> Iterator[tuple[list[Segment], int]]:
    breath: list[Segment] = []
    for segment in segments:
        breath.append(segment)
        if segment.pause_ms:
            yield breath, segment.pause_ms
            breath = []
    if breath:
        yield breath, 0
