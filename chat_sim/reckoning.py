"""What a finished history amounts to, read once: conversations with every reply judged anew, orders, acts.

Replies are judged by the rules and the key as they stand; what the customers made of them at the time stays as it was.
Times are those of the events (stage ms).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from chat_sim import customers, pricing
from chat_sim import events as e
from chat_sim.commands import CloseReason
from chat_sim.content import ChatContent
from chat_sim.events import ChatEvent, Finding, Verdict
from chat_sim.keyed import key_id
from chat_sim.persona import Courtesy, Need, Persona
from chat_sim.rating import RatingCounts, courtesy_at_ends, rate, wrong_in
from chat_sim.reacting import standing
from chat_sim.seat import OrderStatus, Quote
from chat_sim.sheet import SheetRating
from chat_sim.state import arrivals
from chat_sim.understanding.judge import RULES, Understood, settle, understand
from server.core.contract import Journalled
from server.kpi.chat import Round, Said, rounds

_LEAVE_TAKING = frozenset({"met", "paid", "declines", "closing", "leaves"})
"""What a customer says that wants no reply."""


@dataclass(slots=True)
class Reply:
    """A message of the agent: what it says of the open needs, by the rules and the key as they stand."""

    seq: int
    event: e.AgentSaid
    findings: tuple[Finding, ...]
    verdicts: dict[str, Verdict]
    courtesy: tuple[Courtesy, ...]
    forbidden: tuple[str, ...]


@dataclass(slots=True)
class Asked:
    """A need that was put: since when, what was said of it, how it stands.

    `verdict` is the last one that said anything of it, `by` the message that met it; `journalled` how it was settled at
    the time (None: it was open at the end), `same`: every reply is judged now as it was then.
    """

    need: Need
    asked_ms: int
    findings: list[tuple[int, Finding]] = field(default_factory=list)
    courtesy: list[Courtesy] = field(default_factory=list)
    verdict: Verdict = "nothing"
    by: int | None = None
    journalled: bool | None = None
    journalled_by: int | None = None
    same: bool = True

    def stands(self, verdict: Verdict, n: int) -> None:
        """One more message has said something of it, or nothing."""
        after = standing(self.verdict, verdict)
        self.by = n if after == "met" and self.verdict != "met" else self.by
        self.verdict = after

    @property
    def facts(self) -> tuple[int, int]:
        """Required facts that were said right in the end, and how many there are."""
        last = {finding.fact: finding.verdict for _, finding in self.findings}
        required = [fact.id for fact in self.need.facts if fact.required]
        return sum(last.get(fact) == "right" for fact in required), len(required)

    @property
    def met(self) -> bool:
        """Whether it was met, by the key as it stands."""
        if self.journalled is not None and (self.same or self.need.kind == "silence"):
            return self.journalled
        return self.verdict == "met"

    @property
    def met_by(self) -> int | None:
        """Number of the message that met it."""
        if not self.met:
            return None
        return self.journalled_by if self.journalled and self.journalled_by is not None else self.by


@dataclass(slots=True)
class Ordered:
    """An order that was sent, with its working."""

    seq: int
    event: e.OrderSent
    quote: Quote
    status: OrderStatus = "sent"
    paid_ms: int | None = None


@dataclass(slots=True)
class Talk:
    """A conversation."""

    persona: Persona
    arrived_ms: int
    accepted_ms: int | None = None
    ended_ms: int | None = None
    ended_by: Literal["agent", "customer"] | None = None
    reason: CloseReason | None = None
    remark: str = ""
    stars: int | None = None
    """What the customer gave at the end, as journalled; None if the end never came."""
    note: str = ""
    heard: list[tuple[int, e.CustomerSaid]] = field(default_factory=list)
    """The customer's messages with their sequence numbers."""
    replies: list[Reply] = field(default_factory=list)
    asked: dict[str, Asked] = field(default_factory=dict)
    orders: list[Ordered] = field(default_factory=list)
    until_ms: int = 0
    """Its end, or the end of the work."""
    ended_seq: int = 0

    @property
    def said(self) -> list[Said]:
        """Its messages, in order."""
        own = [(m.n, Said(m.stage_ms, "customer", m.cause not in _LEAVE_TAKING)) for _, m in self.heard]
        own += [(one.event.n, Said(one.event.stage_ms, "agent")) for one in self.replies]
        own += [(order.event.n, Said(order.event.stage_ms, "agent")) for order in self.orders]
        return [message for _, message in sorted(own, key=lambda one: one[0])]

    @property
    def replied(self) -> int:
        """How many messages the agent sent: texts, cards and orders."""
        return len(self.replies) + len(self.orders)

    @property
    def rounds(self) -> list[Round]:
        """轮次."""
        return rounds(self.said)

    @property
    def all_put(self) -> bool:
        """Whether the customer put all its needs."""
        return all(need.id in self.asked for need in customers.puttable(self.persona))

    @property
    def served(self) -> bool:
        """It got a reply, and at least half of what it asked was met: a quick word that helps nobody is no service."""
        return self.replied > 0 and 2 * self.met >= len(self.asked)

    @property
    def cut_off(self) -> bool:
        """Closed by the agent before a customer that might buy had paid or declined."""
        declined = any(message.cause == "declines" for _, message in self.heard)
        return self.ended_by == "agent" and self.persona.purchase is not None and not self.paid and not declined

    @property
    def whole(self) -> bool:
        """Served to the end: it put everything, did not give up, and was not sent away before it had bought."""
        return self.served and self.all_put and self.ended_by != "customer" and not self.cut_off

    @property
    def met(self) -> int:
        """How many of its needs were met."""
        return sum(one.met for one in self.asked.values())

    @property
    def wrong(self) -> int:
        """Wrong facts that were said."""
        return sum(wrong_in(one.findings) for one in self.replies)

    @property
    def forbidden(self) -> int:
        """Forbidden words that were said."""
        return sum(len(one.forbidden) for one in self.replies)

    @property
    def paid(self) -> list[Ordered]:
        """Orders that were paid."""
        return [order for order in self.orders if order.status == "paid"]

    def courtesy(self, kind: Courtesy) -> int:
        """Messages with a phrase of this kind."""
        return sum(kind in one.courtesy for one in self.replies)

    def rating(self) -> SheetRating:
        """The customer's rating, by the key as it stands; of one that is open, as if it ended here."""
        greeting, closing = courtesy_at_ends([one.courtesy for one in self.replies if one.event.product is None])
        counts = RatingCounts(
            nudges=sum(m.cause == "nudge" for _, m in self.heard),
            unmet=len(self.asked) - self.met,
            wrong=self.wrong,
            forbidden=self.forbidden,
            greeting=greeting,
            closing=closing,
            left=self.ended_by == "customer" or not self.all_put,
            replied=self.replied > 0,
        )
        return rate(self.persona, counts)


