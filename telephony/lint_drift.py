"""Names, numbers, dates and prices that drift between card, turns, references, articles and records.

Everything here is a doubt: a text may mean what it says. Sources are what the author gives as true (card, packages,
articles that are not outdated, records); in a dialogue the first mention counts.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import combinations

from server.core.errors import Fault
from telephony import lint_names as names
from telephony.draft import AnyDraftPart, DraftInbound, DraftOutbound, DraftRetell, DraftSummary, TelephonyDraft
from telephony.lint_faults import doubt
from telephony.lint_values import Value, counts, dates, normal, values

_FAR_DAYS = 62
_MOST_SUMMED = 60
_WORDS = {"time": ("时间", "time"), "day": ("日期", "date"), "price": ("金额", "price")}


@dataclass(frozen=True, slots=True)
class Said:
    """A text of a dialogue; `ours` if the contestant is to say it, `asked` if it answers a question for names."""

    path: str
    text: str
    ours: bool
    asked: bool = False


@dataclass(slots=True)
class _Known:
    """What the sources of a part say."""

    texts: list[str]
    company: str = ""
    people: list[str] = field(default_factory=list)
    products: list[str] = field(default_factory=list)
    day: date | None = None
    verify: set[str] = field(default_factory=set)

    def keys(self, kind: str) -> set[str]:
        return {value.key for text in self.texts for value in values(text) if value.kind == kind}


def drift(draft: TelephonyDraft) -> Iterator[Fault]:
    """Every place where a text says something else than another."""
    for number, part in enumerate(draft.parts):
        path = f"parts.{number}"
        said = list(_dialogue(part, path))
        if not said:
            continue
        known = _known(draft, part)
        yield from _values(known, said)
        yield from _labelled(said)
        yield from _counted(known, said)
        yield from _far_dates(known, said)
        yield from _people(known, part, said)
        yield from _proper(known, said)
    yield from _weekdays(draft)


def _dialogue(part: AnyDraftPart, path: str) -> Iterator[Said]:
    match part:
        case DraftInbound():
            asked = False
            for number, turn in enumerate(part.turns):
                here = f"{path}.turns.{number}"
                if turn.customer is not None and turn.customer.text.strip():
                    yield Said(f"{here}.customer.text", normal(turn.customer.text), False, asked)
                if turn.reference.strip():
                    yield Said(f"{here}.reference", normal(turn.reference), True)
                asked = any(word in turn.hint + turn.reference for word in ("姓名", "名字", "称呼"))
        case DraftOutbound():
            for number, line in enumerate(part.persona.lines):
                yield Said(f"{path}.persona.lines.{number}.text", normal(line.text), False)
            for slot, text in part.reference.items():
                if text.strip():
                    yield Said(f"{path}.reference.{slot}", normal(text), True)
        case DraftRetell():
            return
        case DraftSummary():
            if part.reference.strip():
                yield Said(f"{path}.reference", normal(part.reference), True)


def _known(draft: TelephonyDraft, part: AnyDraftPart) -> _Known:
    known = _Known([f"{article.title}。{article.body}" for article in draft.desk.articles if not article.outdated])
    for record in draft.desk.records:
        known.texts += [f"{record.number}，{record.phone}，{record.address}", *record.fields.values()]
        known.people.append(record.customer)
        known.people += [value for value in record.fields.values() if names.is_name(value)]
        if record.verify:
            known.verify.add(record.verify.upper())
    match part:
        case DraftInbound():
            card = part.card
            known.texts += [card.caller_number, card.need, card.notes]
            known.company = card.company
            known.people.append(card.customer)
            known.day = next((_day(*one) for one in dates(card.date)), None)
        case DraftOutbound():
            campaign = part.card
            known.texts += [campaign.number, campaign.goal, *campaign.facts]
            known.texts += [f"{package.price}元，{'，'.join(package.features)}" for package in part.packages]
            known.company = campaign.company
            known.people += [campaign.customer, part.persona.name]
            known.products = [campaign.product, *(package.name for package in part.packages)]
        case DraftSummary():
            known.texts = [part.source]
        case DraftRetell():
            pass
    return known


def _day(year: int | None, month: int, day: int, _: str) -> date | None:
    try:
        return None if year is None else date(year, month, day)
    except ValueError:
        return None


def _values(known: _Known, said: Sequence[Said]) -> Iterator[Fault]:
    """What the contestant is to say, and nobody has said."""
    customers = [value for one in said if not one.ours for value in values(one.text)]
    sources = {kind: known.keys(kind) for kind in ("time", "day", "price", "number")}
    heard = {kind: {value.key for value in customers if value.kind == kind} for kind in sources}
    if known.day is not None:
        heard["day"].add(str(known.day.day))
    spoken_fours = {value.key for value in customers if value.kind == "last_four"}
    fours = known.verify | {key[-4:] for key in sources["number"]}
    told: set[tuple[str, str]] = set()
    for one in said:
        for value in values(one.text):
            if (value.kind, value.key) in told:
                continue
            told.add((value.kind, value.key))
            if value.kind == "last_four":
                if known.verify and value.key not in fours and not (one.ours and value.key in spoken_fours):
                    yield _unknown(one.path, f"后四位 {value.key}", "业务记录", "the records")
            elif value.kind == "number":
                yield from _number(one, value, sources["number"], heard["number"])
            elif one.ours and sources[value.kind] and value.key not in sources[value.kind] | heard[value.kind]:
                if value.kind == "price" and _summed(value.key, sources["price"] | heard["price"]):
                    continue
                yield _unknown(
                    one.path,
                    f"“{value.words}”",
                    "情景、知识库、业务记录、套餐和客户的话",
                    "card, articles, records, packages or the customer's lines",
                )


def _number(one: Said, value: Value, sources: set[str], heard: set[str]) -> Iterator[Fault]:
    true = sources | (heard if one.ours else set())
    if value.key in true or any(value.key.endswith(key) or key.endswith(value.key) for key in true):
        return
    if like := next((key for key in sorted(true) if _transposed(key, value.key)), None):
        yield doubt(
            one.path,
            f"“{value.words}”与“{like}”只差一两位：请核对",
            f"{value.words} differs from {like} in one or two places: which one is right?",
        )
    elif sources and any(len(key) == len(value.key) for key in sources):
        yield _unknown(one.path, f"“{value.words}”", "情景、知识库和业务记录", "card, articles or records")


def _transposed(one: str, other: str) -> bool:
    return len(one) == len(other) and sum(a != b for a, b in zip(one, other, strict=True)) <= 2


def _summed(key: str, prices: set[str]) -> bool:
    """Whether a price follows from others: a sum, a difference, or several of one."""
    wanted = float(key)
    known = sorted(float(price) for price in prices)[:_MOST_SUMMED]
    if any(one and (wanted / one).is_integer() and wanted / one <= 24 for one in known):
        return True
    return any(
        abs(abs(one + sign * other) - wanted) < 0.005 for one, other in combinations(known, 2) for sign in (1, -1)
    )


def _labelled(said: Sequence[Said]) -> Iterator[Fault]:
    """The same words around another value."""
    first: dict[tuple[str, str, str], tuple[Value, str]] = {}
    for one in said:
        for value in values(one.text):
            if value.kind not in _WORDS or value.changed:
                continue
            for side, label in (("before", value.before), ("after", value.after)):
                if not label:
                    continue
                held, path = first.setdefault((value.kind, side, label), (value, one.path))
                if held.key != value.key and path != one.path:
                    zh, en = _WORDS[value.kind]
                    yield doubt(
                        one.path,
                        f"{zh}前后不一致：这里是“{value.words}”，前面同样说“{label}”时是“{held.words}”",
                        f"The {en} differs: {value.words} here, {held.words} before, both with {label!r}",
                    )
                    break


def _counted(known: _Known, said: Sequence[Said]) -> Iterator[Fault]:
    """那两张 where three had been spoken of."""
    seen: dict[str, dict[int, str]] = {}
    for text in known.texts:
        for _, measure, count, words in counts(text):
            seen.setdefault(measure, {})[count] = words
    for one in said:
        for pointing, measure, count, words in counts(one.text):
            held = seen.setdefault(measure, {})
            if pointing and held and count not in held:
                yield doubt(
                    one.path,
                    f"数量前后不一致：这里指的是“{words}”，前面说的是“{'、'.join(held.values())}”",
                    f"The count differs: {words} here, {', '.join(held.values())} before",
                )
            held.setdefault(count, words)


def _far_dates(known: _Known, said: Sequence[Said]) -> Iterator[Fault]:
    """A date months away from that of the case, or in another year, that nobody has given as true."""
    if known.day is None:
        return
    true = {(month, day) for text in known.texts for _, month, day, _ in dates(text)}
    for one in said:
        for year, month, day, words in dates(one.text):
            if (month, day) in true and year in (None, known.day.year):
                continue
            near = [
                found
                for at in ([year] if year else [known.day.year - 1, known.day.year, known.day.year + 1])
                if (found := _day(at, month, day, "")) is not None
            ]
            if not near:
                yield doubt(one.path, f"“{words}”不存在", f"There is no {words}")
            elif min(abs((found - known.day).days) for found in near) > _FAR_DAYS:
                yield doubt(
                    one.path,
                    f"“{words}”离情景的时间 {known.day.isoformat()} 很远：月份是否写错？",
                    f"{words} is far from the date of the case, {known.day.isoformat()}: is the month right?",
                )


def _people(known: _Known, part: AnyDraftPart, said: Sequence[Said]) -> Iterator[Fault]:
    """Names that look like another, titles of another person."""
    true = [titled for text in known.people for titled in names.titled(text)]
    full = {name for name in known.people if names.is_name(name)}
    full |= {titled.name for titled in true if names.is_name(titled.name)}
    surnames = {names.surname(name) for name in full} | {names.surname(titled.name) for titled in true}
    if isinstance(part, DraftOutbound) and part.persona.name.strip() and part.card.customer.strip():
        yield from _persona(part, said[0].path.split(".persona")[0])
    told: set[str] = set()
    for one in said:
        persons = [titled.name for titled in names.titled(one.text, full) if names.is_name(titled.name)]
        strong = [*names.cued(one.text, one.asked), *persons]
        for name in dict.fromkeys([*strong, *names.alone(one.text)]):
            if name in full or name in told:
                continue
            if like := next((other for other in sorted(full) if names.alike(name, other)), None):
                told.add(name)
                yield doubt(
                    one.path,
                    f"姓名前后不一致：这里是“{name}”，别处是“{like}”",
                    f"The name differs: {name} here, {like} elsewhere",
                )
            elif name in strong:
                full.add(name)
                surnames.add(names.surname(name))
        if one.ours and surnames:
            yield from _titles(one, true, surnames, full)


def _titles(one: Said, true: Sequence[names.Titled], surnames: set[str], full: set[str]) -> Iterator[Fault]:
    for found in names.titled(one.text, full):
        own = names.surname(found.name)
        titles = {titled.title for titled in true if names.surname(titled.name) == own}
        if own not in surnames:
            yield doubt(
                one.path,
                f"“{found.name}{found.title}”在情景、业务记录和客户的话中都没有：姓氏是否写错？",
                f"{found.name}{found.title} occurs nowhere else: is the surname right?",
            )
        elif titles and not _same_title(found.title, titles):
            yield doubt(
                one.path,
                f"称呼前后不一致：这里是“{found.name}{found.title}”，情景中是“{own}{'、'.join(sorted(titles))}”",
                f"The title differs: {found.name}{found.title} here, {', '.join(sorted(titles))} on the card",
            )


def _same_title(title: str, titles: set[str]) -> bool:
    return (title == "先生") in {one == "先生" for one in titles}


def _persona(part: DraftOutbound, path: str) -> Iterator[Fault]:
    """The persona is the customer of the card."""
    found = []
    for text in (part.card.customer, part.persona.name):
        titled = next(names.titled(text), None)
        name = titled.name if titled else text.strip()
        found.append((names.surname(name), titled.title if titled else ""))
    (own, title), (other, other_title) = found
    if own != other or (title and other_title and not _same_title(title, {other_title})):
        yield doubt(
            f"{path}.persona.name",
            f"与卡片上的客户“{part.card.customer}”不是同一个人：这里是“{part.persona.name}”",
            f"Not the customer of the card ({part.card.customer}): {part.persona.name}",
        )


def _proper(known: _Known, said: Sequence[Said]) -> Iterator[Fault]:
    """Names of company and products, misspelt or of another company."""
    company = known.company.strip()
    first = next((one for one in said if one.ours), None)
    proper = [name.strip() for name in (company, *known.products) if name.strip()]
    for one in said:
        for name in proper:
            if (like := names.near(one.text, name)) and like not in proper:
                yield doubt(
                    one.path,
                    f"“{like}”与“{name}”只差一两个字：请核对",
                    f"{like} differs from {name}: which one is right?",
                )
        if company and one.ours and (one is first or one.path.endswith(".reference.opening")):
            for speaker in names.speaks_for(one.text):
                if not names.same_company(speaker, company):
                    yield doubt(
                        one.path,
                        f"公司前后不一致：这里是“{speaker}”，情景中是“{company}”",
                        f"The company differs: {speaker} here, {company} on the card",
                    )


def _weekdays(draft: TelephonyDraft) -> Iterator[Fault]:
    """2026年3月12日（星期五), which was a Thursday."""
    for number, part in enumerate(draft.parts):
        if not isinstance(part, DraftInbound):
            continue
        text = normal(part.card.date)
        day = next((_day(*one) for one in dates(text)), None)
        at = max(text.find("星期"), text.find("周"))
        said = text[at:].removeprefix("星期").removeprefix("周")[:1] if at >= 0 else ""
        if (
            day is not None
            and said
            and said in "一二三四五六日天"
            and "一二三四五六日".find(said.replace("天", "日")) != day.weekday()
        ):
            right = "一二三四五六日"[day.weekday()]
            yield doubt(
                f"parts.{number}.card.date",
                f"{day.isoformat()} 是星期{right}，这里写的是星期{said}",
                f"{day.isoformat()} is another day of the week (星期{right})",
            )


def _unknown(path: str, what: str, zh: str, en: str) -> Fault:
    return doubt(
        path, f"{what}在{zh}中都找不到：是否前后不一致？", f"{what} occurs in neither {en}: does it agree with them?"
    )
