"""What the grading service does: take dossiers once their files are there, and show works by code."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grading.blobs import EvidenceBlobs
from grading.repository import DossierRepository
from server.core.dossier import ContestBrief, CriterionMark, Dossier, EvidenceFile, StageBrief, WorkBrief
from server.core.errors import Invalid, NotFound
from server.core.grading import BlobsMissing, RevisionTaken


@dataclass(frozen=True, slots=True)
class GradingService:
    """Intake and reading; marks of referees come with a later part."""

    repository: DossierRepository
    blobs: EvidenceBlobs

    async def take(self, work_code: str, revision: int, dossier: Dossier) -> None:
        """Keep a dossier; the same one twice is harmless.

        Raises Invalid if it belongs to another address, BlobsMissing with all that are, RevisionTaken.
        """
        said = {"work_code": (work_code, dossier.work_code), "revision": (revision, dossier.revision)}
        if wrong := [path for path, (address, body) in said.items() if address != body]:
            faults = [
                {"path": path, "text": {"zh-CN": "与地址不符", "en": "Differs from the address"}, "severe": True}
                for path in wrong
            ]
            raise Invalid(faults=faults)
        if missing := sorted({file.sha256 for file in dossier.evidence if not self.blobs.has(file.sha256)}):
            raise BlobsMissing(missing=missing)
        newest = await self.repository.add(work_code, revision, dossier.contest_code, dossier.text())
        if newest is not None:
            raise RevisionTaken(newest=newest)

    async def contests(self) -> list[ContestBrief]:
        """Contests by code, each with its stages and how many works of them are there."""
        found = []
        for contest_code in await self.repository.contest_codes():
            stages: dict[str, list[WorkBrief]] = {}
            for work in await self._works(contest_code):
                stages.setdefault(work.stage_code, []).append(work)
            briefs = [_stage(works) for works in stages.values()]
            briefs.sort(key=lambda stage: (stage.stage_number, stage.stage_code))
            found.append(ContestBrief(contest_code=contest_code, stages=tuple(briefs)))
        return found

    async def works(self, contest_code: str) -> list[WorkBrief]:
        """Works of a contest by stage and code; raises NotFound."""
        works = await self._works(contest_code)
        if not works:
            raise NotFound
        return sorted(works, key=lambda work: (work.stage_number, work.stage_code, work.work_code))

    async def work(self, work_code: str) -> Dossier:
        """The newest revision of a work; raises NotFound."""
        body = await self.repository.newest(work_code)
        if body is None:
            raise NotFound
        return Dossier.model_validate_json(body)

    async def evidence(self, work_code: str, sha256: str) -> tuple[EvidenceFile, Path]:
        """A file that the newest revision of a work names; raises NotFound."""
        dossier = await self.work(work_code)
        file = next((file for file in dossier.evidence if file.sha256 == sha256), None)
        if file is None:
            raise NotFound
        return file, self.blobs.path(sha256)

    async def _works(self, contest_code: str) -> list[WorkBrief]:
        revisions: dict[str, list[Any]] = {}
        for row in await self.repository.bodies(contest_code):
            revisions.setdefault(row.work_code, []).append(row)
        return [_work(rows) for rows in revisions.values()]


def _work(newest_first: Iterable[Any]) -> WorkBrief:
    newest, *older = [Dossier.model_validate_json(row.body) for row in list(newest_first)[:2]]
    return WorkBrief(
        work_code=newest.work_code,
        revision=newest.revision,
        stage_code=newest.stage_code,
        stage_number=newest.stage_number,
        module=newest.module,
        module_title=newest.module_title,
        failed=newest.failed,
        marks=newest.total,
        max_marks=newest.max_total,
        marks_before=older[0].total if older else None,
        criteria=tuple(
            CriterionMark(criterion=mark.criterion, marks=mark.marks, max_marks=mark.max_marks) for mark in newest.marks
        ),
    )


def _stage(works: list[WorkBrief]) -> StageBrief:
    first = works[0]
    return StageBrief(
        stage_code=first.stage_code,
        stage_number=first.stage_number,
        module=first.module,
        module_title=first.module_title,
        works=len(works),
    )
