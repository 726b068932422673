"""What a contestant does in a call: answer, dial, speak, hear again, hold, mute, transfer, hang up."""

from server.core.contract import Refusal
from server.core.text import Text
from telephony import commands as c
from telephony import customer
from telephony import events as e
from telephony.content import InboundPart, OutboundPart, RetellPart, TakePolicy
from telephony.refusals import (
    DialsUsedUp,
    LineBusy,
    NoSuchCall,
    NotNow,
    ReplaysUsedUp,
    RetakesUsedUp,
    UnknownPart,
)
from telephony.state import RETELL, CallState, TelephonyState
from telephony.telling import Telling

MOST_CALLS = 99
"""Calls of one part, those that never connected included."""

CallCommand = c.Answer | c.StartTake | c.EndTurn | c.Replay | c.Hold | c.Mute | c.Transfer | c.HangUp | c.SeatTrouble
_HELD = Text(zh="通话在保持中，请先取消保持", en="The call is held: take it off hold first")
_NOT_ANSWERED = Text(zh="电话还没有接通，请先接听，或等对方接听", en="The call is not answered yet: answer it, or wait")


def act(telling: Telling, command: CallCommand) -> Refusal | None:
    """An act in a call; events wait in `telling`. Returns the refusal, if any."""
    call = telling.state.call(command.call)
    if call is None:
        return NoSuchCall(Text(zh="没有这通电话，请刷新页面后再试", en="There is no such call: reload the page"))
    if not call.up:
        # The other side may have hung up while the command was on its way.
        return None if isinstance(command, c.HangUp | c.EndTurn | c.SeatTrouble) else NoSuchCall()
    match command:
        case c.Answer():
            return _answer(telling, call)
        case c.StartTake():
            return _start_take(telling, call, command.turn)
        case c.EndTurn():
            return _end_turn(telling, call, command.again)
        case c.Replay():
            return _replay(telling, call)
        case c.Hold():
            return _hold(telling, call, command.on)
        case c.Mute():
            if call.muted != command.on:
                telling.add(e.Muted(call=call.call_id, stage_ms=telling.at.stage_ms, on=command.on))
            return None
        case c.Transfer():
            return _transfer(telling, call, command.to)
        case c.HangUp():
            end(telling, call, "contestant")
            return None
        case c.SeatTrouble():
            if (command.kind in call.trouble) != command.began:
                telling.add(
                    e.TroubleSeen(
                        call=call.call_id, stage_ms=telling.at.stage_ms, kind=command.kind, began=command.began
                    )
                )
            return None


def dial(telling: Telling, part_id: str) -> Refusal | None:
    """An outbound call, or the line of a retell."""
    part = telling.content.part(part_id)
    if not isinstance(part, OutboundPart | RetellPart):
        return UnknownPart(
            Text(
                zh="这一部分不需要拨打电话，请到呼出部分拨打",
                en="Nobody is called in this part: go to the outbound one",
            )
        )
    if telling.state.call_up() is not None:
        return LineBusy()
    if used_up(part, telling.state):
        return DialsUsedUp()
    call = telling.begin(part)
    if isinstance(part, RetellPart):
        telling.add(e.CallAnswered(call=call.call_id, stage_ms=telling.at.stage_ms))
    return None


def used_up(part: OutboundPart | RetellPart, state: TelephonyState) -> bool:
    """Whether no further call can be made: those that connected count; of a retell, those that were recorded."""
    calls = state.calls_of(part.id)
    counted = sum(
        call.answered_ms is not None if isinstance(part, OutboundPart) else bool(call.takes) for call in calls
    )
    return counted >= (part.dials if isinstance(part, OutboundPart) else 1) or len(calls) >= MOST_CALLS


def end(telling: Telling, call: CallState, by: str, to: str = "") -> None:
    """The call is over, and with it a take that is being spoken."""
    part = telling.part(call)
    if call.taking:
        _take_ended(telling, call, done=True)
        call = telling.call(call.call_id)
    if isinstance(part, OutboundPart):
        customer.end(telling, part, call, by, to)
        return
    telling.end(call, by, to)


def start_line(telling: Telling, call: CallState) -> None:
    """The line of the turn that has begun, unless it was begun before or there is none."""
    part = telling.part(call)
    if not isinstance(part, InboundPart) or call.turn is None or call.turn in call.lines_begun:
        return
    line = next(turn.customer for turn in part.turns if turn.id == call.turn)
    if line is not None:
        telling.play(call, line.id, "turn")


def replays_left(part: InboundPart | RetellPart, call: CallState, state: TelephonyState) -> int | None:
    """How often the line of the turn can be heard again, or the source of a retell; None without limit."""
    if isinstance(part, RetellPart):
        return max(0, part.listens - sum(other.listens for other in state.calls_of(part.id)))
    if part.takes.replays is None:
        return None
    return max(0, part.takes.replays - call.replays.get(call.turn or "", 0))


def retakes_left(takes: TakePolicy, call: CallState, turn: str) -> int | None:
    """How often the turn can be spoken again after the take that was begun; None without limit."""
    return None if takes.retakes is None else max(0, takes.retakes - max(0, call.takes.get(turn, 0) - 1))


def _answer(telling: Telling, call: CallState) -> Refusal | None:
    if call.kind != "inbound":
        return NotNow(Text(zh="呼出的电话由对方接听，请等待", en="The other side answers an outbound call: wait"))
    if call.phase == "ringing":
        telling.add(e.CallAnswered(call=call.call_id, stage_ms=telling.at.stage_ms))
        start_line(telling, telling.call(call.call_id))
    return None


