"""How events change the state: `apply`, pure, in the order of the journal."""

from typing import Any, assert_never

from telephony import events as e
from telephony.content import InboundPart, OutboundPart, TelephonyContent
from telephony.seat import Speaker, TextState
from telephony.state import (
    RETELL,
    CallState,
    CustomerState,
    DeskState,
    MemberState,
    PlayState,
    RecordState,
    TelephonyState,
)

MOST_UNHEARD = 5
"""Times that a line is played again because nobody heard it, before the contestant has the floor all the same."""
GOODBYE_MS = 10_000
"""Time for the contestant's goodbye after the customer's last line."""

_CallEvent = (
    e.CallAnswered
    | e.CallEnded
    | e.LineBegan
    | e.LineEnded
    | e.TakeBegan
    | e.TakeEnded
    | e.TurnEnded
    | e.SpeechBegun
    | e.SpeechHeard
    | e.LegChanged
    | e.Held
    | e.Muted
    | e.TroubleSeen
    | e.RolePlayed
)


def apply(content: TelephonyContent, state: TelephonyState, event: e.VoiceEvent) -> TelephonyState:
    """The state after an event."""
    match event:
        case e.FieldSaved():
            fields = state.texts.get(event.item, {}) | {event.field: TextState(text=event.text, rev=event.rev)}
            return state.model_copy(update={"texts": state.texts | {event.item: fields}})
        case e.PartOpened():
            return state.model_copy(update={"current": event.part})
        case e.InputWasBlocked():
            return state.model_copy(update={"blocked": state.blocked + 1})
        case e.CallBegan():
            return state.model_copy(update={"calls": (*state.calls, _begun(event))})
        case (
            e.KnowledgeSearched()
            | e.ArticleOpened()
            | e.RecordsLookedUp()
            | e.RecordOpened()
            | e.Verified()
            | e.Suspended()
            | e.AddressChanged()
            | e.AfterSalesAsked()
            | e.MemberRegistered()
        ):
            return state.model_copy(update={"desk": _desk(state.desk, event)})
        case _:
            calls = tuple(_call(content, call, event) if call.call_id == event.call else call for call in state.calls)
            return state.model_copy(update={"calls": calls})


def _begun(event: e.CallBegan) -> CallState:
    return CallState(
        call_id=event.call,
        part=event.part,
        kind=event.kind,
        phase="ringing" if event.kind == "inbound" else "dialling",
        began_ms=event.stage_ms,
        since_ms=event.stage_ms,
    )


def _call(content: TelephonyContent, call: CallState, event: _CallEvent) -> CallState:
    now_ms = event.stage_ms
    change: dict[str, Any]
    match event:
        case e.CallAnswered():
            change = _answered(content, call, now_ms)
        case e.CallEnded():
            change = {
                "phase": "ended",
                "since_ms": now_ms,
                "ended_by": event.by,
                "outcome": event.outcome,
                "transferred_to": event.to,
                "floor": "nobody",
                "taking": False,
                "trouble": (),
            }
        case e.LineBegan():
            change = _line_began(content, call, event)
        case e.LineEnded():
            change = _line_ended(content, call, event)
        case e.TakeBegan():
            change = {
                "turn": event.turn,
                "takes": call.takes | {event.turn: event.take},
                "taking": True,
                "take_since_ms": now_ms,
                "spoken_ms": 0,
            }
        case e.TakeEnded():
            change = {"taking": False, "spoken_ms": event.spoken_ms}
            if event.done:
                change |= _turn_done(content, call, event.turn, now_ms)
        case e.TurnEnded():
            change = _reply_ended(content, call, event)
        case e.SpeechBegun():
            change = {"speaking_since_ms": now_ms} if event.leg == "seat" else _floor(call, "customer", now_ms)
        case e.SpeechHeard():
            change = _speech_heard(call, event) if event.leg == "seat" else _floor(call, "contestant", now_ms)
        case e.LegChanged():
            change = _leg(call, event)
        case e.Held():
            change = {"phase": "held" if event.on else "talking", "since_ms": now_ms, "quiet_since_ms": now_ms}
        case e.Muted():
            change = {"muted": event.on}
        case e.TroubleSeen():
            rest = tuple(kind for kind in call.trouble if kind != event.kind)
            change = {"trouble": (*rest, event.kind) if event.began else rest}
        case e.RolePlayed():
            change = {"role_by": event.by}
            if event.outcome is not None:
                change["role_outcome"] = event.outcome
        case _:
            assert_never(event)
    return call.model_copy(update=change)


