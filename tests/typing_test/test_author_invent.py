"""Fictitious cards: right in form, heard by the rules of speech, and nobody's."""

import re
from collections import Counter
from typing import Any

import pytest

from server.core.errors import Invalid
from tests.support.drafts import faultless, with_answer
from typing_test import fictitious, names, places
from typing_test.author import author
from typing_test.draft import DictationDraft
from typing_test.fictitious import Level
from typing_test.standard import blank

pytestmark = pytest.mark.unit

SEEDS = range(500)
LEVELS: tuple[Level, ...] = ("easy", "middle", "hard")
NOBODYS = re.compile(r"1(?:4[23]|54|6[0134]|6[89])\d{8}|0(?:10|2\d)9[0-4]\d{6}|4004\d{6}")
SAID = re.compile(r"[\u3400-\u9fff，。、]*")
each_level = pytest.mark.parametrize("level", LEVELS)


def empty(level: Level) -> DictationDraft:
    draft = blank(faultless().title)
    return draft.replaced(draft.items[0].model_copy(update={"level": level}))


def text(draft: DictationDraft, key: str) -> str:
    return draft.items[0].answers[key].text


@each_level
def test_five_hundred_cards_are_faultless_and_heard(level: Level) -> None:
    draft = empty(level)
    for seed in SEEDS:
        made = author.invent(draft, "c01", seed)
        assert [fault.path for fault in author.faults(made)] == ["items.0.audio"], seed
        script = author.script(made, "c01")
        said = [*script.opening, *script.reading, *script.repeat]
        assert all(SAID.fullmatch(segment.text) for segment in said), seed
        assert all(len(segment.text) == len(segment.pinyin.split()) for segment in said if segment.pinyin), seed
        assert NOBODYS.fullmatch(text(made, "phone")), seed
        assert 45 <= sum(len(answer.text) for answer in made.items[0].answers.values()) <= 85, seed


@each_level
def test_cards_of_many_seeds_differ(level: Level) -> None:
    draft = empty(level)
    made = [author.invent(draft, "c01", seed) for seed in SEEDS]
    for key, most in (("phone", 1), ("email", 3), ("address", 3)):
        assert Counter(text(each, key) for each in made).most_common(1)[0][1] <= most


def test_the_level_decides_what_is_hard() -> None:
    easy, hard = ([author.invent(empty(level), "c01", seed) for seed in SEEDS] for level in ("easy", "hard"))
    common = {each.text for each in names.COMMON}
    assert all(text(each, "name")[0] in common for each in easy)
    rare = tuple(each.text for each in (*names.COMPOUND, *names.POLYPHONIC))
    assert all(text(each, "name").startswith(rare) for each in hard)
    assert all(text(each, "phone")[0] == "1" for each in easy)
    assert {text(each, "phone")[:1] for each in hard} == {"0", "1", "4"}
    assert all(re.fullmatch(r"[a-z]+\d+@[a-z]+\d*\.[a-z]+", text(each, "email")) for each in easy)
    assert all(re.match(r"[A-Z][a-z]*[-_.][a-z]+\d+@", text(each, "email")) for each in hard)
    assert {sign for each in hard for sign in re.findall(r"[-_.](?=.*@)", text(each, "email"))} == set("-_.")
    assert any("座" in text(each, "address") for each in hard)
    assert any(re.search(r"\d-\d", text(each, "address")) for each in hard)


def test_surnames_with_a_reading_of_their_own_are_said_so() -> None:
    seen = set()
    for seed in SEEDS:
        name = author.invent(empty("hard"), "c01", seed).items[0].answers["name"]
        for surname in (*names.POLYPHONIC, *names.COMPOUND):
            if surname.readings and name.text.startswith(surname.text):
                assert name.readings[name.text].startswith(surname.pinyin)
                assert surname.readings.items() <= name.readings.items()
                seen.add(surname.text)
    assert {"单", "仇", "解", "尉迟"} <= seen


def test_every_surname_and_character_is_explained() -> None:
    for table in (names.COMMON, names.LESS_COMMON, names.COMPOUND, names.POLYPHONIC, names.GIVEN, names.HARD_GIVEN):
        assert len({each.text for each in table}) == len(table)
        for each in table:
            assert set(each.text) <= set(each.hint)
            assert len(each.pinyin.split()) == len(each.text)
            assert re.fullmatch(r"[a-z]+", each.latin)


def test_the_places_are_many_and_their_postcodes_are_of_their_province() -> None:
    assert len(places.PLACES) >= 40
    assert len({place.province for place in places.PLACES}) >= 25
    assert len({place.full for place in places.PLACES}) == len(places.PLACES)
    for place in places.PLACES:
        assert re.fullmatch(r"\d{6}", place.postcode)
        assert place.postcode[:2] in places.PROVINCES[place.province]
        assert re.fullmatch(r"(?:010|02\d)?", place.area_code)
        assert places.province_of(place.full) == place.province
        assert bool(place.city) != (place.province in ("北京市", "天津市", "上海市", "重庆市"))


def test_short_names_of_provinces_are_known() -> None:
    for address, province in {
        "内蒙古呼和浩特市新城区": "内蒙古自治区",
        "广西南宁市": "广西壮族自治区",
        "黑龙江哈尔滨市": "黑龙江省",
        "北京海淀区": "北京市",
        "武汉市武昌区": "湖北省",
        "常熟市海虞北路": "江苏省",
        "学院路5号": None,
    }.items():
        assert places.province_of(address) == province


def test_a_card_shares_nothing_with_the_others_of_its_paper() -> None:
    first = author.invent(empty("easy"), "c01", 7)
    alone = fictitious.card(7, "easy")
    again = fictitious.card(7, "easy", {text(first, "name")})
    assert alone.answers["name"].text == text(first, "name")
    assert {answer.text for answer in again.answers.values()}.isdisjoint(
        answer.text for answer in first.items[0].answers.values()
    )


def test_a_script_begins_with_the_field_and_ends_with_a_pause() -> None:
    script = author.script(faultless(), "c01")
    assert [segment.text for segment in script.opening] == ["您好，请听录音，登记客户信息。"]
    assert [segment.text for segment in script.reading[:3]] == [
        "客户姓名，",
        "章文彬",
        "立早章，文化的文，彬彬有礼的彬",
    ]
    assert script.reading[-1].pause_ms == 550
    assert [segment.text for segment in script.repeat] == ["下面重复一遍。"]
    assert script.between_ms == 1200


@pytest.mark.parametrize(
    ("key", "changes", "path"),
    [
        ("email", {"text": ""}, "items.0.answers.email.text"),
        ("phone", {"text": "110"}, "items.0.answers.phone.text"),
        ("name", {"hint": "立早章（VIP）"}, "items.0.answers.name.hint"),
        ("name", {"readings": {"章文彬": "zhang1 wen2"}}, "items.0.answers.name.readings"),
    ],
)
def test_a_text_without_a_rule_is_named(key: str, changes: dict[str, Any], path: str) -> None:
    with pytest.raises(Invalid) as refused:
        author.script(with_answer(faultless(), key, **changes), "c01")
    assert [fault["path"] for fault in refused.value.extra["faults"]] == [path]


def test_readings_of_the_author_go_before_the_usual_ones() -> None:
    draft = with_answer(faultless(), "name", readings={"章文彬": "zhang1 wen2 bin1"})
    assert author.script(draft, "c01").reading[1].pinyin == "zhang1 wen2 bin1"
