"""Quantities in a normalised message: prices, sizes, durations, numbers with their unit.

Prices are in CNY, durations in hours (a day has 24, a month 30 days, a year 12 months).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from chat_sim.understanding.numerals import NUMERAL, Range, number

QuantityKind = Literal["price", "duration", "size", "number", "ordinal", "date"]


@dataclass(frozen=True, slots=True)
class Quantity:
    """A value with its place. `unit` is of a number: its canonical name, "" for one that none was recognised of.

    `bare`: nothing follows that it could be the number of; such a number may be a price or a size as well.
    `word`: a size that is no number (L, 均).
    """

    kind: QuantityKind
    low: Decimal
    high: Decimal
    start: int
    end: int
    unit: str = ""
    bare: bool = False
    word: str = ""

    def same(self, other: "Quantity") -> bool:
        """Of equal value, whatever kind."""
        if self.word or other.word:
            return self.word == other.word
        return close(self.low, other.low) and close(self.high, other.high)


def close(one: Decimal, other: Decimal) -> bool:
    """Equal; figures from 300 days on up to 2 %, since a year has 365 days and twelve months."""
    return one == other or (min(one, other) >= 7_200 and abs(one - other) * 50 <= max(one, other))


_MONEY = {
    "元": "1",
    "块": "1",
    "圆": "1",
    "rmb": "1",
    "人民币": "1",
    "个大洋": "1",
    "大洋": "1",
    "软妹币": "1",
    "毛": "0.1",
    "角": "0.1",
}
_TIME = {
    "小时": "1", "个小时": "1", "钟头": "1", "个钟头": "1", "个钟": "1", "h": "1", "天": "24", "日": "24",
    "个工作日": "24", "个工作天": "24", "工作天": "24", "工作日": "24",
    "个自然日": "24", "自然日": "24", "周": "168", "个星期": "168", "星期": "168",
    "个礼拜": "168", "礼拜": "168", "个月": "720", "月": "720", "年": "8640", "分钟": "0.0166666667",
    "min": "0.0166666667",
}  # fmt: skip
_UNITS: dict[str, tuple[str, str]] = {
    "克": ("克", "1"), "g": ("克", "1"), "千克": ("克", "1000"), "kg": ("克", "1000"), "公斤": ("克", "1000"),
    "斤": ("克", "500"), "毫克": ("克", "0.001"), "mg": ("克", "0.001"),
    "厘米": ("厘米", "1"), "cm": ("厘米", "1"), "公分": ("厘米", "1"), "毫米": ("厘米", "0.1"), "mm": ("厘米", "0.1"),
    "米": ("厘米", "100"), "毫升": ("毫升", "1"), "ml": ("毫升", "1"), "升": ("毫升", "1000"), "l": ("毫升", "1000"),
    "度": ("度", "1"), "℃": ("度", "1"), "°c": ("度", "1"), "摄氏度": ("度", "1"),
    "%": ("%", "1"), "折": ("折", "1"), "成": ("%", "10"), "倍": ("倍", "1"), "级": ("级", "1"), "层": ("层", "1"),
    "分": ("分", "1"), "积分": ("分", "1"),
}  # fmt: skip
_COUNTERS = "件双条个只套盒袋包罐片支瓶块张份次位人颗粒泡杯步点款组提箱桶卷顶副把枚格"
_LETTER_SIZE = re.compile(r"(?<![a-z0-9])(?:(x{0,4}[sl]|m|[2-6]xl)(?![a-z0-9])[码号]?|(均)码|(加大|[大中小])号)")
_LETTER = {"大": "l", "中": "m", "小": "s", "加大": "xl", "xxl": "2xl", "xxxl": "3xl", "xxxxl": "4xl", "xxs": "2xs"}
_TIME_WORDS = re.compile(r"(当天|当日|今天|今日|今晚)|(明天|明日|次日|隔天|隔日|第二天|翌日|明早)|(大后天)|(后天)")
_WORD_HOURS = (Decimal(0), Decimal(24), Decimal(72), Decimal(48))
_DATE = re.compile(rf"({NUMERAL})月份?({NUMERAL})(?:[日号]|(?![天个]))")
_TENFOLD = re.compile(rf"假(?:一|1)?[赔罚补]({NUMERAL})")
_HARMLESS = re.compile(
    r"一下|一样|一起|一定|一直|一般|一些|一点(?![\d零一二三四五六七八九])|一律|一致|一切|一共|一旦|一会|万一|千万|十分|百搭|百分百|三合一|二合一|"
    r"统一|唯一|四季|双十[一二]|五星|一流|一手|一键|逐一|之一|一步|一线|一体|一路|一边|一方面|[一二三四]是|"
    r"(?:周|星期|礼拜)[一二三四五六]|一款|一家|一模|一经|一如|同一|任一|万分|百忙|七夕|三包(?!.{0,2}[天个月年])|"
    r"\d{4}[-/年]\d{1,2}(?:[-/月]\d{1,2}日?)?|(?<!\d)\d{1,2}:\d{2}(?!\d)|\d+(?:\.\d+)?(?:cm|厘米|米|mm)?x\d+(?:\.\d+)?(?:x\d+(?:\.\d+)?)?(?:cm|厘米|米|mm|毫米)?|\d+[*]\d+(?:cm|厘米|米|mm|毫米)|"
    r"(?:上午|下午|晚上|中午|早上|每天)[\d一二三四五六七八九十]{1,2}点|\d{7,}|[a-z]+\d{5,}|[\d一二三四五六七八九十]+号线"
)
_ALL_TIME = "|".join(sorted(_TIME, key=len, reverse=True))
_ALL_UNITS = "|".join(sorted(map(re.escape, _UNITS), key=len, reverse=True))
_SEPARATED = re.compile(
    rf"(?P<cur>[¥$]|rmb)?(?P<th>第)?(?P<pct>百分之)?(?P<a>{NUMERAL})(?:(?P<sep>[-~到至或、])(?P<b>{NUMERAL}))?"
    rf"(?P<half>个半)?(?P<rough>[多几来余])?"
    rf"(?:(?P<time>{_ALL_TIME})(?P<timehalf>半)?|(?P<money>元|块|圆|rmb|人民币|个?大洋|软妹币|毛|角)(?:钱)?|(?P<size>码|号(?!线))"
    rf"|(?P<unit>{_ALL_UNITS})|(?P<counter>[{_COUNTERS}](?![邮运])))?"
)
_CHANGE = re.compile(
    rf"([一二两三四五六七八九\d])(?:毛|角|(?![\d零一二三四五六七八九十百千万天码克斤两年月周小{_COUNTERS}]))"
)
_FOLLOWS_BARE = re.compile(r"$|[^\u3400-\u9fffa-z0-9]|(?![楼栋室期场路页排线岁家人代版种张线款级年月])[\u3400-\u9fff]")
_YARD = (Decimal(20), Decimal(200))


def quantities(text: str) -> tuple[Quantity, ...]:
    """All quantities of a normalised text, by place."""
    covered = bytearray(len(text))
    found: list[Quantity] = []
    for match in _TIME_WORDS.finditer(text):
        hours = _WORD_HOURS[next(at for at, group in enumerate(match.groups()) if group)]
        found.append(Quantity("duration", hours, hours, *match.span()))
        covered[match.start() : match.end()] = b"\1" * (match.end() - match.start())
    for match in _LETTER_SIZE.finditer(text):
        letters = match[1] or match[2] or match[3]
        zero = Decimal(0)
        found.append(Quantity("size", zero, zero, *match.span(), word=_LETTER.get(letters, letters)))
        covered[match.start() : match.end()] = b"\1" * (match.end() - match.start())
    for match in _DATE.finditer(text):
        month, day = number(match[1]), number(match[2])
        if month is not None and day is not None:
            value = month[0] * 100 + day[0]
            found.append(Quantity("date", value, value, *match.span()))
            covered[match.start() : match.end()] = b"\1" * (match.end() - match.start())
    for match in _TENFOLD.finditer(text):
        times = number(match[1])
        if times is not None:
            found.append(Quantity("number", *times, *match.span(), unit="赔"))
            covered[match.start() : match.end()] = b"\1" * (match.end() - match.start())
    for match in _HARMLESS.finditer(text):
        covered[match.start() : match.end()] = b"\1" * (match.end() - match.start())
    for match in _SEPARATED.finditer(text):
        if not any(covered[match.start() : match.end()]):
            found.extend(_read(text, match))
    if re.search("半价|对折", text):
        found.extend(
            Quantity("number", Decimal(5), Decimal(5), *m.span(), unit="折") for m in re.finditer("半价|对折", text)
        )
    return tuple(_joined(text, sorted(found, key=lambda one: one.start)))


def _read(text: str, match: re.Match[str]) -> Iterator[Quantity]:
    first = number(match["a"])
    second = number(match["b"]) if match["b"] else None
    if first is None or match["rough"] or (match["b"] and second is None):
        return
    start, end = match.span()
    template = _unit(text, match, first)
    if template is None:
        return
    factor, whole = template
    if match["half"]:
        first = (first[0] + Decimal("0.5"), first[1] + Decimal("0.5"))
        if not match["time"]:
            return
    if whole.unit == "折":
        first, second = _tenths(first), second and _tenths(second)
    if second is None:
        yield replace(whole, low=first[0] * factor, high=first[1] * factor)
        return
    low, high = first[0] * factor, second[1] * factor
    ranged = match["sep"] in "-~到至" or whole.kind == "duration" or (match["sep"] == "或" and high - low == 1)
    if ranged and low < high and not (whole.bare and text[end : end + 1] == "="):
        yield replace(whole, low=low, high=high)
        return
    middle = match.start("b")
    yield replace(whole, low=low, high=first[1] * factor, end=match.end("a"))
    yield replace(whole, low=second[0] * factor, high=high, start=middle)


def _tenths(value: Range) -> Range:
    """85折 is 8.5 折."""
    return (value[0] / 10, value[1] / 10) if value[1] > 10 else value


def _unit(text: str, match: re.Match[str], value: Range) -> tuple[Decimal, Quantity] | None:
    """Factor and kind of what follows the numeral; None for what is no quantity (一 with nothing to it)."""
    start, end = match.span()
    zero, one = Decimal(0), Decimal(1)
    plain = Quantity("number", zero, zero, start, end)
    if match["th"]:
        return one, replace(plain, kind="ordinal")
    if match["pct"]:
        return one, replace(plain, unit="%")
    if (
        match["time"]
        and not (match["time"] == "月" and match["a"] != "半" and not match["half"])
        and not (match["time"] == "h" and text[end : end + 1].isalpha() and text[end : end + 1].isascii())
    ):
        return Decimal(_TIME[match["time"]]), replace(plain, kind="duration")
    if match["money"] or match["cur"]:
        factor = Decimal(_MONEY[match["money"]]) if match["money"] else one
        return factor, replace(plain, kind="price")
    if match["size"] and value[0] >= 20 and not (match["size"] == "号" and (value[1] <= 31 or value[0] > 60)):
        return one, replace(plain, kind="size")
    if match["unit"]:
        name, factor_text = _UNITS[match["unit"]]
        if match["unit"] in ("l", "g", "m") and text[end : end + 1].isascii() and text[end : end + 1].isalpha():
            return None
        return Decimal(factor_text), replace(plain, unit=name)
    if match["counter"]:
        return one, replace(plain, unit=match["counter"])
    if match["a"] == "半" or (len(match["a"]) == 1 and not match["a"].isascii() and not match["b"]):
        return None
    if _FOLLOWS_BARE.match(text, end):
        return one, replace(plain, bare=True)
    return one, plain


def _joined(text: str, found: list[Quantity]) -> Iterator[Quantity]:
    """五块八 as one price, 24小时到48小时 as one range."""
    at = 0
    while at < len(found):
        one = found[at]
        if one.kind == "price" and text[one.end - 1] in "元块" and one.low == one.high:
            change = _CHANGE.match(text, one.end)
            following = found[at + 1] if at + 1 < len(found) else None
            if change is not None and (following is None or following.start >= one.end):
                tenth = number(change[1])
                if tenth is not None:
                    value = one.low + tenth[0] / 10
                    yield replace(one, low=value, high=value, end=change.end())
                    at += 2 if following is not None and following.start < change.end() else 1
                    continue
        if at + 1 < len(found):
            two = found[at + 1]
            between = text[one.end : two.start]
            alike = one.kind == two.kind != "ordinal" and one.unit == two.unit and not two.word and not two.bare
            if between in ("-", "~", "到", "至") and alike and one.low < two.high:
                yield replace(one, high=two.high, end=two.end)
                at += 2
                continue
        yield one
        at += 1


def sized(one: Quantity) -> bool:
    """A bare number that can be a size."""
    return one.bare and _YARD[0] <= one.low and one.high <= _YARD[1]
