"""What a voice page asks for."""

from typing import Annotated, Literal

from pydantic import Field

from server.core.contract import Command
from server.core.media import CALL_ID
from telephony.content import MAX_TEXT

_Part = Annotated[str, Field(max_length=32)]
_Call = Annotated[str, Field(pattern=CALL_ID)]
_Short = Annotated[str, Field(max_length=200)]


class SaveField(Command):
    """What stands in a field now; `rev` grows with every save of that field, so that a late one can't undo.

    Fields of a part: `turn:<id>` (话术 of a turn), `script:<part>`, `faq:<n>:q` and `faq:<n>:a` (n from 1),
    `summary`, `notes`.
    """

    type: Literal["telephony.save_field"]
    item: _Part
    field: str = Field(max_length=48)
    text: str = Field(max_length=MAX_TEXT)
    rev: int = Field(ge=1, le=2**31)
    composing: bool = False
    largest_insert: int = Field(default=0, ge=0, le=MAX_TEXT)


class OpenPart(Command):
    """The contestant went to a part; an inbound line rings when its part is opened for the first time."""

    type: Literal["telephony.open_part"]
    part: _Part


class Answer(Command):
    """接听."""

    type: Literal["telephony.answer"]
    call: _Call


class Dial(Command):
    """拨打: an outbound call; in a retell part, the line that plays the source and records."""

    type: Literal["telephony.dial"]
    part: _Part


class StartTake(Command):
    """Begin to speak a turn, or to speak it again where the policy allows; in a retell, after listening."""

    type: Literal["telephony.start_take"]
    call: _Call
    turn: _Part


class EndTurn(Command):
    """说完了: the take is over; in an inbound case the next turn begins, in an outbound call the customer may answer.

    `again` ends the take and keeps the turn open, so that it can be spoken again.
    """

    type: Literal["telephony.end_turn"]
    call: _Call
    again: bool = False


class Replay(Command):
    """Hear the customer's line of the turn again, or the source of a retell."""

    type: Literal["telephony.replay"]
    call: _Call


class Hold(Command):
    """保持 and its end."""

    type: Literal["telephony.hold"]
    call: _Call
    on: bool


class Mute(Command):
    """静音 and its end."""

    type: Literal["telephony.mute"]
    call: _Call
    on: bool


class Transfer(Command):
    """转接: ends the contestant's share of the call."""

    type: Literal["telephony.transfer"]
    call: _Call
    to: _Short


class HangUp(Command):
    """挂机."""

    type: Literal["telephony.hang_up"]
    call: _Call


class Search(Command):
    """A search in the knowledge base; "" clears it."""

    type: Literal["telephony.search"]
    query: _Short


class OpenArticle(Command):
    """An article is opened (`id`), or closed (None)."""

    type: Literal["telephony.open_article"]
    id: _Part | None


class LookUp(Command):
    """A search among the records, by number, phone or customer; "" clears it."""

    type: Literal["telephony.look_up"]
    query: _Short


class OpenRecord(Command):
    """A record is opened (`id`), or closed (None)."""

    type: Literal["telephony.open_record"]
    id: _Part | None


class Verify(Command):
    """The digits that the customer said, checked against the record; a wrong four is journalled too."""

    type: Literal["telephony.verify"]
    record: _Part
    digits: str = Field(pattern=r"^[0-9Xx]{4}$")


class Suspend(Command):
    """暂缓单 and its end."""

    type: Literal["telephony.suspend"]
    record: _Part
    on: bool


class ChangeAddress(Command):
    """A new address for a record."""

    type: Literal["telephony.change_address"]
    record: _Part
    address: _Short


class AfterSales(Command):
    """转接售后: the record is handed to after-sales with a remark."""

    type: Literal["telephony.after_sales"]
    record: _Part
    remark: _Short


class Register(Command):
    """会员注册: name, 身份证 number (checked), package."""

    type: Literal["telephony.register"]
    part: _Part
    name: str = Field(min_length=1, max_length=40)
    id_number: str = Field(min_length=1, max_length=20)
    package: _Part


class SeatTrouble(Command):
    """What only the page can see of its microphone."""

    type: Literal["telephony.trouble"]
    call: _Call
    kind: Literal["clipping", "wrong_device", "no_microphone"]
    began: bool


class InputBlocked(Command):
    """The page stopped a paste, drop, copy, cut or context menu; `length` in characters where known."""

    type: Literal["telephony.blocked"]
    item: _Part
    field: str = Field(max_length=48)
    kind: Literal["paste", "drop", "copy", "cut", "contextmenu"]
    length: int = Field(default=0, ge=0, le=2**31)


VoiceCommand = Annotated[
    SaveField
    | OpenPart
    | Answer
    | Dial
    | StartTake
    | EndTurn
    | Replay
    | Hold
    | Mute
    | Transfer
    | HangUp
    | Search
    | OpenArticle
    | LookUp
    | OpenRecord
    | Verify
    | Suspend
    | ChangeAddress
    | AfterSales
    | Register
    | SeatTrouble
    | InputBlocked,
    Field(discriminator="type"),
]
