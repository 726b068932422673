"""The shop (店铺): products, add-ons, promotions, shipping, past orders. Money in CNY, exact."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from chat_sim.ids import ID
from server.core.frozen import Frozen

Money = Annotated[Decimal, Field(ge=0, le=Decimal(1_000_000), decimal_places=2)]
_Id = Annotated[str, Field(pattern=ID)]
_Name = Annotated[str, Field(min_length=1, max_length=60)]


class Picture(Frozen):
    """A picture by SHA-256; `file` names it inside an import package; `alt` says what it shows."""

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    media_type: Literal["image/png", "image/webp"] = "image/webp"
    width: int = Field(gt=0, le=4_000)
    height: int = Field(gt=0, le=4_000)
    file: str = ""
    alt: str = Field(min_length=1, max_length=100)


class Sku(Frozen):
    """One variant that can be sold: "38码", "雾蓝 L", or 标准 where there is one only."""

    id: _Id
    name: _Name
    stock: int = Field(ge=0, le=100_000)


class Product(Frozen):
    """A product sheet (产品资料)."""

    id: _Id
    name: _Name
    aliases: tuple[_Name, ...] = Field(default=(), max_length=10)
    """Other words by which a message is understood to speak of it."""
    category: _Name
    add_on: bool = False
    """搭售商品: meant to be recommended beside another."""
    summary: str = Field(default="", max_length=300)
    attributes: dict[str, str] = Field(default_factory=dict, max_length=30)
    skus: tuple[Sku, ...] = Field(min_length=1, max_length=40)
    list_price: Money
    """吊牌价."""
    price: Money
    """店铺售价."""
    member_price: Money | None = None
    goes_with: tuple[_Id, ...] = Field(default=(), max_length=10)
    """搭售商品推荐: products that fit this one."""
    picture: Picture | None = None
    most: int = Field(default=10, ge=1, le=1_000)
    """限购: pieces of it in one order."""


class _Promotion(Frozen):
    id: _Id
    title: _Name
    step: int = Field(ge=1, le=9)
    """Promotions are applied by rising step, equal ones in the order of the list; a later step sees what the earlier
    ones left. Unit prices (member_price, nth_price) come before the whole order's (full_reduction, coupon)."""
    group: str = Field(default="", max_length=32)
    """Of promotions with the same group, not "", only one applies: the one that takes more off, the first if equal."""
    products: tuple[_Id, ...] = Field(default=(), max_length=60)
    """Products it is for; none named: all."""


class FullReduction(_Promotion):
    """满减: `off` when the goods that it is for come to `threshold`; `repeats`: for every full threshold (每满)."""

    kind: Literal["full_reduction"] = "full_reduction"
    threshold: Money
    off: Money
    repeats: bool = False


class Gift(_Promotion):
    """买赠: `gift` (a SKU) is added free of charge from `threshold` of goods, or with `pieces` of them, on."""

    kind: Literal["gift"] = "gift"
    threshold: Money = Decimal(0)
    pieces: int = Field(default=0, ge=0, le=1_000)
    gift: _Id
    quantity: int = Field(default=1, ge=1, le=100)


class Coupon(_Promotion):
    """优惠券: applies if its code is entered."""

    kind: Literal["coupon"] = "coupon"
    code: str = Field(pattern=r"^[A-Z0-9]{3,20}$")
    threshold: Money = Decimal(0)
    off: Money


class NthPrice(_Promotion):
    """第 N 件 at `percent` of its price, for every N pieces of the same product (第二件半价: nth 2, percent 50)."""

    kind: Literal["nth_price"] = "nth_price"
    nth: int = Field(default=2, ge=2, le=10)
    percent: int = Field(default=50, ge=0, le=99)


class MemberPrice(_Promotion):
    """会员价: a member's order takes `Product.member_price`, or `percent` of the price where a product has none."""

    kind: Literal["member_price"] = "member_price"
    percent: int = Field(default=100, ge=1, le=100)


Promotion = Annotated[FullReduction | Gift | Coupon | NthPrice | MemberPrice, Field(discriminator="kind")]


class Region(Frozen):
    """Where a parcel goes: how long it takes, what it costs more."""

    name: _Name
    cities: tuple[_Name, ...] = Field(default=(), max_length=60)
    days: str = Field(min_length=1, max_length=20)
    """"2-3" or "4"."""
    extra_fee: Money = Decimal(0)


class Shipping(Frozen):
    """配送: `fee` below `free_from` of goods after promotions (None: never free), parcels leave within `dispatch`."""

    carrier: str = Field(default="", max_length=40)
    fee: Money = Decimal(0)
    free_from: Money | None = None
    dispatch: str = Field(default="48小时内", max_length=60)
    regions: tuple[Region, ...] = Field(default=(), max_length=40)


class Article(Frozen):
    """An article of the 知识库: rules of shipping and after-sales, product knowledge, size tables."""

    id: _Id
    title: _Name
    body: str = Field(min_length=1, max_length=2_000)
    keywords: tuple[str, ...] = Field(default=(), max_length=20)
    updated: str = Field(default="", max_length=20)


class Shop(Frozen):
    """店铺."""

    name: _Name
    intro: str = Field(default="", max_length=400)
    style: str = Field(default="", max_length=200)
    """店铺特点, by which the contestant picks a 花名."""
    products: tuple[Product, ...] = Field(min_length=1, max_length=60)
    promotions: tuple[Promotion, ...] = Field(default=(), max_length=20)
    shipping: Shipping = Shipping()
    articles: tuple[Article, ...] = Field(default=(), max_length=80)

    def product(self, product_id: str) -> Product | None:
        """The product of this id."""
        return next((product for product in self.products if product.id == product_id), None)

    def sku(self, sku_id: str) -> tuple[Product, Sku] | None:
        """The variant of this id, with its product; ids of SKUs are unique in a shop."""
        return next(((p, sku) for p in self.products for sku in p.skus if sku.id == sku_id), None)


class OrderLine(Frozen):
    """So many pieces of a variant. Quantities of drafts are checked by `decide`, which says what is wrong with them."""

    sku: str = Field(max_length=32)
    quantity: int = Field(ge=-(2**31), le=2**31)


class PastOrder(Frozen):
    """An order of before the contest, that a customer may speak of."""

    number: str = Field(min_length=1, max_length=30)
    date: str = Field(min_length=1, max_length=30)
    items: str = Field(min_length=1, max_length=200)
    amount: Money
    status: str = Field(min_length=1, max_length=40)
    tracking: str = Field(default="", max_length=200)
