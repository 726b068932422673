"""Whole desks, played by scripted agents: what scoring finds is what the engine journalled."""

from pathlib import Path
from typing import Any

import pytest

import chat_sim
from chat_sim import events as e
from chat_sim.content import ChatContent
from chat_sim.scoring import score
from chat_sim.scripted import Agent, Played, play
from chat_sim.sheet import ChatSheet
from server.core.contract import Journalled
from tests.chat_sim.desk import desk_content

pytestmark = pytest.mark.unit

DEMO = Path(chat_sim.__file__).parent / "demo"
AGENTS: tuple[Agent, ...] = ("perfect", "silent", "hasty", "sloppy")


def contents() -> list[ChatContent]:
    """The small desk, and the demo's lesson."""
    return [desk_content(), ChatContent.model_validate_json((DEMO / "lesson.json").read_text("utf-8"))]


@pytest.fixture(scope="module", params=[(n, agent) for n in range(2) for agent in AGENTS], ids=str)
def played(request: pytest.FixtureRequest) -> Played:
    number, agent = request.param
    return play(contents()[number], agent)


def sheet(played: Played) -> ChatSheet:
    """Its sheet."""
    return ChatSheet.model_validate(score(played.content, played.history, {}).sheet)


def events(played: Played, *kinds: type[Any]) -> list[Any]:
    """Its events of these kinds."""
    return [entry.event for entry in played.history if isinstance(entry.event, kinds)]


def test_a_rating_is_what_the_customer_gave(played: Played) -> None:
    given = {event.conversation: event.stars for event in events(played, e.ConversationEnded)}
    assert given
    found = {own.id: own.rating.stars for own in sheet(played).conversations}
    assert {who: found[who] for who in given} == given


def test_judging_anew_gives_what_was_judged(played: Played) -> None:
    anew = [
        Journalled(entry.seq, entry.at_ms, entry.stage_ms, entry.event.model_copy(update={"key": ""}))
        if isinstance(entry.event, e.AgentSaid)
        else entry
        for entry in played.history
    ]
    assert score(played.content, anew, {}) == score(played.content, played.history, {})


def test_needs_are_met_as_they_were_settled(played: Played) -> None:
    settled = {(event.conversation, event.need): event.met for event in events(played, e.NeedSettled)}
    found = {(own.id, need.id): need.met for own in sheet(played).conversations for need in own.needs}
    assert {which: found[which] for which in settled} == settled


def test_orders_cost_what_they_cost(played: Played) -> None:
    totals = {event.order: event.total for event in events(played, e.OrderSent)}
    found = {order.order: order.quote.total for own in sheet(played).conversations for order in own.orders}
    assert found == totals


def test_every_message_is_on_the_sheet_once_and_in_order(played: Played) -> None:
    numbers = [message.n for own in sheet(played).conversations for message in own.messages]
    said = [event.n for event in events(played, e.CustomerSaid, e.AgentSaid, e.OrderSent)]
    assert sorted(numbers) == sorted(said) == list(range(1, len(said) + 1))


def test_a_perfect_agent_earns_more_than_a_hasty_one_and_a_silent_one_nothing() -> None:
    for content in contents():
        marks = {agent: score(content, play(content, agent).history, {}).marks[0].marks for agent in AGENTS}
        assert marks["perfect"] > marks["hasty"] > marks["silent"] == 0
