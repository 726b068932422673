"""Orders: what a customer wants to buy, how it takes an order, and what the desk may do about orders."""

from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from typing import Literal

from chat_sim import commands as c
from chat_sim import events as e
from chat_sim import pricing
from chat_sim.content import ChatContent
from chat_sim.persona import Persona
from chat_sim.refusals import NoSuchOrder, OrderFaulty, OrderNotOpen, OrderWaiting, TooFast
from chat_sim.same import Same
from chat_sim.seat import Quote
from chat_sim.shop import OrderLine, Shop
from chat_sim.state import ChatState, ConversationState, OrderState
from chat_sim.telling import Telling
from server.core.contract import Refusal

Taken = Literal["paid", "wrong_items", "too_dear"]


def quote(
    content: ChatContent, lines: tuple[OrderLine, ...], coupon: str, member: bool, city: str, left: Mapping[str, int]
) -> Quote:
    """The price of lines that are valid, with its working; `left`: see `left_of`."""
    pieces = tuple((line.sku, line.quantity) for line in lines)
    return _quote(Same(content.shop), pieces, coupon, member, city, tuple(sorted(left.items())))


@lru_cache(maxsize=2_048)
def _quote(
    held: Same[Shop],
    pieces: tuple[tuple[str, int], ...],
    coupon: str,
    member: bool,
    city: str,
    left: tuple[tuple[str, int], ...],
) -> Quote:
    lines = [OrderLine(sku=sku, quantity=quantity) for sku, quantity in pieces]
    return pricing.quote(held.value, lines, coupon, member, city=city, stock=dict(left))


def left_of(content: ChatContent, state: ChatState) -> dict[str, int]:
    """What is left at this seat, of SKUs of which something is taken."""
    return pricing.left(content.shop, state.sold)


def wanted(persona: Persona, own: ConversationState) -> Counter[str]:
    """Pieces by SKU that the customer wants to buy, accepted recommendations included."""
    pieces: Counter[str] = Counter()
    for line in persona.purchase.items if persona.purchase is not None else ():
        pieces[line.sku] += line.quantity
    for suggestion in persona.suggestions:
        if suggestion.product in own.taken and suggestion.adds is not None:
            pieces[suggestion.adds.sku] += suggestion.adds.quantity
    return pieces


def taken(content: ChatContent, persona: Persona, own: ConversationState, order: OrderState) -> Taken:
    """How the customer takes an order: paid if it holds what is wanted, is within the budget, and not dearer than it
    should be. For being dearer an order is refused once.
    """
    buying = persona.purchase
    pieces: Counter[str] = Counter()
    for line in order.lines:
        pieces[line.sku] += line.quantity
    if buying is None or pieces != wanted(persona, own):
        return "wrong_items"
    if buying.budget is not None and order.total > buying.budget:
        return "too_dear"
    return "too_dear" if dearer(content, persona, order) and not own.dear else "paid"


def dearer(content: ChatContent, persona: Persona, order: OrderState) -> bool:
    """Whether an order costs more than with the coupon that the customer knows of."""
    coupon = persona.purchase.coupon if persona.purchase is not None else ""
    file = persona.file
    return order.total > quote(content, order.lines, coupon, file.member, file.city, {}).total


def set_order(telling: Telling, persona: Persona, command: c.SetOrder) -> Refusal | None:
    """The form is kept as it stands, whatever is wrong with it: the page is told by `OrderForm.fault`."""
    if command.rev > telling.own(persona).form.rev:
        telling.add(
            e.OrderSet(
                stage_ms=telling.now_ms,
                conversation=persona.id,
                lines=command.lines,
                coupon=command.coupon,
                rev=command.rev,
            )
        )
    return None


def send_order(telling: Telling, persona: Persona) -> Refusal | None:
    """The form goes to the customer, if nothing is wrong with it."""
    own = telling.own(persona)
    if own.order is not None:
        return OrderWaiting()
    if telling.too_fast():
        return TooFast()
    left = left_of(telling.content, telling.state)
    fault = pricing.fault(telling.content.shop, own.form.lines, own.form.coupon, left)
    if fault is not None:
        return OrderFaulty(fault)
    file = persona.file
    price = quote(telling.content, own.form.lines, own.form.coupon, file.member, file.city, left)
    telling.add(
        e.OrderSent(
            stage_ms=telling.now_ms,
            conversation=persona.id,
            n=telling.next_n(),
            order=f"o{len(telling.state.orders) + 1}",
            lines=own.form.lines,
            coupon=own.form.coupon,
            total=price.total,
            gifts=tuple(OrderLine(sku=line.sku, quantity=line.quantity) for line in price.lines if line.gift),
        )
    )
    return None


def cancel_order(telling: Telling, command: c.CancelOrder) -> Refusal | None:
    """An order that waits to be paid is taken back."""
    order = telling.state.order(command.order)
    if order is None:
        return NoSuchOrder()
    if order.status != "sent":
        return OrderNotOpen()
    telling.end_order(order.order, "cancelled")
    return None
