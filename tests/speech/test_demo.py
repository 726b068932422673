"""The demo dictation holds what the demo must contain, and its recordings are the ones the papers name."""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from server.speech.ogg import opus_duration_ms
from typing_test.demo import render, script

pytestmark = pytest.mark.unit

KEPT_SIGNS = "@._-+#&/"
COUNTED = range(55, 71)
LARGEST_TOTAL_BYTES = 4 * 1024 * 1024
COMPOUND = ("欧阳", "上官", "尉迟", "诸葛", "司徒", "司马", "夏侯", "皇甫")
POLYPHONIC = "单仇解曾尉盖区查朴任"
# Numbers that are not given to anybody: prefixes without mobiles, 8-digit numbers that begin with 9, 400-4.
FICTITIOUS = re.compile(r"1(?:4[2-4]|54|6[0134]|6[89])\d{8}|0[12]\d9\d{7}|4004\d{6}")
# District or city codes of the places in the addresses.
POSTCODES = {
    "北京市海淀区": "100080",
    "湖北省武汉市武昌区": "430060",
    "江苏省苏州市昆山市": "215300",
    "广西壮族自治区南宁市青秀区": "530022",
    "广东省广州市天河区": "510620",
    "河北省保定市莲池区": "071000",
    "浙江省湖州市安吉县": "313300",
    "山西省大同市平城区": "037000",
    "重庆市江北区": "400020",
    "陕西省西安市雁塔区": "710061",
    "上海市徐汇区": "200030",
    "山东省济宁市曲阜市": "273100",
    "内蒙古自治区呼和浩特市新城区": "010050",
    "天津市和平区": "300041",
}

PAPERS = {name: script.load_paper(name) for name in script.PAPERS}
CONTEST = PAPERS["contest"]["items"]
ITEMS = [item for paper in PAPERS.values() for item in paper["items"]]
each_item = pytest.mark.parametrize("item", ITEMS, ids=[item["id"] for item in ITEMS])


def texts(items: list[dict[str, Any]], key: str) -> list[str]:
    return [item["answers"][key]["text"] for item in items]


def counted(text: str) -> int:
    return sum(c in KEPT_SIGNS or unicodedata.category(c)[0] not in "PZC" for c in text)


