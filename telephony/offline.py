"""A history that ends with given answers: re-scoring offline (`ccss score telephony`)."""

from collections.abc import Mapping
from typing import Any

from server.core.contract import Journalled
from telephony import events as e
from telephony.content import InboundPart, OutboundPart, RetellPart, TelephonyContent
from telephony.deciding import has_field
from telephony.desk import record_of
from telephony.events import VoiceEvent

_KEYS = ("texts", "members", "records", "calls")
MOST_TAKES = 100
_OUTCOMES = (None, "deal", "interest", "refusal")
_ENDS = ("contestant", "customer", "time", "transfer", "close")


def history_of(content: TelephonyContent, answers: Mapping[str, Any]) -> list[Journalled[VoiceEvent]]:
    """The shape of `telephony.handing_in.answers`; what is left out is empty. Raises ValueError, naming the path."""
    if unknown := [key for key in answers if key not in _KEYS]:
        raise ValueError(f"answers.{unknown[0]}: 没有这一项，应为 {'、'.join(_KEYS)} (no such key)")
    events = [*_texts(content, _object(answers, "texts")), *_members(content, answers.get("members", []))]
    events += _records(content, _object(answers, "records"))
    events += _calls(content, _object(answers, "calls"))
    return [Journalled(seq=n, at_ms=0, stage_ms=0, event=event) for n, event in enumerate(events, start=1)]


def _object(raw: Mapping[str, Any], key: str, path: str = "answers") -> Mapping[str, Any]:
    value = raw.get(key, {})
    if not isinstance(value, Mapping):
        raise ValueError(f"{path}.{key}: 应为对象 (must be an object)")
    return value


def _texts(content: TelephonyContent, texts: Mapping[str, Any]) -> list[VoiceEvent]:
    events: list[VoiceEvent] = []
    for part_id in texts:
        part = content.part(part_id)
        if part is None:
            raise ValueError(f"answers.texts.{part_id}: 试卷中没有这一部分 (no such part)")
        for field, text in _object(texts, part_id, "answers.texts").items():
            path = f"answers.texts.{part_id}.{field}"
            if not has_field(part, field):
                raise ValueError(f"{path}: 没有这一字段 (no such field)")
            if not isinstance(text, str):
                raise ValueError(f"{path}: 应为文本 (must be a string)")
            events.append(e.FieldSaved(item=part_id, field=field, text=text, rev=1))
    return events


def _members(content: TelephonyContent, members: Any) -> list[VoiceEvent]:
    if not isinstance(members, list):
        raise ValueError("answers.members: 应为数组 (must be an array)")
    events: list[VoiceEvent] = []
    for number, member in enumerate(members):
        path = f"answers.members.{number}"
        if not isinstance(member, Mapping):
            raise ValueError(f"{path}: 应为对象 (must be an object)")
        part = content.part(str(member.get("part")))
        if not isinstance(part, OutboundPart):
            raise ValueError(f"{path}.part: 没有这一呼出部分 (no such outbound part)")
        values = {key: str(member.get(key, "")) for key in ("part", "name", "id_number", "package")}
        events.append(e.MemberRegistered(call="", stage_ms=0, **values))
    return events


def _records(content: TelephonyContent, records: Mapping[str, Any]) -> list[VoiceEvent]:
    events: list[VoiceEvent] = []
    for record_id in records:
        record = record_of(content, record_id)
        if record is None:
            raise ValueError(f"answers.records.{record_id}: 没有这条记录 (no such record)")
        done = _object(records, record_id, "answers.records")
        if done.get("verified"):
            events.append(e.Verified(call="", stage_ms=0, record=record_id, digits=record.verify, right=True))
        if done.get("suspended"):
            events.append(e.Suspended(call="", stage_ms=0, record=record_id, on=True))
        if done.get("address") is not None:
            events.append(e.AddressChanged(call="", stage_ms=0, record=record_id, address=str(done["address"])))
        if done.get("after_sales"):
            events.append(e.AfterSalesAsked(call="", stage_ms=0, record=record_id, remark=""))
    return events


def _calls(content: TelephonyContent, calls: Mapping[str, Any]) -> list[VoiceEvent]:
    events: list[VoiceEvent] = []
    for call_id in calls:
        path = f"answers.calls.{call_id}"
        part = content.part(call_id.rsplit(".", 1)[0])
        if not isinstance(part, InboundPart | OutboundPart | RetellPart):
            raise ValueError(f"{path}: 试卷中没有这通电话的部分 (no part of this call)")
        call = _object(calls, call_id, "answers.calls")
        by, outcome = call.get("ended_by") or "contestant", call.get("outcome")
        if by not in _ENDS or outcome not in _OUTCOMES:
            raise ValueError(f"{path}: 不认识的结束方式或结果 (unknown end or outcome)")
        events.append(e.CallBegan(call=call_id, stage_ms=0, part=part.id, kind=part.kind))
        events.append(e.CallAnswered(call=call_id, stage_ms=0))
        done = [str(turn) for turn in call.get("turns_done", ())]
        for turn, takes in _object(call, "takes", path).items():
            if type(takes) is not int or not 0 <= takes <= MOST_TAKES:
                raise ValueError(f"{path}.takes.{turn}: 应为 0 至 {MOST_TAKES} 的整数 (must be a number of takes)")
            for take in range(1, takes + 1):
                counts = turn in done and take == takes
                events.append(e.TakeBegan(call=call_id, stage_ms=0, turn=turn, take=take))
                events.append(e.TakeEnded(call=call_id, stage_ms=0, turn=turn, take=take, spoken_ms=0, done=counts))
        raw = {"call": call_id, "stage_ms": 0, "by": by, "outcome": outcome}
        events.append(e.CallEnded.model_validate(raw))
    return events
