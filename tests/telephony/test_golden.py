"""Golden journals: what was journalled once must replay to the same state for ever.

`python -m tests.telephony.test_golden` writes the journal anew: for new events, or after a raise of `state_version`.
"""

import json
from pathlib import Path

import pytest

from server.core.contract import Journalled
from server.core.frozen import canonical_json, sha256_hex
from telephony.events import VoiceEvent
from telephony.module import module
from tests.support.voice import voice_paper
from tests.telephony.playing import whole

pytestmark = pytest.mark.unit

GOLDEN = Path(__file__).with_name("golden_v1.json")


def made() -> dict[str, object]:
    """The journal of a whole round, with what it leads to."""
    round_ = whole()
    return {
        "state_version": module.state_version,
        "state_sha256": sha256_hex(canonical_json(round_.state.model_dump(mode="json"))),
        "outcome_sha256": sha256_hex(canonical_json(score(round_.history))),
        "events": [
            {"seq": e.seq, "at_ms": e.at_ms, "stage_ms": e.stage_ms, "payload": e.event.model_dump(mode="json")}
            for e in round_.history
        ],
    }


def score(history: list[Journalled[VoiceEvent]]) -> object:
    """The outcome as JSON."""
    return module.score(voice_paper(), history, {}).model_dump(mode="json", by_alias=True)


def test_the_golden_journal_replays_to_the_same_state_and_outcome() -> None:
    golden = json.loads(GOLDEN.read_text("utf-8"))
    content = voice_paper()
    state = module.initial(content, 7)
    history = []
    for entry in golden["events"]:
        event = module.parse_event(entry["payload"])
        assert event.model_dump(mode="json") == entry["payload"]
        state = module.apply(content, state, event)
        history.append(Journalled(entry["seq"], entry["at_ms"], entry["stage_ms"], event))
    assert golden["state_version"] == module.state_version
    assert sha256_hex(canonical_json(state.model_dump(mode="json"))) == golden["state_sha256"]
    assert sha256_hex(canonical_json(score(history))) == golden["outcome_sha256"]


def test_the_same_acts_at_the_same_times_make_the_same_journal() -> None:
    golden = json.loads(GOLDEN.read_text("utf-8"))
    assert made() == golden


def test_every_version_that_was_ever_journalled_can_be_read() -> None:
    golden = json.loads(GOLDEN.read_text("utf-8"))
    types = {entry["payload"]["type"] for entry in golden["events"]}
    assert len(types) >= 20
    played = {"type": "telephony.role_played", "v": 1, "call": "o.1", "stage_ms": 1, "by": "x", "act": "answer"}
    assert module.parse_event(played).type == played["type"]


if __name__ == "__main__":
    GOLDEN.write_text(json.dumps(made(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
