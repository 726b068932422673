"""What happened at a chat desk: frozen, versioned, discriminated by `type`.

`stage_ms` is the net time at which it happened. A customer's own acts bear the time at which they were due, however
late the server noticed: the same replies give the same events. Every text that a customer said and every judgement
stands in its event: the journal explains itself.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, TypeAdapter

from chat_sim.commands import CloseReason
from chat_sim.persona import Courtesy
from chat_sim.shop import OrderLine
from server.core.events import Event
from server.core.frozen import Frozen

Verdict = Literal["met", "partial", "wrong", "nothing"]
"""met: all required facts said (now or before) and none wrong; partial: some; wrong: a wrong fact was said; nothing."""
SayCause = Literal[
    "ask", "reminder", "partly", "corrected", "met", "nudge", "leaves", "offended", "suggestion", "no_thanks", "ready",
    "paid", "wrong_items", "too_dear", "declines", "closing",
]  # fmt: skip


AT = frozenset({"stage_ms"})


class Finding(Frozen):
    """One thing that was recognised in a message: which fact, by which words (span in characters), how sure.

    `sure` is 0 to 1; below 1 the wording was matched approximately. `rule` names what found it.
    """

    need: str
    fact: str
    """Id of a `Fact`, of a `Wrong`, or `courtesy:<kind>`."""
    verdict: Literal["right", "wrong"]
    text: str
    start: int
    end: int
    sure: Decimal
    rule: str


class NeedVerdict(Frozen):
    """What a message did for a need that was open."""

    need: str
    verdict: Verdict


class NicknameSet(Event):
    """花名 was chosen."""

    moments: ClassVar[frozenset[str]] = AT

    type: Literal["chat_sim.nickname_set"] = "chat_sim.nickname_set"
    v: Literal[1] = 1
    stage_ms: int
    nickname: str


class FieldSaved(Event):
    """What stood in a reply box or a note."""

    moments: ClassVar[frozenset[str]] = AT

    type: Literal["chat_sim.field_saved"] = "chat_sim.field_saved"
    v: Literal[1] = 1
    stage_ms: int
    item: str
    field: Literal["reply", "note"]
    text: str
    rev: int
    composing: bool = False
    largest_insert: int = 0


class CustomerSaid(Event):
    """A message of a customer; the first one of a conversation is its arrival.

    `need`: which one it puts, or reacts to. `picture`: SHA-256. `product`: the recommendation that it answers, and
    whether it has `accepted` that.
    """

    moments: ClassVar[frozenset[str]] = AT

    type: Literal["chat_sim.customer_said"] = "chat_sim.customer_said"
    v: Literal[1] = 1
    stage_ms: int
    conversation: str
    n: int
    text: str
    cause: SayCause
    need: str | None = None
    picture: str | None = None
    product: str | None = None
    accepted: bool = False


class Accepted(Event):
    """接入."""

    moments: ClassVar[frozenset[str]] = AT

    type: Literal["chat_sim.accepted"] = "chat_sim.accepted"
    v: Literal[1] = 1
    stage_ms: int
    conversation: str


class Shown(Event):
    """Other conversations are on the screen."""

    moments: ClassVar[frozenset[str]] = AT

    type: Literal["chat_sim.shown"] = "chat_sim.shown"
    v: Literal[1] = 1
    stage_ms: int
    conversations: tuple[str, ...]


class AgentSaid(Event):
    """A message of the contestant, as it was understood at once; `needs` are those that were open.

    `text` is what the customer sees: without control characters. `suggested`: products it recommends.
    """

    moments: ClassVar[frozenset[str]] = AT

    type: Literal["chat_sim.agent_said"] = "chat_sim.agent_said"
    v: Literal[1] = 1
    stage_ms: int
    conversation: str
    n: int
    text: str
    rev: int = 0
    canned: str | None = None
    product: str | None = None
    """The message is a product card."""
    rules: str
    """Version of the rules of understanding."""
    key: str = ""
    """By which key it was judged (`chat_sim.keyed`)."""
    findings: tuple[Finding, ...] = ()
    needs: tuple[NeedVerdict, ...] = ()
    courtesy: tuple[Courtesy, ...] = ()
    forbidden: tuple[str, ...] = ()
    suggested: tuple[str, ...] = ()
    only: Literal["waiting", "greeting", "card"] | None = None
    """It is no more than a request to wait, the greeting at the beginning, or a card of a product that is known
    already: the customer goes on waiting for its answer, and says nothing to it."""


class NeedSettled(Event):
    """A need is done with: met, or given up by the customer after its reminders, or when it left."""

    moments: ClassVar[frozenset[str]] = AT

    type: Literal["chat_sim.need_settled"] = "chat_sim.need_settled"
    v: Literal[1] = 1
    stage_ms: int
    conversation: str
    need: str
    met: bool
    by: int | None = None
    """Number of the message that met it."""
    last: bool = False
    """The conversation is about to end: nothing more is put."""


class OrderSet(Event):
    """The order form of a conversation was filled in."""

    moments: ClassVar[frozenset[str]] = AT

    type: Literal["chat_sim.order_set"] = "chat_sim.order_set"
    v: Literal[1] = 1
    stage_ms: int
    conversation: str
    lines: tuple[OrderLine, ...]
    coupon: str
    rev: int


class OrderSent(Event):
    """An order was sent to the customer, as message `n`; its price as it was worked out."""

    moments: ClassVar[frozenset[str]] = AT

    type: Literal["chat_sim.order_sent"] = "chat_sim.order_sent"
    v: Literal[1] = 1
    stage_ms: int
    conversation: str
    n: int
    order: str
    lines: tuple[OrderLine, ...]
    coupon: str
    total: Decimal
    gifts: tuple[OrderLine, ...] = ()


class OrderPaid(Event):
    """The customer paid."""

    moments: ClassVar[frozenset[str]] = AT

    type: Literal["chat_sim.order_paid"] = "chat_sim.order_paid"
    v: Literal[1] = 1
    stage_ms: int
    conversation: str
    order: str


class OrderEnded(Event):
    """An order that was not paid came to its end: taken back, refused by the customer, or left open."""

    moments: ClassVar[frozenset[str]] = AT

    type: Literal["chat_sim.order_ended"] = "chat_sim.order_ended"
    v: Literal[1] = 1
    stage_ms: int
    conversation: str
    order: str
    cause: Literal["cancelled", "wrong_items", "too_dear", "closed"]
    dearer: bool = False
    """It cost more than with the coupon that the customer knows of."""


class Calculated(Event):
    """A basket was calculated."""

    moments: ClassVar[frozenset[str]] = AT

    type: Literal["chat_sim.calculated"] = "chat_sim.calculated"
    v: Literal[1] = 1
    stage_ms: int
    lines: tuple[OrderLine, ...]
    coupon: str
    member: bool
    total: Decimal


class Searched(Event):
    """A search, with what it found: the query log of this seat."""

    moments: ClassVar[frozenset[str]] = AT

    type: Literal["chat_sim.searched"] = "chat_sim.searched"
    v: Literal[1] = 1
    stage_ms: int
    query: str
    hits: tuple[str, ...]
    products: tuple[str, ...] = ()


class ArticleOpened(Event):
    """An article was opened, or closed."""

    moments: ClassVar[frozenset[str]] = AT

    type: Literal["chat_sim.article_opened"] = "chat_sim.article_opened"
    v: Literal[1] = 1
    stage_ms: int
    article: str | None


class ProductOpened(Event):
    """A product sheet was opened, or closed."""

    moments: ClassVar[frozenset[str]] = AT

    type: Literal["chat_sim.product_opened"] = "chat_sim.product_opened"
    v: Literal[1] = 1
    stage_ms: int
    product: str | None


class PictureOpened(Event):
    """A customer's picture was looked at."""

    moments: ClassVar[frozenset[str]] = AT

    type: Literal["chat_sim.picture_opened"] = "chat_sim.picture_opened"
    v: Literal[1] = 1
    stage_ms: int
    n: int


