"""Whether a message says what a wording says, says its contrary, or says nothing of it."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz

from chat_sim.understanding.hits import Hit, hits_of
from chat_sim.understanding.inner_figures import figures_of
from chat_sim.understanding.message import BASE, TOPIC, Message
from chat_sim.understanding.named import Subjects, named
from chat_sim.understanding.polarity import UNFIT, direction, handled, only_from, turned_by
from chat_sim.understanding.roles import rejected
from chat_sim.understanding.small_words import WEAK
from chat_sim.understanding.wordings import Unit, Wording

_ENOUGH = 75
"""Percent of a wording's weight that must be there, if it has four words or more; of fewer all."""
_SIMILAR = 78
"""rapidfuzz ratio from which on a wording of four characters or more is taken for mistyped."""
_MOSTLY = 70
"""rapidfuzz ratio that a wording of small words needs beside its words."""
_PARTICLES = re.compile(r"[亲的哦呢啊呀吧哈您好是]+")
_AFFIRMED = re.compile(r"的话,?(?:我们|这个|目前|也|都|是)*(?:可以|能|有|支持|行|没问题|会|是)(?:的|哦|呢|亲|,|$)")
_HEAD = 4
"""Characters from which on the last two of a word are what it is one of (电子发票 is a 发票)."""
_NEVER_TYPED = frozenset(
    "大小男女新旧前后上下长短高低厚薄轻重贵真假有电纸先多少里外内左右早晚冷热红黑白蓝绿黄紫灰专普单双软硬深浅快慢退换补只"
    "不没无别非未免勿0123456789一二三四五六七八九十百千两半"
)
"""Characters in which a wording and a mistyped one must not differ."""


@dataclass(frozen=True, slots=True)
class Match:
    """`agrees`: the message says it, else the contrary. Place in the normalised text; `sure` in percent."""

    agrees: bool
    start: int
    end: int
    sure: int
    rule: str


def statement(
    whole: Message,
    said: Wording,
    told: Sequence[Subjects],
    concerned: frozenset[str],
    question: Message | None = None,
    overlook: int = 0,
) -> tuple[Match | None, Match | None]:
    """The surest match that agrees with the wording, and the surest one that says the contrary; later ones win ties.

    `concerned`: products that the need is about; a clause that speaks of others only is passed over. `question`: what
    the customer asked, which an answer need not repeat, and which it denies as a whole if it denies the thing.
    """
    given = _given(question, said) if question is not None else ()
    matches = list(_matches(whole, said, told, concerned, given, said.flags | overlook, bool(overlook)))
    agreeing = [match for match in matches if match.agrees]
    contrary = [match for match in matches if not match.agrees]
    best = max(agreeing, key=lambda match: (match.sure, match.start), default=None)
    return best, max(contrary, key=lambda match: (match.sure, match.start), default=None)


def _matches(
    whole: Message,
    said: Wording,
    told: Sequence[Subjects],
    concerned: frozenset[str],
    given: tuple[bool, ...],
    passed: int,
    strict: bool,
) -> Iterable[Match]:
    if said.literal:
        yield from _literal(whole, said)
        return
    if not said.units and not said.figures:
        yield from _product(whole, said)
        return
    if said.about and all(unit.weak or unit.text in WEAK for unit in said.units) and not said.figures:
        yield from _chosen(whole, said)
    hits = [hits_of(whole, unit) for unit in said.units]
    for spare in ((False,) * len(said.units), given) if any(given) else ((False,) * len(said.units),):
        found = False
        if not _reaches(said, spare, [bool(hit) for hit in hits]):
            continue
        for size in (1,) if strict else (1, 2, 3):
            for first in range(len(whole.clauses) - size + 1):
                match = _within(whole, said, hits, first, size, told, concerned, spare, passed, given, strict)
                if match is not None:
                    found = True
                    yield match
            if found:
                return
    yield from _refused(whole, said, hits, given, told, concerned)
    yield from _similar(whole, said, told, concerned, strict)


def _whole_there(whole: Message, said: Wording, first: int, last: int) -> bool:
    """Most of a wording that is small words for the greater part."""
    body = whole.text[whole.clauses[first].start : whole.clauses[last].end]
    return fuzz.partial_ratio(said.text, body) >= _MOSTLY if len(body) >= len(said.text) else said.text == body


