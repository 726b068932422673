"""What is missing, what can't be met, lines that presume, recordings that don't fit."""

from decimal import Decimal
from typing import Any

import pytest

from telephony.author import author
from telephony.content import DecisionRule, RequiredAct, TelephonyContent
from telephony.draft import DraftDesk, DraftKeyPoint, DraftPersonaLine
from telephony.lint import check
from telephony.lint_words import presumed, real_mobile, real_paper
from tests.support.voice import voice_paper
from tests.telephony_author.drafting import (
    dialogue,
    doubts,
    empty,
    inbound,
    invented,
    outbound,
    recorded,
    severe,
    with_persona,
    with_turn,
)

pytestmark = pytest.mark.unit

KINDS = ("inbound", "outbound", "retell", "summary")
PRESUMING = (
    "那好吧，就按你说的办。",
    "你刚才说的第二个套餐多少钱？",
    "好的，那网速怎么样？",
    "是的，我家三口人。",
    "不过我觉得还是贵。",
    "它要是坏了怎么办？",
    "我叫什么你们不知道吗？",
    "你介绍的套餐有合约吗？",
    "没有，我不怎么上网。",
)
STANDING = (
    "你们的网速晚上会不会变慢？",
    "我现在比较忙，能快一点吗？",
    "合同要签多久？",
    "别家好像更便宜。",
    "家里老人不太会用，装起来麻烦吗？",
    "那边有朋友用你们的宽带，老说慢。",
)


@pytest.mark.parametrize("kind", KINDS)
def test_every_empty_field_of_a_form_is_named(kind: str) -> None:
    draft = empty(kind)
    paths = {fault.path for fault in severe(draft)}
    part = draft.parts[0]
    assert {path.split(".")[0] for path in paths} == {"parts"}
    expected: dict[str, set[str]] = {
        "inbound": {"card.company", "card.date", "card.customer", "card.caller_number", "card.need", "turns.0.hint"},
        "outbound": {"card.goal", "packages.0.name", "packages.0.price", "persona.name", "persona.lines.0.topic"},
        "retell": {"source.text", "source.audio", "instructions"},
        "summary": {"source", "instructions"},
    }
    assert {f"parts.0.{path}" for path in expected[part.kind]} <= paths


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(40))
def test_invented_data_of_every_form_are_faultless(kind: str, seed: int) -> None:
    draft = invented(kind, seed)
    assert author.faults(draft) == []
    content = author.content(draft)
    assert check(content) == []
    assert author.content(author.draft(content)) == content


@pytest.mark.parametrize("line", PRESUMING)
def test_a_persona_line_that_presumes_is_told(line: str) -> None:
    draft = invented("outbound")
    first = outbound(draft).persona.lines[0].model_copy(update={"text": line})
    told = doubts(with_persona(draft, lines=(first, *outbound(draft).persona.lines[1:])))
    assert [path for path, _ in told] == ["parts.0.persona.lines.0.text"]


@pytest.mark.parametrize("line", STANDING)
def test_a_line_that_fits_after_any_reply_is_not_told(line: str) -> None:
    assert presumed(line, persona=True) == ""


def test_an_inbound_customer_may_answer_what_the_hint_asks() -> None:
    assert presumed("好的，后四位是0098。", persona=False) == ""
    told = doubts(with_turn(invented("inbound"), 5, customer="听你这么说我就放心了。"))
    assert [path for path, _ in told] == ["parts.0.turns.5.customer.text"]


def test_more_than_three_minutes_of_lines() -> None:
    draft = invented("outbound")
    assert severe(draft) == []
    longer = recorded(draft, duration_ms=18_500)
    assert [fault.path for fault in severe(longer)] == ["parts.0.persona.lines"]
    assert "3 分钟" in severe(longer)[0].text.zh


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"rule": DecisionRule(deal_replies=9, interest_replies=4)}, "rule.deal_replies"),
        ({"rule": DecisionRule(deal_replies=5, interest_replies=9)}, "rule.interest_replies"),
        ({"patience_ms": 3_000, "pause_ms": 3_000}, "patience_ms"),
    ],
)
def test_a_rule_that_cannot_be_met(changes: dict[str, Any], path: str) -> None:
    found = [fault.path for fault in severe(with_persona(invented("outbound"), **changes))]
    assert found == [f"parts.0.persona.{path}"]


def test_a_persona_without_nudges_and_with_a_line_twice() -> None:
    draft = invented("outbound")
    one = outbound(draft).persona.lines[0]
    twice = DraftPersonaLine(id="l99", topic="又", text=one.text)
    told = doubts(with_persona(draft, nudges=(), lines=(*outbound(draft).persona.lines, twice)))
    assert {path for path, _ in told} == {"parts.0.persona.nudges", "parts.0.persona.lines.8.text"}


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (RequiredAct(act="article", target="gone"), "不存在"),
        (RequiredAct(act="look_up", target="gone"), "不存在"),
        (RequiredAct(act="look_up", target="in1-a1"), "不存在"),
        (RequiredAct(act="transfer", target="总经理"), "总经理"),
        (RequiredAct(act="hold", target="in1-r1"), "保持"),
    ],
)
def test_a_required_act_that_nobody_can_do(act: RequiredAct, words: str) -> None:
    found = severe(with_turn(invented("inbound"), 0, required=(act,)))
    assert [fault.path for fault in found] == ["parts.0.turns.0.required.0"]
    assert words in found[0].text.zh


