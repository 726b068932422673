"""Normalisation, numerals, quantities, negation, clauses, names, forbidden words, courtesy."""

from decimal import Decimal

import pytest

from chat_sim.content import CourtesyWords, ForbiddenWord
from chat_sim.understanding.banned import banned
from chat_sim.understanding.manners import courtesies, waits_only
from chat_sim.understanding.message import CONDITION, ECHO, QUESTION, UNSURE, message
from chat_sim.understanding.negation import denials, flip
from chat_sim.understanding.numerals import number
from chat_sim.understanding.plain import plain
from chat_sim.understanding.quantities import quantities
from chat_sim.understanding.sound import sound
from tests.chat_sim.understanding.shopping import read

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("這雙鞋 ３８ 碼 有貨嗎？", "这双鞋38码有货吗?"),
        ("防 水 的", "防水的"),
        ("防水的 您放心 拍", "防水的,您放心拍"),
        ("不防\u200b水\ufeff", "不防水"),
        ("ＧＯＲＥ－ＴＥＸ 面料", "gore-tex面料"),
        ("￥569", "¥569"),
    ],
)
def test_normalised(written: str, normal: str) -> None:
    assert plain(written).text == normal


def test_places_lead_back_to_what_was_written() -> None:
    written = "亲， ３８ 码\u200b的"
    found = plain(written)
    start, end = found.span(found.text.index("38"), found.text.index("码") + 1)
    assert written[start:end] == "３８ 码"


@pytest.mark.parametrize(
    ("numeral", "low", "high"),
    [
        ("五百六十九", "569", "569"), ("5百69", "569", "569"), ("百八", "180", "180"), ("二百五", "250", "250"),
        ("两千三", "2300", "2300"), ("一千零五", "1005", "1005"), ("俩", "2", "2"), ("两三", "2", "3"),
        ("三五", "3", "5"), ("七八十", "70", "80"), ("1,299", "1299", "1299"), ("三点五", "3.5", "3.5"),
        ("半", "0.5", "0.5"), ("五六九", "569", "569"), ("三万二", "32000", "32000"),
    ],
)  # fmt: skip
def test_numerals(numeral: str, low: str, high: str) -> None:
    assert number(numeral) == (Decimal(low), Decimal(high))


def test_a_measure_word_after_a_price_is_no_part_of_it() -> None:
    assert [one.low for one in quantities(message("115元一罐").text) if one.kind == "price"] == [115]


def test_what_is_no_numeral() -> None:
    assert number("十百") is None


@pytest.mark.parametrize(
    ("written", "kind", "low", "high", "unit"),
    [
        ("五百六十九块", "price", "569", "569", ""), ("569.00元", "price", "569", "569", ""),
        ("五块八", "price", "5.8", "5.8", ""), ("3毛", "price", "0.3", "0.3", ""),
        ("三十八码", "size", "38", "38", ""),
        ("38-39码", "size", "38", "39", ""), ("两三天", "duration", "48", "72", ""),
        ("48小时到72小时", "duration", "48", "72", ""), ("一周", "duration", "168", "168", ""),
        ("一个半月", "duration", "1080", "1080", ""), ("八五折", "number", "8.5", "8.5", "折"),
        ("半价", "number", "5", "5", "折"), ("百分之八十", "number", "80", "80", "%"),
        ("1.6千克", "number", "1600", "1600", "克"), ("第二件", "ordinal", "2", "2", ""),
        ("明天", "duration", "24", "24", ""), ("五月10号", "date", "510", "510", ""),
    ],
)  # fmt: skip
def test_quantities(written: str, kind: str, low: str, high: str, unit: str) -> None:
    (found,) = quantities(message(written).text)
    assert (found.kind, found.low, found.high, found.unit) == (kind, Decimal(low), Decimal(high), unit)


@pytest.mark.parametrize(
    ("written", "word"), [("L码", "l"), ("选xxl", "2xl"), ("均码", "均"), ("大号", "l"), ("M", "m")]
)
def test_lettered_sizes(written: str, word: str) -> None:
    assert [one.word for one in quantities(message(written).text)] == [word]


@pytest.mark.parametrize("written", ["一下", "15812345678", "下午3点", "一起", "万一"])
def test_what_is_no_quantity(written: str) -> None:
    assert quantities(message(written).text) == ()


@pytest.mark.parametrize(
    ("clause", "denied"),
    [
        ("这款不防水的", "防水"), ("包邮是不可以的", "包邮"), ("发不了货", "发"), ("没有防水功能", "防水"),
        ("满减活动结束了", "满减"), ("没拆的可以退", "拆"), ("零咖啡因", "咖啡因"),
    ],
)  # fmt: skip
def test_denied(clause: str, denied: str) -> None:
    assert message(clause).sign(clause.index(denied), clause.index(denied) + 1) == -1