def _chosen(whole: Message, said: Wording) -> Iterable[Match]:
    """A recommendation of a product that is nothing but its name."""
    for one in named(whole, said.names):
        clause = whole.clauses[whole.of_clause[one.start]]
        rest = whole.text[clause.start : one.start] + whole.text[one.end : clause.end]
        if said.about.intersection(one.products) and not whole.flags[one.start] and not _PARTICLES.sub("", rest):
            yield Match(True, one.start, one.end, 85, "wording")


def _product(whole: Message, said: Wording) -> Iterable[Match]:
    """A wording that is a product's name: the message names that product, or denies it."""
    for one in named(whole, said.names):
        if said.about.intersection(one.products) and not whole.flags[one.start]:
            agrees = whole.sign(one.start, one.end) * said.sign > 0
            yield Match(agrees, one.start, one.end, 95, "wording" if agrees else "contrary")


def _reaches(said: Wording, spare: tuple[bool, ...], there: list[bool]) -> bool:
    """Whether what is there makes enough of the wording; `spare` words are not wanted."""
    wanted = covered = count = 0
    for unit, spared, found in zip(said.units, spare, there, strict=True):
        if not spared and not unit.weak:
            count += 1
            wanted += unit.weight
            covered += unit.weight * found
    if not count and not said.figures and not said.units:
        return False
    return covered * 100 >= wanted * (_ENOUGH if count > 3 else 100)


@lru_cache(maxsize=8_192)
def _given(question: Message, said: Wording) -> tuple[bool, ...]:
    """Which words of the wording the customer's question has. None counts if the wording has nothing else."""
    there = tuple(not unit.weak and not unit.contrary and bool(hits_of(question, unit)) for unit in said.units)
    asked = {(one.kind, one.low, one.high, one.word) for one in question.quantities}
    more = any(not unit.weak and not known for unit, known in zip(said.units, there, strict=True))
    more |= any((one.kind, one.low, one.high, one.word) not in asked for one in said.figures)
    return there if more else (False,) * len(there)


def _refused(
    whole: Message, said: Wording, hits: list[list[Hit]], given: tuple[bool, ...], told: Sequence[Subjects],
    concerned: frozenset[str],
) -> Iterable[Match]:  # fmt: skip
    """The thing that was asked for is denied, whatever else the wording says of it (没有礼盒 for 免费礼盒)."""
    for unit, known, found in zip(said.units, given, hits, strict=True) if given else ():
        if not known or unit.weak or unit.bound or unit.sign < 0:
            continue
        for hit in found:
            if hit.sign < 0 and not whole.flags[hit.start] and direction(whole, said, told[hit.clause], concerned) > 0:
                yield Match(False, hit.start, hit.end, min(hit.sure, 75), "contrary")
    for unit in said.units:
        if len(unit.text) >= _HEAD and unit.sign > 0 and not unit.weak and not unit.bound:
            yield from _none_at_all(whole, unit.text[-2:])


def _none_at_all(whole: Message, head: str) -> Iterable[Match]:
    """没有发票 where a kind of 发票 is promised."""
    at = whole.text.find(head)
    while at >= 0:
        alone = not at or whole.text[at - 1] in "有供开出具给的了,没过张任何。!~"
        if alone and whole.signs[at] < 0 and not whole.flags[at]:
            yield Match(False, at, at + len(head), 70, "contrary")
        at = whole.text.find(head, at + 1)


