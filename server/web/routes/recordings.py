"""Recordings: what seats upload of themselves, replay, sound, peaks, remarks."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Request
from fastapi.responses import FileResponse, StreamingResponse

from server.recordings.schemas import (
    CHUNK_BYTES,
    CommentView,
    FinishUpload,
    NewComment,
    NewRecorder,
    Peaks,
    RecorderView,
    ReplayView,
    UploadState,
)
from server.recordings.uploads import WrongToken
from server.speech import wav
from server.web.context import Served, Who
from server.web.files import ASK_AGAIN, TaskFile
from server.web.uploads import read_body

router = APIRouter(tags=["recordings"])

Id = Annotated[str, Path(pattern="^[0-9a-z]{26}$")]
Number = Annotated[int, Path(ge=0, le=1_000_000)]
Sha256 = Annotated[str, Header(pattern="^[0-9a-fA-F]{64}$")]
_RANGES: dict[int | str, dict[str, Any]] = {
    200: {"content": {"audio/ogg": {}}},
    206: {"description": "A byte range"},
}


async def _recorder(recorder_id: Id, services: Served, authorization: Annotated[str, Header()] = "") -> Any:
    """By its token alone: whoever is logged in at the machine by then does not matter."""
    kind, _, token = authorization.partition(" ")
    if kind.lower() != "bearer" or not token:
        raise WrongToken
    return await services.uploads.admit(recorder_id, token.strip())


Recorder = Annotated[Any, Depends(_recorder)]


@router.post("/attempts/{attempt_id}/recorders", status_code=201)
async def open_recorder(attempt_id: str, body: NewRecorder, who: Who, services: Served) -> RecorderView:
    """A recorder for a call of the own attempt; its token uploads without a log-in."""
    return await services.uploads.open(who, attempt_id, body)


@router.get("/uploads/{recorder_id}")
async def upload_state(recorder: Recorder, services: Served) -> UploadState:
    """Which chunks are durable here."""
    return await services.uploads.state(recorder)


@router.put(
    "/uploads/{recorder_id}/{number}",
    status_code=204,
    openapi_extra={"requestBody": {"required": True, "content": {"application/octet-stream": {}}}},
)
async def put_chunk(
    number: Number, recorder: Recorder, request: Request, services: Served, x_content_sha256: Sha256
) -> None:
    """A chunk, durable when this answers; the same again is harmless."""
    await services.uploads.put(recorder, number, await read_body(request, CHUNK_BYTES), x_content_sha256)


@router.post("/uploads/{recorder_id}/finish")
async def finish_upload(body: FinishUpload, recorder: Recorder, services: Served) -> UploadState:
    """The recorder has stopped after so many chunks; what is missing may still come."""
    return await services.uploads.finish(recorder, body)


@router.get("/attempts/{attempt_id}/replay")
async def replay(attempt_id: str, who: Who, services: Served) -> ReplayView:
    """The replay page of an attempt."""
    return await services.recordings.replay(who, attempt_id)


@router.get("/recordings/{recording_id}/sound", response_class=FileResponse, responses=_RANGES)
async def sound(recording_id: Id, who: Who, services: Served) -> TaskFile:
    """The sealed recording, Ogg Opus, agent left, customer right; byte ranges are served."""
    return TaskFile(await services.recordings.sound(who, recording_id), "audio/ogg", ASK_AGAIN)


@router.get(
    "/recordings/{recording_id}/wav",
    response_class=StreamingResponse,
    responses={200: {"content": {"audio/wav": {}}}},
)
async def wav_export(recording_id: Id, who: Who, services: Served) -> StreamingResponse:
    """The same decoded on demand: WAV, 48 kHz, 16 bit, stereo."""
    path = await services.recordings.sound(who, recording_id)
    headers = {
        "content-length": str(await wav.size(path)),
        "content-disposition": f'attachment; filename="{recording_id}.wav"',
    }
    return StreamingResponse(wav.stream(path), media_type="audio/wav", headers=headers)


@router.get("/recordings/{recording_id}/peaks", response_class=FileResponse, responses={200: {"model": Peaks}})
async def peaks(recording_id: Id, who: Who, services: Served) -> TaskFile:
    """The loudest sample of every step, both sides."""
    return TaskFile(await services.recordings.peaks(who, recording_id), "application/json", ASK_AGAIN)


@router.get("/recordings/{recording_id}/comments")
async def comments(recording_id: Id, who: Who, services: Served) -> list[CommentView]:
    """Remarks by moment."""
    return await services.recordings.comments(who, recording_id)


@router.post("/recordings/{recording_id}/comments", status_code=201)
async def add_comment(recording_id: Id, body: NewComment, who: Who, services: Served) -> CommentView:
    """A remark at a moment."""
    return await services.recordings.add_comment(who, recording_id, body)


@router.delete("/recordings/{recording_id}/comments/{comment_id}", status_code=204)
async def remove_comment(recording_id: Id, comment_id: Id, who: Who, services: Served) -> None:
    """Take back an own remark."""
    await services.recordings.remove_comment(who, recording_id, comment_id)
