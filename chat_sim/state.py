"""The state of a chat attempt: the fold of its events, JSON in and out. Times in stage ms.

Conversations bear the ids of their personas here; a page knows them by `opaque` ids, in order of arrival.
"""

from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Literal, NamedTuple

from chat_sim.commands import CloseReason
from chat_sim.content import ChatContent
from chat_sim.events import Finding, SayCause, Verdict
from chat_sim.persona import Courtesy, Need, Persona
from chat_sim.same import Same
from chat_sim.seat import OrderStatus, TextState
from chat_sim.shop import OrderLine
from server.core.contract import State
from server.core.frozen import Frozen

Stage = Literal["needs", "wants", "done"]
"""Where a customer stands: it has something to ask, it wants an order, it has said goodbye."""
ActKind = Literal[
    "nickname", "accept", "send", "send_product", "send_order", "cancel_order", "close", "search", "article", "product",
    "picture", "calculate",
]  # fmt: skip


class Line(Frozen):
    """A message that the customer is going to send: the `k`th of `asks`, of a need; or what else it says."""

    cause: SayCause
    need: str | None = None
    k: int = 0


class NeedState(Frozen):
    """A need that was put. Findings and courtesy are those since then, kept until it is settled."""

    id: str
    asked_ms: int
    findings: tuple[Finding, ...] = ()
    courtesy: tuple[Courtesy, ...] = ()
    verdict: Verdict = "nothing"
    by: int | None = None
    """Number of the message by which it was met, as long as it is."""
    reminders: int = 0
    partly: bool = False
    corrected: bool = False
    settled: bool | None = None
    """True: met; False: given up; None: open."""


class Reaction(Frozen):
    """The customer is going to answer: planned from the message at `base_ms`, the first unanswered one at `since_ms`.

    `heard`: there was a message that should have answered something; a need that it left open is asked for again.
    """

    since_ms: int
    base_ms: int
    heard: bool


class FormState(Frozen):
    """The order form of a conversation."""

    lines: tuple[OrderLine, ...] = ()
    coupon: str = ""
    rev: int = 0


class ConversationState(Frozen):
    """A conversation from its arrival on; `id` is its persona's."""

    id: str
    arrived_ms: int
    accepted_ms: int | None = None
    ended_ms: int | None = None
    ended_by: Literal["agent", "customer"] | None = None
    reason: CloseReason | None = None
    remark: str = ""
    stars: int | None = None
    last_n: int = 0
    last_ms: int = 0
    """When something happened here last; nothing can be planned before."""
    said_ms: int = 0
    """The customer's last message."""
    unseen: int = 0
    waiting_since_ms: int | None = None
    # --- what the customer is about
    batch: int = 0
    """Which needs are put together now: `customers.batches`."""
    needs: tuple[NeedState, ...] = ()
    stage: Stage = "needs"
    queue: tuple[Line, ...] = ()
    """Messages that follow one after the other; typing of the first begins at `from_ms`."""
    from_ms: int = 0
    ready_ms: int = 0
    """From when on an order is looked at."""
    reaction: Reaction | None = None
    waits_from_ms: int = 0
    patience_ms: int = 0
    """How long it waits this time."""
    held: bool = False
    """It was asked to wait, and waits for longer: once a batch."""
    nudges: int = 0
    """Since it last got an answer."""
    insulted: bool = False
    """A forbidden word was said and not yet answered."""
    offended: bool = False
    pitch: str | None = None
    """A recommendation that is not yet answered: a product."""
    suggested: tuple[str, ...] = ()
    taken: tuple[str, ...] = ()
    """Recommendations that it accepted."""
    thanked: bool = False
    """It said no to a recommendation of anything else."""
    # --- counts
    replied: bool = False
    texts: int = 0
    """Messages of the agent, cards and orders not counted."""
    greeted: bool = False
    farewell: tuple[bool, bool] = (False, False)
    """Whether the last message of the agent but one, and the last one, took leave."""
    nudged: int = 0
    wrong: int = 0
    forbidden: int = 0
    # --- the order
    form: FormState = FormState()
    order: str | None = None
    """The order that waits to be paid."""
    dear: bool = False
    """An order was refused for being dearer than with the customer's coupon."""
    paid: bool = False
    # --- what comes next, worked out by `customers.next_step` whenever something happens
    next_ms: int | None = None
    typing_ms: int | None = None

    def need(self, need_id: str | None) -> NeedState | None:
        """A need that was put."""
        return next((need for need in self.needs if need.id == need_id), None)

    @property
    def open_needs(self) -> tuple[NeedState, ...]:
        """Needs that were put and are not settled, in the order of the persona."""
        return tuple(need for need in self.needs if need.settled is None)


