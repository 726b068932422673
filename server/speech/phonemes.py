"""Chinese segments to the phoneme string a Kokoro voice reads.

Words come from rjieba, readings from pypinyin (both of the `tts` extra, imported on first use); a segment's
own pinyin goes before both. A word boundary becomes a space, Chinese punctuation its ASCII form.
Raises SpeechError for a character that has no reading and for a reading of the wrong length.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from server.core.spoken import Segment
from server.speech.engines import SpeechError
from server.speech.pinyin import word_ipa

_PUNCTUATION = {
    "，": ", ", "、": ", ", "。": ". ", "；": "; ", "：": ": ", "！": "! ", "？": "? ",
    ",": ", ", ".": ". ", ";": "; ", ":": ": ", "!": "! ", "?": "? ", " ": " ", "\u3000": " ",
}  # fmt: skip


def phonemes(segments: Iterable[Segment]) -> str:
    """One phoneme string for segments spoken in one breath."""
    parts: list[str] = []
    for segment in segments:
        if segment.pinyin is None:
            parts.extend(_text_ipa(segment.text))
        else:
            parts.append(" " + _given_ipa(segment) + " ")
    return " ".join("".join(parts).split()).replace(" ,", ",").replace(" .", ".")


def with_readings(segments: Iterable[Segment], readings: Mapping[str, str]) -> list[Segment]:
    """Splits segments so that each phrase of `readings` (phrase -> pinyin) is read as given, longest first."""
    phrases = sorted((p for p in readings if p), key=len, reverse=True)
    result: list[Segment] = []
    for segment in segments:
        if segment.pinyin is not None:
            result.append(segment)
            continue
        pieces = _split(segment.text, phrases)
        for index, piece in enumerate(pieces):
            last = index == len(pieces) - 1
            result.append(Segment(piece, readings.get(piece), segment.pause_ms if last else 0))
        if not pieces and segment.pause_ms:
            result.append(segment)
    return result


def _split(text: str, phrases: list[str]) -> list[str]:
    pieces: list[str] = []
    plain = ""
    position = 0
    while position < len(text):
        found = next((p for p in phrases if text.startswith(p, position)), None)
        if found is None:
            plain += text[position]
            position += 1
            continue
        if plain:
            pieces.append(plain)
            plain = ""
        pieces.append(found)
        position += len(found)
    return [*pieces, plain] if plain else pieces


def _given_ipa(segment: Segment) -> str:
    syllables = (segment.pinyin or "").split()
    if len(syllables) != len(segment.text):
        raise SpeechError(f"{segment.text!r} has {len(segment.text)} characters, its reading {len(syllables)}")
    return word_ipa(syllables)


def _text_ipa(text: str) -> Iterable[str]:
    from pypinyin import Style, lazy_pinyin
    from rjieba import cut

    for word in cut(text):
        if word in _PUNCTUATION:
            yield _PUNCTUATION[word]
            continue
        syllables = lazy_pinyin(word, style=Style.TONE3, neutral_tone_with_five=True, errors=_no_reading)
        yield " " + word_ipa(list(syllables)) + " "


def _no_reading(characters: str) -> str:
    raise SpeechError(f"no Mandarin reading for {characters!r}: write it out in Chinese")
