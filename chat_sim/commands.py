"""What a chat desk asks for."""

from typing import Annotated, Literal

from pydantic import Field

from chat_sim.ids import MAX_LINES, MAX_TEXT, MAX_WIRE
from chat_sim.shop import OrderLine
from server.core.contract import Command

_Id = Annotated[str, Field(max_length=32)]
_Short = Annotated[str, Field(max_length=200)]


class SetNickname(Command):
    """花名: chosen before the first customer is served, and not changed after the first message."""

    type: Literal["chat_sim.set_nickname"]
    nickname: _Short


class SaveField(Command):
    """What stands in a field now; `rev` grows with every save of that field, so that a late one can't undo.

    Fields of a conversation: `reply` (the box), `note`.
    """

    type: Literal["chat_sim.save_field"]
    item: _Id
    field: Literal["reply", "note"]
    text: str = Field(max_length=MAX_TEXT)
    rev: int = Field(ge=1, le=2**31)
    composing: bool = False
    largest_insert: int = Field(default=0, ge=0, le=MAX_TEXT)


class Accept(Command):
    """接入: a waiting customer is taken out of the queue."""

    type: Literal["chat_sim.accept"]
    conversation: _Id


class Show(Command):
    """Conversations that are on the screen now, in order; what arrives there counts as seen."""

    type: Literal["chat_sim.show"]
    conversations: tuple[_Id, ...] = Field(max_length=4)


class Send(Command):
    """A message. `rev` is that of the reply box that it came from: a later save of an older text is void.

    `canned` names the phrase that it began as, if any.
    """

    type: Literal["chat_sim.send"]
    conversation: _Id
    text: str = Field(max_length=MAX_WIRE)
    rev: int = Field(default=0, ge=0, le=2**31)
    canned: _Id | None = None


class SendProduct(Command):
    """A product card."""

    type: Literal["chat_sim.send_product"]
    conversation: _Id
    product: _Id


class SetOrder(Command):
    """The order form of a conversation as it stands; `rev` as with fields. The desk answers with a quotation."""

    type: Literal["chat_sim.set_order"]
    conversation: _Id
    lines: tuple[OrderLine, ...] = Field(max_length=MAX_LINES)
    coupon: str = Field(default="", max_length=20)
    rev: int = Field(ge=1, le=2**31)


class SendOrder(Command):
    """Send the order form to the customer, to be paid: the stock is taken, the form is emptied."""

    type: Literal["chat_sim.send_order"]
    conversation: _Id


class CancelOrder(Command):
    """Take back an order that is not paid; its stock returns."""

    type: Literal["chat_sim.cancel_order"]
    order: _Id


class Calculate(Command):
    """价格计算: what a basket would cost; nothing is ordered."""

    type: Literal["chat_sim.calculate"]
    lines: tuple[OrderLine, ...] = Field(max_length=MAX_LINES)
    coupon: str = Field(default="", max_length=20)
    member: bool = False


class Search(Command):
    """A search in the knowledge base and among the products; "" clears it."""

    type: Literal["chat_sim.search"]
    query: _Short


class OpenArticle(Command):
    """An article is opened (`id`), or closed (None)."""

    type: Literal["chat_sim.open_article"]
    id: _Id | None


class OpenProduct(Command):
    """A product sheet is opened (`id`), or closed (None)."""

    type: Literal["chat_sim.open_product"]
    id: _Id | None


class OpenPicture(Command):
    """A customer's picture is looked at; `n` is the message that brought it."""

    type: Literal["chat_sim.open_picture"]
    n: int = Field(ge=1, le=2**31)


CloseReason = Literal["ordered", "solved", "unsolved", "transferred", "customer_gone"]


class Close(Command):
    """结束会话, with the reason."""

    type: Literal["chat_sim.close"]
    conversation: _Id
    reason: CloseReason
    remark: _Short = ""


class InputBlocked(Command):
    """The page stopped a paste, drop, copy, cut or context menu; `length` in characters where known."""

    type: Literal["chat_sim.blocked"]
    item: _Id
    field: str = Field(max_length=48)
    kind: Literal["paste", "drop", "copy", "cut", "contextmenu"]
    length: int = Field(default=0, ge=0, le=2**31)


ChatCommand = Annotated[
    SetNickname
    | SaveField
    | Accept
    | Show
    | Send
    | SendProduct
    | SetOrder
    | SendOrder
    | CancelOrder
    | Calculate
    | Search
    | OpenArticle
    | OpenProduct
    | OpenPicture
    | Close
    | InputBlocked,
    Field(discriminator="type"),
]
