"""The figures that a wording holds (满299减30), as a message has them."""

import re
from decimal import Decimal

from chat_sim.understanding.message import Message
from chat_sim.understanding.quantities import Quantity
from chat_sim.understanding.roles import role_of
from chat_sim.understanding.wordings import Wording

_SHORT_DATE = re.compile(r"(?<![\d.])(1[0-2]|0?[1-9])[./-](3[01]|[12]\d|0?[1-9])(?![\d.%元块折])")


def figures_of(whole: Message, said: Wording, first: int, last: int) -> tuple[list[Quantity] | None, bool]:
    """The figures of the wording as the clauses have them; None if one is missing. True: one has another value."""
    start, end = whole.clauses[first].start, whole.clauses[last].end
    here = [one for one in whole.quantities if start <= one.start < end]
    if any(figure.kind == "date" for figure in said.figures):
        here += _short_dates(whole, start, end)
    used = [same for figure in said.figures for same in here if _alike(same, figure) and same.same(figure)]
    other = False
    for figure, role in zip(said.figures, said.roles, strict=True):
        if any(same.same(figure) for same in used):
            continue
        alike = [one for one in here if one not in used and _alike(one, figure) and _rival(whole, one, figure, role)]
        if not alike or not (said.weight or used or figure.unit == "赔"):
            return None, False
        used.append(alike[-1])
        other = True
    return used, other


def _short_dates(whole: Message, start: int, end: int) -> list[Quantity]:
    """3.8 and 3/8, where a date is wanted."""
    found = []
    for match in _SHORT_DATE.finditer(whole.text, start, end):
        value = Decimal(int(match[1]) * 100 + int(match[2]))
        found.append(Quantity("date", value, value, *match.span()))
    return found


def _rival(whole: Message, one: Quantity, figure: Quantity, role: str) -> bool:
    """A value that stands where the wording has another one."""
    if figure.kind == "duration" or (figure.kind == "number" and figure.unit):
        return True
    return role_of(whole, one) == role


def _alike(one: Quantity, other: Quantity) -> bool:
    """Figures that may be compared: of one kind, or a bare number that may be a price or a size."""
    if one.kind == other.kind:
        return one.kind != "number" or one.unit == other.unit or not one.unit or not other.unit
    kinds = {one.kind, other.kind}
    number = one if one.kind == "number" else other
    return "number" in kinds and kinds & {"price", "size"} != set() and not number.unit
