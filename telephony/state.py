"""The state of a voice attempt: the fold of its events, JSON in and out. Net times in ms (stage time)."""

from typing import Literal

from server.core.contract import State
from server.core.frozen import Frozen
from server.core.media import DialogOutcome
from telephony.seat import CallPhase, Speaker, TextState

TroubleKind = Literal["no_sound", "no_packets", "clipping", "wrong_device", "no_microphone"]
CallKind = Literal["inbound", "outbound", "retell"]
LineCause = Literal["turn", "replay", "answered", "turn_ended", "silence", "patience", "decision", "source"]
RETELL = "retell"
"""Id of the one turn of a retell."""


class PlayState(Frozen):
    """A play of a call: which line, and why."""

    line: str
    cause: LineCause


class CustomerState(Frozen):
    """What the other side of an outbound call remembers."""

    asked: int = 0
    """Lines of the persona that have begun."""
    answered: tuple[int, ...] = ()
    """Numbers (1 and up) of the lines that were answered at the length that counts."""
    nudges: int = 0
    decided: DialogOutcome | None = None
    """Outcome whose ending is being said, or was."""
    leaving: bool = False
    """Patience has ended: the line hangs up after what is being said."""
    goodbye_by_ms: int | None = None
    """When the customer hangs up after the ending."""


class CallState(Frozen):
    """One call; `turn` and takes only in inbound calls and retells."""

    call_id: str
    part: str
    kind: CallKind
    phase: CallPhase
    began_ms: int
    since_ms: int
    answered_ms: int | None = None
    ends_by_ms: int | None = None
    ended_by: Literal["contestant", "customer", "time", "transfer", "close"] | None = None
    transferred_to: str = ""
    outcome: DialogOutcome | None = None
    seat_connection: int = 0
    """The seat's connection that is up; 0 for none."""
    seat_newest: int = 0
    """The newest connection of the seat that ever came up; likewise the role player's."""
    role_connection: int = 0
    role_newest: int = 0
    role_by: str = ""
    """Account id of the role player who took the call."""
    role_outcome: DialogOutcome | None = None
    muted: bool = False
    floor: Speaker = "nobody"
    floor_since_ms: int = 0
    plays: tuple[PlayState, ...] = ()
    played: int = 0
    """Plays that are over."""
    unheard: str = ""
    """Line whose play nobody heard to its end, until it is played again."""
    unheard_times: int = 0
    listens: int = 0
    """Plays of a retell's source that were heard, or are being heard."""
    turn: str | None = None
    turns_done: tuple[str, ...] = ()
    lines_begun: tuple[str, ...] = ()
    """Turns whose customer's line has begun once."""
    replays: dict[str, int] = {}
    takes: dict[str, int] = {}
    """Takes begun, by turn."""
    taking: bool = False
    take_since_ms: int = 0
    spoken_ms: int = 0
    """Speech in this take, or in this reply."""
    speaking_since_ms: int | None = None
    quiet_since_ms: int = 0
    """Since when the contestant owes the other side a word."""
    customer: CustomerState = CustomerState()
    trouble: tuple[TroubleKind, ...] = ()

    @property
    def up(self) -> bool:
        """Whether the call has not ended."""
        return self.phase != "ended"

    @property
    def talking(self) -> bool:
        """Whether both sides can speak: answered, not held, not over."""
        return self.phase == "talking"

    @property
    def playing(self) -> bool:
        """Whether a line is on its way, or is being heard."""
        return self.played < len(self.plays)

    @property
    def heard_since_ms(self) -> int:
        """Since when speech counts for this take, or for this reply."""
        return self.take_since_ms if self.taking else self.floor_since_ms

    @property
    def listened_to(self) -> bool:
        """Whether what the contestant says belongs to a take, or to a reply."""
        return self.taking or (self.talking and self.floor == "contestant")

    def spoken_until(self, now_ms: int) -> int:
        """Speech of this take or reply so far, what is being said included (ms)."""
        if self.speaking_since_ms is None:
            return self.spoken_ms
        return self.spoken_ms + max(0, now_ms - max(self.speaking_since_ms, self.heard_since_ms))


class MemberState(Frozen):
    """A member that was registered."""

    part: str
    name: str
    id_number: str
    package: str


class RecordState(Frozen):
    """What the contestant did with a record."""

    verified: bool = False
    suspended: bool = False
    after_sales: bool = False
    address: str | None = None


class DeskState(Frozen):
    """知识库 and 业务系统: what is shown, what was found before, what was done."""

    query: str = ""
    hits: tuple[str, ...] = ()
    article: str | None = None
    found_articles: tuple[str, ...] = ()
    record_query: str = ""
    record_hits: tuple[str, ...] = ()
    record: str | None = None
    found_records: tuple[str, ...] = ()
    opened_records: tuple[str, ...] = ()
    records: dict[str, RecordState] = {}
    members: tuple[MemberState, ...] = ()
    searches: int = 0
    look_ups: int = 0


class TelephonyState(State):
    """Texts by part and field, calls in order, the desk, how often input was blocked."""

    texts: dict[str, dict[str, TextState]] = {}
    current: str = ""
    """The part that is open; "" before the first."""
    calls: tuple[CallState, ...] = ()
    desk: DeskState = DeskState()
    blocked: int = 0

    def call(self, call_id: str) -> CallState | None:
        """The call of this id."""
        return next((call for call in self.calls if call.call_id == call_id), None)

    def call_up(self) -> CallState | None:
        """The call that has not ended: one at most."""
        return next((call for call in self.calls if call.up), None)

    def calls_of(self, part_id: str) -> tuple[CallState, ...]:
        """Calls of a part, oldest first."""
        return tuple(call for call in self.calls if call.part == part_id)

    def text(self, part_id: str, field: str) -> str:
        """What stands in a field."""
        found = self.texts.get(part_id, {}).get(field)
        return "" if found is None else found.text
