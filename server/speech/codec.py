"""Opus packets to samples and back, a slot of 20 ms at a time, so that an hour needs no more memory than a minute.

Needs numpy and av. Mono, float32 in -1..1, 48 kHz.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import Any

from server.speech.engines import Samples
from server.speech.opus import MOST_SAMPLES, RATE, SLOT

BLOCK = 50
"""Slots decoded at a time: a second."""


class Decoder:
    """One stream of Opus; packets in order."""

    def __init__(self) -> None:
        import av

        self._codec: Any = av.CodecContext.create("libopus", "r")
        self._codec.sample_rate = RATE
        self._codec.layout = "mono"

    def decode(self, packet: bytes, samples: int = SLOT) -> Samples:
        """Exactly so many samples of a packet; silence where it can't be decoded."""
        import av
        import numpy as np

        out = np.zeros(samples, dtype=np.float32)
        at = 0
        try:
            frames = self._codec.decode(av.Packet(packet))
        except av.FFmpegError:
            return out
        for frame in frames:
            piece = frame.to_ndarray().reshape(-1)
            if piece.dtype == np.int16:
                piece = piece.astype(np.float32) / 32768
            piece = piece[: samples - at]
            out[at : at + len(piece)] = piece
            at += len(piece)
        return out


def blocks(slots: Sequence[bytes | None]) -> Iterator[Samples]:
    """The slots decoded, a second at a time; None is silence."""
    import numpy as np

    decoder = Decoder()
    for start in range(0, len(slots), BLOCK):
        some = slots[start : start + BLOCK]
        out = np.zeros(len(some) * SLOT, dtype=np.float32)
        for at, packet in enumerate(some):
            if packet is not None:
                out[at * SLOT : (at + 1) * SLOT] = decoder.decode(packet)
        yield out


def encode(samples: Samples, bit_rate: int = 32_000) -> list[bytes]:
    """Packets of 20 ms of so many whole slots; the rest is filled up with silence."""
    import av
    import numpy as np

    codec: Any = av.CodecContext.create("libopus", "w")
    codec.sample_rate = RATE
    codec.layout = "mono"
    codec.format = "s16"
    codec.bit_rate = bit_rate
    codec.time_base = Fraction(1, RATE)
    codec.options = {"application": "voip", "frame_duration": "20"}
    codec.open()
    count = -(-len(samples) // SLOT)
    pcm = np.zeros(count * SLOT, dtype=np.int16)
    pcm[: len(samples)] = np.clip(np.round(samples * 32767), -32768, 32767).astype(np.int16)
    found: list[bytes] = []
    for at in range(0, len(pcm), SLOT):
        frame = av.AudioFrame.from_ndarray(pcm[None, at : at + SLOT], format="s16", layout="mono")
        frame.sample_rate = RATE
        frame.pts = at
        found += [bytes(packet) for packet in codec.encode(frame)]
    found += [bytes(packet) for packet in codec.encode(None)]
    return found[:count]


def recoded(pieces: Iterable[tuple[int, Samples]]) -> dict[int, bytes]:
    """Sound that lies at these samples, encoded anew as packets of 20 ms by slot: for what can't be cut so."""
    import numpy as np

    found: dict[int, bytes] = {}
    run: list[Samples] = []
    begin = end = 0
    for at, piece in pieces:
        if run and abs(at - end) > SLOT:
            found |= _run(begin, np.concatenate(run))
            run = []
        if not run:
            begin = end = at
        run.append(piece)
        end += len(piece)
    if run:
        found |= _run(begin, np.concatenate(run))
    return found


def decoded(packets: Iterable[tuple[int, bytes]], length: Iterable[int]) -> Iterator[tuple[int, Samples]]:
    """Packets of any length (samples) that lie at these samples, decoded in order."""
    decoder = Decoder()
    for (at, packet), samples in zip(packets, length, strict=True):
        yield at, decoder.decode(packet, min(samples, MOST_SAMPLES))


def _run(begin: int, samples: Samples) -> dict[int, bytes]:
    first = round(begin / SLOT)
    return {first + number: packet for number, packet in enumerate(encode(samples))}
