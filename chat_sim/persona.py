"""A simulated customer (模拟客户) as data: what is asked, what answers it, how it takes what it is told.

Times in ms of stage time; money in CNY.
"""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from chat_sim.ids import ID
from chat_sim.shop import Money, OrderLine, PastOrder, Picture
from server.core.frozen import Frozen

_Id = Annotated[str, Field(pattern=ID)]
_Say = Annotated[str, Field(min_length=1, max_length=300)]
_Phrase = Annotated[str, Field(min_length=1, max_length=60)]

NeedKind = Literal[
    "greeting", "product", "size", "stock", "price", "bargain", "promotion", "shipping", "returns", "complaint",
    "comparison", "gift", "invoice", "small_talk", "insult", "silence", "photo", "change_of_mind",
]  # fmt: skip
FactKind = Literal["statement", "number", "price", "size", "duration"]
Courtesy = Literal["greeting", "waiting", "apology", "closing"]


class Fact(Frozen):
    """One thing that an answer must say.

    `statement`: any of the wordings, or one that means the same by the need's synonyms. The numeric kinds compare
    values after normalisation (五百六十九块 = 569元, 三十八码 = 38, 两三天 = 2-3天): `accept` holds values.
    `denied`: what the wordings say must be denied ("防水" with denied: "不防水" meets it, "防水" is wrong).
    """

    id: _Id
    title: str = Field(min_length=1, max_length=60)
    kind: FactKind = "statement"
    accept: tuple[_Phrase, ...] = Field(min_length=1, max_length=30)
    denied: bool = False
    unit: str = Field(default="", max_length=10)
    """Of a `number`: 件, 层, 克… A number with another unit is no answer, and no error."""
    required: bool = True
    """An optional fact counts for nothing if missing, but is wrong if said wrongly."""


class Wrong(Frozen):
    """Something that would be wrong to say here, beyond what contradicts the facts."""

    id: _Id
    title: str = Field(min_length=1, max_length=60)
    kind: FactKind = "statement"
    phrases: tuple[_Phrase, ...] = Field(min_length=1, max_length=30)


class Need(Frozen):
    """What a customer wants to know or to have (应答关键点). Asked in the order of the list.

    No facts and no courtesy: any reply with words in it meets it. `silence`: the customer says nothing (no `asks`)
    until the agent follows up, or `silent_ms` have passed.
    """

    id: _Id
    kind: NeedKind
    title: str = Field(min_length=1, max_length=60)
    asks: tuple[_Say, ...] = Field(default=(), max_length=4)
    """Messages sent one after the other."""
    with_next: bool = False
    """Asked together with the next need: several questions at once, all open until answered."""
    picture: Picture | None = None
    """晒图: sent after the last of `asks`."""
    facts: tuple[Fact, ...] = Field(default=(), max_length=12)
    wrong: tuple[Wrong, ...] = Field(default=(), max_length=12)
    neutral: tuple[_Phrase, ...] = Field(default=(), max_length=30)
    """Values that may be said here and are neither right nor wrong (list price, thresholds…)."""
    courtesy: tuple[Courtesy, ...] = Field(default=(), max_length=4)
    """Phrases of courtesy that the answer must have: a complaint wants an apology."""
    reminders: tuple[_Say, ...] = Field(default=(), max_length=4)
    """Said when a reply answered nothing of it; each once. When they are used up the customer goes on unsatisfied."""
    partly: str = Field(default="", max_length=300)
    """Said once when a reply left a required fact out; "" takes a reminder."""
    corrected: str = Field(default="", max_length=300)
    """Said to a wrong fact ("不对吧，页面上写的是…"); "" lets it pass silently (it is counted all the same)."""
    met: str = Field(default="", max_length=300)
    """Said when the need is met, before the next question; "" goes straight on."""
    silent_ms: int = Field(default=0, ge=0, le=10 * 60_000)
    reference: str = Field(max_length=500)
    """参考答案: a reply that meets it, which the linter proves; "" only for `silence`."""
    articles: tuple[_Id, ...] = Field(default=(), max_length=5)
    """Articles that hold the answer."""
    products: tuple[_Id, ...] = Field(default=(), max_length=5)
    """Products whose sheets hold the answer."""


