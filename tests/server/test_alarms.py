"""One alarm a key, however often it is set."""

import pytest

from server.attempts.alarms import Alarms

pytestmark = pytest.mark.unit


def test_alarms_ring_once_and_in_order() -> None:
    alarms = Alarms()
    for key, at_ms in (("b", 20), ("a", 10), ("c", 30)):
        alarms.set(key, at_ms)
    assert alarms.next_ms() == 10
    assert alarms.due(25) == ["a", "b"]
    assert alarms.due(25) == []
    assert alarms.next_ms() == 30


def test_setting_again_replaces_and_none_silences() -> None:
    alarms = Alarms()
    alarms.set("a", 10)
    alarms.set("a", 40)
    alarms.set("b", 15)
    alarms.set("b", None)
    assert alarms.due(39) == []
    assert alarms.due(40) == ["a"]
    assert alarms.next_ms() is None


def test_the_same_moment_takes_no_room() -> None:
    alarms = Alarms()
    for _ in range(1_000):
        alarms.set("a", 10)
    assert len(alarms._heap) == 1
