"""The demo's class, and rounds that robots practised yesterday."""

import asyncio
from typing import Any

from server.app import Services
from server.contests.schemas import NewClass
from server.core.access import Principal
from server.core.frozen import Frozen
from server.core.ids import new_id
from server.demo.clock import ScriptClock


class _Pupil(Frozen):
    number: str
    display_name: str
    rounds: tuple[tuple[str, float], ...]
    """Papers taken, by kind, each with the skill of the robot that took it."""


_PUPILS = (
    _Pupil(number="01", display_name="练习选手", rounds=(("warmup", 0.55), ("lesson", 0.7), ("lesson", 0.9))),
    _Pupil(number="02", display_name="学员甲", rounds=(("lesson", 0.85), ("contest", 0.95))),
    _Pupil(number="03", display_name="学员乙", rounds=(("contest", 0.6),)),
)


async def school_class(services: Services, trainer: Principal) -> list[Principal]:
    """A class with three pupils; who they are, in the order of their numbers."""
    made = await services.classes.create(trainer, NewClass(title="演示班"))
    table = "学号,姓名\n" + "".join(f"{pupil.number},{pupil.display_name}\n" for pupil in _PUPILS)
    await services.classes.import_(trainer, made.class_id, "班级名单.csv", table.encode(), dry_run=False)
    pupils = await services.contests.repository.pupils(made.class_id)
    return await services.accounts.principals([pupil.account_id for pupil in pupils])


async def rounds(services: Services, clock: ScriptClock, pupils: list[Principal], papers: dict[str, str]) -> None:
    """What the pupils practised, through the same runner as everybody's rounds."""
    for pupil, who in zip(_PUPILS, pupils, strict=True):
        for number, (kind, skill) in enumerate(pupil.rounds):
            await _practise(services, clock, who, papers[kind], skill, seed=number)


async def _practise(
    services: Services, clock: ScriptClock, who: Principal, paper_id: str, skill: float, seed: int
) -> None:
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
