"""What a voice reads for a card: each field led in by its name, then the author's explanation. Pauses in ms.

A recording is the opening, the card, a pause, `REPEAT` and the card again.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from server.core.errors import Fault
from server.core.spoken import Segment
from server.core.text import Text
from server.speech.engines import SpeechError
from server.speech.phonemes import with_readings
from server.speech.pinyin import word_ipa
from server.speech.spoken import BY_KIND, plain
from typing_test.policy import FieldKind, FieldSpec

OPENING = (Segment("您好，请听录音，登记客户信息。", pause_ms=600),)
REPEAT = (Segment("下面重复一遍。", pause_ms=600),)
BETWEEN_READINGS_MS = 1200
COMMON_READINGS = {"电子邮箱": "dian4 zi3 you2 xiang1"}
"""Phrases of every card that voices get wrong."""
_FIELD_PAUSE_MS = 550
_HINT_PAUSE_MS = 250
_LEAD_IN = {
    "name": "客户姓名，",
    "address": "联系地址，",
    "postcode": "邮政编码，",
    "phone": "联系电话，",
    "email": "电子邮箱，",
}
_UNSAYABLE = re.compile(r"[^\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff，、。；：！？,.;:!? \u3000]")


@dataclass(frozen=True, slots=True)
class Line:
    """One field of a card as it is read out."""

    kind: FieldKind
    label: str
    text: str
    hint: str


def card(lines: Iterable[Line], readings: Mapping[str, str]) -> list[Segment]:
    """One reading of a card; `readings` go before the usual ones. Raises SpeechError for a text without a rule."""
    said: list[Segment] = []
    for line in lines:
        said.append(Segment(_LEAD_IN.get(line.kind, f"{line.label}，")))
        said.extend(_field(line.kind, line.text))
        if line.hint:
            said.append(replace(said.pop(), pause_ms=_HINT_PAUSE_MS))
            said.append(Segment(line.hint))
        said.append(replace(said.pop(), pause_ms=_FIELD_PAUSE_MS))
    return with_readings(said, {**COMMON_READINGS, **readings})


def faults(spec: FieldSpec, text: str, hint: str, readings: Mapping[str, str], path: str) -> list[Fault]:
    """What of a field can't be read out, by paths below that of its answer; never severe, since people can record."""
    found = []
    if spec.kind not in _LEAD_IN and (unsaid := _unsaid([Segment(spec.label.zh)])):
        found.append(_unreadable(f"{path}.text", f"字段名中的“{unsaid}”", f"{unsaid!r} in the field's label"))
    try:
        said: Sequence[Segment] = _field(spec.kind, text) if text else ()
    except SpeechError:
        found.append(_unreadable(f"{path}.text", f"“{text}”", repr(text)))
    else:
        if unsaid := _unsaid(said):
            found.append(_unreadable(f"{path}.text", f"“{unsaid}”", repr(unsaid)))
    if unsaid := _unsaid([Segment(hint)]):
        found.append(_unreadable(f"{path}.hint", f"“{unsaid}”", repr(unsaid)))
    found.extend(
        _fault(
            f"{path}.readings",
            f"“{phrase}”的读音“{pinyin}”不对：每个字一个带声调数字的拼音，例如 单: shan4",
            f"The reading {pinyin!r} of {phrase!r} is wrong: one numbered syllable a character, such as 单: shan4",
        )
        for phrase, pinyin in readings.items()
        if not _is_reading(phrase, pinyin)
    )
    return found


def _field(kind: FieldKind, text: str) -> list[Segment]:
    return BY_KIND.get(kind, plain)(text)


def _unsaid(segments: Iterable[Segment]) -> str:
    return "".join(dict.fromkeys("".join(_UNSAYABLE.findall("".join(each.text for each in segments)))))


def _is_reading(phrase: str, pinyin: str) -> bool:
    syllables = pinyin.split()
    try:
        word_ipa(syllables)
    except SpeechError:
        return False
    return 0 < len(phrase) == len(syllables)


def _unreadable(path: str, zh: str, en: str) -> Fault:
    return _fault(
        path,
        f"{zh}没有朗读规则，不能用语音合成：请改写成汉字，或者自己录音",
        f"No rule says how to read {en}: write it in Chinese characters, or record it yourself",
    )


def _fault(path: str, zh: str, en: str) -> Fault:
    return Fault(path=path, text=Text(zh=zh, en=en), severe=False)
