"""Numbered pinyin to the IPA that the Kokoro-82M voices were trained on.

`syllable_ipa("zhong1") == "ꭧʊ→ŋ"`; tone 5 (or 0) is the neutral tone and has no mark. Follows misaki 0.9.4
(Apache-2.0, table after pinyin-to-ipa, MIT) syllable by syllable, with one addition: inside a word a
syllable that begins with y or w keeps a glide, since 旗营 was otherwise heard as one long vowel.
Raises SpeechError for anything that is not a Mandarin syllable.
"""

from __future__ import annotations

import re

from server.speech.engines import SpeechError

_INITIALS = {
    "b": "p", "c": "ʦʰ", "ch": "ꭧʰ", "d": "t", "f": "f", "g": "k", "h": "x", "j": "ʨ", "k": "kʰ",
    "l": "l", "m": "m", "n": "n", "p": "pʰ", "q": "ʨʰ", "r": "ɻ", "s": "s", "sh": "ʂ", "t": "tʰ",
    "x": "ɕ", "z": "ʦ", "zh": "ꭧ", "": "",
}  # fmt: skip

# "0" is where the tone mark goes.
_FINALS = {
    "a": "a0", "ai": "ai0", "an": "a0n", "ang": "a0ŋ", "ao": "au0", "e": "ɤ0", "ei": "ei0", "en": "ə0n",
    "eng": "ə0ŋ", "i": "i0", "ia": "ja0", "ian": "jɛ0n", "iang": "ja0ŋ", "iao": "jau0", "ie": "je0",
    "in": "i0n", "iou": "jou0", "ing": "i0ŋ", "iong": "jʊ0ŋ", "ong": "ʊ0ŋ", "ou": "ou0", "u": "u0",
    "uei": "wei0", "ua": "wa0", "uai": "wai0", "uan": "wa0n", "uen": "wə0n", "uang": "wa0ŋ",
    "ueng": "wə0ŋ", "uo": "wo0", "o": "wo0", "ü": "y0", "üe": "ɥe0", "üan": "ɥɛ0n", "ün": "y0n",
}  # fmt: skip

_WHOLE = {"er": "ɚ0", "o": "ɔ0", "yo": "jɔ0", "ê": "ɛ0", "m": "m0", "n": "n0", "ng": "ŋ0"}
_ZERO_INITIAL = {
    "yi": "i", "ya": "ia", "yao": "iao", "ye": "ie", "you": "iou", "yan": "ian", "yin": "in", "yang": "iang",
    "ying": "ing", "yong": "iong", "wu": "u", "wa": "ua", "wo": "uo", "wai": "uai", "wei": "uei", "wan": "uan",
    "wen": "uen", "wang": "uang", "weng": "ueng", "yu": "ü", "yue": "üe", "yuan": "üan", "yun": "ün",
}  # fmt: skip
_SHORT_FINALS = {"iu": "iou", "ui": "uei", "un": "uen", "ue": "üe"}
_GLIDES = {"i": "j", "u": "w", "y": "ɥ"}
_TONES = {"1": "→", "2": "↗", "3": "↓", "4": "↘", "5": "", "0": ""}
_SYLLABLE = re.compile(r"(zh|ch|sh|[bpmfdtnlgkhjqxrzcs]?)([aeiouüê]+(?:ng|n|r)?|ng|m|n)([0-5])")

SYMBOLS = frozenset("".join([*_INITIALS.values(), *_FINALS.values(), *_WHOLE.values(), "ɨjwɥ→↗↓↘"])) - {"0"}


def syllable_ipa(pinyin: str, *, inside_word: bool = False) -> str:
    """IPA of one numbered syllable; `inside_word` says that another syllable of the word precedes it."""
    spelled = pinyin.lower().replace("v", "ü").replace("u:", "ü")
    if len(spelled) < 2 or spelled[-1] not in _TONES:
        raise SpeechError(f"{pinyin!r} is no numbered pinyin syllable")
    plain, tone = spelled[:-1], _TONES[spelled[-1]]
    if plain in _WHOLE:
        return _WHOLE[plain].replace("0", tone)
    if plain in _ZERO_INITIAL:
        ipa = _FINALS[_ZERO_INITIAL[plain]]
        if inside_word:
            ipa = _GLIDES.get(ipa[0], "") + ipa
        return ipa.replace("0", tone)
    match = _SYLLABLE.fullmatch(spelled)
    if match is None:
        raise SpeechError(f"{pinyin!r} is no numbered pinyin syllable")
    initial, final = match[1], match[2]
    if initial in ("j", "q", "x") and final[0] == "u":
        final = "ü" + final[1:]
    final = _SHORT_FINALS.get(final, final)
    if final not in _FINALS:
        raise SpeechError(f"{pinyin!r} is no numbered pinyin syllable")
    if final == "i" and initial in ("zh", "ch", "sh", "r", "z", "c", "s"):
        return f"{_INITIALS[initial]}ɨ{tone}"
    return _INITIALS[initial] + _FINALS[final].replace("0", tone)


def word_ipa(syllables: list[str]) -> str:
    """IPA of one word from its numbered syllables."""
    return "".join(syllable_ipa(s, inside_word=index > 0) for index, s in enumerate(syllables))
