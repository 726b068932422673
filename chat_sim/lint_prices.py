"""What a customer wants to buy and what it is told of prices, held against the price engine (CNY)."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import combinations

from chat_sim.content import ChatContent
from chat_sim.lint_faults import doubt, wrong
from chat_sim.persona import Fact, Need, Persona
from chat_sim.pricing import fault, quote
from chat_sim.seat import Quote
from chat_sim.shop import Coupon, OrderLine, Shop
from server.core.errors import Fault

_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_MOST_BASKETS = 120


def wanted(persona: Persona) -> list[OrderLine]:
    """Everything that the customer will buy if all goes well."""
    if persona.purchase is None:
        return []
    adds = [one.adds for one in persona.suggestions if one.accepts and one.adds is not None]
    return [*persona.purchase.items, *adds]


def purchase(content: ChatContent, persona: Persona) -> Iterator[Fault]:
    """Whether the order can be sent, and paid within the budget; paths below the persona."""
    buys, shop = persona.purchase, content.shop
    if buys is None:
        return
    lines = wanted(persona)
    unknown = False
    for number, line in enumerate(buys.items):
        if shop.sku(line.sku) is None:
            unknown = True
            zh = f"店铺里没有编号为 {line.sku} 的规格，请重新选择"
            yield wrong(f"purchase.items.{number}.sku", zh, f"Unknown SKU {line.sku!r}")
        elif line.quantity < 1:
            unknown = True
            yield wrong(f"purchase.items.{number}.quantity", "数量应为 1 或更多", "At least one piece")
    codes = [one.code for one in shop.promotions if isinstance(one, Coupon)]
    if buys.coupon and buys.coupon not in codes:
        yield wrong("purchase.coupon", f"店铺里没有优惠券 {buys.coupon}", f"The shop has no coupon {buys.coupon!r}")
        unknown = True
    if unknown or any(shop.sku(line.sku) is None or line.quantity < 1 for line in lines):
        return
    if (bad := fault(shop, lines, buys.coupon, {})) is not None:
        yield wrong("purchase.items", f"这样的订单发不出去：{bad.zh}", f"Such an order can't be sent: {bad.en}")
        return
    made = quote(shop, lines, buys.coupon, persona.file.member, city=persona.file.city)
    if buys.coupon and made.total == quote(shop, lines, "", persona.file.member, city=persona.file.city).total:
        zh = f"用了优惠券 {buys.coupon} 也是 {made.total} 元，没有便宜：请检查门槛和互斥组"
        yield doubt("purchase.coupon", zh, "The coupon changes nothing")
    if buys.budget is not None and made.total > buys.budget:
        zh = f"要买的商品合计 {made.total} 元，超过预算 {buys.budget} 元，客户永远不会付款：请提高预算或少买"
        yield wrong("purchase.budget", zh, f"What it wants costs {made.total}, above the budget: it never pays")
    if buys.least_met > len(persona.needs):
        zh = f"要满足 {buys.least_met} 个需求才下单，但只有 {len(persona.needs)} 个需求"
        yield wrong("purchase.least_met", zh, f"It has {len(persona.needs)} needs only")


def prices(content: ChatContent, persona: Persona) -> Iterator[Fault]:
    """Facts of kind price that are no price of the shop; paths below the persona."""
    known: set[Decimal] | None = None
    for number, need in enumerate(persona.needs):
        for at, fact in enumerate(need.facts):
            if fact.kind != "price":
                continue
            values = _values(fact.accept)
            if not values:
                continue
            if known is None:
                known = figures(content, persona)
            if values & (known | _figures_of(need, persona) | _written(content.shop, need)):
                continue
            yield wrong(
                f"needs.{number}.facts.{at}.accept",
                f"价格 {_list(values)} 元与商品资料、促销都不符{_instead(content, persona, need, fact)}",
                f"{_list(values)} is no price of the shop",
            )


def figures(content: ChatContent, persona: Persona) -> set[Decimal]:
    """Every amount that may rightly be told to a customer: prices, thresholds, totals of what it may buy, savings."""
    shop = content.shop
    found: set[Decimal] = set()
    for product in shop.products:
        found |= {product.list_price, product.price, product.list_price - product.price}
        if product.member_price is not None:
            found |= {product.member_price, product.price - product.member_price}
    for promotion in shop.promotions:
        found |= {value for key in ("threshold", "off") if (value := getattr(promotion, key, None)) is not None}
    shipping = shop.shipping
    found |= {shipping.fee, *([] if shipping.free_from is None else [shipping.free_from])}
    for region in shipping.regions:
        found |= {region.extra_fee, shipping.fee + region.extra_fee}
    found |= {order.amount for order in persona.file.orders}
    for made in _quotes(content, persona):
        found |= _told(made)
    return found


def _told(made: Quote) -> set[Decimal]:
    steps = {value for step in made.steps for value in (step.after, abs(step.change))}
    return {made.goods, made.total, made.goods - made.total, made.total - made.shipping, *steps} | {
        line.amount for line in made.lines
    }


def _quotes(content: ChatContent, persona: Persona) -> Iterator[Quote]:
    shop = content.shop
    codes = ["", *(one.code for one in shop.promotions if isinstance(one, Coupon))]
    for count, lines in enumerate(_baskets(shop, persona)):
        if count >= _MOST_BASKETS:
            return
        for code in codes:
            yield quote(shop, lines, code, persona.file.member, city=persona.file.city)


def _baskets(shop: Shop, persona: Persona) -> Iterator[list[OrderLine]]:
    """What the customer may put together: what it buys, what it asks about, two or three of it."""
    asked = dict.fromkeys(one for need in persona.needs for one in need.products)
    suggested = [one.product for one in persona.suggestions]
    products = [found for id_ in (*asked, *suggested) if (found := shop.product(id_)) is not None]
    lines = [line for line in wanted(persona) if shop.sku(line.sku) is not None and line.quantity > 0]
    singles = list({line.sku: line for line in lines}.values())
    singles += [OrderLine(sku=product.skus[0].id, quantity=1) for product in products]
    if lines:
        yield lines
    for size in (1, 2, 3):
        for some in combinations(singles, size):
            yield list(some)
    for line in singles:
        for quantity in (2, 3, 4, 5):
            yield [OrderLine(sku=line.sku, quantity=quantity)]


def _figures_of(need: Need, persona: Persona) -> set[Decimal]:
    """What the customer itself says: its budget, amounts in its questions."""
    budget = persona.purchase.budget if persona.purchase else None
    return _values(need.asks) | ({budget} if budget is not None else set())


def _written(shop: Shop, need: Need) -> set[Decimal]:
    """Amounts in the articles that hold the answer."""
    return {value for one in shop.articles if one.id in need.articles for value in _values([one.body])}


def _values(texts: Iterable[str]) -> set[Decimal]:
    return {Decimal(number) for text in texts for number in _NUMBER.findall(unicodedata.normalize("NFKC", text))}


def _list(values: Iterable[Decimal]) -> str:
    return "、".join(f"{value.normalize():f}" for value in sorted(values))


def _instead(content: ChatContent, persona: Persona, need: Need, fact: Fact) -> str:
    """What it should be, as far as that can be told."""
    products: Sequence[str] = need.products
    if len(products) == 1 and (product := content.shop.product(products[0])) is not None:
        return f"：“{product.name}”售价 {product.price} 元、吊牌价 {product.list_price} 元"
    if persona.purchase is not None:
        lines = [line for line in wanted(persona) if content.shop.sku(line.sku) is not None]
        if lines:
            made = quote(content.shop, lines, persona.purchase.coupon, persona.file.member, city=persona.file.city)
            return f"：按价格计算，要买的商品合计 {made.total} 元"
    return "：请对照价格计算器改正，或在“出处”里选上写有这个价格的文章"
