"""The phase of an attempt as a pure function of its events."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.events import (
    AttemptClosed,
    AttemptOpened,
    AttemptPaused,
    AttemptResumed,
    AttemptStarted,
    TimeCredited,
    TimeGranted,
)
from server.core.phases import AttemptState, Phase, apply

pytestmark = pytest.mark.unit

T0 = 1_800_000_000_000
MINUTE = 60_000


def state(*happened: tuple[Any, int]) -> AttemptState:
    """The fold of events at minutes after T0, on an attempt of ten minutes."""
    so_far = apply(AttemptState(), AttemptOpened(content_sha256="s", duration_ms=10 * MINUTE, seed=1), T0)
    for event, minute in happened:
        so_far = apply(so_far, event, T0 + minute * MINUTE)
    return so_far


def test_phases_follow_the_events() -> None:
    assert AttemptState().phase is Phase.NOT_OPEN
    assert state().phase is Phase.ARMED
    assert state((AttemptStarted(), 1)).phase is Phase.RUNNING
    paused = state((AttemptStarted(), 1), (AttemptPaused(since_ms=T0 + 2 * MINUTE, cause="staff"), 2))
    assert paused.phase is Phase.PAUSED
    assert paused.ends_ms is None
    closed = AttemptClosed(cause="forced", net_ms=MINUTE, answers_sha256="")
    assert state((AttemptStarted(), 1), (closed, 2)).phase is Phase.CLOSED


def test_a_pause_moves_the_end_and_is_not_net_time() -> None:
    after = state(
        (AttemptStarted(), 0),
        (AttemptPaused(since_ms=T0 + 3 * MINUTE, cause="staff"), 3),
        (AttemptResumed(), 8),
    )
    assert after.ends_ms == T0 + 15 * MINUTE
    assert after.moment(T0 + 9 * MINUTE).stage_ms == 4 * MINUTE


def test_time_stands_still_while_paused() -> None:
    paused = state((AttemptStarted(), 0), (AttemptPaused(since_ms=T0 + 3 * MINUTE, cause="outage"), 7))
    assert paused.moment(T0 + 60 * MINUTE).stage_ms == 3 * MINUTE
    assert paused.moment(T0 + 60 * MINUTE).left_ms == 7 * MINUTE


def test_a_grant_adds_working_time_and_a_credit_gives_it_back() -> None:
    granted = state((AttemptStarted(), 0), (TimeGranted(ms=2 * MINUTE, reason="耳机故障"), 5))
    assert (granted.limit_ms, granted.ends_ms) == (12 * MINUTE, T0 + 12 * MINUTE)
    credited = state((AttemptStarted(), 0), (TimeCredited(ms=2 * MINUTE, reason="断电"), 5))
    assert (credited.limit_ms, credited.ends_ms) == (10 * MINUTE, T0 + 12 * MINUTE)
    assert credited.moment(T0 + 6 * MINUTE).stage_ms == 4 * MINUTE


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_net_time_never_runs_backwards_nor_beyond_the_limit(one: int, two: int) -> None:
    running = state((AttemptStarted(), 0))
    early, late = sorted((one, two))
    first, second = running.moment(T0 + early), running.moment(T0 + late)
    assert 0 <= first.stage_ms <= second.stage_ms <= running.limit_ms
    assert first.stage_ms + first.left_ms == running.limit_ms


@given(st.integers(0, 10 * MINUTE - 1))
def test_utc_of_net_time_is_its_inverse(stage_ms: int) -> None:
    running = state((AttemptStarted(), 0), (TimeCredited(ms=MINUTE, reason=""), 0))
    utc_ms = running.utc_of(stage_ms)
    assert utc_ms is not None
    assert running.moment(utc_ms).stage_ms == stage_ms
