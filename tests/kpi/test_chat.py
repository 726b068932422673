"""Figures of online chat: vectors of the KPI dictionary, and what holds for any conversation."""

from datetime import time
from decimal import Decimal
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.kpi import chat
from server.kpi.chat import Round, Said, Span

pytestmark = pytest.mark.unit


def clock(text: str) -> int:
    """A time of the day in ms."""
    at = time.fromisoformat(text)
    return ((at.hour * 60 + at.minute) * 60 + at.second) * 1000


By = Literal["customer", "agent"]


def talk(*said: tuple[By, str]) -> list[Said]:
    """Messages by the times of their day."""
    return [Said(clock(at), by) for by, at in said]


ASKED_TWICE: tuple[tuple[By, str], ...] = (("customer", "10:10:15"), ("customer", "10:15:20"), ("agent", "10:18:10"))
AND_AGAIN: tuple[tuple[By, str], ...] = (*ASKED_TWICE, ("customer", "10:18:30"), ("agent", "10:19:00"))


def test_taobao_counts_a_round_from_its_first_message() -> None:
    found = chat.rounds(talk(*ASKED_TWICE))
    assert found == [Round(clock("10:10:15"), clock("10:15:20"), clock("10:18:10"))]
    assert chat.response_counts(found, clock("23:59:59"), ended=True) == (0, 1)


def test_taobao_a_second_round_in_time_is_one_of_two() -> None:
    found = chat.rounds(talk(*AND_AGAIN))
    assert chat.response_counts(found, clock("23:59:59"), ended=True) == (1, 2)
    assert chat.response_ms(found, "first") == [475_000, 30_000]
    assert chat.response_ms(found, "last") == [170_000, 30_000]
    assert chat.mean_ms(chat.response_ms(found, "first")) == 252_500
    assert chat.mean_ms(chat.response_ms(found, "last")) == 100_000


def test_taobao_ten_questions_that_nobody_answers_are_one_round() -> None:
    asked = [Said(clock("10:10:00") + number * 17_000, "customer") for number in range(10)]
    found = chat.rounds(asked)
    assert len(found) == 1
    assert chat.response_counts(found, clock("23:59:59"), ended=False) == (0, 1)
    assert chat.first_response_ms(asked) is None


def test_a_round_at_the_end_of_the_work_had_no_time_yet() -> None:
    found = chat.rounds([Said(1_000, "customer")])
    assert chat.response_counts(found, 181_000, ended=False) == (0, 0)
    assert chat.response_counts(found, 181_001, ended=False) == (0, 1)
    assert chat.response_counts(found, 2_000, ended=True) == (0, 1)


def test_who_takes_leave_waits_for_nothing() -> None:
    bye = Said(9_000, "customer", asks=False)
    assert chat.rounds([Said(0, "customer"), Said(5_000, "agent"), bye]) == [Round(0, 0, 5_000)]
    assert chat.rounds([bye, Said(9_500, "customer")]) == [Round(9_000, 9_500, None)]
    assert chat.rounds([bye, Said(9_500, "agent")]) == [Round(9_000, 9_000, 9_500)]


def test_in_time_is_up_to_three_minutes_and_not_beyond() -> None:
    for late_ms, in_time in ((180_000, 1), (180_001, 0)):
        found = chat.rounds([Said(0, "customer"), Said(late_ms, "agent")])
        assert chat.response_counts(found, 10**6, ended=True) == (in_time, 1)


def test_first_response_is_to_the_first_message() -> None:
    said = [Said(3_000, "customer"), Said(10_000, "customer"), Said(12_500, "agent"), Said(13_000, "agent")]
    assert chat.first_response_ms(said) == 9_500
    assert chat.first_response_ms([Said(1, "agent")]) is None


def test_a_customer_waits_from_being_accepted_to_the_reply() -> None:
    found = [Round(1_000, 2_000, 31_000), Round(40_000, 40_000, 45_000), Round(60_000, 60_000, None)]
    assert chat.waits_ms(found, 11_000, 70_000) == 20_000 + 5_000 + 10_000


def test_concurrency_of_three_conversations() -> None:
    steps = chat.concurrency([Span(0, 60_000), Span(30_000, 90_000), Span(120_000, 150_000), Span(7, 7)])
    assert steps == ((0, 1), (30_000, 2), (60_000, 1), (90_000, 0), (120_000, 1), (150_000, 0))
    assert chat.peak(steps) == 2
    assert chat.mean_concurrency(steps) == Decimal("1.2500")
    assert (chat.peak(()), chat.mean_concurrency(())) == (0, None)
    assert chat.peak(chat.concurrency([Span(0, 5), Span(5, 9)])) == 1


def test_means_and_ratios_are_rounded_half_up() -> None:
    assert chat.mean_ms([1, 2]) == 2
    assert chat.mean_ms([]) is None
    assert chat.ratio(1, 8, Decimal("0.01")) == Decimal("0.13")
    assert chat.ratio(2, 3) == Decimal("0.6667")
    assert chat.ratio(1, 0) is None


MESSAGES = st.lists(st.tuples(st.integers(0, 90_000), st.sampled_from(("customer", "agent"))), max_size=30).map(
    lambda steps: [
        Said(sum(gap for gap, _ in steps[: number + 1]), by)  # type: ignore[arg-type]
        for number, (_, by) in enumerate(steps)
    ]
)


@given(MESSAGES)
def test_rounds_part_a_conversation(said: list[Said]) -> None:
    found = chat.rounds(said)
    replied = [one for one in found if one.replied_ms is not None]
    assert found[: len(replied)] == replied
    assert len(found) - len(replied) == (bool(said) and said[-1].by == "customer")
    turns = sum(a.by == "customer" and b.by == "agent" for a, b in zip(said, said[1:], strict=False))
    assert len(replied) == turns
    firsts, lasts = chat.response_ms(found, "first"), chat.response_ms(found, "last")
    assert all(0 <= last <= first for first, last in zip(firsts, lasts, strict=True))
    in_time, counted = chat.response_counts(found, 10**9, ended=True)
    assert 0 <= in_time <= counted == len(found)
    # A whole conversation's waits are no more than its length.
    if said:
        assert 0 <= chat.waits_ms(found, said[0].at_ms, said[-1].at_ms) <= said[-1].at_ms - said[0].at_ms


@given(st.lists(st.tuples(st.integers(0, 1_000), st.integers(1, 1_000)), min_size=1, max_size=12))
def test_concurrency_ends_at_none_and_holds_the_mean_below_the_peak(raw: list[tuple[int, int]]) -> None:
    spans = [Span(start, start + length) for start, length in raw]
    steps = chat.concurrency(spans)
    assert steps[-1][1] == 0
    assert all(open_ == sum(s.from_ms <= at < s.to_ms for s in spans) for at, open_ in steps)
    mean = chat.mean_concurrency(steps)
    assert mean is not None
    assert 1 <= mean <= chat.peak(steps) <= len(spans)
