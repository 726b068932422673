"""表3 and its missing 20 %: added, normalised, left, or not decided yet."""

from decimal import Decimal
from typing import Any

import pytest

from chat_sim.rubric import max_marks, rubric
from tests.chat_sim.desk import desk_content

pytestmark = pytest.mark.unit

ROW = {"key": "cross_selling", "title": {"zh-CN": "搭销与客单价"}, "weight_pct": "20"}


def weights(**policy: Any) -> dict[str, str]:
    """Weights by key."""
    return {one.key: str(one.weight_pct) for one in rubric(desk_content(rubric=policy)).criteria}


TABLE = {"wording": "15", "knowledge": "30", "closing": "5", "indicators": "30"}


@pytest.mark.parametrize("gap", ["open", "as_is"])
def test_a_gap_is_not_hidden(gap: str) -> None:
    assert weights(gap=gap) == TABLE
    assert rubric(desk_content(rubric={"gap": gap})).gap_pct == 20


def test_rows_fill_the_gap() -> None:
    policy = {"gap": "rows", "rows": [ROW]}
    assert weights(**policy) == {**TABLE, "cross_selling": "20"}
    made = rubric(desk_content(rubric=policy))
    assert made.gap_pct == 0
    assert {one.key: one.marked_by for one in made.criteria} == {
        "wording": "manual", "knowledge": "manual", "closing": "manual", "indicators": "auto", "cross_selling": "manual"
    }  # fmt: skip
    assert rubric(desk_content(rubric={"gap": "rows", "rows": [{**ROW, "weight_pct": "15"}]})).gap_pct == 5


def test_normalised_weights_come_to_a_hundred() -> None:
    assert weights(gap="normalise", rows=[ROW]) == {
        "wording": "18.75", "knowledge": "37.5", "closing": "6.25", "indicators": "37.5"
    }  # fmt: skip
    assert rubric(desk_content(rubric={"gap": "normalise"})).gap_pct == 0


def test_marks_of_the_indicators_follow_their_weight() -> None:
    assert max_marks(desk_content()) == Decimal("9.00")
    assert max_marks(desk_content(rubric={"gap": "normalise"})) == Decimal("11.25")
    assert max_marks(desk_content(max_marks="100")) == Decimal(30)
    assert rubric(desk_content()).max_marks == Decimal(30)
