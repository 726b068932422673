"""What a contestant's page gets: the content without answers, the texts, and how the calls stand now."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from server.core.frozen import Frozen
from server.core.media import DialogOutcome
from server.core.text import Text
from telephony.content import (
    SCRIPT_PARTS,
    CampaignCard,
    CaseCard,
    InboundPart,
    OutboundPart,
    Package,
    RetellPart,
    SummaryPart,
    TakePolicy,
    TelephonyContent,
)


class SeatTurn(Frozen):
    """A turn as it stands in the list of the case; the customer's words are heard, never read."""

    id: str
    hint: str
    speaks_first: bool
    """The contestant does: there is no line of the customer before it."""


class _SeatPart(Frozen):
    id: str
    title: Text
    marks: Decimal
    guide_ms: int


class SeatInbound(_SeatPart):
    """呼入."""

    kind: Literal["inbound"] = "inbound"
    card: CaseCard
    turns: tuple[SeatTurn, ...]
    takes: TakePolicy


class SeatOutbound(_SeatPart):
    """呼出; `script` are the parts of the 话术 by slot, with their titles."""

    kind: Literal["outbound"] = "outbound"
    card: CampaignCard
    packages: tuple[Package, ...]
    script: dict[str, Text]
    faq_least: int
    faq_most: int
    call_ms: int
    dials: int
    other_side: Literal["simulated", "role_player", "record_only"]


class SeatRetell(_SeatPart):
    """复述录音."""

    kind: Literal["retell"] = "retell"
    instructions: Text
    duration_ms: int
    listens: int
    takes: TakePolicy


class SeatSummary(_SeatPart):
    """总结知识."""

    kind: Literal["summary"] = "summary"
    instructions: Text
    source: str
    limit: int


class SeatDesk(Frozen):
    """What of the desk a page may know beforehand; articles and records come by searching."""

    articles: int
    records: int
    transfers: tuple[str, ...]


class SeatContent(Frozen):
    """What the contestant's page gets: no reference, no key point, no line of the customer."""

    title: Text
    instructions: Text
    agent_number: str
    parts: tuple[Annotated[SeatInbound | SeatOutbound | SeatRetell | SeatSummary, Field(discriminator="kind")], ...]
    desk: SeatDesk
    paste_allowed: bool = False


class TextState(Frozen):
    """What stands in a field and the revision that put it there."""

    text: str = ""
    rev: int = 0


CallPhase = Literal["ringing", "dialling", "talking", "held", "ended"]
"""ringing: inbound, to be answered; dialling: outbound, not answered yet."""
Speaker = Literal["customer", "contestant", "nobody"]


class LiveCall(Frozen):
    """The newest call of a part, as the page shows it; stage times in ms."""

    call_id: str
    part: str
    phase: CallPhase
    since_ms: int
    """When the phase began."""
    answered_ms: int | None = None
    ends_by_ms: int | None = None
    """The latest end of an outbound conversation."""
    muted: bool = False
    turn: str | None = None
    """The turn that is at work; None in outbound calls and after the last turn."""
    turns_done: tuple[str, ...] = ()
    floor: Speaker = "nobody"
    """Whose turn it is to speak."""
    playing: bool = False
    """The customer's line is on its way, or is being heard."""
    line_ms: int = 0
    """Length of the newest line."""
    replays_left: int | None = None
    retakes_left: int | None = None
    take: int = 0
    """Number of the take that is being spoken; 0 before the first."""
    taking: bool = False
    """The contestant's turn is being recorded: 说完了 ends it."""
    spoken_ms: int = 0
    """Speech heard in this take so far."""
    trouble: tuple[Literal["no_sound", "no_packets", "clipping", "wrong_device", "no_microphone"], ...] = ()
    ended_by: Literal["contestant", "customer", "time", "transfer", "close"] | None = None
    outcome: DialogOutcome | None = None
    last: bool = False
    """No further call can be made in this part."""


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


class RecordView(Frozen):
    """A record of the business system, opened; `address` and `suspended` as changed by the contestant."""

    id: str
    kind: Literal["parcel", "order", "member"]
    number: str
    customer: str
    phone: str
    address: str
    fields: dict[str, str]
    verified: bool
    suspended: bool
    after_sales: bool


class RecordLine(Frozen):
    """A record in a list of hits: near-duplicates are told apart by number, phone and customer."""

    id: str
    kind: Literal["parcel", "order", "member"]
    number: str
    customer: str
    phone: str


class MemberView(Frozen):
    """A member registered by the contestant."""

    name: str
    id_number: str
    package: str


class DeskView(Frozen):
    """知识库 and 业务系统 as they stand at this seat."""

    query: str = ""
    hits: tuple[HitView, ...] = ()
    article: ArticleView | None = None
    record_query: str = ""
    records: tuple[RecordLine, ...] = ()
    record: RecordView | None = None
    members: tuple[MemberView, ...] = ()


class SeatLive(Frozen):
    """What changes by itself or by acts, small enough to be pushed at every change."""

    current: str
    """The part that is open."""
    calls: tuple[LiveCall, ...] = ()
    """The newest call of each part that has one."""
    desk: DeskView = DeskView()
    faq: dict[str, int] = Field(default_factory=dict)
    """Questions with an answer, by part; duplicates don't count."""
    duplicates: dict[str, tuple[int, ...]] = Field(default_factory=dict)
    """Numbers of FAQ that say the same as an earlier one, by part."""


class SeatState(Frozen):
    """What a page needs to go on where another stopped: texts by part and slot, and what is live."""

    texts: dict[str, dict[str, TextState]]
    live: SeatLive


def seat_content(content: TelephonyContent) -> SeatContent:
    """The content as a contestant may see it."""
    return SeatContent(
        title=content.title,
        instructions=content.instructions,
        agent_number=content.agent_number,
        parts=tuple(_seat_part(part) for part in content.parts),
        desk=SeatDesk(
            articles=len(content.desk.articles),
            records=len(content.desk.records),
            transfers=content.desk.transfers,
        ),
    )


def _seat_part(
    part: InboundPart | OutboundPart | RetellPart | SummaryPart,
) -> SeatInbound | SeatOutbound | SeatRetell | SeatSummary:
    head = {"id": part.id, "title": part.title, "marks": part.marks, "guide_ms": part.guide_ms}
    match part:
        case InboundPart():
            turns = tuple(SeatTurn(id=t.id, hint=t.hint, speaks_first=t.customer is None) for t in part.turns)
            return SeatInbound(**head, card=part.card, turns=turns, takes=part.takes)
        case OutboundPart():
            return SeatOutbound(
                **head,
                card=part.card,
                packages=part.packages,
                script=dict(SCRIPT_PARTS),
                faq_least=part.faq_least,
                faq_most=part.faq_most,
                call_ms=part.call_ms,
                dials=part.dials,
                other_side=part.other_side,
            )
        case RetellPart():
            return SeatRetell(
                **head,
                instructions=part.instructions,
                duration_ms=part.source.audio.duration_ms,
                listens=part.listens,
                takes=part.takes,
            )
        case SummaryPart():
            return SeatSummary(**head, instructions=part.instructions, source=part.source, limit=part.limit)
