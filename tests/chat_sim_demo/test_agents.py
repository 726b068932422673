"""Scripted agents prove the papers: who answers well satisfies and sells to everybody, who says nothing loses them."""

from functools import lru_cache

import pytest

from chat_sim.clerk import Clerk
from chat_sim.content import ChatContent
from chat_sim.demo import render
from chat_sim.driving import Desk
from chat_sim.persona import Need, Persona
from chat_sim.scripted import Agent, Played, play, total_of
from chat_sim.shop import OrderLine
from chat_sim.state import ChatState

pytestmark = pytest.mark.unit

PAPERS = {name: ChatContent.model_validate(render.load(name)) for name in render.PAPERS}
each_paper = pytest.mark.parametrize("name", render.PAPERS)
BUSIEST = 5
"""Conversations open at once at a desk of ordinary speed: what the demo must contain."""


@lru_cache
def played(name: str, agent: Agent) -> Played:
    return play(PAPERS[name], agent)


def concurrency(state: ChatState) -> int:
    """Most customers that were there at once, waiting ones included."""
    moves = [(own.arrived_ms, 1) for own in state.conversations]
    moves += [(own.ended_ms, -1) for own in state.conversations if own.ended_ms is not None]
    here = most = 0
    for _, step in sorted(moves):
        here += step
        most = max(most, here)
    return most


class Ordinary:
    """Who knows the answers, looks most things up, thinks for five seconds and types 200 characters a minute."""

    serves = greets = True
    nickname = "小满"

    def reply(self, persona: Persona, need: Need, tries: int) -> str:
        return need.reference

    def pitches(self, persona: Persona) -> str | None:
        return next((one.product for one in persona.suggestions if one.accepts), None)

    def order(self, persona: Persona, lines: tuple[OrderLine, ...], tries: int) -> tuple[tuple[OrderLine, ...], str]:
        return lines, persona.purchase.coupon if persona.purchase is not None else ""

    def think_ms(self, persona: Persona, text: str) -> int:
        return 5_000

    def typing_ms(self, text: str) -> int:
        return 300 * len(text)

    def looks_up(self, persona: Persona, need: Need, tries: int) -> bool:
        return True

    def holds(self, persona: Persona, need: Need) -> str:
        return ""


@each_paper
def test_the_perfect_agent_satisfies_every_customer_and_sells(name: str) -> None:
    state = played(name, "perfect").state
    assert [own.id for own in state.conversations] == [persona.id for persona in PAPERS[name].personas]
    for own, persona in zip(state.conversations, PAPERS[name].personas, strict=True):
        assert [need.id for need in own.needs if need.settled is True] == [need.id for need in persona.needs]
        assert own.ended_by == "agent"
        assert own.paid is (persona.purchase is not None)
        assert own.wrong == own.nudged == own.forbidden == 0
        assert own.taken == tuple(one.product for one in persona.suggestions if one.accepts)
        assert own.stars == 5


@each_paper
def test_the_silent_agent_loses_every_customer(name: str) -> None:
    lost = played(name, "silent")
    assert total_of(lost) == 0
    for own, persona in zip(lost.state.conversations, PAPERS[name].personas, strict=True):
        assert (own.ended_by, own.reason, own.stars) == ("customer", "customer_gone", 1)
        assert own.nudged == len(persona.nudges)
        assert not any(need.settled for need in own.needs)


def test_the_perfect_agent_sells_for_5350_yuan() -> None:
    # Per customer: 605, 578, 298, 819, 415, 735, 554, 738, 608.
    paid = {order.conversation: order.total for order in played("contest", "perfect").state.orders}
    assert paid == {
        "sizer": 605,
        "comparer": 578,
        "silent": 298,
        "bargainer": 819,
        "gifter": 415,
        "hurried": 735,
        "invoice": 554,
        "many": 738,
        "changer": 608,
    }
    assert total_of(played("contest", "perfect")) == sum(paid.values())


@pytest.mark.parametrize("agent", ["hasty", "sloppy"])
def test_carelessness_costs_stars_needs_or_sales(agent: Agent) -> None:
    good, poor = played("contest", "perfect").state, played("contest", agent).state
    stars = [sum(own.stars or 0 for own in state.conversations) for state in (good, poor)]
    assert stars[1] <= stars[0] - 10


def test_an_ordinary_desk_has_five_conversations_at_its_busiest_and_loses_nobody() -> None:
    content = PAPERS["contest"]
    clerk = Clerk(Desk(content), Ordinary(), content.duration_ms - 1)
    clerk.serve()
    state = clerk.desk.state
    assert concurrency(state) == BUSIEST == content.policy.most_open
    assert {own.ended_by for own in state.conversations} == {"agent"}
    assert max(own.ended_ms or content.duration_ms for own in state.conversations) < content.duration_ms * 3 // 4


@each_paper
def test_who_is_never_answered_is_gone_long_before_the_end(name: str) -> None:
    content = PAPERS[name]
    assert all(own.ended_ms is not None for own in played(name, "silent").state.conversations)
    assert max(persona.arrives_ms for persona in content.personas) < content.duration_ms * 2 // 3