@dataclass(slots=True)
class Reckoning:
    """The whole desk: conversations by order of arrival, everything else in order of the journal."""

    content: ChatContent
    talks: dict[str, Talk] = field(default_factory=dict)
    history: Sequence[Journalled[ChatEvent]] = ()
    nickname: str = ""
    net_ms: int = 0
    """The last event of all."""
    until_ms: int = 0
    """The last event of any conversation: open ones are measured up to it."""
    sold: dict[str, int] = field(default_factory=dict)
    searches: int = 0
    blocked: int = 0
    largest_insert: int = 0

    @property
    def expected(self) -> Sequence[Persona]:
        """Customers of the paper, whether they came or not."""
        return arrivals(self.content)


def reckon(content: ChatContent, history: Sequence[Journalled[ChatEvent]]) -> Reckoning:
    """Read a history; conversations of customers that the content doesn't have are passed over."""
    found = Reckoning(content, history=history)
    for entry in history:
        event = entry.event
        found.net_ms = max(found.net_ms, event.stage_ms)
        match event:
            case e.NicknameSet():
                found.nickname = event.nickname
            case e.Searched():
                found.searches += event.query != ""
            case e.InputWasBlocked():
                found.blocked += 1
            case e.FieldSaved():
                found.largest_insert = max(found.largest_insert, event.largest_insert)
                if event.field == "note" and (talk := found.talks.get(event.item)) is not None:
                    talk.note = event.text
            case (
                e.CustomerSaid()
                | e.Accepted()
                | e.AgentSaid()
                | e.NeedSettled()
                | e.OrderSent()
                | e.OrderPaid()
                | e.OrderEnded()
                | e.ConversationEnded()
            ):
                found.until_ms = max(found.until_ms, event.stage_ms)
                _happened(found, entry.seq, event)
            case _:
                pass
    for talk in found.talks.values():
        talk.until_ms = found.until_ms if talk.ended_ms is None else talk.ended_ms
    return found


_InTalk = (
    e.CustomerSaid
    | e.Accepted
    | e.AgentSaid
    | e.NeedSettled
    | e.OrderSent
    | e.OrderPaid
    | e.OrderEnded
    | e.ConversationEnded
)


