"""Whether a figure is meant for a fact: by its role, by the words beside it, by what else it may be the figure of."""

import re
from collections.abc import Sequence
from decimal import Decimal

from chat_sim.shop import Product, Shop
from chat_sim.understanding.asked import Asked
from chat_sim.understanding.message import Message
from chat_sim.understanding.named import Subjects
from chat_sim.understanding.quantities import Quantity

_FAMILY = {"price": "price", "final": "price", "total": "price", "member": "price", "reduction": "difference"}
_SIZE_CUE = re.compile(
    r"(?:选|穿|拿|要|推荐|建议|码|尺码|买|拍|换|号|试试?|下|适合|是|就|为)(?:您|的|择|到|成|大|个|双|穿)*$"
)
_WINDOWS = frozenset(("return", "warranty", "protection", "dispatch", "transit"))
"""Durations that are told apart: what is one of these is none of the others."""
_CHOSEN = re.compile(r"(?:选择?|拍|拿|买|建议|推荐|穿|要)(?:您|的|个)*$")
_WILL_DO = re.compile(r"码?号?(?:的)?(?:就|即可|合适|刚好|够|完全)")
_NOT_ALONE = re.compile(r"[亲您好是的呢哦啊呀哈噢喔,。!~吧左右要只一共就]+")


def only_one(whole: Message, one: Quantity, fact: Asked, siblings: Sequence[Asked]) -> bool:
    """The one duration that is said is the value of the one that was asked for: no word about its role is needed."""
    return (
        fact.kind == "duration"
        and sum(other.kind == "duration" for other in siblings) == 1
        and sum(other.kind == "duration" for other in whole.quantities) == 1
        and any(value.same(one) for value in fact.accept)
    )


def clashes(wanted: frozenset[str], role: str, *, strict: bool) -> bool:
    """Roles that cannot be one figure; `strict` for a value that is not accepted: what may be something else is."""
    if not role or role in wanted:
        return False
    if role in _WINDOWS or wanted & _WINDOWS:
        return role in _WINDOWS and bool(wanted & _WINDOWS)
    if role == "free_from":
        return bool(wanted) and not wanted & set(_FAMILY)
    if not strict:
        return role == "threshold" and "threshold" not in wanted
    if not wanted:
        return role in ("threshold", "reduction", "list", "postage", "difference", "operand", "member")
    if role in ("member", "operand"):
        return True
    return _FAMILY.get(role, role) not in {_FAMILY.get(one, one) for one in wanted}


def explained(
    one: Quantity, told: Subjects, shop: Shop, concerned: frozenset[str], whole: Message, fact: Asked
) -> bool:
    """A true price of a product that the clause names, or, in a sum, of any product."""
    if fact.roles & {"total", "final", "difference", "postage", "reduction", "threshold"}:
        return any(_sells_at(product, one.low) for product in shop.products)
    return any(
        _sells_at(product, one.low)
        for product in shop.products
        if product.id in told.about and product.id not in concerned
    )


def _sells_at(product: Product, value: Decimal) -> bool:
    return value in (product.price, product.list_price, product.member_price)


def how_sure(whole: Message, one: Quantity, fact: Asked, role: str) -> int:
    """How sure it is that another value is meant for this fact, in percent; 0: it is not."""
    clause = whole.clauses[whole.of_clause[one.start]]
    before = whole.text[clause.start : one.start]
    if fact.kind == "price" and one.kind != "price":
        if not fact.accept or role:
            return 85 if role else 0
        lowest, highest = min(v.low for v in fact.accept), max(v.high for v in fact.accept)
        return 70 if lowest / 5 <= one.low <= highest * 5 else 0
    if fact.kind == "size" and one.kind != "size":
        return 80 if _SIZE_CUE.search(before) or not before else 0
    if fact.kind == "number" and not fact.unit:
        units = {value.unit for value in fact.accept}
        return 85 if one.unit and one.unit in units else 75 if one.bare and "" in units else 0
    if fact.kind == "size" and one.word and not any(value.word for value in fact.accept):
        return 70
    return 90 if role in fact.roles else 85


def bound_to(whole: Message, one: Quantity, fact: Asked, siblings: Sequence[Asked]) -> int:
    """+1 if the words beside a figure are those of this fact's title, -1 if they are another fact's, 0 if unclear."""
    rivals = [other for other in siblings if other is not fact and other.kind == fact.kind and other.unit == fact.unit]
    if not rivals:
        return 0
    clause = whole.clauses[whole.of_clause[one.start]]
    mine = fact.label.difference(*(other.label for other in rivals))
    best, owner = -1, 0
    for words, owns in ((mine, 1), *((other.label - fact.label, -1) for other in rivals)):
        for word in words:
            at = whole.text.rfind(word, clause.start, one.start)
            if at < 0 and (after := whole.text.find(word, one.end, min(clause.end, one.end + len(word) + 2))) >= 0:
                at = one.start - (after - one.end) - 1
            if at > best:
                best, owner = at, owns
    return owner


def as_answer(whole: Message, one: Quantity, fact: Asked, role: str) -> bool:
    """A harmless value that is given as if it were the answer (一共785元, 选38): wrong, if the right one is missing."""
    if fact.kind == "price":
        return role in ("total", "final") and (not fact.roles or bool(fact.roles & {"total", "final"}))
    if fact.kind == "duration":
        return bool(role) and role in fact.roles
    if fact.kind != "size":
        return False
    clause = whole.clauses[whole.of_clause[one.start]]
    before, after = whole.text[clause.start : one.start], whole.text[one.end : clause.end]
    return _CHOSEN.search(before) is not None or _WILL_DO.match(after) is not None


def alone(whole: Message, one: Quantity, fact: Asked, siblings: Sequence[Asked]) -> bool:
    """The value is all that is said: it is meant for the only figure that was asked for."""
    if len(whole.quantities) != 1 or len(siblings) != 1:
        return False
    return not _NOT_ALONE.sub("", whole.text[: one.start] + whole.text[one.end :])
