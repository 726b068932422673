"""What a command causes: `decide`, and when something happens by itself: `due`."""

import re
from typing import assert_never

from server.core.contract import Due, Refusal
from server.core.phases import Moment
from telephony import calling, customer, desk
from telephony import commands as c
from telephony import events as e
from telephony.content import SCRIPT_PARTS, InboundPart, OutboundPart, SummaryPart, TelephonyContent, VoicePart
from telephony.refusals import UnknownPart
from telephony.seat import TextState
from telephony.state import TelephonyState
from telephony.telling import Telling

NOTES = "notes"
_FAQ = re.compile(r"faq:([1-9][0-9]?):[qa]")


def decide(
    content: TelephonyContent, state: TelephonyState, command: c.VoiceCommand | Due, at: Moment
) -> list[e.VoiceEvent] | Refusal:
    """Events that a command causes at `at`, or the refusal."""
    telling = Telling(content, state, at)
    refusal = _decide(telling, command)
    return telling.events if refusal is None else refusal


def due(content: TelephonyContent, state: TelephonyState) -> int | None:
    """Net time (ms) of what happens next by itself; None for nothing."""
    call = state.call_up()
    part = None if call is None else content.part(call.part)
    return customer.due(part, call) if call is not None and isinstance(part, OutboundPart) else None


def _decide(telling: Telling, command: c.VoiceCommand | Due) -> Refusal | None:
    match command:
        case Due():
            call = telling.state.call_up()
            part = None if call is None else telling.content.part(call.part)
            if call is not None and isinstance(part, OutboundPart):
                customer.act(telling, part, call)
            return None
        case c.SaveField():
            return _save(telling, command)
        case c.OpenPart():
            return _open(telling, command.part)
        case c.Dial():
            return calling.dial(telling, command.part)
        case c.InputBlocked():
            if telling.content.part(command.item) is None:
                return UnknownPart()
            telling.add(
                e.InputWasBlocked(item=command.item, field=command.field, kind=command.kind, length=command.length)
            )
            return None
        case (
            c.Answer()
            | c.StartTake()
            | c.EndTurn()
            | c.Replay()
            | c.Hold()
            | c.Mute()
            | c.Transfer()
            | c.HangUp()
            | c.SeatTrouble()
        ):
            return calling.act(telling, command)
        case (
            c.Search()
            | c.OpenArticle()
            | c.LookUp()
            | c.OpenRecord()
            | c.Verify()
            | c.Suspend()
            | c.ChangeAddress()
            | c.AfterSales()
            | c.Register()
        ):
            return desk.act(telling, command)
        case _:
            assert_never(command)


def _open(telling: Telling, part_id: str) -> Refusal | None:
    if telling.content.part(part_id) is None:
        return UnknownPart()
    if telling.state.current != part_id:
        telling.add(e.PartOpened(part=part_id))
    telling.ring()
    return None


def _save(telling: Telling, command: c.SaveField) -> Refusal | None:
    part = telling.content.part(command.item)
    if part is None or not has_field(part, command.field):
        return UnknownPart()
    old = telling.state.texts.get(command.item, {}).get(command.field, TextState())
    if command.rev > old.rev:
        telling.add(
            e.FieldSaved(
                item=command.item,
                field=command.field,
                text=command.text,
                rev=command.rev,
                composing=command.composing,
                largest_insert=command.largest_insert,
            )
        )
    return None


def has_field(part: VoicePart, field: str) -> bool:
    """Whether something can be written there (see `telephony.commands.SaveField`)."""
    if field == NOTES:
        return True
    match part:
        case InboundPart():
            return any(field == f"turn:{turn.id}" for turn in part.turns)
        case OutboundPart():
            faq = _FAQ.fullmatch(field)
            if faq is not None:
                return int(faq[1]) <= part.faq_most
            return field.startswith("script:") and field.removeprefix("script:") in SCRIPT_PARTS
        case SummaryPart():
            return field == "summary"
        case _:
            return False
