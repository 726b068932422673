"""The verdict on a machine: the same cases as the page's own judge (static/tests/device.test.ts)."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from server.core.devices import DeviceReport, faults_of, mark_of
from server.core.events import AttemptOpened, DeviceChecked
from server.core.phases import AttemptState, apply

pytestmark = pytest.mark.unit

CASES = json.loads((Path(__file__).parents[1] / "support" / "device_cases.json").read_text(encoding="utf-8"))


def report(change: dict[str, Any]) -> dict[str, Any]:
    """The good machine with parts of it replaced; a part that is an object is replaced key by key."""
    good: dict[str, Any] = CASES["good"]
    return good | {
        key: good[key] | value if isinstance(value, dict) and isinstance(good[key], dict) else value
        for key, value in change.items()
    }


@pytest.mark.parametrize("case", CASES["cases"], ids=lambda case: case["name"])
def test_what_will_not_do_is_named(case: dict[str, Any]) -> None:
    read = DeviceReport.model_validate(report(case["change"]))
    assert list(faults_of(read)) == case["faults"]
    assert mark_of(read) == case["mark"]


def test_without_a_check_it_is_untested() -> None:
    assert mark_of(None) == "untested"


@pytest.mark.parametrize(
    "change",
    [
        {"device_label": "某人的耳机"},
        {"microphone": {"outcome": "ok", "peak_dbfs": -20, "label": "某人的耳机"}},
        {"headphones": {"played": 6}},
        {"browser": {"version": 100_000}},
        {"microphone": {"outcome": "ok", "peak_dbfs": 3}},
        {"screen": {"ratio_percent": 0}},
    ],
)
def test_nothing_else_goes_into_the_journal(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        DeviceReport.model_validate(report(change))


def test_the_latest_check_counts() -> None:
    opened = apply(AttemptState(), AttemptOpened(content_sha256="s", duration_ms=1, seed=1), 1)
    first = DeviceReport.model_validate(report({"storage": False}))
    second = DeviceReport.model_validate(report({}))
    after = apply(apply(opened, DeviceChecked(report=first), 5), DeviceChecked(report=second), 9)
    assert (after.device, after.device_ms, after.device_checks) == (second, 9, 2)
