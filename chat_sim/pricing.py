"""价格计算: what a basket comes to, step by step, exact; and what is wrong with an order.

The one place where prices are made: desk, customers, linter and marks all ask here.
"""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from chat_sim.basket import Basket, basket, cents, dealt, money, quantities
from chat_sim.promoting import Buyer, Done, applied, meant, missing, open_to, order_of
from chat_sim.seat import Quote, QuoteLine, QuoteStep
from chat_sim.shop import Coupon, OrderLine, Promotion, Region, Shop
from server.core.text import Text

MOST_HINTS = 5
GOODS, SHIPPING = Text(zh="商品金额", en="Goods"), Text(zh="运费", en="Shipping")
"""Titles of the first and the last step."""
_PLENTY = 1_000_000


def quote(
    shop: Shop,
    lines: Sequence[OrderLine],
    coupon: str,
    member: bool,
    *,
    city: str = "",
    stock: Mapping[str, int] | None = None,
) -> Quote:
    """What these lines come to, with the working; equal for equal baskets, however their lines are ordered.

    `lines` must be valid (`fault` says nothing of SKUs and quantities), else ValueError. `coupon` is taken as typed; an
    unknown one, or one below its threshold, is told in `hints`. `city` of the customer, for regions that cost more.
    `stock`: what is left, of SKUs of which something was sold; with it, gifts are given as far as there are any.
    Of promotions with the same group the one with which the goods come to least applies, the first if equal.
    """
    counts = quantities(lines)
    start = basket(shop, counts)
    if not counts:
        zero = Decimal("0.00")
        return Quote(lines=(), goods=zero, steps=(), shipping=zero, total=zero)
    buyer = Buyer(coupon_code(coupon), member)
    plan = [promotion for promotion in order_of(shop) if open_to(promotion, buyer)]
    course = _course(plan, start, _left(shop, counts, stock))
    steps = [_goods_step(start)]
    for promotion, done, others in course.done:
        steps.append(_step(promotion, done, others, steps[-1].after))
    fee, why = _shipping(shop, course.basket.total(), city)
    steps.append(
        QuoteStep(title=SHIPPING, working=why, before=steps[-1].after, change=fee, after=steps[-1].after + fee)
    )
    return Quote(
        lines=(*_lines(course.basket, counts), *_gift_lines(shop, course)),
        goods=start.total(),
        steps=tuple(steps),
        shipping=fee,
        total=steps[-1].after,
        hints=tuple(_hints(shop, buyer, course)),
    )


def fault(shop: Shop, lines: Sequence[OrderLine], coupon: str, stock: Mapping[str, int]) -> Text | None:
    """What is wrong with an order, the first thing; None if it can be sent.

    `stock`: what is left at this seat, of SKUs of which something was sold. Gifts that are out of stock are no fault.
    """
    if not lines:
        return Text(zh="订单中还没有商品，请先添加", en="The order is empty: add something")
    for line in lines:
        found = shop.sku(line.sku)
        if found is None:
            return Text(
                zh=f"店铺中没有编号为 {line.sku} 的商品，请删除此行后重新选择",
                en=f"The shop has no SKU {line.sku}: remove the line",
            )
        name = f"「{found[0].name}」{found[1].name}"
        if line.quantity < 1:
            return Text(
                zh=f"{name}的数量是 {line.quantity}，应为 1 或更多；不需要请删除此行",
                en=f"Quantity {line.quantity} of {found[0].name} {found[1].name}: at least 1, or remove the line",
            )
    counts = quantities(lines)
    for product in shop.products:
        pieces = sum(counts.get(sku.id, 0) for sku in product.skus)
        if pieces > product.most:
            return Text(
                zh=f"「{product.name}」每单限购 {product.most} 件，现在是 {pieces} 件，请减少数量",
                en=f"{product.name}: at most {product.most} in an order, not {pieces}",
            )
        for sku in product.skus:
            left = stock.get(sku.id, sku.stock)
            if counts.get(sku.id, 0) > left:
                short = f"库存只有 {max(0, left)} 件，不够 {counts[sku.id]} 件"
                return Text(
                    zh=f"「{product.name}」{sku.name}{short}，请减少数量或换一款",
                    en=f"{product.name} {sku.name}: {max(0, left)} in stock, not {counts[sku.id]}",
                )
    code = coupon_code(coupon)
    if code and not _known(shop, code):
        return Text(
            zh=f"没有优惠券 {code}，请核对后重新填写，或清空", en=f"There is no coupon {code}: correct or clear it"
        )
    return None


