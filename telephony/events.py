"""Events of the voice module, version 1. Each carries what its fold needs: replay never looks at a clock."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, TypeAdapter

from server.core.events import Event
from server.core.media import DialogOutcome, Leg

AT = frozenset({"stage_ms"})
TurnCause = Literal["key", "pause", "end"]
"""What ended something that a contestant said: 说完了, a pause, or the end of the call."""


class FieldSaved(Event):
    """What stood in a field: see `telephony.commands.SaveField`."""

    type: Literal["telephony.field_saved"] = "telephony.field_saved"
    v: Literal[1] = 1
    item: str
    field: str
    text: str
    rev: int
    composing: bool = False
    largest_insert: int = 0


class PartOpened(Event):
    """The contestant went to a part."""

    type: Literal["telephony.part_opened"] = "telephony.part_opened"
    v: Literal[1] = 1
    part: str


class _OfCall(Event):
    """Something in a call at a net time (ms)."""

    moments: ClassVar[frozenset[str]] = AT
    call: str
    stage_ms: int


class CallBegan(_OfCall):
    """An inbound line rings, or an outbound one was dialled."""

    type: Literal["telephony.call_began"] = "telephony.call_began"
    v: Literal[1] = 1
    part: str
    kind: Literal["inbound", "outbound", "retell"]


class CallAnswered(_OfCall):
    """The contestant took an inbound call, or the other side of an outbound one has answered."""

    type: Literal["telephony.call_answered"] = "telephony.call_answered"
    v: Literal[1] = 1


class CallEnded(_OfCall):
    """The call is over; `to` where it was transferred."""

    type: Literal["telephony.call_ended"] = "telephony.call_ended"
    v: Literal[1] = 1
    by: Literal["contestant", "customer", "time", "transfer", "close"]
    to: str = ""
    outcome: DialogOutcome | None = None
    """Of a simulated customer or as the role player said."""
    cause: str = ""
    """What the outcome was decided by, in numbers."""


class LineBegan(_OfCall):
    """The customer's line is to be played: the `n`th play of the call, and why."""

    type: Literal["telephony.line_began"] = "telephony.line_began"
    v: Literal[1] = 1
    n: int = Field(ge=1)
    line: str
    cause: Literal["turn", "replay", "answered", "turn_ended", "silence", "patience", "decision", "source"]


class LineEnded(_OfCall):
    """The line has been heard to its end."""

    type: Literal["telephony.line_ended"] = "telephony.line_ended"
    v: Literal[1] = 1
    n: int = Field(ge=1)
    heard: bool


class TakeBegan(_OfCall):
    """The contestant begins to speak a turn: the `take`th time."""

    type: Literal["telephony.take_began"] = "telephony.take_began"
    v: Literal[1] = 1
    turn: str
    take: int = Field(ge=1)


class TakeEnded(_OfCall):
    """The take is over; `done` if the turn is, too."""

    type: Literal["telephony.take_ended"] = "telephony.take_ended"
    v: Literal[1] = 1
    turn: str
    take: int = Field(ge=1)
    spoken_ms: int = Field(ge=0)
    done: bool


class TurnEnded(_OfCall):
    """In an outbound call the contestant has finished saying something."""

    type: Literal["telephony.turn_ended"] = "telephony.turn_ended"
    v: Literal[1] = 1
    cause: TurnCause
    spoken_ms: int = Field(ge=0)


class SpeechHeard(_OfCall):
    """Somebody has spoken for `spoken_ms`, which ended at `ended_ms` of net time."""

    moments: ClassVar[frozenset[str]] = frozenset({"stage_ms", "ended_ms"})
    type: Literal["telephony.speech_heard"] = "telephony.speech_heard"
    v: Literal[1] = 1
    leg: Leg
    spoken_ms: int = Field(ge=0)
    ended_ms: int


class SpeechBegun(_OfCall):
    """Somebody speaks."""

    type: Literal["telephony.speech_begun"] = "telephony.speech_begun"
    v: Literal[1] = 1
    leg: Leg


class LegChanged(_OfCall):
    """A browser's sound can pass, or no longer."""

    type: Literal["telephony.leg_changed"] = "telephony.leg_changed"
    v: Literal[1] = 1
    leg: Leg
    connection: int
    up: bool


class Held(_OfCall):
    """保持 and its end."""

    type: Literal["telephony.held"] = "telephony.held"
    v: Literal[1] = 1
    on: bool


