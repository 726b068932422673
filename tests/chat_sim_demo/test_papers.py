"""The chat demo holds what the demo must contain, and its texts, prices and customers agree with one another."""

import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, get_args

import pytest

from chat_sim import lint, pricing
from chat_sim.content import ChatContent
from chat_sim.demo import render
from chat_sim.module import module
from chat_sim.persona import Need, NeedKind, Persona
from chat_sim.shop import Coupon, FullReduction, Gift, MemberPrice, NthPrice, OrderLine
from chat_sim.understanding.judge import settle, understand
from server.knowledge.articles import Entry
from server.knowledge.search import search

pytestmark = pytest.mark.unit

PAPERS = {name: ChatContent.model_validate(render.load(name)) for name in render.PAPERS}
CONTEST, LESSON, WARMUP = PAPERS["contest"], PAPERS["lesson"], PAPERS["warmup"]
each_paper = pytest.mark.parametrize("name", render.PAPERS)
NEEDS = [
    pytest.param(content, persona, need, id=f"{name}.{persona.id}.{need.id}")
    for name, content in PAPERS.items()
    for persona in content.personas
    for need in persona.needs
]
each_need = pytest.mark.parametrize(("content", "persona", "need"), NEEDS)


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


def total(content: ChatContent, *skus: str, coupon: str = "", member: bool = False, city: str = "") -> Decimal:
    lines = [OrderLine(sku=sku, quantity=skus.count(sku)) for sku in dict.fromkeys(skus)]
    return pricing.quote(content.shop, lines, coupon, member, city=city).total


@each_paper
def test_the_linter_finds_nothing(name: str) -> None:
    assert [(fault.path, fault.text.zh) for fault in lint.check(PAPERS[name])] == []


@each_paper
def test_texts_are_in_normal_form_and_hold_no_telephone_number(name: str) -> None:
    texts = list(every_text(render.load(name)))
    assert [text for text in texts if unicodedata.normalize("NFC", text) != text] == []
    assert [text for text in texts if re.search(r"(?<!\d)1\d{10}(?!\d)", text)] == []


def test_the_module_offers_every_paper() -> None:
    offered = {(paper.kind, paper.path.name) for paper in module.demo_papers()}
    assert offered == {("warmup", "warmup.json"), ("lesson", "lesson.json"), ("contest", "contest.json")}


def test_sizes_and_durations_are_those_of_the_plan() -> None:
    assert [(len(c.personas), c.duration_ms) for c in (CONTEST, LESSON, WARMUP)] == [
        (10, 30 * 60_000),
        (5, 15 * 60_000),
        (2, 5 * 60_000),
    ]
    assert [len(content.shop.products) for content in (CONTEST, LESSON)] == [12, 12]
    assert CONTEST.max_marks == 30
    assert len(CONTEST.shop.articles) >= 20


def test_the_contest_has_every_kind_of_need_and_every_kind_of_customer() -> None:
    assert {need.kind for persona in CONTEST.personas for need in persona.needs} == set(get_args(NeedKind))
    asked = {persona.id for persona in CONTEST.personas}
    assert asked == {
        "sizer", "bargainer", "comparer", "gifter", "hurried", "angry", "invoice", "silent", "changer", "many",
    }  # fmt: skip
    assert any(need.with_next for need in CONTEST.personas[8].needs)
    (photo,) = [need for persona in CONTEST.personas for need in persona.needs if need.kind == "photo"]
    assert photo.picture is not None


def test_each_shop_has_the_promotions_of_the_plan() -> None:
    assert [type(one) for one in CONTEST.shop.promotions] == [FullReduction, Coupon, Gift]
    assert [type(one) for one in LESSON.shop.promotions] == [MemberPrice, NthPrice]
    full, coupon, _ = CONTEST.shop.promotions
    assert full.group == coupon.group != ""


def test_the_anchor_baskets_come_to_569_605_718_804() -> None:
    shoe, socks, poles = "shoe-w-b39", "socks-w", "poles-p"
    baskets = [(shoe,), (shoe, socks), (shoe, poles), (shoe, socks, poles)]
    assert [total(CONTEST, *basket) for basket in baskets] == [569, 605, 718, 804]


