"""Products that a message names: by name or alias, the longest first, also where an IME put another character."""

from functools import lru_cache
from typing import NamedTuple

from chat_sim.shop import Shop
from chat_sim.understanding.message import BASE, Message
from chat_sim.understanding.plain import plain
from chat_sim.understanding.sound import sound

_SOUNDED = 3
"""Characters from which on a name is recognised by its sound."""


class Named(NamedTuple):
    """A product's name in a normalised message; several `products` where they share an alias."""

    start: int
    end: int
    products: tuple[str, ...]
    text: str


class Names:
    """Names and aliases of a shop, normalised, the longest first; equal shops share one, so that it is a cheap key."""

    def __init__(self, entries: tuple[tuple[str, tuple[str, ...]], ...]) -> None:
        by_name: dict[str, list[str]] = {}
        for product, names in entries:
            for name in names:
                flat = plain(name).text
                if flat and product not in by_name.setdefault(flat, []):
                    by_name[flat].append(product)
        self.by_name = {name: tuple(by_name[name]) for name in sorted(by_name, key=lambda one: (-len(one), one))}
        self.sounds = {name: sound(name) for name in self.by_name if len(name) >= _SOUNDED and not name.isascii()}
        self.of_product: dict[str, tuple[str, ...]] = {}
        for name, products in self.by_name.items():
            for product in products:
                self.of_product[product] = (*self.of_product.get(product, ()), name)


@lru_cache(maxsize=64)
def _names(entries: tuple[tuple[str, tuple[str, ...]], ...]) -> Names:
    return Names(entries)


def names_of(shop: Shop) -> Names:
    """The names of a shop."""
    return _names(tuple((product.id, (product.name, *product.aliases)) for product in shop.products))


def named(whole: Message, names: Names) -> tuple[Named, ...]:
    """Products that `whole` names, by place; no two overlap."""
    return _named(whole.text, whole.sounds, names)


@lru_cache(maxsize=2_048)
def _named(text: str, sounds: str, names: Names) -> tuple[Named, ...]:
    covered = bytearray(len(text))
    found: list[Named] = []
    for name, products in names.by_name.items():
        sounded = names.sounds.get(name)
        for needle, hay in ((name, text), (sounded, sounds)):
            at = hay.find(needle) if needle else -1
            while at >= 0:
                end = at + len(name)
                if not any(covered[at:end]) and apart(text, at, end):
                    covered[at:end] = b"\1" * len(name)
                    found.append(Named(at, end, products, name))
                at = hay.find(needle or "", at + 1)
    return tuple(sorted(found))


def apart(text: str, start: int, end: int) -> bool:
    """[start, end) does not stand inside a longer Latin word or a longer number."""

    def kind(at: int) -> str:
        one = text[at] if 0 <= at < len(text) and text[at].isascii() else ""
        return "1" if one.isdigit() else "a" if one.isalpha() else ""

    return not (kind(start) and kind(start - 1) == kind(start)) and not (kind(end) and kind(end - 1) == kind(end))


def recommended(whole: Message, names: Names, preferred: frozenset[str]) -> tuple[str, ...]:
    """Ids of the products named and not denied, in the order of the text. Of those that share an alias the one that
    the talk is about (`preferred`), else the first of the shop."""
    found: dict[str, None] = {}
    for one in named(whole, names):
        if whole.sign(one.start, one.end) > 0:
            found[next((product for product in one.products if product in preferred), one.products[0])] = None
    return tuple(found)


class Subjects(NamedTuple):
    """Products of one clause: what it speaks of, and what it compares that with."""

    about: frozenset[str]
    base: frozenset[str]


def subjects(whole: Message, names: Names) -> tuple[Subjects, ...]:
    """Of each clause; one that names no product speaks of what the clause before it in its sentence spoke of."""
    return _subjects(whole, tuple(named(whole, names)))


def _subjects(whole: Message, found: tuple[Named, ...]) -> tuple[Subjects, ...]:
    none: frozenset[str] = frozenset()
    told: list[Subjects] = []
    for index, clause in enumerate(whole.clauses):
        about, base = set[str](), set[str]()
        for one in found:
            if clause.start <= one.start < clause.end:
                (base if whole.flags[one.start] & BASE else about).update(one.products)
        if not about and index and whole.clauses[index - 1].sentence == clause.sentence:
            about = set(told[-1].about)
        told.append(Subjects(frozenset(about) or none, frozenset(base) or none))
    return tuple(told)
