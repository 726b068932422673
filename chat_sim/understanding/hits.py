"""Where the words of a wording stand in a message: as they are, by the lexicon, or by their sound."""

import re
from dataclasses import dataclass

from chat_sim.understanding.message import Message
from chat_sim.understanding.named import apart
from chat_sim.understanding.sound import blurred
from chat_sim.understanding.wordings import Unit

_PART = re.compile(r"(?:\d+|[a-z])$")
"""Numbers and single letters count only where they stand apart."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A word of a wording at its place in the normalised text; `sign`: -1 if denied there. `sure` in percent."""

    clause: int
    start: int
    end: int
    sign: int
    sure: int
    rule: str


def hits_of(whole: Message, unit: Unit) -> list[Hit]:
    """Where a unit, or what means the same or the opposite, stands in the message."""
    text, signs, clauses = whole.text, whole.signs, whole.of_clause
    found: list[Hit] = []
    at = text.find(unit.text) if unit.text else -1
    while at >= 0:
        if _PART.match(unit.text) and not apart(text, at, at + len(unit.text)):
            at = text.find(unit.text, at + 1)
            continue
        found.append(Hit(clauses[at], at, at + len(unit.text), whole.sign(at, at + len(unit.text)), 100, "wording"))
        at = text.find(unit.text, at + 1)
    if unit.sense is not None:
        for other, turn in unit.sense.texts:
            if other == unit.text:
                continue
            at = text.find(other)
            while at >= 0:
                found.append(
                    Hit(clauses[at], at, at + len(other), whole.sign(at, at + len(other)) * turn, 90, "synonym")
                )
                at = text.find(other, at + 1)
        for expression, turn in unit.sense.expressions:
            for match in expression.finditer(text):
                sign = signs[match.end() - 1] * turn
                found.append(Hit(clauses[match.start()], match.start(), match.end(), sign, 90, "synonym"))
    if unit.gap is not None and unit.text[0] in text and unit.text[-1] in text:
        for match in unit.gap.finditer(text):
            sign = signs[match.end() - 1]
            found.append(Hit(clauses[match.start()], match.start(), match.end(), sign, 90, "synonym"))
    if not found and unit.sounds:
        found = _sounding(whole, unit)
    return found


def _sounding(whole: Message, unit: Unit) -> list[Hit]:
    """Where something stands that sounds like the unit and has one character of it at least."""
    found: list[Hit] = []
    for needle, hay, sure in ((unit.sounds, whole.sounds, 85), (blurred(unit.sounds), blurred(whole.sounds), 80)):
        at = hay.find(needle)
        while at >= 0 and not found:
            end = at + len(needle)
            if any(a == b for a, b in zip(whole.text[at:end], unit.text, strict=True)):
                found.append(Hit(whole.of_clause[at], at, end, whole.signs[at], sure, "sound"))
            at = hay.find(needle, at + 1)
    return found
