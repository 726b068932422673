"""Renders the demo's recordings: `python -m telephony.demo.render [--check] [--voices DIR] [NAME ...]`.

Ogg Opus, 48 kHz mono, 20 ms a packet, as the media worker passes it through. A rendering is cached in the voices
folder under the sha256 of engine, voice, speed, spoken text and encoding. Length and sha256 go into the papers and
into robots.json. `--check` renders nothing; without numpy and av it leaves levels and silence unchecked.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from server.core.spoken import Segment
from server.speech import audio, voices
from server.speech.engines import Samples, SpeechError, TtsEngine
from server.speech.ogg import opus_duration_ms
from telephony.demo import script

BIT_RATE = 24_000
MS_PER_CHARACTER = (110, 420)
"""Plausible speed, ms for each character that is read."""
_PEAK_DBFS = (-9.0, -1.0)
_LARGEST_SILENCE_MS = 500
_EDGE_MS = 120
_MUFFLED_HZ = 900.0
_ENCODING = f"opus-voip-{BIT_RATE}-peak{audio.PEAK_DBFS}-edge{_EDGE_MS}"


def render_line(engine: TtsEngine, said: script.Said, cache: Path) -> bytes:
    """The recording of one line, from the cache where it is. Raises SpeechError."""
    facts = said.audio
    segments = script.segments(said.text)
    target = cache / f"{_cache_key(engine, facts, segments)}.opus"
    if target.is_file():
        return target.read_bytes()
    spoken, rate = engine.synth(segments, facts["voice"], facts["speed"])
    if facts.get("muffled"):
        spoken = _muffled(spoken, rate)
    edge = audio.silence(_EDGE_MS, rate)
    data = audio.encode_opus(audio.normalise(audio.join([edge, audio.trim(spoken, rate), edge])), rate, BIT_RATE)
    cache.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)
    return data


def render(engine: TtsEngine, cache: Path, only: Sequence[str] = ()) -> Iterator[str]:
    """Renders the files named by their stems (all without), writes recordings and JSON, yields a line for each."""
    done: set[str] = set()
    for name in (*script.PAPERS, script.ROBOTS):
        loaded = script.load(name)
        for said in script.said(loaded):
            facts = said.audio
            if only and Path(facts["file"]).stem not in only:
                continue
            data = render_line(engine, said, cache)
            facts["sha256"] = hashlib.sha256(data).hexdigest()
            facts["duration_ms"] = opus_duration_ms(data)
            if facts["file"] not in done:
                done.add(facts["file"])
                target = script.FOLDER / facts["file"]
                target.parent.mkdir(exist_ok=True)
                target.write_bytes(data)
                yield f"{facts['file']}: {facts['duration_ms'] / 1000:.1f} s, {len(data) / 1024:.0f} KiB"
        text = json.dumps(loaded, ensure_ascii=False, indent=2) + "\n"
        script.path(name).write_text(text, encoding="utf-8", newline="\n")


def check() -> Iterator[str]:
    """Every fault of the shipped recordings, one line each."""
    with_levels = find_spec("numpy") is not None and find_spec("av") is not None
    texts: dict[str, str] = {}
    for name in (*script.PAPERS, script.ROBOTS):
        for said in script.said(script.load(name)):
            file = said.audio["file"]
            if texts.setdefault(file, said.text) != said.text:
                yield f"{name} {file}: says one thing here and another elsewhere"
            yield from (f"{name} {file}: {fault}" for fault in _faults(said, with_levels))


def _faults(said: script.Said, with_levels: bool) -> Iterator[str]:
    facts = said.audio
    path = script.FOLDER / facts["file"]
    if not path.is_file():
        yield "is missing"
        return
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != facts["sha256"]:
        yield "the sha256 is another"
    duration_ms = opus_duration_ms(data)
    if duration_ms != facts["duration_ms"]:
        yield f"lasts {duration_ms} ms, the paper says {facts['duration_ms']}"
    characters = sum(len(segment.text) for segment in script.segments(said.text))
    if not MS_PER_CHARACTER[0] <= duration_ms / characters <= MS_PER_CHARACTER[1]:
        yield f"{duration_ms / characters:.0f} ms a character, outside {MS_PER_CHARACTER[0]}..{MS_PER_CHARACTER[1]}"
    if not with_levels:
        return
    measured = audio.measure(*audio.decode(data))
    if not _PEAK_DBFS[0] <= measured.peak_dbfs <= _PEAK_DBFS[1]:
        yield f"the peak is {measured.peak_dbfs} dBFS, outside {_PEAK_DBFS[0]}..{_PEAK_DBFS[1]}"
    if measured.clipped_samples:
        yield f"{measured.clipped_samples} samples are clipped"
    if max(measured.leading_silence_ms, measured.trailing_silence_ms) > _LARGEST_SILENCE_MS:
        yield f"silence at an end: {measured.leading_silence_ms} ms, {measured.trailing_silence_ms} ms"


def _muffled(samples: Samples, rate: int) -> Samples:
    """As somebody who mumbles: nothing above 900 Hz but an echo of it."""
    import numpy as np

    spectrum = np.fft.rfft(samples)
    hertz = np.fft.rfftfreq(len(samples), 1 / rate)
    spectrum *= 1 / np.sqrt(1 + (hertz / _MUFFLED_HZ) ** 6)
    muffled: Samples = np.fft.irfft(spectrum, len(samples)).astype(np.float32)
    return muffled


def _cache_key(engine: TtsEngine, facts: dict[str, Any], segments: Sequence[Segment]) -> str:
    spoken = [asdict(segment) for segment in segments]
    manner = [facts["voice"], facts["speed"], bool(facts.get("muffled")), _ENCODING]
    return hashlib.sha256(json.dumps([engine.version, manner, spoken], ensure_ascii=False).encode()).hexdigest()


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; 0 when all is well."""
    parser = argparse.ArgumentParser(prog="python -m telephony.demo.render", description=__doc__)
    parser.add_argument("--check", action="store_true", help="verify the shipped recordings, render nothing")
    parser.add_argument("--voices", type=Path, help=f"folder of the voices; else {voices.FOLDER_VARIABLE}")
    parser.add_argument("names", nargs="*", help="recordings to render, as in_t01; all without")
    options = parser.parse_args(arguments)
    if options.check:
        faults = list(check())
        sys.stdout.writelines(f"{fault}\n" for fault in faults or ["all recordings are in order"])
        return 1 if faults else 0
    from server.speech.kokoro import KokoroEngine

    try:
        folder = voices.voices_folder(options.voices)
        voices.install(folder)
        for line in render(KokoroEngine(folder), folder / "rendered", options.names):
            sys.stdout.write(line + "\n")
            sys.stdout.flush()
    except SpeechError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
