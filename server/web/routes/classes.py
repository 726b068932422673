"""Classes, their pupils, and lessons."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from server.attempts.schemas import LessonOffer, NewLesson
from server.contests.schemas import ChangeClass, ClassView, ContestView, NewClass, PupilLogIn, RosterReport
from server.core.access import Principal
from server.results.schemas import PupilHistory
from server.web.context import Served, Who
from server.web.routes.site import take_over
from server.web.sheets import XLSX, download

router = APIRouter(tags=["classes"])


@router.get("/classes")
async def classes(who: Who, services: Served) -> list[ClassView]:
    """All classes with their pupils."""
    return await services.classes.all(who)


@router.post("/classes", status_code=201)
async def create(body: NewClass, who: Who, services: Served) -> ClassView:
    """A new class, open for registration by its code."""
    return await services.classes.create(who, body)


@router.patch("/classes/{class_id}")
async def change(class_id: str, body: ChangeClass, who: Who, services: Served) -> ClassView:
    """Rename a class; open or close registration."""
    return await services.classes.change(who, class_id, body)


@router.get("/pupils-template.xlsx", response_class=Response, responses=XLSX)
async def pupils_template(services: Served) -> Response:
    """The table to fill in."""
    return download("班级名单模板.xlsx", await services.classes.template())


@router.post("/classes/{class_id}/pupils")
async def import_pupils(
    class_id: str,
    request: Request,
    who: Who,
    services: Served,
    name: Annotated[str, Query(max_length=200)],
    dry_run: bool = False,
) -> RosterReport:
    """Import pupils (.xlsx or .csv as the body), or only say what is wrong with the table."""
    return await services.classes.import_(who, class_id, name, await request.body(), dry_run=dry_run)


@router.post("/classes/{class_id}/pupils/{account_id}/forget-password", status_code=204)
async def forget_password(class_id: str, account_id: str, who: Who, services: Served) -> None:
    """Let a pupil set a new password at the next log-in."""
    await services.classes.forget_password(who, class_id, account_id)


@router.get("/classes/{class_id}/history")
async def history(class_id: str, who: Who, services: Served) -> list[PupilHistory]:
    """Rounds and lessons per pupil."""
    return await services.results.class_history(who, class_id)


@router.post("/pupil-sessions", status_code=201)
async def pupil_log_in(body: PupilLogIn, request: Request, response: Response, services: Served) -> Principal:
    """Log in with class code, number and password; the first time it registers."""
    address = request.client.host if request.client else ""
    who = await services.classes.log_in(body, address)
    await take_over(request, response, services, await services.accounts.open_login(who))
    return who


@router.get("/lesson-offers")
async def offers(who: Who, services: Served) -> list[LessonOffer]:
    """Papers with their items, to choose from for a lesson."""
    return await services.lessons.offers(who)


@router.post("/classes/{class_id}/lessons", status_code=201)
async def start_lesson(class_id: str, body: NewLesson, who: Who, services: Served) -> ContestView:
    """Prepare a lesson: every pupil of the class gets an attempt, armed."""
    return await services.lessons.prepare(who, class_id, body)


@router.get("/lessons/mine")
async def my_lesson(who: Who, services: Served) -> str | None:
    """The attempt that the asker has in a lesson that goes on; null if there is none."""
    return await services.lessons.mine(who)
