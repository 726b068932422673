"""Frames between the server and a media worker: JSON, one a line, over an authenticated local channel.

The worker listens on loopback; the server connects, says Join with the worker's token, then sends plans. Reports are
kept by the worker until Taken, so that a server that was away, or died, misses none; levels are not.
"""

from typing import Annotated, Literal

from pydantic import Field, RootModel

from server.core.frozen import Frozen
from server.core.media import CallPlan, Leg, MediaReport

CHANNEL = 1
"""Version of this protocol; a worker of another is replaced as soon as it has no call."""


class PlanFile(Frozen):
    """Where the recording of a play lies on this machine."""

    sha256: str
    path: str


class Join(Frozen):
    """First frame of the server: proves itself, tells its clock (UTC epoch ms) and what it has taken of reports."""

    type: Literal["join"] = "join"
    channel: int = CHANNEL
    token: str
    now_ms: int


class Perform(Frozen):
    """All calls of one attempt that are up now; those that are not named have ended and are closed."""

    type: Literal["perform"] = "perform"
    attempt_id: str
    plans: tuple[CallPlan, ...]
    files: tuple[PlanFile, ...] = ()


class Offer(Frozen):
    """A browser wants to connect to a call; the same leg's older connection ends when this one is up."""

    type: Literal["offer"] = "offer"
    request_id: str
    attempt_id: str
    call_id: str
    leg: Leg
    connection: int = Field(ge=1)
    sdp: str


class Listen(Frozen):
    """Somebody listens in: hears both sides, is heard by nobody, is told to nobody by the media."""

    type: Literal["listen"] = "listen"
    request_id: str
    listener_id: str
    attempt_id: str
    call_id: str
    sdp: str


class EndListening(Frozen):
    """That listener goes."""

    type: Literal["end_listening"] = "end_listening"
    listener_id: str


class Taken(Frozen):
    """Reports up to and with `number` are durable."""

    type: Literal["taken"] = "taken"
    number: int = Field(ge=0)


class Retire(Frozen):
    """Close everything and end."""

    type: Literal["retire"] = "retire"


class ToWorker(
    RootModel[Annotated[Join | Perform | Offer | Listen | EndListening | Taken | Retire, Field(discriminator="type")]]
):
    """Whatever the server may send."""


class Joined(Frozen):
    """Answer to Join: who the worker is, and the calls that it has up."""

    type: Literal["joined"] = "joined"
    channel: int = CHANNEL
    worker_id: str
    pid: int
    calls: tuple[tuple[str, str], ...]
    """(attempt id, call id)."""


class Answered(Frozen):
    """Answer to Offer or Listen: the worker's SDP, or why there is none."""

    type: Literal["answered"] = "answered"
    request_id: str
    sdp: str = ""
    fault: str = ""


class Reported(Frozen):
    """What happened in a call at `at_ms` by the server's clock (UTC epoch ms); sent until taken.

    `number` counts the reports of one worker's life, `worker_id` names that life: both together are the report's id.
    """

    type: Literal["reported"] = "reported"
    number: int = Field(ge=1)
    worker_id: str
    attempt_id: str
    call_id: str
    at_ms: int
    report: MediaReport


class CallClosed(Frozen):
    """Everything of the call is in its journals, which will not grow; counted among the reports."""

    type: Literal["call_closed"] = "call_closed"
    number: int = Field(ge=1)
    worker_id: str
    attempt_id: str
    call_id: str


class CallLevel(Frozen):
    """How loud both sides of a call were at most since the last Levels, dBFS (-127 to 0; -127 is nothing)."""

    attempt_id: str
    call_id: str
    agent_dbfs: int = Field(ge=-127, le=0)
    customer_dbfs: int = Field(ge=-127, le=0)
    connected: bool
    packets_lost: int = Field(ge=0)


class Levels(Frozen):
    """Every half second; may be lost."""

    type: Literal["levels"] = "levels"
    calls: tuple[CallLevel, ...]
    late_ms: int = Field(ge=0)
    """How late the 20 ms ticker was at most."""


class FromWorker(RootModel[Annotated[Joined | Answered | Reported | CallClosed | Levels, Field(discriminator="type")]]):
    """Whatever a worker may send."""
