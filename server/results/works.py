"""Results of a stage by work code: the table, one work down to the alignment, the workbook."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from anyio import to_thread

from server.attempts.runner import AttemptRunner
from server.core.access import Permission, Principal
from server.core.clock import Clock
from server.core.contract import Progress
from server.core.errors import NotFound, StageNotRunning, StorageFailed
from server.core.modules import Modules
from server.core.outcome import Outcome
from server.core.phases import AttemptState, Phase
from server.core.text import Text
from server.papers.service import PapersService
from server.results import workbook
from server.results.repository import ResultsRepository
from server.results.schemas import StageResults, WorkOutcome, WorkView
from server.results.service import decimal_of
from server.results.tables_of import tables_of


@dataclass(frozen=True, slots=True)
class WorksService:
    """What staff may know of the works of a stage. Where a contest is blind, nothing here says whose work it is."""

    repository: ResultsRepository
    runner: AttemptRunner
    papers: PapersService
    modules: Modules
    clock: Clock

    async def stage(self, who: Principal, stage_id: str) -> StageResults:
        """All works of a stage, best first; raises NotFound, NotPermitted."""
        return await self._results(await self._stage(who, stage_id))

    async def work(self, who: Principal, stage_id: str, work_code: str) -> WorkOutcome:
        """One work; raises NotFound, NotPermitted, and StageNotRunning as long as the task is nobody's to see."""
        stage = await self._stage(who, stage_id)
        row = await self.repository.work(stage_id, work_code)
        if row is None:
            raise NotFound
        begun = row.started_ms is not None or stage.closed_ms is not None
        if not begun and not await self.repository.any_started(stage_id):
            raise StageNotRunning
        content = await self.papers.content(row.content_sha256)
        return WorkOutcome(
            work_code=row.work_code,
            module=row.module,
            stage_title=Text.model_validate(stage.title),
            outcome=None if row.body is None else _shown(Outcome.model_validate(row.body), blind=stage.blind),
            revision=row.revision or 0,
            failed=bool(row.failed),
            content=self.modules[row.module].seat_content(content).model_dump(mode="json", by_alias=True),
        )

    async def workbook(self, who: Principal, stage_id: str, language: str) -> tuple[str, bytes]:
        """File name and bytes of an .xlsx with the table and the working; raises NotFound, NotPermitted."""
        stage = await self._stage(who, stage_id)
        results = await self._results(stage)
        bodies = await self.repository.bodies(stage_id)
        criteria = await self._criteria(stage)
        corrections = len(await self.repository.corrections(stage_id))
        at_ms, module = self.clock.now_ms(), self.modules[stage.module]

        def made() -> bytes:
            outcomes = {row.work_code: Outcome.model_validate(row.body) for row in bodies}
            tables = {code: tables_of(module, outcome) for code, outcome in outcomes.items()}
            sheet = workbook.Working(results, outcomes, criteria, corrections, at_ms, tables)
            return workbook.made(sheet, language)

        return workbook.file_name(results, language), await to_thread.run_sync(made)

    async def work_workbook(self, who: Principal, stage_id: str, work_code: str, language: str) -> tuple[str, bytes]:
        """File name and bytes of an .xlsx of one work, by its code; raises NotFound (also without an outcome)."""
        stage = await self._stage(who, stage_id)
        row = await self.repository.work(stage_id, work_code)
        if row is None or row.body is None:
            raise NotFound
        outcome = Outcome.model_validate(row.body)
        one = workbook.OneWork(
            title=Text.model_validate(stage.title),
            who=Text(zh=work_code),
            outcome=outcome,
            criteria=await self._criteria(stage),
            tables=tables_of(self.modules[row.module], outcome),
            at_ms=self.clock.now_ms(),
        )
        body = await to_thread.run_sync(workbook.of_work, one, language)
        return workbook.work_file_name(one, language), body

    async def require_file(self, who: Principal, stage_id: str, work_code: str, sha256: str) -> None:
        """Passes for a file of the work's task; raises NotFound, NotPermitted, StageNotRunning."""
        await self.work(who, stage_id, work_code)
        row = await self.repository.work(stage_id, work_code)
        content = await self.papers.content(row.content_sha256)
        if sha256 not in self.modules[row.module].files(content):
            raise NotFound

    async def _stage(self, who: Principal, stage_id: str) -> Any:
        return await stage_for(who, stage_id, self.repository, Permission.SEE_RESULTS)

    async def _results(self, stage: Any) -> StageResults:
        rows = await self.repository.works(stage.id, named=not stage.blind)
        works = [await self._view(row, blind=stage.blind) for row in sorted(rows, key=_best_first)]
        works.sort(key=lambda work: work.close_cause == "absent")
        return StageResults(
            contest_id=stage.contest_id,
            contest_title=Text.model_validate(stage.contest_title),
            stage_id=stage.id,
            stage_title=Text.model_validate(stage.title),
            module=stage.module,
            blind=stage.blind,
            works=tuple(works),
        )

    async def _view(self, row: Any, *, blind: bool) -> WorkView:
        core = await self._core(row)
        absent = core.close_cause is not None and core.epoch == 0
        return WorkView(
            work_code=row.work_code,
            name=None if blind else row.display_name,
            number=None if blind else row.number,
            attempt_id=None if blind else row.id,
            phase=Phase(row.phase),
            close_cause="absent" if absent else core.close_cause,
            net_ms=None if blind else row.net_ms,
            progress=Progress(done=row.progress_done, total=row.progress_total),
            late_count=len(core.late_ids),
            marks=None if absent else decimal_of(row.marks),
            max_marks=decimal_of(row.max_marks),
            revision=row.revision or 0,
            failed=bool(row.failed),
        )

    async def _core(self, row: Any) -> AttemptState:
        """What only the fold knows; an attempt that can't be folded must not hide the table."""
        if row.phase != Phase.CLOSED.value:
            return AttemptState()
        try:
            return (await self.runner.attempt(row.id)).core
        except StorageFailed:
            return AttemptState()

    async def _criteria(self, stage: Any) -> dict[str, Text]:
        sha256 = stage.scoring_sha256 or stage.content_sha256
        if sha256 is None:
            return {}
        rubric = self.modules[stage.module].rubric(await self.papers.content(sha256))
        return {criterion.key: criterion.title for criterion in rubric.criteria}


async def stage_for(who: Principal, stage_id: str, repository: ResultsRepository, permission: Permission) -> Any:
    """A stage's row for somebody who may do this, or who teaches if it is a lesson; raises NotFound, NotPermitted."""
    who.require(permission, Permission.TEACH)
    stage = await repository.stage(stage_id)
    if stage is None or stage.kind == "practice":
        raise NotFound
    who.require(permission, *((Permission.TEACH,) if stage.kind == "lesson" else ()))
    return stage


def _best_first(row: Any) -> tuple[bool, Decimal, int, str]:
    """Of equal marks the shorter net time stands first (seed 001, 十(六)); works without marks come last."""
    marks = decimal_of(row.marks)
    return marks is None, -(marks or Decimal(0)), row.net_ms or 0, row.work_code


def _shown(outcome: Outcome, *, blind: bool) -> Outcome:
    """In a blind contest without pointers into the stream: by them the hall's time line would name the place."""
    return outcome.model_copy(update={"evidence": ()}) if blind else outcome
