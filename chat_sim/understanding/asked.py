"""A numeric fact prepared for comparison: the values it accepts, what it is called, what its figure is for."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rjieba import cut

from chat_sim.persona import Fact, Need
from chat_sim.understanding.message import message
from chat_sim.understanding.quantities import Quantity, quantities, sized
from chat_sim.understanding.roles import DURATION_CUES
from chat_sim.understanding.small_words import STOP, WEAK

NUMERIC = ("number", "price", "size", "duration")
_TITLE_ROLES: dict[str, tuple[tuple[str, re.Pattern[str]], ...]] = {
    "price": (
        ("postage", re.compile(r"运费|邮费|快递费|配送费|加收|偏远")),
        ("threshold", re.compile(r"门槛|满多少|起减|包邮线|条件|满额")),
        ("reduction", re.compile(r"减多少|立减|减额|补偿|赔|红包|返现|优惠额|优惠金额|减免|满减|便宜多少|优惠|抵|券")),
        ("list", re.compile(r"吊牌|原价|标价|市场价")),
        ("member", re.compile(r"会员")),
        ("difference", re.compile(r"差|贵多少|贵|相差")),
        ("total", re.compile(r"合计|总|共|一起")),
        ("final", re.compile(r"到手|实付|券后|折后|满减后|优惠后|付多少|应付|实际")),
    ),
    "duration": DURATION_CUES,
}
_VARIANT = re.compile(r"[大中小男女单双新旧红黑白蓝绿灰][号款码装]")
"""What tells two prices apart although segmentation parts it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A numeric fact of an open need, prepared: what it accepts, what it is called, what of the shop it is about."""

    need: Need
    fact_id: str
    kind: str
    unit: str
    accept: tuple[Quantity, ...]
    neutral: tuple[Quantity, ...]
    roles: frozenset[str]
    label: frozenset[str]
    denied: bool


@lru_cache(maxsize=8_192)
def values(phrases: tuple[str, ...], kind: str, unit: str) -> tuple[Quantity, ...]:
    """The quantities that phrases of a fact hold; what is a bare number there takes the kind of the fact."""
    found: list[Quantity] = []
    for phrase in phrases:
        text = message(phrase).text
        if unit and all(one.kind == "number" and not one.unit for one in quantities(text)):
            text = message(phrase + unit).text
        for one in quantities(text):
            if kind_fits(one, kind, unit, text, loose=True):
                found.append(one)
    return tuple(found)


def asked(need: Need, fact: Fact) -> Asked:
    """A numeric fact as it is compared."""
    label, roles = _title(fact.title, fact.kind)
    return Asked(
        need, fact.id, fact.kind, fact.unit, values(fact.accept, fact.kind, fact.unit),
        values(need.neutral, fact.kind, fact.unit), roles or _kind_roles(need, fact), label, fact.denied,
    )  # fmt: skip


@lru_cache(maxsize=4_096)
def _title(title: str, kind: str) -> tuple[frozenset[str], frozenset[str]]:
    text = message(title).text
    words = frozenset(word for word in cut(text) if len(word) > 1 and word not in STOP and word not in WEAK)
    words |= frozenset(_VARIANT.findall(text))
    found = [name for name, cue in _TITLE_ROLES.get(kind, ()) if cue.search(text)]
    return words, frozenset(found if kind == "duration" else found[:1])


def _kind_roles(need: Need, fact: Fact) -> frozenset[str]:
    """Without a word in the title the need's title, its wordings and the question tell what a duration is for."""
    if fact.kind != "duration":
        return frozenset()
    return _roles((need.title, *fact.accept, *need.asks))


@lru_cache(maxsize=4_096)
def _roles(texts: tuple[str, ...]) -> frozenset[str]:
    return frozenset(name for name, cue in DURATION_CUES for text in texts if cue.search(message(text).text))


def kind_fits(one: Quantity, kind: str, unit: str, text: str, *, loose: bool = False) -> bool:
    """A quantity that can be a value of the fact; `loose`: as the fact's own phrases write it."""
    if kind == "price":
        return one.kind == "price" or (one.kind == "number" and not one.unit and (one.bare or loose))
    if kind == "size":
        return one.kind == "size" or (one.kind == "number" and not one.unit and (sized(one) or loose))
    if kind == "duration":
        return one.kind == "duration"
    if one.kind == "ordinal" or one.word:
        return False
    canonical = _unit_name(unit)
    if not canonical:
        return one.kind == "number"
    if one.kind == "number" and (one.unit == canonical or (loose and not one.unit)):
        return True
    return text[one.end :].startswith(unit) or (one.kind != "number" and text[one.start : one.end].endswith(unit))


@lru_cache(maxsize=512)
def _unit_name(unit: str) -> str:
    """The canonical name of a fact's unit."""
    if not unit:
        return ""
    found = quantities(f"3{message(unit).text}")
    return found[0].unit or unit if found and found[0].kind == "number" else unit


def matched(accept: Sequence[Quantity], one: Quantity, kind: str) -> bool:
    """An accepted value: equal, or a duration or size inside an accepted range."""
    for value in accept:
        if value.same(one):
            return True
        ranged = value.low < value.high and kind in ("duration", "size", "number") and not one.word and not value.word
        if ranged and value.low <= one.low and one.high <= value.high:
            return True
    return False
