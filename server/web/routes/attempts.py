"""One attempt: its state, outcome, files, time line, and staff's answer to a raised hand."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import FileResponse

from server.attempts.schemas import AttemptView, EventView
from server.core.errors import NotFound, StageNotRunning
from server.core.media_types import OGG, PNG, WEBP, media_type_of
from server.results.schemas import OutcomeView
from server.web.context import Served, Who, language_of
from server.web.files import TaskFile
from server.web.sheets import XLSX, download

router = APIRouter(prefix="/attempts/{attempt_id}", tags=["attempts"])


@router.get("")
async def attempt(attempt_id: str, who: Who, services: Served) -> AttemptView:
    """The attempt as its contestant sees it."""
    return await services.attempts.view(await services.attempts.visible(who, attempt_id))


@router.get("/outcome.xlsx", response_class=Response, responses=XLSX)
async def outcome_workbook(attempt_id: str, who: Who, services: Served, request: Request) -> Response:
    """The same as a workbook, under the contestant's name."""
    name, body = await services.results.workbook(who, attempt_id, language_of(request))
    return download(name, body)


@router.get("/outcome")
async def outcome(attempt_id: str, who: Who, services: Served) -> OutcomeView:
    """The automatic outcome after the hand-in."""
    return await services.results.outcome(who, attempt_id)


@router.get("/content")
async def content(attempt_id: str, who: Who, services: Served) -> dict[str, Any]:
    """What the contestant sees of the task, from the start on: titles and labels, never an answer."""
    live = await services.attempts.followed(who, attempt_id)
    if live.core.started_ms is None:
        raise StageNotRunning
    return live.module.seat_content(live.content).model_dump(mode="json", by_alias=True)


@router.get("/events")
async def events(attempt_id: str, who: Who, services: Served) -> list[EventView]:
    """The time line: every journalled event."""
    return await services.attempts.timeline(who, attempt_id)


@router.get(
    "/files/{sha256}",
    response_class=FileResponse,
    responses={
        200: {"content": {OGG: {}, PNG: {}, WEBP: {}}},
        206: {"description": "A byte range"},
    },
)
async def file(
    attempt_id: str,
    sha256: Annotated[str, Path(pattern="^[0-9a-f]{64}$")],
    who: Who,
    services: Served,
) -> TaskFile:
    """A file of the task, from the start on; byte ranges are served."""
    live = await services.attempts.visible(who, attempt_id)
    if live.core.started_ms is None:
        raise StageNotRunning
    if sha256 not in live.module.files(live.content):
        raise NotFound
    path = await services.blobs.path(sha256)
    return TaskFile(path, media_type_of(path))


@router.post("/help/close", status_code=204)
async def close_help(attempt_id: str, who: Who, services: Served) -> None:
    """Staff has dealt with a raised hand."""
    await services.attempts.close_help(who, attempt_id)
