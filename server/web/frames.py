"""Frames of /ws: discriminated unions, declared as OpenAPI webhooks so that the front end gets their types."""

from typing import Annotated, Any, Literal

from pydantic import Field, RootModel

from server.attempts.schemas import AttemptView
from server.core.errors import ProblemBody
from server.core.frozen import Frozen

PROTOCOL = 1
MAX_FRAME_BYTES = 64 * 1024


class Hello(Frozen):
    """First frame of a page: which attempt, who the page is, and the last sequence number it has seen."""

    type: Literal["hello"]
    protocol: int
    attempt_id: str = Field(max_length=64)
    page: str = Field(min_length=8, max_length=64)
    """Random, the page's own, kept over reloads (sessionStorage): a different one takes the lease over."""
    after: int | None = Field(default=None, ge=0)
    epoch: int | None = Field(default=None, ge=1)
    """The epoch this page held when its line broke; if another page has taken over since, it gets `stale`."""


class SendCommand(Frozen):
    """A command with the page's own id; it may come any number of times and is applied once."""

    type: Literal["command"]
    id: str = Field(min_length=8, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")
    epoch: int = Field(ge=1)
    stamp_ms: int = Field(ge=0, le=2**53)
    """When it happened by the page's estimate of server time, UTC epoch ms."""
    command: dict[str, Any]


class Ping(Frozen):
    """Clock probe; `sent` is returned as it came."""

    type: Literal["ping"]
    sent: float = Field(ge=0, le=2**53, allow_inf_nan=False)
    wall_ms: int | None = Field(default=None, ge=0, le=2**53)
    """The machine's own clock, UTC epoch ms: its offset is shown on the board."""
    rtt_ms: int | None = Field(default=None, ge=0, le=2**31)
    """Best round trip so far."""
    queued: int = Field(default=0, ge=0, le=2**31)
    """Commands that the page still keeps."""
    unsent_ms: int = Field(default=0, ge=0, le=2**53)
    """Sound that this machine still has to upload, ms."""
    ends_ms: int | None = Field(default=None, ge=0, le=2**53)
    """The end that the page counts down to: a changed end is acknowledged by it."""


class SeatFrame(RootModel[Annotated[Hello | SendCommand | Ping, Field(discriminator="type")]]):
    """Whatever a page may send."""


class Welcome(Frozen):
    """Answer to hello, and sent once more when the task opens at the start.

    `content` and `state` are null before the start, and when `after` of the hello is still the newest.
    """

    type: Literal["welcome"] = "welcome"
    epoch: int
    seq: int
    attempt: AttemptView
    content: dict[str, Any] | None
    state: dict[str, Any] | None
    live: dict[str, Any] | None = None
    """What is pushed by Live, where the module has such."""


class Acked(Frozen):
    """The command is durable: its events, if any, stand at or before `seq`."""

    type: Literal["acked"] = "acked"
    id: str
    seq: int
    server_ms: int
    repeated: bool


class Refused(Frozen):
    """The command (`id`), or the frame (null), was not accepted; resend only if `problem.retry`."""

    type: Literal["refused"] = "refused"
    id: str | None
    problem: ProblemBody


class Changed(Frozen):
    """Phase, end, help or receipt changed."""

    type: Literal["changed"] = "changed"
    seq: int
    attempt: AttemptView


class Live(Frozen):
    """What happened in the task by itself, or by another's act: the module's `seat_live` as it stands at `seq`."""

    type: Literal["live"] = "live"
    seq: int
    server_ms: int
    stage_ms: int
    """Net time at `server_ms`: times in `live` are net."""
    live: dict[str, Any]

    @staticmethod
    def text(seq: int, server_ms: int, stage_ms: int, live: str) -> str:
        """The frame as it goes over the wire, around what is JSON already: a hall gets hundreds at one moment."""
        return f'{{"type":"live","seq":{seq},"server_ms":{server_ms},"stage_ms":{stage_ms},"live":{live}}}'


class Stale(Frozen):
    """Another page has the lease now; this one must stop."""

    type: Literal["stale"] = "stale"


class Pong(Frozen):
    """Answer to ping with the server's time, UTC epoch ms."""

    type: Literal["pong"] = "pong"
    sent: float
    server_ms: int


class ServerFrame(
    RootModel[Annotated[Welcome | Acked | Refused | Changed | Live | Stale | Pong, Field(discriminator="type")]]
):
    """Whatever the server may send."""
