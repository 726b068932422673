"""Practice: papers on offer, rounds, history, 错题再练, and the trainer's view of all."""

from fastapi import APIRouter

from server.attempts.schemas import AttemptView
from server.core.access import Permission
from server.papers.schemas import ChangePaper, PaperView
from server.results.schemas import AttemptBrief
from server.web.context import Served, Who
from server.web.schemas import StartPractice

router = APIRouter(tags=["practice"])


@router.get("/papers")
async def papers(who: Who, services: Served) -> list[PaperView]:
    """Papers that can be practised."""
    who.require(Permission.PRACTISE)
    return await services.papers.offered()


@router.get("/paper-shelf")
async def shelf(who: Who, services: Served) -> list[PaperView]:
    """Every paper, also those that are not visible yet, for whoever sets up contests and lessons."""
    return await services.papers.shelf(who)


@router.patch("/papers/{paper_id}")
async def publish(paper_id: str, body: ChangePaper, who: Who, services: Served) -> PaperView:
    """Say from when on a paper may be practised."""
    return await services.papers.publish(who, paper_id, body)


@router.post("/practice", status_code=201)
async def start(body: StartPractice, who: Who, services: Served) -> AttemptView:
    """Open a practice round on a paper."""
    live = await services.attempts.open_practice(who, body.paper_id)
    return await services.attempts.view(live)


@router.post("/practice/{attempt_id}/again", status_code=201)
async def again(attempt_id: str, who: Who, services: Served) -> AttemptView:
    """错题再练: open a practice round on what went wrong in this one."""
    live = await services.results.again(who, attempt_id)
    return await services.attempts.view(live)


@router.get("/practice")
async def history(who: Who, services: Served) -> list[AttemptBrief]:
    """The asker's own rounds, newest first."""
    return await services.results.history(who)


@router.get("/practice/watch")
async def watch(who: Who, services: Served) -> list[AttemptBrief]:
    """Everybody's rounds, for trainers: raised hands first."""
    return await services.results.watch(who)
