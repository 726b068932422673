"""Voice drafts for tests: a case without a fault, and changes to it."""

from typing import Any

from server.core.authoring import DraftAudio
from server.core.errors import Fault
from server.core.frozen import sha256_hex
from server.core.text import Text
from telephony.author import author
from telephony.draft import (
    OUTCOMES,
    AnyDraftPart,
    DraftInbound,
    DraftLine,
    DraftOutbound,
    DraftPackage,
    DraftPersona,
    DraftPersonaLine,
    DraftRetell,
    DraftSummary,
    DraftTurn,
    TelephonyDraft,
)
from telephony.lint_recordings import syllables

TITLE = Text(zh="语音题", en="A voice task")


def recording(draft: TelephonyDraft, line: str, **changes: Any) -> DraftAudio:
    """A recording of a line, heard and confirmed, as long as it takes to say it."""
    facts: dict[str, Any] = {
        "sha256": sha256_hex(f"recording of {line}"),
        "duration_ms": max(1, syllables(draft.recording(line)[1].text)) * 230,
        "source": "recorded",
        "readings": 1,
        "peak_dbfs": -3.0,
        "rms_dbfs": -20.0,
        "text_sha256": author.text_sha256(draft, line),
        "confirmed": True,
    }
    return DraftAudio(**{**facts, **changes})


def recorded(draft: TelephonyDraft, **changes: Any) -> TelephonyDraft:
    """The draft with a recording of every line."""
    for line in author.lines(draft):
        draft = author.with_audio(draft, line.id, recording(draft, line.id, **changes))
    return draft


def with_only(part: AnyDraftPart) -> TelephonyDraft:
    """A draft of this part alone."""
    return author.blank(TITLE).model_copy(update={"parts": (part,)})


def empty_outbound() -> DraftOutbound:
    """An outbound part with nothing in it."""
    persona = DraftPersona(
        opening=DraftLine(id="opening"),
        lines=(DraftPersonaLine(id="l01"),),
        endings={outcome: DraftLine(id=outcome) for outcome in OUTCOMES},
        impatient=DraftLine(id="impatient"),
    )
    return DraftOutbound(id="out1", title=Text(zh="呼出"), packages=(DraftPackage(id="p1"),), persona=persona)


def empty(kind: str) -> TelephonyDraft:
    """A draft of one empty part of a form."""
    if kind == "outbound":
        return with_only(empty_outbound())
    if kind == "retell":
        return with_only(
            DraftRetell(id="re1", title=Text(zh="复述"), instructions=Text(zh=""), source=DraftLine(id="source"))
        )
    if kind == "summary":
        return with_only(DraftSummary(id="su1", title=Text(zh="总结"), instructions=Text(zh="")))
    return author.blank(TITLE)


def invented(kind: str, seed: int = 7) -> TelephonyDraft:
    """A fictitious draft of a form, recorded."""
    draft = empty(kind)
    return recorded(author.invent(draft, draft.parts[0].id, seed))


def inbound(draft: TelephonyDraft) -> DraftInbound:
    """The first part, an inbound call."""
    part = draft.parts[0]
    assert isinstance(part, DraftInbound)
    return part


def outbound(draft: TelephonyDraft) -> DraftOutbound:
    """The first part, an outbound call."""
    part = draft.parts[0]
    assert isinstance(part, DraftOutbound)
    return part


def with_turn(draft: TelephonyDraft, number: int, **changes: Any) -> TelephonyDraft:
    """The draft with a changed turn; `customer` is a text."""
    part = inbound(draft)
    turn = part.turns[number]
    if "customer" in changes:
        changes["customer"] = DraftLine(id=f"c{number + 1:02}", text=changes["customer"])
    turns = (*part.turns[:number], turn.model_copy(update=changes), *part.turns[number + 1 :])
    return recorded(draft.with_part(part.model_copy(update={"turns": turns})))


def with_persona(draft: TelephonyDraft, **changes: Any) -> TelephonyDraft:
    """The draft with a changed persona."""
    part = outbound(draft)
    return recorded(draft.with_part(part.model_copy(update={"persona": part.persona.model_copy(update=changes)})))


def dialogue(*turns: tuple[str, str], **card: str) -> TelephonyDraft:
    """A draft whose turns are what the customer says and the reference, with this on its card."""
    part = inbound(author.blank(TITLE))
    made = tuple(
        DraftTurn(
            id=f"t{n:02}",
            hint="答复客户",
            customer=DraftLine(id=f"c{n:02}", text=customer) if customer else None,
            reference=reference,
        )
        for n, (customer, reference) in enumerate(turns, 1)
    )
    facts = {
        "company": "演示云栖航空",
        "date": "2026年11月3日",
        "customer": "孙先生",
        "caller_number": "14200001234",
        "need": "客户来电改签",
        **card,
    }
    whole = part.model_copy(update={"turns": made, "card": part.card.model_copy(update=facts)})
    return recorded(author.blank(TITLE).with_part(whole))


def doubts(draft: TelephonyDraft) -> list[tuple[str, str]]:
    """Path and Chinese text of everything doubtful."""
    return [(fault.path, fault.text.zh) for fault in author.faults(draft) if not fault.severe]


def severe(draft: TelephonyDraft) -> list[Fault]:
    """Everything that keeps a draft from being used."""
    return [fault for fault in author.faults(draft) if fault.severe]
