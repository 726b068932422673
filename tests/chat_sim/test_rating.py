"""客户评分: every rule of it, rounding and limits, and the working."""

from decimal import Decimal
from typing import Any

import pytest

from chat_sim.persona import Persona
from chat_sim.rating import RatingCounts, courtesy_at_ends, rate, wrong_in
from tests.chat_sim.desk import desk_content

pytestmark = pytest.mark.unit


def persona(**rule: str) -> Persona:
    """The first customer, with a rule of rating."""
    (own, *_) = desk_content().personas
    return Persona.model_validate({**own.model_dump(by_alias=True), "rating": rule}, strict=False)


GOOD = {"greeting": True, "closing": True}


@pytest.mark.parametrize(
    ("counts", "stars", "exact"),
    [
        ({}, 5, "5"),
        ({"nudges": 1}, 5, "4.5"),
        ({"nudges": 1, "unmet": 1}, 4, "4"),
        ({"wrong": 1, "unmet": 1}, 4, "3.5"),
        ({"greeting": False, "closing": False}, 4, "4"),
        ({"forbidden": 1}, 4, "3.5"),
        ({"left": True}, 3, "3"),
        ({"left": True, "wrong": 3}, 1, "1"),
        ({"replied": False}, 1, "1"),
    ],
)
def test_stars_are_rounded_half_up_and_held(counts: dict[str, Any], stars: int, exact: str) -> None:
    found = rate(persona(), RatingCounts(**{**GOOD, **counts}))
    assert (found.stars, found.exact) == (stars, Decimal(exact))


def test_the_working_of_a_rating_names_everything_that_took_something_off() -> None:
    found = rate(persona(), RatingCounts(**{**GOOD, "nudges": 2, "wrong": 1}))
    assert [line.zh for line in found.working] == [
        "起始 5 分",
        "客户催促 −0.5 × 2 = 1",
        "答错关键点 −1 × 1 = 1",
        "3 四舍五入为 3 星",
    ]
    held = rate(persona(), RatingCounts(**{**GOOD, "wrong": 9}))
    assert held.working[-2].zh == "-4 限制在 1–5 之间：1"
    free = rate(persona(wrong="0"), RatingCounts(**{**GOOD, "wrong": 9}))
    assert (free.stars, len(free.working)) == (5, 2)


def test_courtesy_counts_at_the_ends() -> None:
    assert courtesy_at_ends([[], ["greeting"], ["greeting"], ["closing"], []]) == (True, True)
    assert courtesy_at_ends([["closing"], [], ["greeting"], [], []]) == (False, False)
    assert courtesy_at_ends([["greeting", "closing"]]) == (True, True)
    assert courtesy_at_ends([]) == (False, False)
    assert wrong_in([]) == 0
