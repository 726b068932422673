"""The contest that robots come to: places in a room of their own, tickets, and a stage for each module."""

from collections.abc import Sequence

from agents.schemas import NewSeats, Place
from server.app import Services, build
from server.contests.schemas import ContestView, NewContest, NewStage, RosterRules
from server.core.access import Principal, Role
from server.demo import STAGES, import_demo_papers
from server.settings import DataFolder

TITLE = "机器人演示赛"
ROOM = "R"
_RULES = RosterRules(most_a_delegation=1000, coach_required=False)


async def prepare_folder(folder: DataFolder, robots: int) -> str:
    """The same on a folder that no server uses."""
    services = await build(folder)
    try:
        return await prepare(services, robots)
    finally:
        await services.database.close()


async def prepare(services: Services, robots: int, paper_ids: Sequence[str] | None = None) -> str:
    """A contest with at least so many robots seated that is not over yet, made if there is none; its id.

    `paper_ids`: its stages, instead of one for each module.
    """
    who = await services.accounts.first_of_role(Role.ORGANISER)
    if who is None:
        who = await services.accounts.create("robots-organiser", "机器人演示", Role.ORGANISER, None)
    for contest in await services.contests.all(who):
        if contest.title.zh == TITLE and _goes_on(contest):
            placements = await services.places.placements(who, contest.contest_id)
            if len(placements) >= robots:
                return contest.contest_id
    await _add_places(services, who, robots)
    contest = await services.contests.create(who, NewContest(title=TITLE, rules=_RULES))
    table = "参赛证号,姓名,代表队,组别,指导教师\n" + "".join(
        f"R{number:04d},机器人{number},机器人代表队,,\n" for number in range(1, robots + 1)
    )
    seen = await services.contests.revision(contest.contest_id)
    report = await services.roster.import_(
        who, contest.contest_id, "robots.csv", table.encode(), seen=seen, dry_run=False
    )
    assert report.imported, report.faults
    seen = await services.contests.revision(contest.contest_id)
    await services.places.place(who, contest.contest_id, Place(rooms=(ROOM,), seen=seen))
    for paper_id in await _papers(services, who) if paper_ids is None else paper_ids:
        seen = await services.contests.revision(contest.contest_id)
        await services.timetable.add(who, contest.contest_id, NewStage(paper_id=paper_id, seen=seen))
    return contest.contest_id


def _goes_on(contest: ContestView) -> bool:
    return contest.closed_ms is None and any(stage.phase != "closed" for stage in contest.stages)


async def _add_places(services: Services, who: Principal, robots: int) -> None:
    there = [seat for seat in await services.places.seats(who) if seat.room == ROOM]
    lacking = robots - sum(not seat.spare for seat in there)
    if lacking > 0:
        await services.places.add(who, NewSeats(room=ROOM, first=len(there) + 1, count=lacking))


async def _papers(services: Services, who: Principal) -> list[str]:
    """A contest paper for each stage; the shipped ones where there is none."""
    found: dict[str, str] = {}
    for paper in await services.papers.shelf(who):
        if paper.kind == "contest":
            found.setdefault(paper.module, paper.paper_id)
    modules = [module for module in STAGES if module in services.modules]
    if lacking := [module for module in modules if module not in found]:
        shipped = await import_demo_papers(services, lacking)
        found |= {module: shipped[module, "contest"] for module in lacking}
    return [found[module] for module in modules]
