"""Deterministic search in Chinese and Latin text: equal queries on equal articles give equal hits on every machine.

No dictionary and no statistics of use: NFKC, lower case, character bigrams of Chinese, whole Latin words and numbers.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from server.knowledge.articles import Entry, Hit

MOST_HITS = 20
EXCERPT = 48
"""Characters of an excerpt."""
_RUN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]+|[a-z0-9]+")
_TITLE, _KEYWORD, _BODY = 6, 8, 2
_PHRASE_TITLE, _PHRASE_KEYWORD, _PHRASE_BODY = 30, 40, 10
_MOST_IN_BODY = 3
"""Occurrences of one token in a body that count: a long article is not better for being long."""


@lru_cache(maxsize=2_048)
def normal(text: str) -> str:
    """NFKC, lower case; kept, since the same articles are searched by everybody."""
    return unicodedata.normalize("NFKC", text).lower()


@lru_cache(maxsize=4_096)
def tokens(text: str) -> tuple[str, ...]:
    """Distinct tokens in order: bigrams of Chinese (a single character stands for itself), Latin words, numbers."""
    found: dict[str, None] = {}
    for run in _RUN.findall(normal(text)):
        if run.isascii() or len(run) == 1:
            found[run] = None
        else:
            for start in range(len(run) - 1):
                found[run[start : start + 2]] = None
    return tuple(found)


def search(query: str, entries: Iterable[Entry], most: int = MOST_HITS) -> list[Hit]:
    """Articles in which at least a third of the query's tokens occur, best first, equal ones by id."""
    wanted = tokens(query)
    if not wanted:
        return []
    phrase = "".join(_RUN.findall(normal(query)))
    hits = [hit for entry in entries if (hit := _hit(entry, wanted, phrase)) is not None]
    return sorted(hits, key=lambda hit: (-hit.score, hit.id))[:most]


def _hit(entry: Entry, wanted: tuple[str, ...], phrase: str) -> Hit | None:
    title, body = normal(entry.title), normal(entry.body)
    keywords = [normal(keyword) for keyword in entry.keywords]
    score = matched = 0
    for token in wanted:
        worth = _TITLE * (token in title) + _KEYWORD * any(token in keyword for keyword in keywords)
        worth += _BODY * min(body.count(token), _MOST_IN_BODY)
        score += worth
        matched += worth > 0
    if matched * 3 < len(wanted) or not score:
        return None
    score += _PHRASE_TITLE * (phrase in _bare(title)) + _PHRASE_BODY * (phrase in _bare(body))
    score += _PHRASE_KEYWORD * any(phrase == _bare(keyword) for keyword in keywords)
    # Articles that hold all that was asked for come before those that hold some of it often.
    score += 1_000 * matched // len(wanted)
    return Hit(id=entry.id, title=entry.title, score=score, excerpt=_excerpt(entry.body, wanted))


@lru_cache(maxsize=4_096)
def _bare(text: str) -> str:
    return "".join(_RUN.findall(text))


def _excerpt(body: str, wanted: tuple[str, ...]) -> str:
    """The body around the first token that occurs in it, its beginning if none does."""
    flat = " ".join(body.split())
    lower = flat.lower()
    at = min((place for token in wanted if (place := lower.find(token)) >= 0), default=0)
    start = max(0, at - EXCERPT // 4)
    end = start + EXCERPT
    return f"{'…' if start else ''}{flat[start:end].strip()}{'…' if end < len(flat) else ''}"
