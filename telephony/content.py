"""The content of a voice paper: cases, turns, the simulated customer, knowledge base and business records."""

from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from server.core.contract import Content
from server.core.frozen import Frozen
from server.core.media import DialogOutcome
from server.core.text import Text

ID = r"^[A-Za-z0-9_-]{1,32}$"
MAX_TEXT = 2_000
"""Characters kept of one field."""
SCRIPT_PARTS: dict[str, Text] = {
    "opening": Text(zh="开场白", en="Opening"),
    "needs": Text(zh="了解客户需求", en="Finding out needs"),
    "guiding": Text(zh="引导客户需求", en="Guiding needs"),
    "product": Text(zh="介绍产品", en="Presenting the product"),
    "closing": Text(zh="促成交易", en="Closing the deal"),
    "ending": Text(zh="结束语", en="Ending"),
}
"""话术 of an outbound call has these parts (seed 001, 九(二)2)."""
FAQ_LEAST = 10
CALL_MS = 10 * 60_000
"""An outbound conversation lasts this long at most (seed 001, 九(二)2)."""


class VoiceAudio(Frozen):
    """A recording by SHA-256; `file` names it inside an import package; duration in ms."""

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    media_type: str = "audio/ogg; codecs=opus"
    duration_ms: int = Field(gt=0, le=30 * 60 * 1000)
    file: str = ""
    voice: str = ""
    speed: float = 1.0


class Line(Frozen):
    """Something the customer says."""

    id: str = Field(pattern=ID)
    text: str = Field(min_length=1, max_length=500)
    audio: VoiceAudio


class KeyPoint(Frozen):
    """A point that the answer should make: any of the phrases counts as a hint to referees, never as a mark."""

    id: str = Field(pattern=ID)
    title: str = Field(min_length=1, max_length=100)
    phrases: tuple[str, ...] = Field(min_length=1, max_length=30)


DeskAct = Literal[
    "search", "article", "look_up", "verify", "suspend", "change_address", "register", "hold", "transfer", "after_sales"
]
"""Acts at the desk: knowledge search, reading an article, looking records up, checking the last four digits,
暂缓单, a new address, registration, hold, transfer, 转接售后."""


class RequiredAct(Frozen):
    """An act that the case asks for; `target` names the article or record it must reach, "" for any."""

    act: DeskAct
    target: str = Field(default="", max_length=40)


class Turn(Frozen):
    """One exchange: the customer's line (None where the contestant speaks first), then the contestant's turn."""

    id: str = Field(pattern=ID)
    hint: str = Field(min_length=1, max_length=200)
    """显示提示."""
    customer: Line | None
    reference: str = Field(max_length=1_000)
    """参考答案."""
    key_points: tuple[KeyPoint, ...] = ()
    required: tuple[RequiredAct, ...] = ()


class TakePolicy(Frozen):
    """How often the customer's line can be heard again, and a turn spoken again; None without limit."""

    replays: int | None = Field(default=1, ge=0, le=20)
    retakes: int | None = Field(default=1, ge=0, le=20)


class CaseCard(Frozen):
    """情景: what the contestant knows before the line rings."""

    company: str = Field(min_length=1, max_length=60)
    date: str = Field(min_length=1, max_length=40)
    customer: str = Field(min_length=1, max_length=40)
    caller_number: str = Field(min_length=1, max_length=30)
    need: str = Field(min_length=1, max_length=300)
    notes: str = Field(default="", max_length=500)


class _Part(Frozen):
    id: str = Field(pattern=ID)
    title: Text
    marks: Decimal = Field(ge=0, le=100)
    """Contest points; 0 for practice forms."""
    guide_ms: int = Field(default=0, ge=0)
    """How long it should take; 0 says nothing."""


class InboundPart(_Part):
    """呼入: a case in turns."""

    kind: Literal["inbound"] = "inbound"
    card: CaseCard
    turns: tuple[Turn, ...] = Field(min_length=1, max_length=60)
    takes: TakePolicy = TakePolicy()