@pytest.mark.parametrize(
    ("clause", "said"),
    [
        ("不是不能退", "退"), ("没有问题防水的", "防水"), ("不仅防水还透气", "防水"), ("怎么会不防水呢", "防水"),
        ("不用手洗可以机洗", "机洗"), ("不是棉的是羊毛的", "羊毛"), ("没有不发货的", "发货"), ("特别保暖", "保暖"),
        ("不满意可以退", "退"), ("没拆的可以退", "退"), ("不是满599减50吗", "减"), ("抹零", "抹"),
    ],
)  # fmt: skip
def test_not_denied(clause: str, said: str) -> None:
    assert message(clause).sign(clause.index(said), clause.index(said) + 1) == 1


def test_denials_are_places_of_the_clause() -> None:
    told, bare = denials("不可以的")
    signs = [1] * 4
    flip(signs, told)
    assert bare == -1
    assert [place[:2] for place in told] == [(0, 3)]


@pytest.mark.parametrize(
    ("text", "word", "flag"),
    [
        ("您问的是防水吗？", "防水", QUESTION), ("防不防水呢", "防水", QUESTION), ("569元吗", "569", QUESTION),
        ("如果防水，就好了", "防水", CONDITION), ("您说的防水对吧", "防水", ECHO),
        ("我不太清楚防水的事", "防水", UNSURE),
        ("防水不防水您自己看详情页", "防水", UNSURE),
    ],
)  # fmt: skip
def test_flagged(text: str, word: str, flag: int) -> None:
    whole = message(text)
    assert whole.flags[whole.text.index(word)] & flag


@pytest.mark.parametrize(
    "text", ["防水的，您看可以吗？", "建议您选防水的好吗", "不管是不是会员都防水", "您放心，防水的"]
)
def test_not_flagged(text: str) -> None:
    whole = message(text)
    assert whole.flags[whole.text.index("防水")] == 0


def test_sounds() -> None:
    assert sound("防水") == sound("放水")
    assert sound("包邮") == sound("包油")
    assert sound("防水") != sound("透气")
    assert len(sound("防水abc，，")) == 7


WORDS = tuple(ForbiddenWord(word=word) for word in ("不知道", "笨", "滚", "妈的", "sb", "子弹"))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("我不知道", ("不知道",)), ("不 知 道", ("不知道",)), ("不.知*道", ("不知道",)), ("你真笨", ("笨",)),
        ("滚", ("滚",)), ("滚筒洗衣机", ()), ("他妈的", ("妈的",)), ("ＳＢ", ("sb",)), ("usb接口", ()),
        ("鞋子弹性好", ()),        ("", ()),
    ],
)  # fmt: skip
def test_forbidden(text: str, found: tuple[str, ...]) -> None:
    assert banned(text, WORDS) == found


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("您好，欢迎光临", {"greeting"}), ("稍等，我帮您查一下", {"waiting"}), ("非常抱歉给您带来不便", {"apology"}),
        ("祝您生活愉快，欢迎再次光临", {"closing"}), ("不用道歉", set()), ("您自己查一下", set()),
        ("山野有你", {"greeting"}),
        ("让您久等了，38码有货", {"waiting", "apology"}),
    ],
)  # fmt: skip
def test_courtesy(text: str, kinds: set[str]) -> None:
    assert set(courtesies(message(text), CourtesyWords(greeting=("山野有你",)))) == kinds


@pytest.mark.parametrize(
    ("text", "only"),
    [
        ("稍等", True), ("好的亲，请稍等，我帮您查一下库存", True), ("您好，稍等哦", True), ("稍等，38码有货的", False),
        ("569元", False), ("稍等一下，这款可以机洗", False),
    ],
)  # fmt: skip
def test_waiting_only(text: str, only: bool) -> None:
    assert waits_only(message(text), CourtesyWords()) is only


@pytest.mark.parametrize(
    ("text", "products"),
    [
        ("疾风徒步鞋很好", ("boot",)), ("搭配羊毛袜和登山杖", ("sock", "pole")), ("没有登山杖", ()), 
        ("美利奴羊毛袜", ("sock",)), ("需要带双袜子吗？", ("sock",)), ("登山仗也要吗", ("pole",)),
    ],
)  # fmt: skip
def test_products_named(text: str, products: tuple[str, ...]) -> None:
    assert read([], text).suggested == products
