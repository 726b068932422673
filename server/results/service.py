"""Results as people see them: outcome, history, 错题再练, the trainer's list."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from server.attempts.live import StandingAttempt
from server.attempts.service import AttemptsService
from server.core.access import Permission, Principal
from server.core.contract import Progress
from server.core.errors import Conflict
from server.core.modules import Modules
from server.core.outcome import Outcome
from server.core.phases import Phase
from server.core.text import Text
from server.results.repository import ResultsRepository
from server.results.schemas import AttemptBrief, OutcomeView


@dataclass(frozen=True, slots=True)
class ResultsService:
    """What people may know of results."""

    repository: ResultsRepository
    attempts: AttemptsService
    modules: Modules

    async def outcome(self, who: Principal, attempt_id: str) -> OutcomeView:
        """The automatic outcome of a practice attempt; raises NotFound, Conflict while it is open."""
        live = await self.attempts.visible(who, attempt_id)
        if live.core.phase is not Phase.CLOSED:
            raise Conflict(Text(zh="交卷后才能查看得分", en="The score is shown after the hand-in"))
        outcome = await self._outcome(attempt_id)
        return OutcomeView(
            status="pending" if outcome is None else "ready",
            attempt=await self.attempts.view(live),
            outcome=outcome,
            can_repeat=(
                outcome is not None
                and live.record.contestant_id == who.account_id
                and live.module.again(live.content, outcome) is not None
            ),
        )

    async def again(self, who: Principal, attempt_id: str) -> StandingAttempt:
        """错题再练: a new practice round on what went wrong; raises NotFound, Conflict."""
        live = await self.attempts.own(who, attempt_id)
        outcome = await self._outcome(attempt_id)
        if outcome is None:
            raise Conflict(Text(zh="得分尚未算出，请稍候", en="The score is not ready yet"))
        content = live.module.again(live.content, outcome)
        if content is None:
            raise Conflict(Text(zh="没有错题，无需再练", en="Nothing was wrong"))
        return await self.attempts.open_practice_on(who, live.module, content)

    async def history(self, who: Principal) -> list[AttemptBrief]:
        """The asker's own practice rounds, newest first."""
        who.require(Permission.PRACTISE)
        return [self._brief(row) for row in await self.repository.practice(who.account_id)]

    async def watch(self, who: Principal) -> list[AttemptBrief]:
        """Everybody's practice rounds for a trainer: raised hands first, then unfinished, then newest."""
        who.require(Permission.WATCH_PRACTICE)
        briefs = [self._brief(row) for row in await self.repository.practice(None)]
        return sorted(briefs, key=lambda brief: (brief.help_since_ms is None, brief.phase is Phase.CLOSED))

    async def _outcome(self, attempt_id: str) -> Outcome | None:
        row = await self.repository.outcome(attempt_id)
        return None if row is None else Outcome.model_validate(row.body)

    def _brief(self, row: Any) -> AttemptBrief:
        return AttemptBrief(
            attempt_id=row.id,
            module=row.module,
            module_title=self.modules[row.module].title,
            paper_title=Text.model_validate(row.title),
            contestant_name=row.display_name,
            phase=Phase(row.phase),
            opened_ms=row.opened_ms,
            started_ms=row.started_ms,
            closed_ms=row.closed_ms,
            net_ms=row.net_ms,
            last_event_ms=row.last_event_ms,
            help_since_ms=row.help_since_ms,
            progress=Progress(done=row.progress_done, total=row.progress_total),
            marks=None if row.marks is None else Decimal(row.marks),
            max_marks=None if row.max_marks is None else Decimal(row.max_marks),
        )
