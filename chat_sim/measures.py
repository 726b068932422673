"""Figures of a conversation and of the whole desk, each with the formula that made it (`server.kpi`)."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from chat_sim.persona import Courtesy
from chat_sim.reckoning import Reckoning, Talk
from chat_sim.suggesting import suggestions
from server.core.outcome import Measure
from server.kpi import chat
from server.kpi.registry import formula

_CENT = Decimal("0.01")
_COURTESY: tuple[Courtesy, ...] = ("greeting", "waiting", "apology", "closing")


def of_talk(found: Reckoning, talk: Talk) -> tuple[Measure, ...]:
    """Figures of one conversation; one that can't be had (no reply, nothing paid) is missing."""
    return tuple(_figures(found, [talk]))


def of_desk(found: Reckoning) -> tuple[Measure, ...]:
    """Figures of the contestant, over all customers that came; keys are those of the conversations."""
    return tuple(_whole(found))


def spans(talks: Iterable[Talk]) -> list[chat.Span]:
    """When conversations were open: from accepting to the end, or to the end of the work."""
    return [chat.Span(talk.accepted_ms, talk.until_ms) for talk in talks if talk.accepted_ms is not None]


def first_response_ms(talks: Iterable[Talk]) -> list[int]:
    """First responses of the conversations that have one."""
    return [ms for talk in talks if (ms := chat.first_response_ms(talk.said)) is not None]


def whole_ms(talks: Iterable[Talk]) -> list[int]:
    """Service times of the customers that were served to the end."""
    return [talk.until_ms - talk.accepted_ms for talk in talks if talk.whole and talk.accepted_ms is not None]


def reply_ratio(talks: Iterable[Talk]) -> Decimal | None:
    """答客比 over the conversations that got a reply."""
    own = [talk for talk in talks if talk.replied]
    return chat.ratio(sum(talk.replied for talk in own), sum(len(talk.heard) for talk in own))


def accuracy(talks: Sequence[Talk]) -> Decimal | None:
    """服务准确率: needs met ÷ needs put."""
    return chat.ratio(sum(talk.met for talk in talks), sum(len(talk.asked) for talk in talks))


def rating(talks: Sequence[Talk]) -> Decimal | None:
    """Mean stars."""
    return chat.ratio(sum(talk.rating().stars for talk in talks), len(talks), _CENT)


def _whole(found: Reckoning) -> Iterator[Measure]:
    talks = list(found.talks.values())
    yield _measure("customers", "customers.arrived/1", len(talks))
    yield _measure("replied", "customers.replied/1", sum(talk.replied > 0 for talk in talks))
    yield from _figures(found, talks)
    steps = chat.concurrency(spans(talks))
    yield from _optional("concurrency", "concurrency.mean/1", chat.mean_concurrency(steps))
    yield _measure("peak", "concurrency.peak/1", chat.peak(steps))
    canned = sum(reply.event.canned is not None for talk in talks for reply in talk.replies)
    yield _measure("searches", "searches.count/1", found.searches)
    yield _measure("canned", "canned_phrases.count/1", canned)
    yield _measure("largest_insert", "largest_insert.characters/1", found.largest_insert)
    yield _measure("blocked", "input_blocked.count/1", found.blocked)


def _figures(found: Reckoning, talks: Sequence[Talk]) -> Iterator[Measure]:
    rounds = [one for talk in talks for one in talk.rounds]
    accepted = [(talk, talk.accepted_ms) for talk in talks if talk.accepted_ms is not None]
    in_time = [chat.response_counts(talk.rounds, talk.until_ms, ended=talk.ended_ms is not None) for talk in talks]
    answered, counted = sum(part for part, _ in in_time), sum(all_ for _, all_ in in_time)
    queued = [at - talk.arrived_ms for talk, at in accepted]
    sessions = [talk.until_ms - at for talk, at in accepted]
    waits = [chat.waits_ms(talk.rounds, at, talk.until_ms) for talk, at in accepted]
    firsts, lasts = chat.response_ms(rounds, "first"), chat.response_ms(rounds, "last")
    yield from _optional("accept_wait", "accept_wait.mean/1", chat.mean_ms(queued))
    yield from _optional("first_response", "first_response.mean/1", chat.mean_ms(first_response_ms(talks)))
    yield from _optional("avg_response", "average_response.round_first/1", chat.mean_ms(firsts))
    yield from _optional("avg_response_last", "average_response.round_last/1", chat.mean_ms(lasts))
    yield from _optional("response_rate", "response_rate.within_180s/1", chat.ratio(answered, counted))
    yield from _optional("reply_ratio", "reply_ratio.messages/1", reply_ratio(talks))
    yield from _optional("session", "service_time.session/1", chat.mean_ms(sessions))
    yield from _optional("service_time", "service_time.whole/1", chat.mean_ms(whole_ms(talks)))
    yield from _optional("customer_waits", "service_time.customer_waits/1", chat.mean_ms(waits))
    yield from _optional("accuracy", "accuracy.needs/1", accuracy(talks))
    facts = [asked.facts for talk in talks for asked in talk.asked.values()]
    right, required = sum(said for said, _ in facts), sum(all_ for _, all_ in facts)
    yield from _optional("accuracy_facts", "accuracy.facts/1", chat.ratio(right, required))
    yield _measure("wrong", "wrong_facts.count/1", sum(talk.wrong for talk in talks))
    for kind in _COURTESY:
        yield _measure(kind, f"courtesy.{kind}/1", sum(talk.courtesy(kind) for talk in talks))
    yield _measure("forbidden", "forbidden_words.count/1", sum(talk.forbidden for talk in talks))
    made = [one for talk in talks for one in suggestions(found.content, talk)]
    yield _measure("recommended", "recommendations.made/1", len(made))
    yield _measure("accepted", "recommendations.accepted/1", sum(one.accepted is True for one in made))
    yield from _optional("rating", "rating.mean/1", rating(talks))
    paid = [order for talk in talks for order in talk.paid]
    buyers = sum(bool(talk.paid) for talk in talks)
    sales = sum((order.event.total for order in paid), Decimal(0))
    pieces = sum(line.quantity for order in paid for line in order.event.lines)
    yield from _optional("conversion", "conversion.customers/1", chat.ratio(buyers, len(talks)))
    yield _measure("sales", "sales.paid/1", sales.quantize(_CENT))
    yield from _optional("order_value", "order_value.customers/1", chat.ratio(sales, buyers, _CENT))
    yield from _optional("items_per_order", "items_per_order.customers/1", chat.ratio(pieces, buyers, _CENT))


def _optional(key: str, formula_id: str, value: Decimal | int | None) -> Iterator[Measure]:
    if value is not None:
        yield _measure(key, formula_id, value)


def _measure(key: str, formula_id: str, value: Decimal | int) -> Measure:
    meant = formula(formula_id)
    return Measure(key=key, title=meant.title, value=Decimal(value), unit=meant.unit, formula=meant.id)
