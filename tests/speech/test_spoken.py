"""How typed fields are said aloud."""

import re

import pytest

from server.core.spoken import Segment
from server.speech.engines import SpeechError
from server.speech.spoken import LETTERS, SIGNS, address, cardinal, digits, email, field, phone, postcode

pytestmark = pytest.mark.unit


def said(segments: list[Segment]) -> str:
    """The text with | for every pause, without commas at a pause."""
    return "".join(s.text + ("|" if s.pause_ms else "") for s in segments).replace("，|", "|")


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (0, "零"),
        (2, "二"),
        (10, "十"),
        (12, "十二"),
        (20, "二十"),
        (100, "一百"),
        (108, "一百零八"),
        (118, "一百一十八"),
        (210, "二百一十"),
        (1001, "一千零一"),
        (1010, "一千零一十"),
        (2600, "二千六百"),
        (9999, "九千九百九十九"),
    ],
)
def test_cardinal(number: int, expected: str) -> None:
    assert cardinal(number) == expected


@pytest.mark.parametrize("number", [-1, 10_000])
def test_cardinal_refuses_what_it_cannot_say(number: int) -> None:
    with pytest.raises(SpeechError):
        cardinal(number)


def test_digits_say_one_as_yao() -> None:
    assert digits("1012") == "幺零幺二"
    assert digits("1012", one="一") == "一零一二"
    with pytest.raises(SpeechError):
        digits("12a")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("15438086639", "幺五四|三八零八|六六三九|"),
        ("4004170826", "四零零|四幺七|零八二六|"),
        ("400-417-0826", "四零零|四幺七|零八二六|"),
        ("02790350472", "零二七|九零三五|零四七二|"),
        ("027-90350472", "零二七|九零三五|零四七二|"),
        ("05719035047", "零五七幺|九零三|五零四七|"),
        ("057190350472", "零五七幺|九零三五|零四七二|"),
    ],
)
def test_phone_is_grouped(text: str, expected: str) -> None:
    assert said(phone(text)) == expected


@pytest.mark.parametrize("text", ["", "12345", "25438086639", "1543808663x", "１５４３８０８６６３９"])
def test_phone_refuses_other_numbers(text: str) -> None:
    with pytest.raises(SpeechError):
        phone(text)


def test_postcode_goes_digit_by_digit() -> None:
    assert said(postcode("071000")) == "零七幺|零零零|"
    with pytest.raises(SpeechError):
        postcode("71000")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("北京市海淀区中关村大街27号6号楼603室", "北京市海淀区|中关村大街二十七号|六号楼六零三室"),
        ("重庆市渝中区民生路28-6号3幢17楼1704室", "重庆市渝中区|民生路二十八横杠六号|三幢十七楼幺七零四室"),
        ("浙江省湖州市安吉县递铺街道鲁家村25号", "浙江省湖州市安吉县|递铺街道鲁家村二十五号"),
        ("广西壮族自治区南宁市青秀区民族大道108号", "广西壮族自治区南宁市青秀区|民族大道一百零八号"),
        ("江苏省苏州市昆山市前进中路218号8幢", "江苏省苏州市昆山市|前进中路二百一十八号|八幢"),
        ("新华大街63号B座9层", "新华大街六十三号|大写必座九层"),
        ("12号楼1205室", "十二号楼幺二零五室"),
    ],
)
def test_address(text: str, expected: str) -> None:
    assert said(address(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("kefu-26@abc.com", "尅，伊，艾弗，优|横杠，二六|艾特，诶，必，西|点，康姆|"),
        ("Rui_2024@han.cn", "大写阿儿，优，艾|下划线，二零二四|艾特，诶吃，诶，恩|点，西，恩|"),
        ("a.b@c.net", "诶|点，必|艾特，西|点，恩，伊，踢|"),
    ],
)
def test_email_says_every_sign_and_letter(text: str, expected: str) -> None:
    assert said(email(text)) == expected


@pytest.mark.parametrize("text", ["", "abc", "a@", "@b", "a@b@c", "a@b.", "ü@b.com", "a!b@c.com"])
def test_email_refuses_what_has_no_rule(text: str) -> None:
    with pytest.raises(SpeechError):
        email(text)


def test_every_letter_and_sign_has_its_own_name() -> None:
    assert set(LETTERS) == set("abcdefghijklmnopqrstuvwxyz")
    assert len({reading for _, reading in LETTERS.values()}) == len(LETTERS)
    assert len({text for text, _ in LETTERS.values()}) == len(LETTERS)
    assert set(SIGNS) == set("@._-+#&/")
    assert all(len(text) == len(reading.split()) for text, reading in LETTERS.values())


def test_nothing_but_chinese_is_left_to_read() -> None:
    for kind, text in [
        ("address", "上海市徐汇区漕溪北路45-2号B座2号楼1706室"),
        ("phone", "15438086639"),
        ("email", "Shan.yh-2023_x@ping.cn"),
    ]:
        assert re.fullmatch(r"[一-鿿，]+", "".join(s.text for s in field(kind, text)))


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(SpeechError):
        field("fax", "1")
