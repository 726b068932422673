"""Folds attempts from the journal: newest usable snapshot, then the rest of the stream."""

from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from server.attempts.live import LiveAttempt
from server.attempts.repository import AttemptsRepository
from server.attempts.standing import AttemptRecord
from server.core.journal import Journal, Recorded, Snapshot
from server.core.modules import Modules
from server.papers.service import PapersService

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class AttemptLoader:
    """Reads, never writes. An attempt that can't be folded is logged and left out: it must not hurt the others."""

    repository: AttemptsRepository
    journal: Journal
    papers: PapersService
    modules: Modules

    async def running(self) -> list[LiveAttempt]:
        """Every attempt whose time runs."""
        return await self._fold(await self.repository.running())

    async def load(self, attempt_ids: Sequence[str], *, from_start: bool = False) -> list[LiveAttempt]:
        """These attempts; `from_start` leaves the snapshots aside."""
        return await self._fold(await self.repository.records(attempt_ids), from_start=from_start)

    async def exist(self, attempt_ids: Sequence[str]) -> set[str]:
        """Which of these attempts there are."""
        return {record.attempt_id for record in await self.repository.records(attempt_ids)}

    async def _fold(self, records: Sequence[AttemptRecord], *, from_start: bool = False) -> list[LiveAttempt]:
        lives = {record.attempt_id: live for record in records if (live := await self._empty(record)) is not None}
        snapshots = {} if from_start else await self.journal.snapshots(list(lives))
        for stream, snapshot in snapshots.items():
            _restore(lives[stream], snapshot)
        rest = await self.journal.read_streams({stream: live.seq for stream, live in lives.items()})
        return [live for stream, live in lives.items() if _replayed(live, rest[stream])]

    async def _empty(self, record: AttemptRecord) -> LiveAttempt | None:
        try:
            module = self.modules[record.module]
            content = await self.papers.content(record.content_sha256)
        except Exception:
            log.exception("attempts.unreadable", attempt_id=record.attempt_id)
            return None
        return LiveAttempt(record, module, content, recovered=True)


def _restore(live: LiveAttempt, snapshot: Snapshot) -> None:
    """Take the snapshot over if it fits; without it the fold begins at the first event."""
    try:
        live.restore(snapshot)
    except Exception:
        log.exception("attempts.snapshot_unusable", attempt_id=live.record.attempt_id)


def _replayed(live: LiveAttempt, events: Sequence[Recorded]) -> bool:
    try:
        for event in events:
            live.replay(event)
        live.stand()
    except Exception:
        log.exception("attempts.unreadable", attempt_id=live.record.attempt_id)
        return False
    return True
