"""赛位: places, the machines bound to them, who should sit there, and moving somebody to another."""

import random
import secrets
from dataclasses import dataclass, field
from typing import Any, ClassVar

from agents.presence import Presence
from agents.repository import PlacesRepository
from agents.schemas import ChangeSeat, Move, NewSeats, Place, PlacementView, PlaceView, SeatView
from server.accounts.acts import Acts
from server.accounts.service import AccountsService
from server.attempts.announcements import AnnouncementsService
from server.attempts.live import StandingAttempt
from server.attempts.repository import AttemptsRepository
from server.attempts.runner import AttemptRunner
from server.attempts.service import Whereabout
from server.contests.service import ContestsService, stage_view
from server.contests.sheets import clean
from server.core.access import Permission, Principal, Role
from server.core.clock import Clock
from server.core.errors import Conflict, NotFound, Problem, TooMany
from server.core.frozen import sha256_hex
from server.core.ids import new_id
from server.core.journal import RowDelete, RowInsert, RowUpdate
from server.core.phases import Phase
from server.core.text import Text

ASKED_LATELY_MS = 15_000
"""A place's own page asks every few seconds; after so long it is gone."""
TRIES_A_MINUTE = 20
"""Wrong tickets at one place in 60 s; other places are not affected."""

_READ = (Permission.MANAGE_PLACES, Permission.MANAGE_CONTEST, Permission.WATCH_HALL, Permission.MOVE_CONTESTANT)


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


class TooFewPlaces(Problem):
    """The roster is larger than the hall."""

    status: ClassVar[int] = 409
    code: ClassVar[str] = "too-few-places"
    title: ClassVar[Text] = Text(zh="赛位不够", en="Too few places")