class ConversationEnded(Event):
    """A conversation is over; `by` the agent with a reason, or the customer (it left, having waited too long).

    `stars` and `working` are the customer's rating, by its rule.
    """

    moments: ClassVar[frozenset[str]] = AT

    type: Literal["chat_sim.conversation_ended"] = "chat_sim.conversation_ended"
    v: Literal[1] = 1
    stage_ms: int
    conversation: str
    by: Literal["agent", "customer"]
    reason: CloseReason
    remark: str = ""
    stars: int


class InputWasBlocked(Event):
    """The page stopped a paste, drop, copy, cut or context menu."""

    moments: ClassVar[frozenset[str]] = AT

    type: Literal["chat_sim.input_blocked"] = "chat_sim.input_blocked"
    v: Literal[1] = 1
    stage_ms: int
    item: str
    field: str
    kind: str
    length: int


ChatEvent = (
    NicknameSet
    | FieldSaved
    | CustomerSaid
    | Accepted
    | Shown
    | AgentSaid
    | NeedSettled
    | OrderSet
    | OrderSent
    | OrderPaid
    | OrderEnded
    | Calculated
    | Searched
    | ArticleOpened
    | ProductOpened
    | PictureOpened
    | ConversationEnded
    | InputWasBlocked
)
_events: TypeAdapter[ChatEvent] = TypeAdapter(Annotated[ChatEvent, Field(discriminator="type")])


def parse_event(raw: Mapping[str, Any]) -> ChatEvent:
    """A journalled payload as an event of today. Raises pydantic.ValidationError."""
    return _events.validate_python(raw)
