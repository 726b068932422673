"""Live sound of the module: what calls need of the media, how they stand, what a role player sees."""

from collections.abc import Sequence

from server.core.contract import Journalled
from server.core.media import (
    CallPlan,
    CallRecord,
    CallStanding,
    MediaReport,
    ModelLine,
    Play,
    RobotSound,
    RoleCard,
    RolePrompt,
)
from server.core.phases import Moment
from server.core.text import Text
from telephony import markers, reporting, robot
from telephony.content import SCRIPT_PARTS, InboundPart, OutboundPart, RetellPart, TelephonyContent, lines
from telephony.events import VoiceEvent
from telephony.refs import turn_ref
from telephony.state import RETELL, CallState, TelephonyState


class VoiceMedia:
    """Satisfies `server.core.media.MediaSide`."""

    def plans(self, content: TelephonyContent, state: TelephonyState) -> Sequence[CallPlan]:
        """The call that is up, if any."""
        call = state.call_up()
        return () if call is None else (plan(content, call),)

    def standing(self, content: TelephonyContent, state: TelephonyState) -> CallStanding | None:
        """How the call that is up stands."""
        call = state.call_up()
        part = None if call is None else content.part(call.part)
        if call is None or part is None or call.phase == "ended":
            return None
        return CallStanding(
            call_id=call.call_id,
            title=part.title,
            phase=call.phase,
            since_ms=call.since_ms,
            muted=call.muted,
            floor=call.floor,
            troubles=call.trouble,
            answered_ms=call.answered_ms,
            ends_by_ms=call.ends_by_ms,
            outcome=call.outcome or call.role_outcome,
            seat_connection=call.seat_newest,
            role_connection=call.role_newest,
        )

    def reported(
        self, content: TelephonyContent, state: TelephonyState, call_id: str, report: MediaReport, at: Moment
    ) -> Sequence[VoiceEvent]:
        """See `telephony.reporting.reported`."""
        return reporting.reported(content, state, call_id, report, at)

    def calls(
        self, content: TelephonyContent, history: Sequence[Journalled[VoiceEvent]], closed_ms: int | None
    ) -> Sequence[CallRecord]:
        """See `telephony.markers.calls`."""
        return markers.calls(content, history, closed_ms)

    def models(self, content: TelephonyContent) -> Sequence[ModelLine]:
        """Reference wordings of turns and script parts, by the `ref` of their markers."""
        return [
            *(
                ModelLine(ref=turn_ref(content, part.id, turn.id), title=Text(zh=turn.hint), text=turn.reference)
                for part in content.parts
                if isinstance(part, InboundPart)
                for turn in part.turns
                if turn.reference
            ),
            *(
                ModelLine(ref=f"{part.id}.script:{slot}", title=title, text=part.reference[slot])
                for part in content.parts
                if isinstance(part, OutboundPart)
                for slot, title in SCRIPT_PARTS.items()
                if part.reference.get(slot)
            ),
            *(
                ModelLine(ref=turn_ref(content, part.id, RETELL), title=part.title, text=part.source.text)
                for part in content.parts
                if isinstance(part, RetellPart)
            ),
        ]

    def role_card(self, content: TelephonyContent, state: TelephonyState, call_id: str) -> RoleCard | None:
        """Persona and prompts of an outbound call that a role player takes."""
        call = state.call(call_id)
        part = None if call is None else content.part(call.part)
        if not isinstance(part, OutboundPart) or part.other_side != "role_player":
            return None
        persona = part.persona
        return RoleCard(
            title=part.title,
            profile=f"{persona.name}：{persona.profile}",
            opening=persona.opening.text,
            prompts=tuple(RolePrompt(id=line.id, title=Text(zh=line.topic), text=line.text) for line in persona.lines),
            rule=persona.rule_text or rule_in_words(part),
        )

    def robot_sounds(self, content: TelephonyContent, seed: int, skill: float) -> Sequence[RobotSound]:
        """See `telephony.robot.sounds`."""
        return robot.sounds(content, seed, skill)


def plan(content: TelephonyContent, call: CallState) -> CallPlan:
    """What a call that is up needs of the media."""
    part = content.part(call.part)
    audio = {} if part is None else {line.id: line.audio for line in lines(part)}
    spoken = [audio.get(play.line) for play in call.plays]
    # The customer's last word needs no reply, so that a goodbye that isn't said is no fault of the microphone.
    replies = call.floor == "contestant" and call.customer.decided is None
    speaks = call.taking if call.kind != "outbound" else replies
    return CallPlan(
        call_id=call.call_id,
        speech_due=speaks and call.talking and not call.muted,
        held=call.phase == "held",
        bridged=isinstance(part, OutboundPart) and part.other_side == "role_player",
        plays=tuple(
            Play(n=n, sha256=found.sha256, duration_ms=found.duration_ms)
            for n, found in enumerate(spoken, start=1)
            if found is not None
        ),
        played=call.played,
    )


def rule_in_words(part: OutboundPart) -> str:
    """The decision rule for a role player, where the author wrote none."""
    rule = part.persona.rule
    registered = "，并且办妥会员注册" if rule.deal_registered else ""
    return (
        f"有 {rule.deal_replies} 个及以上问题得到像样的回答{registered}：成交；"
        f"有 {rule.interest_replies} 个及以上：意向；否则：拒绝。"
    )
