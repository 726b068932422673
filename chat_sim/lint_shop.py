"""The shop of a task: names that repeat, what is unknown, prices out of order, promotions that never apply."""

from collections.abc import Iterator, Sequence
from decimal import ROUND_CEILING, Decimal

from chat_sim.lint_faults import doubt, wrong
from chat_sim.pricing import quote
from chat_sim.shop import Coupon, FullReduction, Gift, MemberPrice, NthPrice, OrderLine, Product, Promotion, Shop
from server.core.errors import Fault


def shop(given: Shop) -> Iterator[Fault]:
    """Everything about products, promotions and articles; paths below the shop."""
    yield from _names(given)
    for number, product in enumerate(given.products):
        for fault in _product(given, product):
            yield fault.model_copy(update={"path": f"products.{number}.{fault.path}"})
    codes: dict[str, int] = {}
    for number, promotion in enumerate(given.promotions):
        path = f"promotions.{number}"
        if unknown := [one for one in promotion.products if given.product(one) is None]:
            yield wrong(f"{path}.products", f"没有编号为 {'、'.join(unknown)} 的商品", f"Unknown: {', '.join(unknown)}")
            continue
        if isinstance(promotion, Gift) and given.sku(promotion.gift) is None:
            yield wrong(f"{path}.gift", f"没有编号为 {promotion.gift} 的规格，请重新选择赠品", "The gift is unknown")
            continue
        if isinstance(promotion, Coupon):
            if promotion.code in codes:
                zh = f"券码 {promotion.code} 与第 {codes[promotion.code] + 1} 个促销相同，只有一个会生效"
                yield wrong(f"{path}.code", zh, "The code stands there twice")
            codes.setdefault(promotion.code, number)
        if not applies(given, promotion):
            yield wrong(path, f"“{promotion.title}”从不生效：{_why(given, promotion)}", "This promotion never applies")


def _names(given: Shop) -> Iterator[Fault]:
    known: dict[str, str] = {}
    for number, product in enumerate(given.products):
        for at, name in (("name", product.name), *((f"aliases.{n}", one) for n, one in enumerate(product.aliases))):
            other = known.setdefault(name.strip().lower(), product.id)
            if other != product.id:
                zh = f"“{name}”也是商品 {other} 的名称或别名：客户和裁判分不清说的是哪一个，请改一个"
                yield wrong(f"products.{number}.{at}", zh, f"{name!r} also names the product {other}")
    titles: dict[str, int] = {}
    for number, article in enumerate(given.articles):
        if article.title in titles:
            zh = f"与第 {titles[article.title] + 1} 篇文章同名，搜索结果里分不清"
            yield doubt(f"articles.{number}.title", zh, "Two articles have this title")
        titles.setdefault(article.title, number)


def _product(given: Shop, product: Product) -> Iterator[Fault]:
    names = [sku.name for sku in product.skus]
    for number, name in enumerate(names):
        if name in names[:number]:
            yield wrong(f"skus.{number}.name", f"规格“{name}”重复", f"The variant {name!r} stands there twice")
    if product.price > product.list_price:
        zh = f"售价 {product.price} 高于吊牌价 {product.list_price}"
        yield doubt("price", zh, "The price is above the list price")
    if product.member_price is not None and product.member_price > product.price:
        yield doubt("member_price", f"会员价 {product.member_price} 高于售价 {product.price}", "Members would pay more")
    for other in product.goes_with:
        if other == product.id or given.product(other) is None:
            zh = "推荐搭配里有它自己" if other == product.id else f"推荐搭配里没有编号为 {other} 的商品"
            yield wrong("goes_with", zh, f"{other!r} can't be recommended beside it")


def applies(given: Shop, promotion: Promotion) -> bool:
    """Whether there is a basket that can be ordered and that this promotion changes (or gives a gift for)."""
    code = promotion.code if isinstance(promotion, Coupon) else ""
    member = isinstance(promotion, MemberPrice)
    return any(_changed(given, promotion, lines, code, member) for lines in _baskets(given, promotion) if lines)


def _changed(given: Shop, promotion: Promotion, lines: Sequence[OrderLine], code: str, member: bool) -> bool:
    """Whether the basket comes out otherwise without it."""
    without = given.model_copy(update={"promotions": tuple(p for p in given.promotions if p.id != promotion.id)})
    one, other = quote(given, lines, code, member), quote(without, lines, "", member)
    gifts = [line.sku for line in one.lines if line.gift]
    return one.total != other.total or gifts != [line.sku for line in other.lines if line.gift]


def _eligible(given: Shop, promotion: Promotion) -> list[Product]:
    return [one for one in given.products if not promotion.products or one.id in promotion.products]


def _pieces(product: Product, wanted: int) -> list[OrderLine]:
    """As many pieces as wanted, as far as an order may hold them and there are any."""
    left = min(wanted, product.most)
    lines = []
    for sku in product.skus:
        if (count := min(left, sku.stock)) > 0:
            lines.append(OrderLine(sku=sku.id, quantity=count))
            left -= count
    return lines


def _baskets(given: Shop, promotion: Promotion) -> Iterator[list[OrderLine]]:
    """Small baskets first: just what it takes, then everything."""
    products = _eligible(given, promotion)
    threshold = getattr(promotion, "threshold", Decimal(0))
    for product in products:
        counts = {1, getattr(promotion, "nth", 1), max(1, getattr(promotion, "pieces", 1))}
        if product.price > 0 and threshold > 0:
            counts.add(int((threshold / product.price).to_integral_value(ROUND_CEILING)))
        for count in sorted(counts):
            yield _pieces(product, count)
    basket: list[OrderLine] = []
    for product in sorted(products, key=lambda one: one.price):
        basket = [*basket, *_pieces(product, 1)]
        yield basket
    yield [line for product in products for line in _pieces(product, product.most)]


def _why(given: Shop, promotion: Promotion) -> str:
    most = sum(
        (one.price * sum(line.quantity for line in _pieces(one, one.most)) for one in _eligible(given, promotion)),
        Decimal(0),
    )
    threshold = getattr(promotion, "threshold", Decimal(0))
    if threshold > most:
        return f"适用的商品全部买齐也只有 {most} 元，不到门槛 {threshold} 元，请降低门槛或检查库存"
    match promotion:
        case FullReduction() | Coupon() if promotion.off == 0:
            return "减免金额是 0"
        case NthPrice():
            return f"适用的商品限购或库存不到 {promotion.nth} 件"
        case MemberPrice():
            return "没有适用的商品有会员价，百分比又是 100"
        case Gift():
            found = given.sku(promotion.gift)
            return "赠品没有库存" if found is not None and not found[1].stock else "满足不了件数或金额"
    return "同组的其他促销总是更优惠，或库存不足"
