"""Whether a message says a figure rightly: prices, sizes, durations, numbers with a unit.

A value is compared only where it can be the figure that was asked for: by kind and unit, by its role (运费10元 is no
price of a shoe), by what its clause speaks of, and by the words of the facts' titles where several are asked at once.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from chat_sim.shop import Shop
from chat_sim.understanding.asked import Asked, kind_fits, matched
from chat_sim.understanding.meant import alone, as_answer, bound_to, clashes, explained, how_sure, only_one
from chat_sim.understanding.message import BASE, CONDITION, ECHO, OTHERS, QUESTION, Message
from chat_sim.understanding.named import Subjects
from chat_sim.understanding.places import Places
from chat_sim.understanding.quantities import Quantity
from chat_sim.understanding.roles import rejected, role_of
from chat_sim.understanding.statements import Match

_BLOCKS = QUESTION | ECHO | BASE | OTHERS | CONDITION
_NONE = (
    (
        "member",
        re.compile(
            r"没有?(?:什么|专门的?|单独的?)?(?:会员|vip)(?:的?专享)?(?:价|优惠|折扣)|(?:会员|vip)[^,]{0,3}(?:没有|不打折|不优惠|没优惠|没折扣)|"
            r"(?:都|全)(?:是)?(?:一个|同一个|一样的?|统一)价|会员[和跟与]?(?:非会员|普通)[^,]{0,3}一样"
        ),
    ),
    (
        "postage",
        re.compile(
            r"(?:不用|不需要?|无需|不必|不要|不会|不)(?:再|另外|额外|您|另|多|给)*(?:加钱|加价|付钱|补钱|补差价|收钱|收费|收运费|收邮费|出运费|补运费|付运费|加运费)"
        ),
    ),
)  # fmt: skip
"""What says that there is nothing to pay, or no such price, by the role of the fact."""
_OR = re.compile(r"^(?:或者?|还是|要么|、)$")


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure that is said rightly or wrongly, at its place in the normalised text; `sure` in percent."""

    right: bool
    quantity: Quantity
    sure: int
    rule: str


def judge_figure(
    whole: Message, fact: Asked, siblings: Sequence[Asked], told: Sequence[Subjects], shop: Shop, places: "Places"
) -> Figure | None:
    """What the message says of a numeric fact; None for nothing. `siblings`: all numeric facts of the open needs."""
    rights: list[Quantity] = []
    wrongs: list[tuple[int, Quantity]] = []
    neutrals: list[tuple[int, Quantity]] = []
    concerned = frozenset(fact.need.products)
    for one in whole.quantities:
        one = _slang(whole, one, fact)
        fits = kind_fits(one, fact.kind, fact.unit, whole.text)
        loosely = fits or (fact.kind in ("size", "price") and kind_fits(one, fact.kind, "", whole.text, loose=True))
        if not loosely or whole.flags[one.start] & _BLOCKS:
            continue
        index = whole.of_clause[one.start]
        clause = whole.clauses[index]
        body = whole.text[clause.start : clause.end]
        if places.elsewhere(body, fact.need):
            continue
        bound = bound_to(whole, one, fact, siblings)
        if bound < 0:
            continue
        accepted = matched(fact.accept, one, fact.kind)
        denied = rejected(whole, one) if fact.kind == "size" else whole.signs[one.start] < 0
        role = role_of(whole, one) if fact.kind in ("price", "duration") else ""
        if accepted and (only_one(whole, one, fact, siblings) or not clashes(fact.roles, role, strict=False)):
            if denied:
                wrongs.append((70, one))
            elif fact.roles & {"total", "final"} or not (
                told[index].about and concerned and not told[index].about & concerned and not bound
            ):
                rights.append(one)
            continue
        if not fits or denied or clashes(fact.roles, role, strict=True):
            continue
        if matched(fact.neutral, one, fact.kind):
            if as_answer(whole, one, fact, role) or alone(whole, one, fact, siblings):
                neutrals.append((65, one))
            continue
        named = role in fact.roles and not any(role in other.roles for other in siblings if other is not fact)
        if (
            bound <= 0
            and not named
            and any(
                other is not fact and other.kind == fact.kind and matched(other.accept, one, other.kind)
                for other in siblings
            )
        ):
            continue
        if told[index].about and concerned and not told[index].about & concerned and not bound:
            continue
        if (
            fact.kind == "price"
            and role not in ("total", "final")
            and explained(one, told[index], shop, concerned, whole, fact)
        ):
            continue
        sure = how_sure(whole, one, fact, role)
        if sure:
            wrongs.append((sure, one))
    if not rights and not wrongs and not neutrals:
        return _absent(whole, fact)
    return _verdict(whole, fact, rights, wrongs, neutrals)


def _slang(whole: Message, one: Quantity, fact: Asked) -> Quantity:
    """268米 said of a price."""
    if fact.kind != "price" or one.unit != "厘米" or whole.text[one.end - 1] != "米" or not fact.accept:
        return one
    low, high = one.low / 100, one.high / 100
    likely = min(value.low for value in fact.accept) / 5 <= low <= max(value.high for value in fact.accept) * 5
    return replace(one, kind="price", unit="", low=low, high=high) if likely else one


def _absent(whole: Message, fact: Asked) -> Figure | None:
    """That there is no such price: no member's price, nothing to pay where a fee is."""
    if fact.kind != "price" or fact.denied or any(value.low <= 0 for value in fact.accept):
        return None
    if any(one.kind == "price" or one.bare for one in whole.quantities):
        return None
    for role, none in _NONE:
        match = none.search(whole.text) if role in fact.roles else None
        if match is not None and not whole.flags[match.start()] and not whole.flags[match.end() - 1]:
            place = Quantity("price", Decimal(0), Decimal(0), match.start(), match.end())
            return Figure(False, place, 75, "absent")
    return None


def _verdict(
    whole: Message, fact: Asked, rights: list[Quantity], wrongs: list[tuple[int, Quantity]],
    neutrals: list[tuple[int, Quantity]],
) -> Figure | None:  # fmt: skip
    """Of what was said the right value counts, unless a correction comes after it with another one."""
    if rights and whole.corrected >= 0 and not any(one.start > whole.corrected for one in rights):
        after = [item for item in (*wrongs, *neutrals) if item[1].start > whole.corrected]
        if after:
            rights, wrongs = [], after
    if rights:
        last = rights[-1]
        wavering = any(_OR.match(whole.text[min(one.end, last.end) : max(one.start, last.start)]) for _, one in wrongs)
        if wavering:
            return None
        return Figure(not fact.denied, last, 100 if last.kind == fact.kind else 95, "figure")
    said = wrongs or neutrals
    if said:
        sure, one = max(said, key=lambda item: (item[0], item[1].start))
        return Figure(fact.denied, one, sure, "figure")
    return None


def stated_value(
    whole: Message, wanted: Sequence[Quantity], kind: str, told: Sequence[Subjects], concerned: frozenset[str]
) -> Match | None:
    """Where the message asserts one of the values; for figures that are wrong by themselves."""
    for one in whole.quantities:
        if whole.signs[one.start] < 0 or whole.flags[one.start] & _BLOCKS:
            continue
        about = told[whole.of_clause[one.start]].about
        if about and concerned and not about & concerned:
            continue
        if kind_fits(one, kind, one.unit, whole.text) and any(value.same(one) for value in wanted):
            return Match(True, one.start, one.end, 95, "figure")
    return None
