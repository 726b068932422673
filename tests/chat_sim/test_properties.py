"""What holds for every chat whatever the page sends: the state is JSON, nothing is raised, time runs forward."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chat_sim.acting import due
from chat_sim.module import module
from chat_sim.scripted import Agent, play
from chat_sim.state import ChatState
from server.core.contract import Due, Journalled, Refusal
from server.core.frozen import canonical_json
from tests.chat_sim.driving import Round
from tests.support.chat_commands import CHAT, CHAT_OFTEN
from tests.support.chats import BURST, BUYS, PRICE, QUIET, RAIN, SIZE, STOCK, chats, persona
from tests.support.chats import CHAT as SMALL_TALK

pytestmark = pytest.mark.unit

fuzzed = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
STEPS = st.lists(st.tuples(st.integers(0, 40_000), st.one_of(CHAT_OFTEN, CHAT)), max_size=40)


def played(steps: list[tuple[int, dict[str, Any]]]) -> Round:
    """A round after these commands; who is refused is refused."""
    round_ = Round()
    round_.wait(0)
    round_.begin("c1")
    for wait_ms, raw in steps:
        round_.wait(wait_ms)
        kind = raw["type"].removeprefix("chat_sim.")
        values = {key: value for key, value in raw.items() if key != "type"}
        if not isinstance(round_.attempt(kind, **values), Refusal):
            round_.send(kind, **values)
    return round_


@fuzzed
@given(steps=STEPS)
def test_a_state_is_the_same_after_json(steps: list[tuple[int, dict[str, Any]]]) -> None:
    state = played(steps).state
    assert ChatState.model_validate_json(state.model_dump_json()) == state
    assert ChatState.model_validate(state.model_dump(mode="json")) == state


@fuzzed
@given(steps=STEPS)
def test_time_runs_forward_and_messages_count_up(steps: list[tuple[int, dict[str, Any]]]) -> None:
    round_ = played(steps)
    round_.wait(400_000)
    times = [entry.event.stage_ms for entry in round_.history]
    assert times == sorted(times)
    assert [message.n for message in round_.state.messages] == list(range(1, len(round_.state.messages) + 1))
    for own in round_.state.conversations:
        assert own.next_ms is None or own.next_ms >= round_.now_ms
        assert own.ended_ms is None or own.next_ms is None


@fuzzed
@given(steps=STEPS)
def test_what_is_due_happens_and_then_something_later_is(steps: list[tuple[int, dict[str, Any]]]) -> None:
    round_ = played(steps)
    last_ms = round_.now_ms
    for _ in range(200):
        due_ms = due(round_.content, round_.state)
        if due_ms is None:
            break
        assert due_ms >= last_ms
        last_ms = round_.now_ms = due_ms
        assert round_.wait(0)
    assert due(round_.content, round_.state) is None


@fuzzed
@given(steps=STEPS)
def test_stock_is_what_orders_hold(steps: list[tuple[int, dict[str, Any]]]) -> None:
    state = played(steps).state
    held: dict[str, int] = {}
    for order in state.orders:
        for line in (*order.lines, *order.gifts):
            if order.status in ("sent", "paid"):
                held[line.sku] = held.get(line.sku, 0) + line.quantity
    assert {sku: sold for sku, sold in state.sold.items() if sold} == held
    waiting = [order.conversation for order in state.orders if order.status == "sent"]
    assert len(set(waiting)) == len(waiting)


@fuzzed
@given(steps=STEPS, wait_ms=st.integers(0, 90_000))
def test_one_late_look_makes_the_same_events_as_many(steps: list[tuple[int, dict[str, Any]]], wait_ms: int) -> None:
    round_ = played(steps)
    round_.now_ms += wait_ms
    late = module.decide(round_.content, round_.state, Due(), round_.at)
    round_.now_ms -= wait_ms
    before = len(round_.history)
    round_.wait(wait_ms)
    assert late == [entry.event for entry in round_.history[before:]]


@fuzzed
@given(steps=STEPS, wait_ms=st.integers(0, 90_000))
def test_answers_make_the_same_outcome(steps: list[tuple[int, dict[str, Any]]], wait_ms: int) -> None:
    round_ = played(steps)
    round_.wait(wait_ms)
    answers = module.answers(round_.content, round_.state)
    again = module.history_of(round_.content, answers)
    assert told(again) == told(round_.history)


def told(history: list[Journalled[Any]]) -> str:
    """What was said, ordered and settled, and when."""
    kinds = ("customer_said", "accepted", "agent_said", "need_settled", "order_sent", "order_paid", "order_ended")
    wanted = {f"chat_sim.{kind}" for kind in (*kinds, "conversation_ended", "searched", "calculated", "nickname_set")}
    told_ = [entry.event.model_dump(mode="json", exclude={"rev"}) for entry in history if entry.event.type in wanted]
    return canonical_json(told_)


NEEDS = st.lists(
    st.fixed_dictionaries(
        {
            "of": st.sampled_from([SIZE, RAIN, PRICE, STOCK, QUIET, QUIET, SMALL_TALK, BURST]),
            "with_next": st.booleans(),
            "asks": st.sampled_from([None, [], ["问一句"], ["问一句", "再问一句"]]),
            "reminders": st.sampled_from([[], ["还没答呢"], ["还没答呢", "快点"]]),
            "silent_ms": st.sampled_from([0, 40_000]),
        }
    ),
    min_size=1,
    max_size=6,
)


def customer(id_: str, drawn: list[dict[str, Any]], buys: bool) -> dict[str, Any]:
    """A customer that an author without a linter might have made."""
    needs = []
    for number, one in enumerate(drawn):
        changed = {key: value for key, value in one.items() if key != "of" and value is not None}
        needs.append({**one["of"], **changed, "id": f"n{number}"})
    return persona(id_, 0, *needs, **({"purchase": BUYS} if buys else {}))


@fuzzed
@given(first=NEEDS, second=NEEDS, buys=st.booleans(), steps=STEPS)
def test_odd_customers_never_stand_still_and_end_some_time(
    first: list[dict[str, Any]], second: list[dict[str, Any]], buys: bool, steps: list[tuple[int, dict[str, Any]]]
) -> None:
    content = chats(customer("a", first, buys), customer("b", second, not buys))
    round_ = Round(content)
    round_.wait(0)
    round_.send("set_nickname", nickname="小暖")
    for wait_ms, raw in steps:
        round_.wait(wait_ms)
        values = {key: value for key, value in raw.items() if key != "type"}
        if not isinstance(round_.attempt(raw["type"].removeprefix("chat_sim."), **values), Refusal):
            round_.send(raw["type"].removeprefix("chat_sim."), **values)
    round_.wait(10**7)
    assert due(content, round_.state) is None
    for own in round_.state.conversations:
        assert own.ended_ms is not None or own.stage == "done"
        assert {need.id for need in own.needs if need.settled is None} == set()
    module.score(content, round_.history, {})


@fuzzed
@given(drawn=NEEDS, buys=st.booleans(), agent=st.sampled_from(["perfect", "silent", "hasty", "sloppy"]))
def test_scripted_agents_get_through_odd_customers(drawn: list[dict[str, Any]], buys: bool, agent: Agent) -> None:
    content = chats(customer("a", drawn, buys))
    played_ = play(content, agent)
    assert played_.acts == play(content, agent).acts
    assert list(module.robot(content, 5, 0.5)) == list(module.robot(content, 5, 0.5))
