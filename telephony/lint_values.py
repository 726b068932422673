"""Times, dates, prices, numbers and counts in a text, with what stands around them."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Kind = Literal["time", "day", "price", "number", "last_four", "count"]

_HAN = "\u4e00-\u9fff"
_CHINESE = "零一二两三四五六七八九十百千"
_N = rf"(?:\d+(?:\.\d+)?|[{_CHINESE}]+)"
_HALF_DAY = r"(?P<half>下午|傍晚|晚上|夜里|上午|早上|凌晨|中午)?"
_TIME = re.compile(
    rf"{_HALF_DAY}(?P<hour>{_N})(?:(?:点|时)(?:(?P<minute>{_N})分|(?P<word>半|整|钟))?|:(?P<colon>[0-5]\d)(?!\d))"
)
_DATE = re.compile(rf"(?:(?P<year>\d{{4}})年)?(?P<month>{_N})月(?:份)?(?P<day>{_N})[日号]")
_DAYS = re.compile(rf"(?<![\d{_CHINESE}路街道巷月])(?P<day>[123]?\d|[{_CHINESE}]{{1,3}})[日号](?![楼院线店门内晚码])")
_TWO_DAYS = re.compile(r"(?<![\d月])([123]?\d)\s*(?:或者|或|和|、|到|至|-)\s*([123]?\d)[日号]")
_PRICE = re.compile(
    rf"(?:[¥￥]\s*(?P<sign>\d[\d,]*(?:\.\d+)?)|(?P<price>\d[\d,]*(?:\.\d+)?|[{_CHINESE}万]+)\s*(?:元|块))"
)
_NUMBER = re.compile(r"(?<![A-Za-z0-9])(?=[A-Za-z]*\d)(?:[A-Za-z0-9](?:-(?=\d))?){5,}(?![A-Za-z0-9%])(?!元|块|年|点)")
_LAST_FOUR = re.compile(r"(?:后四位|后4位|末四位|尾号)(?:数字|号码)?(?:是|为|:|，)?\s*(\d{3}[\dXx])(?![\dXx])")
_COUNT = re.compile(
    rf"(?P<points>那|这|前|上述|以上|后面)(?P<count>[\d{_CHINESE}]{{1,3}})(?P<measure>[张件台本份套辆间位条双])(?!嘴)"
)
_ANY_COUNT = re.compile(rf"(?P<count>[\d{_CHINESE}]{{1,3}})(?P<measure>[张件台本份套辆间位条双])")
_SKIPPED = re.compile(r"^[在从于的是，、 ]+")
_LABEL = 3
_CHANGED = re.compile(r"(?:改|换|调|延|推)[^，。]{0,4}$")


@dataclass(frozen=True, slots=True)
class Value:
    """A value in a text: `key` is equal for equal values, `before` and `after` are the words around it."""

    kind: Kind
    key: str
    words: str
    before: str = ""
    after: str = ""
    changed: bool = False
    """Words before it say that something was changed to it."""


def normal(text: str) -> str:
    """Half-width signs and digits; no hyphens between groups of digits."""
    return re.sub(r"(?<=\d) (?=\d)", "", unicodedata.normalize("NFKC", text)).replace(",", "，")


def values(text: str) -> list[Value]:
    """Every value of a text, in no order."""
    text = normal(text)
    return [*_times(text), *_days(text), *_prices(text), *_numbers(text), *_last_fours(text)]


def counts(text: str) -> Iterator[tuple[bool, str, int, str]]:
    """Counts with their measure word: whether a word points back at them, the measure, the count, the words."""
    text = normal(text)
    pointing = {match.start("count") for match in _COUNT.finditer(text)}
    for match in _ANY_COUNT.finditer(text):
        yield match.start("count") in pointing, match["measure"], int(number(match["count"])), match.group()


def dates(text: str) -> Iterator[tuple[int | None, int, int, str]]:
    """Year (None if it isn't said), month, day, and the words."""
    for match in _DATE.finditer(normal(text)):
        month, day = int(number(match["month"])), int(number(match["day"]))
        if 1 <= month <= 12 and 1 <= day <= 31:
            yield int(match["year"]) if match["year"] else None, month, day, match.group()


def number(words: str) -> Decimal:
    """The value of digits, or of a Chinese number below ten thousand."""
    if words[0].isascii():
        return Decimal(words.replace("，", "").replace(",", ""))
    total = current = 0
    for character in words:
        if character in "十百千":
            total += (current or 1) * {"十": 10, "百": 100, "千": 1000}[character]
            current = 0
        elif character == "万":
            total, current = (total + current) * 10_000, 0
        else:
            current = "零一二三四五六七八九".find("二" if character == "两" else character)
    return Decimal(total + current)


def _around(text: str, match: re.Match[str]) -> tuple[str, str, bool]:
    """The word before and the word after a match, each of exactly `_LABEL` characters or ""."""
    after = _SKIPPED.sub("", text[match.end() :])
    before = text[: match.start()].rstrip("是为约共在 ")
    found = re.match(rf"[{_HAN}]{{{_LABEL}}}", after), re.search(rf"[{_HAN}]{{{_LABEL}}}$", before)
    words = [one.group() if one else "" for one in found]
    return words[1], words[0], bool(_CHANGED.search(text[: match.start()]))


def _times(text: str) -> Iterator[Value]:
    for match in _TIME.finditer(text):
        spoken = not match["hour"][0].isascii()
        if spoken and not (match["minute"] or match["word"] or match["half"]):
            continue
        hour = number(match["hour"])
        minute = 30 if match["word"] == "半" else number(match["minute"] or match["colon"] or "0")
        if hour > 24 or minute > 59 or hour != int(hour):
            continue
        if match["half"] in ("下午", "傍晚", "晚上", "夜里") and hour < 12:
            hour += 12
        yield Value("time", f"{int(hour)}:{int(minute):02}", match.group(), *_around(text, match))


def _days(text: str) -> Iterator[Value]:
    taken = set()
    for match in _DATE.finditer(text):
        taken.add(match.end())
        yield Value("day", str(int(number(match["day"]))), match.group(), *_around(text, match))
    for match in _TWO_DAYS.finditer(text):
        yield Value("day", match[1], f"{match[1]}号")
    for match in _DAYS.finditer(text):
        day = int(number(match["day"]))
        if match.end() not in taken and 1 <= day <= 31:
            yield Value("day", str(day), match.group(), *_around(text, match))


def _prices(text: str) -> Iterator[Value]:
    for match in _PRICE.finditer(text):
        words = match["sign"] or match["price"]
        key = f"{number(words).normalize():f}"
        yield Value("price", key, match.group(), *_around(text, match))


def _numbers(text: str) -> Iterator[Value]:
    for match in _NUMBER.finditer(text):
        key = match.group().replace("-", "").upper()
        if sum(character.isdigit() for character in key) >= 3:
            yield Value("number", key, match.group())


def _last_fours(text: str) -> Iterator[Value]:
    for match in _LAST_FOUR.finditer(text):
        yield Value("last_four", match[1].upper(), match[1])
