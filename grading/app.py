"""The HTTP face of the grading service. It listens on loopback unless told otherwise, and knows one bearer token."""

import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, FastAPI, Header, Path, Request, Response
from fastapi.responses import FileResponse

from grading import problems
from grading.blobs import EvidenceBlobs
from grading.folder import GradingFolder
from grading.repository import DossierRepository
from grading.service import GradingService
from server.core.dossier import CODE, SHA256, ContestBrief, Dossier, WorkBrief
from server.core.overruling import Overruling
from server.db.database import Database, sqlite_url

log = structlog.get_logger()

Code = Annotated[str, Path(pattern=CODE)]
Sha256 = Annotated[str, Path(pattern=SHA256)]
Revision = Annotated[int, Path(ge=1, le=1_000_000)]


def create_application(folder: GradingFolder) -> FastAPI:
    """The service on a prepared folder; its lifespan opens and closes the database."""
    database = Database(sqlite_url(folder.database))
    blobs = EvidenceBlobs(folder.blobs)
    token = folder.token()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        blobs.clean()
        yield
        await database.close()

    async def authorised(authorization: Annotated[str, Header()] = "") -> None:
        if not hmac.compare_digest(authorization.encode(), f"Bearer {token}".encode()):
            raise problems.WrongToken

    app = FastAPI(title="CCSS grading", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    app.state.service = GradingService(DossierRepository(database), blobs)
    problems.install(app)
    app.include_router(health)
    app.include_router(intake, dependencies=[Depends(authorised)])
    app.include_router(reading, dependencies=[Depends(authorised), Depends(_referee)])
    return app


def _service(request: Request) -> GradingService:
    service: GradingService = request.app.state.service
    return service


async def _referee(request: Request, x_referee: Annotated[str, Header(pattern=CODE)]) -> str:
    """Who looks is known by a code, and which works were opened stands in the log."""
    if "work_code" in request.path_params:
        log.info("grading.read", referee=x_referee, path=request.url.path)
    return x_referee


Referee = Annotated[str, Depends(_referee)]
Served = Annotated[GradingService, Depends(_service)]
health, intake, reading = APIRouter(), APIRouter(), APIRouter()


@health.get("/healthz")
async def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@intake.get("/instance")
async def instance(service: Served) -> dict[str, str]:
    """By what this service's database is known from another, for the server that delivers to it."""
    return {"instance": await service.instance()}


@intake.head("/blobs/{sha256}")
async def has_blob(sha256: Sha256, service: Served) -> Response:
    """200 if the file is there, else 404."""
    service.blobs.path(sha256)
    return Response()


@intake.put("/blobs/{sha256}", status_code=204)
async def put_blob(sha256: Sha256, request: Request, service: Served) -> None:
    """A file of evidence; its bytes must have this SHA-256."""
    await service.blobs.put(sha256, request.stream())


@intake.put("/dossiers/{work_code}/{revision}", status_code=204)
async def put_dossier(work_code: Code, revision: Revision, dossier: Dossier, service: Served) -> None:
    """A dossier, once all files that it names are there; the same again is harmless."""
    await service.take(work_code, revision, dossier)


@reading.get("/contests")
async def contests(service: Served) -> list[ContestBrief]:
    """Contests of which works have arrived."""
    return await service.contests()


@reading.get("/works")
async def works(contest: str, service: Served) -> list[WorkBrief]:
    """Works of a contest, by stage and code."""
    return await service.works(contest)


@reading.get("/works/{work_code}")
async def work(work_code: Code, service: Served) -> Dossier:
    """The newest revision of a work."""
    return await service.work(work_code)


@reading.get("/works/{work_code}/overrulings")
async def overrulings(work_code: Code, service: Served, referee: Referee) -> list[Overruling]:
    """Judgements of a work that the asking referee overruled."""
    return await service.overrulings(referee, work_code)


@reading.post("/works/{work_code}/overrulings")
async def overrule(work_code: Code, said: Overruling, service: Served, referee: Referee) -> list[Overruling]:
    """Overrule a judgement of a work, or take that back; answers all of this referee's that hold."""
    return await service.overrule(referee, work_code, said)


@reading.get("/works/{work_code}/evidence/{sha256}", response_class=FileResponse)
async def evidence(work_code: Code, sha256: Sha256, service: Served) -> FileResponse:
    """A file that the work names; byte ranges are served."""
    file, path = await service.evidence(work_code, sha256)
    cached = {"cache-control": "private, max-age=86400, immutable"}
    return FileResponse(path, media_type=file.media_type, headers=cached)
