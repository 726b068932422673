"""更正: the key of a stage is corrected after the fact, and every work scored anew, old beside new."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from server.accounts.acts import Acts
from server.accounts.service import AccountsService
from server.core.access import Permission, Principal
from server.core.contract import AnyModule, Content, KeyLine
from server.core.errors import Conflict, Invalid
from server.core.ids import new_id
from server.core.journal import RowInsert, RowUpdate
from server.core.modules import Modules
from server.core.text import Text
from server.papers.service import PapersService
from server.results.repository import ResultsRepository
from server.results.schemas import CorrectedMark, CorrectionView, KeyLineView, NewCorrection
from server.results.scorer import OUTCOMES, OutcomeChange, Score, Scorer, outcome_change
from server.results.service import decimal_of
from server.results.works import stage_for


@dataclass(frozen=True, slots=True)
class _Rescored:
    """A closed work with what its outcome said before (a row of `ResultsRepository.closed`), and its new score."""

    row: Any
    score: Score

    @property
    def change(self) -> CorrectedMark | None:
        """Old and new marks if they differ; a first score changes nothing."""
        old, new = decimal_of(self.row.marks), self.score.marks
        if new is None or old == new or self.row.revision is None:
            return None
        return CorrectedMark(work_code=self.row.work_code, old=old, new=new)


@dataclass(frozen=True, slots=True)
class CorrectionsService:
    """What staff may do to the key of a stage."""

    repository: ResultsRepository
    scorer: Scorer
    papers: PapersService
    modules: Modules
    accounts: AccountsService
    acts: Acts

    async def key(self, who: Principal, stage_id: str) -> list[KeyLineView]:
        """The expected answers that hold now; raises NotFound, NotPermitted, Conflict before the stage begins."""
        stage = await self._stage(who, stage_id)
        content = await self.papers.content(_scored_by(stage))
        return [_line(line) for line in self.modules[stage.module].key(content)]

    async def all(self, who: Principal, stage_id: str) -> list[CorrectionView]:
        """Corrections of the stage, newest first; raises NotFound, NotPermitted."""
        await stage_for(who, stage_id, self.repository, Permission.CORRECT_KEY)
        return await self._views(await self.repository.corrections(stage_id))

    async def correct(self, who: Principal, stage_id: str, body: NewCorrection) -> CorrectionView:
        """Correct the key and score every closed work by it; what closes later is scored by it as well.

        Raises NotFound, NotPermitted, Invalid, Overtaken, and Conflict before the stage begins or if nothing changes.
        """
        await self._stage(who, stage_id)
        async with self.scorer.lock:
            stage = await self._stage(who, stage_id)
            old_sha256 = _scored_by(stage)
            module = self.modules[stage.module]
            old = await self.papers.content(old_sha256)
            new = _corrected(module, old, body.key)
            new_sha256 = await self.papers.add_content(module, new)
            works = [
                _Rescored(row, await self.scorer.work_out(row, new_sha256))
                for row in await self.repository.closed(stage_id)
            ]
            before, after = _differing(module.key(old), module.key(new))
            changes = [work.change for work in works if work.change is not None]
            failed = [work.row.work_code for work in works if work.score.failed]
            at_ms = self.acts.clock.now_ms()
            correction = {
                "id": new_id(at_ms),
                "contest_id": stage.contest_id,
                "stage_id": stage_id,
                "corrected_by": who.account_id,
                "reason": body.reason,
                "old_sha256": old_sha256,
                "new_sha256": new_sha256,
                "key": {"before": _dumped(before), "after": _dumped(after)},
                "changes": {"scored": len(works), "marks": _dumped(changes), "failed": failed},
                "at_ms": at_ms,
            }
            outcomes = [_change_of(work, at_ms) for work in works]
            act = self.acts.event(
                who,
                "key.correct",
                stage_id,
                contest_id=stage.contest_id,
                at_ms=at_ms,
                details={
                    "correction": correction["id"],
                    "paths": [line.path for line in after],
                    "old_sha256": old_sha256,
                    "new_sha256": new_sha256,
                    "scored": len(works),
                    "changed": [change.work_code for change in changes],
                    "failed": failed,
                },
            )
            await self.acts.journal.append(
                [act, *(outcome.event for outcome in outcomes)],
                inserts=[RowInsert("corrections", correction), *(row for one in outcomes for row in one.inserts)],
                updates=[
                    RowUpdate("stages", {"id": stage_id}, {"scoring_sha256": new_sha256}),
                    *(row for one in outcomes for row in one.updates),
                ],
                expected={stage.contest_id: body.seen},
            )
        self.scorer.bus.publish(OUTCOMES, stage.contest_id)
        (view,) = await self._views([await self.repository.correction(correction["id"])])
        return view

    async def _stage(self, who: Principal, stage_id: str) -> Any:
        """A stage whose key is no secret any more, at least to those who may correct it."""
        stage = await stage_for(who, stage_id, self.repository, Permission.CORRECT_KEY)
        if stage.kind == "contest" and not await self.repository.any_started(stage_id):
            raise Conflict(
                Text(
                    zh="本环节开始后才能查看和更正答案",
                    en="The key can be seen and corrected once the stage has begun",
                )
            )
        return stage

    async def _views(self, rows: Sequence[Any]) -> list[CorrectionView]:
        names = await self.accounts.names([row.corrected_by for row in rows])
        return [
            CorrectionView(
                correction_id=row.id,
                corrected_by=names.get(row.corrected_by, ""),
                reason=row.reason,
                at_ms=row.at_ms,
                key=tuple(KeyLineView.model_validate(line) for line in row.key["after"]),
                before=tuple(KeyLineView.model_validate(line) for line in row.key["before"]),
                scored=row.changes["scored"],
                changes=tuple(CorrectedMark.model_validate(change) for change in row.changes["marks"]),
                failed=tuple(row.changes["failed"]),
            )
            for row in rows
        ]


def _scored_by(stage: Any) -> str:
    sha256: str | None = stage.scoring_sha256 or stage.content_sha256
    if sha256 is None:
        raise Conflict(
            Text(
                zh="本环节还没有试卷，请先在日程中选择试卷",
                en="The stage has no paper yet: choose one in the timetable",
            )
        )
    return sha256


def _corrected(module: AnyModule, content: Content, accepted: Mapping[str, Sequence[str]]) -> Content:
    """The content with the corrected key; raises Invalid with the module's reasons, Conflict if nothing changes."""
    try:
        corrected: Content = module.with_key(content, accepted)
    except ValueError as error:
        raise Invalid(Text(zh=f"答案不符合要求：{error}", en=f"The key can't be so: {error}")) from error
    if faults := [fault for fault in module.check(corrected) if fault.severe]:
        raise Invalid(
            Text(zh="更正后的答案有错误", en="The corrected key has faults"),
            faults=[fault.model_dump(mode="json", by_alias=True) for fault in faults],
        )
    if corrected == content:
        raise Conflict(
            Text(zh="答案与现行答案相同，没有可更正的内容", en="The key says this already: nothing to correct")
        )
    return corrected


def _differing(old: Sequence[KeyLine], new: Sequence[KeyLine]) -> tuple[list[KeyLineView], list[KeyLineView]]:
    """The lines that were corrected, before and after."""
    held = {line.path: line for line in old}
    changed = [line for line in new if line != held[line.path]]
    return [_line(held[line.path]) for line in changed], [_line(line) for line in changed]


def _line(line: KeyLine) -> KeyLineView:
    return KeyLineView(path=line.path, title=line.title, accepted=line.accepted)


def _dumped(values: Sequence[KeyLineView | CorrectedMark]) -> list[dict[str, Any]]:
    return [value.model_dump(mode="json", by_alias=True) for value in values]


def _change_of(work: _Rescored, at_ms: int) -> OutcomeChange:
    """What a work had stays when the new key can't be applied to it: it is marked as failed, and named so."""
    first = work.row.revision is None
    values = {"failed": True} if work.score.failed and not first else work.score.values
    return outcome_change(work.row, work.row.revision, values, at_ms)
