"""Events as they are decided one after another, each upon the state that those before it left."""

from dataclasses import dataclass, field

from server.core.media import DialogOutcome
from server.core.phases import Moment
from telephony.content import InboundPart, OutboundPart, RetellPart, SummaryPart, TelephonyContent
from telephony.events import CallBegan, CallEnded, LineBegan, VoiceEvent
from telephony.folding import apply
from telephony.state import CallState, LineCause, TelephonyState


@dataclass(slots=True)
class Telling:
    """What happens at one moment."""

    content: TelephonyContent
    state: TelephonyState
    at: Moment
    events: list[VoiceEvent] = field(default_factory=list)

    def add(self, event: VoiceEvent) -> None:
        """One more thing happens."""
        self.events.append(event)
        self.state = apply(self.content, self.state, event)

    def call(self, call_id: str) -> CallState:
        """The call as it stands; it must exist."""
        found = self.state.call(call_id)
        assert found is not None
        return found

    def part(self, call: CallState) -> InboundPart | OutboundPart | RetellPart | SummaryPart:
        """The part of a call."""
        found = self.content.part(call.part)
        assert found is not None
        return found

    def play(self, call: CallState, line: str, cause: LineCause) -> None:
        """A line is to be played, after any that is still on its way."""
        n = len(call.plays) + 1
        self.add(LineBegan(call=call.call_id, stage_ms=self.at.stage_ms, n=n, line=line, cause=cause))

    def begin(self, part: InboundPart | OutboundPart | RetellPart) -> CallState:
        """A call of the part begins."""
        call_id = f"{part.id}.{len(self.state.calls_of(part.id)) + 1}"
        self.add(CallBegan(call=call_id, stage_ms=self.at.stage_ms, part=part.id, kind=part.kind))
        return self.call(call_id)

    def end(
        self, call: CallState, by: str, to: str = "", outcome: DialogOutcome | None = None, cause: str = ""
    ) -> None:
        """A call is over, and the line is free for one that waits."""
        raw = {"call": call.call_id, "stage_ms": self.at.stage_ms, "by": by, "to": to}
        self.add(CallEnded.model_validate({**raw, "outcome": outcome, "cause": cause}))
        if by != "close":
            self.ring()

    def ring(self) -> None:
        """The line of the open part rings, if it is an inbound one that has not rung and no call is up."""
        part = self.content.part(self.state.current)
        if isinstance(part, InboundPart) and not self.state.calls_of(part.id) and self.state.call_up() is None:
            self.begin(part)
