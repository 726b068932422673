"""Choosing items for a lesson, and correcting the key."""

from decimal import Decimal

import pytest

from tests.support.papers import CARD, paper, raw_paper
from typing_test.content import DictationContent
from typing_test.key import MOST_ACCEPTED, key, parts, select, with_key
from typing_test.module import module

pytestmark = pytest.mark.unit


def marks(content: DictationContent, **texts: str) -> Decimal:
    """What the first card brings, typed as the anchor but for these fields."""
    return module.score(content, module.history_of(content, {"i1": CARD | texts}), {}).marks[0].marks


def test_items_are_chosen_in_the_order_of_the_paper() -> None:
    content = paper(items=4)
    assert [part.id for part in parts(content)] == ["i1", "i2", "i3", "i4"]
    lesson = select(content, ["i4", "i2", "i4"], 90_000)
    assert [item.id for item in lesson.items] == ["i2", "i4"]
    assert (lesson.duration_ms, lesson.title) == (90_000, content.title)
    assert (lesson.player, lesson.counting, lesson.fields) == (content.player, content.counting, content.fields)


@pytest.mark.parametrize("chosen", [[], ["i9"], ["i1", "i9"]])
def test_what_the_paper_does_not_hold_is_not_chosen(chosen: list[str]) -> None:
    with pytest.raises(ValueError, match="i9|parts"):
        select(paper(), chosen, 90_000)


@pytest.mark.parametrize("duration_ms", [0, -1, 25 * 3600 * 1000])
def test_a_lesson_has_a_duration_that_a_paper_may_have(duration_ms: int) -> None:
    with pytest.raises(ValueError, match="duration_ms"):
        select(paper(), ["i1"], duration_ms)


def test_the_key_names_item_and_field() -> None:
    raw = raw_paper(items=1)
    raw["items"][0]["answers"]["address"]["alternatives"] = ["另一地址"]
    lines = {line.path: line for line in key(DictationContent.model_validate(raw))}
    assert lines["items.i1.address"].title.zh == "第 1 条 · 客户地址"
    assert lines["items.i1.address"].accepted == (CARD["address"], "另一地址")
    assert list(lines) == [f"items.i1.{field}" for field in CARD]


def test_another_wording_counts_after_the_correction() -> None:
    content = paper(items=1)
    assert marks(content, name="欧阳血") < 10
    corrected = with_key(content, {"items.i1.name": [CARD["name"], "欧阳血"]})
    assert marks(corrected, name="欧阳血") == marks(corrected) == 10
    replaced = with_key(content, {"items.i1.name": ["欧阳血"]})
    assert marks(replaced) < 10
    assert marks(replaced, name="欧阳血") == 10


def test_the_same_key_is_the_same_paper() -> None:
    content = paper()
    assert with_key(content, {line.path: line.accepted for line in key(content)}) == content
    assert with_key(content, {}) == content
    assert with_key(content, {"items.i1.name": [CARD["name"], CARD["name"]]}) == content


def test_what_is_not_corrected_stays_whatever_it_is() -> None:
    raw = raw_paper(items=1)
    raw["items"][0]["answers"]["name"]["alternatives"] = [f"写法{n}" for n in range(MOST_ACCEPTED)]
    content = DictationContent.model_validate(raw)
    assert with_key(content, {line.path: line.accepted for line in key(content)}) == content


@pytest.mark.parametrize(
    ("path", "wordings"),
    [
        ("items.i9.name", ["某"]),
        ("items.i1.fax", ["某"]),
        ("items.0.name", ["某"]),
        ("", ["某"]),
        ("items.i1.name", []),
        ("items.i1.name", [""]),
        ("items.i1.name", ["  "]),
        ("items.i1.name", ["欧阳雪", "。。"]),
        ("items.i1.name", ["字" * 201]),
        ("items.i1.name", [f"写法{n}" for n in range(MOST_ACCEPTED + 1)]),
    ],
)
def test_what_can_not_be_an_answer_is_refused_by_its_path(path: str, wordings: list[str]) -> None:
    with pytest.raises(ValueError, match=f"^{path}: "):
        with_key(paper(), {path: wordings})


def test_every_fault_is_named_at_once() -> None:
    with pytest.raises(ValueError, match=r"items\.i1\.name.*items\.i2\.email"):
        with_key(paper(), {"items.i1.name": [""], "items.i2.email": []})
