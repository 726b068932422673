"""What the grading service does: take dossiers once their files are there, and show works by code."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any

from grading.blobs import EvidenceBlobs
from grading.repository import DossierRepository
from server.core.dossier import ContestBrief, Dossier, EvidenceFile, StageBrief, WorkBrief
from server.core.errors import Invalid, NotFound
from server.core.grading import BlobsMissing, RevisionTaken
from server.core.overruling import Overruling


@dataclass(frozen=True, slots=True)
class GradingService:
    """Intake, reading, judgements overruled; marks of referees come with a later part."""

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
        newest = await self.repository.add(dossier)
        if newest is not None:
            raise RevisionTaken(newest=newest)

    async def instance(self) -> str:
        """By what this service's database is known from another."""
        return await self.repository.instance()

    async def contests(self) -> list[ContestBrief]:
        """Contests by code, each with its stages and how many works of them are there."""
        found = []
        for contest_code, works in groupby(await self.repository.works(), attrgetter("contest_code")):
            stages = groupby(works, attrgetter("stage_number", "stage_code"))
            briefs = tuple(_stage(list(rows)) for _, rows in stages)
            found.append(ContestBrief(contest_code=contest_code, stages=briefs))
        return found

    async def works(self, contest_code: str) -> list[WorkBrief]:
        """Works of a contest by stage and code; raises NotFound."""
        works = await self.repository.works(contest_code)
        if not works:
            raise NotFound
        return [
            WorkBrief.model_validate({name: getattr(row, name) for name in WorkBrief.model_fields}) for row in works
        ]

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

    async def overrule(self, referee: str, work_code: str, said: Overruling) -> list[Overruling]:
        """Keep a referee's word on a judgement, and tell all of theirs that hold; raises NotFound."""
        if not await self.repository.has_revision(work_code, said.revision):
            raise NotFound
        await self.repository.overrule(referee, work_code, said)
        return await self.overrulings(referee, work_code)

    async def overrulings(self, referee: str, work_code: str) -> list[Overruling]:
        """The judgements of a work that this referee overruled; what another one made of it is not told."""
        rows = await self.repository.overrulings(referee, work_code)
        return [
            Overruling(judgement=row.judgement, met=row.met, reason=row.reason, revision=row.revision)
            for row in rows
            if row.met is not None
        ]


def _stage(rows: Sequence[Any]) -> StageBrief:
    first = rows[0]
    return StageBrief(
        stage_code=first.stage_code,
        stage_number=first.stage_number,
        module=first.module,
        module_title=first.module_title,
        works=len(rows),
    )
