"""A basket under way from shop prices to what is to be paid: prices of pieces, and what was taken off. CNY, exact."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from chat_sim.shop import OrderLine, Product, Shop

CENT = Decimal("0.01")
Pieces = tuple[tuple[Decimal, int], ...]
"""So many pieces at each price, dearest first."""


def cents(value: Decimal) -> Decimal:
    """Rounded half up to 0.01."""
    return value.quantize(CENT, ROUND_HALF_UP)


def money(value: Decimal) -> str:
    """As it is shown: two decimals."""
    return f"{value:.2f}"


@dataclass(frozen=True, slots=True)
class Basket:
    """Pieces by product, in the shop's order; `taken`: what reductions of the whole order took off each product."""

    products: tuple[Product, ...]
    pieces: Mapping[str, Pieces]
    taken: Mapping[str, Decimal]

    def count(self, product: Product) -> int:
        """Pieces of a product."""
        return sum(count for _, count in self.pieces[product.id])

    def full(self, product: Product) -> Decimal:
        """What a product's pieces cost, before reductions of the whole order."""
        return sum((price * count for price, count in self.pieces[product.id]), Decimal(0))

    def amount(self, product: Product) -> Decimal:
        """What is left to pay for a product."""
        return self.full(product) - self.taken[product.id]

    def total(self, products: Iterable[Product] | None = None) -> Decimal:
        """What is left to pay for these products, or for all."""
        return sum((self.amount(one) for one in (self.products if products is None else products)), Decimal(0))

    def priced(self, pieces: Mapping[str, Pieces]) -> "Basket":
        """With other prices of pieces."""
        return Basket(self.products, {**self.pieces, **pieces}, self.taken)

    def less(self, off: Decimal, products: Sequence[Product]) -> "Basket":
        """With `off` taken off these products in proportion to their amounts, to the cent; `off` <= their total.

        Cents that proportion leaves over go where most of one was cut off, equal ones by the shop's order.
        """
        base = self.total(products)
        if not off or not base:
            return self
        exact = [off * self.amount(product) / base for product in products]
        shares = [share.quantize(CENT, "ROUND_DOWN") for share in exact]
        over = int((off - sum(shares, Decimal(0))) / CENT)
        order = sorted(range(len(products)), key=lambda n: (shares[n] - exact[n], n))
        taken = dict(self.taken)
        for place, number in enumerate(order):
            taken[products[number].id] += shares[number] + (CENT if place < over else Decimal(0))
        return Basket(self.products, self.pieces, taken)


def basket(shop: Shop, quantities: Mapping[str, int]) -> Basket:
    """Quantities by SKU at shop prices. Raises ValueError for an unknown SKU, or a quantity below 1."""
    counts: dict[str, int] = {}
    for sku_id, quantity in quantities.items():
        found = shop.sku(sku_id)
        if found is None or quantity < 1:
            raise ValueError(f"{sku_id}: no such SKU, or {quantity} pieces of it")
        counts[found[0].id] = counts.get(found[0].id, 0) + quantity
    products = tuple(product for product in shop.products if product.id in counts)
    pieces: dict[str, Pieces] = {product.id: ((cents(product.price), counts[product.id]),) for product in products}
    return Basket(products, pieces, {product.id: Decimal(0) for product in products})


def quantities(lines: Iterable[OrderLine]) -> dict[str, int]:
    """Pieces by SKU: lines of the same SKU count together."""
    counts: dict[str, int] = {}
    for line in lines:
        counts[line.sku] = counts.get(line.sku, 0) + line.quantity
    return counts


def dealt(product: Product, pieces: Pieces, quantities: Mapping[str, int]) -> dict[str, Decimal]:
    """Amount of each SKU of a product: its pieces are dealt out dearest first, in the order of the SKUs."""
    amounts: dict[str, Decimal] = {}
    left = list(pieces)
    for sku in product.skus:
        wanted, amount = quantities.get(sku.id, 0), Decimal(0)
        while wanted:
            price, count = left[0]
            some = min(wanted, count)
            amount += price * some
            wanted -= some
            left[:1] = [(price, count - some)] if count > some else []
        if sku.id in quantities:
            amounts[sku.id] = amount
    return amounts


def merged(pieces: Iterable[tuple[Decimal, int]]) -> Pieces:
    """Pieces by price, dearest first."""
    counts: dict[Decimal, int] = {}
    for price, count in pieces:
        if count:
            counts[price] = counts.get(price, 0) + count
    return tuple(sorted(counts.items(), reverse=True))
