"""How a reply of the desk is understood: which facts of the open needs it says, rightly or wrongly, and how sure."""

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import lru_cache

from chat_sim.content import ChatContent
from chat_sim.events import Finding, Verdict
from chat_sim.persona import Courtesy, Fact, FactKind, Need, Persona
from chat_sim.same import Same
from chat_sim.understanding.answers import answered
from chat_sim.understanding.asked import NUMERIC, Asked, asked, values
from chat_sim.understanding.banned import banned
from chat_sim.understanding.figures import judge_figure, stated_value
from chat_sim.understanding.manners import courtesies, waits_only
from chat_sim.understanding.message import MAYBE, QUESTION, Message, message
from chat_sim.understanding.named import Names, Subjects, names_of, recommended, subjects
from chat_sim.understanding.places import places_of
from chat_sim.understanding.statements import Match, statement
from chat_sim.understanding.wordings import wording
from server.core.frozen import Frozen

RULES = "chat/1"
"""Version of the rules, as it stands in `AgentSaid`: equal texts under equal rules give equal verdicts."""
_WORDLESS = ("greeting", "small_talk")
_OPPOSITES = ("promotion", "change_of_mind")
"""Kinds where the one thing that is wrong is the opposite of the one that is right (加钱, 价格不变)."""
_BLAMED = ("complaint", "photo", "insult")
_BLAME = re.compile(r"[您你]|自己|人为|使用不当")
"""Blame is put as a question as well: 是不是您自己弄坏的？"""
_BESIDE = re.compile(r"[不没无有会的了哦呢啊呀亲您,是这款双个都也可以能]+")
_OTHER_CASE = re.compile(r"另外|其他|其它|别的|除了|普通|以外")
_MARGIN = 10
"""A contrary match outweighs an agreeing one of the same fact only if it is surer by more percent than this."""
_MOST_FIGURES = 12
"""Who says more different figures than that in one message gives a list to choose from, and no answer."""


class Understood(Frozen):
    """What one message says.

    `findings`: one at most for each fact of each open need, of a need first the right ones, then the wrong ones.
    `suggested`: ids of the products that it names, in the order of the text. `words`: it holds a letter, a digit or a
    Chinese character. `waiting_only`: it asks to wait, and says nothing else.
    """

    findings: tuple[Finding, ...] = ()
    courtesy: tuple[Courtesy, ...] = ()
    forbidden: tuple[str, ...] = ()
    suggested: tuple[str, ...] = ()
    words: bool = False
    waiting_only: bool = False


class _Reading:
    """One message, one persona, the open needs: what all their facts are judged with."""

    def __init__(self, content: ChatContent, persona: Persona, needs: Sequence[Need], text: str) -> None:
        self.original = text
        self.content = content
        self.whole: Message = message(text)
        self.names: Names = names_of(content.shop)
        self.told: tuple[Subjects, ...] = subjects(self.whole, self.names)
        self.needs = needs
        self.asked: list[Asked] = [asked(n, fact) for n in needs for fact in n.facts if fact.kind in NUMERIC]
        self.void: set[tuple[str, str]] = set()
        """Facts that are affirmed and denied in one breath."""
        self.places = places_of(content.shop, persona.file.city)
        told = {(one.kind, one.unit, one.low, one.high) for one in self.whole.quantities}
        self.guesses = len(told) > _MOST_FIGURES

    def finding(self, need: Need, fact: str, right: bool, start: int, end: int, sure: int, rule: str) -> Finding:
        """Percent to a figure of two places, and the place in what was written."""
        first, last = self.whole.plain.span(start, end)
        return Finding(
            need=need.id, fact=fact, verdict="right" if right else "wrong", text=self.original[first:last],
            start=first, end=last, sure=(Decimal(max(1, min(sure, 100))) / 100).quantize(Decimal("0.01")), rule=rule,
        )  # fmt: skip


def understand(content: ChatContent, persona: Persona, open_needs: Sequence[Need], text: str) -> Understood:
    """What `text` says about `open_needs`. Pure; never raises, whatever the text."""
    return _understood(Same(content), Same(persona), tuple(map(Same, open_needs)), text)


