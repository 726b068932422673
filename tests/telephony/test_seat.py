"""What a page gets holds no answer: no reference, no key point, no word of the customer, no digits."""

import json
from collections.abc import Iterator

import pytest

from server.core.media import LegUp
from telephony.content import InboundPart, OutboundPart, RetellPart, SummaryPart, TelephonyContent, lines
from telephony.module import module
from tests.support.voice import voice_paper
from tests.telephony.driving import Round

pytestmark = pytest.mark.unit


def secrets(content: TelephonyContent) -> Iterator[str]:
    """Every text that a contestant must not read."""
    for part in content.parts:
        yield from (line.text for line in lines(part))
        match part:
            case InboundPart():
                yield from (turn.reference for turn in part.turns)
            case OutboundPart():
                yield from (
                    *part.reference.values(),
                    part.persona.profile,
                    *(line.topic for line in part.persona.lines),
                )
            case RetellPart() | SummaryPart():
                yield from (point.title for point in part.key_points)
                yield getattr(part, "reference", "") or part.id * 9
    yield from (article.body for article in content.desk.articles)
    yield from (f'"{record.verify}"' for record in content.desk.records if record.verify)


def test_no_secret_leaves_in_content_state_or_live() -> None:
    round_ = Round()
    round_.send("open_part", part="in1")
    round_.report("in1.1", LegUp(leg="seat", connection=1))
    round_.send("answer", call="in1.1")
    round_.hear("in1.1", 1)
    round_.send("look_up", query="YD20260001")
    round_.send("open_record", id="r1")
    round_.send("hang_up", call="in1.1")
    round_.send("dial", part="out1")
    round_.report("out1.1", LegUp(leg="seat", connection=1))
    sent = "".join(
        own.model_dump_json(by_alias=True)
        for own in (
            module.seat_content(round_.content),
            module.seat_state(round_.content, round_.state),
            module.seat_live(round_.content, round_.state),
        )
    )
    held = round_.content.model_dump_json(by_alias=True)
    checked = 0
    for secret in secrets(round_.content):
        checked += secret.strip('"') in held
        assert secret not in sent, secret
    assert checked > 20


def test_hits_show_an_excerpt_and_the_body_comes_when_it_is_opened() -> None:
    content = voice_paper()
    long = content.desk.articles[0].model_copy(update={"body": "更改地址" + "甲" * 200 + "尾"})
    content = content.model_copy(update={"desk": content.desk.model_copy(update={"articles": (long,)})})
    round_ = Round(content)
    round_.send("search", query="更改地址")
    assert "尾" not in round_.live.model_dump_json()
    round_.send("open_article", id="a1")
    assert "尾" in round_.live.model_dump_json()


def test_the_pushed_part_is_small() -> None:
    round_ = Round()
    round_.send("open_part", part="in1")
    round_.send("save_field", item="in1", field="turn:t1", text="很长的话术" * 100, rev=1)
    assert len(round_.live.model_dump_json()) < 2_000
    assert "很长的话术" in module.seat_state(round_.content, round_.state).model_dump_json()


def test_progress_answers_and_receipt_count_what_is_there() -> None:
    round_ = Round()
    empty = module.progress(round_.content, round_.state)
    assert (empty.done, empty.total) == (0, 2 * 3 + 6 + 3 + 1 + 1 + 1)
    round_.send("open_part", part="in1")
    round_.send("answer", call="in1.1")
    round_.send("save_field", item="in1", field="turn:t1", text="您好", rev=1)
    round_.send("start_take", call="in1.1", turn="t1")
    round_.send("end_turn", call="in1.1")
    round_.send("save_field", item="su1", field="summary", text="生鲜 理赔", rev=1)
    assert module.progress(round_.content, round_.state).done == 3
    values = {line.title.zh: line.value for line in module.receipt(round_.content, round_.state)}
    assert values["呼入：已写话术的轮次"] == "1 / 3"
    assert values["呼入：已录音的轮次"] == "1 / 3"
    assert values["总结字数"] == "4 / 40"
    answers = json.loads(json.dumps(module.answers(round_.content, round_.state)))
    assert answers["texts"]["in1"] == {"turn:t1": "您好"}
    assert answers["calls"]["in1.1"]["turns_done"] == ["t1"]
