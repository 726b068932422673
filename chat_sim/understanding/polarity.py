"""Whether what a message has of a wording says it or its contrary."""

import re
from collections.abc import Sequence
from dataclasses import replace

from chat_sim.understanding.hits import Hit
from chat_sim.understanding.message import Message
from chat_sim.understanding.named import Subjects
from chat_sim.understanding.wordings import Unit, Wording

_THRESHOLD = re.compile(r"(?:(?:满|够|达到?|超过?)[^,]{0,3}\d|\d[^,]{0,3}以上)[^,]{0,6}才[^,]{0,3}$")
_NOT_DONE = re.compile(
    r"(?:我们|这边|店里|小店|目前|暂时|都|也|是|现在)*不(?:会|再|给|能|可以)?[放附送寄发开带配](?![错起货])"
)
UNFIT = re.compile(r"[^,]{0,3}(?:不太?(?:合适|适合|推荐|建议|行|够)|太(?!好|合适|适合|棒)|偏(?!好|爱)|没必要|用不上)")
"""Behind an option: it is rejected."""


def turned_by(solid: Sequence[tuple[Unit, Hit]], turn: int) -> list[Unit]:
    """The words that are denied although the wording asserts them, or the other way round."""
    return [unit for unit, hit in solid if hit.sign * unit.sign * turn < 0]


def handled(whole: Message, unit: Unit, hit: Hit) -> Hit:
    """小票我们不放 denies 放小票: the verb of the wording stands behind its object, and is denied."""
    if hit.sign < 0:
        return hit
    if _NOT_DONE.match(whole.text, hit.end, whole.clauses[hit.clause].end):
        return replace(hit, sign=-hit.sign)
    if not unit.verb:
        return hit
    at = whole.text.find(unit.verb, hit.end, min(hit.end + 8, whole.clauses[hit.clause].end))
    return replace(hit, sign=-hit.sign) if at >= 0 and whole.signs[at] < 0 else hit


def only_from(whole: Message, solid: Sequence[tuple[Unit, Hit]]) -> bool:
    """满99才包邮: what the wording promises to all is given from a threshold on only."""
    start = min(hit.start for _, hit in solid)
    clause = whole.clauses[whole.of_clause[start]]
    return _THRESHOLD.search(whole.text, clause.start, start) is not None


def direction(whole: Message, said: Wording, told: Subjects, concerned: frozenset[str]) -> int:
    """+1 if the clause speaks of the product that the wording speaks of; -1 if a comparison stands the other way
    round; 0 if it speaks of something else."""
    if not said.about:
        others = told.about and concerned and not told.about & concerned
        return 0 if others and not said.base else 1
    if told.about & said.about and not told.about & said.base:
        return 1
    if not said.compares:
        return 0 if told.about and not told.about & said.about else 1
    if told.base & said.base:
        return 1
    if told.about & said.base or told.base & said.about or (told.about and not told.about & said.about):
        return -1
    return 1 if told.about & said.about else 0