@lru_cache(maxsize=2_048)
def _understood(
    content_: Same[ChatContent], persona_: Same[Persona], needs: tuple[Same[Need], ...], text: str
) -> Understood:
    content, persona, open_needs = content_.value, persona_.value, [need.value for need in needs]
    reading = _Reading(content, persona, open_needs, text)
    whole = reading.whole
    polite = courtesies(whole, content.courtesy)
    findings: list[Finding] = []
    for need in open_needs:
        mine = _of_need(reading, need)
        mine += [
            reading.finding(need, f"courtesy:{kind}", True, *polite[kind], 100, "courtesy")
            for kind in dict.fromkeys(need.courtesy)
            if kind in polite
        ]
        findings += sorted(mine, key=lambda one: one.verdict)
    preferred = frozenset(product for need in open_needs for product in need.products)
    suggested = recommended(whole, reading.names, preferred)
    said = any(not finding.fact.startswith("courtesy:") for finding in findings)
    return Understood(
        findings=tuple(findings),
        courtesy=tuple(polite),
        forbidden=banned(text, content.forbidden),
        suggested=suggested,
        words=any(character.isalnum() for character in whole.text),
        waiting_only="waiting" in polite and not said and not suggested and waits_only(whole, content.courtesy),
    )


def _of_need(reading: _Reading, need: Need) -> list[Finding]:
    found: list[Finding] = []
    for fact in need.facts:
        finding = _figure(reading, need, fact) if fact.kind in NUMERIC else _statement(reading, need, fact)
        if finding is not None:
            found.append(finding)
    if len(found) < len(need.facts):
        answer = answered(reading.whole, need, reading.needs, reading.names)
        known = {finding.fact for finding in found}
        if answer is not None and answer.fact not in known and (need.id, answer.fact) not in reading.void:
            sides = (answer.fact, answer.right, answer.start, answer.end, answer.sure, "answer")
            found.append(reading.finding(need, *sides))
    return _with_wrongs(reading, need, found)


def _figure(reading: _Reading, need: Need, fact: Fact) -> Finding | None:
    mine = next(one for one in reading.asked if one.need is need and one.fact_id == fact.id)
    figure = judge_figure(reading.whole, mine, reading.asked, reading.told, reading.content.shop, reading.places)
    if figure is None or reading.guesses:
        return None
    at = figure.quantity
    return reading.finding(need, fact.id, figure.right, at.start, at.end, figure.sure, figure.rule)


def _matched(
    reading: _Reading, need: Need, phrases: Iterable[str], overlook: int = 0
) -> tuple[Match | None, Match | None]:
    """The surest agreeing and the surest contrary match of any of the phrases."""
    concerned = frozenset(need.products)
    asks = message("。".join(need.asks)) if need.asks and not overlook else None
    agreeing: Match | None = None
    contrary: Match | None = None
    for phrase in phrases:
        yes, no = statement(
            reading.whole, wording(phrase, reading.names, bool(overlook)), reading.told, concerned, asks, overlook
        )
        if yes is not None and (agreeing is None or yes.sure > agreeing.sure):
            agreeing = yes
        if no is not None and (contrary is None or no.sure > contrary.sure):
            contrary = no
    return agreeing, contrary


def _statement(reading: _Reading, need: Need, fact: Fact) -> Finding | None:
    agreeing, contrary = _matched(reading, need, fact.accept)
    corrected = reading.whole.corrected
    if agreeing is not None and contrary is not None:
        taken_back = agreeing.start < corrected < contrary.start
        if taken_back or contrary.sure > agreeing.sure + _MARGIN:
            agreeing = None
        elif agreeing is not None and corrected < 0 and _both(reading, agreeing, contrary):
            reading.void.add((need.id, fact.id))
            return None
    best = agreeing or contrary
    if best is None:
        return None
    return reading.finding(need, fact.id, best.agrees != fact.denied, best.start, best.end, best.sure, best.rule)


def _both(reading: _Reading, agreeing: Match, contrary: Match) -> bool:
    """有货，没有货: two clauses that say nothing but yes and no of the same thing, so that neither is said."""
    whole = reading.whole
    said = []
    for match in (agreeing, contrary):
        clause = whole.clauses[whole.of_clause[match.start]]
        said.append((clause.start, _BESIDE.sub("", whole.text[clause.start : clause.end])))
    return said[0][0] != said[1][0] and said[0][1] == said[1][1]


