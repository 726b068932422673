"""One figure, and the line that tells it."""

import json
import operator
import os
import platform
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

_COMPARED: dict[str, Callable[[float, float], bool]] = {"==": operator.eq, "<=": operator.le, ">=": operator.ge}


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured value with what it should reach and under which conditions it was measured."""

    name: str
    value: float | int
    unit: str
    anchor: str
    """What it should be, for example "<= 3"; empty for a figure that is only told."""
    conditions: dict[str, Any] = field(default_factory=dict)

    @property
    def reached(self) -> bool:
        """Whether the value is what it should be."""
        if not self.anchor:
            return True
        sign, limit = self.anchor.split()
        return _COMPARED[sign](self.value, float(limit))

    def line(self) -> str:
        """The line of the report."""
        said = {
            "name": self.name,
            "value": self.value,
            "unit": self.unit,
            "anchor": self.anchor,
            "conditions": machine() | self.conditions,
        }
        return f"BENCH {json.dumps(said, ensure_ascii=False)}"


def machine() -> dict[str, Any]:
    """What every figure depends on."""
    return {
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "machine": platform.machine(),
        "load_1min": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
    }


def note(text: str) -> None:
    """A word on progress; it is no part of the report."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()
