"""A contest in virtual time: staff, places, a roster, stages, and contestants who speak to the runner as pages do."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Self

from agents.schemas import NewSeats, Place
from server.app import Services
from server.attempts.requests import Ack
from server.attempts.standing import StandingAttempt
from server.contests.schemas import NewContest, NewStage, OrderRequest, OrderView
from server.core.access import Principal, Role
from server.core.ids import new_code, new_id
from server.core.journal import RowInsert
from tests.support.house import save
from tests.support.papers import AUDIO, paper


@dataclass(slots=True)
class Contest:
    """One contest with its staff; every order goes through the two-person rule like in a hall."""

    services: Services
    contest_id: str
    stage_ids: list[str]
    staff: dict[Role, Principal]
    tickets: list[str]

    @classmethod
    async def organise(
        cls, services: Services, entrants: int = 3, places: int = 4, spares: int = 1, stages: int = 1, **changes: Any
    ) -> Self:
        """Staff, a hall of room A, a roster seated in the order of tickets, and stages on a small paper."""
        staff = {
            role: await services.accounts.create(f"staff-{role}", f"测试{role}", role, None)
            for role in (Role.ORGANISER, Role.CHIEF_REFEREE, Role.SUPERVISOR, Role.TECHNICIAN, Role.FLOOR_REFEREE)
        }
        organiser = staff[Role.ORGANISER]
        await services.blobs.put(AUDIO)
        module = services.modules["typing_test"]
        paper_id = await services.papers.add_paper(module, paper(**changes), "contest", None)
        await services.places.add(staff[Role.TECHNICIAN], NewSeats(room="A", count=places + spares, spares=spares))
        contest = await services.contests.create(organiser, NewContest(title="测试赛"))
        tickets = [f"{number:03d}" for number in range(1, entrants + 1)]
        await enrol(services, organiser, contest.contest_id, tickets)
        for _ in range(stages):
            seen = await services.contests.revision(contest.contest_id)
            contest = await services.timetable.add(
                organiser, contest.contest_id, NewStage(paper_id=paper_id, seen=seen)
            )
        self = cls(services, contest.contest_id, [stage.stage_id for stage in contest.stages], staff, tickets)
        await services.places.place(organiser, contest.contest_id, Place(seen=await self.seen()))
        return self

    @staticmethod
    async def organise_more(
        services: Services, like: "Contest", entrants: int, tickets: Sequence[str] | None = None
    ) -> str:
        """Another contest of the same staff, with a roster only; returns its id."""
        organiser = like.who(Role.ORGANISER)
        contest = await services.contests.create(organiser, NewContest(title="另一场"))
        await enrol(
            services, organiser, contest.contest_id, tickets or [f"9{number:02d}" for number in range(entrants)]
        )
        return contest.contest_id

    def who(self, role: Role) -> Principal:
        """Somebody of the staff."""
        return self.staff[role]

    async def seen(self) -> int:
        """The revision that staff looks at."""
        return await self.services.contests.revision(self.contest_id)

    async def propose(self, act: Any, stage: int = 0, **options: Any) -> OrderView:
        """The chief referee gives an order."""
        request = OrderRequest.model_validate({"act": act, "seen": await self.seen()} | options)
        chief = self.who(Role.CHIEF_REFEREE)
        return await self.services.orders.order(chief, self.contest_id, self.stage_ids[stage], request)

    async def order(self, act: Any, stage: int = 0, **options: Any) -> OrderView:
        """The same, confirmed by the supervisor if need be."""
        given = await self.propose(act, stage, **options)
        if given.status == "pending":
            given = await self.services.orders.confirm(
                self.who(Role.SUPERVISOR), self.contest_id, given.order_id, given.seen
            )
        assert given.status == "done"
        return given

    async def key_of(self, ticket: str) -> str:
        """The place of a ticket, as the board names it."""
        placements = await self.services.places.placements(self.who(Role.TECHNICIAN), self.contest_id)
        return next(placement.seat_id for placement in placements if placement.ticket_number == ticket)

    async def contestant(self, ticket: str, stage: int = 0) -> "Contestant":
        """A contestant whose page has the attempt of a stage."""
        placements = await self.services.places.placements(self.who(Role.TECHNICIAN), self.contest_id)
        account_id = next(one.account_id for one in placements if one.ticket_number == ticket)
        records = await self.services.attempts.repository.of_contestant(self.contest_id, account_id)
        attempt_id = next(one.attempt_id for one in records if one.stage_id == self.stage_ids[stage])
        epoch = await self.services.runner.take_lease(attempt_id, f"page-{ticket}-{stage}")
        return Contestant(self.services, attempt_id, epoch)


@dataclass(slots=True)
class Contestant:
    """One contestant's page in one attempt."""

    services: Services
    attempt_id: str
    epoch: int
    _ids: Any = field(default_factory=lambda: count(1))

    async def send(self, command: dict[str, Any], *, stamp_ms: int | None = None) -> Ack:
        """One command, stamped now unless told otherwise."""
        stamp = self.services.clock.now_ms() if stamp_ms is None else stamp_ms
        return await self.services.runner.command(
            self.attempt_id, f"c-{self.attempt_id[-8:]}-{next(self._ids):06d}", self.epoch, stamp, command
        )

    async def save(self, key: str, text: str, rev: int = 1) -> Ack:
        """Save a field of the first item."""
        return await self.send(save(key, text, rev))

    async def standing(self) -> StandingAttempt:
        """How the attempt durably stands now."""
        return await self.services.runner.attempt(self.attempt_id)


async def enrol(services: Services, who: Principal, contest_id: str, tickets: Sequence[str]) -> list[str]:
    """Entrants by ticket, without a table to import; returns their accounts."""
    now_ms = services.clock.now_ms()
    ids = [new_id(now_ms) for _ in tickets]
    accounts = [
        RowInsert(
            "accounts",
            {
                "id": account_id,
                "login_name": f"{contest_id}:{ticket}",
                "display_name": f"选手{ticket}",
                "roles": Role.CONTESTANT.value,
                "contest_id": contest_id,
                "created_ms": now_ms,
            },
        )
        for account_id, ticket in zip(ids, tickets, strict=True)
    ]
    entrants = [
        RowInsert(
            "entrants",
            {
                "account_id": account_id,
                "contest_id": contest_id,
                "ticket_number": ticket,
                "contestant_code": new_code(8),
                "delegation": "测试代表队",
                "group_title": "",
                "coach": "",
            },
        )
        for account_id, ticket in zip(ids, tickets, strict=True)
    ]
    await services.acts.record(who, "roster.import", contest_id, contest_id=contest_id, inserts=[*accounts, *entrants])
    return ids
