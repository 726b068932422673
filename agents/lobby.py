"""The machine at a place: which place it is, whose ticket belongs there, and what comes next."""

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from agents.presence import Presence
from agents.repository import PlacesRepository
from agents.schemas import PlaceView
from server.accounts.acts import Acts
from server.accounts.service import AccountsService
from server.attempts.announcements import AnnouncementsService
from server.attempts.repository import AttemptsRepository
from server.attempts.runner import AttemptRunner
from server.attempts.standing import AttemptRecord, StandingAttempt
from server.contests.schemas import StageView
from server.contests.service import ContestsService, stage_view
from server.contests.sheets import clean
from server.core.access import Principal, Role
from server.core.clock import Clock
from server.core.errors import NotFound, Problem, TooMany
from server.core.frozen import sha256_hex
from server.core.journal import RowUpdate
from server.core.phases import Phase
from server.core.text import Text

TRIES_A_MINUTE = 20
"""Wrong tickets at one place, or bindings of one place from one machine, in 60 s; others are not affected."""
LASTS_MS = 1_000
"""Every place asks every few seconds: they share what was read within this time."""


class NotBound(Problem):
    """The machine stands at no place."""

    status: ClassVar[int] = 409
    code: ClassVar[str] = "place-not-bound"
    title: ClassVar[Text] = Text(
        zh="本机还没有绑定赛位，请用赛位快捷方式打开，或请技术人员处理",
        en="This machine is bound to no place; open the place's link, or call a technician",
    )


class PlaceTaken(Problem):
    """Another machine sits at this place and is working."""

    status: ClassVar[int] = 409
    code: ClassVar[str] = "place-taken"
    title: ClassVar[Text] = Text(zh="该赛位正在另一台电脑上使用", en="Another machine is in use at this place")


class WrongSeat(Problem):
    """The ticket belongs to another place."""

    status: ClassVar[int] = 409
    code: ClassVar[str] = "wrong-seat"
    title: ClassVar[Text] = Text(zh="坐错赛位", en="Wrong place")


class UnknownTicket(Problem):
    """No entrant has this ticket."""

    status: ClassVar[int] = 404
    code: ClassVar[str] = "unknown-ticket"
    title: ClassVar[Text] = Text(zh="没有这个参赛证号，请核对后重新输入", en="No such ticket number; please check it")


@dataclass(frozen=True, slots=True)
class _Hall:
    """What all places ask for, read at once."""

    read_ms: int
    seats: dict[str, Any]
    """Places by the SHA-256 of their machine's token."""
    sitters: dict[str, list[Any]]
    """Who sits at a place: of the contest that is under way first, then of the one that comes next."""
    timetables: dict[str, tuple[StageView, ...]]
    records: dict[str, list[AttemptRecord]]
    """Attempts by account, in the order of the timetable."""


