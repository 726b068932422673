"""A wording (of a fact, or of what would be wrong) taken apart into what a message must hold to say the same."""

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from rjieba import cut

from chat_sim.understanding.lexicon import Sense, expressions, sense, words_in
from chat_sim.understanding.message import BASE, Message, message
from chat_sim.understanding.named import Named, Names, named
from chat_sim.understanding.quantities import Quantity
from chat_sim.understanding.roles import role_of
from chat_sim.understanding.small_words import STOP, WEAK
from chat_sim.understanding.sound import sound

_CONDITIONS = re.compile(r"质量|瑕疵|二次销售|拆封|开封|会员|吊牌|完好|人为|偏远|新疆|西藏|穿过|洗过")
_FAULT = re.compile(r"质量|瑕疵|人为")
_SOFT = re.compile(
    r"[退换发送轻重厚薄大小长短贵软硬暖冷热赠补赔修洗晒烫泡冲煮绿红黑白蓝黄紫灰粉棕橙米深浅甜苦淡浓香酸咸辣宽窄高低多少快慢新旧棉麻丝毛皮绒纱木纸铁竹布瓷陶塑铝钢圆方男女散]"
)
_VERBS = "改换退开寄发送补修洗查写选拍买加减用"
_HANDLES = "放附给送寄发开装带写配印用"
_MODAL = frozenset(("可以", "没问题", "没有问题", "ok", "能行"))
_MARKED = re.compile(r"更|最|比")


@dataclass(frozen=True, slots=True)
class Unit:
    """One thing of a wording. `sign`: -1 if the wording denies it. `weak`: may be missing. `bound`: a condition, whose
    contrary says nothing about the wording."""

    text: str
    sounds: str
    sense: Sense | None
    sign: int
    weak: bool
    bound: bool
    gap: re.Pattern[str] | None
    """Two characters with something between them (发不了货), or a verb after what it is about (发票开不了)."""
    verb: str = ""
    """The verb of one character before it in the wording (放小票): denied behind it (小票不放), it is denied too."""

    @property
    def contrary(self) -> bool:
        """It has words of the opposite sense, so that it must be said."""
        return self.sense is not None and any(sign < 0 for _, sign in (*self.sense.texts, *self.sense.expressions))

    @property
    def weight(self) -> int:
        return 0 if self.weak else min(len(self.text), 4)


@dataclass(frozen=True, slots=True, eq=False)
class Wording:
    """`literal`: nothing but small words (可以的), so it is looked for as it stands."""

    text: str
    units: tuple[Unit, ...]
    figures: tuple[Quantity, ...]
    roles: tuple[str, ...]
    about: frozenset[str]
    base: frozenset[str]
    compares: bool
    literal: bool
    thin: bool
    """More small words than others: the message must have most of those too."""
    flags: int
    weight: int
    mixed: bool
    sign: int
    """Of the first product named."""
    names: Names


@lru_cache(maxsize=16_384)
def wording(text: str, names: Names, strict: bool = False) -> Wording:
    """`text` taken apart; products by the names of the shop. `strict`: every word of one character counts."""
    whole = message(text)
    products = named(whole, names)
    units, figures = _units(whole, products, strict)
    if all(unit.text in _MODAL for unit in units) and not figures:
        units = _single(whole, products) or units
    if not strict and any(unit.text not in _MODAL and not unit.weak for unit in units):
        units = [replace(unit, weak=unit.weak or unit.text == "可以") for unit in units]
    solid = [unit for unit in units if not unit.weak]
    if not solid and not figures:
        units = [replace(unit, weak=False) for unit in units]
        solid = units
    if len(solid) == 1 and not figures and _FAULT.search(solid[0].text):
        units = [replace(unit, bound=False) for unit in units]
        solid = [unit for unit in units if not unit.weak]
    about = frozenset(one for found in products if not whole.flags[found.start] & BASE for one in found.products)
    base = frozenset(one for found in products if whole.flags[found.start] & BASE for one in found.products)
    flags = 0
    for flag in whole.flags:
        flags |= flag
    return Wording(
        text=whole.text,
        units=tuple(units),
        figures=tuple(figures),
        roles=tuple(role_of(whole, one) for one in figures),
        about=about,
        base=base,
        compares=bool(base) or (bool(about) and _MARKED.search(whole.text) is not None),
        literal=not solid and not figures and not about,
        thin=_covered(units, figures, products) * 2 < len(whole.text),
        flags=flags,
        weight=sum(unit.weight for unit in solid),
        mixed=len({unit.sign for unit in solid}) > 1,
        sign=whole.sign(products[0].start, products[0].end) if products else 1,
        names=names,
    )


def _covered(units: list[Unit], figures: list[Quantity], products: tuple[Named, ...]) -> int:
    """Characters of a wording that are in its words, figures and products."""
    return (
        sum(len(unit.text) for unit in units)
        + sum(one.end - one.start for one in figures)
        + sum(one.end - one.start for one in products)
    )