def _within(
    whole: Message, said: Wording, hits: list[list[Hit]], first: int, size: int, told: Sequence[Subjects],
    concerned: frozenset[str], spare: tuple[bool, ...], passed: int, given: tuple[bool, ...], strict: bool,
) -> Match | None:  # fmt: skip
    """The wording inside `size` clauses from `first` on."""
    last = first + size - 1
    if whole.clauses[last].sentence - whole.clauses[first].sentence > (1 if size == 2 else 0):
        return None
    turn = direction(whole, said, told[last], concerned)
    if turn == 0:
        return None
    used: list[tuple[Unit, Hit]] = []
    for unit, found, known in zip(said.units, hits, given or (False,) * len(hits), strict=True):
        inside = [hit for hit in found if first <= hit.clause <= last]
        topic = TOPIC if known else 0
        open_ones = [hit for hit in inside if not whole.flags[hit.start] & ~(passed | topic)]
        if inside and not open_ones and not unit.weak and not unit.bound:
            return None
        if open_ones or (inside and unit.bound):
            hit = max(open_ones or inside, key=lambda hit: (hit.sign * unit.sign * turn, hit.sure, hit.start))
            used.append((unit, handled(whole, unit, hit)))
    solid = [(unit, hit) for unit, hit in used if not unit.weak]
    there = {unit for unit, _ in solid}
    if not _reaches(said, spare, [unit in there for unit in said.units]):
        return None
    if size > 1 and len({hit.clause for _, hit in used}) < 2 and not said.figures:
        return None
    if solid and all(whole.flags[hit.start] & TOPIC and hit.sign > 0 for _, hit in solid):
        behind = whole.text[max(hit.end for _, hit in solid) : whole.clauses[last].end]
        if _AFFIRMED.match(behind) is None:
            return None
    figures, other = figures_of(whole, said, first, last)
    if figures is None:
        return None
    if not said.figures and solid and not turned_by(solid, turn) and only_from(whole, solid):
        start, end = min(hit.start for _, hit in solid), max(hit.end for _, hit in solid)
        return Match(False, start, end, 80, "contrary")
    spans = [(hit.start, hit.end) for _, hit in used] + [(one.start, one.end) for one in figures]
    if not spans:
        return None
    if said.thin and not _whole_there(whole, said, first, last):
        return None
    turned = turned_by(solid, turn)
    if any(unit.bound for unit in turned) and not (said.mixed and len(turned) == len(solid)):
        return None
    agrees = not turned or (said.mixed and len(turned) == len(solid) > 1)
    if not solid:
        agrees = not any(rejected(whole, one) for one in figures)
        if any(whole.flags[one.start] & ~passed for one in figures):
            return None
    if (
        strict
        and agrees
        and solid
        and UNFIT.match(whole.text, max(hit.end for _, hit in used), whole.clauses[last].end)
    ):
        return Match(False, min(a for a, _ in spans), max(b for _, b in spans), 80, "contrary")
    sure = min([hit.sure for _, hit in used] or [100]) - 5 * (size - 1)
    if said.weight:
        sure -= 25 * (said.weight - sum(unit.weight for unit in there)) // said.weight
    rules = {hit.rule for _, hit in used}
    rule = next((one for one in ("sound", "synonym") if one in rules), "wording")
    start, end = min(a for a, _ in spans), max(b for _, b in spans)
    if rule == "wording" and said.text not in whole.text:
        sure -= 5
    if other:
        return Match(False, start, end, sure - 15, "other figure") if agrees else None
    return Match(agrees, start, end, sure if agrees else sure - 5, rule if agrees else "contrary")


def _literal(whole: Message, said: Wording) -> Iterable[Match]:
    """A wording of small words as it stands, not with a negator before it."""
    at = whole.text.find(said.text)
    while at >= 0:
        if not whole.flags[at]:
            denied = whole.signs[at] < 0 or (at > 0 and whole.text[at - 1] in "不没别未无")
            yield Match(not denied, at, at + len(said.text), 90, "contrary" if denied else "wording")
        at = whole.text.find(said.text, at + 1)


def _similar(
    whole: Message, said: Wording, told: Sequence[Subjects], concerned: frozenset[str], strict: bool
) -> Iterable[Match]:
    """The whole wording mistyped: a character wrong, missing, too many or out of place."""
    if len(said.text) < 4 or said.figures or said.base:
        return
    if len(whole.characters.intersection(said.text)) * 3 < len(set(said.text)) * 2:
        return
    for index, clause in enumerate(whole.clauses):
        body = whole.text[clause.start : clause.end]
        if len(body) < len(said.text) - 1 or direction(whole, said, told[index], concerned) <= 0:
            continue
        place = fuzz.partial_ratio_alignment(said.text, body, score_cutoff=_SIMILAR)
        if place is None:
            continue
        start, end = clause.start + place.dest_start, clause.start + place.dest_end
        typed = whole.text[start:end]
        telling = [character for character in typed if character in _NEVER_TYPED or character.isascii()]
        if telling != [one for one in said.text if one in _NEVER_TYPED or one.isascii()] or any(
            whole.flags[at] & (~said.flags | BASE) for at in range(start, end)
        ):
            continue
        agrees = whole.sign(start, end) > 0 and not (strict and UNFIT.match(whole.text, end, clause.end))
        yield Match(agrees, start, end, int(place.score) - 10, "similar" if agrees else "contrary")