@dataclass(slots=True)
class Lobby:
    """What a place's own page asks, before and between attempts."""

    repository: PlacesRepository
    contests: ContestsService
    attempts: AttemptsRepository
    runner: AttemptRunner
    accounts: AccountsService
    announcements: AnnouncementsService
    presence: Presence
    acts: Acts
    clock: Clock
    _tries: dict[str, list[int]] = field(default_factory=dict)
    _known: _Hall | None = None
    _outdated: int = 0
    """How often something changed that a reading under way may have missed."""
    _reading: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def bind(self, seat_id: str, token: str | None, address: str) -> str:
        """Bind the asking machine to a place; returns its token. Raises NotFound, PlaceTaken."""
        seat = await self.repository.seat(seat_id)
        if seat is None:
            raise NotFound(Text(zh="没有这个赛位，请核对链接", en="No such place: check the link"))
        if token is not None and seat.token_sha256 == sha256_hex(token) and seat.address == address:
            return token
        if seat.token_sha256 is not None and seat.address != address and self._in_use(seat_id):
            raise PlaceTaken(
                Text(
                    zh=f"{seat.label} 正在另一台电脑（{seat.address}）上使用；如需换到本机，请技术人员先释放该赛位",
                    en=f"{seat.label} is in use on another machine ({seat.address}); "
                    "to use this one, a technician must release the place first",
                )
            )
        self._count_try(f"{seat_id} {address}")
        fresh = secrets.token_urlsafe(32)
        now_ms = self.clock.now_ms()
        values = {"token_sha256": sha256_hex(fresh), "address": address, "bound_ms": now_ms}
        await self.acts.record(
            MACHINE,
            "seat.bind",
            seat_id,
            details={"address": address, "again": seat.token_sha256 is not None},
            updates=[RowUpdate("seats", {"id": seat_id}, values)],
        )
        self._outdate()
        return fresh

    async def check_ticket(self, token: str | None, address: str, ticket_number: str) -> tuple[Principal, str]:
        """Whose ticket this is, and the place, if it is the right one.

        Raises NotBound, UnknownTicket, WrongSeat with the right place, TooMany.
        """
        seat = await self.repository.seat_of_token(sha256_hex(token or ""))
        if seat is None or seat.address != address:
            raise NotBound
        self._count_try(seat.id)
        self._outdate()  # what was read lately may be older than a move to this place
        sitters = (await self._hall()).sitters.get(seat.id, [])
        ticket = clean(ticket_number).upper()
        for sitter in sitters:
            if sitter.ticket_number == ticket:
                self._tries.pop(seat.id, None)
                names = await self.accounts.names([sitter.account_id])
                who = Principal(
                    account_id=sitter.account_id,
                    roles=(Role.CONTESTANT,),
                    display_name=names[sitter.account_id],
                    contest_id=sitter.contest_id,
                )
                return who, seat.id
        for contest_id in [row.contest_id for row in sitters] or await self._open_contests():
            found = await self.repository.ticket(contest_id, ticket)
            if found is not None and found.label is not None:
                raise WrongSeat(
                    Text(
                        zh=f"这里是 {seat.label}，参赛证号 {ticket} 应坐 {found.label}",
                        en=f"This is {seat.label}; ticket {ticket} sits at {found.label}",
                    ),
                    should_sit=found.label,
                )
        raise UnknownTicket

    async def view(self, token: str | None, address: str, me: Principal | None) -> PlaceView:
        """What the machine shows; raises NotBound."""
        hall = await self._hall()
        seat = hall.seats.get(sha256_hex(token or ""))
        if seat is None or seat.address != address:  # a copied cookie makes no second place
            raise NotBound
        now_ms = self.clock.now_ms()
        self.presence.asked(seat.id, now_ms)
        sitters = hall.sitters.get(seat.id, [])
        sitter = next((row for row in sitters if me is not None and row.account_id == me.account_id), None)
        mine = sitter is not None
        sitter = sitter or (sitters[0] if sitters else None)
        if sitter is None:
            return PlaceView(
                label=seat.label,
                contest_title=None,
                ticket_number=None,
                mine=False,
                server_ms=now_ms,
                attempt_id=None,
                attempt_phase=None,
                timetable=(),
                announcements=(),
            )
        await self.announcements.load(sitter.contest_id)
        attempt = await self._next(hall.records.get(sitter.account_id, ())) if mine else None
        return PlaceView(
            label=seat.label,
            contest_title=Text.model_validate(sitter.title),
            ticket_number=sitter.ticket_number,
            mine=mine,
            server_ms=now_ms,
            attempt_id=None if attempt is None else attempt.record.attempt_id,
            attempt_phase=None if attempt is None else attempt.core.phase,
            timetable=hall.timetables[sitter.contest_id],
            announcements=self.announcements.to_room(sitter.contest_id, seat.room),
        )

    # --- inside --------------------------------------------------------------------------------------

    async def _hall(self) -> _Hall:
        """What was read lately, or is read now by the first who asks."""
        async with self._reading:
            if self._known is not None and self.clock.now_ms() - self._known.read_ms < LASTS_MS:
                return self._known
            before = self._outdated
            read = await self._read()
            self._known = read if self._outdated == before else None
            return read

    def _outdate(self) -> None:
        """Whoever asks from now on gets what is read from now on."""
        self._known = None
        self._outdated += 1

    async def _read(self) -> _Hall:
        read_ms = self.clock.now_ms()
        rows = await self.repository.sitters()
        contest_ids = sorted({row.contest_id for row in rows})
        timetables: dict[str, tuple[StageView, ...]] = {contest_id: () for contest_id in contest_ids}
        for stage in await self.contests.repository.stages(contest_ids):
            timetables[stage.contest_id] += (stage_view(stage, self.contests.modules),)
        sitters: dict[str, list[Any]] = {}
        for row in sorted(rows, key=lambda row: _turn(row.contest_id, timetables[row.contest_id])):
            sitters.setdefault(row.seat_id, []).append(row)
        records: dict[str, list[AttemptRecord]] = {}
        for record in await self.attempts.of_contests(contest_ids):
            records.setdefault(record.contestant_id, []).append(record)
        seats = {row.token_sha256: row for row in await self.repository.seats() if row.token_sha256 is not None}
        return _Hall(read_ms, seats, sitters, timetables, records)

    async def _open_contests(self) -> list[str]:
        rows = await self.contests.repository.contests(["contest"])
        return [row.id for row in rows if row.closed_ms is None]

    async def _next(self, records: Sequence[AttemptRecord]) -> StandingAttempt | None:
        """Where a contestant belongs now: what runs, else what is armed, else what was closed last."""
        standing = [await self.runner.attempt(record.attempt_id) for record in records]
        running = [one for one in standing if one.core.phase in (Phase.RUNNING, Phase.PAUSED)]
        armed = [one for one in standing if one.core.phase is Phase.ARMED]
        return next(iter([*running, *armed, *reversed(standing)]), None)

    def _count_try(self, what: str) -> None:
        """Raise TooMany after so many tries within a minute."""
        now_ms = self.clock.now_ms()
        tries = [at_ms for at_ms in self._tries.get(what, []) if at_ms > now_ms - 60_000]
        if len(tries) >= TRIES_A_MINUTE:
            raise TooMany
        self._tries[what] = [*tries, now_ms]

    def _in_use(self, seat_id: str) -> bool:
        return self.presence.there(seat_id, self.clock.now_ms())


MACHINE = Principal(account_id="machine", roles=(), display_name="赛位电脑")
"""Who binds a place: whatever machine opened its link."""


def _turn(contest_id: str, timetable: Sequence[StageView]) -> tuple[int, int, str]:
    """Contests that have the same places in their order: under way, to come by plan and age, over."""
    phases = {stage.phase for stage in timetable}
    if phases & {"armed", "scheduled", "running"}:
        return (0, 0, contest_id)
    coming = [stage.planned_ms for stage in timetable if stage.phase == "not_open"]
    if coming:
        planned = [planned_ms for planned_ms in coming if planned_ms is not None]
        # Between two stages of a morning a contest is still under way.
        return (0 if "closed" in phases else 1, min(planned, default=2**62), contest_id)
    return (2, 0, contest_id)
