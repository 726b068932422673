"""The referee's face: works by code, straight from the grading service."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Response
from fastapi.responses import StreamingResponse

from server.core.dossier import CODE, SHA256, Arrears, ContestBrief, Dossier, WorkBrief
from server.core.grading import EvidenceAnswer
from server.core.overruling import Overruling
from server.web.context import Served, Who
from server.web.problems import MEDIA_TYPE

router = APIRouter(
    prefix="/grading",
    tags=["grading"],
    responses={
        503: {
            "description": "The grading service is away",
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemBody"}}},
        }
    },
)
Code = Annotated[str, Path(pattern=CODE)]
_FILE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/octet-stream": {}}, "description": "The file"},
    206: {"description": "A byte range"},
    416: {"description": "No such byte range"},
}


@router.get("/contests")
async def contests(who: Who, services: Served) -> list[ContestBrief]:
    """Contests of which works have arrived; they have codes and no titles."""
    return await services.referees.contests(who)


@router.get("/arrears")
async def arrears(who: Who, services: Served) -> Arrears:
    """How many works of stages that are over have not arrived yet; answered even while the service is away."""
    return Arrears(works=await services.referees.arrears(who))


@router.get("/contests/{contest_code}/works")
async def works(contest_code: Code, who: Who, services: Served) -> list[WorkBrief]:
    """Works of a contest with the system's proposed marks, by code."""
    return await services.referees.works(who, contest_code)


@router.get("/works/{work_code}")
async def work(work_code: Code, who: Who, services: Served) -> Dossier:
    """One work: marks with their working, measures, score sheet, evidence."""
    return await services.referees.work(who, work_code)


@router.get("/works/{work_code}/overrulings")
async def overrulings(work_code: Code, who: Who, services: Served) -> list[Overruling]:
    """Judgements of the system that the asking referee overruled on this work."""
    return await services.referees.overrulings(who, work_code)


@router.post("/works/{work_code}/overrulings")
async def overrule(work_code: Code, said: Overruling, who: Who, services: Served) -> list[Overruling]:
    """Overrule a judgement with a reason, or take that back; answers all of the asker's that hold."""
    return await services.referees.overrule(who, work_code, said)


@router.get("/works/{work_code}/evidence/{sha256}", response_class=Response, responses=_FILE)
async def evidence(
    work_code: Code,
    sha256: Annotated[str, Path(pattern=SHA256)],
    who: Who,
    services: Served,
    byte_range: Annotated[str | None, Header(alias="range", max_length=100)] = None,
) -> StreamingResponse:
    """A file of evidence; byte ranges are served."""
    async with AsyncExitStack() as stack:
        answer = await stack.enter_async_context(await services.referees.evidence(who, work_code, sha256, byte_range))
        # The line to the grading service stays open until the last byte has gone through.
        return StreamingResponse(_through(answer, stack.pop_all()), answer.status, dict(answer.headers))


async def _through(answer: EvidenceAnswer, line: AsyncExitStack) -> AsyncIterator[bytes]:
    async with line:
        async for part in answer.body:
            yield part
