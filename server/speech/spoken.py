"""How the typed fields of a customer card are said aloud; pure rules of our own.

Every function gives segments in which nothing but Chinese characters and Chinese punctuation is left to read.
A mobile is grouped 3-4-4, a landline area code then halves, a 400 number 3-3-4, each with 幺 for 1; postcode
and room go digit by digit, numbers of buildings and floors as numbers; in an e-mail address each letter has
its Chinese name and each sign is said. Raises SpeechError for a character without a rule.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import pairwise

from server.core.spoken import Segment
from server.speech.engines import SpeechError

GROUP_PAUSE_MS = 280

# Said text and its reading. English phonemes and spliced English sound were misheard; these were not.
LETTERS: dict[str, tuple[str, str]] = {
    "a": ("诶", "ei1"), "b": ("必", "bi4"), "c": ("西", "xi1"), "d": ("弟", "di4"), "e": ("伊", "yi4"),
    "f": ("艾弗", "ai2 fu5"), "g": ("寄", "ji4"), "h": ("诶吃", "ei2 chi5"), "i": ("艾", "ai4"),
    "j": ("杰", "zhei4"), "k": ("尅", "kei4"), "l": ("艾勒", "ai2 le5"), "m": ("艾姆", "ai2 mu5"),
    "n": ("恩", "en1"), "o": ("欧", "ou1"), "p": ("批", "pi4"), "q": ("扣", "kiu4"), "r": ("阿儿", "a1 er5"),
    "s": ("艾丝", "ai2 si5"), "t": ("踢", "ti4"), "u": ("优", "you1"), "v": ("微", "wei1"),
    "w": ("达布溜", "da2 bu5 liu5"), "x": ("艾克斯", "ai2 ke5 si5"), "y": ("歪", "wai4"), "z": ("贼", "zei2"),
}  # fmt: skip
SIGNS = {
    "@": "艾特",
    ".": "点",
    "_": "下划线",
    "-": "横杠",
    "+": "加号",
    "#": "井号",
    "&": "和号",
    "/": "斜杠",
}
CAPITAL = "大写"
WHOLE_LABELS: dict[str, tuple[str, str]] = {"com": ("康姆", "kang1 mu3")}
_DIGITS = "零一二三四五六七八九"
_UNITS = ("", "十", "百", "千")
_ADMINISTRATIVE = re.compile(r"(?:.{2,5}?(?:自治区|省))?(?:.{2,4}?市)*(?:.{2,3}?[区县])?")
_ADDRESS_PARTS = re.compile(r"(\d+(?:-\d+)+)|(\d+)(室|房)|(\d+)|([A-Za-z])|(.)")
_STREET_NUMBER_END = re.compile(r"(?<=\d号)(?!楼)")
_EMAIL_PARTS = re.compile(r"[A-Za-z]+|\d+|.")
_LARGEST_CARDINAL = 9999
_LETTERS_PER_GROUP = 4
_DIGITS_PER_GROUP = 4


def digits(text: str, one: str = "幺") -> str:
    """Digit by digit: "1205" -> 幺二零五."""
    if not (text.isascii() and text.isdigit()):
        raise SpeechError(f"{text!r} is not made of digits")
    return "".join(one if digit == "1" else _DIGITS[int(digit)] for digit in text)


def cardinal(number: int) -> str:
    """A number as it is counted, 0 to 9999: 12 -> 十二, 108 -> 一百零八, 210 -> 二百一十."""
    if not 0 <= number <= _LARGEST_CARDINAL:
        raise SpeechError(f"{number} is not between 0 and {_LARGEST_CARDINAL}")
    if number < 10:
        return _DIGITS[number]
    said, gap = "", False
    for place in range(len(str(number)) - 1, -1, -1):
        digit = number // 10**place % 10
        if digit == 0:
            gap = True
            continue
        said += (_DIGITS[0] if gap else "") + _DIGITS[digit] + _UNITS[place]
        gap = False
    return said.removeprefix("一") if number < 20 else said


def phone(text: str) -> list[Segment]:
    """Mobile 3-4-4; 400 number 3-3-4; landline area code, then the number in halves; hyphens are not said."""
    number = re.sub(r"[\s-]", "", text)
    if not (number.isascii() and number.isdigit()):
        raise SpeechError(f"{text!r} is no telephone number")
    if len(number) == 11 and number[0] == "1":
        sizes = [3, 4, 4]
    elif len(number) == 10 and number.startswith("400"):
        sizes = [3, 3, 4]
    elif number[0] == "0" and 10 <= len(number) <= 12:
        area = 3 if number[1] in "12" else 4
        local = len(number) - area
        sizes = [area, local - 4, 4]
    else:
        raise SpeechError(f"{text!r} is neither a mobile, nor a landline with its area code, nor a 400 number")
    return _spaced(digits(group) for group in _cut(number, sizes))


def postcode(text: str) -> list[Segment]:
    """Six digits in two groups of three."""
    if len(text) != 6:
        raise SpeechError(f"{text!r} is no postcode of six digits")
    return _spaced(digits(group) for group in _cut(text, [3, 3]))


def address(text: str) -> list[Segment]:
    """Administrative part, street with its number, building; a pause after each of the first two."""
    match = _ADMINISTRATIVE.match(text)
    split = match.end() if match else 0
    streets = _STREET_NUMBER_END.split(text[split:], maxsplit=1)
    segments: list[Segment] = []
    for part in filter(None, [text[:split], *streets]):
        if segments:
            segments[-1] = _then_pause(segments[-1], GROUP_PAUSE_MS)
        segments.extend(_address_part(part))
    return segments


def email(text: str) -> list[Segment]:
    """Letters by their Chinese names, at most four between pauses; 大写 before each capital; signs said."""
    local, _, domain = text.partition("@")
    if not local or not domain or "@" in domain:
        raise SpeechError(f"{text!r} is no e-mail address")
    groups: list[list[Segment]] = []
    sign: list[Segment] = []
    for part in _EMAIL_PARTS.findall(text):
        if part in SIGNS:
            sign = [*sign, Segment(SIGNS[part]), Segment("，")]
            continue
        if part in WHOLE_LABELS and text.endswith("." + part):
            said = [[Segment(*WHOLE_LABELS[part])]]
        elif part.isdigit():
            said = [[Segment(digits(group))] for group in _even(part, _DIGITS_PER_GROUP)]
        else:
            said = [_letters(group) for group in _even(part, _LETTERS_PER_GROUP)]
        groups.extend([[*sign, *said[0]], *said[1:]])
        sign = []
    if sign:
        raise SpeechError(f"{text!r} ends with a sign")
    return [segment for group in groups for segment in (*group[:-1], _then_pause(group[-1], GROUP_PAUSE_MS))]


def plain(text: str) -> list[Segment]:
    """Chinese text that is read as it stands, such as a name or an explanation."""
    return [Segment(text)]


BY_KIND: dict[str, Callable[[str], list[Segment]]] = {
    "name": plain,
    "address": address,
    "postcode": postcode,
    "phone": phone,
    "email": email,
}


def field(kind: str, text: str) -> list[Segment]:
    """The spoken form of a field by its kind."""
    if kind not in BY_KIND:
        raise SpeechError(f"no rule for a field of kind {kind!r}; known: {', '.join(BY_KIND)}")
    return BY_KIND[kind](text)


def _letters(text: str) -> list[Segment]:
    segments: list[Segment] = []
    for letter in text:
        if segments:
            segments.append(Segment("，"))
        if letter.isupper():
            segments.append(Segment(CAPITAL))
        if letter.lower() not in LETTERS:
            raise SpeechError(f"no rule for {letter!r} in {text!r}")
        segments.append(Segment(*LETTERS[letter.lower()]))
    return segments


def _address_part(text: str) -> list[Segment]:
    segments: list[Segment] = []
    words = ""
    for hyphened, room, room_word, number, letter, other in _ADDRESS_PARTS.findall(text):
        if letter:
            segments.extend([Segment(words)] if words else [])
            segments.extend(_letters(letter))
            words = ""
        elif hyphened:
            words += SIGNS["-"].join(_number(part) for part in hyphened.split("-"))
        elif room:
            words += digits(room) + room_word
        else:
            words += _number(number) if number else other
    return [*segments, Segment(words)] if words else segments


def _number(text: str) -> str:
    return digits(text) if text[0] == "0" or len(text) > 4 else cardinal(int(text))


def _cut(text: str, sizes: list[int]) -> list[str]:
    ends = [sum(sizes[: index + 1]) for index in range(len(sizes))]
    return [text[end - size : end] for size, end in zip(sizes, ends, strict=True)]


def _even(text: str, largest: int) -> list[str]:
    groups = -(-len(text) // largest)
    bounds = [len(text) * index // groups for index in range(groups + 1)]
    return [text[start:end] for start, end in pairwise(bounds)]


def _spaced(groups: Iterable[str]) -> list[Segment]:
    return [Segment(f"{group}，", pause_ms=GROUP_PAUSE_MS) for group in groups]


def _then_pause(segment: Segment, pause_ms: int) -> Segment:
    return replace(segment, pause_ms=pause_ms)
