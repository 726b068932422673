"""A second module for tests: a customer who speaks every ten seconds of net time; it uses what dictation does not."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, TypeAdapter

from server.core.contract import (
    Command,
    Content,
    DemoPaper,
    Due,
    Facts,
    Files,
    Journalled,
    KeyLine,
    Part,
    Progress,
    ReceiptLine,
    Refusal,
    RobotAct,
    State,
)
from server.core.errors import Fault
from server.core.events import Event
from server.core.outcome import Criterion, Outcome, ProposedMark, Rubric
from server.core.phases import Moment
from server.core.text import Text

EVERY_MS = 10_000


class EchoContent(Content):
    """Nothing but a duration."""

    schema_version: Literal[1] = 1


class EchoState(State):
    """How often each side has spoken."""

    said: int = 0
    heard: int = 0


class Say(Command):
    """The contestant speaks."""

    type: Literal["echo.say"]


class Shout(Command):
    """Never accepted."""

    type: Literal["echo.shout"]


class Crash(Command):
    """Makes the module fail, as a faulty one would."""

    type: Literal["echo.crash"]


class Said(Event):
    """The contestant spoke."""

    type: Literal["echo.said"] = "echo.said"
    v: Literal[1] = 1


class CustomerSpoke(Event):
    """The customer spoke, by itself."""

    moments: ClassVar[frozenset[str]] = frozenset({"stage_ms"})

    type: Literal["echo.customer_spoke"] = "echo.customer_spoke"
    v: Literal[1] = 1
    stage_ms: int


EchoCommand = Annotated[Say | Shout | Crash, Field(discriminator="type")]
EchoEvent = Said | CustomerSpoke

_commands: TypeAdapter[Say | Shout | Crash] = TypeAdapter(EchoCommand)
_events: TypeAdapter[EchoEvent] = TypeAdapter(Annotated[EchoEvent, Field(discriminator="type")])


class Echo:
    """Satisfies `server.core.contract.ContestModule`."""

    name = "echo"
    title = Text(zh="回声", en="Echo")
    content_type = EchoContent
    state_type = EchoState
    state_version = 1
    command_type = EchoCommand
    seat_content_type = EchoContent
    seat_state_type = EchoState
    seat_live_type = EchoState
    sheet_type = EchoState
    author = None
    media = None

    def parse_event(self, raw: Mapping[str, Any]) -> EchoEvent:
        return _events.validate_python(raw)

    def parse_command(self, raw: Mapping[str, Any]) -> Say | Shout | Crash:
        return _commands.validate_python(raw)

    def check(self, content: EchoContent) -> list[Fault]:
        return []

    def files(self, content: EchoContent) -> frozenset[str]:
        return frozenset()

    def seat_content(self, content: EchoContent) -> EchoContent:
        return content

    def seat_state(self, content: EchoContent, state: EchoState) -> EchoState:
        return state

    def seat_live(self, content: EchoContent, state: EchoState) -> EchoState:
        return state

    def initial(self, content: EchoContent, seed: int) -> EchoState:
        return EchoState()

    def apply(self, content: EchoContent, state: EchoState, event: EchoEvent) -> EchoState:
        if isinstance(event, Said):
            return state.model_copy(update={"said": state.said + 1})
        return state.model_copy(update={"heard": state.heard + 1})

    def decide(
        self, content: EchoContent, state: EchoState, command: Say | Shout | Crash | Due, at: Moment
    ) -> list[EchoEvent] | Refusal:
        if isinstance(command, Crash):
            raise RuntimeError("a fault of the module")
        if isinstance(command, Shout):
            return Refusal()
        if isinstance(command, Say):
            return [Said()]
        return [CustomerSpoke(stage_ms=at.stage_ms)] if at.stage_ms >= self.due(content, state) else []

    def due(self, content: EchoContent, state: EchoState) -> int:
        return (state.heard + 1) * EVERY_MS

    def progress(self, content: EchoContent, state: EchoState) -> Progress:
        return Progress(done=state.said, total=state.said)

    def answers(self, content: EchoContent, state: EchoState) -> dict[str, Any]:
        return {"said": state.said}

    def receipt(self, content: EchoContent, state: EchoState) -> list[ReceiptLine]:
        return []

    async def measure(self, content: EchoContent, history: Sequence[Journalled[EchoEvent]], files: Files) -> Facts:
        return {}

    def score(self, content: EchoContent, history: Sequence[Journalled[EchoEvent]], facts: Facts) -> Outcome:
        said = min(10, sum(isinstance(entry.event, Said) for entry in history))
        mark = ProposedMark(criterion="said", marks=Decimal(said), max_marks=Decimal(10), working=Text(zh=str(said)))
        return Outcome(module="echo", scorer_version="1", policy={}, measures=(), marks=(mark,), sheet={})

    def history_of(self, content: EchoContent, answers: Mapping[str, Any]) -> list[Journalled[EchoEvent]]:
        return [Journalled(n + 1, 0, 0, Said()) for n in range(answers["said"])]

    def rubric(self, content: EchoContent) -> Rubric:
        said = Criterion(key="said", title=Text(zh="说话"), weight_pct=Decimal(100), marked_by="auto")
        return Rubric(module="echo", max_marks=Decimal(10), criteria=(said,))

    def again(self, content: EchoContent, outcome: Outcome) -> EchoContent | None:
        return None

    def parts(self, content: EchoContent) -> Sequence[Part]:
        return (Part(id="all", title=content.title),)

    def select(self, content: EchoContent, parts: Sequence[str], duration_ms: int) -> EchoContent:
        if set(parts) != {"all"}:
            raise ValueError(f"parts: {sorted(parts)}")
        return content.model_copy(update={"duration_ms": duration_ms})

    def key(self, content: EchoContent) -> Sequence[KeyLine]:
        return ()

    def with_key(self, content: EchoContent, accepted: Mapping[str, Sequence[str]]) -> EchoContent:
        if accepted:
            raise ValueError(f"{min(accepted)}: nothing is expected of an echo")
        return content

    def demo_papers(self) -> Sequence[DemoPaper]:
        return ()

    def robot(self, content: EchoContent, seed: int, skill: float) -> Sequence[RobotAct]:
        return [RobotAct(stage_ms=1_000 * n, command={"type": "echo.say"}) for n in range(1, 10)]


echo = Echo()
