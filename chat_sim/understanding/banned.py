"""服务禁语: words that the task forbids, also when they are spaced out or dotted, not inside a harmless longer word."""

from functools import lru_cache

from rjieba import cut

from chat_sim.content import ForbiddenWord
from chat_sim.understanding.message import message
from chat_sim.understanding.plain import plain

_SURELY = 3
"""Characters from which on a word is forbidden wherever it stands."""
_BESIDE = frozenset("我你您他她它的了吧啊呀呢吗哦嘛个这那去真太很最都又")
"""A longer word that adds only these to a forbidden one is forbidden too (他妈的 for 妈的)."""


def banned(text: str, words: tuple[ForbiddenWord, ...]) -> tuple[str, ...]:
    """The forbidden words in `text`, as the task writes them, each once, in the order of the task."""
    if not words:
        return ()
    bare = "".join(character for character in plain(text).text if character.isalnum())
    return tuple(dict.fromkeys(one.word for one in words if _holds(bare, _bare(one.word))))


@lru_cache(maxsize=1_024)
def _bare(word: str) -> str:
    return "".join(character for character in message(word).text if character.isalnum())


def _holds(bare: str, word: str) -> bool:
    at = bare.find(word) if word else -1
    while at >= 0:
        if _stands(bare, at, at + len(word)):
            return True
        at = bare.find(word, at + 1)
    return False


def _stands(bare: str, start: int, end: int) -> bool:
    """The word stands by itself, by the segmentation of the text."""
    word = bare[start:end]
    if word.isascii():
        before, after = bare[start - 1 : start] if start else "", bare[end : end + 1]
        return not (before.isascii() and before.isalnum()) and not (after.isascii() and after.isalnum())
    if end - start >= _SURELY:
        return True
    at = 0
    for token in cut(bare):
        first, at = at, at + len(token)
        if first <= start < at:
            if first == start and at <= end:
                return at == end or _ends_at(bare, at, end)
            return at >= end and not set(bare[first:start] + bare[end:at]) - _BESIDE
    return False


def _ends_at(bare: str, start: int, end: int) -> bool:
    """From `start` on, segmentation has a border at `end`."""
    at = start
    for token in cut(bare[start:]):
        at += len(token)
        if at >= end:
            return at == end
    return False
