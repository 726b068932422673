"""A 在线服务 task that is being written: of the shape of its content, but anything may still be missing."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from chat_sim.content import INDICATORS, CourtesyWords, DeskPolicy, IndicatorKey, RubricPolicy
from chat_sim.ids import ID
from chat_sim.persona import Courtesy, FactKind, NeedKind, RatingRule
from server.core.authoring import Draft
from server.core.errors import Invalid
from server.core.frozen import Frozen
from server.core.text import Text

Id = Annotated[str, Field(pattern=ID)]
Money = Annotated[Decimal, Field(ge=0, le=Decimal(1_000_000), decimal_places=2)]
_Name = Annotated[str, Field(max_length=60)]
_Say = Annotated[str, Field(max_length=300)]


class DraftPicture(Frozen):
    """A picture that was handed in; `alt` says what it shows."""

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    media_type: Literal["image/png", "image/webp"] = "image/webp"
    width: int = Field(gt=0, le=4_000)
    height: int = Field(gt=0, le=4_000)
    file: str = Field(default="", max_length=200)
    alt: str = Field(default="", max_length=100)


class DraftSku(Frozen):
    """A variant that can be sold."""

    id: Id
    name: _Name = ""
    stock: int = Field(default=0, ge=0, le=100_000)


class DraftProduct(Frozen):
    """产品资料; prices are None while nobody has said them."""

    id: Id
    name: _Name = ""
    aliases: tuple[_Name, ...] = Field(default=(), max_length=10)
    category: _Name = ""
    add_on: bool = False
    summary: str = Field(default="", max_length=300)
    attributes: dict[_Name, _Say] = Field(default_factory=dict, max_length=30)
    skus: tuple[DraftSku, ...] = Field(default=(), max_length=40)
    list_price: Money | None = None
    price: Money | None = None
    member_price: Money | None = None
    goes_with: tuple[Id, ...] = Field(default=(), max_length=10)
    picture: DraftPicture | None = None
    most: int = Field(default=10, ge=1, le=1_000)


class _DraftPromotion(Frozen):
    id: Id
    title: _Name = ""
    step: int = Field(default=1, ge=1, le=9)
    group: str = Field(default="", max_length=32)
    products: tuple[Id, ...] = Field(default=(), max_length=60)


class DraftFullReduction(_DraftPromotion):
    """满减."""

    kind: Literal["full_reduction"] = "full_reduction"
    threshold: Money | None = None
    off: Money | None = None
    repeats: bool = False


class DraftGift(_DraftPromotion):
    """买赠; `gift` is a SKU, "" while none was chosen."""

    kind: Literal["gift"] = "gift"
    threshold: Money = Decimal(0)
    pieces: int = Field(default=0, ge=0, le=1_000)
    gift: str = Field(default="", max_length=32)
    quantity: int = Field(default=1, ge=1, le=100)


class DraftCoupon(_DraftPromotion):
    """优惠券."""

    kind: Literal["coupon"] = "coupon"
    code: str = Field(default="", max_length=20)
    threshold: Money = Decimal(0)
    off: Money | None = None


class DraftNthPrice(_DraftPromotion):
    """第 N 件优惠."""

    kind: Literal["nth_price"] = "nth_price"
    nth: int = Field(default=2, ge=2, le=10)
    percent: int = Field(default=50, ge=0, le=99)


class DraftMemberPrice(_DraftPromotion):
    """会员价."""

    kind: Literal["member_price"] = "member_price"
    percent: int = Field(default=100, ge=1, le=100)


AnyDraftPromotion = DraftFullReduction | DraftGift | DraftCoupon | DraftNthPrice | DraftMemberPrice
DraftPromotion = Annotated[AnyDraftPromotion, Field(discriminator="kind")]


class DraftRegion(Frozen):
    """Where a parcel goes."""

    name: _Name = ""
    cities: tuple[_Name, ...] = Field(default=(), max_length=60)
    days: str = Field(default="", max_length=20)
    extra_fee: Money = Decimal(0)


class DraftShipping(Frozen):
    """配送."""

    carrier: str = Field(default="", max_length=40)
    fee: Money = Decimal(0)
    free_from: Money | None = None
    dispatch: str = Field(default="48小时内", max_length=60)
    regions: tuple[DraftRegion, ...] = Field(default=(), max_length=40)


class DraftChatArticle(Frozen):
    """An article of the 知识库."""

    id: Id
    title: _Name = ""
    body: str = Field(default="", max_length=2_000)
    keywords: tuple[_Name, ...] = Field(default=(), max_length=20)
    updated: str = Field(default="", max_length=20)


class DraftShop(Frozen):
    """店铺."""

    name: _Name = ""
    intro: str = Field(default="", max_length=400)
    style: str = Field(default="", max_length=200)
    products: tuple[DraftProduct, ...] = Field(min_length=1, max_length=60)
    promotions: tuple[DraftPromotion, ...] = Field(default=(), max_length=20)
    shipping: DraftShipping = DraftShipping()
    articles: tuple[DraftChatArticle, ...] = Field(default=(), max_length=80)


class DraftFact(Frozen):
    """One thing that an answer must say."""

    id: Id
    title: _Name = ""
    kind: FactKind = "statement"
    accept: tuple[_Name, ...] = Field(default=(), max_length=30)
    denied: bool = False
    unit: str = Field(default="", max_length=10)
    required: bool = True


class DraftWrong(Frozen):
    """Something that would be wrong to say."""

    id: Id
    title: _Name = ""
    kind: FactKind = "statement"
    phrases: tuple[_Name, ...] = Field(default=(), max_length=30)


class DraftNeed(Frozen):
    """应答关键点."""

    id: Id
    kind: NeedKind = "product"
    title: _Name = ""
    asks: tuple[_Say, ...] = Field(default=(), max_length=4)
    with_next: bool = False
    picture: DraftPicture | None = None
    facts: tuple[DraftFact, ...] = Field(default=(), max_length=12)
    wrong: tuple[DraftWrong, ...] = Field(default=(), max_length=12)
    neutral: tuple[_Name, ...] = Field(default=(), max_length=30)
    courtesy: tuple[Courtesy, ...] = Field(default=(), max_length=4)
    reminders: tuple[_Say, ...] = Field(default=(), max_length=4)
    partly: _Say = ""
    corrected: _Say = ""
    met: _Say = ""
    silent_ms: int = Field(default=0, ge=0, le=10 * 60_000)
    reference: str = Field(default="", max_length=500)
    articles: tuple[Id, ...] = Field(default=(), max_length=5)
    products: tuple[Id, ...] = Field(default=(), max_length=5)


class DraftOrderLine(Frozen):
    """So many pieces of a SKU, "" while none was chosen."""

    sku: str = Field(default="", max_length=32)
    quantity: int = Field(default=1, ge=1, le=1_000)


class DraftSuggestion(Frozen):
    """How a recommendation is taken."""

    product: str = Field(default="", max_length=32)
    accepts: bool = True
    says: _Say = ""
    adds: DraftOrderLine | None = None


class DraftPurchase(Frozen):
    """Whether and what the customer buys."""

    items: tuple[DraftOrderLine, ...] = Field(default=(), max_length=10)
    coupon: str = Field(default="", max_length=20)
    least_met: int = Field(default=1, ge=0, le=40)
    budget: Money | None = None
    ready: _Say = ""
    paid: _Say = ""
    pay_ms: int = Field(default=12_000, ge=1_000, le=10 * 60_000)
    wrong_items: _Say = ""
    too_dear: _Say = ""
    declines: _Say = ""


class DraftPastOrder(Frozen):
    """An order of before the contest."""

    number: str = Field(default="", max_length=30)
    date: str = Field(default="", max_length=30)
    items: str = Field(default="", max_length=200)
    amount: Money = Decimal(0)
    status: str = Field(default="", max_length=40)
    tracking: str = Field(default="", max_length=200)


class DraftCustomerFile(Frozen):
    """What the desk shows of the customer."""

    city: str = Field(default="", max_length=40)
    member: bool = False
    remark: str = Field(default="", max_length=200)
    orders: tuple[DraftPastOrder, ...] = Field(default=(), max_length=5)


class DraftChatPersona(Frozen):
    """模拟客户; times in ms."""

    id: Id
    name: str = Field(default="", max_length=20)
    profile: str = Field(default="", max_length=400)
    arrives_ms: int = Field(default=0, ge=0, le=4 * 3600_000)
    file: DraftCustomerFile = DraftCustomerFile()
    needs: tuple[DraftNeed, ...] = Field(min_length=1, max_length=20)
    think_ms: int = Field(default=3_000, ge=500, le=60_000)
    typing_ms: int = Field(default=250, ge=20, le=2_000)
    patience_ms: int = Field(default=60_000, ge=10_000, le=10 * 60_000)
    nudges: tuple[_Say, ...] = Field(default=(), max_length=5)
    leaves: _Say = ""
    offended: _Say = ""
    suggestions: tuple[DraftSuggestion, ...] = Field(default=(), max_length=10)
    no_thanks: _Say = ""
    purchase: DraftPurchase | None = None
    closing: _Say = ""
    rating: RatingRule = RatingRule()


class DraftCanned(Frozen):
    """快捷短语."""

    id: Id
    group: str = Field(default="", max_length=20)
    text: str = Field(default="", max_length=300)


class DraftForbidden(Frozen):
    """服务禁语."""

    word: str = Field(default="", max_length=30)
    reason: str = Field(default="", max_length=60)


class DraftIndicator(Frozen):
    """How a figure becomes a share of the mark."""

    key: IndicatorKey
    full: Decimal
    zero: Decimal
    weight: Decimal = Field(default=Decimal(1), ge=0, le=100)


_INDICATORS = tuple(DraftIndicator(key=one.key, full=one.full, zero=one.zero, weight=one.weight) for one in INDICATORS)


class ChatDraft(Draft):
    """A draft of the module chat_sim. Its parts are its customers."""

    instructions: Text
    shop: DraftShop
    personas: tuple[DraftChatPersona, ...] = Field(min_length=1, max_length=40)
    policy: DeskPolicy = DeskPolicy()
    canned: tuple[DraftCanned, ...] = Field(default=(), max_length=60)
    forbidden: tuple[DraftForbidden, ...] = Field(default=(), max_length=100)
    courtesy: CourtesyWords = CourtesyWords()
    indicators: tuple[DraftIndicator, ...] = Field(default=_INDICATORS, max_length=5)
    rubric: RubricPolicy = RubricPolicy()
    max_marks: Decimal = Field(default=Decimal(30), ge=0, le=100)

    @model_validator(mode="after")
    def _unique(self) -> Self:
        for what, ids in self._ids():
            if twice := sorted({one for one in ids if ids.count(one) > 1}):
                raise ValueError(f"{what}编号重复：{'、'.join(twice)} (an id stands there twice)")
        return self

    def _ids(self) -> Iterator[tuple[str, list[str]]]:
        yield "客户", [persona.id for persona in self.personas]
        yield "商品", [product.id for product in self.shop.products]
        yield "规格", [sku.id for product in self.shop.products for sku in product.skus]
        yield "促销", [promotion.id for promotion in self.shop.promotions]
        yield "知识库文章", [article.id for article in self.shop.articles]
        yield "快捷短语", [canned.id for canned in self.canned]
        yield "指标", [indicator.key for indicator in self.indicators]
        for persona in self.personas:
            yield f"客户“{persona.name}”的需求", [need.id for need in persona.needs]

    def persona(self, part: str) -> DraftChatPersona:
        """The customer of this id; raises Invalid."""
        for persona in self.personas:
            if persona.id == part:
                return persona
        raise Invalid(Text(zh=f"没有客户 {part}", en=f"No customer {part!r}"))

    def with_persona(self, persona: DraftChatPersona) -> Self:
        """The draft with another customer in the place of the one with the same id."""
        put = tuple(persona if one.id == persona.id else one for one in self.personas)
        return self.model_copy(update={"personas": put})

    def pictures(self) -> Iterator[DraftPicture]:
        """Every picture that is named."""
        for product in self.shop.products:
            if product.picture is not None:
                yield product.picture
        for persona in self.personas:
            for need in persona.needs:
                if need.picture is not None:
                    yield need.picture
