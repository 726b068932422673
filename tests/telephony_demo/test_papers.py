"""The voice demo holds what the demo must contain, and its texts agree with one another."""

import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from server.knowledge.articles import Entry
from server.knowledge.search import search
from telephony import idcard, lint, records
from telephony.content import (
    SCRIPT_PARTS,
    InboundPart,
    OutboundPart,
    Persona,
    RetellPart,
    SummaryPart,
    TelephonyContent,
    lines,
)
from telephony.demo import script
from telephony.module import module

pytestmark = pytest.mark.unit

PAPERS = {name: TelephonyContent.model_validate(script.load(name)) for name in script.PAPERS}
CONTEST = PAPERS["contest"]
each_paper = pytest.mark.parametrize("name", script.PAPERS)
# Numbers that are not given to anybody: mobile prefixes without subscribers, 400-4.
FICTITIOUS = re.compile(r"1(?:4[2-4]|54|6[0134]|6[89])\d{8}|4004\d{6}")
LONG_NUMBER = re.compile(r"(?<!\d)(\d{10,11})(?!\d)")
MOST_LINES_MS = 3 * 60_000


def inbound(name: str) -> InboundPart:
    (part,) = [part for part in PAPERS[name].parts if isinstance(part, InboundPart)]
    return part


def outbound(name: str) -> OutboundPart:
    (part,) = [part for part in PAPERS[name].parts if isinstance(part, OutboundPart)]
    return part


def practice(kind: type[Any]) -> Any:
    (part,) = [part for part in PAPERS["lesson"].parts if isinstance(part, kind)]
    return part