def left(shop: Shop, sold: Mapping[str, int]) -> dict[str, int]:
    """What is left, of SKUs of which pieces are `sold`: the `stock` of `quote` and `fault`."""
    found = {sku_id: shop.sku(sku_id) for sku_id, pieces in sold.items() if pieces}
    return {sku_id: one[1].stock - sold[sku_id] for sku_id, one in found.items() if one is not None}


def coupon_code(typed: str) -> str:
    """A code as it was typed, as it is compared: NFKC, upper case, without blanks around it."""
    return unicodedata.normalize("NFKC", typed).strip().upper()


@dataclass(frozen=True, slots=True)
class _Course:
    """A way through the promotions: those that applied, with others of their group that would have; what came of it.

    `seen`: the basket before each promotion in turn, applied or not.
    """

    basket: Basket
    gifts: Mapping[str, int]
    done: tuple[tuple[Promotion, Done, tuple[Promotion, ...]], ...] = ()
    seen: tuple[tuple[Promotion, Basket], ...] = ()
    chosen: tuple[tuple[str, str], ...] = ()


def _course(plan: Sequence[Promotion], start: Basket, gifts: Mapping[str, int]) -> _Course:
    """The way on which the goods come to least, one promotion of each group at most."""
    members: dict[str, list[Promotion]] = {}
    for promotion in plan:
        if promotion.group:
            members.setdefault(promotion.group, []).append(promotion)

    def go(course: _Course, number: int) -> _Course:
        while number < len(plan):
            promotion = plan[number]
            chosen = dict(course.chosen).get(promotion.group, "")
            if promotion.group and not chosen:
                return best(course, number, promotion.group)
            course = _on(course, promotion, applies=not promotion.group or chosen == promotion.id)
            number += 1
        return course

    def best(course: _Course, number: int, group: str) -> _Course:
        ways = {member.id: go(_chosen(course, group, member.id), number) for member in members[group]}
        taken = [one for one in members[group] if any(p.id == one.id for p, _, _ in ways[one.id].done)]
        winner = min(taken or members[group][:1], key=lambda one: ways[one.id].basket.total())
        others = tuple(one for one in taken if one.id != winner.id)
        # What is missing to another one of the group is seen where the winner does not apply.
        seen = {one.id: basket for one in members[group] for p, basket in ways[one.id].seen if p.id == one.id}
        return _settled(ways[winner.id], winner, others, seen)

    return go(_Course(start, gifts), 0)


def _chosen(course: _Course, group: str, promotion_id: str) -> _Course:
    return replace(course, chosen=(*course.chosen, (group, promotion_id)))


def _on(course: _Course, promotion: Promotion, *, applies: bool) -> _Course:
    seen = (*course.seen, (promotion, course.basket))
    done = applied(promotion, course.basket, course.gifts) if applies else None
    if done is None:
        return replace(course, seen=seen)
    gifts = course.gifts
    if done.gift is not None:
        gifts = {**gifts, done.gift[0]: gifts[done.gift[0]] - done.gift[1]}
    return replace(course, basket=done.basket, gifts=gifts, done=(*course.done, (promotion, done, ())), seen=seen)


def _settled(way: _Course, winner: Promotion, others: tuple[Promotion, ...], seen: Mapping[str, Basket]) -> _Course:
    done = tuple((p, d, others if p.id == winner.id else before) for p, d, before in way.done)
    return replace(way, done=done, seen=tuple((p, seen.get(p.id, basket)) for p, basket in way.seen))


def _goods_step(start: Basket) -> QuoteStep:
    total = start.total()
    parts = [(product, start.count(product)) for product in start.products]
    zh = " + ".join(f"「{product.name}」{money(product.price)} × {count}" for product, count in parts)
    en = " + ".join(f"{product.name} {money(product.price)} × {count}" for product, count in parts)
    working = Text(zh=f"{zh} = {money(total)}", en=f"{en} = {money(total)}")
    return QuoteStep(title=GOODS, working=working, before=Decimal("0.00"), change=total, after=total)


def _step(promotion: Promotion, done: Done, others: tuple[Promotion, ...], before: Decimal) -> QuoteStep:
    after = done.basket.total()
    zh, en = done.working.zh, done.working.en
    if after != before:
        sum_ = f"{money(before)} − {money(before - after)} = {money(after)}"
        zh, en = f"{zh}；{sum_}", f"{en}; {sum_}"
    if others:
        named = "".join(f"「{other.title}」" for other in others)
        zh = f"{zh}。与{named}只能享受一项，取更优惠的"
        en = f"{en}. Only one of this and {', '.join(other.title for other in others)}: the better one"
    return QuoteStep(
        title=Text(zh=promotion.title),
        working=Text(zh=zh, en=en),
        before=before,
        change=after - before,
        after=after,
    )


