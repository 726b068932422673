"""Precision, recall and F1 of the understanding of replies, against the labels that a person gave."""

import json
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from chat_sim.content import ChatContent
from chat_sim.understanding.judge import settle, understand

_HERE = Path(__file__).parent

FIRST = "replies.json"
"""The set whose kinds of error were told to the makers of the rules."""
HELD_OUT = "held_out.json"
"""The set of which nothing was told to them."""


@dataclass
class Tally:
    """Verdicts other than "nothing": rightly told, told though another is the label, the label but not told."""

    right: int = 0
    false: int = 0
    missed: int = 0
    judged: int = 0

    def add(self, told: str, label: str) -> None:
        """Count one reply."""
        self.judged += 1
        self.right += told == label != "nothing"
        self.false += told not in ("nothing", label)
        self.missed += label not in ("nothing", told)

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.false) if self.right + self.false else 1.0

    @property
    def recall(self) -> float:
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0

    @property
    def f1(self) -> float:
        total = 2 * self.right + self.false + self.missed
        return 2 * self.right / total if total else 1.0


@dataclass(frozen=True)
class Scores:
    """Of each need kind and of all; `confused` counts (label, told) where they differ."""

    kinds: dict[str, Tally]
    overall: Tally
    confused: Counter[tuple[str, str]]

    def table(self) -> list[str]:
        """Lines to print."""
        rows = [*sorted(self.kinds.items()), ("overall", self.overall)]
        return [
            f"{kind:15} n={one.judged:3}  precision {one.precision:.3f}  recall {one.recall:.3f}  F1 {one.f1:.3f}"
            for kind, one in rows
        ]


def needs_json() -> str:
    """The content that the labelled replies are about."""
    return (_HERE / "needs.json").read_text(encoding="utf-8")


def replies(name: str) -> list[dict[str, Any]]:
    """The labelled replies of one set: keys as README.md tells them."""
    told: list[dict[str, Any]] = json.loads((_HERE / name).read_text(encoding="utf-8"))["replies"]
    return told


@lru_cache(maxsize=2)
def scores(name: str = FIRST) -> Scores:
    """Every reply of one set judged by itself for its need; replies whose verdict is `open` are not counted."""
    content = ChatContent.model_validate_json(needs_json())
    kinds: dict[str, Tally] = {}
    overall, confused = Tally(), Counter[tuple[str, str]]()
    for reply in replies(name):
        if reply.get("open"):
            continue
        persona = content.persona(reply["persona"])
        assert persona is not None, reply["persona"]
        need = next(one for one in persona.needs if one.id == reply["need"])
        understood = understand(content, persona, [need], reply["text"])
        told = settle(need, understood.findings, understood.courtesy, understood)
        kinds.setdefault(need.kind, Tally()).add(told, reply["verdict"])
        overall.add(told, reply["verdict"])
        if told != reply["verdict"]:
            confused[(reply["verdict"], told)] += 1
    return Scores(kinds, overall, confused)