class MessageState(Frozen):
    """A message; `picture` by SHA-256."""

    n: int
    conversation: str
    at_ms: int
    by: Literal["customer", "agent"]
    text: str = ""
    product: str | None = None
    order: str | None = None
    picture: str | None = None
    canned: str | None = None


class OrderState(Frozen):
    """An order that was sent."""

    order: str
    conversation: str
    n: int
    sent_ms: int
    lines: tuple[OrderLine, ...]
    coupon: str
    total: Decimal
    gifts: tuple[OrderLine, ...] = ()
    status: OrderStatus = "sent"


class BasketState(Frozen):
    """价格计算: the last basket."""

    lines: tuple[OrderLine, ...] = ()
    coupon: str = ""
    member: bool = False


class LookUpState(Frozen):
    """What is shown of 知识库 and 产品资料, and what was found before."""

    query: str = ""
    hits: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    article: str | None = None
    product: str | None = None
    found: tuple[str, ...] = ()


class Act(NamedTuple):
    """What the contestant did, for `answers`; `ref` names what was acted on."""

    at_ms: int
    kind: ActKind
    ref: str


class ChatState(State):
    """Conversations in order of arrival, messages, orders, what was sold, the desk."""

    nickname: str = ""
    conversations: tuple[ConversationState, ...] = ()
    messages: tuple[MessageState, ...] = ()
    orders: tuple[OrderState, ...] = ()
    sold: dict[str, int] = {}
    """Pieces that are taken from the stock, by SKU."""
    texts: dict[str, dict[str, TextState]] = {}
    """By conversation and field."""
    shown: tuple[str, ...] = ()
    look_up: LookUpState = LookUpState()
    basket: BasketState = BasketState()
    acts: tuple[Act, ...] = ()
    last_ms: int = 0
    """When something happened last."""
    blocked: int = 0

    def conversation(self, persona_id: str) -> ConversationState | None:
        """The conversation with this persona, if it has come."""
        return next((own for own in self.conversations if own.id == persona_id), None)

    def order(self, order_id: str | None) -> OrderState | None:
        """The order of this id."""
        return next((own for own in self.orders if own.order == order_id), None)

    def text(self, persona_id: str, field: str) -> TextState:
        """What stands in a field."""
        return self.texts.get(persona_id, {}).get(field, TextState())


def arrivals(content: ChatContent) -> Sequence[Persona]:
    """Customers that will come, in order of arrival; who has nothing to say at all never comes."""
    return _arrivals(Same(content))


def speaks(need: Need) -> bool:
    """Whether it is put by a message."""
    return need.kind != "silence" and (bool(need.asks) or need.picture is not None)


@lru_cache(maxsize=256)
def _arrivals(held: Same[ChatContent]) -> Sequence[Persona]:
    coming = [persona for persona in held.value.personas if any(map(speaks, persona.needs))]
    return tuple(sorted(coming, key=lambda persona: persona.arrives_ms))


def opaque(content: ChatContent, persona_id: str) -> str:
    """The id by which a page knows a conversation: "c1", "c2"… in order of arrival."""
    return _opaque(Same(content))[persona_id]


def persona_id_of(content: ChatContent, conversation: str) -> str | None:
    """The persona behind an id of the page; None if there is none."""
    return _of_opaque(Same(content)).get(conversation)


@lru_cache(maxsize=256)
def _opaque(held: Same[ChatContent]) -> dict[str, str]:
    return {persona.id: f"c{number}" for number, persona in enumerate(_arrivals(held), start=1)}


@lru_cache(maxsize=256)
def _of_opaque(held: Same[ChatContent]) -> dict[str, str]:
    return {own: persona_id for persona_id, own in _opaque(held).items()}
