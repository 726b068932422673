"""Results of stages: by work code, with drill-down, export, and corrections of the key."""

from fastapi import APIRouter, Response
from starlette.requests import Request

from server.results.schemas import CorrectionView, KeyLineView, NewCorrection, StageResults, WorkOutcome
from server.web.context import Served, Who, language_of
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
