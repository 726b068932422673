"""What a contestant hands in: progress, answers, receipt."""

from typing import Any

from server.core.contract import Progress, ReceiptLine
from server.core.text import Text
from telephony import faq
from telephony.content import SCRIPT_PARTS, InboundPart, OutboundPart, RetellPart, SummaryPart, TelephonyContent
from telephony.state import RETELL, TelephonyState


def progress(content: TelephonyContent, state: TelephonyState) -> Progress:
    """Steps done of all: turns written and spoken, script parts, FAQ up to their least number, calls, texts."""
    done = total = 0
    for part in content.parts:
        calls = state.calls_of(part.id)
        match part:
            case InboundPart():
                spoken = {turn for call in calls for turn in call.turns_done}
                total += 2 * len(part.turns)
                done += sum(bool(state.text(part.id, f"turn:{turn.id}").strip()) for turn in part.turns)
                done += sum(turn.id in spoken for turn in part.turns)
            case OutboundPart():
                total += len(SCRIPT_PARTS) + part.faq_least + 1
                done += sum(bool(state.text(part.id, f"script:{slot}").strip()) for slot in SCRIPT_PARTS)
                done += min(part.faq_least, faq.counted(faq.questions(part, state)))
                done += any(call.answered_ms is not None for call in calls)
            case RetellPart():
                total += 1
                done += any(RETELL in call.turns_done for call in calls)
            case SummaryPart():
                total += 1
                done += bool(state.text(part.id, "summary").strip())
    return Progress(done=done, total=total)


def answers(content: TelephonyContent, state: TelephonyState) -> dict[str, Any]:
    """Texts by part and field, what was done with records, members, and how the calls ended."""
    return {
        "texts": {
            part.id: {field: held.text for field, held in sorted(state.texts.get(part.id, {}).items())}
            for part in content.parts
        },
        "members": [member.model_dump(mode="json") for member in state.desk.members],
        "records": {record_id: done.model_dump(mode="json") for record_id, done in sorted(state.desk.records.items())},
        "calls": {
            call.call_id: {
                "ended_by": call.ended_by,
                "outcome": call.outcome,
                "takes": dict(sorted(call.takes.items())),
                "turns_done": list(call.turns_done),
            }
            for call in state.calls
        },
    }


def receipt(content: TelephonyContent, state: TelephonyState) -> list[ReceiptLine]:
    """Counts for the hand-in, of the kinds of parts that the paper has."""
    lines = []
    inbound = [part for part in content.parts if isinstance(part, InboundPart)]
    if inbound:
        turns = [(part.id, turn.id) for part in inbound for turn in part.turns]
        spoken = {(call.part, turn) for call in state.calls for turn in call.turns_done}
        written = sum(bool(state.text(part_id, f"turn:{turn_id}").strip()) for part_id, turn_id in turns)
        lines.append(_line("呼入：已写话术的轮次", "Inbound turns written", f"{written} / {len(turns)}"))
        lines.append(_line("呼入：已录音的轮次", "Inbound turns spoken", f"{len(spoken & set(turns))} / {len(turns)}"))
    for part in content.parts:
        if not isinstance(part, OutboundPart):
            continue
        script = sum(bool(state.text(part.id, f"script:{slot}").strip()) for slot in SCRIPT_PARTS)
        count = faq.counted(faq.questions(part, state))
        calls = sum(call.answered_ms is not None for call in state.calls_of(part.id))
        lines.append(_line("呼出：话术部分", "Outbound script parts", f"{script} / {len(SCRIPT_PARTS)}"))
        lines.append(_line("呼出：常见问答", "Outbound FAQ", f"{count} / {part.faq_least}"))
        lines.append(_line("呼出：接通的电话", "Outbound calls answered", str(calls)))
    for part in content.parts:
        if isinstance(part, RetellPart):
            done = any(RETELL in call.turns_done for call in state.calls_of(part.id))
            lines.append(_line("复述录音", "Retell", "已录" if done else "未录"))
        elif isinstance(part, SummaryPart):
            size = len("".join(state.text(part.id, "summary").split()))
            lines.append(_line("总结字数", "Characters of the summary", f"{size} / {part.limit}"))
    return lines


def _line(zh: str, en: str, value: str) -> ReceiptLine:
    return ReceiptLine(title=Text(zh=zh, en=en), value=value)
