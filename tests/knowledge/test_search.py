"""The search of 知识库: deterministic, in Chinese and Latin, best first."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.knowledge.articles import Entry
from server.knowledge.search import EXCERPT, normal, search, tokens

pytestmark = pytest.mark.unit

ENTRIES = [
    Entry(id="b", title="理赔标准", body="未保价快件最高赔偿运费的七倍。", keywords=("赔偿",)),
    Entry(id="a", title="改派地址规则", body="派送前可以修改一次地址，修改前核对证件后四位。", keywords=("改地址",)),
    Entry(id="c", title="停发区域", body="受天气影响，部分地区暂停收寄。"),
    Entry(id="d", title="会员等级", body="VIP 会员寄件享 8 折。地址簿可以保存二十个地址。"),
]


def found(query: str) -> list[str]:
    """Ids of the hits, in order."""
    return [hit.id for hit in search(query, ENTRIES)]


def test_chinese_is_cut_into_bigrams_and_latin_into_words() -> None:
    assert tokens("改地址 VIP会员8折") == ("改地", "地址", "vip", "会员", "8", "折")
    assert tokens("，。!") == ()
    assert normal("ＶＩＰ８") == "vip8"


def test_the_article_of_that_keyword_or_title_comes_first() -> None:
    assert found("改地址")[0] == "a"
    assert found("赔偿") == ["b"]
    assert found("理赔") == ["b"]
    assert found("地址") == ["a", "d"]


def test_width_and_case_make_no_difference() -> None:
    assert found("ｖｉｐ") == found("VIP") == ["d"]
    assert found("vipx") == []


def test_nothing_is_found_by_nothing_or_by_what_is_nowhere() -> None:
    assert found("") == found(" ，") == found("火车票") == []


def test_several_words_need_not_stand_together() -> None:
    assert found("修改 后四位") == ["a"]


def test_equal_scores_go_by_id_and_the_order_of_articles_does_not_matter() -> None:
    twins = [Entry(id=id_, title="理赔", body="理赔") for id_ in ("z", "m", "b")]
    assert [hit.id for hit in search("理赔", twins)] == ["b", "m", "z"]
    assert search("地址", ENTRIES) == search("地址", list(reversed(ENTRIES)))


def test_the_excerpt_shows_the_place_and_is_short() -> None:
    body = "甲" * 300 + "赔偿标准" + "乙" * 300
    hit = search("赔偿", [Entry(id="x", title="长文", body=body)])[0]
    assert "赔偿标准" in hit.excerpt
    assert hit.excerpt.startswith("…")
    assert len(hit.excerpt) <= EXCERPT + 2


def test_a_long_article_is_not_better_for_being_long() -> None:
    entries = [Entry(id="long", title="杂项", body="赔偿" * 100), Entry(id="right", title="赔偿", body="见下。")]
    assert [hit.id for hit in search("赔偿", entries)] == ["right", "long"]


@given(query=st.text(max_size=40))
def test_any_query_is_answered_and_every_hit_holds_some_of_it(query: str) -> None:
    hits = search(query, ENTRIES)
    assert hits == search(query, ENTRIES)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    texts = {entry.id: normal(f"{entry.title} {entry.body} {' '.join(entry.keywords)}") for entry in ENTRIES}
    assert all(any(token in texts[hit.id] for token in tokens(query)) for hit in hits)
