"""Makes the sheet of a finished history."""

from telephony import faq
from telephony.acts import done as act_done
from telephony.content import (
    SCRIPT_PARTS,
    InboundPart,
    KeyPoint,
    OutboundPart,
    RetellPart,
    SummaryPart,
    TelephonyContent,
    VoicePart,
)
from telephony.deciding import NOTES
from telephony.reckoning import Reckoning
from telephony.records import normal
from telephony.sheet import (
    SheetAct,
    SheetAnswer,
    SheetCall,
    SheetDesk,
    SheetFaq,
    SheetPart,
    SheetPoint,
    SheetScript,
    SheetTurn,
    VoiceSheet,
)
from telephony.state import RETELL, CallState


def sheet(content: TelephonyContent, found: Reckoning) -> VoiceSheet:
    """Every part with its texts, hints, references, calls and acts."""
    return VoiceSheet(parts=tuple(_part(part, found) for part in content.parts))


def points(key_points: tuple[KeyPoint, ...], text: str) -> tuple[SheetPoint, ...]:
    """Key points, and whether a phrase of each stands in the text (letters and digits compared, NFKC)."""
    said = normal(text)
    return tuple(
        SheetPoint(title=point.title, hit=any((own := normal(phrase)) and own in said for phrase in point.phrases))
        for point in key_points
    )


def _part(part: VoicePart, found: Reckoning) -> SheetPart:
    head = SheetPart(
        id=part.id,
        title=part.title,
        kind=part.kind,
        marks=part.marks,
        guide_ms=part.guide_ms,
        notes=found.state.text(part.id, NOTES),
        calls=tuple(_call(call, found) for call in found.state.calls_of(part.id)),
        desk=_desk(part.id, found),
    )
    match part:
        case InboundPart():
            return head.model_copy(update={"turns": _turns(part, found)})
        case OutboundPart():
            return head.model_copy(update=_outbound(part, found))
        case RetellPart():
            return head.model_copy(update={"turns": (_retell(part, found),)})
        case SummaryPart():
            text = found.state.text(part.id, "summary")
            answer = SheetAnswer(
                text=text, limit=part.limit, characters=len("".join(text.split())), reference=part.reference
            )
            return head.model_copy(update={"answer": answer, "key_points": points(part.key_points, text)})


def _turns(part: InboundPart, found: Reckoning) -> tuple[SheetTurn, ...]:
    acts = found.of_part(part.id)
    takes = _takes(part.id, found)
    turns = []
    for turn in part.turns:
        text = found.state.text(part.id, f"turn:{turn.id}")
        turns.append(
            SheetTurn(
                id=turn.id,
                hint=turn.hint,
                customer=None if turn.customer is None else turn.customer.text,
                text=text,
                reference=turn.reference,
                key_points=points(turn.key_points, text),
                required=tuple(
                    SheetAct(act=required.act, target=required.target, done=act_done(required, acts))
                    for required in turn.required
                ),
                takes=takes.get(turn.id, 0),
            )
        )
    return tuple(turns)


def _retell(part: RetellPart, found: Reckoning) -> SheetTurn:
    """Nothing is written in a retell, so its key points can only be listened for."""
    text = found.state.text(part.id, NOTES)
    return SheetTurn(
        id=RETELL,
        hint=part.instructions.zh,
        customer=part.source.text,
        text=text,
        reference="",
        key_points=tuple(SheetPoint(title=point.title, hit=False) for point in part.key_points),
        required=(),
        takes=_takes(part.id, found).get(RETELL, 0),
    )


def _takes(part_id: str, found: Reckoning) -> dict[str, int]:
    takes: dict[str, int] = {}
    for call in found.state.calls_of(part_id):
        for turn, count in call.takes.items():
            takes[turn] = takes.get(turn, 0) + count
    return takes


def _outbound(part: OutboundPart, found: Reckoning) -> dict[str, object]:
    state = found.state
    questions = faq.questions(part, state)
    same = faq.duplicates(questions)
    script = {slot: state.text(part.id, f"script:{slot}") for slot in SCRIPT_PARTS}
    written = "\n".join([*script.values(), *(pair.answer for pair in questions)])
    return {
        "script": tuple(
            SheetScript(slot=slot, title=title, text=script[slot], reference=part.reference.get(slot, ""))
            for slot, title in SCRIPT_PARTS.items()
        ),
        "faq": tuple(
            SheetFaq(question=pair.question, answer=pair.answer, duplicate=pair.n in same) for pair in questions
        ),
        "faq_least": part.faq_least,
        "faq_counted": faq.counted(questions),
        "key_points": points(part.key_points, written),
    }


def _call(call: CallState, found: Reckoning) -> SheetCall:
    ending = found.endings.get(call.call_id)
    answered_ms = call.answered_ms
    ended_ms = None if ending is None else ending[1].stage_ms
    return SheetCall(
        call_id=call.call_id,
        rang_ms=None if answered_ms is None else max(0, answered_ms - call.began_ms),
        talked_ms=0 if answered_ms is None or ended_ms is None else max(0, ended_ms - answered_ms),
        ended_by=call.ended_by,
        outcome=call.outcome,
        cause="" if ending is None else ending[1].cause,
        asked_lines=call.customer.asked,
        answered_lines=len(call.customer.answered),
        takes=dict(sorted(call.takes.items())),
    )


def _desk(part_id: str, found: Reckoning) -> tuple[SheetDesk, ...]:
    # Durations are of net time, which a credit can set back between two events.
    began = {call.call_id: call.began_ms for call in found.state.calls}
    return tuple(
        SheetDesk(
            call=done.act.call,
            into_call_ms=max(0, done.stage_ms - began[done.act.call]) if done.act.call in began else None,
            act=done.act.act,
            title=done.act.title,
            right=done.act.right,
        )
        for done in found.acts
        if done.part == part_id
    )
