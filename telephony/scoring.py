"""The automatic outcome of 语音服务: no marks by machine, but all that referees mark by, and measures as evidence."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from server.core.contract import Facts, Journalled
from server.core.outcome import EvidencePointer, Measure, Outcome
from server.core.text import Text
from server.speech import voice_facts
from telephony import faq, rubric
from telephony.content import SCRIPT_PARTS, InboundPart, OutboundPart, TelephonyContent
from telephony.events import VoiceEvent
from telephony.reckoning import Reckoning, reckon
from telephony.sheet import VoiceSheet
from telephony.sheeting import sheet

SCORER_VERSION = "telephony/1"
_DESK_CRITERIA: dict[str, str] = {"search": "knowledge", "article": "knowledge"}
"""Criterion that an act is evidence for; the others are procedure."""


def score(content: TelephonyContent, history: Sequence[Journalled[VoiceEvent]], facts: Facts) -> Outcome:
    """The outcome: measures, evidence and the sheet; `facts["calls"]` holds what sealing measured, by call id."""
    found = reckon(content, history)
    made = sheet(content, found)
    return Outcome(
        module="telephony",
        scorer_version=SCORER_VERSION,
        policy={"marks": "manual"},
        measures=(*_written(content, found, made), *_done(content, found, made), *_sound(content, found, facts)),
        marks=(),
        sheet=made.model_dump(mode="json", by_alias=True),
        evidence=tuple(_evidence(content, found, facts)),
    )


def _written(content: TelephonyContent, found: Reckoning, made: VoiceSheet) -> Iterator[Measure]:
    turns = [turn for part in made.parts if part.kind == "inbound" for turn in part.turns]
    if turns:
        written = sum(bool(turn.text.strip()) for turn in turns)
        yield _measure("turns", "呼入轮次", "Inbound turns", len(turns), "轮")
        yield _measure("turns_written", "已写话术的轮次", "Turns written", written, "轮")
        yield _measure("turns_spoken", "已录音的轮次", "Turns spoken", sum(turn.takes > 0 for turn in turns), "轮")
    outbound = [part for part in content.parts if isinstance(part, OutboundPart)]
    if outbound:
        questions = [faq.questions(part, found.state) for part in outbound]
        slots = [found.state.text(part.id, f"script:{slot}") for part in outbound for slot in SCRIPT_PARTS]
        yield _measure("script", "已写话术部分", "Script parts written", sum(bool(t.strip()) for t in slots), "部分")
        yield _measure("faq", "常见问答有效条数", "FAQ that count", sum(map(faq.counted, questions)), "条")
        repeated = sum(len(faq.duplicates(own)) for own in questions)
        yield _measure("faq_duplicates", "常见问答重复条数", "FAQ that repeat others", repeated, "条")
    hits = [point.hit for part in made.parts for turn in part.turns for point in turn.key_points]
    hits += [point.hit for part in made.parts for point in part.key_points]
    if hits:
        yield _measure("key_points", "要点总数", "Key points", len(hits), "点")
        yield _measure("key_points_hit", "文字中出现的要点", "Key points found in the texts", sum(hits), "点")
    answers = [part.answer for part in made.parts if part.answer is not None]
    if answers:
        yield _measure("summary", "总结字数", "Characters of summaries", sum(a.characters for a in answers), "字")
    yield _measure("largest_insert", "单次最多录入", "Largest single input", found.largest_insert, "字")
    yield _measure("blocked", "被拦截的粘贴等操作", "Blocked pastes and the like", found.state.blocked, "次")


def _done(content: TelephonyContent, found: Reckoning, made: VoiceSheet) -> Iterator[Measure]:
    checks = [done.act.right for done in found.acts if done.act.act == "verify"]
    takes = sum(max(0, count - 1) for call in found.state.calls for count in call.takes.values())
    required = [act.done for part in made.parts for turn in part.turns for act in turn.required]
    if content.desk.articles:
        yield _measure("searches", "知识库搜索", "Knowledge searches", found.state.desk.searches, "次")
        yield from _time_to_find(content, found)
    if content.desk.records:
        yield _measure("look_ups", "业务查询", "Record look-ups", found.state.desk.look_ups, "次")
        yield _measure("verified_right", "核对一致", "Digits checked right", sum(r is True for r in checks), "次")
        yield _measure("verified_wrong", "核对不一致", "Digits checked wrong", sum(r is False for r in checks), "次")
    if required:
        yield _measure("required", "应完成的操作", "Required acts", len(required), "项")
        yield _measure("required_done", "已完成的操作", "Required acts done", sum(required), "项")
    yield _measure("holds", "保持次数", "Holds", found.holds, "次")
    yield _measure("held", "保持时长", "Time on hold", found.held_ms, "ms")
    yield _measure("replays", "重听次数", "Replays", found.replays, "次")
    yield _measure("retakes", "重录次数", "Retakes", takes, "次")
    for part in content.parts:
        if isinstance(part, OutboundPart):
            yield from _outbound(part, found, made)


def _outbound(part: OutboundPart, found: Reckoning, made: VoiceSheet) -> Iterator[Measure]:
    """Of the last call that was answered."""
    own = next(sheet_part for sheet_part in made.parts if sheet_part.id == part.id)
    answered = [call for call in own.calls if call.rang_ms is not None]
    yield _measure(f"{part.id}.calls", "接通的电话", "Calls answered", len(answered), "次", "calls")
    registered = sum(member.part == part.id for member in found.state.desk.members)
    yield _measure(f"{part.id}.registered", "会员注册", "Members registered", registered, "人", "registered")
    if not answered:
        return
    last = answered[-1]
    yield _measure(f"{part.id}.talked", "通话时长", "Time talked", last.talked_ms, "ms", "talked")
    if part.other_side == "simulated":
        lines = len(part.persona.lines)
        yield _measure(f"{part.id}.lines", "客户的问题", "Lines of the customer", lines, "句", "lines")
        yield _measure(f"{part.id}.answered", "得到回答的问题", "Lines answered", last.answered_lines, "句", "answered")
    if last.outcome is not None:
        for key, zh, en in (("deal", "成交", "Deal"), ("interest", "意向", "Interest"), ("refusal", "拒绝", "Refusal")):
            if last.outcome == key:
                yield _measure(f"{part.id}.{key}", f"结果：{zh}", f"Outcome: {en}", 1, "次", "outcome")


def _time_to_find(content: TelephonyContent, found: Reckoning) -> Iterator[Measure]:
    """For every article that a case asks for: from the first search of its part to its being opened."""
    for part in content.parts:
        if not isinstance(part, InboundPart):
            continue
        wanted = dict.fromkeys(
            required.target
            for turn in part.turns
            for required in turn.required
            if required.act == "article" and required.target
        )
        own = [done for done in found.acts if done.part == part.id]
        began = next((done.stage_ms for done in own if done.act.act == "search"), None)
        for target in wanted:
            opened = next((d.stage_ms for d in own if d.act.act == "article" and target in d.act.targets), None)
            if began is None or opened is None:
                continue
            title = next((a.title for a in content.desk.articles if a.id == target), target)
            yield _measure(
                f"{part.id}.find.{target}",
                f"找到《{title}》用时",
                f"Time to find {title}",
                max(0, opened - began),
                "ms",
                "find",
            )


def _sound(content: TelephonyContent, found: Reckoning, facts: Facts) -> Iterator[Measure]:
    """What sealing measured in the recordings; silence and the like in live calls only."""
    for call in found.state.calls:
        part = content.part(call.part)
        name = call.part if part is None else part.title.zh
        for measure in voice_facts.measures(_sealed(facts, call.call_id)):
            title = Text(zh=f"{name} · {measure.title.zh}", en=measure.title.en)
            yield measure.model_copy(update={"key": f"{call.call_id}.{measure.key}", "title": title})


def _sealed(facts: Facts, call_id: str) -> Mapping[str, Any]:
    calls = facts.get("calls")
    sealed = calls.get(call_id) if isinstance(calls, Mapping) else None
    return sealed if isinstance(sealed, Mapping) else {}


def _evidence(content: TelephonyContent, found: Reckoning, facts: Facts) -> Iterator[EvidencePointer]:
    """Last saves, acts and ends of calls by sequence number, recordings by SHA-256; for the criteria they speak to."""
    for part in content.parts:
        keys = [key for key, *_ in rubric.rows(part)]
        texts = rubric.criterion(
            part.id, "wording" if "wording" in keys else "knowledge" if "knowledge" in keys else "points"
        )
        for (item, _), seq in sorted(found.saves.items(), key=lambda pair: pair[1]):
            if item == part.id:
                yield EvidencePointer(criterion=texts, kind="event", ref=str(seq))
        for done in found.acts:
            key = _DESK_CRITERIA.get(done.act.act, "process")
            if done.part == part.id and key in keys:
                yield EvidencePointer(criterion=rubric.criterion(part.id, key), kind="event", ref=str(done.seq))
        for call in found.state.calls_of(part.id):
            ending = found.endings.get(call.call_id)
            if ending is not None and ending[0] and "deal" in keys:
                yield EvidencePointer(criterion=rubric.criterion(part.id, "deal"), kind="event", ref=str(ending[0]))
            sha256 = _sealed(facts, call.call_id).get("sha256")
            if isinstance(sha256, str):
                key = "voice" if "voice" in keys else "skill"
                yield EvidencePointer(criterion=rubric.criterion(part.id, key), kind="file", ref=sha256)


def _measure(key: str, zh: str, en: str, value: int, unit: str, formula: str = "") -> Measure:
    """`formula` names what made it where the key names a part, too."""
    return Measure(
        key=key,
        title=Text(zh=zh, en=en),
        value=Decimal(value),
        unit=unit,
        formula=f"telephony.{formula or key}/1",
    )
