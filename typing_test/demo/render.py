"""Renders the demo recordings: `python -m typing_test.demo.render [--check] [--voices DIR] [ITEM ...]`.

Opening, the card, a pause, "once more", the card again: Ogg Opus, 48 kHz mono, 45 to 75 s. A rendering is
cached in the voices folder under the sha256 of engine, voice, speed, spoken text and encoding. Length and sha256
go into the papers. `--check` renders nothing; without numpy and av it leaves levels and silence unchecked.
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
from typing_test import reading
from typing_test.demo import script

BIT_RATE = 28_000
DURATION_MS = (45_000, 75_000)
_PEAK_DBFS = (-9.0, -1.0)
_LARGEST_SILENCE_MS = 800
_EDGE_MS = 250
_ENCODING = f"opus-voip-{BIT_RATE}-peak{audio.PEAK_DBFS}-edge{_EDGE_MS}"


def render_item(engine: TtsEngine, paper: dict[str, Any], item: dict[str, Any], cache: Path) -> bytes:
    """The recording of one item, from the cache where it is."""
    voice, speed = item["audio"]["voice"], item["audio"]["speed"]
    card = script.card_segments(paper, item)
    target = cache / f"{_cache_key(engine, voice, speed, card)}.opus"
    if target.is_file():
        return target.read_bytes()
    spoken: dict[str, Samples] = {}
    rate = 0
    for name, segments in (("opening", reading.OPENING), ("card", card), ("repeat", reading.REPEAT)):
        spoken[name], rate = engine.synth(segments, voice, speed)
    edge = audio.silence(_EDGE_MS, rate)
    pause = audio.silence(reading.BETWEEN_READINGS_MS, rate)
    card_once = audio.trim(spoken["card"], rate)
    whole = audio.join([edge, spoken["opening"], card_once, pause, spoken["repeat"], card_once, edge])
    data = audio.encode_opus(audio.normalise(whole), rate, BIT_RATE)
    cache.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)
    return data


def render(engine: TtsEngine, cache: Path, only: Sequence[str] = ()) -> Iterator[str]:
    """Renders the items named (all without names), writes recordings and papers, yields a line for each."""
    for name in script.PAPERS:
        paper = script.load_paper(name)
        for item in paper["items"]:
            if only and item["id"] not in only:
                continue
            data = render_item(engine, paper, item, cache)
            target = script.FOLDER / item["audio"]["file"]
            target.parent.mkdir(exist_ok=True)
            target.write_bytes(data)
            item["audio"]["sha256"] = hashlib.sha256(data).hexdigest()
            item["audio"]["duration_ms"] = opus_duration_ms(data)
            yield f"{item['id']}: {item['audio']['duration_ms'] / 1000:.1f} s, {len(data) // 1024} KiB"
        text = json.dumps(paper, ensure_ascii=False, indent=2) + "\n"
        script.paper_path(name).write_text(text, encoding="utf-8", newline="\n")


def check() -> Iterator[str]:
    """Every fault of the shipped recordings, one line each."""
    with_levels = find_spec("numpy") is not None and find_spec("av") is not None
    for name in script.PAPERS:
        for item in script.load_paper(name)["items"]:
            faults = _faults(item["audio"], with_levels)
            yield from (f"{name} {item['id']}: {fault}" for fault in faults)


def _faults(facts: dict[str, Any], with_levels: bool) -> Iterator[str]:
    path = script.FOLDER / facts["file"]
    if not path.is_file():
        yield f"{facts['file']} is missing"
        return
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != facts["sha256"]:
        yield "the sha256 is another"
    duration_ms = opus_duration_ms(data)
    if duration_ms != facts["duration_ms"]:
        yield f"lasts {duration_ms} ms, the paper says {facts['duration_ms']}"
    if not DURATION_MS[0] <= duration_ms <= DURATION_MS[1]:
        yield f"lasts {duration_ms} ms, outside {DURATION_MS[0]}..{DURATION_MS[1]}"
    if not with_levels:
        return
    measured = audio.measure(*audio.decode(data))
    if not _PEAK_DBFS[0] <= measured.peak_dbfs <= _PEAK_DBFS[1]:
        yield f"the peak is {measured.peak_dbfs} dBFS, outside {_PEAK_DBFS[0]}..{_PEAK_DBFS[1]}"
    if measured.clipped_samples:
        yield f"{measured.clipped_samples} samples are clipped"
    if max(measured.leading_silence_ms, measured.trailing_silence_ms) > _LARGEST_SILENCE_MS:
        yield f"silence at an end: {measured.leading_silence_ms} ms, {measured.trailing_silence_ms} ms"


def _cache_key(engine: TtsEngine, voice: str, speed: float, card: Sequence[Segment]) -> str:
    spoken = [asdict(segment) for segment in (*reading.OPENING, *card, *reading.REPEAT)]
    key = [engine.version, voice, speed, spoken, reading.BETWEEN_READINGS_MS, _ENCODING]
    return hashlib.sha256(json.dumps(key, ensure_ascii=False).encode()).hexdigest()


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; 0 when all is well."""
    parser = argparse.ArgumentParser(prog="python -m typing_test.demo.render", description=__doc__)
    parser.add_argument("--check", action="store_true", help="verify the shipped recordings, render nothing")
    parser.add_argument("--voices", type=Path, help=f"folder of the voices; else {voices.FOLDER_VARIABLE}")
    parser.add_argument("items", nargs="*", help="ids of the items to render; all without")
    options = parser.parse_args(arguments)
    if options.check:
        faults = list(check())
        sys.stdout.writelines(f"{fault}\n" for fault in faults or ["all recordings are in order"])
        return 1 if faults else 0
    from server.speech.kokoro import KokoroEngine

    try:
        folder = voices.voices_folder(options.voices)
        voices.install(folder)
        for line in render(KokoroEngine(folder), folder / "rendered", options.items):
            sys.stdout.write(line + "\n")
            sys.stdout.flush()
    except SpeechError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
