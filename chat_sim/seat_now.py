"""How an attempt stands, for its page: conversations, messages, orders, look-ups. Never a need, never a judgement."""

from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache

from chat_sim import look_up, ordering, pricing
from chat_sim.content import ChatContent
from chat_sim.persona import CustomerFile, Persona
from chat_sim.same import Same
from chat_sim.seat import (
    RECENT,
    ArticleView,
    BasketView,
    ChatMessage,
    ConversationPhase,
    HitView,
    LiveConversation,
    LookUpView,
    OrderForm,
    OrderView,
    QuoteLine,
    SeatLive,
    SeatState,
)
from chat_sim.shop import Picture
from chat_sim.state import (
    BasketState,
    ChatState,
    ConversationState,
    FormState,
    LookUpState,
    MessageState,
    OrderState,
    arrivals,
    opaque,
)


def seat_state(content: ChatContent, state: ChatState) -> SeatState:
    """Texts by conversation and field, all messages, what is live."""
    return SeatState(
        texts={opaque(content, persona_id): fields for persona_id, fields in state.texts.items()},
        messages=tuple(message_view(content, message) for message in state.messages),
        live=seat_live(content, state),
    )


def seat_live(content: ChatContent, state: ChatState) -> SeatLive:
    """Asked for after every event of every attempt: what did not change is not made anew."""
    left = ordering.left_of(content, state)
    taken = tuple(sorted(left.items()))
    conversations = (
        _conversation(Same(content), Same(own), taken if own.form.lines else ()) for own in state.conversations
    )
    return SeatLive(
        nickname=state.nickname,
        shown=tuple(opaque(content, persona_id) for persona_id in state.shown),
        conversations=tuple(conversations),
        messages=len(state.messages),
        recent=tuple(_message(Same(content), Same(message)) for message in state.messages[-RECENT:]),
        orders=tuple(_order(Same(content), Same(order)) for order in state.orders),
        stock=left,
        look_up=_look_up(Same(content), Same(state.look_up)),
        basket=_basket(Same(content), Same(state.basket), taken if state.basket.lines else ()),
        to_come=len(arrivals(content)) - len(state.conversations),
    )


def message_view(content: ChatContent, message: MessageState) -> ChatMessage:
    """A message as both sides see it."""
    return ChatMessage(
        n=message.n,
        conversation=opaque(content, message.conversation),
        at_ms=message.at_ms,
        by=message.by,
        text=message.text,
        product=message.product,
        order=message.order,
        picture=_picture(content, message),
    )


def _picture(content: ChatContent, message: MessageState) -> Picture | None:
    if message.picture is None:
        return None
    persona = _persona(content, message.conversation)
    pictures = (need.picture for need in persona.needs if need.picture is not None)
    return next((picture for picture in pictures if picture.sha256 == message.picture), None)


def _persona(content: ChatContent, persona_id: str) -> Persona:
    persona = content.persona(persona_id)
    assert persona is not None
    return persona


@lru_cache(maxsize=4_096)
def _message(paper: Same[ChatContent], held: Same[MessageState]) -> ChatMessage:
    content, message = paper.value, held.value
    return message_view(content, message)


@lru_cache(maxsize=4_096)
def _conversation(
    paper: Same[ChatContent], held: Same[ConversationState], left: tuple[tuple[str, int], ...]
) -> LiveConversation:
    content, own = paper.value, held.value
    persona = _persona(content, own.id)
    phase: ConversationPhase = "open" if own.accepted_ms is not None else "waiting"
    return LiveConversation(
        id=opaque(content, own.id),
        name=persona.name,
        phase=phase if own.ended_ms is None else "ended",
        arrived_ms=own.arrived_ms,
        accepted_ms=own.accepted_ms,
        ended_ms=own.ended_ms,
        ended_by=own.ended_by,
        reason=own.reason,
        waiting_since_ms=own.waiting_since_ms,
        last_n=own.last_n,
        unseen=own.unseen,
        typing_from_ms=own.typing_ms,
        file=None if own.accepted_ms is None else persona.file,
        form=_form(content, own.form, persona.file, dict(left)),
    )


def _form(content: ChatContent, form: FormState, file: CustomerFile, left: dict[str, int]) -> OrderForm:
    """With its price, or with what is wrong with it; an empty form has neither."""
    quote = fault = None
    if form.lines:
        fault = pricing.fault(content.shop, form.lines, form.coupon, left)
        if fault is None:
            quote = ordering.quote(content, form.lines, form.coupon, file.member, file.city, left)
    return OrderForm(lines=form.lines, coupon=form.coupon, rev=form.rev, quote=quote, fault=fault)


@lru_cache(maxsize=4_096)
def _order(paper: Same[ChatContent], held: Same[OrderState]) -> OrderView:
    content, order = paper.value, held.value
    file = _persona(content, order.conversation).file
    quote = ordering.quote(content, order.lines, order.coupon, file.member, file.city, {})
    return OrderView(
        order=order.order,
        conversation=opaque(content, order.conversation),
        status=order.status,
        lines=(*(line for line in quote.lines if not line.gift), *_gifts(content, order)),
        coupon=order.coupon,
        total=order.total,
        sent_ms=order.sent_ms,
    )


def _gifts(content: ChatContent, order: OrderState) -> Iterator[QuoteLine]:
    """What was added free of charge when the order was sent: by now the stock may be another."""
    zero = Decimal("0.00")
    for line in order.gifts:
        found = content.shop.sku(line.sku)
        if found is not None:
            product, sku = found
            name = f"{product.name} {sku.name}"
            yield QuoteLine(
                sku=sku.id, product=product.id, name=name, quantity=line.quantity, unit=zero, amount=zero, gift=True
            )


@lru_cache(maxsize=1_024)
def _look_up(paper: Same[ChatContent], held: Same[LookUpState]) -> LookUpView:
    content, own = paper.value, held.value
    article = next((one for one in content.shop.articles if one.id == own.article), None)
    hits: tuple[HitView, ...] = look_up.hit_views(content.shop, own.query, own.hits) if own.hits else ()
    return LookUpView(
        query=own.query,
        hits=hits,
        products=own.products,
        article=None
        if article is None
        else ArticleView(id=article.id, title=article.title, body=article.body, updated=article.updated),
        product=own.product,
    )


@lru_cache(maxsize=1_024)
def _basket(paper: Same[ChatContent], held: Same[BasketState], left: tuple[tuple[str, int], ...]) -> BasketView:
    content, own = paper.value, held.value
    quote = ordering.quote(content, own.lines, own.coupon, own.member, "", dict(left)) if own.lines else None
    return BasketView(lines=own.lines, coupon=own.coupon, member=own.member, quote=quote)
