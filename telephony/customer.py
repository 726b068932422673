"""The simulated customer: what it says when, how long it waits, how it decides. The same for everyone."""

from server.core.media import DialogOutcome
from telephony.content import OutboundPart, Persona
from telephony.events import TurnCause, TurnEnded
from telephony.state import CallState, TelephonyState
from telephony.telling import Telling

LEAST_SPEECH_MS = 500
"""Less sound than this is no reply: a cough, a chair, a word from the next desk."""


def due(part: OutboundPart, call: CallState) -> int | None:
    """Net time (ms) of the next thing that happens by itself in an outbound call; None for nothing."""
    times = [ms for ms in (call.ends_by_ms, _customer_due(part, call)) if ms is not None]
    return min(times, default=None)


def _customer_due(part: OutboundPart, call: CallState) -> int | None:
    """While the call is held, or no sound can pass, the customer waits."""
    if part.other_side != "simulated" or not call.talking:
        return None
    if call.customer.goodbye_by_ms is not None:
        return call.customer.goodbye_by_ms
    waits = call.floor == "contestant" and call.customer.decided is None and call.speaking_since_ms is None
    if not waits or not call.seat_connection:
        return None
    return call.quiet_since_ms + (part.persona.pause_ms if _has_replied(part, call) else part.persona.patience_ms)


def _has_replied(part: OutboundPart, call: CallState) -> bool:
    return call.spoken_ms >= min(LEAST_SPEECH_MS, part.persona.rule.reply_ms)


def act(telling: Telling, part: OutboundPart, call: CallState) -> None:
    """What is due now, if anything."""
    now_ms = telling.at.stage_ms
    if call.ends_by_ms is not None and now_ms >= call.ends_by_ms:
        end(telling, part, call, "time")
        return
    wait_ms = _customer_due(part, call)
    if wait_ms is None or now_ms < wait_ms:
        return
    if call.customer.goodbye_by_ms is not None:
        end(telling, part, call, "customer")
    elif _has_replied(part, call):
        reply_ended(telling, part, call, "pause")
    elif call.customer.nudges < len(part.persona.nudges):
        telling.play(call, part.persona.nudges[call.customer.nudges].id, "silence")
    else:
        telling.play(call, part.persona.impatient.id, "patience")


def reply_ended(telling: Telling, part: OutboundPart, call: CallState, cause: TurnCause) -> None:
    """The contestant has said what there was to say: the next line, or the decision and its ending."""
    telling.add(_turn_ended(telling, call, cause))
    if part.other_side != "simulated" or call.customer.decided is not None:
        return
    call = telling.call(call.call_id)
    if call.customer.asked < len(part.persona.lines):
        telling.play(call, part.persona.lines[call.customer.asked].id, "turn_ended")
    else:
        decided = outcome(part, call, telling.state)
        telling.play(call, part.persona.endings[decided].id, "decision")


def outcome(part: OutboundPart, call: CallState, state: TelephonyState) -> DialogOutcome:
    """成交, 意向 or 拒绝 by the persona's rule, from what has happened up to now."""
    rule = part.persona.rule
    answered = len(call.customer.answered)
    if answered >= rule.deal_replies and (not rule.deal_registered or registered(state, part)):
        return "deal"
    return "interest" if answered >= rule.interest_replies else "refusal"


def registered(state: TelephonyState, part: OutboundPart) -> bool:
    """Whether a member was registered in this part."""
    return any(member.part == part.id for member in state.desk.members)


def end(telling: Telling, part: OutboundPart, call: CallState, by: str, to: str = "") -> None:
    """The call is over; its outcome is what was decided or said, else what the rule makes of it as it is."""
    if call.answered_ms is None or part.other_side == "record_only":
        decided, cause = None, ""
    elif part.other_side == "role_player":
        decided, cause = call.role_outcome, "role_player"
    else:
        call = _with_reply(telling, part, call)
        decided = call.customer.decided or outcome(part, call, telling.state)
        cause = _cause(part.persona, call, registered(telling.state, part))
    telling.end(call, by, to, decided, cause)


def _with_reply(telling: Telling, part: OutboundPart, call: CallState) -> CallState:
    """A reply that is long enough when the call ends counts like one that was finished."""
    counts = call.spoken_until(telling.at.stage_ms) >= part.persona.rule.reply_ms
    if call.customer.decided is None and call.floor == "contestant" and counts:
        telling.add(_turn_ended(telling, call, "end"))
    return telling.call(call.call_id)


def _turn_ended(telling: Telling, call: CallState, cause: TurnCause) -> TurnEnded:
    now_ms = telling.at.stage_ms
    return TurnEnded(call=call.call_id, stage_ms=now_ms, cause=cause, spoken_ms=call.spoken_until(now_ms))


def _cause(persona: Persona, call: CallState, is_registered: bool) -> str:
    customer, rule = call.customer, persona.rule
    if customer.leaving:
        return f"patience;nudges={customer.nudges}"
    if customer.decided is not None and rule.deal_registered and len(customer.answered) >= rule.deal_replies:
        # It was decided before the goodbye, in which somebody may still have been registered.
        is_registered = customer.decided == "deal"
    answered = f"answered={len(customer.answered)}/{len(persona.lines)}"
    return f"{answered};asked={customer.asked};registered={'yes' if is_registered else 'no'}"
