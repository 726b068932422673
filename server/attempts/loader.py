"""Folds attempts from the journal: newest usable snapshot, then the rest of the stream."""

from collections.abc import Sequence
from dataclasses import dataclass

from server.attempts.live import AttemptRecord, LiveAttempt
from server.attempts.repository import AttemptsRepository
from server.core.journal import Journal
from server.core.modules import Modules
from server.papers.service import PapersService


@dataclass(frozen=True, slots=True)
class AttemptLoader:
    """Reads, never writes."""

    repository: AttemptsRepository
    journal: Journal
    papers: PapersService
    modules: Modules

    async def unfinished(self) -> list[LiveAttempt]:
        """Every attempt that is started and not closed."""
        return await self._fold(await self.repository.started())

    async def load(self, attempt_ids: Sequence[str]) -> list[LiveAttempt]:
        """These attempts; those that do not exist are left out."""
        return await self._fold(await self.repository.records(attempt_ids))

    async def _fold(self, records: Sequence[AttemptRecord]) -> list[LiveAttempt]:
        lives = {
            record.attempt_id: LiveAttempt(
                record,
                self.modules[record.module],
                await self.papers.content(record.content_sha256),
                recovered=True,
            )
            for record in records
        }
        for stream, snapshot in (await self.journal.snapshots(list(lives))).items():
            if snapshot.code == lives[stream].code:
                lives[stream].restore(snapshot)
        rest = await self.journal.read_streams({stream: live.seq for stream, live in lives.items()})
        for stream, events in rest.items():
            for event in events:
                lives[stream].replay(event)
        return list(lives.values())
