"""Live calls: browsers connect to them, role players take a side, the chief referee listens in."""

from typing import Annotated

from fastapi import APIRouter, Path

from server.calls.schemas import Listening, MediaAnswer, MediaOffer, RoleAct, RoleCallView, RoleDesk, SeatOffer
from server.core.media import CALL_ID
from server.web.context import Served, Who
from server.web.problems import refusals

router = APIRouter(
    tags=["calls"],
    responses=refusals(
        {
            410: "The call is over, or another page has it",
            423: "The stage is not running",
            503: "Media is away: try again",
        }
    ),
)

CallId = Annotated[str, Path(pattern=CALL_ID)]


@router.post("/attempts/{attempt_id}/calls/{call_id}/connection")
async def connect(attempt_id: str, call_id: CallId, body: SeatOffer, who: Who, services: Served) -> MediaAnswer:
    """The contestant's browser comes into its own call: SDP offer with all candidates in, SDP answer likewise out.

    `call-over` (410), `no-such-call` (404), `stale-lease` (410), `sdp-unusable` (422), `media-away` (503, try again).
    """
    return await services.calls.connect(who, attempt_id, call_id, body)


@router.get("/role/calls")
async def role_calls(who: Who, services: Served) -> list[RoleCallView]:
    """Calls whose other side the asker may take, oldest first; never a name."""
    return await services.calls.roles.calls(who)


@router.get("/role/calls/{attempt_id}/{call_id}")
async def role_desk(attempt_id: str, call_id: CallId, who: Who, services: Served) -> RoleDesk:
    """Card and state of a call; whoever opens it first has it, and keeps it by asking every few seconds."""
    return await services.calls.roles.desk(who, attempt_id, call_id)


@router.post("/role/calls/{attempt_id}/{call_id}/connection")
async def role_connect(attempt_id: str, call_id: CallId, body: MediaOffer, who: Who, services: Served) -> MediaAnswer:
    """The role player's browser comes into the call."""
    return await services.calls.roles.connect(who, attempt_id, call_id, body)


@router.post("/role/calls/{attempt_id}/{call_id}/acts", status_code=204)
async def role_act(attempt_id: str, call_id: CallId, body: RoleAct, who: Who, services: Served) -> None:
    """The role player takes the call, says how it ended, or hangs up; journalled on return."""
    await services.calls.roles.act(who, attempt_id, call_id, body)


@router.post("/contests/{contest_id}/attempts/{attempt_id}/listen")
async def listen(contest_id: str, attempt_id: str, body: MediaOffer, who: Who, services: Served) -> Listening:
    """监听: both sides of the call that is up, inaudibly; journalled before a sound is heard.

    The offer has two receive-only audio sections: the contestant, then the other side.
    """
    return await services.calls.listeners.listen(who, contest_id, attempt_id, body)


@router.delete("/contests/{contest_id}/attempts/{attempt_id}/listen/{listener_id}", status_code=204)
async def end_listening(contest_id: str, attempt_id: str, listener_id: str, who: Who, services: Served) -> None:
    """Hear no more; harmless if it has ended already."""
    await services.calls.listeners.end(who, contest_id, attempt_id, listener_id)
