"""What browsers say about live calls."""

from pydantic import Field

from server.core.frozen import Frozen
from server.core.media import DialogOutcome, RoleCard
from server.core.text import Text

MAX_SDP = 20_000


class MediaOffer(Frozen):
    """A browser's SDP offer; `connection` counts its connections to this call, 1 and up."""

    sdp: str = Field(min_length=10, max_length=MAX_SDP)
    connection: int = Field(ge=1, le=1_000)


class SeatOffer(MediaOffer):
    """The contestant's own; `epoch` is the lease's, as it goes with commands."""

    epoch: int = Field(ge=1)


class MediaAnswer(Frozen):
    """The server's SDP answer."""

    sdp: str


class RoleCallView(Frozen):
    """A call whose other side the asker may take; no name, so that the role player can't know whom they hear."""

    attempt_id: str
    call_id: str
    title: Text
    place: str
    """Label of the place in a lesson or practice; "" in a contest."""
    now_ms: int
    """The server's time, UTC epoch ms."""
    since_ms: int
    """UTC epoch ms."""
    taken: bool
    mine: bool


class RoleDesk(Frozen):
    """A role player's page: the card, and how the call stands."""

    now_ms: int
    """The server's time, UTC epoch ms."""
    card: RoleCard
    phase: str
    answered_ms: int | None
    ends_by_ms: int | None
    """UTC epoch ms."""
    outcome: DialogOutcome | None


class RoleAct(Frozen):
    """What a role player does."""

    act: str = Field(pattern=r"^(answer|outcome|hang_up)$")
    outcome: DialogOutcome | None = None


class Listening(Frozen):
    """The answer to whoever listens in; `listener_id` ends it."""

    listener_id: str
    sdp: str
