"""A desk in virtual time: commands and time go in, events are kept. For scoring offline, scripted agents, robots."""

from dataclasses import dataclass, field
from typing import Any

from chat_sim import acting
from chat_sim.commands import ChatCommand
from chat_sim.content import ChatContent
from chat_sim.deciding import decide
from chat_sim.events import ChatEvent
from chat_sim.folding import apply
from chat_sim.state import ChatState
from server.core.contract import Due, Journalled, Refusal
from server.core.phases import Moment, Phase


@dataclass(slots=True)
class Desk:
    """`now_ms` is the stage time; what is due meanwhile happens when time passes."""

    content: ChatContent
    state: ChatState = field(default_factory=ChatState)
    now_ms: int = 0
    history: list[Journalled[ChatEvent]] = field(default_factory=list)

    def at(self, stage_ms: int) -> Moment:
        """That moment of an attempt that runs."""
        left_ms = max(0, self.content.duration_ms - stage_ms)
        return Moment(utc_ms=stage_ms, stage_ms=stage_ms, left_ms=left_ms, phase=Phase.RUNNING)

    def due(self) -> int | None:
        """When a customer acts next by itself."""
        return acting.due(self.content, self.state)

    def wait_until(self, stage_ms: int) -> None:
        """Time passes; customers do what is due, each at its own time."""
        while (due_ms := self.due()) is not None and due_ms <= stage_ms:
            self.now_ms = max(self.now_ms, due_ms)
            self.send(Due())
        self.now_ms = max(self.now_ms, stage_ms)

    def send(self, command: ChatCommand | Due) -> Refusal | None:
        """A command; the refusal, if any."""
        decided = decide(self.content, self.state, command, self.at(self.now_ms))
        if isinstance(decided, Refusal):
            return decided
        for event in decided:
            self.state = apply(self.content, self.state, event)
            self.history.append(Journalled(len(self.history) + 1, self.now_ms, self.now_ms, event))
        return None


def command_of(kind: str, /, **values: Any) -> dict[str, Any]:
    """A command as it goes over the wire."""
    return {"type": f"chat_sim.{kind}", **values}
