"""The content's schema, its linter, and what a seat may see."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from tests.support.papers import CARD, paper, raw_paper
from typing_test.content import DictationContent
from typing_test.module import module

pytestmark = pytest.mark.unit


def test_a_good_paper_has_no_severe_fault() -> None:
    assert [fault for fault in module.check(paper(items=1)) if fault.severe] == []


def test_the_seat_sees_no_answer_hint_or_level() -> None:
    seen = json.dumps(module.seat_content(paper()).model_dump(mode="json"), ensure_ascii=False)
    assert not any(text in seen for text in CARD.values())
    assert "level" not in seen
    assert "hint" not in seen


def _without_answer(raw: dict[str, Any]) -> None:
    del raw["items"][0]["answers"]["phone"]


def _double_item(raw: dict[str, Any]) -> None:
    raw["items"][1]["id"] = "i1"


def _unknown_key(raw: dict[str, Any]) -> None:
    raw["items"][0]["answer"] = {}


def _no_items(raw: dict[str, Any]) -> None:
    raw["items"] = []


def _bad_sha(raw: dict[str, Any]) -> None:
    raw["items"][0]["audio"]["sha256"] = "../../etc/passwd"


@pytest.mark.parametrize("spoil", [_without_answer, _double_item, _unknown_key, _no_items, _bad_sha])
def test_broken_papers_are_refused(spoil: Any) -> None:
    raw = raw_paper()
    spoil(raw)
    with pytest.raises(ValidationError):
        DictationContent.model_validate(raw)


def test_every_missing_answer_is_named_at_once() -> None:
    raw = raw_paper()
    for item in raw["items"]:
        del item["answers"]["phone"], item["answers"]["name"]
    with pytest.raises(ValidationError) as error:
        DictationContent.model_validate(raw)
    assert str(error.value).count("缺少字段") == 4


def test_the_linter_finds_what_the_schema_cannot() -> None:
    raw = raw_paper(items=2)
    raw["items"][0]["answers"]["name"]["text"] = "。。"
    raw["fields"][1]["max_length"] = 5
    raw["items"][1]["scored"] = raw["items"][0]["scored"] = False
    faults = module.check(DictationContent.model_validate(raw))
    assert [fault.path for fault in faults] == [
        "items.0.answers.name",
        "items.0.answers.address",
        "items.1.answers.address",
        "items",
    ]


def test_equal_cards_are_pointed_out() -> None:
    (fault,) = module.check(paper(items=2))
    assert (fault.path, fault.severe) == ("items.1", False)