def _answered(content: TelephonyContent, call: CallState, now_ms: int) -> dict[str, Any]:
    part = content.part(call.part)
    change: dict[str, Any] = {
        "phase": "talking",
        "since_ms": now_ms,
        "answered_ms": now_ms,
        "floor": "contestant",
        "floor_since_ms": now_ms,
        "quiet_since_ms": now_ms,
    }
    if isinstance(part, InboundPart):
        change["turn"] = part.turns[0].id
    elif isinstance(part, OutboundPart):
        change["ends_by_ms"] = now_ms + part.call_ms
    elif call.kind == "retell":
        change["turn"] = RETELL
    return change


def _line_began(content: TelephonyContent, call: CallState, event: e.LineBegan) -> dict[str, Any]:
    again = call.unheard == event.line
    change: dict[str, Any] = {
        "plays": (*call.plays, PlayState(line=event.line, cause=event.cause)),
        "floor": "customer",
        "floor_since_ms": event.stage_ms,
        "spoken_ms": call.spoken_ms if call.taking else 0,
        "unheard": "",
        "unheard_times": call.unheard_times if again else 0,
    }
    if again:
        return change
    if event.cause == "replay" and call.turn is not None:
        change["replays"] = call.replays | {call.turn: call.replays.get(call.turn, 0) + 1}
    if call.kind == "retell":
        change["listens"] = call.listens + 1
    if event.cause == "turn" and call.turn is not None:
        change["lines_begun"] = (*call.lines_begun, call.turn)
    part = content.part(call.part)
    if isinstance(part, OutboundPart):
        change["customer"] = _remembered(part, call.customer, event)
    return change


def _remembered(part: OutboundPart, customer: CustomerState, event: e.LineBegan) -> CustomerState:
    persona = part.persona
    change: dict[str, Any] = {}
    match event.cause:
        case "turn_ended":
            numbers = {line.id: number for number, line in enumerate(persona.lines, start=1)}
            asked = numbers.get(event.line, customer.asked)
            change = {"asked": asked}
        case "silence":
            change = {"nudges": customer.nudges + 1}
        case "patience":
            change = {"leaving": True, "decided": "refusal"}
        case "decision":
            change = {
                "decided": next((key for key, line in persona.endings.items() if line.id == event.line), "refusal")
            }
        case _:
            pass
    return customer.model_copy(update=change)


def _line_ended(content: TelephonyContent, call: CallState, event: e.LineEnded) -> dict[str, Any]:
    change: dict[str, Any] = {"played": max(call.played, event.n)}
    if event.n < len(call.plays):
        return change
    play = call.plays[event.n - 1]
    if not event.heard:
        change |= {"unheard": play.line, "unheard_times": call.unheard_times + 1}
        if change["unheard_times"] < MOST_UNHEARD:
            return change
    change |= {
        "floor": "nobody" if call.turn is None and call.kind != "outbound" else "contestant",
        "floor_since_ms": event.stage_ms,
        "quiet_since_ms": event.stage_ms,
    }
    if isinstance(content.part(call.part), OutboundPart) and play.cause == "decision":
        change["customer"] = call.customer.model_copy(update={"goodbye_by_ms": event.stage_ms + GOODBYE_MS})
    return change


def _turn_done(content: TelephonyContent, call: CallState, turn: str, now_ms: int) -> dict[str, Any]:
    done = call.turns_done if turn in call.turns_done else (*call.turns_done, turn)
    part = content.part(call.part)
    rest = [t.id for t in part.turns if t.id not in done] if isinstance(part, InboundPart) else []
    floor = "customer" if call.playing else "contestant" if rest else "nobody"
    return {
        "turns_done": done,
        "turn": rest[0] if rest else None,
        "spoken_ms": 0,
        "floor": floor,
        "floor_since_ms": now_ms,
    }


