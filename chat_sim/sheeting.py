"""Makes the sheet of a finished history."""

from collections.abc import Iterator

from chat_sim import events as e
from chat_sim import indicators, measures, pricing
from chat_sim.basket import money
from chat_sim.content import ChatContent
from chat_sim.persona import Courtesy, Fact, Persona
from chat_sim.reckoning import Asked, Ordered, Reckoning, Reply, Talk
from chat_sim.sheet import (
    ChatSheet,
    SheetAct,
    SheetConversation,
    SheetFact,
    SheetMessage,
    SheetNeed,
    SheetOrder,
    SheetRound,
)
from chat_sim.shop import Picture
from chat_sim.suggesting import suggestions
from chat_sim.understanding.judge import RULES
from server.kpi import chat

_COURTESY: dict[Courtesy, str] = {
    "greeting": "开头用语",
    "waiting": "等候用语",
    "apology": "致歉用语",
    "closing": "结束用语",
}
_REASONS = {
    "ordered": "已下单",
    "solved": "已解决",
    "unsolved": "未解决",
    "transferred": "已转交",
    "customer_gone": "客户已离开",
}


def sheet(found: Reckoning) -> ChatSheet:
    """The whole desk."""
    talks = sorted(found.talks.values(), key=lambda talk: talk.arrived_ms)
    return ChatSheet(
        shop=found.content.shop.name,
        nickname=found.nickname,
        net_ms=found.net_ms,
        rules=RULES,
        conversations=tuple(_conversation(found, talk) for talk in talks),
        not_arrived=sum(persona.id not in found.talks for persona in found.expected),
        acts=tuple(_acts(found)),
        indicators=indicators.shown(found),
        concurrency=chat.concurrency(measures.spans(talks)),
    )


def _conversation(found: Reckoning, talk: Talk) -> SheetConversation:
    persona = talk.persona
    return SheetConversation(
        id=persona.id,
        name=persona.name,
        profile=persona.profile,
        arrived_ms=talk.arrived_ms,
        accepted_ms=talk.accepted_ms,
        ended_ms=talk.ended_ms,
        ended_by=talk.ended_by,
        reason=talk.reason,
        remark=talk.remark,
        note=talk.note,
        messages=_messages(talk),
        needs=tuple(_need(persona, talk.asked.get(need.id), number) for number, need in enumerate(persona.needs)),
        rounds=tuple(
            SheetRound(from_ms=one.from_ms, last_ms=one.last_ms, replied_ms=one.replied_ms) for one in talk.rounds
        ),
        orders=tuple(_order(order) for order in talk.orders),
        suggestions=suggestions(found.content, talk),
        rating=talk.rating(),
        measures=measures.of_talk(found, talk),
    )


def _messages(talk: Talk) -> tuple[SheetMessage, ...]:
    pictures = {need.picture.sha256: need.picture for need in talk.persona.needs if need.picture is not None}
    own = [_heard(message, pictures) for _, message in talk.heard]
    own += [_reply(reply) for reply in talk.replies]
    own += [_order_card(order) for order in talk.orders]
    return tuple(sorted(own, key=lambda message: message.n))


def _heard(message: e.CustomerSaid, pictures: dict[str, Picture]) -> SheetMessage:
    return SheetMessage(
        n=message.n,
        at_ms=message.stage_ms,
        by="customer",
        text=message.text,
        cause=message.cause,
        need=message.need,
        picture=pictures.get(message.picture or ""),
    )


def _reply(reply: Reply) -> SheetMessage:
    event = reply.event
    then = {one.need: one.verdict for one in event.needs}
    return SheetMessage(
        n=event.n,
        at_ms=event.stage_ms,
        by="agent",
        text=event.text,
        product=event.product,
        canned=event.canned,
        findings=reply.findings,
        verdicts=reply.verdicts,
        said_verdicts={need: then[need] for need, verdict in reply.verdicts.items() if then[need] != verdict},
        courtesy=reply.courtesy,
        forbidden=reply.forbidden,
        suggested=event.suggested,
    )


def _order_card(order: Ordered) -> SheetMessage:
    event = order.event
    return SheetMessage(n=event.n, at_ms=event.stage_ms, by="agent", text="", order=event.order)


def _order(order: Ordered) -> SheetOrder:
    event = order.event
    return SheetOrder(
        order=event.order,
        n=event.n,
        sent_ms=event.stage_ms,
        status=order.status,
        paid_ms=order.paid_ms,
        quote=order.quote,
        coupon=event.coupon,
    )


def _need(persona: Persona, asked: Asked | None, number: int) -> SheetNeed:
    need = persona.needs[number]
    return SheetNeed(
        id=need.id,
        kind=need.kind,
        title=need.title,
        asked_ms=None if asked is None else asked.asked_ms,
        met=asked is not None and asked.met,
        by=None if asked is None else asked.met_by,
        facts=tuple(_facts(asked)) if asked is not None else tuple(_unsaid(fact) for fact in need.facts),
        reference=need.reference,
    )


