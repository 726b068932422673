"""The demo's contests: one of yesterday, taken by 24 robots, and one that can be started at once."""

import asyncio
import random
from dataclasses import dataclass
from typing import Any

from agents.schemas import NewSeats, Place
from server.app import Services
from server.contests.schemas import NewAnnouncement, NewContest, NewStage, OrderRequest
from server.core.access import Principal, Role
from server.core.ids import new_id
from server.demo.clock import ScriptClock

ROBOTS = 24
SPARES = 2
ENTRANTS_READY = 6
_MINUTE_MS = 60_000
_ABSENT = 23
"""The robot that never came."""
_SLOW = frozenset({11, 19})
"""Robots that are still at work when the stage is closed."""


async def finished_contest(services: Services, clock: ScriptClock, staff: dict[Role, Principal], paper_id: str) -> None:
    """A stage of dictation with a pause, a grant, raised hands and an announcement, and its works."""
    hall = await _Hall.prepare(services, staff, "客户信息服务技能竞赛（演示，已结束）", paper_id, ROBOTS)
    await services.places.add(staff[Role.TECHNICIAN], NewSeats(room="A", count=ROBOTS + SPARES, spares=SPARES))
    await hall.seat()
    await hall.order("arm")
    robots = [await _Robot.sit_down(hall, number) for number in range(ROBOTS) if number != _ABSENT]
    clock.at_ms += 5 * _MINUTE_MS
    announced = await services.hall.announce(
        staff[Role.CHIEF_REFEREE], hall.contest_id, NewAnnouncement(body="请确认耳机音量，9:00 统一开始。")
    )
    for robot in robots:
        await robot.send({"type": "acknowledge_rules"}, clock.at_ms)
        await robot.send({"type": "read_announcement", "announcement_id": announced[0].announcement_id}, clock.at_ms)
    await hall.order("start")
    started_ms = clock.at_ms
    clock.at_ms += 90_000
    await robots[4].send({"type": "raise_hand"}, clock.at_ms)
    clock.at_ms += 20_000
    technician = staff[Role.TECHNICIAN]
    await services.hall.claim_help(technician, hall.contest_id, robots[4].attempt_id)
    clock.at_ms += 40_000
    await services.hall.close_help(technician, hall.contest_id, robots[4].attempt_id)
    await hall.order("grant", keys=[robots[4].seat_id], ms=_MINUTE_MS, reason="耳机接触不良，更换耳机")
    for robot in sorted(robots, key=lambda robot: robot.plan[-1].stage_ms):
        await robot.work(clock, started_ms)
    clock.at_ms = max(clock.at_ms, started_ms + 9 * _MINUTE_MS + 50_000)
    await hall.order("close")
    clock.at_ms += _MINUTE_MS


async def ready_contest(services: Services, staff: dict[Role, Principal], paper_id: str) -> None:
    """Roster, places and timetable are there; 待命 and 开始 are the visitor's."""
    hall = await _Hall.prepare(services, staff, "客户信息服务技能竞赛（演示，可以开始）", paper_id, ENTRANTS_READY)
    await hall.seat()


@dataclass(slots=True)
class _Hall:
    """Staff acting on one contest."""

    services: Services
    staff: dict[Role, Principal]
    contest_id: str
    stage_id: str

    @classmethod
    async def prepare(
        cls, services: Services, staff: dict[Role, Principal], title: str, paper_id: str, entrants: int
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
        seen = await services.contests.revision(contest.contest_id)
        contest = await services.timetable.add(
            organiser, contest.contest_id, NewStage(paper_id=paper_id, title="听打录入", seen=seen)
        )
        return cls(services, staff, contest.contest_id, contest.stages[0].stage_id)

    async def seat(self) -> None:
        """Everybody in the order of tickets."""
        seen = await self.services.contests.revision(self.contest_id)
        await self.services.places.place(self.staff[Role.ORGANISER], self.contest_id, Place(seen=seen))

    async def order(self, act: str, **options: Any) -> None:
        """The chief referee orders, the supervisor confirms where two persons are needed."""
        seen = await self.services.contests.revision(self.contest_id)
        request = OrderRequest.model_validate({"act": act, "seen": seen} | options)
        chief, supervisor = self.staff[Role.CHIEF_REFEREE], self.staff[Role.SUPERVISOR]
        given = await self.services.orders.order(chief, self.contest_id, self.stage_id, request)
        if given.status == "pending":
            await self.services.orders.confirm(supervisor, self.contest_id, given.order_id, given.seen)


@dataclass(slots=True)
class _Robot:
    """One contestant, whose acts are sent together when it has finished: their stamps place them in time."""

    hall: _Hall
    number: int
    attempt_id: str
    seat_id: str
    epoch: int
    plan: Any

    @classmethod
    async def sit_down(cls, hall: _Hall, number: int) -> "_Robot":
        services = hall.services
        placement = next(
            one
            for one in await services.places.placements(hall.staff[Role.TECHNICIAN], hall.contest_id)
            if one.ticket_number == f"{number + 1:03d}"
        )
        (record,) = await services.attempts.repository.of_contestant(hall.contest_id, placement.account_id)
        epoch = await services.runner.take_lease(record.attempt_id, f"demo-robot-{number:02d}")
        standing = await services.runner.attempt(record.attempt_id)
        skill = random.Random(number).uniform(0.1, 0.98)  # good, middling and poor ones
        plan = standing.module.robot(standing.content, number, skill)
        return cls(hall, number, record.attempt_id, placement.seat_id, epoch, plan)

    async def send(self, command: dict[str, Any], stamp_ms: int) -> None:
        """One command."""
        await self.hall.services.runner.command(self.attempt_id, new_id(stamp_ms), self.epoch, stamp_ms, command)

    async def work(self, clock: ScriptClock, started_ms: int) -> None:
        """Everything up to the hand-in."""
        clock.at_ms = max(clock.at_ms, started_ms + self.plan[-1].stage_ms)
        await asyncio.gather(*(self.send(act.command, started_ms + act.stage_ms) for act in self.plan))
        if self.number not in _SLOW:
            clock.at_ms += 1_500
            await self.send({"type": "hand_in", "cause": "handed_in"}, clock.at_ms)
