"""What means the same as a word, or the opposite, and where such words stand in a text."""

import re
from functools import lru_cache
from typing import NamedTuple

from chat_sim.understanding.synonyms import GROUPS


class Sense(NamedTuple):
    """Surfaces of a word, as text or as expressions, each with +1 or -1 for the contrary."""

    texts: tuple[tuple[str, int], ...]
    expressions: tuple[tuple[re.Pattern[str], int], ...] = ()


def _compiled() -> dict[str, Sense]:
    """Each surface that is plain text to the senses of all groups that hold it, signs relative to it."""
    texts: dict[str, dict[str, int]] = {}
    expressions: dict[str, dict[str, int]] = {}
    for same, opposite in GROUPS:
        surfaces = [(one, 1) for one in _split(same)] + [(one, -1) for one in _split(opposite)]
        for surface, sign in surfaces:
            if surface.startswith("re:"):
                continue
            for other, other_sign in surfaces:
                where = expressions if other.startswith("re:") else texts
                where.setdefault(surface, {}).setdefault(other.removeprefix("re:"), sign * other_sign)
    return {
        surface: Sense(
            tuple(sorted(found.items(), key=lambda item: -len(item[0]))),
            tuple((re.compile(one), sign) for one, sign in expressions.get(surface, {}).items()),
        )
        for surface, found in texts.items()
    }


def _split(surfaces: str) -> list[str]:
    """Surfaces by "|", an expression with bars inside its brackets whole."""
    parts: list[str] = []
    depth, current = 0, ""
    for character in surfaces:
        depth += (character in "([") - (character in ")]")
        if character == "|" and not depth:
            parts.append(current)
            current = ""
        else:
            current += character
    return [part for part in (*parts, current) if part]


_SENSES = _compiled()
_LONGEST = max(map(len, _SENSES))


def expressions() -> tuple[Sense, ...]:
    """For each group with expressions, its sense seen from its first surface."""
    return _WITH_EXPRESSIONS


_WITH_EXPRESSIONS = tuple(
    dict.fromkeys(_SENSES[_split(same)[0]] for same, opposite in GROUPS if "re:" in same or "re:" in opposite)
)


@lru_cache(maxsize=8_192)
def sense(word: str) -> Sense | None:
    """What means the same as `word`, or the opposite."""
    return _SENSES.get(word)


def words_in(text: str) -> list[tuple[int, int]]:
    """Places of the words of the lexicon, from the left, the longest first."""
    found: list[tuple[int, int]] = []
    at = 0
    while at < len(text):
        for length in range(min(_LONGEST, len(text) - at), 0, -1):
            if text[at : at + length] in _SENSES:
                found.append((at, at + length))
                at += length
                break
        else:
            at += 1
    return found