def every_text(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key != "sha256":
                yield from every_text(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from every_text(inner)
    elif isinstance(value, str):
        yield value


def spoken_ms(persona: Persona) -> int:
    longest = max(line.audio.duration_ms for line in persona.endings.values())
    return longest + sum(line.audio.duration_ms for line in (persona.opening, *persona.lines, *persona.nudges))


@each_paper
def test_the_linter_finds_nothing(name: str) -> None:
    assert [(fault.path, fault.text.zh) for fault in lint.check(PAPERS[name])] == []


@each_paper
def test_texts_are_in_normal_form(name: str) -> None:
    assert all(unicodedata.normalize("NFC", text) == text for text in every_text(script.load(name)))


@each_paper
def test_telephone_numbers_belong_to_nobody(name: str) -> None:
    content = PAPERS[name]
    orders = {record.number for record in content.desk.records}
    found = {number for text in every_text(script.load(name)) for number in LONG_NUMBER.findall(text)} - orders
    assert found
    assert [number for number in sorted(found) if not FICTITIOUS.fullmatch(number)] == []


def test_the_module_offers_every_paper_and_its_own_lesson_last() -> None:
    offered = [(paper.kind, paper.path.name) for paper in module.demo_papers()]
    assert {path for _, path in offered} == {f"{name}.json" for name in script.PAPERS}
    assert dict(offered) == {"warmup": "warmup.json", "lesson": "lesson.json", "contest": "contest.json"}


def test_the_contest_takes_50_minutes_and_has_45_marks() -> None:
    assert CONTEST.duration_ms == 50 * 60_000
    assert [(part.kind, part.marks) for part in CONTEST.parts] == [
        ("inbound", Decimal(15)),
        ("outbound", Decimal(30)),
    ]
    assert CONTEST.duration_ms == sum(part.guide_ms for part in CONTEST.parts)


def test_the_courier_case_has_14_turns_of_each_side_in_the_order_of_the_plan() -> None:
    turns = inbound("contest").turns
    assert len(turns) == len([turn for turn in turns if turn.customer and turn.reference and turn.key_points]) == 14
    asked = ["开头语", "复述", "运单号", "后四位", "稍等", "查询结果", "安抚", "规则", "两个可行的方案"]
    asked += ["婉拒", "新的地址", "复述完整", "发票", "转接"]
    assert [word in turn.hint for word, turn in zip(asked, turns, strict=True)] == [True] * 14


def test_the_desk_of_the_courier_case() -> None:
    articles, parcels = CONTEST.desk.articles, CONTEST.desk.records
    assert (len(articles), [article.id for article in articles if article.outdated]) == (15, ["a09"])
    assert (len(parcels), {parcel.kind for parcel in parcels}) == (12, {"parcel"})
    assert len({parcel.number for parcel in parcels}) == 12
    required = {(act.act, act.target) for turn in inbound("contest").turns for act in turn.required}
    assert {act for act, _ in required} >= {
        "search",
        "look_up",
        "verify",
        "hold",
        "suspend",
        "change_address",
        "transfer",
    }
    known = {article.id for article in articles} | {parcel.id for parcel in parcels}
    assert {target for _, target in required if target} <= known | set(CONTEST.desk.transfers)


def test_a_look_up_lists_the_parcel_first_and_its_near_duplicates() -> None:
    found = records.look_up("730164829355", CONTEST.desk.records)
    assert found[0] == "p07"
    assert len(found) >= 10
    twins = [one for one in CONTEST.desk.records if one.customer == "沈佳宁"]
    assert len(twins) == 3
    assert {one.verify for one in twins} == {"4826"}


@pytest.mark.parametrize(
    ("query", "wanted"),
    [("保价快件签收", "a03"), ("发票", "a06"), ("保管 再次派送", "a04"), ("投诉快递员", "a08"), ("宽带 移机", "a13")],
)
def test_the_knowledge_base_has_what_a_contestant_looks_for(query: str, wanted: str) -> None:
    entries = [
        Entry(id=article.id, title=article.title, body=article.body, keywords=article.keywords)
        for article in CONTEST.desk.articles
    ]
    found = [hit.id for hit in search(query, entries)]
    assert wanted in found[:2]
    assert len(found) >= 2  # something beside it distracts


def test_the_renewal_has_three_packages_and_ten_lines() -> None:
    part = outbound("contest")
    assert len(part.packages) == 3
    assert (part.faq_least, part.call_ms, part.other_side, part.dials) == (10, 600_000, "simulated", 1)
    assert set(part.reference) == set(SCRIPT_PARTS)
    assert [line.topic for line in part.persona.lines] == [
        "没有时间",
        "需求",
        "晚上网速慢",
        "价格",
        "别家的宽带",
        "合约期",
        "不信任",
        "优惠",
        "登记信息",
        "安装和决定",
    ]
    assert part.persona.rule.deal_registered


@pytest.mark.parametrize("name", ["contest", "lesson"])
def test_a_customer_says_its_id_number_and_it_passes_the_check(name: str) -> None:
    part = outbound(name)
    (number,) = [found for line in part.persona.lines for found in re.findall(r"\d{17}[\dX]", line.text)]
    assert idcard.fault(number, date(2026, 4, 20)) is None
    assert any(f"尾号{number[-4:]}" in fact for fact in part.card.facts)


@pytest.mark.parametrize("name", ["contest", "lesson", "warmup", "role_play"])
def test_customers_speak_for_three_minutes_at_most(name: str) -> None:
    assert 0 < spoken_ms(outbound(name).persona) <= MOST_LINES_MS


def test_the_second_persona_is_harder() -> None:
    first, second = outbound("contest").persona, outbound("lesson").persona
    assert second.patience_ms < first.patience_ms
    assert second.rule.reply_ms > first.rule.reply_ms
    assert len(second.nudges) < len(first.nudges)


def test_practice_forms_have_no_contest_points() -> None:
    retell: RetellPart = practice(RetellPart)
    summary: SummaryPart = practice(SummaryPart)
    assert retell.marks == summary.marks == 0
    assert len(retell.key_points) == 8
    assert abs(retell.source.audio.duration_ms - 75_000) <= 4_000
    assert (len(summary.key_points), summary.limit) == (5, 120)
    assert 360 <= len(summary.source) <= 440
    assert len(summary.reference) <= summary.limit


def test_key_points_stand_in_the_reference_wording() -> None:
    for paper in PAPERS.values():
        for part in paper.parts:
            if isinstance(part, InboundPart):
                texts = [(turn.reference, turn.key_points) for turn in part.turns]
            elif isinstance(part, OutboundPart):
                texts = [("".join(part.reference.values()), part.key_points)]
            elif isinstance(part, SummaryPart):
                texts = [(part.reference, part.key_points)]
            else:
                texts = [(part.source.text, part.key_points)]
            for text, points in texts:
                missing = [point.title for point in points if not any(phrase in text for phrase in point.phrases)]
                assert missing == [], text


def test_the_warm_up_counts_for_nothing_and_ends_with_a_minute_of_recording() -> None:
    assert {part.marks for part in PAPERS["warmup"].parts} == {Decimal(0)}
    assert len(inbound("warmup").turns) == 3
    assert (outbound("warmup").other_side, outbound("warmup").call_ms) == ("record_only", 60_000)


def test_the_role_play_is_the_renewal_with_a_person() -> None:
    part, simulated = outbound("role_play"), outbound("contest")
    assert part.other_side == "role_player"
    assert part.persona == simulated.persona
    assert part.packages == simulated.packages


def test_every_case_has_its_own_voice() -> None:
    parts = [part for name in ("contest", "lesson") for part in PAPERS[name].parts]
    voices = [{line.audio.voice for line in lines(part)} for part in parts if lines(part)]
    assert [len(found) for found in voices] == [1] * 5
    assert len(set.union(*voices)) == 5
