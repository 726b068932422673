"""公告: words of the staff to the places of a contest, and who has read them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from server.accounts.acts import Acts
from server.accounts.service import AccountsService
from server.attempts.repository import AttemptsRepository
from server.attempts.runner import AttemptRunner
from server.contests.schemas import AnnouncementReceipts, AnnouncementView, NewAnnouncement
from server.contests.service import ContestsService
from server.core.access import Permission, Principal
from server.core.clock import Clock
from server.core.ids import new_id
from server.core.journal import RowInsert
from server.core.phases import Phase


@dataclass(frozen=True, slots=True)
class Announced:
    """An announcement in memory; `room` is None for the whole hall."""

    view: AnnouncementView
    room: str | None


@dataclass(slots=True)
class AnnouncementsService:
    """Announcements are kept in memory by contest: every view of every place asks for them."""

    contests: ContestsService
    repository: AttemptsRepository
    runner: AttemptRunner
    accounts: AccountsService
    acts: Acts
    clock: Clock
    _known: dict[str, list[Announced]] = field(default_factory=dict)

    async def load(self, contest_id: str) -> None:
        """Have the announcements of a contest in memory."""
        if contest_id not in self._known:
            rows = await self.contests.repository.announcements(contest_id)
            # Not over what somebody else has loaded, and added to, while these were being read.
            self._known.setdefault(contest_id, [_announced(row) for row in rows])

    def to_room(self, contest_id: str, room: str) -> tuple[AnnouncementView, ...]:
        """What was said to a room, oldest first; only of a contest that was loaded."""
        return tuple(one.view for one in self._known.get(contest_id, ()) if one.room in (None, room))

    async def announce(self, who: Principal, contest_id: str, body: NewAnnouncement) -> list[AnnouncementReceipts]:
        """Say something to every place, or to those of one room; raises NotFound, NotPermitted."""
        await self.contests.row(who, contest_id, Permission.ANNOUNCE)
        await self.load(contest_id)
        now_ms = self.clock.now_ms()
        values: dict[str, Any] = {
            "id": new_id(now_ms),
            "contest_id": contest_id,
            "body": body.body,
            "room": body.room,
            "announced_by": who.account_id,
            "at_ms": now_ms,
        }
        row = RowInsert("announcements", values)
        details = {"room": body.room, "characters": len(body.body)}
        await self.acts.record(
            who, "announcement.say", values["id"], contest_id=contest_id, details=details, inserts=[row]
        )
        view = AnnouncementView(announcement_id=values["id"], body=body.body, at_ms=now_ms)
        self._known[contest_id].append(Announced(view, body.room))
        self.runner.tell(record.attempt_id for record in await self.repository.of_contest(contest_id))
        return await self.receipts(who, contest_id)

    async def receipts(
        self, who: Principal, contest_id: str, labels: Mapping[str, tuple[str, str]] | None = None
    ) -> list[AnnouncementReceipts]:
        """Announcements, newest first, with how many have read them and who has not.

        `labels`: label and room by account; without them, and for whoever has none, nobody is listed as missing.
        """
        row = await self.contests.row(who, contest_id, Permission.ANNOUNCE, Permission.WATCH_HALL)
        records = await self.repository.of_contest(row.id)
        await self.runner.wake_up([record.attempt_id for record in records])
        read: dict[str, set[str]] = {}
        present: set[str] = set()
        for record in records:
            standing = self.runner.standing(record.attempt_id)
            if standing is None:
                continue
            read.setdefault(record.contestant_id, set()).update(standing.core.read_ids)
            if standing.core.phase is not Phase.CLOSED:
                present.add(record.contestant_id)
        rows = await self.contests.repository.announcements(contest_id)
        names = await self.accounts.names([one.announced_by for one in rows])
        return [
            AnnouncementReceipts(
                announcement_id=one.id,
                body=one.body,
                room=one.room,
                announced_by=names.get(one.announced_by, ""),
                at_ms=one.at_ms,
                read=sum(one.id in ids for ids in read.values()),
                missing=tuple(
                    sorted(
                        label
                        for account_id, (label, room) in (labels or {}).items()
                        if account_id in present
                        and one.room in (None, room)
                        and one.id not in read.get(account_id, set())
                    )
                ),
            )
            for one in reversed(rows)
        ]


def _announced(row: Any) -> Announced:
    view = AnnouncementView(announcement_id=row.id, body=row.body, at_ms=row.at_ms)
    return Announced(view, row.room)