def _reply_ended(content: TelephonyContent, call: CallState, event: e.TurnEnded) -> dict[str, Any]:
    customer, part = call.customer, content.part(call.part)
    if (
        isinstance(part, OutboundPart)
        and event.spoken_ms >= part.persona.rule.reply_ms
        and customer.decided is None
        and customer.asked
        and customer.asked not in customer.answered
    ):
        customer = customer.model_copy(update={"answered": (*customer.answered, customer.asked)})
    return {
        "spoken_ms": 0,
        "floor_since_ms": event.stage_ms,
        "quiet_since_ms": event.stage_ms,
        "customer": customer,
    }


def _speech_heard(call: CallState, event: e.SpeechHeard) -> dict[str, Any]:
    change: dict[str, Any] = {"speaking_since_ms": None}
    if call.listened_to:
        counted = max(0, min(event.spoken_ms, event.ended_ms - call.heard_since_ms))
        change["spoken_ms"] = call.spoken_ms + counted
    if call.floor == "contestant":
        change["quiet_since_ms"] = max(call.quiet_since_ms, event.ended_ms)
    return change


def _floor(call: CallState, floor: Speaker, now_ms: int) -> dict[str, Any]:
    """A role player begins to speak, or stops: nobody has to answer while they do."""
    return {} if call.answered_ms is None else {"floor": floor, "floor_since_ms": now_ms, "quiet_since_ms": now_ms}


def _leg(call: CallState, event: e.LegChanged) -> dict[str, Any]:
    if event.leg == "role_player":
        if event.up:
            return {"role_connection": event.connection, "role_newest": event.connection}
        if event.connection != call.role_connection:
            return {}
        return {"role_connection": 0, **_floor(call, "contestant", event.stage_ms)}
    if event.up:
        return {
            "seat_connection": event.connection,
            "seat_newest": event.connection,
            "quiet_since_ms": max(call.quiet_since_ms, event.stage_ms),
            **_speech_cut(call, event.stage_ms),
        }
    if event.connection != call.seat_connection:
        return {}
    return {"seat_connection": 0, **_speech_cut(call, event.stage_ms)}


def _speech_cut(call: CallState, now_ms: int) -> dict[str, Any]:
    """What is being said ends with its connection; one that goes without a word (its worker died) never says so."""
    spoken_ms = call.spoken_until(now_ms) if call.listened_to else call.spoken_ms
    return {"speaking_since_ms": None, "spoken_ms": spoken_ms}


def _desk(desk: DeskState, event: e.VoiceEvent) -> DeskState:
    change: dict[str, Any] = {}
    match event:
        case e.KnowledgeSearched():
            change = {
                "query": event.query,
                "hits": event.hits,
                "found_articles": _joined(desk.found_articles, event.hits),
                "searches": desk.searches + bool(event.query),
            }
        case e.ArticleOpened():
            change = {"article": event.article}
        case e.RecordsLookedUp():
            change = {
                "record_query": event.query,
                "record_hits": event.hits,
                "found_records": _joined(desk.found_records, event.hits),
                "look_ups": desk.look_ups + bool(event.query),
            }
        case e.RecordOpened():
            opened = () if event.record is None else (event.record,)
            change = {"record": event.record, "opened_records": _joined(desk.opened_records, opened)}
        case e.Verified():
            if event.right:
                change = _record(desk, event.record, verified=True)
        case e.Suspended():
            change = _record(desk, event.record, suspended=event.on)
        case e.AddressChanged():
            change = _record(desk, event.record, address=event.address)
        case e.AfterSalesAsked():
            change = _record(desk, event.record, after_sales=True)
        case e.MemberRegistered():
            member = MemberState(part=event.part, name=event.name, id_number=event.id_number, package=event.package)
            change = {"members": (*desk.members, member)}
        case _:
            pass
    return desk.model_copy(update=change)


def _joined(old: tuple[str, ...], new: tuple[str, ...]) -> tuple[str, ...]:
    return (*old, *(id_ for id_ in new if id_ not in old))


def _record(desk: DeskState, record_id: str, **change: Any) -> dict[str, Any]:
    old = desk.records.get(record_id, RecordState())
    return {"records": desk.records | {record_id: old.model_copy(update=change)}}
