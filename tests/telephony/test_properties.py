"""What holds of a voice round whatever is sent, reported and waited for."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.contract import Refusal
from server.core.media import LegUp
from telephony.content import InboundPart, OutboundPart, RetellPart
from telephony.module import module
from tests.support.cases import SOUND, VOICE, fuzzed
from tests.telephony.driving import Round

pytestmark = pytest.mark.unit

STEP = st.one_of(VOICE, SOUND, SOUND, st.integers(0, 20_000))


def step(round_: Round, what: Any) -> None:
    """A command, a report, or time."""
    if isinstance(what, int):
        round_.wait(what)
    elif isinstance(what, tuple):
        round_.report(*what)
    else:
        kind = what["type"].removeprefix("telephony.")
        values = {key: value for key, value in what.items() if key != "type"}
        if not isinstance(round_.attempt(kind, **values), Refusal):
            round_.send(kind, **values)


def in_a_call(kind: str) -> Round:
    """A call of the small paper that was answered."""
    round_ = Round()
    if kind == "in1":
        round_.send("open_part", part="in1")
        round_.report("in1.1", LegUp(leg="seat", connection=1))
        round_.send("answer", call="in1.1")
    else:
        round_.send("dial", part=kind)
        round_.report(f"{kind}.1", LegUp(leg="seat", connection=1))
    return round_


ROUNDS = st.sampled_from(["in1", "out1", "re1"])


@fuzzed
@given(kind=ROUNDS, steps=st.lists(STEP, max_size=40))
def test_policies_hold_and_one_call_is_up_at_most(kind: str, steps: list[Any]) -> None:
    round_ = in_a_call(kind)
    for what in steps:
        step(round_, what)
        state = round_.state
        assert sum(call.up for call in state.calls) <= 1
        for call in state.calls:
            part = round_.content.part(call.part)
            assert call.played <= len(call.plays)
            assert call.up or (call.floor, call.taking) == ("nobody", False)
            assert call.up or call.ended_by is not None
            if isinstance(part, InboundPart):
                assert all(taken <= 2 for taken in call.takes.values())
                assert all(used <= 1 for used in call.replays.values())
                ids = [turn.id for turn in part.turns]
                assert list(call.turns_done) == ids[: len(call.turns_done)]
            elif isinstance(part, OutboundPart):
                assert set(call.customer.answered) <= set(range(1, call.customer.asked + 1))
                assert call.ends_by_ms is None or call.since_ms <= call.ends_by_ms
            elif isinstance(part, RetellPart):
                assert sum(own.listens for own in state.calls_of(part.id)) <= part.listens
        answered = [call for call in state.calls_of("out1") if call.answered_ms is not None]
        assert len(answered) <= 1


@fuzzed
@given(kind=ROUNDS, steps=st.lists(STEP, max_size=40))
def test_what_is_due_lies_ahead_or_is_done_at_once(kind: str, steps: list[Any]) -> None:
    round_ = in_a_call(kind)
    for what in steps:
        step(round_, what)
        round_.wait(0)
        due = module.due(round_.content, round_.state)
        assert due is None or due > round_.now_ms


@fuzzed
@given(steps=st.lists(st.one_of(VOICE, SOUND), max_size=15))
def test_the_customer_does_not_depend_on_what_else_is_done_at_the_desk(steps: list[Any]) -> None:
    """Searches, look-ups and texts change nothing of what the customer says, or when."""
    quiet, busy = in_a_call("out1"), in_a_call("out1")
    desk = ("search", "look_up", "open_article", "open_record", "verify", "suspend", "save_field", "blocked")
    for what in steps:
        if isinstance(what, dict) and what["type"].removeprefix("telephony.") in desk:
            step(busy, what)
    for round_ in (quiet, busy):
        round_.hear("out1.1", 1)
        round_.speak("out1.1", 2_000)
        round_.wait(30_000)
    lines = [[(e.line, e.stage_ms, e.cause) for e in round_.events("line_began")] for round_ in (quiet, busy)]
    assert lines[0] == lines[1]


@fuzzed
@given(kind=ROUNDS, steps=st.lists(STEP, max_size=30))
def test_every_view_can_be_made_at_every_moment(kind: str, steps: list[Any]) -> None:
    round_ = in_a_call(kind)
    for what in steps:
        step(round_, what)
    assert type(round_.live).model_validate_json(round_.live.model_dump_json()) == round_.live
    text = round_.state.model_dump_json()
    assert type(round_.state).model_validate_json(text) == round_.state
    progress = module.progress(round_.content, round_.state)
    assert 0 <= progress.done <= progress.total
    assert module.history_of(round_.content, module.answers(round_.content, round_.state)) is not None