def every_text(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from every_text(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from every_text(inner)
    elif isinstance(value, str):
        yield value


def test_the_papers_have_the_promised_size() -> None:
    assert {name: len(paper["items"]) for name, paper in PAPERS.items()} == {
        "contest": 10,
        "lesson": 3,
        "warmup": 1,
    }
    assert {name: paper["duration_ms"] for name, paper in PAPERS.items()} == {
        "contest": 600_000,
        "lesson": 300_000,
        "warmup": 120_000,
    }
    assert {item["id"]: item["scored"] for item in ITEMS if not item["scored"]} == {"w01": False}


def test_ids_and_cards_are_all_different() -> None:
    assert len({item["id"] for item in ITEMS}) == len(ITEMS)
    for key in ("name", "address", "postcode", "phone", "email"):
        assert len(set(texts(ITEMS, key))) == len(ITEMS)


@pytest.mark.parametrize("name", script.PAPERS)
def test_a_paper_has_five_fields_in_the_order_they_are_said(name: str) -> None:
    fields = PAPERS[name]["fields"]
    assert [field["key"] for field in fields] == ["name", "address", "postcode", "phone", "email"]
    assert [field["kind"] for field in fields] == [field["key"] for field in fields]
    for item in PAPERS[name]["items"]:
        for field in fields:
            answer = item["answers"][field["key"]]
            assert all(len(t) <= field["max_length"] for t in [answer["text"], *answer["alternatives"]])


@pytest.mark.parametrize("name", script.PAPERS)
def test_texts_are_in_normal_form(name: str) -> None:
    assert all(unicodedata.normalize("NFC", text) == text for text in every_text(PAPERS[name]))


@each_item
def test_counted_characters(item: dict[str, Any]) -> None:
    assert sum(counted(answer["text"]) for answer in item["answers"].values()) in COUNTED


@each_item
def test_the_hint_explains_every_character_of_the_name(item: dict[str, Any]) -> None:
    name = item["answers"]["name"]
    assert set(name["text"]) <= set(name["hint"])


@each_item
def test_the_postcode_is_that_of_the_place(item: dict[str, Any]) -> None:
    address, code = item["answers"]["address"]["text"], item["answers"]["postcode"]["text"]
    assert [POSTCODES[place] for place in POSTCODES if address.startswith(place)] == [code]


@each_item
def test_the_telephone_number_belongs_to_nobody(item: dict[str, Any]) -> None:
    assert FICTITIOUS.fullmatch(item["answers"]["phone"]["text"])


@each_item
def test_alternatives_differ_from_the_text(item: dict[str, Any]) -> None:
    for answer in item["answers"].values():
        all_texts = [answer["text"], *answer["alternatives"]]
        assert len(set(all_texts)) == len(all_texts)


def test_levels() -> None:
    assert Counter(item["level"] for item in CONTEST) == {"easy": 3, "middle": 4, "hard": 3}


def test_two_voices_share_the_contest() -> None:
    voices = Counter((item["audio"]["voice"], item["audio"]["speed"]) for item in CONTEST)
    assert voices == {("zf_xiaoyi", 1.0): 5, ("zm_yunxi", 0.88): 5}


def test_names() -> None:
    names = texts(CONTEST, "name")
    assert sum(name.startswith(COMPOUND) for name in names) >= 2
    assert sum(name[0] in POLYPHONIC for name in names) >= 2
    assert any("同音字" in item["tags"] for item in CONTEST)


def test_addresses() -> None:
    addresses = texts(CONTEST, "address")
    assert any(re.match(r"[北京上海天津重庆]{2}市", address) for address in addresses)
    assert any("自治区" in address for address in addresses)
    assert any("村" in address.replace("中关村", "") for address in addresses)
    assert any(re.search(r"座\d+层", address) for address in addresses)
    assert any(re.search(r"\d-\d", address) for address in addresses)


def test_two_postcodes_begin_with_zero() -> None:
    codes = texts(CONTEST, "postcode")
    assert all(re.fullmatch(r"\d{6}", code) for code in codes)
    assert sum(code.startswith("0") for code in codes) == 2


def test_seven_mobiles_two_landlines_one_400_number() -> None:
    kinds = Counter(
        "mobile" if re.fullmatch(r"1\d{10}", p) else "400" if re.fullmatch(r"400\d{7}", p) else "landline"
        for p in texts(CONTEST, "phone")
    )
    assert kinds == {"mobile": 7, "landline": 2, "400": 1}


def test_emails() -> None:
    emails = texts(CONTEST, "email")
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+@[a-z0-9]+\.(?:com|cn|net)", email) for email in emails)
    for sign in (r"_", r"-", r"[A-Z]", r"\d"):
        assert any(re.search(sign, email) for email in emails)


def test_every_reading_given_is_needed() -> None:
    readings = script.load_readings()
    assert set(readings) <= {item["id"] for item in ITEMS}
    for paper in PAPERS.values():
        for item in paper["items"]:
            spoken = {segment.text for segment in script.card_segments(paper, item)}
            assert set(readings.get(item["id"], {})) <= spoken


@each_item
def test_the_recording_is_the_one_named(item: dict[str, Any]) -> None:
    facts = item["audio"]
    data = (script.FOLDER / facts["file"]).read_bytes()
    assert facts["media_type"] == "audio/ogg; codecs=opus"
    assert hashlib.sha256(data).hexdigest() == facts["sha256"]
    assert opus_duration_ms(data) == facts["duration_ms"]
    assert 45_000 <= facts["duration_ms"] <= 75_000


def test_the_recordings_are_few_and_small() -> None:
    files = sorted((script.FOLDER / "audio").iterdir())
    assert [file.name for file in files] == sorted(f"{item['id']}.opus" for item in ITEMS)
    assert sum(file.stat().st_size for file in files) < LARGEST_TOTAL_BYTES


def test_check_finds_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert render.main(["--check"]) == 0
    assert "in order" in capsys.readouterr().out
