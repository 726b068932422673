"""How events change the state: `apply`, pure, in the order of the journal."""

from functools import lru_cache
from typing import Any, assert_never

from chat_sim import customers, minding
from chat_sim import events as e
from chat_sim.content import ChatContent
from chat_sim.persona import Persona
from chat_sim.same import Same
from chat_sim.seat import OrderStatus, TextState
from chat_sim.state import (
    Act,
    ActKind,
    BasketState,
    ChatState,
    ConversationState,
    FormState,
    LookUpState,
    MessageState,
    OrderState,
)

MOST_LOOKS = 500
"""After so many acts `answers` tells of no more searches and openings, but of all else; the journal has everything."""

_Talk = (
    e.CustomerSaid
    | e.Accepted
    | e.AgentSaid
    | e.NeedSettled
    | e.OrderSet
    | e.OrderSent
    | e.OrderPaid
    | e.OrderEnded
    | e.ConversationEnded
)
_ENDS: dict[str, OrderStatus] = {
    "cancelled": "cancelled",
    "wrong_items": "refused",
    "too_dear": "refused",
    "closed": "closed",
}


def apply(content: ChatContent, state: ChatState, event: e.ChatEvent) -> ChatState:
    """The state after an event."""
    return _applied(Same(content), Same(state), Same(event))


@lru_cache(maxsize=128)
def _applied(content_: Same[ChatContent], state_: Same[ChatState], event_: Same[e.ChatEvent]) -> ChatState:
    """What is decided is folded at once, to decide what follows from it, and again when it is taken note of."""
    content, state, event = content_.value, state_.value, event_.value
    change: dict[str, Any] = {"last_ms": max(state.last_ms, event.stage_ms)}
    match event:
        case e.NicknameSet():
            change |= {"nickname": event.nickname, "acts": _act(state, event, "nickname", event.nickname)}
        case e.FieldSaved():
            change["texts"] = _text(state, event.item, event.field, event.text, event.rev)
        case e.Shown():
            seen = (_seen(own) if own.id in event.conversations else own for own in state.conversations)
            change |= {"shown": event.conversations, "conversations": tuple(seen)}
        case e.Calculated():
            basket = BasketState(lines=event.lines, coupon=event.coupon, member=event.member)
            ref = basket.model_dump_json()
            change |= {"basket": basket, "acts": _looked(state, event, "calculate", ref)}
        case e.Searched() | e.ArticleOpened() | e.ProductOpened() | e.PictureOpened():
            change |= _look_up(state, event)
        case e.InputWasBlocked():
            change["blocked"] = state.blocked + 1
        case _:
            change |= _talk(content, state, event)
    return state.model_copy(update=change)


def _act(state: ChatState, event: e.ChatEvent, kind: ActKind, ref: str) -> tuple[Act, ...]:
    return (*state.acts, Act(event.stage_ms, kind, ref))


def _looked(state: ChatState, event: e.ChatEvent, kind: ActKind, ref: str) -> tuple[Act, ...]:
    return _act(state, event, kind, ref) if len(state.acts) < MOST_LOOKS else state.acts


def _text(state: ChatState, item: str, field: str, text: str, rev: int) -> dict[str, dict[str, TextState]]:
    return state.texts | {item: state.texts.get(item, {}) | {field: TextState(text=text, rev=rev)}}


def _seen(own: ConversationState) -> ConversationState:
    return own.model_copy(update={"unseen": 0}) if own.unseen else own


def _look_up(
    state: ChatState, event: e.Searched | e.ArticleOpened | e.ProductOpened | e.PictureOpened
) -> dict[str, Any]:
    old = state.look_up
    match event:
        case e.Searched():
            found = (*old.found, *(hit for hit in event.hits if hit not in old.found))
            new = LookUpState(
                query=event.query,
                hits=event.hits,
                products=event.products,
                article=old.article,
                product=old.product,
                found=found,
            )
            return {"look_up": new, "acts": _looked(state, event, "search", event.query)}
        case e.ArticleOpened():
            new = old.model_copy(update={"article": event.article})
            return {"look_up": new, "acts": _looked(state, event, "article", event.article or "")}
        case e.ProductOpened():
            new = old.model_copy(update={"product": event.product})
            return {"look_up": new, "acts": _looked(state, event, "product", event.product or "")}
        case e.PictureOpened():
            return {"acts": _looked(state, event, "picture", str(event.n))}
        case _:
            assert_never(event)


