"""The contract of a contest module: know one, know all (architecture section 2)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Literal, Protocol, TypeAlias, TypeVar

from pydantic import BaseModel, Field

from server.core.errors import Fault, Problem
from server.core.events import Event
from server.core.frozen import Frozen
from server.core.outcome import Outcome, Rubric
from server.core.phases import Moment
from server.core.text import Text

if TYPE_CHECKING:
    from server.core.authoring import AnyAuthor
    from server.core.media import AnyMediaSide


class Content(Frozen):
    """Base of every module's task content; it is journalled by SHA-256 and never changed."""

    schema_version: int
    title: Text
    duration_ms: int = Field(gt=0, le=24 * 3600 * 1000)


class State(Frozen):
    """Base of a module's state: the fold of its events; JSON in and out, so that it can be snapshot."""


class Command(Frozen):
    """Base of what a seat asks for; subclasses fix `type`."""

    type: str


class Due(Command):
    """Submitted by the core, never by a seat, when the net time reaches what `due` said."""

    type: Literal["due"] = "due"


class Refusal(Problem):
    """A command the module can't accept now; returned by `decide`, shown to the contestant."""

    status: ClassVar[int] = 409
    code: ClassVar[str] = "refused"
    title: ClassVar[Text] = Text(zh="不能进行此操作", en="Refused")


class ReceiptLine(Frozen):
    """One countable fact on the receipt of a hand-in."""

    title: Text
    value: str


class Progress(Frozen):
    """How far a contestant is: parts with an answer, of all parts."""

    done: int = Field(ge=0)
    total: int = Field(ge=0)


class Part(Frozen):
    """A part of a content that can be chosen for a lesson."""

    id: str
    title: Text


class KeyLine(Frozen):
    """One expected answer: `accepted[0]` is the answer, the rest counts as well."""

    path: str
    title: Text
    accepted: tuple[str, ...]


C = TypeVar("C", bound=Content)
S = TypeVar("S", bound=State)
E = TypeVar("E", bound=Event)
K = TypeVar("K", bound=Command)
E_co = TypeVar("E_co", bound=Event, covariant=True)


@dataclass(frozen=True, slots=True)
class Journalled(Generic[E_co]):
    """One module event with its place in the stream, the UTC and the net time (ms) at which it happened."""

    seq: int
    at_ms: int
    stage_ms: int
    event: E_co


class RobotAct(Frozen):
    """What a robot contestant sends at a net time (ms): a command as it goes over the wire."""

    stage_ms: int = Field(ge=0)
    command: dict[str, Any]


@dataclass(frozen=True, slots=True)
class DemoPaper:
    """A paper that ships with the module: its JSON file, with the files it names beside it."""

    kind: Literal["warmup", "lesson", "contest"]
    path: Path


Facts: TypeAlias = Mapping[str, Any]
Files: TypeAlias = Mapping[str, Path]