def test_prices_that_customers_and_articles_speak_of_are_those_of_the_shop() -> None:
    assert total(CONTEST, "jacket-l", coupon="LANBU80") == 819
    assert total(CONTEST, "shoe-m-42", "socks-m") == 735
    assert total(CONTEST, "tent-s", city="乌鲁木齐") == 609
    assert total(CONTEST, "skin-l", "skin-xl", "socks-m") == 554
    assert total(LESSON, "green-1", member=True) == 115
    assert total(LESSON, "coldbrew-1", "coldbrew-1") == Decimal("88.5")
    assert total(LESSON, "coldbrew-1", "coldbrew-1", member=True) == Decimal("87.5")  # 79.5 and the shipping fee


def test_a_list_price_is_never_below_the_price() -> None:
    for content in PAPERS.values():
        for product in content.shop.products:
            assert product.list_price > product.price >= (product.member_price or 0)


@each_paper
def test_ids_that_are_named_exist(name: str) -> None:
    content = PAPERS[name]
    articles = {article.id for article in content.shop.articles}
    for product in content.shop.products:
        assert all(content.shop.product(other) for other in product.goes_with)
    for persona in content.personas:
        lines = list(persona.purchase.items) if persona.purchase else []
        lines += [one.adds for one in persona.suggestions if one.adds is not None]
        assert all(content.shop.sku(line.sku) for line in lines)
        assert all(content.shop.product(one.product) for one in persona.suggestions)
        for need in persona.needs:
            assert set(need.articles) <= articles
            assert all(content.shop.product(one) for one in need.products)


@pytest.mark.parametrize("content", [CONTEST, LESSON], ids=["contest", "lesson"])
def test_who_takes_a_recommendation_still_has_the_money(content: ChatContent) -> None:
    for persona in content.personas:
        if persona.purchase is None:
            continue
        taken = [one.adds for one in persona.suggestions if one.accepts and one.adds is not None]
        lines = {line.sku: line for line in (*persona.purchase.items, *taken)}
        quote = pricing.quote(
            content.shop,
            list(lines.values()),
            persona.purchase.coupon,
            persona.file.member,
            city=persona.file.city,
        )
        assert persona.purchase.budget is not None
        assert quote.total <= persona.purchase.budget, persona.id


@each_need
def test_the_reference_answer_meets_its_need(content: ChatContent, persona: Persona, need: Need) -> None:
    if need.kind == "silence":
        assert need.reference == ""
        return
    understood = understand(content, persona, [need], need.reference)
    assert settle(need, understood.findings, understood.courtesy, understood) == "met", understood.findings
    assert not understood.forbidden


@each_need
def test_asking_to_wait_is_no_answer(content: ChatContent, persona: Persona, need: Need) -> None:
    if not any(fact.required for fact in need.facts):
        return
    understood = understand(content, persona, [need], "请您稍等，我马上为您查一下。")
    assert settle(need, understood.findings, understood.courtesy, understood) == "nothing"


@each_need
def test_what_must_be_said_can_be_looked_up(content: ChatContent, persona: Persona, need: Need) -> None:
    if need.facts:
        assert need.articles or need.products


def test_the_knowledge_base_finds_what_is_asked_and_has_pitfalls() -> None:
    entries = [Entry(id=one.id, title=one.title, body=one.body, keywords=one.keywords) for one in CONTEST.shop.articles]
    for query, wanted in (("脚宽 尺码", "a01"), ("专享券", "a06"), ("开发票", "a12"), ("质量问题 换新", "a11")):
        assert wanted in [hit.id for hit in search(query, entries)][:3], query
    outdated = [one for one in CONTEST.shop.articles if "已结束" in one.title]
    assert [one.id for one in outdated] == ["a20"]
    named = {article for persona in CONTEST.personas for need in persona.needs for article in need.articles}
    unused = {one.id for one in CONTEST.shop.articles} - named
    assert {"a20", "a21", "a22", "a23"} <= unused


@each_paper
def test_the_rubric_is_filled_up_to_100_percent(name: str) -> None:
    assert sum(criterion.weight_pct for criterion in module.rubric(PAPERS[name]).criteria) == 100
    assert "搭销" in [row.title.zh for row in PAPERS[name].rubric.rows][0]


@each_paper
def test_canned_phrases_have_a_word_for_every_courtesy_and_no_forbidden_one(name: str) -> None:
    content = PAPERS[name]
    kinds = set()
    for canned in content.canned:
        understood = understand(content, content.personas[0], [], canned.text)
        kinds |= set(understood.courtesy)
        assert not understood.forbidden
    assert kinds == {"greeting", "waiting", "apology", "closing"}
