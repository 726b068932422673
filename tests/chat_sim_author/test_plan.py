"""The fairness plan: the same for every seat, complete, and about nothing but the content."""

import pytest

from chat_sim.author import author
from chat_sim.plan import plan
from server.core.frozen import canonical_json, sha256_hex
from tests.chat_sim_author.drafting import changed, invented

pytestmark = pytest.mark.unit


def test_the_plan_tells_every_arrival_and_every_message_of_a_silent_run() -> None:
    content = author.content(invented(4))
    made = plan(content)
    assert made == plan(content)
    assert [one.arrives_ms for one in made.customers] == sorted(persona.arrives_ms for persona in content.personas)
    for customer in made.customers:
        persona = content.persona(customer.id)
        assert persona is not None
        first = customer.messages[0]
        assert (first.at_ms, first.text, first.cause) == (persona.arrives_ms, persona.needs[0].asks[0], "ask")
        assert [one.at_ms for one in customer.messages] == sorted(one.at_ms for one in customer.messages)
        assert customer.messages[-1].cause == "leaves"
        assert customer.nudges == len([one for one in customer.messages if one.cause == "nudge"])
    body = canonical_json(content.model_dump(mode="json", by_alias=True))
    assert made.content_sha256 == sha256_hex(body)


def test_its_sum_changes_with_anything_that_a_customer_does() -> None:
    draft = invented(2)
    sums = {
        plan(author.content(one)).plan_sha256
        for one in (
            draft,
            changed(draft, "personas.1.arrives_ms", 77_000),
            changed(draft, "personas.0.typing_ms", 333),
            changed(draft, "personas.0.patience_ms", 99_000),
        )
    }
    assert len(sums) == 4
    titled = changed(draft, "title", {"zh-CN": "别的标题"})
    assert plan(author.content(titled)).plan_sha256 == plan(author.content(draft)).plan_sha256
