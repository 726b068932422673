"""FAQ of an outbound part: what is there, how many count, which say the same."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz

from telephony.content import OutboundPart
from telephony.seat import TextState
from telephony.state import TelephonyState

_EMPTY = TextState()
SAME_PCT = 92
"""Questions that are alike to this many per cent (rapidfuzz `ratio`) say the same."""
_NUMBERS = re.compile(r"[0-9]+|[零一二两三四五六七八九十百千万]+")
_FILLERS = ("请问", "你好", "您好", "你们", "您们", "一下", "可以", "吗", "呢", "啊", "呀", "吧", "的", "了")


@dataclass(frozen=True, slots=True)
class Question:
    """The `n`th pair (1 and up) as it stands."""

    n: int
    question: str
    answer: str

    @property
    def complete(self) -> bool:
        """Whether both halves hold something."""
        return bool(self.question.strip() and self.answer.strip())


def questions(part: OutboundPart, state: TelephonyState) -> list[Question]:
    """Every pair of which something is written, in order."""
    fields = state.texts.get(part.id, {})
    found = []
    for n in range(1, part.faq_most + 1):
        question, answer = fields.get(f"faq:{n}:q", _EMPTY).text, fields.get(f"faq:{n}:a", _EMPTY).text
        if question.strip() or answer.strip():
            found.append(Question(n, question, answer))
    return found


def normal(question: str) -> str:
    """Letters and digits only (NFKC, lower case), without polite and filling words."""
    text = "".join(char for char in unicodedata.normalize("NFKC", question).lower() if char.isalnum())
    bare = text
    for filler in _FILLERS:
        bare = bare.replace(filler, "")
    return bare or text


def duplicates(found: list[Question]) -> tuple[int, ...]:
    """Numbers of those whose question says the same as an earlier one's."""
    return _same(tuple((pair.n, pair.question) for pair in found))


# Asked for after every event of every attempt, while questions change but now and then.
@lru_cache(maxsize=1_024)
def _same(asked: tuple[tuple[int, str], ...]) -> tuple[int, ...]:
    seen: list[str] = []
    same = []
    for n, question in asked:
        text = normal(question)
        if not text:
            continue
        if any(_alike(text, other) for other in seen):
            same.append(n)
        else:
            seen.append(text)
    return tuple(same)


def _alike(text: str, other: str) -> bool:
    """Two that differ in a number ask about different things, however alike they are."""
    return text == other or (fuzz.ratio(text, other) >= SAME_PCT and _NUMBERS.findall(text) == _NUMBERS.findall(other))


def counted(found: list[Question]) -> int:
    """Questions with an answer, duplicates not counted."""
    same = duplicates(found)
    return sum(pair.complete and pair.n not in same for pair in found)
