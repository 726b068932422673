"""Numbered pinyin to IPA, readings given by the author, the vocabulary of the model."""

import pytest

from server.core.spoken import Segment
from server.speech import kokoro
from server.speech.engines import SpeechError
from server.speech.phonemes import phonemes, with_readings
from server.speech.pinyin import SYMBOLS, syllable_ipa, word_ipa
from server.speech.spoken import LETTERS, WHOLE_LABELS

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("pinyin", "ipa"),
    [
        ("zhong1", "ꭧʊ→ŋ"),
        ("guo2", "kwo↗"),
        ("shi4", "ʂɨ↘"),
        ("si1", "sɨ→"),
        ("xi1", "ɕi→"),
        ("ju2", "ʨy↗"),
        ("xue2", "ɕɥe↗"),
        ("quan2", "ʨʰɥɛ↗n"),
        ("nv3", "ny↓"),
        ("lüe4", "lɥe↘"),
        ("liu2", "ljou↗"),
        ("gui4", "kwei↘"),
        ("chun1", "ꭧʰwə→n"),
        ("er2", "ɚ↗"),
        ("de5", "tɤ"),
        ("ying2", "i↗ŋ"),
        ("bo1", "pwo→"),
    ],
)
def test_syllable(pinyin: str, ipa: str) -> None:
    assert syllable_ipa(pinyin) == ipa


def test_a_glide_keeps_two_vowels_of_a_word_apart() -> None:
    assert word_ipa(["qi2", "ying2"]) == "ʨʰi↗ji↗ŋ"
    assert word_ipa(["ren4", "wu5"]) == "ɻə↘nwu"
    assert word_ipa(["guan1", "yu2"]) == "kwa→nɥy↗"
    assert word_ipa(["ou1", "yang2"]) == "ou→ja↗ŋ"


@pytest.mark.parametrize("text", ["", "1", "ma", "ma6", "xyz1", "hello1", "zhong"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(SpeechError):
        syllable_ipa(text)


def test_the_model_knows_every_symbol() -> None:
    assert set(kokoro._VOCABULARY) >= SYMBOLS


def test_letter_names_have_a_pronunciation() -> None:
    for text, reading in [*LETTERS.values(), *WHOLE_LABELS.values()]:
        assert phonemes([Segment(text, reading)])


def test_readings_split_the_text_and_keep_the_pause_at_the_end() -> None:
    readings = {"单": "dan1", "单钰涵": "shan4 yu4 han2"}
    assert with_readings([Segment("我是单钰涵，简单", pause_ms=300)], readings) == [
        Segment("我是"),
        Segment("单钰涵", "shan4 yu4 han2"),
        Segment("，简"),
        Segment("单", "dan1", 300),
    ]


def test_a_reading_already_given_stays() -> None:
    given = Segment("单", "shan4", 100)
    assert with_readings([given], {"单": "dan1"}) == [given]


def test_a_reading_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(SpeechError, match="2 characters"):
        phonemes([Segment("尉迟", "yu4")])


def test_an_engine_without_its_files_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CCSS_VOICES_DIR", raising=False)
    ready, reason = kokoro.KokoroEngine().available()
    assert not ready
    assert reason
