"""Replies labelled by a person, kept apart from the examples of the rules: how many are understood as labelled."""

import pytest

from chat_sim.content import ChatContent
from tests.chat_sim.labelled.scorer import FIRST, HELD_OUT, Tally, needs_json, replies, scores

pytestmark = pytest.mark.unit

LEAST = 0.90
REPLIES = 400
HELD_OUT_FLOOR = 0.70
"""No bar of quality: below it something is broken."""
HELD_OUT_REPLIES = 180
BELOW = ("gift", "photo", "price")
"""Kinds of need that do not reach it yet, with what they must not fall below; about 35 replies each."""
FLOOR = 0.75


def test_the_set_is_large_enough_and_covers_kinds_and_verdicts() -> None:
    assert scores().overall.judged >= REPLIES
    assert len(scores().kinds) >= 15


def test_overall() -> None:
    told = scores()
    assert told.overall.f1 >= LEAST, "\n".join(told.table())


@pytest.mark.parametrize("kind", sorted(scores().kinds))
def test_each_kind_of_need(kind: str) -> None:
    tally = scores().kinds[kind]
    least = FLOOR if kind in BELOW else LEAST
    assert tally.f1 >= least, "\n".join([f"{kind} below {least}", *scores().table()])


def test_the_held_out_set_is_large_enough_balanced_and_of_other_wordings() -> None:
    needs = {need.id for persona in ChatContent.model_validate_json(needs_json()).personas for need in persona.needs}
    held_out = [(reply["need"], reply["text"]) for reply in replies(HELD_OUT)]
    worded = {one for one in held_out if any(char.isalnum() for char in one[1])}
    assert len(held_out) >= HELD_OUT_REPLIES
    assert len(set(held_out)) == len(held_out)
    assert {need for need, _ in held_out} == needs
    assert not worded & {(reply["need"], reply["text"]) for reply in replies(FIRST)}
    counts = [tally.judged for tally in scores(HELD_OUT).kinds.values()]
    assert max(counts) <= 2 * min(counts)


def test_the_held_out_set_finds_no_breakage() -> None:
    told = scores(HELD_OUT)
    assert told.overall.f1 >= HELD_OUT_FLOOR, "\n".join(told.table())


def test_what_the_figures_count() -> None:
    tally = Tally()
    for told, label in (("met", "met"), ("met", "wrong"), ("nothing", "met"), ("nothing", "nothing")):
        tally.add(told, label)
    assert (tally.right, tally.false, tally.missed, tally.judged) == (1, 1, 2, 4)
    assert (tally.precision, round(tally.recall, 3), tally.f1) == (0.5, 0.333, 0.4)