def _talking(call: CallState) -> Refusal | None:
    if call.talking:
        return None
    return NotNow(_HELD if call.phase == "held" else _NOT_ANSWERED)


def _start_take(telling: Telling, call: CallState, turn: str) -> Refusal | None:
    part = telling.part(call)
    if not isinstance(part, InboundPart | RetellPart):
        return NotNow(Text(zh="呼出通话全程录音，不用单独录制", en="An outbound call is recorded as a whole"))
    if refusal := _talking(call):
        return refusal
    if call.playing and turn != call.turn:
        return NotNow(Text(zh="客户正在说话，请听完再重录", en="The customer is speaking: listen to the end first"))
    if turn != call.turn and turn not in call.turns_done:
        return NotNow(Text(zh="还没有轮到这一轮，请按顺序录制", en="It is not this turn's time yet: go in order"))
    taken = call.takes.get(turn, 0)
    if part.takes.retakes is not None and taken > part.takes.retakes:
        return RetakesUsedUp()
    if call.taking:
        _take_ended(telling, call, done=False)
    telling.add(e.TakeBegan(call=call.call_id, stage_ms=telling.at.stage_ms, turn=turn, take=taken + 1))
    return None


def _end_turn(telling: Telling, call: CallState, again: bool) -> Refusal | None:
    part = telling.part(call)
    if isinstance(part, OutboundPart):
        # Before the other side has answered, or while it speaks, there is nothing to end: the key came late.
        if call.talking and call.floor == "contestant":
            customer.reply_ended(telling, part, call, "key")
        return None
    if refusal := _talking(call):
        return refusal
    if call.turn is None or not (call.taking or call.takes.get(call.turn)):
        return NotNow(Text(zh="请先开始录音，说完再按“说完了”", en="Begin to record first, then end the turn"))
    if again:
        assert isinstance(part, InboundPart | RetellPart)
        if retakes_left(part.takes, call, call.turn) == 0:
            return RetakesUsedUp()
        if call.taking:
            _take_ended(telling, call, done=False)
        return None
    _take_ended(telling, call, done=True)
    start_line(telling, telling.call(call.call_id))
    return None


def _take_ended(telling: Telling, call: CallState, done: bool) -> None:
    assert call.turn is not None
    now_ms = telling.at.stage_ms
    telling.add(
        e.TakeEnded(
            call=call.call_id,
            stage_ms=now_ms,
            turn=call.turn,
            take=call.takes[call.turn],
            spoken_ms=call.spoken_until(now_ms) if call.taking else call.spoken_ms,
            done=done,
        )
    )


def _replay(telling: Telling, call: CallState) -> Refusal | None:
    part = telling.part(call)
    if not isinstance(part, InboundPart | RetellPart):
        return NotNow(
            Text(
                zh="呼出通话不能重听，没听清请问客户",
                en="Nothing can be heard again in an outbound call: ask the customer",
            )
        )
    if refusal := _talking(call):
        return refusal
    if call.taking:
        return NotNow(Text(zh="正在录音，请先按“说完了”再重听", en="You are recording: end the turn first"))
    if call.playing:
        return NotNow(Text(zh="录音正在播放，请听完再重听", en="It is being played: listen to the end first"))
    turns = part.turns if isinstance(part, InboundPart) else ()
    line = part.source if isinstance(part, RetellPart) else None
    line = next((turn.customer for turn in turns if turn.id == call.turn), line)
    if line is None:
        return NotNow(
            Text(zh="这一轮客户没有说话，请直接开始录音", en="The customer says nothing in this turn: begin to record")
        )
    if replays_left(part, call, telling.state) == 0 and call.unheard != line.id:
        return ReplaysUsedUp()
    telling.play(call, line.id, "source" if call.kind == RETELL else "replay")
    return None


def _hold(telling: Telling, call: CallState, on: bool) -> Refusal | None:
    if call.answered_ms is None:
        return NotNow(_NOT_ANSWERED)
    if call.kind == "retell":
        return NotNow(
            Text(
                zh="复述时没有需要保持的通话，可以直接停下", en="There is nobody to keep on hold in a retell: just stop"
            )
        )
    if (call.phase == "held") == on:
        return None
    telling.add(e.Held(call=call.call_id, stage_ms=telling.at.stage_ms, on=on))
    if not on:
        resume_line(telling, telling.call(call.call_id))
    return None


def resume_line(telling: Telling, call: CallState) -> None:
    """A line that nobody heard to its end is said again, when somebody can hear it."""
    if call.unheard and call.floor == "customer" and call.talking and call.seat_connection and not call.playing:
        telling.play(call, call.unheard, call.plays[-1].cause)


def _transfer(telling: Telling, call: CallState, to: str) -> Refusal | None:
    if call.kind == "retell" or call.answered_ms is None:
        return NotNow(
            Text(
                zh="没有可以转接的通话，请先接通客户电话",
                en="There is no call to transfer: be connected to a customer first",
            )
        )
    if to not in telling.content.desk.transfers:
        places = "、".join(telling.content.desk.transfers)
        return UnknownPart(Text(zh=f"不能转接到“{to}”，可以转接到：{places}", en=f"Transfers go to: {places}"))
    end(telling, call, "transfer", to)
    return None
