"""Live media between a pure module and whatever carries sound: plans go out, reports come back."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal, Protocol, TypeVar

from pydantic import Field

from server.core.events import Event
from server.core.frozen import Frozen
from server.core.phases import Moment
from server.core.text import Text

CALL_ID = r"^[A-Za-z0-9_-]{1,32}\.[0-9]{1,3}$"
"""A call is known by its part and a number within it ("in1.1"); unique within its attempt."""
Leg = Literal["seat", "role_player"]
"""Whose browser a media connection belongs to."""
DialogOutcome = Literal["deal", "interest", "refusal"]
"""成交, 意向, 拒绝."""
VoiceTrouble = Literal["no_sound", "no_packets", "clipping", "wrong_device", "no_microphone"]
"""What can be wrong with the contestant's sound: the first two are seen by media, the others by the page."""


class Play(Frozen):
    """The `n`th recording (by SHA-256, its length in ms) that the other side of a call says, 1 and up."""

    n: int = Field(ge=1)
    sha256: str
    duration_ms: int


class CallPlan(Frozen):
    """What a call needs of the media now; derived from state, so that it can be made again anywhere."""

    call_id: str = Field(pattern=CALL_ID)
    speech_due: bool
    """The contestant is expected to speak: 3 s without sound are an alarm."""
    held: bool = False
    """保持: the contestant's sound is kept from a role player."""
    bridged: bool = False
    """A role player takes the other side; there are no plays."""
    plays: tuple[Play, ...] = ()
    """Everything the other side has said or is to say, in order; each is played once."""
    played: int = Field(default=0, ge=0)
    """Plays up to and with this one are over: a worker that begins anew goes on after it."""


class LegUp(Frozen):
    """Sound can pass between a browser and the server; `connection` counts those of this leg, 1 and up."""

    type: Literal["leg_up"] = "leg_up"
    leg: Leg
    connection: int = Field(ge=1)


class LegDown(Frozen):
    """A media connection has ended."""

    type: Literal["leg_down"] = "leg_down"
    leg: Leg
    connection: int = Field(ge=1)


class SpeechBegan(Frozen):
    """Somebody has begun to speak."""

    type: Literal["speech_began"] = "speech_began"
    leg: Leg


class SpeechEnded(Frozen):
    """Somebody has stopped: the speech was `spoken_ms` long and ended `ago_ms` before this report."""

    type: Literal["speech_ended"] = "speech_ended"
    leg: Leg
    spoken_ms: int = Field(ge=0)
    ago_ms: int = Field(ge=0)


class PlayBegan(Frozen):
    """The first sample of a play has gone out."""

    type: Literal["play_began"] = "play_began"
    n: int = Field(ge=1)


class PlayEnded(Frozen):
    """The last sample of a play has gone out; not `heard` if nobody was connected, or the file could not be read."""

    type: Literal["play_ended"] = "play_ended"
    n: int = Field(ge=1)
    heard: bool = True


class Trouble(Frozen):
    """Something is wrong with the contestant's sound, or is right again.

    no_sound: silence for 3 s where speech is due; no_packets: nothing arrives for 3 s.
    """

    type: Literal["trouble"] = "trouble"
    kind: Literal["no_sound", "no_packets"]
    began: bool


class RoleActed(Frozen):
    """A role player (account id) did something: took the call, said how it ended, or hung up."""

    type: Literal["role_acted"] = "role_acted"
    by: str
    act: Literal["answer", "outcome", "hang_up"]
    outcome: DialogOutcome | None = None


MediaReport = Annotated[
    LegUp | LegDown | SpeechBegan | SpeechEnded | PlayBegan | PlayEnded | Trouble | RoleActed,
    Field(discriminator="type"),
]


