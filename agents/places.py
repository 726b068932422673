"""赛位: places, who should sit there, and moving somebody to another."""

import random
import secrets
from dataclasses import dataclass
from typing import Any, ClassVar

from agents.presence import Presence
from agents.repository import PlacesRepository
from agents.schemas import ChangeSeat, Move, NewSeats, Place, PlacementView, SeatView
from server.accounts.acts import HOUSE, Acts
from server.accounts.service import AccountsService
from server.attempts.service import Whereabout
from server.contests.service import ContestsService
from server.core.access import Permission, Principal
from server.core.clock import Clock
from server.core.errors import Conflict, NotFound, Problem
from server.core.ids import new_id
from server.core.journal import RowDelete, RowInsert, RowUpdate
from server.core.text import Text

_READ = (Permission.MANAGE_PLACES, Permission.MANAGE_CONTEST, Permission.WATCH_HALL, Permission.MOVE_CONTESTANT)


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
    accounts: AccountsService
    presence: Presence
    acts: Acts
    clock: Clock

    # --- for technicians -----------------------------------------------------------------------------

    async def seats(self, who: Principal) -> list[SeatView]:
        """All places by label; raises NotPermitted."""
        who.require(*_READ)
        return [self._seat(row) for row in await self.repository.seats()]

    async def count(self) -> int:
        """How many places the house has; for whatever is sized by that."""
        return len(await self.repository.seats())

    async def add(self, who: Principal, body: NewSeats) -> list[SeatView]:
        """Places of a room, labelled A-01 and so on, the last of them spare.

        Raises NotPermitted, Conflict for labels taken, Overtaken.
        """
        who.require(Permission.MANAGE_PLACES)
        seen = await self.contests.revision(HOUSE)
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
        details = {"count": body.count}
        await self.acts.record(who, "seats.add", body.room, details=details, inserts=rows, expected={HOUSE: seen})
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

    async def where(self, contest_id: str, account_id: str) -> Whereabout | None:
        """Where an entrant of a contest sits; None without a place."""
        row = await self.repository.placement(account_id)
        if row is None or row.contest_id != contest_id:
            return None
        return Whereabout(row.label, row.room, row.ticket_number)

    # --- inside --------------------------------------------------------------------------------------

    def _seat(self, row: Any) -> SeatView:
        return SeatView(
            seat_id=row.id,
            label=row.label,
            room=row.room,
            spare=row.spare,
            bound_ms=row.bound_ms,
            address=row.address,
            online=self.presence.there(row.id, self.clock.now_ms()),
        )


def _placement(row: Any) -> PlacementView:
    return PlacementView(
        seat_id=row.seat_id,
        label=row.label,
        room=row.room,
        account_id=row.account_id,
        ticket_number=row.ticket_number,
    )
