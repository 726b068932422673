"""Robots' calls in the demo: the sound of both sides, journalled as a media worker would have done.

An agent's journal has a packet every 20 ms from the first connection to the end of the call, a customer's only those
of its lines. Times UTC epoch ms.
"""

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from server.core.media import CallPlan, CallRecord, LegUp, PlayBegan, RobotSound
from server.speech import audio
from server.speech.opus import SILENCE
from server.speech.rtp_journal import MAGIC, Packet, journal_path, record

WORKER = "demo"
"""Stands where a media worker's id would."""
PACKET_MS = 20
_SAMPLES = 48 * PACKET_MS
_QUIET = 127
_BIT_RATE = 24_000

Slot = tuple[bytes, int]
"""An Opus packet of 20 ms and its level (RFC 6464, 0 to 127 -dBov)."""


@dataclass(slots=True)
class RobotCalls:
    """What media see and hear of one attempt of a robot."""

    attempt_id: str
    started_ms: int
    sounds: Sequence[RobotSound]
    folder: Path
    """Where the files lie that the robot says."""
    _lines: dict[tuple[str, int], str] = field(default_factory=dict)

    def note(self, plans: Iterable[CallPlan]) -> None:
        """Remember which recordings the lines of these calls are."""
        for plan in plans:
            for play in plan.plays:
                self._lines[plan.call_id, play.n] = play.sha256

    def line_files(self) -> set[str]:
        """SHA-256 of every line that was played."""
        return set(self._lines.values())

    def write(self, journals: Path, calls: Iterable[CallRecord], lines: dict[str, Path]) -> None:
        """The journals of every call that has ended; `lines` are the files of `line_files`."""
        for call in calls:
            sounds = [sound for sound in self.sounds if sound.call_id == call.call_id]
            up_ms = [self.started_ms + one.stage_ms for one in sounds if isinstance(one.report, LegUp)]
            if call.ended_ms is None or not up_ms:
                continue
            agent = [
                (PACKET_MS * n + up_ms[0], SILENCE, _QUIET) for n in range((call.ended_ms - up_ms[0]) // PACKET_MS)
            ]
            customer: list[tuple[int, bytes, int]] = []
            for sound in sounds:
                at_ms = self.started_ms + sound.stage_ms
                if sound.speaks and sound.file is not None:
                    said = _slots(self.folder / sound.file, sound.gain_db)
                    first = max(0, (at_ms - up_ms[0]) // PACKET_MS)
                    for n in range(min(sound.duration_ms // PACKET_MS, len(agent) - first)):
                        agent[first + n] = (agent[first + n][0], *said[n % len(said)])
                elif isinstance(sound.report, PlayBegan):
                    sha256 = self._lines.get((call.call_id, sound.report.n))
                    played = () if sha256 is None else _slots(lines[sha256], 0.0)
                    customer += [(at_ms + PACKET_MS * n, *slot) for n, slot in enumerate(played)]
            for leg, slots in (("agent", agent), ("customer", customer)):
                ended = [slot for slot in slots if slot[0] < call.ended_ms]
                _write(journal_path(journals, self.attempt_id, call.call_id, leg, 1, WORKER), ended)


def _write(path: Path, slots: Sequence[tuple[int, bytes, int]]) -> None:
    """Times may leave holes, which are silence; each packet's timestamp says where it belongs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    ssrc = zlib.crc32(str(path).encode())
    began_ms = slots[0][0] if slots else 0
    with path.open("wb") as file:
        file.write(MAGIC)
        file.writelines(
            record(
                Packet(
                    at_us=at_ms * 1000,
                    timestamp=(at_ms - began_ms) * 48 % 2**32,
                    ssrc=ssrc,
                    sequence=number % 2**16,
                    level=level,
                    payload=payload,
                )
            )
            for number, (at_ms, payload, level) in enumerate(slots)
        )


@lru_cache(maxsize=128)
def _slots(path: Path, gain_db: float) -> tuple[Slot, ...]:
    """A recording as packets with their levels; encoded anew where it is made louder or softer."""
    import numpy as np

    data = path.read_bytes()
    samples, _ = audio.decode(data)
    if gain_db:
        samples = np.clip(samples * np.float32(10 ** (gain_db / 20)), -1, 1)
        data = audio.encode_opus(samples, audio.OPUS_RATE_HZ, _BIT_RATE)
    packets = _packets(data)
    levels = []
    for n in range(len(packets)):
        piece = samples[n * _SAMPLES : (n + 1) * _SAMPLES]
        loud = float(np.sqrt(np.mean(np.square(piece, dtype=np.float64)))) if len(piece) else 0.0
        levels.append(_QUIET if loud < 10 ** (-_QUIET / 20) else min(_QUIET, max(0, round(-20 * np.log10(loud)))))
    return tuple(zip(packets, levels, strict=True))


def _packets(data: bytes) -> list[bytes]:
    """The Opus packets of an Ogg file, undecoded."""
    from io import BytesIO

    import av

    with av.open(BytesIO(data), "r", format="ogg") as container:
        return [bytes(packet) for packet in container.demux(audio=0) if packet.size]
