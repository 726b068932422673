"""Attempts as pages see them: opening a practice round, views, receipts."""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from server.accounts.acts import Acts
from server.accounts.service import AccountsService
from server.attempts import orders
from server.attempts.announcements import AnnouncementsService
from server.attempts.repository import AttemptsRepository
from server.attempts.requests import Opening
from server.attempts.runner import AttemptRunner
from server.attempts.schemas import AttemptView, DeviceStanding, EventView, Receipt
from server.attempts.standing import AttemptRecord, StandingAttempt
from server.contests.schemas import AnnouncementView, ContestKind
from server.contests.service import plan_round
from server.core.access import Permission, Principal
from server.core.clock import Clock
from server.core.contract import AnyModule, Content
from server.core.devices import faults_of, mark_of
from server.core.errors import Conflict, NotFound
from server.core.ids import new_code, new_id
from server.core.journal import Journal, Recorded
from server.core.phases import AttemptState, Phase
from server.core.text import Text
from server.papers.service import PapersService

MOST_OPEN = 20
"""Practice rounds of one person that are not finished."""
PRACTICE_PLACE = Text(zh="练习赛位", en="Practice seat")


@dataclass(frozen=True, slots=True)
class Whereabout:
    """A contestant's place."""

    label: str
    room: str
    ticket_number: str


class Whereabouts(Protocol):
    """Who sits where; the places know."""

    async def where(self, contest_id: str, account_id: str) -> Whereabout | None:
        """An entrant's place in a contest; None if there is none."""
        ...


@dataclass(frozen=True, slots=True)
class AttemptFacts:
    """Titles and name that stand on every view of one attempt."""

    contest_kind: ContestKind
    contest_title: Text
    paper_title: Text
    contestant_name: str
    place: Text
    room: str
    starts_ms: int | None
    """When the stage starts by itself, as long as it has not."""

    def view(self, live: StandingAttempt, now_ms: int, announced: Sequence[AnnouncementView] = ()) -> AttemptView:
        """The attempt as its contestant sees it at `now_ms` (UTC epoch ms)."""
        core = live.core
        at = core.moment(now_ms)
        return AttemptView(
            attempt_id=live.record.attempt_id,
            contest_id=live.record.contest_id,
            contest_kind=self.contest_kind,
            contest_title=self.contest_title,
            module=live.module.name,
            module_title=live.module.title,
            paper_title=self.paper_title,
            contestant_name=self.contestant_name,
            place=self.place,
            phase=core.phase,
            server_ms=now_ms,
            limit_ms=core.limit_ms,
            stage_ms=at.stage_ms,
            left_ms=at.left_ms,
            ends_ms=core.ends_ms,
            starts_ms=self.starts_ms if core.phase is Phase.ARMED else None,
            delayed=core.delayed_behind is not None,
            rules_acknowledged=core.rules_acknowledged,
            pause_cause=core.pause_cause,
            help_since_ms=core.help_since_ms,
            help_claimed=core.help_by is not None,
            announcements=tuple(one for one in announced if one.announcement_id not in core.read_ids),
            progress=live.progress,
            device=device_standing(core),
            receipt=receipt(live),
        )


