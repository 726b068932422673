"""What a chat desk gets: the shop without answers, the conversations, and what is live. Times in stage ms."""

from decimal import Decimal
from typing import Literal

from chat_sim.commands import CloseReason
from chat_sim.content import Canned, ChatContent, DeskPolicy
from chat_sim.persona import CustomerFile
from chat_sim.shop import OrderLine, Picture, Product, Promotion, Shipping
from server.core.frozen import Frozen
from server.core.text import Text

RECENT = 12
"""Messages in `SeatLive.recent`; a page that finds a gap to what it has asks for the whole state again."""


class SeatShop(Frozen):
    """The shop as the contestant knows it; stocks as at the start, articles come by searching."""

    name: str
    intro: str
    style: str
    products: tuple[Product, ...]
    promotions: tuple[Promotion, ...]
    shipping: Shipping
    articles: int
    """How many articles the knowledge base has."""


class SeatContent(Frozen):
    """What the contestant's page gets: no customer, no need, no answer. `customers`: how many will come."""

    title: Text
    instructions: Text
    shop: SeatShop
    policy: DeskPolicy
    canned: tuple[Canned, ...]
    customers: int


class TextState(Frozen):
    """What stands in a field and the revision that put it there."""

    text: str = ""
    rev: int = 0


class QuoteLine(Frozen):
    """A line of a quotation; a gift has price 0."""

    sku: str
    product: str
    name: str
    quantity: int
    unit: Decimal
    """Price of one piece at the shop."""
    amount: Decimal
    """Of the line, after unit prices (member, second piece)."""
    gift: bool = False


class QuoteStep(Frozen):
    """One step of the working: what was before it, what it changes, what is after it."""

    title: Text
    working: Text
    before: Decimal
    change: Decimal
    """Negative for what is taken off."""
    after: Decimal


class Quote(Frozen):
    """价格计算, with the working shown."""

    lines: tuple[QuoteLine, ...]
    goods: Decimal
    """At shop prices."""
    steps: tuple[QuoteStep, ...]
    shipping: Decimal
    total: Decimal
    """To be paid."""
    hints: tuple[Text, ...] = ()
    """What is missing to the next promotion: "再买 30 元即可满减"."""


class OrderForm(Frozen):
    """The order form of a conversation, with what it comes to; `fault` says why it can't be sent as it stands."""

    lines: tuple[OrderLine, ...] = ()
    coupon: str = ""
    rev: int = 0
    quote: Quote | None = None
    fault: Text | None = None


OrderStatus = Literal["sent", "paid", "cancelled", "refused", "closed"]


class OrderView(Frozen):
    """An order that was sent: 待付款, 已付款, 已取消, 客户拒付, 未付款关闭."""

    order: str
    conversation: str
    status: OrderStatus
    lines: tuple[QuoteLine, ...]
    coupon: str = ""
    total: Decimal
    sent_ms: int


class ChatMessage(Frozen):
    """A message; `n` counts all messages of the attempt from 1."""

    n: int
    conversation: str
    at_ms: int
    by: Literal["customer", "agent"]
    text: str = ""
    product: str | None = None
    """A product card."""
    order: str | None = None
    """An order card."""
    picture: Picture | None = None


ConversationPhase = Literal["waiting", "open", "ended"]


class LiveConversation(Frozen):
    """A conversation as the list shows it; the id is opaque, and says nothing of the customer's persona."""

    id: str
    name: str
    phase: ConversationPhase
    arrived_ms: int
    accepted_ms: int | None = None
    ended_ms: int | None = None
    ended_by: Literal["agent", "customer"] | None = None
    reason: CloseReason | None = None
    waiting_since_ms: int | None = None
    """First message of the customer that has no reply yet; None if the agent spoke last."""
    last_n: int = 0
    unseen: int = 0
    """Messages of the customer that came while the conversation was not on the screen."""
    typing_from_ms: int | None = None
    """From when the customer is seen to be typing; its message may come any time after that."""
    file: CustomerFile | None = None
    """What the desk knows of the customer, once accepted."""
    form: OrderForm = OrderForm()


class ArticleView(Frozen):
    """An article, opened."""

    id: str
    title: str
    body: str
    updated: str


class HitView(Frozen):
    """A line of a list of hits."""

    id: str
    title: str
    excerpt: str


class LookUpView(Frozen):
    """知识库 and 产品资料 as they stand at this seat."""

    query: str = ""
    hits: tuple[HitView, ...] = ()
    products: tuple[str, ...] = ()
    article: ArticleView | None = None
    product: str | None = None


class BasketView(Frozen):
    """价格计算器: the last basket."""

    lines: tuple[OrderLine, ...] = ()
    coupon: str = ""
    member: bool = False
    quote: Quote | None = None


class SeatLive(Frozen):
    """What changes by itself or by acts; pushed whenever it differs."""

    nickname: str = ""
    shown: tuple[str, ...] = ()
    conversations: tuple[LiveConversation, ...] = ()
    """In order of arrival; those to come are not told."""
    messages: int = 0
    """How many there are."""
    recent: tuple[ChatMessage, ...] = ()
    orders: tuple[OrderView, ...] = ()
    stock: dict[str, int] = {}
    """What is left, of SKUs of which something was sold."""
    look_up: LookUpView = LookUpView()
    basket: BasketView = BasketView()
    to_come: int = 0
    """Customers that have not come yet."""


class SeatState(Frozen):
    """What a page needs to go on where another stopped: texts by conversation and field, all messages, what is live."""

    texts: dict[str, dict[str, TextState]]
    messages: tuple[ChatMessage, ...]
    live: SeatLive


def seat_content(content: ChatContent) -> SeatContent:
    """The content as a contestant may see it."""
    shop = content.shop
    return SeatContent(
        title=content.title,
        instructions=content.instructions,
        shop=SeatShop(
            name=shop.name,
            intro=shop.intro,
            style=shop.style,
            products=shop.products,
            promotions=shop.promotions,
            shipping=shop.shipping,
            articles=len(shop.articles),
        ),
        policy=content.policy,
        canned=content.canned if content.policy.canned_allowed else (),
        customers=len(content.personas),
    )
