"""Marks of a dictation, to the digit."""

from decimal import Decimal
from functools import reduce
from typing import Any

import pytest

from server.core.contract import Journalled
from server.core.outcome import Outcome
from tests.support.papers import CARD, paper
from typing_test import state
from typing_test.module import module
from typing_test.policy import CountingPolicy
from typing_test.scoring import final_state, mark
from typing_test.sheet import ScoreSheet

pytestmark = pytest.mark.unit


def score(answers: dict[str, Any], **changes: Any) -> tuple[Outcome, ScoreSheet]:
    content = paper(**changes)
    outcome = module.score(content, module.history_of(content, answers), {})
    return outcome, ScoreSheet.model_validate(outcome.sheet)


def test_the_anchor_card_counts_59_and_57_without_at_and_dot() -> None:
    _, sheet = score({}, items=1)
    assert [field.expected_count for field in sheet.items[0].fields] == [3, 22, 6, 11, 17]
    assert sheet.expected_count == 59
    _, sheet = score({}, items=1, counting={"keep": "_-+#&/"})
    assert sheet.expected_count == 57


def test_all_right_is_all_marks() -> None:
    outcome, sheet = score({"i1": CARD}, items=1)
    assert (sheet.correct_count, sheet.surplus_count, sheet.accuracy) == (59, 0, Decimal("100.00"))
    assert outcome.marks[0].marks == Decimal("10.00")
    assert module.again(paper(items=1), outcome) is None


def test_nothing_typed_is_no_marks() -> None:
    outcome, _ = score({})
    assert outcome.marks[0].marks == Decimal("0.00")


def test_one_wrong_character_of_59() -> None:
    outcome, sheet = score({"i1": CARD | {"name": "欧杨雪"}}, items=1)
    assert (sheet.correct_count, sheet.surplus_count) == (58, 1)
    assert sheet.accuracy == Decimal("98.31")
    assert outcome.marks[0].marks == Decimal("9.83")
    assert outcome.marks[0].working.zh == "准确率 58 ÷ 59 = 98.31%；98.31% × 10 = 9.83 分"


def test_the_other_reading_rounds_the_ratio() -> None:
    outcome, sheet = score({"i1": CARD | {"name": "欧杨雪"}}, items=1, counting={"rounding": "ratio"})
    assert sheet.accuracy == Decimal("0.98")
    assert outcome.marks[0].marks == Decimal("9.80")
    assert outcome.policy["rounding"] == "ratio"


@pytest.mark.parametrize(
    ("correct", "expected", "accuracy", "marks"),
    [
        (1, 8, "12.50", "1.25"),
        (1, 3, "33.33", "3.33"),
        (2, 3, "66.67", "6.67"),
        (5, 1000, "0.50", "0.05"),
        (0, 0, "0.00", "0.00"),
    ],
)
def test_rounding_is_half_up(correct: int, expected: int, accuracy: str, marks: str) -> None:
    assert mark(correct, expected, CountingPolicy())[:2] == (Decimal(accuracy), Decimal(marks))


def test_a_half_cent_goes_up() -> None:
    # 1 of 16 is 6.25 %, times 10 is 0.625: half up gives 0.63, half even would give 0.62.
    assert mark(1, 16, CountingPolicy())[1] == Decimal("0.63")


def test_surplus_is_reported_and_deducted_only_on_demand() -> None:
    answers = {"i1": CARD | {"name": "欧阳雪雪雪"}}
    _, sheet = score(answers, items=1)
    assert (sheet.surplus_count, sheet.deducted_count, sheet.marks) == (2, 0, Decimal("10.00"))
    _, sheet = score(answers, items=1, counting={"surplus_deduction": "per_character"})
    assert (sheet.deducted_count, sheet.accuracy) == (2, Decimal("96.61"))


def test_the_best_alternative_counts_and_is_named() -> None:
    content = paper(items=1).model_dump(mode="json", by_alias=True)
    content["items"][0]["answers"]["address"] = {"text": "十二号楼", "alternatives": ["12号楼", "12栋"]}
    task = module.content_type.model_validate(content)
    outcome = module.score(task, module.history_of(task, {"i1": {"address": "12号楼"}}), {})
    field = ScoreSheet.model_validate(outcome.sheet).items[0].fields[1]
    assert (field.expected, field.alternative, field.correct_count, field.expected_count) == ("12号楼", 0, 4, 4)


def test_unscored_items_are_shown_and_not_summed() -> None:
    content = paper(items=2).model_dump(mode="json", by_alias=True)
    content["items"][0]["scored"] = False
    task = module.content_type.model_validate(content)
    outcome = module.score(task, module.history_of(task, {"i1": CARD}), {})
    sheet = ScoreSheet.model_validate(outcome.sheet)
    assert (sheet.expected_count, sheet.correct_count, len(sheet.items)) == (59, 0, 2)


def test_a_paper_without_scored_items_gives_no_marks_and_no_error() -> None:
    content = paper(items=1).model_dump(mode="json", by_alias=True)
    content["items"][0]["scored"] = False
    task = module.content_type.model_validate(content)
    outcome = module.score(task, module.history_of(task, {"i1": CARD}), {})
    assert outcome.marks == ()
    assert "热身" in ScoreSheet.model_validate(outcome.sheet).working.zh


@pytest.mark.parametrize("answers", [{"zz": {}}, {"i1": {"zz": ""}}, {"i1": {"name": 3}}, {"i1": "x"}])
def test_answers_that_fit_nothing_are_named(answers: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="answers"):
        module.history_of(paper(), answers)


def test_again_keeps_the_wrong_items_and_their_share_of_the_time() -> None:
    content = paper(items=4)
    right = {f"i{n}": CARD for n in (1, 2, 3)}
    outcome = module.score(content, module.history_of(content, right), {})
    once_more = module.again(content, outcome)
    assert once_more is not None
    assert [item.id for item in once_more.items] == ["i4"]
    assert once_more.duration_ms == 150_000
    assert once_more.title.zh == "错题再练：测试卷"
    twice = module.again(once_more, module.score(once_more, [], {}))
    assert twice is not None
    assert twice.title.zh == "错题再练：测试卷"


def test_the_short_cut_fold_is_the_fold() -> None:
    content = paper(items=2)
    saves = [
        {"type": "typing_test.field_saved", "item": act.command["item"]} | _save(act.command)
        for act in module.robot(content, 3, 0.5)
        if act.command["type"] == "typing_test.save_field"
    ]
    acted = {"type": "typing_test.player_acted", "item": "i1", "act": "play", "position_ms": 0, "since_ms": 5}
    events = [module.parse_event(raw) for raw in [*saves, acted]]
    history = [Journalled(seq, seq, seq, event) for seq, event in enumerate(events, start=1)]
    assert final_state(history) == reduce(state.apply, events, state.DictationState())


def _save(command: dict[str, Any]) -> dict[str, Any]:
    return {key: command[key] for key in ("field", "text", "rev")}
