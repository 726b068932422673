"""The demo's contests: one of yesterday, taken by 24 robots, and one that can be started at once."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agents.schemas import NewSeats, Place, PlacementView
from server.app import Services
from server.contests.schemas import NewAnnouncement, NewContest, NewStage, OrderRequest
from server.core.access import Principal, Role
from server.demo.clock import ScriptClock
from server.demo.robots import Robot, work

ROBOTS = 24
SPARES = 2
ENTRANTS_READY = 6
_MINUTE_MS = 60_000
_ABSENT = 23
"""The robot that never came."""
_SLOW = frozenset({11, 19})
"""Robots that are still at work when the stage is closed."""


async def finished_contest(
    services: Services, clock: ScriptClock, staff: dict[Role, Principal], stages: "Sequence[Stage]", journals: Path
) -> None:
    """Dictation with a pause, a grant, raised hands and an announcement, then calls; and the works of both."""
    hall = await _Hall.prepare(services, staff, "客户信息服务技能竞赛（演示，已结束）", stages, ROBOTS)
    await services.places.add(staff[Role.TECHNICIAN], NewSeats(room="A", count=ROBOTS + SPARES, spares=SPARES))
    await hall.seat()
    dictation, *others = range(len(stages))
    await hall.order(dictation, "arm")
    robots = await hall.sit_down(dictation)
    clock.at_ms += 5 * _MINUTE_MS
    announced = await services.hall.announce(
        staff[Role.CHIEF_REFEREE], hall.contest_id, NewAnnouncement(body="请确认耳机音量，9:00 统一开始。")
    )
    for robot in robots:
        await robot.send({"type": "acknowledge_rules"}, clock.at_ms)
        await robot.send({"type": "read_announcement", "announcement_id": announced[0].announcement_id}, clock.at_ms)
    await hall.order(dictation, "start")
    started_ms = clock.at_ms
    clock.at_ms += 90_000
    await robots[4].send({"type": "raise_hand"}, clock.at_ms)
    clock.at_ms += 20_000
    technician = staff[Role.TECHNICIAN]
    await services.hall.claim_help(technician, hall.contest_id, robots[4].attempt_id)
    clock.at_ms += 40_000
    await services.hall.close_help(technician, hall.contest_id, robots[4].attempt_id)
    seat_id = await hall.seat_of(4)
    await hall.order(dictation, "grant", keys=[seat_id], ms=_MINUTE_MS, reason="耳机接触不良，更换耳机")
    await work(clock, robots, started_ms, journals)
    clock.at_ms = max(clock.at_ms, started_ms + 9 * _MINUTE_MS + 50_000)
    await hall.order(dictation, "close")
    clock.at_ms += _MINUTE_MS
    for number in others:
        await _calm_stage(hall, clock, number, journals)


async def _calm_stage(hall: "_Hall", clock: ScriptClock, number: int, journals: Path) -> None:
    """A further stage in which nothing special happens; what media heard is kept."""
    clock.at_ms += 10 * _MINUTE_MS
    await hall.order(number, "arm")
    robots = await hall.sit_down(number)
    clock.at_ms += 2 * _MINUTE_MS
    for robot in robots:
        await robot.send({"type": "acknowledge_rules"}, clock.at_ms)
    await hall.order(number, "start")
    await work(clock, robots, clock.at_ms, journals)
    clock.at_ms += 30_000
    await hall.order(number, "close")
    for robot in robots:
        if not robot.hands_in:
            await robot.keep_sound(journals)
    clock.at_ms += _MINUTE_MS


async def ready_contest(services: Services, staff: dict[Role, Principal], stages: "Sequence[Stage]") -> None:
    """Roster, places and timetable are there; 待命 and 开始 are the visitor's."""
    hall = await _Hall.prepare(services, staff, "客户信息服务技能竞赛（演示，可以开始）", stages, ENTRANTS_READY)
    await hall.seat()


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of a demo contest: what it is called and the paper it takes."""

    title: str
    paper_id: str


@dataclass(slots=True)
class _Hall:
    """Staff acting on one contest."""

    services: Services
    staff: dict[Role, Principal]
    contest_id: str
    stage_ids: tuple[str, ...]

    @classmethod
    async def prepare(
        cls, services: Services, staff: dict[Role, Principal], title: str, stages: Sequence[Stage], entrants: int
    ) -> "_Hall":
        organiser = staff[Role.ORGANISER]
        contest = await services.contests.create(organiser, NewContest(title=title))
        table = "参赛证号,姓名,代表队,指导教师\n" + "".join(
            f"{number + 1:03d},演示选手{number + 1:02d},第 {number // 2 + 1} 代表队,指导教师{number // 2 + 1}\n"
            for number in range(entrants)
        )
        await services.roster.import_(
            organiser, contest.contest_id, "参赛名单.csv", table.encode(), seen=contest.revision, dry_run=False
        )
        for stage in stages:
            seen = await services.contests.revision(contest.contest_id)
            contest = await services.timetable.add(
                organiser, contest.contest_id, NewStage(paper_id=stage.paper_id, title=stage.title, seen=seen)
            )
        return cls(services, staff, contest.contest_id, tuple(stage.stage_id for stage in contest.stages))

    async def seat(self) -> None:
        """Everybody in the order of tickets."""
        seen = await self.services.contests.revision(self.contest_id)
        await self.services.places.place(self.staff[Role.ORGANISER], self.contest_id, Place(seen=seen))

    async def order(self, stage: int, act: str, **options: Any) -> None:
        """The chief referee orders, the supervisor confirms where two persons are needed."""
        seen = await self.services.contests.revision(self.contest_id)
        request = OrderRequest.model_validate({"act": act, "seen": seen} | options)
        chief, supervisor = self.staff[Role.CHIEF_REFEREE], self.staff[Role.SUPERVISOR]
        given = await self.services.orders.order(chief, self.contest_id, self.stage_ids[stage], request)
        if given.status == "pending":
            await self.services.orders.confirm(supervisor, self.contest_id, given.order_id, given.seen)

    async def sit_down(self, stage: int) -> list[Robot]:
        """Everybody but the absent one takes their place of a stage: good, middling and poor ones."""
        robots = []
        placements = await self._placements()
        for number in (one for one in range(ROBOTS) if one != _ABSENT):
            placement = placements[number]
            records = await self.services.attempts.repository.of_contestant(self.contest_id, placement.account_id)
            (attempt_id,) = [one.attempt_id for one in records if one.stage_id == self.stage_ids[stage]]
            skill = random.Random(number).uniform(0.1, 0.98)
            page = f"demo-robot-{number:02d}"
            robots.append(
                await Robot.sit_down(self.services, attempt_id, page, number, skill, hands_in=number not in _SLOW)
            )
        return robots

    async def seat_of(self, number: int) -> str:
        """The id of a robot's place."""
        return (await self._placements())[number].seat_id

    async def _placements(self) -> list[PlacementView]:
        """By ticket: robot 0 has ticket 001."""
        placements = await self.services.places.placements(self.staff[Role.TECHNICIAN], self.contest_id)
        return sorted(placements, key=lambda one: one.ticket_number)
