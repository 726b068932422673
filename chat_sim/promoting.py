"""What each promotion does to a basket, and what is missing to it. CNY, exact."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from chat_sim.basket import Basket, cents, merged, money
from chat_sim.shop import Coupon, FullReduction, Gift, MemberPrice, NthPrice, Product, Promotion, Shop
from server.core.text import Text


@dataclass(frozen=True, slots=True)
class Buyer:
    """What an order brings besides goods: the code of a coupon ("" for none), and whether a member orders."""

    coupon: str
    member: bool


@dataclass(frozen=True, slots=True)
class Done:
    """A promotion that applied: the basket after it, the working, and the gift that it adds (SKU, pieces)."""

    basket: Basket
    working: Text
    gift: tuple[str, int] | None = None


def order_of(shop: Shop) -> list[Promotion]:
    """Promotions as they are applied: unit prices, then the whole order's; by step, then as listed."""
    return sorted(shop.promotions, key=lambda one: (not isinstance(one, MemberPrice | NthPrice), one.step))


def open_to(promotion: Promotion, buyer: Buyer) -> bool:
    """Whether it is for this order at all: a coupon needs its code, a member price a member."""
    match promotion:
        case Coupon(code=code):
            return code == buyer.coupon
        case MemberPrice():
            return buyer.member
        case _:
            return True


def meant(promotion: Promotion, basket: Basket) -> list[Product]:
    """Products of the basket that it is for."""
    return [one for one in basket.products if not promotion.products or one.id in promotion.products]


def applied(promotion: Promotion, basket: Basket, gifts_left: Mapping[str, int]) -> Done | None:
    """The promotion done to a basket; None if its conditions are not met, or if it changes nothing.

    `gifts_left`: stock from which gifts can be taken, by SKU.
    """
    match promotion:
        case MemberPrice():
            return _member(promotion, basket)
        case NthPrice():
            return _nth(promotion, basket)
        case FullReduction():
            return _full(promotion, basket)
        case Coupon():
            return _coupon(promotion, basket)
        case Gift():
            return _gift(promotion, basket, gifts_left)


def _member(promotion: MemberPrice, basket: Basket) -> Done | None:
    pieces, zh, en = {}, [], []
    for product in meant(promotion, basket):
        changed = []
        for price, count in basket.pieces[product.id]:
            own = product.member_price
            lower = min(price, cents(price * promotion.percent / 100 if own is None else own))
            changed.append((lower, count))
            if lower < price:
                zh.append(f"「{product.name}」{money(price)} → {money(lower)}，× {count}")
                en.append(f"{product.name} {money(price)} → {money(lower)} × {count}")
        pieces[product.id] = merged(changed)
    if not zh:
        return None
    return Done(basket.priced(pieces), Text(zh=f"会员价：{'；'.join(zh)}", en=f"Member price: {'; '.join(en)}"))


def _nth(promotion: NthPrice, basket: Basket) -> Done | None:
    """The cheapest pieces of each product are those that are reduced."""
    pieces, zh, en = {}, [], []
    for product in meant(promotion, basket):
        left = reduced = basket.count(product) // promotion.nth
        changed = []
        for price, count in reversed(basket.pieces[product.id]):
            some = min(left, count)
            lower = cents(price * promotion.percent / 100)
            changed += [(lower, some), (price, count - some)]
            left -= some
            if some and lower < price:
                zh.append(f"「{product.name}」{money(price)} → {money(lower)}，× {some}")
                en.append(f"{product.name} {money(price)} → {money(lower)} × {some}")
        if reduced:
            pieces[product.id] = merged(changed)
    if not zh:
        return None
    return Done(
        basket.priced(pieces),
        Text(
            zh=f"每 {promotion.nth} 件中 1 件按 {promotion.percent}% 计：{'；'.join(zh)}",
            en=f"One of every {promotion.nth} at {promotion.percent}%: {'; '.join(en)}",
        ),
    )


def _full(promotion: FullReduction, basket: Basket) -> Done | None:
    products = meant(promotion, basket)
    base = basket.total(products)
    times = _times(promotion, base)
    off = min(base, promotion.off * times)
    if not off:
        return None
    zh_goods, en_goods = _goods(promotion, base)
    zh = f"{zh_goods}满 {money(promotion.threshold)}，减 {money(off)}"
    en = f"{en_goods} reach {money(promotion.threshold)}: less {money(off)}"
    if promotion.repeats:
        zh = f"{zh_goods}满 {times} 个 {money(promotion.threshold)}：{times} × {money(promotion.off)} = {money(off)}"
        en = f"{en_goods} reach {money(promotion.threshold)} {times} times: {times} × {money(promotion.off)}"
    if off < promotion.off * times:
        zh, en = f"{zh}，最多减到 0", f"{en}, down to 0 at most"
    return Done(basket.less(off, products), Text(zh=zh, en=en))


def _coupon(promotion: Coupon, basket: Basket) -> Done | None:
    products = meant(promotion, basket)
    base = basket.total(products)
    off = min(base, promotion.off)
    if base < promotion.threshold or not off:
        return None
    zh_goods, en_goods = _goods(promotion, base)
    zh = f"优惠券 {promotion.code}：{zh_goods}满 {money(promotion.threshold)}，减 {money(off)}"
    en = f"Coupon {promotion.code}: {en_goods} reach {money(promotion.threshold)}, less {money(off)}"
    if not promotion.threshold:
        zh = f"优惠券 {promotion.code}：{zh_goods}减 {money(off)}"
        en = f"Coupon {promotion.code}: {en_goods}, less {money(off)}"
    return Done(basket.less(off, products), Text(zh=zh, en=en))