def _facts(asked: Asked) -> Iterator[SheetFact]:
    """Facts, courtesy that was asked for, and what was said that must not be said.

    `right` of such a thing: it was taken back, by a later message that says something of the need rightly.
    """
    last = {finding.fact: (n, finding) for n, finding in asked.findings}
    for fact in asked.need.facts:
        own = _unsaid(fact)
        if fact.id in last:
            n, finding = last[fact.id]
            own = own.model_copy(update={"said": finding.verdict, "by": n})
        yield own
    for kind in asked.need.courtesy:
        yield SheetFact(
            id=f"courtesy:{kind}",
            title=_COURTESY[kind],
            expected=_COURTESY[kind],
            required=True,
            said="right" if kind in asked.courtesy else "no",
        )
    for wrong in asked.need.wrong:
        said = [n for n, finding in asked.findings if finding.fact == wrong.id and finding.verdict == "wrong"]
        if said:
            back = any(n > said[-1] and finding.verdict == "right" for n, finding in asked.findings)
            yield SheetFact(
                id=wrong.id,
                title=wrong.title,
                expected=f"不应说：{wrong.phrases[0]}",
                required=False,
                said="right" if back else "wrong",
                by=said[-1],
            )


def _unsaid(fact: Fact) -> SheetFact:
    first = fact.accept[0]
    unit = fact.unit if not first.endswith(fact.unit) else ""
    expected = f"应否认：{first}" if fact.denied else f"{first}{unit}"
    return SheetFact(id=fact.id, title=fact.title, expected=expected, required=fact.required, said="no")


def _acts(found: Reckoning) -> Iterator[SheetAct]:
    """Everything but messages, in order; a look-up belongs to the conversation that is on the screen."""
    shop = found.content.shop
    articles = {article.id: article.title for article in shop.articles}
    products = {product.id: product.name for product in shop.products}
    shown: tuple[str, ...] = ()
    typed: dict[str, str] = {}
    for entry in found.history:
        event = entry.event
        at_ms = event.stage_ms
        current = shown[0] if shown else None
        match event:
            case e.NicknameSet():
                yield SheetAct(at_ms=at_ms, act="nickname", text=event.nickname)
            case e.Accepted():
                yield SheetAct(at_ms=at_ms, act="accept", conversation=event.conversation)
            case e.Shown():
                shown = event.conversations
                first = shown[0] if shown else None
                yield SheetAct(at_ms=at_ms, act="show", conversation=first, shown=shown)
            case e.FieldSaved(field="note"):
                yield SheetAct(at_ms=at_ms, act="note", conversation=event.item, text=event.text)
            case e.FieldSaved():
                if typed.get(event.item, "") != event.text:
                    typed[event.item] = event.text
                    yield SheetAct(at_ms=at_ms, act="typed", conversation=event.item, text=event.text)
            case e.AgentSaid():
                typed.pop(event.conversation, None)
            case e.Searched():
                yield SheetAct(at_ms=at_ms, act="search", conversation=current, text=event.query)
            case e.ArticleOpened():
                title = articles.get(event.article or "", "")
                yield SheetAct(at_ms=at_ms, act="article", conversation=current, text=title)
            case e.ProductOpened():
                name = products.get(event.product or "", "")
                yield SheetAct(at_ms=at_ms, act="product", conversation=current, text=name)
            case e.PictureOpened():
                whose, alt = _picture(found, event.n)
                yield SheetAct(at_ms=at_ms, act="picture", conversation=whose, text=alt)
            case e.Calculated():
                text = f"合计 {money(event.total)}"
                yield SheetAct(at_ms=at_ms, act="calculate", conversation=current, text=text)
            case e.OrderSet():
                text = _form(found.content, event)
                yield SheetAct(at_ms=at_ms, act="order", conversation=event.conversation, text=text)
            case e.OrderEnded(cause="cancelled"):
                text = f"撤回订单 {event.order}"
                yield SheetAct(at_ms=at_ms, act="order", conversation=event.conversation, text=text)
            case e.InputWasBlocked():
                item = event.item if event.item in found.talks else None
                yield SheetAct(at_ms=at_ms, act="blocked", conversation=item, text=event.kind)
            case e.ConversationEnded(by="agent"):
                text = _REASONS[event.reason]
                yield SheetAct(at_ms=at_ms, act="end", conversation=event.conversation, text=text)
            case _:
                pass


def _form(content: ChatContent, event: e.OrderSet) -> str:
    """What an order form comes to, or what is wrong with it."""
    if not event.lines:
        return ""
    persona = content.persona(event.conversation)
    if persona is None:
        return ""
    if (wrong := pricing.fault(content.shop, event.lines, event.coupon, {})) is not None:
        return wrong.zh
    file = persona.file
    total = pricing.quote(content.shop, event.lines, event.coupon, file.member, city=file.city).total
    return f"合计 {money(total)}"


def _picture(found: Reckoning, n: int) -> tuple[str | None, str]:
    """Whose picture a message brought, and what it shows."""
    for talk in found.talks.values():
        for _, message in talk.heard:
            if message.n == n:
                alts = {
                    need.picture.sha256: need.picture.alt for need in talk.persona.needs if need.picture is not None
                }
                return talk.persona.id, alts.get(message.picture or "", "")
    return None, ""