class Marker(Frozen):
    """A stretch of a call that can be jumped to, and be masked; UTC epoch ms, `until_ms` None while it lasts."""

    kind: Literal["turn", "take", "line", "hold", "mute", "look_up", "act", "trouble", "pause"]
    at_ms: int
    until_ms: int | None
    ref: str
    """What of the task it belongs to: a turn, a line, a record; "" for none."""
    title: Text
    text: str = ""
    """What stands beside it: the 话术 of the turn, the customer's line."""
    superseded: bool = False
    """A take that was recorded anew."""


class CallRecord(Frozen):
    """One call of an attempt as its history tells it; UTC epoch ms."""

    call_id: str
    part: str
    title: Text
    live: bool
    """Somebody listened and answered: measures of silence and speech mean something."""
    began_ms: int
    ended_ms: int | None
    markers: tuple[Marker, ...] = ()


class CallStanding(Frozen):
    """How the call of a place stands now, for those who watch."""

    call_id: str
    title: Text
    phase: Literal["ringing", "dialling", "talking", "held"]
    since_ms: int
    """Net time at which the phase began."""
    muted: bool
    floor: Literal["customer", "contestant", "nobody"]
    troubles: tuple[VoiceTrouble, ...]
    answered_ms: int | None = None
    """Net time of the answer; likewise, the latest end of the conversation."""
    ends_by_ms: int | None = None
    outcome: DialogOutcome | None = None
    """As the role player has said so far."""
    seat_connection: int = 0
    """The newest connection of that leg, 0 for none yet; likewise."""
    role_connection: int = 0


class RolePrompt(Frozen):
    """A line that a role player should bring in."""

    id: str
    title: Text
    text: str


class RoleCard(Frozen):
    """What a role player sees: who to be, what to bring up, when to agree."""

    title: Text
    profile: str
    opening: str
    prompts: tuple[RolePrompt, ...]
    rule: str


class ModelLine(Frozen):
    """The reference wording of what a marker refers to (`Marker.ref`)."""

    ref: str
    title: Text
    text: str


class RobotSound(Frozen):
    """What media would see of a robot at a net time (ms): a report, or something it says.

    `file` lies beside the module's demo papers and is played with `gain_db`, clipped where that is too much; None
    is silence. Either way it is `duration_ms` long.
    """

    stage_ms: int = Field(ge=0)
    call_id: str = Field(pattern=CALL_ID)
    report: MediaReport | None = None
    speaks: bool = False
    file: str | None = None
    duration_ms: int = Field(default=0, ge=0)
    gain_db: float = 0.0


C_contra = TypeVar("C_contra", contravariant=True)
S_contra = TypeVar("S_contra", contravariant=True)


class MediaSide(Protocol[C_contra, S_contra]):
    """What a module with live sound adds to its contract. Pure, as all of it."""

    def plans(self, content: C_contra, state: S_contra) -> Sequence[CallPlan]:
        """The calls that are up now."""
        ...

    def standing(self, content: C_contra, state: S_contra) -> CallStanding | None:
        """The call that is up now; None if there is none."""
        ...

    def reported(
        self, content: C_contra, state: S_contra, call_id: str, report: MediaReport, at: Moment
    ) -> Sequence[Event]:
        """Events that a report causes; none for a call that is over, or unknown. Raises nothing."""
        ...

    def calls(self, content: C_contra, history: Sequence[Any], closed_ms: int | None) -> Sequence[CallRecord]:
        """Every call of a history of `Journalled`; one that was up at the close (UTC epoch ms) ended then."""
        ...

    def models(self, content: C_contra) -> Sequence[ModelLine]:
        """Reference wordings, for comparison after a practice round."""
        ...

    def role_card(self, content: C_contra, state: S_contra, call_id: str) -> RoleCard | None:
        """What the role player of a call sees; None if it has none."""
        ...

    def robot_sounds(self, content: C_contra, seed: int, skill: float) -> Sequence[RobotSound]:
        """What goes with `ContestModule.robot` of equal arguments, by net time."""
        ...


AnyMediaSide = MediaSide[Any, Any]
