"""The sheet beside the recordings: what `Outcome.sheet` of this module holds. No mark in it, and no net time."""

from decimal import Decimal
from typing import Literal

from server.core.frozen import Frozen
from server.core.media import DialogOutcome
from server.core.text import Text
from telephony.content import DeskAct


class SheetPoint(Frozen):
    """A key point, and whether one of its phrases stands in the text: a hint."""

    title: str
    hit: bool


class SheetAct(Frozen):
    """An act that the turn asks for."""

    act: DeskAct
    target: str
    done: bool


class SheetTurn(Frozen):
    """A turn: the customer's words, what the contestant wrote, the reference beside it."""

    id: str
    hint: str
    customer: str | None
    text: str
    reference: str
    key_points: tuple[SheetPoint, ...]
    required: tuple[SheetAct, ...]
    takes: int
    """Times that it was spoken; the last one counts."""


class SheetScript(Frozen):
    """A part of the 话术 of an outbound call."""

    slot: str
    title: Text
    text: str
    reference: str


class SheetFaq(Frozen):
    """A question with its answer; `duplicate` if it says the same as an earlier one."""

    question: str
    answer: str
    duplicate: bool


class SheetAnswer(Frozen):
    """A text that was written to a limit of characters (white space doesn't count)."""

    text: str
    limit: int
    characters: int
    reference: str


class SheetCall(Frozen):
    """A call: how long it rang (None if it was never answered) and was talked (ms), how it ended.

    One that the end of the time cut was talked up to the last thing that happened.
    """

    call_id: str
    rang_ms: int | None
    talked_ms: int
    ended_by: Literal["contestant", "customer", "time", "transfer", "close"] | None
    outcome: DialogOutcome | None
    cause: str
    """What the outcome was decided by, in numbers."""
    asked_lines: int
    answered_lines: int
    takes: dict[str, int]


class SheetDesk(Frozen):
    """An act at the desk, in order; `into_call_ms` since its call began, None outside calls."""

    call: str
    into_call_ms: int | None
    act: DeskAct
    title: Text
    right: bool | None


class SheetPart(Frozen):
    """A part of the paper; what doesn't belong to its kind is empty."""

    id: str
    title: Text
    kind: Literal["inbound", "outbound", "retell", "summary"]
    marks: Decimal
    guide_ms: int
    turns: tuple[SheetTurn, ...] = ()
    script: tuple[SheetScript, ...] = ()
    faq: tuple[SheetFaq, ...] = ()
    faq_least: int = 0
    faq_counted: int = 0
    answer: SheetAnswer | None = None
    key_points: tuple[SheetPoint, ...] = ()
    """Of parts without turns."""
    notes: str = ""
    calls: tuple[SheetCall, ...] = ()
    desk: tuple[SheetDesk, ...] = ()
    """Acts during this part's calls, and those outside any call while it was open."""


class VoiceSheet(Frozen):
    """The whole sheet."""

    parts: tuple[SheetPart, ...]