def _gift(promotion: Gift, basket: Basket, gifts_left: Mapping[str, int]) -> Done | None:
    products = meant(promotion, basket)
    if not _deserved(promotion, basket):
        return None
    quantity = min(promotion.quantity, gifts_left.get(promotion.gift, 0))
    if not quantity:
        return None
    zh_goods, en_goods = _goods(promotion, basket.total(products))
    pieces = sum(basket.count(product) for product in products)
    zh = f"{zh_goods}（{pieces} 件），送赠品 × {quantity}，不另收费"
    en = f"{en_goods} ({pieces} pieces): gift × {quantity}, free of charge"
    return Done(basket, Text(zh=zh, en=en), (promotion.gift, quantity))


def _deserved(promotion: Gift, basket: Basket) -> bool:
    """By amount or by pieces, whichever is asked for; by any piece if neither is."""
    products = meant(promotion, basket)
    pieces = sum(basket.count(product) for product in products)
    by_amount = promotion.threshold > 0 and basket.total(products) >= promotion.threshold
    by_pieces = promotion.pieces > 0 and pieces >= promotion.pieces
    return by_amount or by_pieces or (not promotion.threshold and not promotion.pieces and pieces > 0)


def _times(promotion: FullReduction, base: Decimal) -> int:
    if base < promotion.threshold or not base:
        return 0
    return int(base // promotion.threshold) if promotion.repeats and promotion.threshold else 1


def _goods(promotion: Promotion, base: Decimal) -> tuple[str, str]:
    if promotion.products:
        return f"参加活动的商品 {money(base)} ", f"Goods that take part, {money(base)},"
    return f"商品 {money(base)} ", f"Goods, {money(base)},"


def missing(promotion: Promotion, basket: Basket, gifts_left: Mapping[str, int]) -> tuple[Decimal, Text] | None:
    """What is missing to a promotion, or to its next repetition, with the amount by which hints are ordered.

    None: nothing is missing, nothing of the basket takes part, or more of it would not help.
    """
    products = meant(promotion, basket)
    base = basket.total(products)
    if not products:
        return None
    match promotion:
        case FullReduction():
            return _missing_full(promotion, base)
        case Coupon() if base < promotion.threshold:
            short = promotion.threshold - base
            zh = f"再买 {money(short)} 元{_of(promotion)}可用优惠券 {promotion.code}（{promotion.title}）"
            return short, Text(zh=zh, en=f"{money(short)} more and coupon {promotion.code} applies")
        case Gift():
            return _missing_gift(promotion, basket, gifts_left)
        case NthPrice():
            return _missing_nth(promotion, basket)
        case _:
            return None


def _missing_full(promotion: FullReduction, base: Decimal) -> tuple[Decimal, Text] | None:
    times = _times(promotion, base)
    if (times and not promotion.repeats) or not promotion.threshold:
        return None
    short = promotion.threshold * (times + 1) - base
    again, more = ("再减", " again") if times else ("可减", "")
    zh = f"再买 {money(short)} 元{_of(promotion)}{again} {money(promotion.off)} 元（{promotion.title}）"
    return short, Text(zh=zh, en=f"{money(short)} more for {money(promotion.off)} off{more}")


def _missing_gift(promotion: Gift, basket: Basket, gifts_left: Mapping[str, int]) -> tuple[Decimal, Text] | None:
    if _deserved(promotion, basket):
        if not gifts_left.get(promotion.gift, 0):
            return Decimal(0), Text(zh=f"赠品已赠完（{promotion.title}）", en="The gift is out of stock")
        return None
    products = meant(promotion, basket)
    if promotion.threshold:
        short = promotion.threshold - basket.total(products)
        zh = f"再买 {money(short)} 元{_of(promotion)}可得赠品（{promotion.title}）"
        return short, Text(zh=zh, en=f"{money(short)} more for the gift")
    pieces = promotion.pieces - sum(basket.count(product) for product in products)
    zh = f"再买 {pieces} 件{_of(promotion)}可得赠品（{promotion.title}）"
    return min(product.price for product in products) * pieces, Text(zh=zh, en=f"{pieces} more for the gift")


def _missing_nth(promotion: NthPrice, basket: Basket) -> tuple[Decimal, Text] | None:
    """For the product to which fewest pieces are missing: the cheapest of them, the first if equal."""
    short = [
        (promotion.nth - basket.count(product) % promotion.nth, product.price, product)
        for product in meant(promotion, basket)
        if basket.count(product) % promotion.nth
    ]
    if not short:
        return None
    pieces, price, product = min(short, key=lambda one: one[:2])
    zh = f"再买 {pieces} 件「{product.name}」，1 件按 {promotion.percent}% 计（{promotion.title}）"
    return price * pieces, Text(zh=zh, en=f"{pieces} more {product.name}: one at {promotion.percent}%")


def _of(promotion: Promotion) -> str:
    return "参加活动的商品" if promotion.products else "商品"