def _with_wrongs(reading: _Reading, need: Need, found: list[Finding]) -> list[Finding]:
    """What is wrong by itself. A reply that says all that is required is held only against the very words of it. It
    takes the place of a fact's contrary at the same words; one that is denied is told only where nothing of the need
    was said rightly."""
    rights = [finding for finding in found if finding.verdict == "right"]
    said = {right.fact for right in rights}
    complete = bool(said) and all(fact.id in said for fact in need.facts if fact.required)
    required = [fact for fact in need.facts if fact.required]
    for wrong in need.wrong:
        agreeing, contrary = _stated(reading, need, wrong.kind, wrong.phrases)
        if agreeing is not None and agreeing.start < reading.whole.corrected and rights:
            agreeing = None
        if agreeing is not None:
            told = reading.finding(need, wrong.id, False, agreeing.start, agreeing.end, agreeing.sure, agreeing.rule)
            if complete and (told.sure < 1 or _of_another_case(reading, agreeing)):
                continue
            if any(right.start <= told.start and told.end <= right.end and right.sure >= told.sure for right in rights):
                continue
            found = [one for one in found if one.verdict == "right" or not _overlap(one, told)]
            found.append(told)
        elif contrary is not None and contrary.rule == "contrary" and not rights:
            sides = (True, contrary.start, contrary.end, contrary.sure, "denied")
            opposite = need.kind in _OPPOSITES and len(required) == len(need.wrong) == 1
            if opposite and required[0].kind == "statement" and not found:
                sides = (True, contrary.start, contrary.end, min(contrary.sure, 70), "denied")
                found.append(reading.finding(need, required[0].id, *sides))
                continue
            found.append(reading.finding(need, wrong.id, *sides))
    return found


def _of_another_case(reading: _Reading, match: Match) -> bool:
    """没拆封的可以退: allowed in the case that was not asked for."""
    whole = reading.whole
    clause = whole.clauses[whole.of_clause[match.start]]
    return any(clause.start <= first < match.end for first, _, _ in whole.denials) or (
        _OTHER_CASE.search(whole.text, clause.start, match.start) is not None
    )


def _stated(
    reading: _Reading, need: Need, kind: FactKind, phrases: tuple[str, ...]
) -> tuple[Match | None, Match | None]:
    if kind not in NUMERIC:
        blames = need.kind in _BLAMED and any(_BLAME.search(phrase) for phrase in phrases)
        return _matched(reading, need, phrases, MAYBE | QUESTION if blames else MAYBE)
    return stated_value(reading.whole, values(phrases, kind, ""), kind, reading.told, frozenset(need.products)), None


def _overlap(one: Finding, other: Finding) -> bool:
    return one.start < other.end and other.start < one.end


def settle(need: Need, findings: Iterable[Finding], courtesy: Iterable[Courtesy], understood: Understood) -> Verdict:
    """What the message `understood` did for `need`.

    `findings` and `courtesy` are all since the need was asked, oldest first, those of this message included. The last
    word on a fact counts; a thing that is wrong by itself (`Need.wrong`) is taken back by a later message that says
    anything of the need right. met: all required facts right, nothing wrong stands, courtesy complete; wrong: this
    message says something wrong; partial: it says something right; nothing: nothing of the need.
    """
    facts = {fact.id for fact in need.facts}
    last: dict[str, str] = {}
    for finding in findings:
        if finding.need != need.id or finding.fact.startswith("courtesy:"):
            continue
        if finding.verdict == "right":
            last = {fact: verdict for fact, verdict in last.items() if verdict == "right" or fact in facts}
        last[finding.fact] = finding.verdict
    mine = [finding for finding in understood.findings if finding.need == need.id]
    if any(finding.verdict == "wrong" for finding in mine):
        return "wrong"
    waits = understood.waiting_only and need.kind not in _WORDLESS and not need.courtesy
    spoke = understood.words and not waits
    unsaid = any(fact.required and last.get(fact.id) != "right" for fact in need.facts)
    if spoke and not unsaid and set(need.courtesy) <= set(courtesy) and "wrong" not in last.values():
        return "met"
    helped = any(finding.fact in facts or finding.fact.startswith("courtesy:") for finding in mine)
    return "partial" if helped else "nothing"
