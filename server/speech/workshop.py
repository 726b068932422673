"""Work on sound that runs in a child process: a broken file or a long rendering can't stop the server.

Every function takes and returns plain data, so that it can be sent to another process. Times in ms, levels in
dBFS. Needs numpy and av; a voice needs the `tts` extra. Raises SpeechError.
"""

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from server.core.frozen import canonical_json, sha256_hex
from server.core.spoken import Segment
from server.speech import audio, registry
from server.speech.engines import Samples, SpeechError

BIT_RATE = 28_000
EDGE_MS = 250
BETWEEN_MS = 1_200
MAX_MS = 10 * 60_000
QUIET_DBFS = -40.0
_FORMAT = f"opus-voip-{BIT_RATE}-peak{audio.PEAK_DBFS}-edge{EDGE_MS}"


@dataclass(frozen=True, slots=True)
class Sound:
    """An Ogg Opus file for seats, and what was measured in the sound it was made of."""

    data: bytes
    duration_ms: int
    peak_dbfs: float
    rms_dbfs: float
    clipped_samples: int


@dataclass(frozen=True, slots=True)
class Reading:
    """What a voice shall say: the text once, or twice with `repeat` before the second time."""

    opening: Sequence[Segment]
    text: Sequence[Segment]
    repeat: Sequence[Segment]
    between_ms: int
    voice: str
    speed: float
    readings: int

    def key(self, engine_version: str) -> str:
        """SHA-256 of everything that decides how it sounds."""
        said = [[asdict(segment) for segment in part] for part in (self.opening, self.text, self.repeat)]
        manner = [self.between_ms, self.voice, self.speed, self.readings, _FORMAT]
        return sha256_hex(canonical_json([engine_version, said, manner]))


def read_aloud(reading: Reading, voices_folder: str) -> Sound:
    """Let the voice read; the same reading is rendered once and then taken from the cache in the voices folder."""
    engine = registry.engine_of(reading.voice, Path(voices_folder))
    able, reason = engine.available()
    if not able:
        raise SpeechError(reason)
    cached = Path(voices_folder) / "rendered" / f"{reading.key(engine.version)}.opus"
    if cached.is_file():
        return _facts(cached.read_bytes())
    spoken: dict[str, Samples] = {}
    rate = 0
    for name, segments in (("opening", reading.opening), ("text", reading.text), ("repeat", reading.repeat)):
        if segments and (name != "repeat" or reading.readings == 2):
            spoken[name], rate = engine.synth(segments, reading.voice, reading.speed)
    sound = _facts(_arranged(spoken, rate, reading.readings, reading.between_ms))
    cached.parent.mkdir(parents=True, exist_ok=True)
    unfinished = cached.with_suffix(f".{time.monotonic_ns()}.part")
    unfinished.write_bytes(sound.data)
    unfinished.replace(cached)
    return sound


def take_in(data: bytes, readings: int) -> Sound:
    """A recording of a person, of any format that av reads: trimmed, levelled, said once or twice, as Ogg Opus.

    Raises SpeechError for a file without sound, a silent one, or one longer than ten minutes.
    """
    samples, rate = audio.decode(data, MAX_MS)
    if len(samples) * 1000 // rate >= MAX_MS:
        raise SpeechError("the recording is longer than 10 minutes")
    measured = audio.measure(samples, rate)
    if measured.rms_dbfs < QUIET_DBFS - 20 or measured.peak_dbfs < audio.SPEECH_DBFS:
        raise SpeechError("the recording is silent")
    whole = _arranged({"text": samples}, rate, readings, BETWEEN_MS)
    made = _facts(whole)
    # Levels as they were handed in: levelling hides what was too quiet, and can't mend what was clipped.
    return replace(
        made,
        peak_dbfs=measured.peak_dbfs,
        rms_dbfs=measured.rms_dbfs,
        clipped_samples=measured.clipped_samples,
    )


def _arranged(spoken: dict[str, Samples], rate: int, readings: int, between_ms: int) -> bytes:
    edge = audio.silence(EDGE_MS, rate)
    text = audio.trim(spoken["text"], rate)
    parts = [edge, *(spoken[name] for name in ("opening",) if name in spoken), text]
    if readings == 2:
        parts += [audio.silence(between_ms, rate), *(spoken[name] for name in ("repeat",) if name in spoken), text]
    return audio.encode_opus(audio.normalise(audio.join([*parts, edge])), rate, BIT_RATE)


def _facts(data: bytes) -> Sound:
    measured = audio.measure(*audio.decode(data))
    return Sound(data, measured.duration_ms, measured.peak_dbfs, measured.rms_dbfs, measured.clipped_samples)