class ContestModule(Protocol[C, S, E, K]):
    """One contest module (竞赛模块). All but `measure` is pure: no clock, no I/O, no unseeded chance."""

    @property
    def name(self) -> str:
        """Equal to the package and to the entry point."""
        ...

    @property
    def title(self) -> Text:
        """For people."""
        ...

    @property
    def content_type(self) -> type[C]:
        """The content's schema."""
        ...

    @property
    def state_type(self) -> type[S]:
        """The state's schema, for snapshots."""
        ...

    @property
    def state_version(self) -> int:
        """Raised whenever `apply` makes something else of the same events, so that old snapshots are not used."""
        ...

    @property
    def command_type(self) -> Any:
        """The union of the module's commands, for the wire's schema; likewise the next three."""
        ...

    @property
    def seat_content_type(self) -> type[BaseModel]:
        """What `seat_content` returns."""
        ...

    @property
    def seat_state_type(self) -> type[BaseModel]:
        """What `seat_state` returns."""
        ...

    @property
    def seat_live_type(self) -> type[BaseModel] | None:
        """What `seat_live` returns; None if nothing of the state changes but by the page's own acts."""
        ...

    @property
    def sheet_type(self) -> type[BaseModel]:
        """The shape of `Outcome.sheet`."""
        ...

    def parse_event(self, raw: Mapping[str, Any]) -> E:
        """A journalled payload as an event of today, older versions raised by upcasters."""
        ...

    def parse_command(self, raw: Mapping[str, Any]) -> K:
        """A command from the wire; raises pydantic.ValidationError."""
        ...

    def check(self, content: C) -> list[Fault]:
        """The linter: everything doubtful in a well-formed content."""
        ...

    def files(self, content: C) -> frozenset[str]:
        """SHA-256 of every file the seat needs."""
        ...

    def seat_content(self, content: C) -> BaseModel:
        """What a contestant may see of the content: never an answer."""
        ...

    def seat_state(self, content: C, state: S) -> BaseModel:
        """What a page needs to go on where another stopped."""
        ...

    def seat_live(self, content: C, state: S) -> BaseModel | None:
        """What is pushed to the page whenever it changes: small, and no secret."""
        ...

    def initial(self, content: C, seed: int) -> S:
        """The state before the first event."""
        ...

    def apply(self, content: C, state: S, event: E) -> S:
        """The state after an event; never fails for an event `decide` made."""
        ...

    def decide(self, content: C, state: S, command: K | Due, at: Moment) -> list[E] | Refusal:
        """Events that a command causes, or the refusal; raises nothing."""
        ...

    def due(self, content: C, state: S) -> int | None:
        """Net time (ms) at which the core shall submit `Due` next; None for never."""
        ...

    def progress(self, content: C, state: S) -> Progress:
        """For the contestant's overview and the board."""
        ...

    def answers(self, content: C, state: S) -> dict[str, Any]:
        """All answers as JSON; their canonical SHA-256 stands on the receipt."""
        ...

    def receipt(self, content: C, state: S) -> list[ReceiptLine]:
        """Counts shown when the work has been handed in."""
        ...

    async def measure(self, content: C, history: Sequence[Journalled[E]], files: Files) -> Facts:
        """Impure facts from files; versioned, journalled by the caller."""
        ...

    def score(self, content: C, history: Sequence[Journalled[E]], facts: Facts) -> Outcome:
        """The automatic outcome."""
        ...

    def history_of(self, content: C, answers: Mapping[str, Any]) -> list[Journalled[E]]:
        """A history that ends with these answers: re-scoring offline (`ccss score`)."""
        ...

    def rubric(self, content: C) -> Rubric:
        """The default 评分表."""
        ...

    def again(self, content: C, outcome: Outcome) -> C | None:
        """错题再练: a content of what went wrong; None if nothing did."""
        ...

    def parts(self, content: C) -> Sequence[Part]:
        """What a trainer can choose from for a lesson, in order."""
        ...

    def select(self, content: C, parts: Sequence[str], duration_ms: int) -> C:
        """A content of these parts (at least one, all of the content), with its own duration."""
        ...

    def key(self, content: C) -> Sequence[KeyLine]:
        """Every expected answer that can be corrected after the contest."""
        ...

    def with_key(self, content: C, accepted: Mapping[str, Sequence[str]]) -> C:
        """The content with other expected answers, by path; what a contestant saw stays the same.

        Raises ValueError, naming the path, for an unknown path or an answer that can't be one.
        """
        ...

    @property
    def author(self) -> "AnyAuthor | None":
        """The authoring side; None if tasks of this module can only be imported as papers."""
        ...

    @property
    def media(self) -> "AnyMediaSide | None":
        """Live sound; None where a module has none."""
        ...

    def demo_papers(self) -> Sequence[DemoPaper]:
        """Papers for the demo and for a first practice."""
        ...

    def robot(self, content: C, seed: int, skill: float) -> Sequence[RobotAct]:
        """How a robot takes this content: human pace, errors by `skill` (0 to 1); the same for equal arguments."""
        ...


AnyModule: TypeAlias = ContestModule[Any, Any, Any, Any]
