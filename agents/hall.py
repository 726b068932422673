"""The hall as staff sees it: raised hands, attempts, announcements, the clock on the projector."""

from dataclasses import dataclass
from typing import Any

from agents.picture import is_absent
from agents.roll import WATCHERS, Entry, Roll
from server.accounts.acts import Acts
from server.accounts.service import AccountsService
from server.attempts import orders
from server.attempts.announcements import AnnouncementsService
from server.attempts.control import RunControl
from server.attempts.requests import Act
from server.attempts.schemas import AttemptView
from server.attempts.service import AttemptsService
from server.attempts.standing import StandingAttempt
from server.contests.schemas import (
    AnnouncementReceipts,
    HallClock,
    NewAnnouncement,
)
from server.contests.service import ContestsService, stage_phase, stage_view
from server.core.access import Permission, Principal
from server.core.clock import Clock
from server.core.errors import NotFound
from server.core.phases import Phase
from server.core.text import Text


@dataclass(frozen=True, slots=True)
class HallService:
    """What staff sees and does beside the orders."""

    contests: ContestsService
    attempts: AttemptsService
    accounts: AccountsService
    announcements: AnnouncementsService
    control: RunControl
    roll: Roll
    acts: Acts
    clock: Clock

    async def claim_help(self, who: Principal, contest_id: str, attempt_id: str) -> None:
        """我去处理; raises NotFound, NotPermitted."""
        await self._help(who, contest_id, attempt_id, "help.claim", orders.claim_help(who.account_id))

    async def close_help(self, who: Principal, contest_id: str, attempt_id: str) -> None:
        """已处理; raises NotFound, NotPermitted."""
        await self._help(who, contest_id, attempt_id, "help.close", orders.close_help)

    async def attempt(self, who: Principal, contest_id: str, attempt_id: str) -> AttemptView:
        """An attempt as its contestant sees it, without name and work code; raises NotFound, NotPermitted."""
        await self.contests.row(who, contest_id, *WATCHERS)
        view = await self.attempts.view(await self._of_contest(contest_id, attempt_id))
        receipt = (
            None if view.receipt is None else view.receipt.model_copy(update={"work_code": "", "answers_sha256": ""})
        )
        return view.model_copy(update={"contestant_name": "", "receipt": receipt})

    async def announce(self, who: Principal, contest_id: str, body: NewAnnouncement) -> list[AnnouncementReceipts]:
        """Say something; raises NotFound, NotPermitted."""
        await self.announcements.announce(who, contest_id, body)
        return await self.receipts(who, contest_id)

    async def receipts(self, who: Principal, contest_id: str) -> list[AnnouncementReceipts]:
        """Announcements with who has not read them; raises NotFound, NotPermitted."""
        contest = await self.contests.row(who, contest_id, Permission.ANNOUNCE, Permission.WATCH_HALL)
        labels = {
            entry.account_id: (entry.name or entry.label, entry.room)
            for entry in await self.roll.call(contest, None)
            if entry.account_id is not None
        }
        return await self.announcements.receipts(who, contest_id, labels)

    async def clock_view(self, who: Principal, contest_id: str) -> HallClock:
        """What the projector shows: no identities. Raises NotFound, NotPermitted."""
        contest = await self.contests.row(who, contest_id, Permission.SEE_HALL_CLOCK)
        rows = await self.contests.repository.stages([contest_id])
        stage = current_stage(rows)
        standing = [] if stage is None else await self._standings(contest, stage.id)
        running = [one for one in standing if one.core.phase is Phase.RUNNING]
        paused = [one for one in standing if one.core.phase is Phase.PAUSED]
        now_ms = self.clock.now_ms()
        ends = sorted(one.core.ends_ms or 0 for one in running)
        ends_ms = ends[len(ends) // 2] if ends else None
        left = sorted(one.core.moment(now_ms).left_ms for one in paused)
        return HallClock(
            contest_title=Text.model_validate(contest.title),
            server_ms=now_ms,
            stage_title=None if stage is None else Text.model_validate(stage.title),
            phase=None if stage is None else stage_phase(stage),
            starts_ms=None if stage is None else stage.starts_ms,
            planned_ms=None if stage is None else stage.planned_ms,
            ends_ms=ends_ms,
            left_ms=left[len(left) // 2] if left else None,
            paused=bool(paused) and not running,
            running=len(running) + len(paused),
            finished=sum(one.core.phase is Phase.CLOSED and not is_absent(one.core) for one in standing),
            total=len(standing),
            timetable=tuple(stage_view(row, self.contests.modules) for row in rows),
        )

    # --- inside --------------------------------------------------------------------------------------

    async def _help(self, who: Principal, contest_id: str, attempt_id: str, act: str, change: Act) -> None:
        await self.contests.row(who, contest_id, Permission.ANSWER_HELP)
        core = (await self._of_contest(contest_id, attempt_id)).core
        if core.help_since_ms is None or (act == "help.claim" and core.help_by is not None):
            return  # somebody was faster
        acted = self.acts.event(who, act, attempt_id, contest_id=contest_id)
        await self.control.runner.order({attempt_id: change}, events=[acted])

    async def _of_contest(self, contest_id: str, attempt_id: str) -> StandingAttempt:
        standing = await self.control.runner.attempt(attempt_id)
        if standing.record.contest_id != contest_id:
            raise NotFound
        return standing

    async def _standings(self, contest: Any, stage_id: str) -> list[StandingAttempt]:
        entries = await self.roll.call(contest, stage_id)
        await self.control.runner.wake_up([entry.attempt_id for entry in entries if entry.attempt_id is not None])
        return [standing for entry in entries if (standing := self._standing(entry)) is not None]

    def _standing(self, entry: Entry) -> StandingAttempt | None:
        return None if entry.attempt_id is None else self.control.runner.standing(entry.attempt_id)


def current_stage(rows: list[Any]) -> Any:
    """The stage that a hall looks at: what runs, else what comes next, else the last; None without any."""
    by_phase: dict[str, list[Any]] = {}
    for row in rows:
        by_phase.setdefault(stage_phase(row), []).append(row)
    for phase in ("running", "scheduled", "armed", "not_open"):
        if phase in by_phase:
            return by_phase[phase][0]
    return rows[-1] if rows else None
