"""espeak-ng as a voice for trying things out: hardly understandable Mandarin, run as a process of its own (GPL)."""

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from server.core.spoken import Segment
from server.speech.engines import Samples, SpeechError, Voice

VOICE = Voice(id="espeak-cmn", language="zh-CN", label="试音专用 espeak（不适合正式录音）")
_WORDS_PER_MINUTE = 160
_TIMEOUT_S = 60


class EspeakEngine:
    """Speaks what the installed `espeak-ng` command makes of the text; readings are not followed."""

    version = "espeak-ng"

    def __init__(self, folder: Path | None = None) -> None:
        self._command = shutil.which("espeak-ng")

    def voices(self) -> Sequence[Voice]:
        """One, labelled as what it is."""
        return (VOICE,)

    def available(self) -> tuple[bool, str]:
        """Whether the command is installed."""
        return (True, "") if self._command else (False, "the command espeak-ng is not installed")

    def synth(self, segments: Sequence[Segment], voice: str, speed: float) -> tuple[Samples, int]:
        """Samples at 48,000 Hz, a pause after each segment; raises SpeechError."""
        from server.speech import audio

        if self._command is None:
            raise SpeechError("the command espeak-ng is not installed")
        parts: list[Samples] = []
        for segment in segments:
            command = [self._command, "-v", "cmn", "-s", str(round(_WORDS_PER_MINUTE * speed)), "--stdout"]
            done = subprocess.run(
                command, input=segment.text.encode(), capture_output=True, timeout=_TIMEOUT_S, check=False
            )
            if done.returncode or not done.stdout:
                raise SpeechError(f"espeak-ng failed: {done.stderr.decode(errors='replace')[:200]}")
            samples, _ = audio.decode(_sized(done.stdout))
            parts += [audio.trim(samples, audio.OPUS_RATE_HZ), audio.silence(segment.pause_ms, audio.OPUS_RATE_HZ)]
        return audio.join(parts), audio.OPUS_RATE_HZ


def _sized(wave: bytes) -> bytes:
    """A WAV with its true length: a stream's header can't know it (RIFF sizes at bytes 4 and 40)."""
    return (
        wave[:4]
        + (len(wave) - 8).to_bytes(4, "little")
        + wave[8:40]
        + (len(wave) - 44).to_bytes(4, "little")
        + wave[44:]
    )