class Package(Frozen):
    """A product that can be sold."""

    id: str = Field(pattern=ID)
    name: str = Field(min_length=1, max_length=60)
    price: Decimal = Field(ge=0)
    """CNY per `per`."""
    per: str = Field(min_length=1, max_length=20)
    features: tuple[str, ...] = Field(max_length=20)


class PersonaLine(Line):
    """A question or an objection; valid after any reply, since the order is fixed."""

    topic: str = Field(min_length=1, max_length=40)


class DecisionRule(Frozen):
    """How the simulated customer decides; every condition is counted from the journal.

    deal: at least `deal_replies` lines answered by `reply_ms` of speech each, and (if `deal_registered`) a member
    registered before the end; interest: at least `interest_replies`; else refusal.
    """

    reply_ms: int = Field(default=1_500, ge=200, le=60_000)
    deal_replies: int = Field(default=7, ge=0)
    deal_registered: bool = False
    interest_replies: int = Field(default=4, ge=0)


class Persona(Frozen):
    """The other side of an outbound call (模拟客户)."""

    name: str = Field(min_length=1, max_length=40)
    profile: str = Field(min_length=1, max_length=600)
    """For a role player: who to be."""
    opening: Line
    lines: tuple[PersonaLine, ...] = Field(min_length=1, max_length=40)
    nudges: tuple[Line, ...] = Field(max_length=5)
    """喂，还在吗: after each silence the next one."""
    endings: dict[DialogOutcome, Line]
    impatient: Line
    """Said before hanging up when patience has ended."""
    pause_ms: int = Field(default=1_500, ge=500, le=10_000)
    """Silence after speech by which a turn is taken to have ended."""
    patience_ms: int = Field(default=8_000, ge=3_000, le=60_000)
    """Silence after which a nudge comes, and when there are no more, the end."""
    rule: DecisionRule = DecisionRule()
    rule_text: str = Field(default="", max_length=400)
    """The rule in words, for a role player."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if missing := {"deal", "interest", "refusal"} - set(self.endings):
            raise ValueError(f"endings 缺少：{'、'.join(sorted(missing))}")
        return self


class CampaignCard(Frozen):
    """What the contestant knows of the campaign and of the customer."""

    company: str = Field(min_length=1, max_length=60)
    product: str = Field(min_length=1, max_length=60)
    customer: str = Field(min_length=1, max_length=40)
    number: str = Field(min_length=1, max_length=30)
    goal: str = Field(min_length=1, max_length=300)
    facts: tuple[str, ...] = Field(max_length=30)


class OutboundPart(_Part):
    """呼出: the script in six parts, at least 10 FAQ, then the call."""

    kind: Literal["outbound"] = "outbound"
    card: CampaignCard
    packages: tuple[Package, ...] = Field(min_length=1, max_length=12)
    faq_least: int = Field(default=FAQ_LEAST, ge=0, le=40)
    faq_most: int = Field(default=20, ge=1, le=40)
    call_ms: int = Field(default=CALL_MS, ge=60_000, le=30 * 60_000)
    dials: int = Field(default=1, ge=1, le=5)
    """How often may be dialled; a call that never connected doesn't count."""
    other_side: Literal["simulated", "role_player", "record_only"] = "simulated"
    persona: Persona
    reference: dict[str, str] = Field(default_factory=dict)
    """参考 by script part."""
    key_points: tuple[KeyPoint, ...] = ()

    @model_validator(mode="after")
    def _known_parts(self) -> Self:
        if unknown := set(self.reference) - set(SCRIPT_PARTS):
            raise ValueError(f"reference：未知的话术部分 {'、'.join(sorted(unknown))}")
        return self


class RetellPart(_Part):
    """复述录音: listen, then retell."""

    kind: Literal["retell"] = "retell"
    instructions: Text
    source: Line
    listens: int = Field(default=2, ge=1, le=10)
    takes: TakePolicy = TakePolicy(replays=0, retakes=1)
    key_points: tuple[KeyPoint, ...] = ()