@dataclass(slots=True)
class PlacesService:
    """Places belong to the house; who sits there belongs to a contest."""

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

    # --- for technicians -----------------------------------------------------------------------------

    async def seats(self, who: Principal) -> list[SeatView]:
        """All places by label; raises NotPermitted."""
        who.require(*_READ)
        return [self._seat(row) for row in await self.repository.seats()]

    async def add(self, who: Principal, body: NewSeats) -> list[SeatView]:
        """Places of a room, labelled A-01 and so on, the last of them spare; raises Conflict for labels taken."""
        who.require(Permission.MANAGE_PLACES)
        there = {row.label for row in await self.repository.seats()}
        last = body.first + body.count - 1
        width = max(2, len(str(last)))
        labels = [f"{body.room}-{number:0{width}d}" for number in range(body.first, last + 1)]
        if taken := [label for label in labels if label in there]:
            raise Conflict(
                Text(
                    zh=f"赛位号已存在：{'、'.join(taken[:10])}；请换起始号或房间",
                    en=f"Labels taken: {', '.join(taken[:10])}; choose another first number or room",
                )
            )
        now_ms = self.clock.now_ms()
        first_spare = body.count - min(body.spares, body.count)
        rows = [
            RowInsert(
                "seats",
                {"id": new_id(now_ms), "label": label, "room": body.room, "spare": number >= first_spare},
            )
            for number, label in enumerate(labels)
        ]
        await self.acts.record(who, "seats.add", body.room, details={"count": body.count}, inserts=rows)
        return await self.seats(who)

    async def change(self, who: Principal, seat_id: str, body: ChangeSeat) -> SeatView:
        """Make a place spare or not; forget its machine. Raises NotFound, NotPermitted."""
        who.require(Permission.MANAGE_PLACES)
        if await self.repository.seat(seat_id) is None:
            raise NotFound
        values: dict[str, Any] = {} if body.spare is None else {"spare": body.spare}
        if body.release:
            values |= {"token_sha256": None, "address": None, "bound_ms": None}
        if values:
            await self.acts.record(
                who,
                "seat.change",
                seat_id,
                details={"spare": body.spare, "released": body.release},
                updates=[RowUpdate("seats", {"id": seat_id}, values)],
            )
        return self._seat(await self.repository.seat(seat_id))

    async def placements(self, who: Principal, contest_id: str) -> list[PlacementView]:
        """Which ticket sits where; raises NotFound, NotPermitted."""
        await self.contests.row(who, contest_id, *_READ)
        return [_placement(row) for row in await self.repository.placements(contest_id)]

    async def place(self, who: Principal, contest_id: str, body: Place) -> list[PlacementView]:
        """Seat the whole roster anew on places that are not spare; raises TooFewPlaces, Overtaken, Conflict."""
        await self.contests.row(who, contest_id, Permission.MANAGE_CONTEST)
        if any(stage.armed_ms is not None for stage in await self.contests.repository.stages([contest_id])):
            raise Conflict(
                Text(
                    zh="已有环节待命或开始，不能整体重排；个别选手请用“换机”",
                    en="A stage has been armed: nobody can be seated anew; move single contestants instead",
                )
            )
        entrants = await self.contests.repository.entrants(contest_id)
        seats = [row for row in await self.repository.seats() if not body.rooms or row.room in body.rooms]
        regular = [row for row in seats if not row.spare]
        if len(regular) < len(entrants):
            spare = len(seats) - len(regular)
            raise TooFewPlaces(
                Text(
                    zh=f"名单 {len(entrants)} 人，赛位 {len(regular)} 个（不含备用 {spare} 个），"
                    f"还缺 {len(entrants) - len(regular)} 个；请增加赛位或减少名单",
                    en=f"{len(entrants)} entrants, {len(regular)} places (and {spare} spare): "
                    f"{len(entrants) - len(regular)} are lacking; add places or shorten the roster",
                )
            )
        seed = secrets.token_hex(16) if body.order == "drawn" else None
        if seed is not None:
            random.Random(seed).shuffle(regular)
        rows = [
            RowInsert(
                "placements",
                {"account_id": entrant.account_id, "contest_id": contest_id, "seat_id": seat.id},
            )
            for entrant, seat in zip(entrants, regular, strict=False)
        ]
        await self.acts.record(
            who,
            "placements.make",
            contest_id,
            contest_id=contest_id,
            details={"count": len(rows), "order": body.order, "seed": seed},
            deletes=[RowDelete("placements", {"contest_id": contest_id})],
            inserts=rows,
            expected={contest_id: body.seen},
        )
        return await self.placements(who, contest_id)

    async def move(self, who: Principal, contest_id: str, body: Move) -> PlacementView:
        """换机: to a free place; every log-in at the old one ends, the new one asks for the ticket.

        Raises NotFound, NotPermitted, Conflict if somebody sits there, Overtaken.
        """
        await self.contests.row(who, contest_id, Permission.MOVE_CONTESTANT)
        # Read before the places: whoever takes one afterwards makes this revision an old one.
        seen = await self.contests.revision(contest_id)
        there = await self.repository.placements(contest_id)
        mine = next((row for row in there if body.key in (row.seat_id, row.account_id)), None)
        target = await self.repository.seat(body.seat_id)
        if mine is None or target is None:
            raise NotFound
        if any(row.seat_id == body.seat_id for row in there):
            raise Conflict(
                Text(zh=f"{target.label} 已有选手，请选空闲赛位", en=f"{target.label} is taken: choose a free place")
            )
        await self.acts.record(
            who,
            "contestant.move",
            mine.account_id,
            contest_id=contest_id,
            details={"from": mine.label, "to": target.label, "reason": body.reason},
            updates=[RowUpdate("placements", {"account_id": mine.account_id}, {"seat_id": body.seat_id})],
            expected={contest_id: seen},
        )
        await self.accounts.end_logins(mine.account_id)
        return _placement(
            next(row for row in await self.repository.placements(contest_id) if row.account_id == mine.account_id)
        )

    # --- the machine at a place ----------------------------------------------------------------------

    async def bind(self, seat_id: str, token: str | None, address: str) -> str:
        """Bind the asking machine to a place; returns its token. Raises NotFound, PlaceTaken."""
        seat = await self.repository.seat(seat_id)
        if seat is None:
            raise NotFound(Text(zh="没有这个赛位，请核对链接", en="No such place: check the link"))
        if token is not None and seat.token_sha256 == sha256_hex(token):
            return token
        if seat.token_sha256 is not None and self._in_use(seat, address):
            raise PlaceTaken(
                Text(
                    zh=f"{seat.label} 正在另一台电脑（{seat.address}）上使用；如需换到本机，请技术人员先释放该赛位",
                    en=f"{seat.label} is in use on another machine ({seat.address}); "
                    "to use this one, a technician must release the place first",
                )
            )
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
        return fresh

    async def check_ticket(self, token: str | None, ticket_number: str) -> tuple[Principal, str]:
        """Whose ticket this is, and the place, if it is the right one.

        Raises NotBound, UnknownTicket, WrongSeat with the right place, TooMany.
        """
        seat = await self._bound(token)
        self._count_try(seat.id)
        sitters = await self.repository.sitters(seat.id)
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

    async def view(self, token: str | None, me: Principal | None) -> PlaceView:
        """What the machine shows; raises NotBound."""
        seat = await self._bound(token)
        now_ms = self.clock.now_ms()
        self.presence.asked(seat.id, now_ms)
        sitters = await self.repository.sitters(seat.id)
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
        contest_id = sitter.contest_id
        await self.announcements.load(contest_id)
        attempt = await self._next(contest_id, sitter.account_id) if mine else None
        stages = await self.contests.repository.stages([contest_id])
        return PlaceView(
            label=seat.label,
            contest_title=Text.model_validate(sitter.title),
            ticket_number=sitter.ticket_number,
            mine=mine,
            server_ms=now_ms,
            attempt_id=None if attempt is None else attempt.record.attempt_id,
            attempt_phase=None if attempt is None else attempt.core.phase,
            timetable=tuple(stage_view(stage, self.contests.modules) for stage in stages),
            announcements=self.announcements.to_room(contest_id, seat.room),
        )

    async def where(self, contest_id: str, account_id: str) -> Whereabout | None:
        """Where an entrant of a contest sits; None without a place."""
        row = await self.repository.placement(account_id)
        if row is None or row.contest_id != contest_id:
            return None
        return Whereabout(row.label, row.room, row.ticket_number)

    # --- inside --------------------------------------------------------------------------------------

    async def _bound(self, token: str | None) -> Any:
        seat = await self.repository.seat_of_token(sha256_hex(token)) if token else None
        if seat is None:
            raise NotBound
        return seat

    async def _open_contests(self) -> list[str]:
        rows = await self.contests.repository.contests(["contest"])
        return [row.id for row in rows if row.closed_ms is None]

    async def _next(self, contest_id: str, account_id: str) -> StandingAttempt | None:
        """Where a contestant belongs now: what runs, else what is armed, else what was closed last."""
        records = await self.attempts.of_contestant(contest_id, account_id)
        standing = [await self.runner.attempt(record.attempt_id) for record in records]
        running = [one for one in standing if one.core.phase in (Phase.RUNNING, Phase.PAUSED)]
        armed = [one for one in standing if one.core.phase is Phase.ARMED]
        return next(iter([*running, *armed, *reversed(standing)]), None)

    def _count_try(self, seat_id: str) -> None:
        now_ms = self.clock.now_ms()
        tries = [at_ms for at_ms in self._tries.get(seat_id, []) if at_ms > now_ms - 60_000]
        if len(tries) >= TRIES_A_MINUTE:
            raise TooMany
        self._tries[seat_id] = [*tries, now_ms]

    def _in_use(self, seat: Any, address: str) -> bool:
        """Whether the machine that is bound there shows signs of life, and is not the asking one at its address."""
        if seat.address == address:
            return False
        asked_ms = self.presence.asked_ms(seat.id)
        lately = asked_ms is not None and asked_ms > self.clock.now_ms() - ASKED_LATELY_MS
        return lately or self.presence.at_seat(seat.id) is not None

    def _seat(self, row: Any) -> SeatView:
        asked_ms = self.presence.asked_ms(row.id)
        lately = asked_ms is not None and asked_ms > self.clock.now_ms() - ASKED_LATELY_MS
        return SeatView(
            seat_id=row.id,
            label=row.label,
            room=row.room,
            spare=row.spare,
            bound_ms=row.bound_ms,
            address=row.address,
            online=lately or self.presence.at_seat(row.id) is not None,
        )


MACHINE = Principal(account_id="machine", roles=(), display_name="赛位电脑")
"""Who binds a place: whatever machine opened its link."""


def _placement(row: Any) -> PlacementView:
    return PlacementView(
        seat_id=row.seat_id,
        label=row.label,
        room=row.room,
        account_id=row.account_id,
        ticket_number=row.ticket_number,
    )
