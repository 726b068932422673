"""What the media's reports mean: `MediaSide.reported`, pure; a report that says nothing new causes nothing."""

from server.core import media as m
from server.core.phases import Moment
from telephony import calling, customer
from telephony import events as e
from telephony.content import OutboundPart, RetellPart, TelephonyContent
from telephony.state import CallState, TelephonyState
from telephony.telling import Telling


def reported(
    content: TelephonyContent, state: TelephonyState, call_id: str, report: m.MediaReport, at: Moment
) -> list[e.VoiceEvent]:
    """Events that a report causes; none for a call that is over, or unknown."""
    call = state.call(call_id)
    if call is None or not call.up or content.part(call.part) is None:
        return []
    telling = Telling(content, state, at)
    match report:
        case m.LegUp() | m.LegDown():
            _leg(telling, call, report)
        case m.SpeechBegan() | m.SpeechEnded():
            _speech(telling, call, report)
        case m.PlayBegan():
            pass
        case m.PlayEnded():
            _play_ended(telling, call, report)
        case m.Trouble():
            if (report.kind in call.trouble) != report.began:
                telling.add(e.TroubleSeen(call=call_id, stage_ms=at.stage_ms, kind=report.kind, began=report.began))
        case m.RoleActed():
            _role(telling, call, report)
    return telling.events


def _leg(telling: Telling, call: CallState, report: m.LegUp | m.LegDown) -> None:
    seat = report.leg == "seat"
    own = call.seat_connection if seat else call.role_connection
    newest = call.seat_newest if seat else call.role_newest
    up = isinstance(report, m.LegUp)
    # A connection that fell silent for a while comes up again under its own number.
    if (report.connection == own or report.connection < newest) if up else (report.connection != own):
        return
    telling.add(
        e.LegChanged(
            call=call.call_id,
            stage_ms=telling.at.stage_ms,
            leg=report.leg,
            connection=report.connection,
            up=up,
        )
    )
    if not up or report.leg != "seat":
        return
    part, call = telling.part(call), telling.call(call.call_id)
    if isinstance(part, RetellPart) and not call.plays and not call.takes:
        if calling.replays_left(part, call, telling.state) != 0:
            telling.play(call, part.source.id, "source")
    elif isinstance(part, OutboundPart) and call.phase == "dialling" and part.other_side != "role_player":
        _answered(telling, part, call)
    else:
        calling.resume_line(telling, call)


def _answered(telling: Telling, part: OutboundPart, call: CallState) -> None:
    telling.add(e.CallAnswered(call=call.call_id, stage_ms=telling.at.stage_ms))
    if part.other_side == "simulated":
        telling.play(telling.call(call.call_id), part.persona.opening.id, "answered")


def _speech(telling: Telling, call: CallState, report: m.SpeechBegan | m.SpeechEnded) -> None:
    if call.answered_ms is None:
        return
    now_ms = telling.at.stage_ms
    if isinstance(report, m.SpeechEnded):
        telling.add(
            e.SpeechHeard(
                call=call.call_id,
                stage_ms=now_ms,
                leg=report.leg,
                spoken_ms=report.spoken_ms,
                ended_ms=max(0, now_ms - report.ago_ms),
            )
        )
    elif report.leg != "seat" or call.speaking_since_ms is None:
        telling.add(e.SpeechBegun(call=call.call_id, stage_ms=now_ms, leg=report.leg))


def _play_ended(telling: Telling, call: CallState, report: m.PlayEnded) -> None:
    if not call.played < report.n <= len(call.plays):
        return
    for n in range(call.played + 1, report.n + 1):
        heard = report.heard if n == report.n else False
        telling.add(e.LineEnded(call=call.call_id, stage_ms=telling.at.stage_ms, n=n, heard=heard))
    call, part = telling.call(call.call_id), telling.part(call)
    calling.resume_line(telling, call)
    over = call.floor == "contestant" and not call.playing
    if isinstance(part, OutboundPart) and call.customer.leaving and over:
        customer.end(telling, part, call, "customer")


def _role(telling: Telling, call: CallState, report: m.RoleActed) -> None:
    part = telling.part(call)
    if not isinstance(part, OutboundPart) or part.other_side != "role_player":
        return
    # Who has the call is the server's to know: a role player who went away is followed by another.
    taken = call.answered_ms is not None
    if (report.act == "answer" and report.by == call.role_by) or (report.act != "answer" and not taken):
        return
    telling.add(
        e.RolePlayed(
            call=call.call_id,
            stage_ms=telling.at.stage_ms,
            by=report.by,
            act=report.act,
            outcome=report.outcome,
        )
    )
    call = telling.call(call.call_id)
    if report.act == "answer" and not taken:
        _answered(telling, part, call)
    elif report.act == "hang_up":
        customer.end(telling, part, call, "customer")
