"""What is said in each demo recording: pure, from the papers' JSON and the readings beside them.

`load_paper("contest")` gives the raw paper; `card_segments(paper, item)` the segments of one reading.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from server.core.spoken import Segment
from typing_test.reading import Line, card

FOLDER = Path(__file__).parent
PAPERS = ("contest", "lesson", "warmup")


def paper_path(name: str) -> Path:
    """The JSON file of a paper."""
    return FOLDER / f"{name}.json"


def load_paper(name: str) -> dict[str, Any]:
    """A paper as plain JSON."""
    paper: dict[str, Any] = json.loads(paper_path(name).read_text(encoding="utf-8"))
    return paper


def load_readings() -> dict[str, dict[str, str]]:
    """Readings (phrase -> pinyin) by item id, where the usual reading is wrong."""
    readings: dict[str, dict[str, str]] = json.loads((FOLDER / "readings.json").read_text(encoding="utf-8"))
    return readings


def card_segments(paper: dict[str, Any], item: dict[str, Any]) -> list[Segment]:
    """One reading of an item's card."""
    lines = [
        Line(each["kind"], each["label"]["zh-CN"], answer["text"], answer["hint"])
        for each in paper["fields"]
        if (answer := item["answers"][each["key"]])
    ]
    return card(lines, load_readings().get(item["id"], {}))
