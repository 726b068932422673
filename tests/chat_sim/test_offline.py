"""Scoring offline: answers happen again, single replies are judged without time; what is malformed is named."""

import json
from pathlib import Path
from typing import Any

import pytest

from chat_sim.module import module
from chat_sim.sheet import ChatSheet
from server.core.frozen import canonical_json
from tests.chat_sim.playing import whole
from tests.support.chats import chats

pytestmark = pytest.mark.unit


def answers() -> dict[str, Any]:
    """Those of a whole round, as they stand in a file."""
    round_ = whole()
    read: dict[str, Any] = json.loads(canonical_json(module.answers(round_.content, round_.state)))
    return read


def test_the_answers_of_a_round_score_like_the_round() -> None:
    round_ = whole()
    online = module.score(round_.content, round_.history, {})
    offline = module.score(round_.content, module.history_of(round_.content, answers()), {})
    assert offline.marks == online.marks
    before, after = ChatSheet.model_validate(online.sheet), ChatSheet.model_validate(offline.sheet)
    assert [c.model_copy(update={"measures": ()}) for c in after.conversations] == [
        c.model_copy(update={"measures": ()}) for c in before.conversations
    ]
    assert after.conversations[0].note == "客户要电子发票"
    assert after.indicators == before.indicators


def test_nothing_at_all_is_a_desk_that_nobody_served() -> None:
    assert module.history_of(chats(), {}) == module.history_of(chats(), {"acts": []})
    told = module.history_of(chats(), {"until_ms": 100_000})
    assert {entry.event.type for entry in told} == {
        "chat_sim.customer_said",
        "chat_sim.need_settled",
        "chat_sim.conversation_ended",
    }


ACT = {"stage_ms": 10, "command": {"type": "chat_sim.set_nickname", "nickname": "小暖"}}


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        ({"texts": {}}, "answers.texts"),
        ({"acts": {}}, "answers.acts"),
        ({"acts": [1]}, "answers.acts.0"),
        ({"acts": [{"stage_ms": 1}]}, "answers.acts.0"),
        ({"acts": [ACT | {"stage_ms": -1}]}, "answers.acts.0.stage_ms"),
        ({"acts": [ACT | {"stage_ms": True}]}, "answers.acts.0.stage_ms"),
        ({"acts": [ACT, ACT | {"stage_ms": 9}]}, "answers.acts.1.stage_ms"),
        ({"acts": [ACT | {"command": {"type": "zz"}}]}, "answers.acts.0.command"),
        (
            {"acts": [ACT | {"command": {"type": "chat_sim.send_order", "conversation": "c1"}}]},
            "answers.acts.0.command",
        ),
        ({"acts": [ACT], "until_ms": 9}, "answers.until_ms"),
        ({"until_ms": "1"}, "answers.until_ms"),
        ({"notes": []}, "answers.notes"),
        ({"notes": {"c9": "x"}}, "answers.notes.c9"),
        ({"until_ms": 0, "notes": {"c1": 5}}, "answers.notes.c1"),
        ({"replies": {}}, "answers.replies"),
        ({"replies": [], "acts": []}, "answers.replies"),
        ({"replies": [{"persona": "a", "need": "size"}]}, "answers.replies.0"),
        ({"replies": [{"persona": "zz", "need": "size", "text": "42"}]}, "answers.replies.0.persona"),
        ({"replies": [{"persona": "a", "need": "zz", "text": "42"}]}, "answers.replies.0.need"),
        ({"replies": [{"persona": "b", "need": "quiet", "text": "在吗"}]}, "answers.replies.0.need"),
    ],
)
def test_what_is_malformed_is_named_by_its_path(raw: dict[str, Any], path: str) -> None:
    with pytest.raises(ValueError, match=rf"^{path.replace('.', chr(92) + '.')}: "):
        module.history_of(chats(), raw)


def test_single_replies_are_judged_without_time() -> None:
    replies = [
        {"persona": "a", "need": "rain", "text": "这款防泼水"},
        {"persona": "a", "need": "rain", "text": "橡胶大底"},
        {"persona": "a", "need": "size", "text": "选39码"},
        {"persona": "c", "need": "burst", "text": "给您换新"},
    ]
    content = chats()
    history = module.history_of(content, {"replies": replies})
    sheet = ChatSheet.model_validate(module.score(content, history, {}).sheet)
    met = {f"{own.id}.{need.id}": need.met for own in sheet.conversations for need in own.needs if need.asked_ms == 0}
    assert met == {"a.rain": True, "a.size": False, "c.burst": False}
    said = [message for own in sheet.conversations for message in own.messages if message.by == "agent"]
    assert [message.verdicts for message in said][:2] == [{"rain": "partial"}, {"rain": "met"}]
    assert said[0].findings[0].text == "防泼水"


EXAMPLES = Path(__file__).parents[2] / "docs/examples/chat_sim"


def example(name: str) -> ChatSheet:
    """The sheet of an example of the documentation."""
    content = module.content_type.model_validate_json((EXAMPLES / "content.json").read_text("utf-8"))
    told = module.history_of(content, json.loads((EXAMPLES / f"{name}.json").read_text("utf-8")))
    return ChatSheet.model_validate(module.score(content, told, {}).sheet)


def test_the_examples_of_the_documentation_give_what_it_says() -> None:
    desk = example("answers")
    orders = [(order.status, str(order.quote.total)) for own in desk.conversations for order in own.orders]
    assert orders[-1] == ("paid", "605.00")
    assert sum(need.met for own in desk.conversations for need in own.needs) == 3
    told = example("replies")
    verdicts = [m.verdicts for own in told.conversations for m in own.messages if m.by == "agent"]
    assert verdicts == [{"size": "met"}, {"rain": "met"}, {"price": "wrong"}, {"stock": "nothing"}]