def _happened(found: Reckoning, seq: int, event: _InTalk) -> None:
    talk = found.talks.get(event.conversation)
    if talk is None:
        persona = found.content.persona(event.conversation)
        if persona is None or not isinstance(event, e.CustomerSaid):
            return
        talk = found.talks[persona.id] = Talk(persona, event.stage_ms)
    match event:
        case e.CustomerSaid():
            talk.heard.append((seq, event))
            if event.cause == "ask":
                _ask(talk, event.need, event.stage_ms)
        case e.Accepted():
            talk.accepted_ms = event.stage_ms
        case e.AgentSaid():
            talk.replies.append(_judged(found.content, talk, seq, event))
        case e.NeedSettled():
            _settled(talk, event)
        case e.OrderSent():
            talk.orders.append(_ordered(found, talk, seq, event))
        case e.OrderPaid() | e.OrderEnded():
            _order_over(found, talk, event)
        case e.ConversationEnded():
            talk.ended_ms, talk.ended_by, talk.reason = event.stage_ms, event.by, event.reason
            talk.remark, talk.stars, talk.ended_seq = event.remark, event.stars, seq


def _ask(talk: Talk, need_id: str | None, at_ms: int) -> Asked | None:
    """The need is put, if it is one of the customer's and was not put before."""
    if need_id is None or need_id in talk.asked:
        return talk.asked.get(need_id or "")
    need = next((need for need in talk.persona.needs if need.id == need_id), None)
    if need is None:
        return None
    return talk.asked.setdefault(need.id, Asked(need, at_ms))


def _judged(content: ChatContent, talk: Talk, seq: int, event: e.AgentSaid) -> Reply:
    """The message judged anew, for the needs that were open."""
    # A need that says nothing (silence) is known to be open by being listed here, or by being settled.
    open_ = [asked for one in event.needs if (asked := _ask(talk, one.need, _last_heard_ms(talk))) is not None]
    then = {one.need: one.verdict for one in event.needs}
    if event.rules == RULES and event.key == key_id(content, talk.persona):
        return _as_journalled(seq, event, open_, then)
    spoken = [asked.need for asked in open_ if asked.need.kind != "silence"]
    understood = understand(content, talk.persona, spoken, event.text) if event.product is None else Understood()
    verdicts: dict[str, Verdict] = {}
    for asked in open_:
        asked.findings += [(event.n, one) for one in understood.findings if one.need == asked.need.id]
        asked.courtesy += understood.courtesy
        if asked.need.kind == "silence":
            verdicts[asked.need.id] = then[asked.need.id]
            continue
        verdict = settle(asked.need, [one for _, one in asked.findings], asked.courtesy, understood)
        verdicts[asked.need.id] = verdict
        asked.same = asked.same and verdict == then[asked.need.id]
        asked.stands(verdict, event.n)
    return Reply(seq, event, understood.findings, verdicts, understood.courtesy, understood.forbidden)


def _as_journalled(seq: int, event: e.AgentSaid, open_: list[Asked], then: dict[str, Verdict]) -> Reply:
    """By the same key and the same rules nothing else can come of it."""
    for asked in open_:
        asked.findings += [(event.n, one) for one in event.findings if one.need == asked.need.id]
        asked.courtesy += event.courtesy
        if asked.need.kind != "silence":
            asked.stands(then[asked.need.id], event.n)
    return Reply(seq, event, event.findings, then, event.courtesy, event.forbidden)


def _settled(talk: Talk, event: e.NeedSettled) -> None:
    asked = talk.asked.get(event.need)
    if asked is None:
        need = next((need for need in talk.persona.needs if need.id == event.need), None)
        if need is None or (need.kind != "silence" and not event.met):
            return
        asked = talk.asked.setdefault(need.id, Asked(need, _last_heard_ms(talk)))
    asked.journalled, asked.journalled_by = event.met, event.by


def _last_heard_ms(talk: Talk) -> int:
    return talk.heard[-1][1].stage_ms


def _ordered(found: Reckoning, talk: Talk, seq: int, event: e.OrderSent) -> Ordered:
    """The order with its working; its stock is taken, gifts and all."""
    file, shop = talk.persona.file, found.content.shop
    stock = pricing.left(shop, found.sold)
    try:
        quote = pricing.quote(shop, event.lines, event.coupon, file.member, city=file.city, stock=stock)
    except ValueError:
        zero = Decimal("0.00")
        quote = Quote(lines=(), goods=event.total, steps=(), shipping=zero, total=event.total)
    order = Ordered(seq, event, quote)
    _take(found, order, 1)
    return order


def _order_over(found: Reckoning, talk: Talk, event: e.OrderPaid | e.OrderEnded) -> None:
    order = next((one for one in talk.orders if one.event.order == event.order), None)
    if order is None:
        return
    if isinstance(event, e.OrderPaid):
        order.status, order.paid_ms = "paid", event.stage_ms
        return
    order.status = event.cause if event.cause in ("cancelled", "closed") else "refused"
    _take(found, order, -1)


def _take(found: Reckoning, order: Ordered, sign: int) -> None:
    for line in (*order.event.lines, *order.event.gifts):
        found.sold[line.sku] = found.sold.get(line.sku, 0) + sign * line.quantity
