"""Speech-like sound for tests, and the sources that a call leaves: RTP journals, and what MediaRecorder writes."""

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from server.speech import codec
from server.speech.engines import Samples
from server.speech.opus import RATE, SLOT
from server.speech.rtp_journal import MAGIC, NO_LEVEL, Packet, journal_path, record

BEGAN_MS = 1_800_000_000_000


def speech(seconds: float, seed: int = 1, level: float = 0.5) -> Samples:
    """Syllables of a voice at 130 to 260 Hz with formants, three to five a second, and pauses; never twice the same."""
    chance = np.random.default_rng(seed)
    out = np.zeros(round(seconds * RATE), dtype=np.float32)
    at = int(chance.integers(0, RATE // 10))
    while at < len(out):
        length = int(chance.integers(RATE // 10, RATE // 5))
        pitch, formant = chance.uniform(130, 260), chance.uniform(500, 1_800)
        t = np.arange(length) / RATE
        voice = np.sin(2 * np.pi * pitch * t) + 0.6 * np.sin(2 * np.pi * formant * t)
        piece = (voice * np.hanning(length) * level * chance.uniform(0.3, 0.6)).astype(np.float32)
        end = min(len(out), at + length)
        out[at:end] += piece[: end - at]
        at += length + int(chance.integers(RATE // 20, RATE // 8))
        if chance.random() < 0.12:
            at += int(chance.integers(RATE // 3, RATE))
    return out


def quiet(seconds: float) -> Samples:
    """Nothing."""
    return np.zeros(round(seconds * RATE), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Rtp:
    """How a sender's packets look on the wire and when they arrive; times in ms."""

    ssrc: int = 7
    timestamp: int = 4_294_000_000
    """Soon to wrap; the sequence number likewise."""
    sequence: int = 65_500
    began_ms: float = BEGAN_MS
    delay_ms: float = 5.0

    def packets(self, payloads: Sequence[bytes], first: int = 0) -> list[Packet]:
        """Packets of 20 ms each, as they were sent; `first` counts from the sender's begin."""
        return [
            Packet(
                at_us=round((self.began_ms + 20 * number + self.delay_ms) * 1000),
                timestamp=(self.timestamp + SLOT * number) % 2**32,
                ssrc=self.ssrc,
                sequence=(self.sequence + number) % 2**16,
                level=NO_LEVEL,
                payload=payload,
            )
            for number, payload in enumerate(payloads, first)
        ]


def arriving(packet: Packet, later_ms: float) -> Packet:
    """The same packet, later."""
    return replace(packet, at_us=packet.at_us + round(later_ms * 1000))


def write_journal(
    root: Path,
    packets: Iterable[Packet],
    leg: str = "agent",
    connection: int = 1,
    call: tuple[str, str] = ("a", "in1.1"),
) -> Path:
    """A journal file of one connection."""
    path = journal_path(root, call[0], call[1], leg, connection, "worker")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(MAGIC + b"".join(record(packet) for packet in packets))
    return path


def vint(value: int, length: int = 8) -> bytes:
    """A size of EBML in so many bytes."""
    return (value | 1 << (7 * length)).to_bytes(length, "big")


UNKNOWN = b"\x01" + b"\xff" * 7


def element(id_: int, body: bytes) -> bytes:
    """An element of known size."""
    return id_.to_bytes((id_.bit_length() + 7) // 8, "big") + vint(len(body)) + body


def webm(
    payloads: Sequence[bytes], step_ms: int = 20, codec_id: str = "A_OPUS", cluster_ms: int = 5_000
) -> list[bytes]:
    """What a browser's live muxer writes, in the pieces in which it writes: nothing of it knows how long it will be.

    The first piece is the header; each of the others holds one block, the first of a cluster with the cluster's head.
    """
    audio = element(0xB5, struct.pack(">f", float(RATE))) + element(0x9F, b"\x01") + element(0x6264, b"\x20")
    track = element(0xD7, b"\x01") + element(0x86, codec_id.encode()) + element(0x83, b"\x02") + element(0xE1, audio)
    header = element(0x1A45DFA3, element(0x4282, b"webm"))
    header += (0x18538067).to_bytes(4, "big") + UNKNOWN
    header += element(0x1549A966, element(0x2AD7B1, (1_000_000).to_bytes(3, "big")))
    header += element(0x1654AE6B, element(0xAE, track))
    pieces, base = [header], -cluster_ms
    for number, payload in enumerate(payloads):
        ms, out = number * step_ms, b""
        if ms - base >= cluster_ms:
            base = ms
            out = (0x1F43B675).to_bytes(4, "big") + UNKNOWN + element(0xE7, ms.to_bytes(4, "big"))
        pieces.append(out + element(0xA3, b"\x81" + struct.pack(">h", ms - base) + b"\x80" + payload))
    return pieces


def chunked(pieces: Sequence[bytes], step_ms: int = 20, chunk_ms: int = 1_000) -> list[bytes]:
    """Pieces of `webm` as chunks of a second; the header goes with the first."""
    per = chunk_ms // step_ms
    chunks = [b"".join(pieces[1 + at : 1 + at + per]) for at in range(0, len(pieces) - 1, per)]
    return [pieces[0] + chunks[0], *chunks[1:]]


def write_chunks(folder: Path, chunks: Sequence[bytes], missing: Iterable[int] = ()) -> dict[int, Path]:
    """Chunks as files by number, but for those that are missing."""
    folder.mkdir(parents=True, exist_ok=True)
    left_out = set(missing)
    found = {}
    for number, chunk in enumerate(chunks):
        if number not in left_out:
            found[number] = folder / str(number)
            found[number].write_bytes(chunk)
    return found


def decoded(slots: Sequence[bytes | None]) -> Samples:
    """All slots as samples."""
    return np.concatenate(list(codec.blocks(slots)))


def likeness(one: Samples, other: Samples) -> float:
    """Correlation of two sounds sample by sample, -1 to 1; 1.0 where both are silent."""
    size = min(len(one), len(other))
    a, b = one[:size].astype(np.float64), other[:size].astype(np.float64)
    under = float(np.sqrt(np.sum(a * a) * np.sum(b * b)))
    if under < 1e-9:
        return 1.0 if float(np.max(np.abs(a), initial=0)) < 1e-3 > float(np.max(np.abs(b), initial=0)) else 0.0
    return float(np.sum(a * b)) / under


def loudness(samples: Samples) -> Samples:
    """How loud every 20 ms are."""
    steps = samples[: len(samples) // SLOT * SLOT].reshape(-1, SLOT)
    return np.asarray(np.sqrt(np.mean(np.square(steps), axis=1)), dtype=np.float32)


def per_second(one: Samples, other: Samples) -> list[float]:
    """Likeness of every second."""
    return [likeness(one[at : at + RATE], other[at : at + RATE]) for at in range(0, min(len(one), len(other)), RATE)]
