"""Whether the explanation of a text (弓长张，节日的节) holds what it explains."""

import re
from collections.abc import Iterator

from server.core.text import Text
from typing_test.policy import FieldKind

_PIECE = re.compile(r"[^，、。；：！？,.;:!?\s]+")
_WORD = re.compile(r"(.+)的(.)(?:字)?")
_PART_OF_CHARACTER = re.compile(r"[旁头底框部边耳]$")
_COMPOSED = re.compile(r"[加旁头底框部边]|上面|下面|去掉")
_UNMISTAKABLE = frozenset("雪水牛女你我")
"""Characters of names that have no homophone with the same tone in ordinary use."""


def doubts(kind: FieldKind, text: str, hint: str) -> Iterator[Text]:
    """What is doubtful in the explanation of a text."""
    for piece in _PIECE.findall(hint):
        match = _WORD.fullmatch(piece)
        if match is None:
            continue
        word, character = match.groups()
        if character not in word and not _PART_OF_CHARACTER.search(word):
            yield Text(
                zh=f"“{piece}”里，“{word}”没有“{character}”这个字：请换一个带“{character}”的词",
                en=f"In {piece!r}, {word!r} doesn't hold {character!r}: take a word that does",
            )
        elif text and character not in text and not _COMPOSED.search(word):
            yield Text(
                zh=f"“{piece}”说明的“{character}”不在答案“{text}”里：请核对哪个字写错了",
                en=f"{piece!r} explains {character!r}, which isn't in the answer {text!r}: one of them is wrong",
            )
    if kind != "name":
        return
    unexplained = "".join(dict.fromkeys(c for c in text if c not in hint and c not in _UNMISTAKABLE and c > "\u2fff"))
    if unexplained:
        yield Text(
            zh=f"姓名中的“{unexplained}”没有说明，同音字分不清：请在说明里写明，例如“弓长张，佳节的佳”",
            en=f"{unexplained!r} of the name isn't explained, so homophones can't be told apart: say which it is",
        )
