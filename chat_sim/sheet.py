"""The sheet of a chat desk: what `Outcome.sheet` holds, from which the whole desk is replayed. Times in stage ms.

It names no contestant but for the 花名; customers are personas of the task.
"""

from decimal import Decimal
from typing import Literal

from chat_sim.commands import CloseReason
from chat_sim.events import Finding, SayCause, Verdict
from chat_sim.persona import Courtesy, NeedKind
from chat_sim.seat import OrderStatus, Quote
from chat_sim.shop import Picture
from server.core.frozen import Frozen
from server.core.outcome import Measure
from server.core.text import Text


class SheetMessage(Frozen):
    """A message with what was understood of it, by the rules and the key as they stand at scoring.

    `said_verdicts`, where it differs: what the customer acted on at the time (an older key).
    """

    n: int
    at_ms: int
    by: Literal["customer", "agent"]
    text: str
    cause: SayCause | None = None
    need: str | None = None
    picture: Picture | None = None
    product: str | None = None
    order: str | None = None
    canned: str | None = None
    findings: tuple[Finding, ...] = ()
    verdicts: dict[str, Verdict] = {}
    said_verdicts: dict[str, Verdict] = {}
    courtesy: tuple[Courtesy, ...] = ()
    forbidden: tuple[str, ...] = ()
    suggested: tuple[str, ...] = ()


class SheetFact(Frozen):
    """A fact of a need: what was expected, and whether it was said."""

    id: str
    title: str
    expected: str
    required: bool
    said: Literal["right", "wrong", "no"]
    by: int | None = None
    """Number of the message."""


class SheetNeed(Frozen):
    """应答关键点: whether it was put, and met; reference beside it."""

    id: str
    kind: NeedKind
    title: str
    asked_ms: int | None
    met: bool
    by: int | None
    facts: tuple[SheetFact, ...]
    reference: str


class SheetRound(Frozen):
    """A round: from the customer's first message to the agent's first reply (None if none came), in ms."""

    from_ms: int
    last_ms: int
    """The customer's last message before the reply."""
    replied_ms: int | None


class SheetOrder(Frozen):
    """An order: what was in it, the working, how it ended."""

    order: str
    n: int
    sent_ms: int
    status: OrderStatus
    paid_ms: int | None
    quote: Quote
    coupon: str


class SheetSuggestion(Frozen):
    """A recommendation: the product, when, and how it was taken (None: the customer said nothing to it)."""

    product: str
    name: str
    n: int
    accepted: bool | None


class SheetRating(Frozen):
    """客户评分 with its working, a line for everything that took something off."""

    stars: int
    exact: Decimal
    working: tuple[Text, ...]


class SheetConversation(Frozen):
    """One conversation."""

    id: str
    name: str
    profile: str
    arrived_ms: int
    accepted_ms: int | None
    ended_ms: int | None
    ended_by: Literal["agent", "customer"] | None
    reason: CloseReason | None
    remark: str
    note: str
    messages: tuple[SheetMessage, ...]
    needs: tuple[SheetNeed, ...]
    rounds: tuple[SheetRound, ...]
    orders: tuple[SheetOrder, ...]
    suggestions: tuple[SheetSuggestion, ...]
    rating: SheetRating
    measures: tuple[Measure, ...]


class SheetAct(Frozen):
    """Something that the contestant did besides sending; for the time line of the desk.

    `conversation`: the one on the screen, or concerned. `text`: the query, the title, what was typed so far.
    """

    at_ms: int
    act: Literal[
        "nickname", "accept", "show", "search", "article", "product", "picture", "calculate", "order", "typed", "note",
        "blocked", "end",
    ]  # fmt: skip
    conversation: str | None = None
    text: str = ""
    shown: tuple[str, ...] = ()


class SheetIndicator(Frozen):
    """服务指标: a figure, and the share (0 to 1) of its part of the mark that it earns.

    `counted` of `expected` customers (needs, for accuracy) earn a share by it; the others earn nothing.
    """

    key: str
    title: Text
    value: Decimal | None
    unit: str
    formula: str
    full: Decimal
    zero: Decimal
    weight: Decimal
    share: Decimal
    counted: int
    expected: int
    working: Text


class ChatSheet(Frozen):
    """The whole desk. `net_ms`: until when it was worked."""

    shop: str
    nickname: str
    net_ms: int
    rules: str
    conversations: tuple[SheetConversation, ...]
    """In order of arrival; those that never came are missing."""
    not_arrived: int
    acts: tuple[SheetAct, ...]
    indicators: tuple[SheetIndicator, ...]
    concurrency: tuple[tuple[int, int], ...]
    """(ms, conversations open from then on)."""
