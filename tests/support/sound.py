"""Sounds for tests: tones, and the files that hold them."""

import io
import wave

import numpy as np

from server.speech.engines import Samples

RATE = 48_000


def tone(ms: int, level: float = 0.3, hz: float = 440.0) -> Samples:
    """A sine of so many ms; level 1 is full scale."""
    return np.asarray(level * np.sin(2 * np.pi * hz * np.arange(RATE * ms // 1000) / RATE), dtype=np.float32)


def wav(samples: Samples) -> bytes:
    """A WAV file of 48 kHz, 16 bit, mono."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
    return out.getvalue()
