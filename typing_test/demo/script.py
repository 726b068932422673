"""What is said in each demo recording: pure, from the papers' JSON and the readings beside them.

`load_paper("contest")` gives the raw paper; `card_segments(paper, item)` the segments of one reading, each
field led in by its name and followed by the author's explanation. Pauses in ms.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from server.core.spoken import Segment
from server.speech.phonemes import with_readings
from server.speech.spoken import field

FOLDER = Path(__file__).parent
PAPERS = ("contest", "lesson", "warmup")
OPENING = (Segment("您好，请听录音，登记客户信息。", pause_ms=600),)
REPEAT = (Segment("下面重复一遍。", pause_ms=600),)
BETWEEN_READINGS_MS = 1200
_FIELD_PAUSE_MS = 550
_LEAD_IN = {
    "name": "客户姓名，",
    "address": "联系地址，",
    "postcode": "邮政编码，",
    "phone": "联系电话，",
    "email": "电子邮箱，",
}


def paper_path(name: str) -> Path:
    """The JSON file of a paper."""
    return FOLDER / f"{name}.json"


def load_paper(name: str) -> dict[str, Any]:
    """A paper as plain JSON."""
    paper: dict[str, Any] = json.loads(paper_path(name).read_text(encoding="utf-8"))
    return paper


def load_readings() -> dict[str, dict[str, str]]:
    """Readings (phrase -> pinyin) by item id, "*" for all items, where the usual reading is wrong."""
    readings: dict[str, dict[str, str]] = json.loads((FOLDER / "readings.json").read_text(encoding="utf-8"))
    return readings


def card_segments(paper: dict[str, Any], item: dict[str, Any]) -> list[Segment]:
    """One reading of an item's card."""
    said: list[Segment] = []
    for each in paper["fields"]:
        answer = item["answers"][each["key"]]
        said.append(Segment(_LEAD_IN[each["kind"]]))
        said.extend(field(each["kind"], answer["text"]))
        if answer["hint"]:
            said.append(replace(said.pop(), pause_ms=250))
            said.append(Segment(answer["hint"]))
        said.append(replace(said.pop(), pause_ms=_FIELD_PAUSE_MS))
    readings = load_readings()
    return with_readings(said, {**readings["*"], **readings.get(item["id"], {})})
