"""What is said in each demo recording: pure, from the papers' JSON, the robots' lines and the readings beside them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from server.core.spoken import Segment
from telephony import reading

FOLDER = Path(__file__).parent
PAPERS = ("contest", "lesson", "warmup", "role_play")
ROBOTS = "robots"
"""The file with what robots say: by name, with the recording's facts."""


@dataclass(frozen=True, slots=True)
class Said:
    """One recording: its words, and the JSON object `audio` with file, voice, speed, sha256 and duration_ms."""

    text: str
    audio: dict[str, Any]


def path(name: str) -> Path:
    """The JSON file of a paper, or of the robots."""
    return FOLDER / f"{name}.json"


def load(name: str) -> dict[str, Any]:
    """A paper, or the robots' lines, as plain JSON."""
    loaded: dict[str, Any] = json.loads(path(name).read_text(encoding="utf-8"))
    return loaded


def readings() -> dict[str, str]:
    """Readings (phrase -> pinyin) where the usual one is wrong."""
    return load("readings")


def said(loaded: Any) -> Iterator[Said]:
    """Every recording below a node of loaded JSON, in order; one file may come more than once."""
    if isinstance(loaded, dict):
        if "text" in loaded and "audio" in loaded:
            yield Said(loaded["text"], loaded["audio"])
        for inner in loaded.values():
            yield from said(inner)
    elif isinstance(loaded, list):
        for inner in loaded:
            yield from said(inner)


def segments(text: str) -> list[Segment]:
    """A line as a voice reads it; raises SpeechError for a character without a rule."""
    return reading.script(text, readings())
