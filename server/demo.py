"""The demo: an installation of its own profile, with papers, people and a little history to look at."""

import asyncio
from typing import Any

from server.app import Services, build, running
from server.core.access import Principal, Role
from server.core.clock import SystemClock
from server.core.frozen import Frozen
from server.core.ids import new_id
from server.db.database import sqlite_url
from server.db.migrate import upgrade
from server.settings import DataFolder, Settings, making

_DAY_MS = 24 * 3600 * 1000


class _Trainee(Frozen):
    login_name: str
    display_name: str
    rounds: tuple[tuple[str, float], ...]
    """Papers taken, by kind, each with the skill of the robot that took it."""


_TRAINEES = (
    _Trainee(
        login_name="demo-contestant",
        display_name="练习选手",
        rounds=(("warmup", 0.55), ("lesson", 0.7), ("lesson", 0.9)),
    ),
    _Trainee(login_name="demo-contestant-2", display_name="学员甲", rounds=(("lesson", 0.85), ("contest", 0.95))),
    _Trainee(login_name="demo-contestant-3", display_name="学员乙", rounds=(("contest", 0.6),)),
)


class ScriptClock:
    """Time that moves only when the script says so: robots practised in the past."""

    def __init__(self, now_ms: int) -> None:
        self.at_ms = now_ms

    def now_ms(self) -> int:
        return self.at_ms

    async def sleep_until(self, at_ms: int) -> None:
        if at_ms > self.at_ms:
            await asyncio.Event().wait()


def create_demo(folder: DataFolder) -> None:
    """Make a demo installation; raises Conflict if something is there already."""
    with making(folder) as unfinished:
        asyncio.run(_create(unfinished))


async def _create(folder: DataFolder) -> None:
    folder.create(Settings(profile="demo", site_name="CCSS 演示"))
    await asyncio.to_thread(upgrade, sqlite_url(folder.database))
    clock = ScriptClock(SystemClock().now_ms() - _DAY_MS)
    async with running(await build(folder, clock)) as services:
        await services.accounts.create("demo-trainer", "演示教师", Role.TRAINER, None)
        papers = await import_demo_papers(services)
        for trainee in _TRAINEES:
            who = await services.accounts.create(trainee.login_name, trainee.display_name, Role.CONTESTANT, None)
            for number, (kind, skill) in enumerate(trainee.rounds):
                await _practise(services, clock, who, papers[kind], skill, seed=number)
        await services.scorer.catch_up()


async def import_demo_papers(services: Services) -> dict[str, str]:
    """Offer the papers that ship with the modules; their ids by kind of the last module that has one."""
    papers: dict[str, str] = {}
    for module in services.modules.values():
        for paper in module.demo_papers():
            papers[paper.kind] = await services.papers.import_folder(module.name, paper.kind, paper.path)
    return papers


async def _practise(
    services: Services, clock: ScriptClock, who: Principal, paper_id: str, skill: float, seed: int
) -> None:
    """One practice round taken by a robot, through the same runner as everybody's."""
    live = await services.attempts.open_practice(who, paper_id)
    attempt_id = live.record.attempt_id
    epoch = await services.runner.take_lease(attempt_id, "demo-robot")

    async def send(command: dict[str, Any], stamp_ms: int) -> None:
        await services.runner.command(attempt_id, new_id(clock.at_ms), epoch, stamp_ms, command)

    await send({"type": "acknowledge_rules"}, clock.at_ms)
    clock.at_ms += 20_000
    await send({"type": "start"}, clock.at_ms)
    started_ms = clock.at_ms
    acts = live.module.robot(live.content, seed, skill)
    clock.at_ms = started_ms + acts[-1].stage_ms
    # Sent together, as after a network cut: the stamps place them in time, and they share a few commits.
    await asyncio.gather(*(send(act.command, started_ms + act.stage_ms) for act in acts))
    clock.at_ms += 4_000
    await send({"type": "hand_in", "cause": "handed_in"}, clock.at_ms)
    clock.at_ms += 600_000
