"""A voice attempt without a server: commands, reports and time go in, events are kept."""

from dataclasses import dataclass, field
from typing import Any

from server.core.contract import Due, Journalled, Refusal
from server.core.media import MediaReport, PlayEnded, SpeechBegan, SpeechEnded
from server.core.phases import Moment, Phase
from telephony.content import TelephonyContent
from telephony.events import VoiceEvent
from telephony.module import module
from telephony.seat import LiveCall, SeatLive
from telephony.state import CallState, TelephonyState
from tests.support.voice import voice_paper

BEGAN_MS = 1_800_000_000_000


@dataclass
class Round:
    """`now_ms` is the net time; what was due meanwhile happens when time passes."""

    content: TelephonyContent = field(default_factory=voice_paper)
    state: TelephonyState = field(default_factory=TelephonyState)
    now_ms: int = 0
    paused_ms: int = 0
    """How long the stage stood still so far: UTC runs on, net time doesn't."""
    history: list[Journalled[VoiceEvent]] = field(default_factory=list)

    @property
    def at(self) -> Moment:
        utc_ms = BEGAN_MS + self.now_ms + self.paused_ms
        return Moment(utc_ms=utc_ms, stage_ms=self.now_ms, left_ms=10**7, phase=Phase.RUNNING)

    def send(self, kind: str, /, **values: Any) -> list[str]:
        """A command that must be accepted; the types of its events, shortened."""
        decided = self.attempt(kind, **values)
        assert not isinstance(decided, Refusal), decided
        return self._add(decided)

    def refused(self, kind: str, /, **values: Any) -> str:
        """A command that must be refused; the code. Its text must be Chinese."""
        decided = self.attempt(kind, **values)
        assert isinstance(decided, Refusal), decided
        assert any("\u4e00" <= char <= "\u9fff" for char in decided.detail.zh)
        return type(decided).code.removeprefix("telephony-")

    def attempt(self, kind: str, /, **values: Any) -> list[VoiceEvent] | Refusal:
        command = module.parse_command({"type": f"telephony.{kind}", **values})
        return module.decide(self.content, self.state, command, self.at)

    def report(self, call: str, report: MediaReport) -> list[str]:
        """What the media saw; the types of its events, shortened."""
        return self._add(list(module.media.reported(self.content, self.state, call, report, self.at)))

    def wait(self, ms: int) -> list[str]:
        """Time passes; the types of what happened by itself."""
        until, happened = self.now_ms + ms, list[str]()
        while (due := module.due(self.content, self.state)) is not None and due <= until:
            self.now_ms = max(self.now_ms, due)
            made = module.decide(self.content, self.state, Due(), self.at)
            assert isinstance(made, list)
            assert made, "due without an act would be due for ever"
            happened += self._add(made)
        self.now_ms = until
        return happened

    def hear(self, call: str, n: int, heard: bool = True) -> list[str]:
        """The `n`th play runs to its end."""
        state = self.call(call)
        line = next(p for p in module.media.plans(self.content, self.state)[0].plays if p.n == n)
        assert state.playing
        happened = self.wait(line.duration_ms)
        return happened + self.report(call, PlayEnded(n=n, heard=heard))

    def speak(self, call: str, ms: int) -> list[str]:
        """The contestant speaks for `ms`; the end is reported at once."""
        happened = self.report(call, SpeechBegan(leg="seat"))
        happened += self.wait(ms)
        return happened + self.report(call, SpeechEnded(leg="seat", spoken_ms=ms, ago_ms=0))

    def call(self, call: str) -> CallState:
        found = self.state.call(call)
        assert found is not None
        return found

    @property
    def live(self) -> SeatLive:
        return module.seat_live(self.content, self.state)

    def live_call(self, call: str) -> LiveCall:
        return next(own for own in self.live.calls if own.call_id == call)

    def events(self, kind: str) -> list[Any]:
        """Every event of a type."""
        return [entry.event for entry in self.history if entry.event.type == f"telephony.{kind}"]

    def played(self) -> list[str]:
        """Lines of the customer, in the order in which they began."""
        return [event.line for event in self.events("line_began")]

    def _add(self, events: list[VoiceEvent]) -> list[str]:
        for event in events:
            self.state = module.apply(self.content, self.state, event)
            seq = len(self.history) + 1
            self.history.append(Journalled(seq, self.at.utc_ms, self.now_ms, event))
        return [event.type.removeprefix("telephony.") for event in events]
