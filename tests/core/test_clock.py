"""The system clock: a wall clock that is set, jumps or runs backwards changes nothing."""

import asyncio
import time

import pytest

from server.core.clock import SystemClock

pytestmark = [pytest.mark.unit, pytest.mark.anyio]

HOUR_NS = 3_600_000_000_000


class Times:
    """The machine's two clocks, each moved by hand (ns)."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.wall_ns = 1_800_000_000_000_000_000
        self.monotonic_ns = 5_000_000_000
        monkeypatch.setattr(time, "time_ns", lambda: self.wall_ns)
        monkeypatch.setattr(time, "monotonic_ns", lambda: self.monotonic_ns)

    def pass_ms(self, ms: int) -> None:
        """Let real time pass."""
        self.wall_ns += ms * 1_000_000
        self.monotonic_ns += ms * 1_000_000


@pytest.fixture
def times(monkeypatch: pytest.MonkeyPatch) -> Times:
    return Times(monkeypatch)


@pytest.mark.parametrize("jump_ns", [HOUR_NS, -HOUR_NS, 24 * HOUR_NS, -24 * HOUR_NS, 1_500_000, -1_500_000])
def test_a_jump_of_the_wall_clock_changes_nothing(times: Times, jump_ns: int) -> None:
    clock = SystemClock()
    began_ms = clock.now_ms()
    assert began_ms == times.wall_ns // 1_000_000
    times.pass_ms(700)
    times.wall_ns += jump_ns
    assert clock.now_ms() == began_ms + 700
    times.pass_ms(300)
    assert clock.now_ms() == began_ms + 1_000


def test_a_wall_clock_that_goes_back_and_forth_never_turns_time_back(times: Times) -> None:
    clock = SystemClock()
    began_ms, seen = clock.now_ms(), []
    for number in range(50):
        times.wall_ns += (-1) ** number * number * HOUR_NS
        times.pass_ms(number % 3)
        seen.append(clock.now_ms())
    assert seen == sorted(seen)
    assert seen[-1] == began_ms + sum(number % 3 for number in range(50))


def test_a_start_with_a_wall_clock_that_is_behind_the_journal_goes_on_from_the_journal(times: Times) -> None:
    journal_ms = SystemClock().now_ms()
    times.wall_ns -= HOUR_NS
    clock = SystemClock(not_before_ms=journal_ms)
    assert clock.now_ms() == journal_ms
    times.pass_ms(10)
    times.wall_ns += HOUR_NS
    assert clock.now_ms() == journal_ms + 10


async def test_a_sleep_is_as_long_as_it_was_meant_to_be(times: Times, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        times.wall_ns -= HOUR_NS
        times.pass_ms(round(seconds * 1000))

    monkeypatch.setattr(asyncio, "sleep", sleep)
    clock = SystemClock()
    at_ms = clock.now_ms() + 2_000
    times.wall_ns += HOUR_NS
    await clock.sleep_until(at_ms)
    assert slept == [2.001]
    assert clock.now_ms() == at_ms + 1
    await clock.sleep_until(at_ms)
    assert len(slept) == 1