def _lines(basket: Basket, counts: Mapping[str, int]) -> Iterator[QuoteLine]:
    for product in basket.products:
        amounts = dealt(product, basket.pieces[product.id], counts)
        for sku in product.skus:
            if sku.id in amounts:
                yield QuoteLine(
                    sku=sku.id,
                    product=product.id,
                    name=f"{product.name} {sku.name}",
                    quantity=counts[sku.id],
                    unit=cents(product.price),
                    amount=amounts[sku.id],
                )


def _gift_lines(shop: Shop, course: _Course) -> Iterator[QuoteLine]:
    for _, done, _ in course.done:
        found = None if done.gift is None else shop.sku(done.gift[0])
        if found is not None and done.gift is not None:
            product, sku = found
            zero = Decimal("0.00")
            yield QuoteLine(
                sku=sku.id,
                product=product.id,
                name=f"{product.name} {sku.name}",
                quantity=done.gift[1],
                unit=zero,
                amount=zero,
                gift=True,
            )


def _left(shop: Shop, counts: Mapping[str, int], stock: Mapping[str, int] | None) -> dict[str, int]:
    """What gifts can be taken from: the stock without what is ordered; plenty of all if no stock is told."""
    skus = [sku for product in shop.products for sku in product.skus]
    if stock is None:
        return {sku.id: _PLENTY for sku in skus}
    return {sku.id: max(0, stock.get(sku.id, sku.stock) - counts.get(sku.id, 0)) for sku in skus}


def _shipping(shop: Shop, goods: Decimal, city: str) -> tuple[Decimal, Text]:
    """By what the goods come to after promotions; a region's extra fee is due even where shipping is free."""
    rule = shop.shipping
    free = rule.free_from is not None and goods >= rule.free_from
    fee = Decimal("0.00") if free else cents(rule.fee)
    if free and rule.free_from is not None:
        zh, en = (
            f"优惠后 {money(goods)} 满 {money(rule.free_from)}，包邮",
            f"{money(goods)} reaches {money(rule.free_from)}",
        )
        en = f"{en}: free"
    elif rule.free_from is not None and fee:
        zh = f"优惠后 {money(goods)} 未满 {money(rule.free_from)}，运费 {money(fee)}"
        en = f"{money(goods)} is below {money(rule.free_from)}: {money(fee)}"
    else:
        zh, en = (f"运费 {money(fee)}", f"Shipping {money(fee)}") if fee else ("全店包邮", "Free of charge")
    region = _region(shop, city)
    if region is not None and region.extra_fee:
        fee += cents(region.extra_fee)
        zh = f"{zh}；{region.name}加收 {money(region.extra_fee)}"
        en = f"{en}; {region.name} {money(region.extra_fee)} more"
    return fee, Text(zh=zh, en=en)


def _region(shop: Shop, city: str) -> Region | None:
    wanted = city.strip().removesuffix("市")
    if not wanted:
        return None
    for region in shop.shipping.regions:
        if wanted in (region.name.removesuffix("市"), *(one.removesuffix("市") for one in region.cities)):
            return region
    return None


def _known(shop: Shop, code: str) -> bool:
    return any(isinstance(one, Coupon) and one.code == code for one in shop.promotions)


def _hints(shop: Shop, buyer: Buyer, course: _Course) -> Iterator[Text]:
    """Nearest first; the coupon that was entered before all others."""
    if buyer.coupon and not _known(shop, buyer.coupon):
        yield Text(zh=f"没有优惠券 {buyer.coupon}", en=f"There is no coupon {buyer.coupon}")
    given = {promotion.id for promotion, done, _ in course.done if done.gift is not None}
    found: list[tuple[bool, Decimal, Text]] = []
    for promotion, before in course.seen:
        if isinstance(promotion, Coupon) and not meant(promotion, before):
            zh = f"优惠券 {promotion.code} 不适用于这些商品"
            found.append((False, Decimal(0), Text(zh=zh, en=f"Coupon {promotion.code} is not for these goods")))
        elif promotion.id not in given and (short := missing(promotion, before, course.gifts)) is not None:
            found.append((not isinstance(promotion, Coupon), *short))
    after, free_from = course.basket.total(), shop.shipping.free_from
    if shop.shipping.fee and free_from is not None and after < free_from:
        short_ = free_from - after
        found.append(
            (True, short_, Text(zh=f"再买 {money(short_)} 元包邮", en=f"{money(short_)} more for free shipping"))
        )
    for _, _, text in sorted(found, key=lambda one: one[:2])[:MOST_HINTS]:
        yield text