def _units(whole: Message, products: tuple[Named, ...], strict: bool) -> tuple[list[Unit], list[Quantity]]:
    text = whole.text
    covered = bytearray(len(text))
    for product in products:
        covered[product.start : product.end] = b"\1" * (product.end - product.start)
    placed: list[tuple[int, Unit]] = []
    for quantity in whole.quantities:
        if quantity.unit == "赔":
            covered[quantity.start : quantity.end] = b"\1" * (quantity.end - quantity.start)
    for group in expressions():
        for expression, turn in group.expressions:
            match = expression.search(text)
            if match is not None and len(match[0]) > 2 and not any(covered[match.start() : match.end()]):
                covered[match.start() : match.end()] = b"\1" * len(match[0])
                sign = whole.signs[match.end() - 1] * turn
                placed.append((match.start(), Unit(match[0], "", group, sign, False, False, None)))
    for start, end in words_in(text):
        if not any(covered[start:end]) and (end - start > 1 or _alone(text, start)):
            covered[start:end] = b"\1" * (end - start)
            one = _unit(text[start:end], whole.sign(start, end), whole.flags[start])
            verb = text[start - 1 : start] if start and not covered[start - 1] and text[start - 1] in _HANDLES else ""
            placed.append((start, replace(one, verb=verb)))
    figures = []
    for quantity in whole.quantities:
        if quantity.unit == "赔" or not any(covered[quantity.start : quantity.end]):
            covered[quantity.start : quantity.end] = b"\1" * (quantity.end - quantity.start)
            figures.append(quantity)
    at = 0
    for word in cut(text):
        start, at = at, at + len(word)
        left = "".join(" " if covered[place] else text[place] for place in range(start, at))
        for part in re.finditer(r"[\u3400-\u9fff]+|[a-z0-9][a-z0-9.\-+]*", left):
            piece, begin = part[0], start + part.start()
            if piece in STOP or (len(piece) == 1 and not piece.isascii() and not strict and not _SOFT.match(piece)):
                continue
            placed.append((begin, _unit(piece, whole.signs[begin], whole.flags[begin])))
    if (only := re.search(r"只(?!要)", text)) is not None:
        placed.append((only.start(), Unit("只", "", None, whole.sign(only.start(), only.end()), False, False, None)))
    for first, last, ranges in whole.denials if strict else ():
        if not any(a <= at < b for at, _ in placed for a, b in ranges) and re.match(
            r"[\u3400-\u9fff]", text[last : last + 1]
        ):
            placed.append((first, Unit(text[first : last + 1], "", None, 1, False, False, None)))
    placed.sort(key=lambda item: item[0])
    return [unit for _, unit in placed], figures


def _single(whole: Message, products: tuple[Named, ...]) -> list[Unit]:
    """Verbs and the like of one character, where a wording has nothing else (不漏, 喝绿茶)."""
    found = []
    at = 0
    for word in cut(whole.text):
        start, at = at, at + len(word)
        inside = any(one.start < at and start < one.end for one in products)
        if len(word) == 1 and not inside and word not in STOP and re.match(r"[\u3400-\u9fff]", word):
            found.append(_unit(word, whole.sign(start, at), whole.flags[start]))
    return found


def _alone(text: str, start: int) -> bool:
    """A lexicon word of one character counts if the segmentation leaves it by itself."""
    at = 0
    for word in cut(text):
        if at == start:
            return len(word) == 1 or bool(_SOFT.match(word[0]))
        at += len(word)
    return False


def _unit(text: str, sign: int, flags: int) -> Unit:
    gap = None
    if len(text) == 2 and not text.isascii():
        between = "(?:[给帮为][您你]|把它?|会|就|了|过|得了|不了|不|的|完|到|一下|一个|您的|这|个)"
        gap = re.compile(f"{re.escape(text[0])}{between}{re.escape(text[1])}")
    if len(text) == 3 and text[0] in _VERBS:
        stem, within = re.escape(text[1:]), "(?:不了|得了|[给帮][您你]|的是|不|的|了|过|个|您)"
        gap = re.compile(f"{stem}[^,]{{0,5}}{text[0]}|{text[0]}{within}{stem}")
    weak = text in WEAK or bool(flags & BASE)
    meaning = sense(text)
    if meaning is None and len(text) > 2 and text.endswith("问题"):
        fine = re.compile(f"{re.escape(text[:-2])}[^,]{{0,2}}没有?(?:任何|什么|啥)?问题")
        meaning = Sense((), ((fine, -1),))
    sounds = sound(text) if len(text) >= 2 and not text.isascii() else ""
    return Unit(text, sounds, meaning, sign, weak, _CONDITIONS.search(text) is not None, gap)
