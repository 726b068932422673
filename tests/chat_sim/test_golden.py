"""Golden journals: what was journalled once must replay to the same state for ever.

`python -m tests.chat_sim.test_golden` writes the journal anew: for new events, or after a raise of `state_version`.
"""

import json
from pathlib import Path

import pytest

from chat_sim.module import module
from server.core.contract import Journalled
from server.core.frozen import canonical_json, sha256_hex
from tests.chat_sim.playing import whole
from tests.support.chats import chats

pytestmark = pytest.mark.unit

GOLDEN = Path(__file__).with_name("golden_v1.json")


def made() -> dict[str, object]:
    """The journal of a whole round, with what it leads to."""
    round_ = whole()
    return {
        "state_version": module.state_version,
        "state_sha256": sha256_hex(canonical_json(round_.state.model_dump(mode="json"))),
        "events": [
            {"seq": e.seq, "at_ms": e.at_ms, "stage_ms": e.stage_ms, "payload": e.event.model_dump(mode="json")}
            for e in round_.history
        ],
    }


def test_the_golden_journal_replays_to_the_same_state() -> None:
    golden = json.loads(GOLDEN.read_text("utf-8"))
    content = chats()
    state = module.initial(content, 7)
    history = []
    for entry in golden["events"]:
        event = module.parse_event(entry["payload"])
        assert event.model_dump(mode="json") == entry["payload"]
        state = module.apply(content, state, event)
        history.append(Journalled(entry["seq"], entry["at_ms"], entry["stage_ms"], event))
    assert golden["state_version"] == module.state_version
    assert sha256_hex(canonical_json(state.model_dump(mode="json"))) == golden["state_sha256"]
    assert module.score(content, history, {}) == module.score(content, whole().history, {})


def test_the_same_acts_at_the_same_times_make_the_same_journal() -> None:
    assert made() == json.loads(GOLDEN.read_text("utf-8"))


def test_every_type_of_event_is_in_it() -> None:
    golden = json.loads(GOLDEN.read_text("utf-8"))
    types = {entry["payload"]["type"].removeprefix("chat_sim.") for entry in golden["events"]}
    assert types == {
        "nickname_set",
        "field_saved",
        "customer_said",
        "accepted",
        "shown",
        "agent_said",
        "need_settled",
        "order_set",
        "order_sent",
        "order_paid",
        "order_ended",
        "calculated",
        "searched",
        "article_opened",
        "product_opened",
        "picture_opened",
        "conversation_ended",
        "input_blocked",
    }


if __name__ == "__main__":
    GOLDEN.write_text(json.dumps(made(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
