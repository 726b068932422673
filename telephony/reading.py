"""What a voice reads for a line of a customer: digits and signs become what a person says.

Numbers of parcels, orders, telephones and papers go digit by digit (幺 for 1), dates, times, prices, shares and
counts as they are spoken. Raises SpeechError for a character without a rule.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from server.core.spoken import Segment
from server.speech.engines import SpeechError
from server.speech.phonemes import with_readings
from server.speech.pinyin import word_ipa
from server.speech.spoken import GROUP_PAUSE_MS, LETTERS, cardinal, digits, phone

_SENTENCE_PAUSE_MS = 350
_DIGITS_PER_GROUP = 4
_WAN = 10_000
_MEASURES = "个位张件份次台部本条只辆间套盒瓶袋包箱斤公斤天周年块点人家档款种遍样杯双把单页笔"
_UNITS = {
    "kg": "公斤", "km": "公里", "cm": "厘米", "mm": "毫米", "ml": "毫升", "m": "米", "g": "克",
    "Mbps": "兆", "M": "兆", "㎡": "平方米", "℃": "度",
}  # fmt: skip
_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_SIGNS = str.maketrans(
    {
        "(": "，", ")": "，", "（": "，", "）": "，", "—": "，", "–": "，", "…": "，", ":": "，", "：": "，", ";": "；",
        ",": "，", "?": "？", "!": "！", "“": "", "”": "", "‘": "", "’": "", '"': "", "'": "", "《": "", "》": "",
        "【": "", "】": "", "「": "", "」": "", "·": "", "•": "", "〇": "零", "~": "到", "～": "到", "+": "加",
        "&": "和", "=": "等于", "#": "井号", "@": "艾特", "_": "下划线", "/": "每", "*": "乘", "×": "乘", "-": "，",
    }
)  # fmt: skip
_SAYABLE = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff，、。；！？]*")
_MARKS = "，、。；！？"
_COMMAS = re.compile(r"，{2,}")
_BREAK = re.compile(r"(?<=[。！？])")
_MOBILE = r"(?<!\d)(?:\+?86[- ]?)?(1[3-9]\d[- ]?\d{4}[- ]?\d{4})(?!\d)"
_LANDLINE = r"(?<!\d)(0\d{2,3}-\d{7,8}|0\d{2,3}[2-9]\d{6,7}|400-?\d{3}-?\d{4}|400-?\d{4}-?\d{3})(?!\d)"


def script(text: str, readings: Mapping[str, str]) -> list[Segment]:
    """The line as it is spoken; `readings` go before the usual ones. Raises SpeechError."""
    said: list[Segment] = []
    rest = unicodedata.normalize("NFKC", text.replace("…", "，").replace("：", ":"))
    rest = re.sub(r"\s+", " ", rest).strip()
    at = 0
    while at < len(rest):
        found = [
            (match.start(), number, match)
            for number, (rule, _) in enumerate(_RULES)
            if (match := rule.search(rest, at))
        ]
        if not found:
            said.extend(_plain(rest[at:]))
            break
        start, number, match = min(found, key=lambda one: one[:2])
        said.extend(_plain(rest[at:start]))
        said.extend(_RULES[number][1](match))
        at = match.end()
    said = _tidy(said)
    if not any(segment.text.strip(_MARKS) for segment in said):
        raise SpeechError("nothing to say")
    return with_readings(said, readings)


def _tidy(segments: Sequence[Segment]) -> list[Segment]:
    """Without a comma that follows a comma, or stands at the beginning."""
    kept: list[Segment] = []
    for segment in segments:
        text = _COMMAS.sub("，", segment.text)
        if kept and kept[-1].text[-1] == "，" and text[:1] in tuple("。；！？"):
            kept[-1] = replace(kept[-1], text=kept[-1].text[:-1])
        elif not kept or kept[-1].text[-1] in _MARKS:
            text = text.lstrip("，、")
        if text:
            kept.append(replace(segment, text=text))
    return [segment for segment in kept if segment.text]


def unsayable(text: str) -> str:
    """What of a text has no rule; "" if all of it can be spoken."""
    try:
        script(text, {})
    except SpeechError as error:
        return str(error)
    return ""


def is_reading(phrase: str, pinyin: str) -> bool:
    """Whether there is a numbered syllable that exists for every character of a phrase."""
    syllables = pinyin.split()
    try:
        word_ipa(syllables)
    except SpeechError:
        return False
    return 0 < len(phrase) == len(syllables)


def count(number: str) -> str:
    """A number as it is counted, with its decimals: "12800" -> 一万二千八百, "0.5" -> 零点五. Raises SpeechError."""
    whole, _, decimals = number.replace(",", "").partition(".")
    said = _whole(int(whole))
    return f"{said}点{digits(decimals, one='一')}" if decimals else said


def _whole(number: int) -> str:
    if number < _WAN:
        return cardinal(number)
    high, low = divmod(number, _WAN)
    if high >= _WAN:
        raise SpeechError(f"{number}")
    gap = "零" if 0 < low < _WAN // 10 else ""
    # 12 is 十二, but 10012 is 一万零一十二.
    rest = f"{'一' if 10 <= low < 20 else ''}{cardinal(low)}" if low else ""
    return f"{'两' if high == 2 else cardinal(high)}万{gap}{rest}"


def _money(number: str) -> str:
    whole, _, decimals = number.replace(",", "").partition(".")
    said = "两" if whole == "2" and not decimals else _whole(int(whole))
    return f"{said}元" if not decimals.strip("0") else f"{said}点{digits(decimals, one='一')}元"


def _of_digits(text: str) -> list[Segment]:
    """Letters by their names, digits in groups of up to four."""
    said: list[Segment] = []
    for run in re.findall(r"[A-Za-z]+|\d+", text):
        if run.isdigit():
            groups = [run[at : at + _DIGITS_PER_GROUP] for at in range(0, len(run), _DIGITS_PER_GROUP)]
            if len(groups) > 1 and len(groups[-1]) == 1:
                groups[-2:] = [groups[-2][:2], groups[-2][2:] + groups[-1]]
            said.extend(Segment(f"{digits(group)}，", pause_ms=GROUP_PAUSE_MS) for group in groups)
        else:
            said.extend(_spelled(run))
    if said and said[-1].pause_ms:
        said.append(Segment(said.pop().text.rstrip("，")))
    return said


def _spelled(letters: str) -> list[Segment]:
    return [Segment(*LETTERS[letter.lower()]) for letter in letters]


def _plain(text: str) -> list[Segment]:
    """Chinese text; a pause after each sentence. Raises SpeechError for a character without a rule."""
    said = []
    for sentence in _BREAK.split(text.translate(_SIGNS).replace(" ", "")):
        if not _SAYABLE.fullmatch(sentence):
            raise SpeechError("".join(dict.fromkeys(_SAYABLE.sub("", sentence))))
        if sentence:
            said.append(Segment(sentence, pause_ms=_SENTENCE_PAUSE_MS if sentence[-1] in "。！？" else 0))
    return said


def _text(say: Callable[[re.Match[str]], str]) -> Callable[[re.Match[str]], list[Segment]]:
    return lambda match: [Segment(say(match))]


def _counted(number: str, measure: str) -> str:
    if number == "2" and measure in _MEASURES:
        return f"两{measure}"
    return f"{count(number)}{measure}"


def _range(match: re.Match[str]) -> str:
    return f"{count(match[1])}到{count(match[2])}"


def _clock(match: re.Match[str]) -> str:
    minutes = int(match[2])
    said = "整" if minutes == 0 else f"{'零' if minutes < 10 else ''}{cardinal(minutes)}分"
    return f"{'两' if int(match[1]) == 2 else cardinal(int(match[1]))}点{said}"


def _discount(match: re.Match[str]) -> str:
    return f"{digits(match[1].replace('.', ''), one='一')}折"


# The first rule that fits at the earliest place speaks; what is matched is never looked at again.
_RULES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], list[Segment]]], ...] = (
    (re.compile(_MOBILE), lambda match: phone(match[1])),
    (re.compile(_LANDLINE), lambda match: phone(match[1])),
    (re.compile(r"(?<!\d)(\d{4})年"), _text(lambda match: f"{digits(match[1], one='一')}年")),
    (re.compile(r"(?<!\d)(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)"), _text(
        lambda m: f"{digits(m[1], one='一')}年{cardinal(int(m[2]))}月{cardinal(int(m[3]))}日")),
    (re.compile(r"(?<!\d)([01]?\d|2[0-4]):([0-5]\d)(?!\d)"), _text(_clock)),
    (re.compile(r"(?:(?<=[号位码编])|(?<=[号位码编][是为 :，]))[A-Za-z]*\d{3,5}[Xx]?(?![\d元块年月日号点.,])"),
        lambda match: _of_digits(match[0])),
    (re.compile(r"[A-Za-z]*\d{6,}[A-Za-z]*(?!\d*元)"), lambda match: _of_digits(match[0])),
    (re.compile(r"[A-Za-z]+\d[A-Za-z0-9]*"), lambda match: _of_digits(match[0])),
    (re.compile(r"(?<!\d)\d*[Xx](?!\w)"), lambda match: _of_digits(match[0])),
    (re.compile(r"(?<!\d)(\d(?:\.\d)?)折"), _text(_discount)),
    (re.compile(rf"({_NUMBER})%"), _text(lambda match: f"百分之{count(match[1])}")),
    (re.compile(rf"[¥￥]({_NUMBER})"), _text(lambda match: _money(match[1]))),
    (re.compile(rf"({_NUMBER})元"), _text(lambda match: _money(match[1]))),
    (re.compile(rf"({_NUMBER})[-~～—]({_NUMBER})"), _text(_range)),
    (re.compile(r"(?<!\d)([1-9]\d{2,3})(室|房)"), _text(lambda match: digits(match[1]) + match[2])),
    (re.compile(rf"({_NUMBER})(Mbps|kg|km|cm|mm|ml|M|g|m|㎡|℃)(?![A-Za-z])"), _text(
        lambda match: count(match[1]) + _UNITS[match[2]])),
    (re.compile(r"(?<!\d)(0\d+)(?!\d)"), lambda match: _of_digits(match[1])),
    (re.compile(rf"({_NUMBER})(单元|[\u4e00-\u9fff])"), _text(lambda m: _counted(m[1], m[2]))),
    (re.compile(_NUMBER), _text(lambda match: count(match[0]))),
    (re.compile(r"[A-Za-z]+"), lambda match: _spelled(match[0])),
)  # fmt: skip
