"""Contests: timetable, roster, orders of run control, announcements, the hall's clock."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from server.attempts.schemas import AttemptView
from server.contests.schemas import (
    AnnouncementReceipts,
    ChangeContest,
    ChangeStage,
    ConfirmOrder,
    ContestView,
    EntrantView,
    HallClock,
    NewAnnouncement,
    NewContest,
    NewStage,
    OrderPreview,
    OrderRequest,
    OrderView,
    RosterReport,
)
from server.web.context import Served, Who
from server.web.sheets import XLSX, download

router = APIRouter(tags=["contests"])


@router.get("/contests")
async def contests(who: Who, services: Served) -> list[ContestView]:
    """Contests and lessons that the asker has to do with, newest first."""
    return await services.contests.all(who)


@router.post("/contests", status_code=201)
async def create(body: NewContest, who: Who, services: Served) -> ContestView:
    """Organise a contest."""
    return await services.contests.create(who, body)


@router.get("/contests/{contest_id}")
async def contest(contest_id: str, who: Who, services: Served) -> ContestView:
    """One contest with its timetable."""
    return await services.contests.view(who, contest_id)


@router.patch("/contests/{contest_id}")
async def change(contest_id: str, body: ChangeContest, who: Who, services: Served) -> ContestView:
    """Change title or rules."""
    return await services.contests.change(who, contest_id, body)


@router.post("/contests/{contest_id}/stages", status_code=201)
async def add_stage(contest_id: str, body: NewStage, who: Who, services: Served) -> ContestView:
    """Add a stage at the end of the timetable."""
    return await services.timetable.add(who, contest_id, body)


@router.patch("/contests/{contest_id}/stages/{stage_id}")
async def change_stage(contest_id: str, stage_id: str, body: ChangeStage, who: Who, services: Served) -> ContestView:
    """Change, move or remove a stage that has not been armed."""
    return await services.timetable.change(who, contest_id, stage_id, body)


# --- roster ------------------------------------------------------------------------------------------


@router.get("/roster-template.xlsx", response_class=Response, responses=XLSX)
async def roster_template(services: Served) -> Response:
    """The table to fill in."""
    return download("参赛名单模板.xlsx", await services.roster.template())


@router.get("/contests/{contest_id}/roster")
async def roster(contest_id: str, who: Who, services: Served) -> list[EntrantView]:
    """Who takes part, by ticket."""
    return await services.roster.entrants(who, contest_id)


@router.post("/contests/{contest_id}/roster")
async def import_roster(
    contest_id: str,
    request: Request,
    who: Who,
    services: Served,
    name: Annotated[str, Query(max_length=200)],
    seen: Annotated[int, Query(ge=0)],
    dry_run: bool = False,
) -> RosterReport:
    """Import a roster (.xlsx or .csv as the body, file name in `name`), or only say what is wrong with it."""
    return await services.roster.import_(who, contest_id, name, await request.body(), seen=seen, dry_run=dry_run)


# --- run control -------------------------------------------------------------------------------------


@router.post("/contests/{contest_id}/stages/{stage_id}/orders/preview")
async def preview(contest_id: str, stage_id: str, body: OrderRequest, who: Who, services: Served) -> OrderPreview:
    """What an order would do."""
    return await services.orders.preview(who, contest_id, stage_id, body)


@router.post("/contests/{contest_id}/stages/{stage_id}/orders", status_code=201)
async def order(contest_id: str, stage_id: str, body: OrderRequest, who: Who, services: Served) -> OrderView:
    """Give an order; in a contest, what can't be undone waits for a second person."""
    return await services.orders.order(who, contest_id, stage_id, body)


@router.get("/contests/{contest_id}/orders")
async def orders(contest_id: str, who: Who, services: Served) -> list[OrderView]:
    """Orders of a contest, newest first."""
    return await services.orders.orders(who, contest_id)


@router.post("/contests/{contest_id}/orders/{order_id}/confirm")
async def confirm(contest_id: str, order_id: str, body: ConfirmOrder, who: Who, services: Served) -> OrderView:
    """Confirm somebody else's order: it is carried out at once."""
    return await services.orders.confirm(who, contest_id, order_id, body.seen)


@router.post("/contests/{contest_id}/orders/{order_id}/withdraw")
async def withdraw(contest_id: str, order_id: str, who: Who, services: Served) -> OrderView:
    """Take back, or refuse, an order that waits."""
    return await services.orders.withdraw(who, contest_id, order_id)


@router.post("/contests/{contest_id}/help/{attempt_id}/claim", status_code=204)
async def claim_help(contest_id: str, attempt_id: str, who: Who, services: Served) -> None:
    """Say that one is on the way to a raised hand."""
    await services.hall.claim_help(who, contest_id, attempt_id)


@router.post("/contests/{contest_id}/help/{attempt_id}/close", status_code=204)
async def close_help(contest_id: str, attempt_id: str, who: Who, services: Served) -> None:
    """A raised hand has been dealt with."""
    await services.hall.close_help(who, contest_id, attempt_id)


@router.get("/contests/{contest_id}/attempts/{attempt_id}")
async def attempt(contest_id: str, attempt_id: str, who: Who, services: Served) -> AttemptView:
    """An attempt of the hall, without its work code, for whoever watches the hall."""
    return await services.hall.attempt(who, contest_id, attempt_id)


@router.get("/contests/{contest_id}/announcements")
async def announcements(contest_id: str, who: Who, services: Served) -> list[AnnouncementReceipts]:
    """Announcements with their read receipts, newest first."""
    return await services.hall.receipts(who, contest_id)


@router.post("/contests/{contest_id}/announcements", status_code=201)
async def announce(contest_id: str, body: NewAnnouncement, who: Who, services: Served) -> list[AnnouncementReceipts]:
    """Say something to everybody, or to one room."""
    return await services.hall.announce(who, contest_id, body)


@router.get("/contests/{contest_id}/clock")
async def clock(contest_id: str, who: Who, services: Served) -> HallClock:
    """What the projector shows."""
    return await services.hall.clock_view(who, contest_id)
