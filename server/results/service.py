"""Results as those see them who took part, and those who teach: outcome, history, 错题再练, the trainer's lists."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from anyio import to_thread

from server.attempts.service import AttemptsService
from server.attempts.standing import StandingAttempt
from server.core.access import Permission, Principal
from server.core.clock import Clock
from server.core.contract import Content, Progress
from server.core.errors import Conflict, NotFound
from server.core.modules import Modules
from server.core.outcome import Outcome
from server.core.phases import Phase
from server.core.text import Text
from server.papers.service import PapersService
from server.results import workbook
from server.results.repository import ResultsRepository
from server.results.schemas import AttemptBrief, OutcomeView, PupilHistory
from server.results.tables_of import tables_of


class NotPublished(Conflict):
    """The marks of a contest are nobody's to see before they are published."""

    code = "not-published"
    title = Text(zh="比赛成绩公布后可查看", en="The marks of a contest can be seen once they have been published")


@dataclass(frozen=True, slots=True)
class ResultsService:
    """What people may know of their own results, and trainers of their pupils'."""

    repository: ResultsRepository
    attempts: AttemptsService
    papers: PapersService
    modules: Modules
    clock: Clock

    async def outcome(self, who: Principal, attempt_id: str) -> OutcomeView:
        """The automatic outcome of a practice round or a lesson.

        Raises NotFound, Conflict while it is open, NotPublished in a contest.
        """
        live = _not_of_a_contest(await self.attempts.visible(who, attempt_id))
        if live.core.phase is not Phase.CLOSED:
            raise Conflict(Text(zh="交卷后才能查看得分", en="The score is shown after the hand-in"))
        row = await self.repository.outcome(attempt_id)
        outcome = _outcome_of(row)
        own = live.record.contestant_id == who.account_id
        return OutcomeView(
            status="pending" if row is None else "failed" if outcome is None else "ready",
            attempt=await self.attempts.view(live),
            outcome=outcome,
            can_repeat=own and outcome is not None and await self._wrong(live, row, outcome) is not None,
        )

    async def workbook(self, who: Principal, attempt_id: str, language: str) -> tuple[str, bytes]:
        """File name and bytes of an .xlsx of one round, under its contestant's name.

        Raises NotFound (also without an outcome), Conflict while it is open, NotPublished in a contest.
        """
        view = await self.outcome(who, attempt_id)
        if view.outcome is None:
            raise NotFound
        live = await self.attempts.visible(who, attempt_id)
        one = workbook.OneWork(
            title=view.attempt.paper_title,
            who=Text(zh=view.attempt.contestant_name),
            outcome=view.outcome,
            criteria={criterion.key: criterion.title for criterion in live.module.rubric(live.content).criteria},
            tables=tables_of(live.module, view.outcome),
            at_ms=self.clock.now_ms(),
        )
        body = await to_thread.run_sync(workbook.of_work, one, language)
        return workbook.work_file_name(one, language), body

    async def again(self, who: Principal, attempt_id: str) -> StandingAttempt:
        """错题再练: a new practice round on what went wrong; raises NotFound, Conflict, NotPublished."""
        live = _not_of_a_contest(await self.attempts.own(who, attempt_id))
        row = await self.repository.outcome(attempt_id)
        outcome = _outcome_of(row)
        if outcome is None:
            if row is None:
                raise Conflict(Text(zh="得分尚未算出，请稍候", en="The score is not ready yet"))
            raise Conflict(Text(zh="评分失败，请联系教师", en="Scoring failed, please tell your trainer"))
        content = await self._wrong(live, row, outcome)
        if content is None:
            raise Conflict(Text(zh="没有错题，无需再练", en="Nothing was wrong"))
        return await self.attempts.open_practice_on(who, live.module, content)

    async def history(self, who: Principal) -> list[AttemptBrief]:
        """The asker's own practice rounds and lessons, newest first."""
        who.require(Permission.PRACTISE)
        return [self._brief(row) for row in await self.repository.rounds(("practice", "lesson"), who.account_id)]

    async def watch(self, who: Principal) -> list[AttemptBrief]:
        """Everybody's practice rounds for a trainer: raised hands first, then unfinished, then newest."""
        who.require(Permission.TEACH)
        briefs = [self._brief(row) for row in await self.repository.rounds(("practice",), None)]
        return sorted(briefs, key=lambda brief: (brief.help_since_ms is None, brief.phase is Phase.CLOSED))

    async def class_history(self, who: Principal, class_id: str) -> list[PupilHistory]:
        """Practice rounds and lessons of every pupil of a class, by number; raises NotPermitted, NotFound."""
        who.require(Permission.TEACH)
        if not await self.repository.class_exists(class_id):
            raise NotFound
        rounds: dict[str, list[AttemptBrief]] = {}
        for row in await self.repository.rounds_of_class(class_id):
            rounds.setdefault(row.contestant_id, []).append(self._brief(row))
        return [
            PupilHistory(
                account_id=pupil.account_id,
                number=pupil.number,
                name=pupil.display_name,
                rounds=tuple(rounds.get(pupil.account_id, ())),
            )
            for pupil in await self.repository.pupils(class_id)
        ]

    async def _wrong(self, live: StandingAttempt, row: Any, outcome: Outcome) -> Content | None:
        """What went wrong, with the answers by which it was scored: corrected ones, if the key was corrected."""
        content: Content | None = live.module.again(await self.papers.content(row.content_sha256), outcome)
        return content

    def _brief(self, row: Any) -> AttemptBrief:
        return AttemptBrief(
            attempt_id=row.id,
            contest_kind=row.kind,
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
            marks=decimal_of(row.marks),
            max_marks=decimal_of(row.max_marks),
            failed=bool(row.failed),
        )


def decimal_of(marks: str | None) -> Decimal | None:
    """Marks as a table keeps them."""
    return None if marks is None else Decimal(marks)


def _outcome_of(row: Any) -> Outcome | None:
    """The outcome in a row, if there is one."""
    return None if row is None or row.body is None else Outcome.model_validate(row.body)


def _not_of_a_contest(live: StandingAttempt) -> StandingAttempt:
    if live.record.kind == "contest":
        raise NotPublished
    return live
