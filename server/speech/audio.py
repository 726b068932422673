"""Sound for seats: trim, level, join, encode to Opus, decode, measure.

Samples are mono float32 in -1..1, rates in Hz, times in ms, levels in dBFS (0 = full scale). Needs numpy and,
for encoding and decoding, av. Raises SpeechError for a file without sound.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from server.speech.engines import Samples, SpeechError

OPUS_RATE_HZ = 48_000
MEDIA_TYPE = "audio/ogg; codecs=opus"
SPEECH_DBFS = -45.0
PEAK_DBFS = -3.0
CLIPPED_LEVEL = 0.999
FORMATS = "wav,w64,mp3,mov,mp4,m4a,ogg,matroska,webm,aac,amr,flac,asf,aiff,caf"
"""Containers of recordings, by FFmpeg's names."""
_KEEP_MS = 30
_FLOOR_DBFS = -120.0


@dataclass(frozen=True, slots=True)
class AudioFacts:
    """What can be said about a recording without listening to it."""

    duration_ms: int
    peak_dbfs: float
    rms_dbfs: float
    leading_silence_ms: int
    trailing_silence_ms: int
    clipped_samples: int


def silence(duration_ms: int, rate: int) -> Samples:
    """`duration_ms` of nothing."""
    import numpy as np

    return np.zeros(rate * duration_ms // 1000, dtype=np.float32)


def join(parts: Sequence[Samples]) -> Samples:
    """Parts of one rate, one after the other."""
    import numpy as np

    joined: Samples = np.concatenate(parts) if parts else np.zeros(0, dtype=np.float32)
    return joined


def trim(samples: Samples, rate: int) -> Samples:
    """Cuts what is below -45 dBFS off both ends, less 30 ms."""
    first, last = _speech_bounds(samples)
    keep = rate * _KEEP_MS // 1000
    return samples[max(0, first - keep) : last + keep]


def normalise(samples: Samples, peak_dbfs: float = PEAK_DBFS) -> Samples:
    """Scales so that the loudest sample has the level given; silence stays as it is."""
    import numpy as np

    peak = float(np.max(np.abs(samples))) if len(samples) else 0.0
    if peak == 0.0:
        return samples
    scaled: Samples = (samples * (10 ** (peak_dbfs / 20) / peak)).astype(np.float32)
    return scaled


def measure(samples: Samples, rate: int) -> AudioFacts:
    """Length, levels, silence at both ends, clipped samples."""
    import numpy as np

    if not len(samples):
        raise SpeechError("the recording is empty")
    size = np.abs(samples)
    first, last = _speech_bounds(samples)
    return AudioFacts(
        duration_ms=round(len(samples) * 1000 / rate),
        peak_dbfs=_dbfs(float(np.max(size))),
        rms_dbfs=_dbfs(float(np.sqrt(np.mean(np.square(samples, dtype=np.float64))))),
        leading_silence_ms=first * 1000 // rate,
        trailing_silence_ms=(len(samples) - last) * 1000 // rate,
        clipped_samples=int(np.count_nonzero(size >= CLIPPED_LEVEL)),
    )


def encode_opus(samples: Samples, rate: int, bit_rate: int = 32_000) -> bytes:
    """An Ogg Opus file, 48 kHz mono, variable bit rate in bit/s; equal samples give equal bytes."""
    import av
    import numpy as np

    target = BytesIO()
    # Without bitexact the container gets a random serial number and the file another sha256 each time.
    with av.open(target, "w", format="ogg", options={"fflags": "+bitexact"}) as container:
        stream = container.add_stream(
            "libopus", rate=OPUS_RATE_HZ, options={"application": "voip", "frame_duration": "20"}
        )
        stream.bit_rate = bit_rate
        stream.layout = "mono"
        resampler = av.AudioResampler(format="s16", layout="mono", rate=OPUS_RATE_HZ)
        pcm = np.clip(np.round(samples * 32767), -32768, 32767).astype(np.int16).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(pcm, format="s16", layout="mono")
        frame.sample_rate = rate
        frame.pts = 0
        for piece in (frame, None):
            for resampled in resampler.resample(piece):
                container.mux(stream.encode(resampled))
        container.mux(stream.encode(None))
    return target.getvalue()


def decode(source: Path | bytes, most_ms: int | None = None) -> tuple[Samples, int]:
    """Mono samples at 48 kHz of any audio file that av reads; nothing is read beyond `most_ms`."""
    import av
    import numpy as np

    blocks: list[Any] = []
    try:
        file = BytesIO(source) if isinstance(source, bytes) else str(source)
        # Playlists and session descriptions would open other files and addresses.
        with av.open(file, "r", options={"format_whitelist": FORMATS}) as container:
            if not container.streams.audio:
                raise SpeechError("the file holds no sound")
            resampler = av.AudioResampler(format="flt", layout="mono", rate=OPUS_RATE_HZ)
            read = 0
            for frame in container.decode(audio=0):
                for piece in resampler.resample(frame):
                    blocks.append(piece.to_ndarray().ravel())
                    read += len(blocks[-1])
                if most_ms is not None and read >= most_ms * OPUS_RATE_HZ // 1000:
                    break
            blocks.extend(piece.to_ndarray().ravel() for piece in resampler.resample(None))
    except av.FFmpegError as error:
        raise SpeechError(f"the file cannot be decoded: {error}") from error
    return join([np.asarray(block, dtype=np.float32) for block in blocks]), OPUS_RATE_HZ


def _speech_bounds(samples: Samples) -> tuple[int, int]:
    import numpy as np

    loud = np.flatnonzero(np.abs(samples) > 10 ** (SPEECH_DBFS / 20))
    return (int(loud[0]), int(loud[-1]) + 1) if len(loud) else (0, len(samples))


def _dbfs(level: float) -> float:
    return round(20 * math.log10(level), 2) if level > 0 else _FLOOR_DBFS