class SummaryPart(_Part):
    """总结知识: a text in a given number of characters."""

    kind: Literal["summary"] = "summary"
    instructions: Text
    source: str = Field(min_length=1, max_length=4_000)
    limit: int = Field(default=120, ge=10, le=1_000)
    reference: str = Field(default="", max_length=1_000)
    key_points: tuple[KeyPoint, ...] = ()


VoicePart = Annotated[InboundPart | OutboundPart | RetellPart | SummaryPart, Field(discriminator="kind")]


class Article(Frozen):
    """An article of the knowledge base; `outdated` ones look like the others to whoever doesn't read their date."""

    id: str = Field(pattern=ID)
    title: str = Field(min_length=1, max_length=80)
    body: str = Field(min_length=1, max_length=4_000)
    keywords: tuple[str, ...] = ()
    updated: str = Field(default="", max_length=40)
    outdated: bool = False


class Record(Frozen):
    """A parcel, an order or a member of the business system; `fields` are shown in order, by label."""

    id: str = Field(pattern=ID)
    kind: Literal["parcel", "order", "member"]
    number: str = Field(min_length=1, max_length=40)
    customer: str = Field(min_length=1, max_length=40)
    phone: str = Field(default="", max_length=30)
    verify: str = Field(default="", pattern=r"^[0-9Xx]{0,4}$")
    """The last four digits by which the customer is checked (证件后四位)."""
    address: str = Field(default="", max_length=200)
    fields: dict[str, str] = Field(default_factory=dict)


class Desk(Frozen):
    """知识库 and 业务系统 of a paper."""

    articles: tuple[Article, ...] = Field(default=(), max_length=200)
    records: tuple[Record, ...] = Field(default=(), max_length=200)
    transfers: tuple[str, ...] = ("售后服务", "投诉处理", "值班主管")
    """Where a call can be transferred to."""


class TelephonyContent(Content):
    """A paper of the module telephony, schema version 1."""

    schema_version: Literal[1] = 1
    instructions: Text
    agent_number: str = Field(default="8001", pattern=r"^[0-9]{2,6}$")
    """The 工号 that everybody uses, so that nobody need say a name."""
    parts: tuple[VoicePart, ...] = Field(min_length=1, max_length=10)
    desk: Desk = Desk()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        ids = [part.id for part in self.parts]
        wrong = [f"部分 {id_} 重复" for id_ in {i for i in ids if ids.count(i) > 1}]
        for part in self.parts:
            inner = list(_inner_ids(part))
            wrong += [f"{part.id} 中的编号 {id_} 重复" for id_ in {i for i in inner if inner.count(i) > 1}]
        desk = [article.id for article in self.desk.articles] + [record.id for record in self.desk.records]
        wrong += [f"知识库与业务记录的编号 {id_} 重复" for id_ in {i for i in desk if desk.count(i) > 1}]
        if wrong:
            raise ValueError("；".join(sorted(wrong)))
        return self

    def part(self, part_id: str) -> "InboundPart | OutboundPart | RetellPart | SummaryPart | None":
        """The part of this id."""
        return next((part for part in self.parts if part.id == part_id), None)


def _inner_ids(part: "InboundPart | OutboundPart | RetellPart | SummaryPart") -> list[str]:
    match part:
        case InboundPart():
            return [turn.id for turn in part.turns]
        case OutboundPart():
            return [line.id for line in lines(part)]
        case _:
            return []


def lines(part: "InboundPart | OutboundPart | RetellPart | SummaryPart") -> list[Line]:
    """Everything the other side can say in a part."""
    match part:
        case InboundPart():
            return [turn.customer for turn in part.turns if turn.customer is not None]
        case OutboundPart():
            persona = part.persona
            return [
                persona.opening,
                *persona.lines,
                *persona.nudges,
                *persona.endings.values(),
                persona.impatient,
            ]
        case RetellPart():
            return [part.source]
        case SummaryPart():
            return []