def test_required_acts_at_an_empty_desk() -> None:
    acts = tuple(RequiredAct(act=act) for act in ("search", "verify", "transfer", "register"))
    draft = with_turn(invented("inbound"), 0, required=acts)
    draft = draft.model_copy(update={"desk": DraftDesk(transfers=())})
    found = [fault.path for fault in severe(draft) if ".turns.0." in fault.path]
    assert found == [f"parts.0.turns.0.required.{n}" for n in range(3)]


def test_a_record_without_the_digits_that_must_be_verified() -> None:
    draft = invented("inbound")
    records = tuple(record.model_copy(update={"verify": ""}) for record in draft.desk.records)
    draft = draft.model_copy(update={"desk": draft.desk.model_copy(update={"records": records})})
    assert [fault.path for fault in severe(draft)] == ["parts.0.turns.2.required.0"]


@pytest.mark.parametrize("needed", [True, False])
def test_records_that_cannot_be_told_apart(needed: bool) -> None:
    draft = invented("inbound")
    first = draft.desk.records[0 if needed else 2]
    twin = first.model_copy(update={"id": "twin", "verify": "0000"})
    draft = draft.model_copy(update={"desk": draft.desk.model_copy(update={"records": (*draft.desk.records, twin)})})
    (fault,) = [one for one in author.faults(draft) if one.path == "desk.records.3.number"]
    assert fault.severe is needed


def test_points_that_the_reference_does_not_make_and_manners() -> None:
    point = DraftKeyPoint(id="k9", title="致歉", phrases=("抱歉", "对不起"))
    assert [path for path, _ in doubts(with_turn(invented("inbound"), 3, key_points=(point,)))] == [
        "parts.0.turns.3.key_points.0.phrases"
    ]
    rude = dialogue(("在吗？", "什么事？"), ("没事。", "那就这样。"))
    assert [path for path, _ in doubts(rude)] == ["parts.0.turns.0.reference", "parts.0.turns.1.reference"]


@pytest.mark.parametrize(
    ("changes", "path", "is_severe"),
    [
        ({"confirmed": False}, "audio", True),
        ({"text_sha256": "0" * 64}, "audio", True),
        ({"readings": 2}, "audio", True),
        ({"duration_ms": 300}, "audio", False),
        ({"duration_ms": 60_000}, "audio", False),
        ({"clipped_samples": 900}, "audio", False),
        ({"rms_dbfs": -50.0}, "audio", False),
    ],
)
def test_a_recording_that_is_not_fit(changes: dict[str, Any], path: str, is_severe: bool) -> None:
    draft = recorded(invented("retell"), **changes)
    if "duration_ms" in changes and changes["duration_ms"] == 60_000:
        draft = recorded(invented("inbound"), **changes)
    found = author.faults(draft)
    assert {(fault.path.rpartition(".")[2], fault.severe) for fault in found} == {(path, is_severe)}


def test_numbers_that_may_be_somebodys() -> None:
    assert real_mobile("请打138-1234-5678联系") == "13812345678"
    assert real_mobile("请打14212345678联系") == ""
    assert real_paper("身份证11010519491231002X") == "11010519491231002X"
    assert real_paper("身份证110105194912310021") == ""
    draft = invented("inbound")
    part = inbound(draft)
    card = part.card.model_copy(update={"caller_number": "13812345678"})
    assert "parts.0.card.caller_number" in {
        path for path, _ in doubts(draft.with_part(part.model_copy(update={"card": card})))
    }


def test_a_content_is_checked_by_the_same_rules() -> None:
    content = voice_paper()
    assert [fault for fault in check(content) if fault.severe] == []
    raw = content.model_dump(mode="json", by_alias=True)
    raw["parts"][0]["turns"][0]["required"] = [{"act": "article", "target": "gone"}]
    broken = TelephonyContent.model_validate(raw)
    assert [fault.path for fault in check(broken) if fault.severe] == ["parts.0.turns.0.required.0"]


def test_packages_are_named_once_and_in_the_reference() -> None:
    draft = invented("outbound")
    part = outbound(draft)
    first, second, third = part.packages
    same = part.model_copy(update={"packages": (first, second.model_copy(update={"name": first.name}), third)})
    assert [fault.path for fault in severe(draft.with_part(same))] == ["parts.0.packages.1.name"]
    more = third.model_copy(update={"id": "p9", "name": "至尊套餐", "price": Decimal(999)})
    named = draft.with_part(part.model_copy(update={"packages": (*part.packages, more)}))
    assert [path for path, _ in doubts(named)] == ["parts.0.reference.product"]
