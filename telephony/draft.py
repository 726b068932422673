"""A voice task that is being written: of the shape of its content, but anything may still be missing."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from server.core.authoring import Draft, DraftAudio
from server.core.errors import Invalid
from server.core.frozen import Frozen
from server.core.media import DialogOutcome
from server.core.text import Text
from telephony.content import CALL_MS, FAQ_LEAST, ID, DecisionRule, RequiredAct, TakePolicy

OUTCOMES: tuple[DialogOutcome, ...] = ("deal", "interest", "refusal")
Id = Annotated[str, Field(pattern=ID)]


class DraftLine(Frozen):
    """Something the customer says; `readings` are words with their pinyin, one numbered syllable a character."""

    id: Id
    text: str = Field(default="", max_length=500)
    readings: dict[str, str] = Field(default_factory=dict, max_length=20)
    audio: DraftAudio | None = None


class DraftKeyPoint(Frozen):
    """A point that the answer should make."""

    id: Id
    title: str = Field(default="", max_length=100)
    phrases: tuple[str, ...] = Field(default=(), max_length=30)


class DraftTurn(Frozen):
    """An exchange; `customer` is None where the contestant speaks first."""

    id: Id
    hint: str = Field(default="", max_length=200)
    customer: DraftLine | None = None
    reference: str = Field(default="", max_length=1_000)
    key_points: tuple[DraftKeyPoint, ...] = Field(default=(), max_length=30)
    required: tuple[RequiredAct, ...] = Field(default=(), max_length=20)


class DraftCard(Frozen):
    """情景 of an inbound call."""

    company: str = Field(default="", max_length=60)
    date: str = Field(default="", max_length=40)
    customer: str = Field(default="", max_length=40)
    caller_number: str = Field(default="", max_length=30)
    need: str = Field(default="", max_length=300)
    notes: str = Field(default="", max_length=500)


class _DraftPart(Frozen):
    id: Id
    title: Text
    marks: Decimal = Field(default=Decimal(0), ge=0, le=100)
    guide_ms: int = Field(default=0, ge=0, le=24 * 3600 * 1000)


class DraftInbound(_DraftPart):
    """呼入."""

    kind: Literal["inbound"] = "inbound"
    card: DraftCard = DraftCard()
    turns: tuple[DraftTurn, ...] = Field(min_length=1, max_length=60)
    takes: TakePolicy = TakePolicy()


class DraftPackage(Frozen):
    """A product; price in CNY per `per`, None while nobody has said it."""

    id: Id
    name: str = Field(default="", max_length=60)
    price: Decimal | None = Field(default=None, ge=0, le=10**9)
    per: str = Field(default="", max_length=20)
    features: tuple[str, ...] = Field(default=(), max_length=20)


class DraftPersonaLine(DraftLine):
    """A question or an objection."""

    topic: str = Field(default="", max_length=40)


class DraftPersona(Frozen):
    """模拟客户; times in ms."""

    name: str = Field(default="", max_length=40)
    profile: str = Field(default="", max_length=600)
    opening: DraftLine
    lines: tuple[DraftPersonaLine, ...] = Field(min_length=1, max_length=40)
    nudges: tuple[DraftLine, ...] = Field(default=(), max_length=5)
    endings: dict[DialogOutcome, DraftLine]
    impatient: DraftLine
    pause_ms: int = Field(default=1_500, ge=500, le=10_000)
    patience_ms: int = Field(default=8_000, ge=3_000, le=60_000)
    rule: DecisionRule = DecisionRule()
    rule_text: str = Field(default="", max_length=400)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if missing := set(OUTCOMES) - set(self.endings):
            raise ValueError(f"endings 缺少：{'、'.join(sorted(missing))}")
        return self


class DraftCampaign(Frozen):
    """What the contestant knows of the campaign and of the customer."""

    company: str = Field(default="", max_length=60)
    product: str = Field(default="", max_length=60)
    customer: str = Field(default="", max_length=40)
    number: str = Field(default="", max_length=30)
    goal: str = Field(default="", max_length=300)
    facts: tuple[str, ...] = Field(default=(), max_length=30)


class DraftOutbound(_DraftPart):
    """呼出."""

    kind: Literal["outbound"] = "outbound"
    card: DraftCampaign = DraftCampaign()
    packages: tuple[DraftPackage, ...] = Field(min_length=1, max_length=12)
    faq_least: int = Field(default=FAQ_LEAST, ge=0, le=40)
    faq_most: int = Field(default=20, ge=1, le=40)
    call_ms: int = Field(default=CALL_MS, ge=60_000, le=30 * 60_000)
    dials: int = Field(default=1, ge=1, le=5)
    other_side: Literal["simulated", "role_player", "record_only"] = "simulated"
    persona: DraftPersona
    reference: dict[str, Annotated[str, Field(max_length=2_000)]] = Field(default_factory=dict, max_length=12)
    key_points: tuple[DraftKeyPoint, ...] = Field(default=(), max_length=60)


class DraftRetell(_DraftPart):
    """复述录音."""

    kind: Literal["retell"] = "retell"
    instructions: Text
    source: DraftLine
    listens: int = Field(default=2, ge=1, le=10)
    takes: TakePolicy = TakePolicy(replays=0, retakes=1)
    key_points: tuple[DraftKeyPoint, ...] = Field(default=(), max_length=60)


class DraftSummary(_DraftPart):
    """总结知识."""

    kind: Literal["summary"] = "summary"
    instructions: Text
    source: str = Field(default="", max_length=4_000)
    limit: int = Field(default=120, ge=10, le=1_000)
    reference: str = Field(default="", max_length=1_000)
    key_points: tuple[DraftKeyPoint, ...] = Field(default=(), max_length=60)


AnyDraftPart = DraftInbound | DraftOutbound | DraftRetell | DraftSummary
DraftPart = Annotated[AnyDraftPart, Field(discriminator="kind")]


class DraftArticle(Frozen):
    """An article of the knowledge base."""

    id: Id
    title: str = Field(default="", max_length=80)
    body: str = Field(default="", max_length=4_000)
    keywords: tuple[str, ...] = Field(default=(), max_length=30)
    updated: str = Field(default="", max_length=40)
    outdated: bool = False


class DraftRecord(Frozen):
    """A parcel, an order or a member of the business system."""

    id: Id
    kind: Literal["parcel", "order", "member"] = "order"
    number: str = Field(default="", max_length=40)
    customer: str = Field(default="", max_length=40)
    phone: str = Field(default="", max_length=30)
    verify: str = Field(default="", max_length=20)
    address: str = Field(default="", max_length=200)
    fields: dict[str, str] = Field(default_factory=dict, max_length=20)


class DraftDesk(Frozen):
    """知识库 and 业务系统."""

    articles: tuple[DraftArticle, ...] = Field(default=(), max_length=200)
    records: tuple[DraftRecord, ...] = Field(default=(), max_length=200)
    transfers: tuple[str, ...] = Field(default=("售后服务", "投诉处理", "值班主管"), max_length=20)


class TelephonyDraft(Draft):
    """A draft of the module telephony."""

    instructions: Text
    agent_number: str = Field(default="8001", max_length=20)
    parts: tuple[DraftPart, ...] = Field(min_length=1, max_length=10)
    desk: DraftDesk = DraftDesk()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        parts = [part.id for part in self.parts]
        wrong = [id_ for id_ in set(parts) if parts.count(id_) > 1]
        recordings = [recording for recording, _, _ in self.recordings()]
        wrong += [id_ for id_ in set(recordings) if recordings.count(id_) > 1]
        for part in self.parts:
            turns = [turn.id for turn in part.turns] if isinstance(part, DraftInbound) else []
            wrong += [f"{part.id}.{id_}" for id_ in set(turns) if turns.count(id_) > 1]
        desk = [article.id for article in self.desk.articles] + [record.id for record in self.desk.records]
        wrong += [id_ for id_ in set(desk) if desk.count(id_) > 1]
        if wrong:
            raise ValueError(f"编号重复：{'、'.join(sorted(set(wrong)))} (an id stands there twice)")
        return self

    def part(self, part_id: str) -> AnyDraftPart:
        """The part of this id; raises Invalid."""
        for part in self.parts:
            if part.id == part_id:
                return part
        raise Invalid(Text(zh=f"没有部分 {part_id}", en=f"No part {part_id!r}"))

    def with_part(self, part: AnyDraftPart) -> Self:
        """The draft with another part in the place of the one with the same id."""
        return self.model_copy(update={"parts": tuple(part if one.id == part.id else one for one in self.parts)})

    def recordings(self) -> Iterator[tuple[str, str, DraftLine]]:
        """Every line that is to be recorded: its id in the draft, its path, the line."""
        for number, part in enumerate(self.parts):
            for name, path, line in lines_of(part):
                yield f"{part.id}.{name}", f"parts.{number}.{path}", line

    def recording(self, recording: str) -> tuple[str, DraftLine]:
        """Path and line of a recording; raises Invalid for an unknown one."""
        for name, path, line in self.recordings():
            if name == recording:
                return path, line
        raise Invalid(Text(zh=f"没有台词 {recording}", en=f"No line {recording!r}"))

    def with_line(self, recording: str, line: DraftLine) -> Self:
        """The draft with another line for a recording; raises Invalid for an unknown one."""
        self.recording(recording)
        part_id, name = recording.split(".", 1)
        return self.with_part(_with_line(self.part(part_id), name, line))


def lines_of(part: AnyDraftPart) -> Iterator[tuple[str, str, DraftLine]]:
    """The lines of a part by name (that of the turn in an inbound call), with their paths in it."""
    match part:
        case DraftInbound():
            for number, turn in enumerate(part.turns):
                if turn.customer is not None:
                    yield turn.id, f"turns.{number}.customer", turn.customer
        case DraftOutbound():
            persona = part.persona
            yield persona.opening.id, "persona.opening", persona.opening
            for number, line in enumerate(persona.lines):
                yield line.id, f"persona.lines.{number}", line
            for number, nudge in enumerate(persona.nudges):
                yield nudge.id, f"persona.nudges.{number}", nudge
            for outcome in OUTCOMES:
                yield persona.endings[outcome].id, f"persona.endings.{outcome}", persona.endings[outcome]
            yield persona.impatient.id, "persona.impatient", persona.impatient
        case DraftRetell():
            yield part.source.id, "source", part.source
        case DraftSummary():
            return


def _with_line(part: AnyDraftPart, name: str, line: DraftLine) -> AnyDraftPart:
    match part:
        case DraftInbound():
            turns = tuple(t.model_copy(update={"customer": line}) if t.id == name else t for t in part.turns)
            return part.model_copy(update={"turns": turns})
        case DraftOutbound():
            persona = part.persona

            def put(one: DraftLine) -> DraftLine:
                return line if one.id == name else one

            update = {
                "opening": put(persona.opening),
                "lines": tuple(put(one) for one in persona.lines),
                "nudges": tuple(put(one) for one in persona.nudges),
                "endings": {outcome: put(one) for outcome, one in persona.endings.items()},
                "impatient": put(persona.impatient),
            }
            return part.model_copy(update={"persona": persona.model_copy(update=update)})
        case DraftRetell():
            return part.model_copy(update={"source": line})
        case DraftSummary():
            return part