def _talk(content: ChatContent, state: ChatState, event: _Talk) -> dict[str, Any]:
    """What happened in a conversation: to it, to messages, orders, stock; and what its customer will do next."""
    persona = content.persona(event.conversation)
    assert persona is not None
    change: dict[str, Any] = {}
    match event:
        case e.CustomerSaid():
            change = _customer_said(state, event)
        case e.Accepted():
            change = {"acts": _act(state, event, "accept", event.conversation)}
        case e.AgentSaid():
            change = _agent_said(state, event)
        case e.OrderSent():
            change = _order_sent(state, event)
        case e.OrderPaid():
            change = _order_over(state, event.order, "paid")
        case e.OrderEnded():
            change = _order_over(state, event.order, _ENDS[event.cause], returns=True)
            if event.cause == "cancelled":
                change["acts"] = _act(state, event, "cancel_order", event.order)
        case e.ConversationEnded():
            if event.by == "agent":
                change = {"acts": _act(state, event, "close", event.conversation)}
        case e.OrderSet() | e.NeedSettled():
            pass
        case _:
            assert_never(event)
    old = state.conversation(event.conversation)
    new = _conversation(persona, old, event, event.conversation in state.shown)
    orders: tuple[OrderState, ...] = change.get("orders", state.orders)
    sent = next((order for order in orders if order.order == new.order), None)
    step = customers.next_step(persona, new, sent)
    new = new.model_copy(
        update={"next_ms": None if step is None else step.at_ms, "typing_ms": None if step is None else step.typing_ms}
    )
    if old is None:
        change["conversations"] = (*state.conversations, new)
    else:
        change["conversations"] = tuple(new if own.id == new.id else own for own in state.conversations)
    return change


def _customer_said(state: ChatState, event: e.CustomerSaid) -> dict[str, Any]:
    message = MessageState(
        n=event.n,
        conversation=event.conversation,
        at_ms=event.stage_ms,
        by="customer",
        text=event.text,
        picture=event.picture,
    )
    return {"messages": (*state.messages, message)}


def _agent_said(state: ChatState, event: e.AgentSaid) -> dict[str, Any]:
    message = MessageState(
        n=event.n,
        conversation=event.conversation,
        at_ms=event.stage_ms,
        by="agent",
        text=event.text,
        product=event.product,
        canned=event.canned,
    )
    kind: ActKind = "send" if event.product is None else "send_product"
    acts = _act(state, event, kind, str(event.n))
    change: dict[str, Any] = {"messages": (*state.messages, message), "acts": acts}
    if event.rev and event.rev >= state.text(event.conversation, "reply").rev:
        change["texts"] = _text(state, event.conversation, "reply", "", event.rev)
    return change


def _order_sent(state: ChatState, event: e.OrderSent) -> dict[str, Any]:
    message = MessageState(
        n=event.n, conversation=event.conversation, at_ms=event.stage_ms, by="agent", order=event.order
    )
    order = OrderState(
        order=event.order,
        conversation=event.conversation,
        n=event.n,
        sent_ms=event.stage_ms,
        lines=event.lines,
        coupon=event.coupon,
        total=event.total,
        gifts=event.gifts,
    )
    sold = dict(state.sold)
    for line in (*event.lines, *event.gifts):
        sold[line.sku] = sold.get(line.sku, 0) + line.quantity
    return {
        "messages": (*state.messages, message),
        "orders": (*state.orders, order),
        "sold": sold,
        "acts": _act(state, event, "send_order", event.order),
    }


def _order_over(state: ChatState, order_id: str, status: OrderStatus, returns: bool = False) -> dict[str, Any]:
    orders = tuple(
        order.model_copy(update={"status": status}) if order.order == order_id else order for order in state.orders
    )
    change: dict[str, Any] = {"orders": orders}
    order = state.order(order_id)
    if returns and order is not None:
        change["sold"] = dict(state.sold)
        for line in (*order.lines, *order.gifts):
            change["sold"][line.sku] = change["sold"].get(line.sku, 0) - line.quantity
    return change


def _conversation(persona: Persona, old: ConversationState | None, event: _Talk, shown: bool) -> ConversationState:
    """The conversation after an event of it."""
    now_ms = event.stage_ms
    if old is None:
        old = minding.arrived(persona, now_ms)
    change: dict[str, Any] = {"last_ms": max(old.last_ms, now_ms)}
    match event:
        case e.CustomerSaid():
            change |= {
                "last_n": event.n,
                "said_ms": now_ms,
                "unseen": 0 if shown else old.unseen + 1,
                "waiting_since_ms": now_ms if old.waiting_since_ms is None else old.waiting_since_ms,
            }
            return minding.said(persona, old.model_copy(update=change), event)
        case e.Accepted():
            change["accepted_ms"] = now_ms
        case e.AgentSaid():
            change |= {"last_n": event.n, "unseen": 0, "waiting_since_ms": None}
            return minding.told(persona, old.model_copy(update=change), event)
        case e.NeedSettled():
            return minding.settled(persona, old.model_copy(update=change), event)
        case e.OrderSet():
            change["form"] = FormState(lines=event.lines, coupon=event.coupon, rev=event.rev)
        case e.OrderSent():
            change |= {
                "last_n": event.n,
                "unseen": 0,
                "waiting_since_ms": None,
                "form": FormState(rev=old.form.rev),
                "order": event.order,
            }
            return minding.offered(persona, old.model_copy(update=change), now_ms)
        case e.OrderPaid():
            change |= {"order": None, "paid": True}
        case e.OrderEnded():
            change |= {"order": None, "waits_from_ms": now_ms, "patience_ms": persona.patience_ms, "nudges": 0}
            change["dear"] = old.dear or event.dearer
        case e.ConversationEnded():
            change |= {
                "ended_ms": now_ms,
                "ended_by": event.by,
                "reason": event.reason,
                "remark": event.remark,
                "stars": event.stars,
                "queue": (),
                "reaction": None,
                "waiting_since_ms": None,
            }
        case _:
            assert_never(event)
    return old.model_copy(update=change)
