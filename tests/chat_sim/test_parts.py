"""Lessons of chosen customers, practice of what went wrong, corrections of the key."""

import pytest

from chat_sim.module import module
from chat_sim.parts import arrivals_of
from chat_sim.scripted import play
from tests.support.chats import RAIN, SIZE, chats, persona

pytestmark = pytest.mark.unit


def times(*personas: tuple[str, int]) -> dict[str, int]:
    """When customers of such a paper come in a lesson of c and d, in ten minutes."""
    content = chats(*(persona(id_, at_ms, RAIN) for id_, at_ms in personas))
    return {one.id: one.arrives_ms for one in module.select(content, ["d", "c"], 600_000).personas}


def test_a_lesson_has_no_empty_minutes_for_those_left_out() -> None:
    assert times(("a", 5_000), ("b", 60_000), ("c", 400_000), ("d", 800_000)) == {"c": 5_000, "d": 60_000}


def test_the_order_of_arrival_stays_and_who_came_together_comes_apart_no_more_than_others() -> None:
    assert times(("d", 300_000), ("c", 700_000), ("a", 10_000), ("b", 20_000)) == {"d": 10_000, "c": 20_000}


def test_in_a_short_lesson_arrivals_move_together() -> None:
    content = chats(*(persona(id_, at_ms, RAIN) for id_, at_ms in (("a", 0), ("b", 300_000), ("c", 600_000))))
    assert arrivals_of(content, content.personas, 100_000) == {"a": 0, "b": 30_000, "c": 60_000}
    assert arrivals_of(content, content.personas, 1_000_000) == {"a": 0, "b": 300_000, "c": 600_000}


def test_practice_is_of_those_who_were_not_served_well() -> None:
    content = chats()
    assert module.again(content, module.score(content, play(content, "perfect").history, {})) is None
    lost = module.again(content, module.score(content, play(content, "silent").history, {}))
    assert lost is not None
    assert [one.id for one in lost.personas] == ["a", "b", "c"]
    assert lost.duration_ms == content.duration_ms
    some = module.again(content, module.score(content, play(content, "perfect", until_ms=10_000).history, {}))
    assert some is not None
    assert 1 <= len(some.personas) < 3
    assert some.duration_ms < content.duration_ms


def test_the_key_has_a_line_for_every_fact() -> None:
    lines = {line.path: line.accepted for line in module.key(chats())}
    assert lines["a.size.size"] == ("42码", "42")
    assert len(lines) == 6


def test_a_corrected_key_is_scored_by_while_customers_said_what_they_said() -> None:
    content = chats(persona("a", 0, SIZE, RAIN))
    played = play(content, "perfect")
    corrected = module.with_key(content, {"a.size.size": ["40码"]})
    before = module.score(content, played.history, {})
    after = module.score(corrected, played.history, {})
    met = [[need["met"] for need in outcome.sheet["conversations"][0]["needs"]] for outcome in (before, after)]
    assert met == [[True, True], [False, True]]
    texts = [[m["text"] for m in outcome.sheet["conversations"][0]["messages"]] for outcome in (before, after)]
    assert texts[0] == texts[1]


@pytest.mark.parametrize("wordings", [[], [" "], ["x" * 61], [str(number) for number in range(31)]])
def test_wordings_that_can_not_be_are_named(wordings: list[str]) -> None:
    with pytest.raises(ValueError, match=r"^a\.size\.size: "):
        module.with_key(chats(), {"a.size.size": wordings})
