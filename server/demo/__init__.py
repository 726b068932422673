"""The demo: an installation of its own profile: papers, people, a class, a contest that is over, one to start."""

import asyncio
from collections.abc import Collection

from server.app import Services, build, running
from server.core.access import ROLE_TITLES, Principal, Role
from server.core.clock import SystemClock
from server.db.database import sqlite_url
from server.db.migrate import upgrade
from server.demo.bank import fill_bank
from server.demo.clock import ScriptClock
from server.demo.contest import Stage, finished_contest, ready_contest
from server.demo.practice import remarks, rounds, school_class
from server.settings import DataFolder, Settings, making

DEMO_ROLES = (
    Role.CONTESTANT,
    Role.TRAINER,
    Role.CHIEF_REFEREE,
    Role.SCORING_REFEREE,
    Role.SUPERVISOR,
    Role.TECHNICIAN,
    Role.ORGANISER,
    Role.TASK_AUTHOR,
    Role.AUDIENCE,
)
"""Roles with a button on the first page."""
STAGES = ("typing_test", "telephony", "chat_sim")
"""Modules of the demo's contests, in the order of their stages."""
_DAY_MS = 24 * 3600 * 1000


def create_demo(folder: DataFolder) -> None:
    """Make a demo installation; raises Conflict if something is there already."""
    with making(folder) as unfinished:
        asyncio.run(_create(unfinished))


async def _create(folder: DataFolder) -> None:
    folder.create(Settings(profile="demo", site_name="CCSS 演示", plain_http_on_lan=True))
    await asyncio.to_thread(upgrade, sqlite_url(folder.database))
    clock = ScriptClock(SystemClock().now_ms() - _DAY_MS)
    async with running(await build(folder, clock)) as services:
        staff = await _staff(services)
        papers = await import_demo_papers(services)
        await fill_bank(services, staff[Role.TASK_AUTHOR])
        stages = [Stage(services.modules[module].title.zh, papers[module, "contest"]) for module in STAGES]
        pupils = await school_class(services, staff[Role.TRAINER])
        spoken = await rounds(services, clock, pupils, papers, folder.journals)
        await remarks(services, clock, staff[Role.TRAINER], spoken)
        await finished_contest(services, clock, staff, stages, folder.journals)
        await services.scorer.catch_up()
        clock.at_ms = max(clock.at_ms, SystemClock().now_ms())
        await ready_contest(services, staff, stages)


async def _staff(services: Services) -> dict[Role, Principal]:
    """One account a role, none with a password: the buttons of the first page open them."""
    return {
        role: await services.accounts.create(
            f"demo-{role.replace('_', '-')}", f"演示{ROLE_TITLES[role].zh}", role, None
        )
        for role in (*DEMO_ROLES[1:], Role.FLOOR_REFEREE)
    }


async def import_demo_papers(services: Services, modules: Collection[str] = ()) -> dict[tuple[str, str], str]:
    """Offer the papers that ship with these modules (all without names); their ids by module and kind.

    Where a module has two of a kind, its last one stands for them.
    """
    papers: dict[tuple[str, str], str] = {}
    for module in services.modules.values():
        for paper in module.demo_papers() if not modules or module.name in modules else ():
            paper_id = await services.papers.import_folder(module.name, paper.kind, paper.path)
            papers[module.name, paper.kind] = paper_id
    return papers