class Muted(_OfCall):
    """静音 and its end."""

    type: Literal["telephony.muted"] = "telephony.muted"
    v: Literal[1] = 1
    on: bool


class TroubleSeen(_OfCall):
    """Something is wrong with the contestant's sound, or is right again."""

    type: Literal["telephony.trouble_seen"] = "telephony.trouble_seen"
    v: Literal[1] = 1
    kind: Literal["no_sound", "no_packets", "clipping", "wrong_device", "no_microphone"]
    began: bool


class RolePlayed(_OfCall):
    """A role player (account id, which never leaves for grading) did something."""

    moments: ClassVar[frozenset[str]] = frozenset({"stage_ms", "by"})
    type: Literal["telephony.role_played"] = "telephony.role_played"
    v: Literal[1] = 1
    by: str
    act: Literal["answer", "outcome", "hang_up"]
    outcome: DialogOutcome | None = None


class _AtDesk(Event):
    """Something at the desk at a net time (ms); `call` is the call that was up, "" for none."""

    moments: ClassVar[frozenset[str]] = AT
    call: str
    stage_ms: int


class KnowledgeSearched(_AtDesk):
    """A search in the knowledge base and the articles that it found, best first."""

    type: Literal["telephony.knowledge_searched"] = "telephony.knowledge_searched"
    v: Literal[1] = 1
    query: str
    hits: tuple[str, ...]


class ArticleOpened(_AtDesk):
    """An article was opened; None: closed."""

    type: Literal["telephony.article_opened"] = "telephony.article_opened"
    v: Literal[1] = 1
    article: str | None


class RecordsLookedUp(_AtDesk):
    """A search among the records and what it found."""

    type: Literal["telephony.records_looked_up"] = "telephony.records_looked_up"
    v: Literal[1] = 1
    query: str
    hits: tuple[str, ...]


class RecordOpened(_AtDesk):
    """A record was opened; None: closed."""

    type: Literal["telephony.record_opened"] = "telephony.record_opened"
    v: Literal[1] = 1
    record: str | None


class Verified(_AtDesk):
    """Digits were checked against a record."""

    type: Literal["telephony.verified"] = "telephony.verified"
    v: Literal[1] = 1
    record: str
    digits: str
    right: bool


class Suspended(_AtDesk):
    """暂缓单 and its end."""

    type: Literal["telephony.suspended"] = "telephony.suspended"
    v: Literal[1] = 1
    record: str
    on: bool


class AddressChanged(_AtDesk):
    """A new address for a record."""

    type: Literal["telephony.address_changed"] = "telephony.address_changed"
    v: Literal[1] = 1
    record: str
    address: str


class AfterSalesAsked(_AtDesk):
    """转接售后."""

    type: Literal["telephony.after_sales_asked"] = "telephony.after_sales_asked"
    v: Literal[1] = 1
    record: str
    remark: str


class MemberRegistered(_AtDesk):
    """会员注册, with a number that has passed its check."""

    type: Literal["telephony.member_registered"] = "telephony.member_registered"
    v: Literal[1] = 1
    part: str
    name: str
    id_number: str
    package: str


class InputWasBlocked(Event):
    """The page stopped a paste, drop, copy, cut or context menu."""

    type: Literal["telephony.input_blocked"] = "telephony.input_blocked"
    v: Literal[1] = 1
    item: str
    field: str
    kind: str
    length: int


VoiceEvent = (
    FieldSaved
    | PartOpened
    | CallBegan
    | CallAnswered
    | CallEnded
    | LineBegan
    | LineEnded
    | TakeBegan
    | TakeEnded
    | TurnEnded
    | SpeechBegun
    | SpeechHeard
    | LegChanged
    | Held
    | Muted
    | TroubleSeen
    | RolePlayed
    | KnowledgeSearched
    | ArticleOpened
    | RecordsLookedUp
    | RecordOpened
    | Verified
    | Suspended
    | AddressChanged
    | AfterSalesAsked
    | MemberRegistered
    | InputWasBlocked
)
_events: TypeAdapter[VoiceEvent] = TypeAdapter(Annotated[VoiceEvent, Field(discriminator="type")])


def parse_event(raw: Mapping[str, Any]) -> VoiceEvent:
    """A journalled payload as an event of today. Raises pydantic.ValidationError."""
    return _events.validate_python(raw)