class Suggestion(Frozen):
    """How a recommendation of a product is taken; `adds` is what a customer that accepts wants to buy more."""

    product: _Id
    accepts: bool
    says: _Say
    adds: OrderLine | None = None


class Purchase(Frozen):
    """Whether and what the customer buys.

    It asks for the order (`ready`) when all needs have been put, at least `least_met` of them met; else it says
    `declines` and takes leave. A sent order is paid `pay_ms` after it came if it holds exactly what the customer
    wants (`items` and what was accepted) and its total is within `budget`; else the customer says what is wrong.
    """

    items: tuple[OrderLine, ...] = Field(min_length=1, max_length=10)
    coupon: str = Field(default="", max_length=20)
    """Code that the customer expects to be used; an order without it is dearer than it should be, and refused once."""
    least_met: int = Field(default=1, ge=0, le=40)
    budget: Money | None = None
    ready: _Say
    paid: _Say
    pay_ms: int = Field(default=12_000, ge=1_000, le=10 * 60_000)
    wrong_items: _Say
    too_dear: _Say
    declines: _Say


class RatingRule(Frozen):
    """客户评分: `start` less what was missed, held between 1 and 5, rounded half up to a whole star.

    Each figure is what one occurrence takes off.
    """

    start: Decimal = Field(default=Decimal(5), ge=1, le=5)
    nudge: Decimal = Field(default=Decimal("0.5"), ge=0, le=4)
    unmet: Decimal = Field(default=Decimal("0.5"), ge=0, le=4)
    wrong: Decimal = Field(default=Decimal(1), ge=0, le=4)
    forbidden: Decimal = Field(default=Decimal("1.5"), ge=0, le=4)
    no_greeting: Decimal = Field(default=Decimal("0.5"), ge=0, le=4)
    no_closing: Decimal = Field(default=Decimal("0.5"), ge=0, le=4)
    left: Decimal = Field(default=Decimal(2), ge=0, le=4)
    """The customer gave up waiting, or was closed before it had said all."""


class CustomerFile(Frozen):
    """What the desk shows of the customer."""

    city: str = Field(default="", max_length=40)
    member: bool = False
    remark: str = Field(default="", max_length=200)
    orders: tuple[PastOrder, ...] = Field(default=(), max_length=5)


class Persona(Frozen):
    """One simulated customer, from its arrival to its rating."""

    id: _Id
    name: str = Field(min_length=1, max_length=20)
    """网名, as the desk shows it."""
    profile: str = Field(min_length=1, max_length=400)
    """For referees and authors: who that is, its mood and its aim."""
    arrives_ms: int = Field(ge=0, le=4 * 3600_000)
    """Stage time of the first message: the same at every seat."""
    file: CustomerFile = CustomerFile()
    needs: tuple[Need, ...] = Field(min_length=1, max_length=20)
    think_ms: int = Field(default=3_000, ge=500, le=60_000)
    """From the agent's last message to the beginning of typing."""
    typing_ms: int = Field(default=250, ge=20, le=2_000)
    """Per character."""
    patience_ms: int = Field(default=60_000, ge=10_000, le=10 * 60_000)
    """How long it waits for a reply before each nudge, and after the last one before it leaves."""
    nudges: tuple[_Say, ...] = Field(min_length=1, max_length=5)
    leaves: _Say
    """Said when it gives up waiting."""
    offended: _Say
    """Said once, to the first forbidden word."""
    suggestions: tuple[Suggestion, ...] = Field(default=(), max_length=10)
    no_thanks: _Say
    """Said to the recommendation of anything else, once."""
    purchase: Purchase | None = None
    closing: _Say
    """Said at the end, when all has been put and paid or declined."""
    rating: RatingRule = RatingRule()
