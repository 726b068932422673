"""A sealed recording as WAV (RIFF, 16 bit, 48 kHz, stereo), decoded in a niced child while it is being sent.

`python -m server.speech.wav FILE` writes it to its standard output.
"""

import os
import struct
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import IO

from anyio import to_thread

from server.speech import child
from server.speech.ogg import opus_samples

RATE = 48_000
CHANNELS = 2
_SAMPLE_BYTES = 2 * CHANNELS
_HEAD_BYTES = 44
_PIECE = 256 * 1024


async def size(path: Path) -> int:
    """Bytes of the whole WAV file; raises SpeechError."""
    return _HEAD_BYTES + _SAMPLE_BYTES * await to_thread.run_sync(_samples, path)


async def stream(path: Path) -> AsyncIterator[bytes]:
    """The file in pieces; raises ChildFailed."""
    async for piece in child.output(["server.speech.wav", str(path)], _PIECE):
        yield piece


def head(samples: int) -> bytes:
    """The 44 bytes before the samples; a length beyond 4 GiB is said as the largest number."""
    body = min(samples * _SAMPLE_BYTES, 2**32 - 1 - 36)
    form = struct.pack("<HHIIHH", 1, CHANNELS, RATE, RATE * _SAMPLE_BYTES, _SAMPLE_BYTES, 16)
    return (
        b"RIFF"
        + struct.pack("<I", body + 36)
        + b"WAVEfmt "
        + struct.pack("<I", 16)
        + form
        + b"data"
        + struct.pack("<I", body)
    )


def write(path: Path, out: IO[bytes]) -> None:
    """Decode into `out`: exactly as many samples as the file says it has."""
    import av
    import numpy as np

    left = _samples(path)
    out.write(head(left))
    with av.open(str(path), "r", format="ogg") as container:
        resampler = av.AudioResampler(format="s16", layout="stereo", rate=RATE)
        for frame in container.decode(audio=0):
            for piece in resampler.resample(frame):
                samples = piece.to_ndarray().reshape(-1, CHANNELS)[:left]
                left -= len(samples)
                out.write(np.ascontiguousarray(samples).tobytes())
    out.write(b"\0" * (left * _SAMPLE_BYTES))


def _samples(path: Path) -> int:
    return opus_samples(path.read_bytes())


if __name__ == "__main__":
    if hasattr(os, "nice"):
        os.nice(child.NICE)
    write(Path(sys.argv[1]), sys.stdout.buffer)