@dataclass(frozen=True, slots=True)
class AttemptsService:
    """What people may do with attempts."""

    runner: AttemptRunner
    repository: AttemptsRepository
    journal: Journal
    papers: PapersService
    accounts: AccountsService
    acts: Acts
    announcements: AnnouncementsService
    whereabouts: Whereabouts
    clock: Clock

    async def open_practice(self, who: Principal, paper_id: str) -> StandingAttempt:
        """A practice round on an offered paper; raises NotFound, NotPermitted."""
        who.require(Permission.PRACTISE)
        paper, sha256 = await self.papers.offered_paper(paper_id)
        module = self.papers.modules[paper.module]
        return await self._open(who, module, await self.papers.content(sha256), sha256, paper_id)

    async def open_practice_on(self, who: Principal, module: AnyModule, content: Content) -> StandingAttempt:
        """A practice round on a content made for it (错题再练)."""
        who.require(Permission.PRACTISE)
        return await self._open(who, module, content, await self.papers.add_content(module, content), None)

    async def _open(
        self, who: Principal, module: AnyModule, content: Content, sha256: str, paper_id: str | None
    ) -> StandingAttempt:
        if await self.repository.open_rounds(who.account_id) >= MOST_OPEN:
            raise Conflict(
                Text(
                    zh=f"已有 {MOST_OPEN} 次练习没有交卷，请先完成或交卷",
                    en=f"{MOST_OPEN} rounds have not been handed in: finish one first",
                )
            )
        now_ms = self.clock.now_ms()
        planned = plan_round(module.name, content.title, paper_id, sha256, content.duration_ms, now_ms)
        record = AttemptRecord(
            attempt_id=new_id(now_ms),
            contest_id=planned.round.contest_id,
            stage_id=planned.round.stage_id,
            kind="practice",
            contestant_id=who.account_id,
            module=module.name,
            content_sha256=sha256,
            work_code=new_code(8),
            opened_ms=now_ms,
        )
        opening = Opening(record, module, content, secrets.randbits(32))
        (standing,) = await self.runner.open([opening], inserts=planned.inserts)
        return standing

    async def own(self, who: Principal, attempt_id: str) -> StandingAttempt:
        """An attempt that is the asker's own; raises NotFound, also when it is somebody else's."""
        live = await self.runner.attempt(attempt_id)
        if live.record.contestant_id != who.account_id:
            raise NotFound
        return live

    async def visible(self, who: Principal, attempt_id: str) -> StandingAttempt:
        """An attempt that the asker may look at: the own one, or a practice round or a lesson of those who teach.

        Raises NotFound.
        """
        standing = await self.runner.attempt(attempt_id)
        watched = who.may(Permission.TEACH) and standing.record.kind != "contest"
        if not watched and standing.record.contestant_id != who.account_id:
            raise NotFound
        return standing

    async def followed(self, who: Principal, attempt_id: str) -> StandingAttempt:
        """An attempt that the asker may look at, or watches in the hall; raises NotFound."""
        standing = await self.runner.attempt(attempt_id)
        if standing.record.kind == "contest" and who.may(Permission.WATCH_HALL):
            return standing
        return await self.visible(who, attempt_id)

    async def facts(self, live: StandingAttempt) -> AttemptFacts:
        """What of an attempt's view changes seldom or never; read once, so that a view costs no query."""
        record = live.record
        titles = await self.repository.titles(record.attempt_id)
        at = await self.whereabouts.where(record.contest_id, record.contestant_id) if record.kind == "contest" else None
        await self.announcements.load(record.contest_id)
        return AttemptFacts(
            contest_kind=titles.kind,
            contest_title=Text.model_validate(titles.contest_title),
            paper_title=Text.model_validate(titles.title),
            contestant_name=await self._name(record) if at is None else at.ticket_number,
            place=PRACTICE_PLACE if at is None else Text(zh=at.label),
            room="" if at is None else at.room,
            starts_ms=titles.starts_ms if titles.started_ms is None else None,
        )

    async def _name(self, record: AttemptRecord) -> str:
        """What a page calls its contestant; in a contest whoever passes by reads no name there."""
        if record.kind == "contest":
            return ""
        return (await self.accounts.names([record.contestant_id])).get(record.contestant_id, "")

    def view_of(self, live: StandingAttempt, facts: AttemptFacts) -> AttemptView:
        """The attempt as its contestant sees it now."""
        announced = self.announcements.to_room(live.record.contest_id, facts.room)
        return facts.view(live, self.clock.now_ms(), announced)

    async def view(self, live: StandingAttempt) -> AttemptView:
        """The same, with its facts read anew."""
        return self.view_of(live, await self.facts(live))

    async def close_help(self, who: Principal, attempt_id: str) -> None:
        """A trainer has dealt with a raised hand in a practice round."""
        who.require(Permission.TEACH)
        standing = await self.visible(who, attempt_id)
        record = standing.record
        acted = self.acts.event(who, "help.close", attempt_id, contest_id=record.contest_id)
        await self.runner.order({attempt_id: orders.close_help}, events=[acted])

    async def timeline(self, who: Principal, attempt_id: str) -> list[EventView]:
        """Every event of an attempt that the asker may follow; raises NotFound.

        In a contest everybody sees what happened when, and no more: whoever watches the hall must not recognise a work,
        and a contestant must not read how an answer was judged. The latter holds in a lesson until it is over.
        """
        standing = await self.followed(who, attempt_id)
        views = [event_view(event) for event in await self.journal.read_stream(attempt_id)]
        kind, own = standing.record.kind, standing.record.contestant_id == who.account_id
        if kind == "contest" or (kind == "lesson" and own and standing.core.phase is not Phase.CLOSED):
            return [view.model_copy(update={"payload": _structure(view.payload)}) for view in views]
        return views


def device_standing(core: AttemptState) -> DeviceStanding:
    """How the machine stands by the latest device check."""
    report = core.device
    faults = () if report is None else faults_of(report)
    return DeviceStanding(mark=mark_of(report), faults=faults, checked_ms=core.device_ms)


def receipt(live: StandingAttempt) -> Receipt | None:
    """The receipt of a closed attempt."""
    core = live.core
    if core.phase is not Phase.CLOSED:
        return None
    return Receipt.model_validate(
        {
            "work_code": live.record.work_code,
            "lines": live.module.receipt(live.content, live.state),
            "net_ms": core.net_ms,
            "closed_ms": core.closed_ms,
            "close_cause": core.close_cause,
            "answers_sha256": core.answers_sha256,
            "late_count": len(core.late_ids),
        }
    )


def event_view(event: Recorded) -> EventView:
    """A journalled event for drilling down."""
    return EventView(
        seq=event.seq,
        type=event.type,
        at_ms=event.at_ms,
        stage_ms=event.stage_ms,
        payload=json.loads(event.payload),
    )


_STRUCTURE = frozenset({"type", "v", "cause", "reason", "ms", "by", "epoch", "report"})


def _structure(payload: dict[str, Any]) -> dict[str, Any]:
    """An event's payload without what the contestant did in the task, nor any figure that stands beside the marks."""
    return {key: value for key, value in payload.items() if key in _STRUCTURE}
