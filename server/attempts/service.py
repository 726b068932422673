"""Attempts as pages see them: opening a practice round, views, receipts."""

import json
import secrets
from dataclasses import dataclass
from typing import Literal

from server.accounts.service import AccountsService
from server.attempts.live import AttemptRecord, StandingAttempt
from server.attempts.repository import AttemptsRepository
from server.attempts.runner import AttemptRunner
from server.attempts.schemas import AttemptView, EventView, Receipt
from server.contests.service import plan_practice
from server.core.access import Permission, Principal
from server.core.clock import Clock
from server.core.contract import AnyModule, Content
from server.core.errors import NotFound
from server.core.ids import new_code, new_id
from server.core.journal import Journal, Recorded
from server.core.phases import Phase
from server.core.text import Text
from server.papers.service import PapersService

PRACTICE_PLACE = Text(zh="练习赛位", en="Practice seat")


@dataclass(frozen=True, slots=True)
class AttemptFacts:
    """Titles and name that stand on every view of one attempt."""

    contest_kind: Literal["practice", "contest"]
    contest_title: Text
    paper_title: Text
    contestant_name: str

    def view(self, live: StandingAttempt, now_ms: int) -> AttemptView:
        """The attempt as its contestant sees it at `now_ms` (UTC epoch ms)."""
        core = live.core
        at = core.moment(now_ms)
        return AttemptView(
            attempt_id=live.record.attempt_id,
            contest_kind=self.contest_kind,
            contest_title=self.contest_title,
            module=live.module.name,
            module_title=live.module.title,
            paper_title=self.paper_title,
            contestant_name=self.contestant_name,
            place=PRACTICE_PLACE,
            phase=core.phase,
            server_ms=now_ms,
            limit_ms=core.limit_ms,
            stage_ms=at.stage_ms,
            left_ms=at.left_ms,
            ends_ms=core.ends_ms,
            rules_acknowledged=core.rules_acknowledged,
            pause_cause=core.pause_cause,
            help_since_ms=core.help_since_ms,
            progress=live.module.progress(live.content, live.state),
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
    clock: Clock

    async def open_practice(self, who: Principal, paper_id: str) -> StandingAttempt:
        """A practice round on an offered paper; raises NotFound, NotPermitted."""
        who.require(Permission.PRACTISE)
        paper, sha256 = await self.papers.paper(paper_id)
        module = self.papers.modules[paper.module]
        return await self._open(who, module, await self.papers.content(sha256), sha256, paper_id)

    async def open_practice_on(self, who: Principal, module: AnyModule, content: Content) -> StandingAttempt:
        """A practice round on a content made for it (错题再练)."""
        who.require(Permission.PRACTISE)
        return await self._open(who, module, content, await self.papers.add_content(module, content), None)

    async def _open(
        self, who: Principal, module: AnyModule, content: Content, sha256: str, paper_id: str | None
    ) -> StandingAttempt:
        now_ms = self.clock.now_ms()
        planned = plan_practice(module.name, content.title, paper_id, content.duration_ms, now_ms)
        record = AttemptRecord(
            attempt_id=new_id(now_ms),
            contest_id=planned.round.contest_id,
            contestant_id=who.account_id,
            module=module.name,
            content_sha256=sha256,
            work_code=new_code(8),
            opened_ms=now_ms,
            self_run=True,
        )
        return await self.runner.open(record, module, content, planned.inserts, secrets.randbits(32))

    async def own(self, who: Principal, attempt_id: str) -> StandingAttempt:
        """An attempt that is the asker's own; raises NotFound, also when it is somebody else's."""
        live = await self.runner.attempt(attempt_id)
        if live.record.contestant_id != who.account_id:
            raise NotFound
        return live

    async def visible(self, who: Principal, attempt_id: str) -> StandingAttempt:
        """An attempt that the asker may look at: the own one, or a practice round as a trainer; raises NotFound."""
        standing = await self.runner.attempt(attempt_id)
        watched = who.may(Permission.WATCH_PRACTICE) and standing.record.self_run
        if not watched and standing.record.contestant_id != who.account_id:
            raise NotFound
        return standing

    async def facts(self, live: StandingAttempt) -> "AttemptFacts":
        """What of an attempt's view never changes; read once, so that a view costs no query."""
        titles = await self.repository.titles(live.record.attempt_id)
        names = await self.accounts.names([live.record.contestant_id])
        return AttemptFacts(
            contest_kind=titles.kind,
            contest_title=Text.model_validate(titles.contest_title),
            paper_title=Text.model_validate(titles.title),
            contestant_name=names.get(live.record.contestant_id, ""),
        )

    async def view(self, live: StandingAttempt) -> AttemptView:
        """The attempt as its contestant sees it now."""
        return (await self.facts(live)).view(live, self.clock.now_ms())

    async def close_help(self, who: Principal, attempt_id: str) -> None:
        """Staff has dealt with a raised hand."""
        who.require(Permission.WATCH_PRACTICE)
        await self.runner.close_help(attempt_id)

    async def timeline(self, who: Principal, attempt_id: str) -> list[EventView]:
        """Every event of an attempt the asker may look at."""
        await self.visible(who, attempt_id)
        return [event_view(event) for event in await self.journal.read_stream(attempt_id)]


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
