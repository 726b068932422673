"""Results of stages: by work code, with drill-down, export, and corrections of the key."""

from typing import Annotated

from fastapi import APIRouter, Path, Response
from fastapi.responses import FileResponse
from starlette.requests import Request

from server.core.media_types import OGG, PNG, WEBP, media_type_of
from server.results.schemas import CorrectionView, KeyLineView, NewCorrection, StageResults, WorkOutcome
from server.web.context import Served, Who, language_of
from server.web.files import TaskFile
from server.web.sheets import XLSX, download

router = APIRouter(prefix="/stages/{stage_id}", tags=["results"])


@router.get("/results")
async def results(stage_id: str, who: Who, services: Served) -> StageResults:
    """All works of a stage, best first."""
    return await services.works.stage(who, stage_id)


@router.get("/results.xlsx", response_class=Response, responses=XLSX)
async def export(stage_id: str, who: Who, services: Served, request: Request) -> Response:
    """The same as a workbook, with a sheet of working per criterion."""
    name, body = await services.works.workbook(who, stage_id, language_of(request))
    return download(name, body)


@router.get("/works/{work_code}")
async def work(stage_id: str, work_code: str, who: Who, services: Served) -> WorkOutcome:
    """One work down to the alignment."""
    return await services.works.work(who, stage_id, work_code)


@router.get("/works/{work_code}/outcome.xlsx", response_class=Response, responses=XLSX)
async def export_work(stage_id: str, work_code: str, who: Who, services: Served, request: Request) -> Response:
    """One work as a workbook, by its code: marks, figures, what its module adds."""
    name, body = await services.works.work_workbook(who, stage_id, work_code, language_of(request))
    return download(name, body)


@router.get(
    "/works/{work_code}/files/{sha256}",
    response_class=FileResponse,
    responses={200: {"content": {OGG: {}, PNG: {}, WEBP: {}}}, 206: {"description": "A byte range"}},
)
async def work_file(
    stage_id: str,
    work_code: str,
    sha256: Annotated[str, Path(pattern="^[0-9a-f]{64}$")],
    who: Who,
    services: Served,
) -> TaskFile:
    """A file of a work's task, for who sees the work; byte ranges are served."""
    await services.works.require_file(who, stage_id, work_code, sha256)
    path = await services.blobs.path(sha256)
    return TaskFile(path, media_type_of(path))


@router.get("/key")
async def key(stage_id: str, who: Who, services: Served) -> list[KeyLineView]:
    """The expected answers that hold now."""
    return await services.corrections.key(who, stage_id)


@router.get("/corrections")
async def corrections(stage_id: str, who: Who, services: Served) -> list[CorrectionView]:
    """Corrections of the key with what they changed, newest first."""
    return await services.corrections.all(who, stage_id)


@router.post("/corrections", status_code=201)
async def correct(stage_id: str, body: NewCorrection, who: Who, services: Served) -> CorrectionView:
    """Correct the key and score every work of the stage anew; old and new are listed."""
    return await services.corrections.correct(who, stage_id, body)
