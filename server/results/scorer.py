"""Consumer of the journal: works out the automatic outcome of every closed attempt, at least once.

What was measured in its recordings comes later, and the outcome is worked out again; it stays as it is if that changes
nothing.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import structlog
from anyio import to_thread

from server.attempts.runner import CLOSED
from server.calls.history import module_history
from server.core.bus import Bus
from server.core.clock import Clock
from server.core.errors import Conflict, DiskFull, NotFound, StorageFailed
from server.core.events import OutcomeChanged
from server.core.frozen import canonical_json
from server.core.journal import Journal, NewEvent, Recorded, RowInsert, RowUpdate
from server.core.modules import Modules
from server.core.outcome import Outcome
from server.core.phases import Phase
from server.core.text import Text
from server.core.waking import pass_on
from server.papers.service import PapersService
from server.recordings.repository import RecordingsRepository
from server.recordings.sealing import SEALED
from server.results.repository import ResultsRepository

CONSUMER = "results.scorer"
OUTCOMES = "results.outcomes"
"""Bus topic: an outcome was worked out, or says something else, or there is more evidence for it."""
PAGE = 1_000
RETRY_MS = 5_000
_SAID = ("scorer_version", "content_sha256", "failed", "marks", "max_marks", "body")
"""Columns by which an outcome differs from the one before."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Score:
    """What an attempt was found to be worth: columns of its outcome's row."""

    work_code: str
    values: dict[str, Any]

    @property
    def failed(self) -> bool:
        """Whether it could not be worked out."""
        return bool(self.values["failed"])

    @property
    def marks(self) -> Decimal | None:
        """None if it failed."""
        return None if self.failed else Decimal(self.values["marks"])


@dataclass(frozen=True, slots=True)
class Scorer:
    """Idempotent: scoring an attempt again gives the same outcome."""

    journal: Journal
    repository: ResultsRepository
    papers: PapersService
    modules: Modules
    recordings: RecordingsRepository
    bus: Bus
    clock: Clock
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held from reading what a stage is scored by until the outcome is written: a correction changes both."""
    _catching: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Who asks while another catches up waits for it, and then finds nothing left to score."""

    async def run(self) -> None:
        """Catch up, then score whatever closes, and anew whatever gets a recording, for ever."""
        news = asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            for topic in (CLOSED, SEALED):
                tasks.create_task(pass_on(self.bus, topic, news), name=f"results.{topic}")
            while True:
                news.clear()
                try:
                    await self.catch_up()
                except Exception:
                    log.exception("results.catch_up_failed")
                    await self.clock.sleep_until(self.clock.now_ms() + RETRY_MS)
                    continue
                await news.wait()

    async def catch_up(self) -> None:
        """Score everything that closed since the cursors."""
        async with self._catching:
            await self._catch_up()

    async def _catch_up(self) -> None:
        seen: dict[str, int] = {}
        for contest_id in await self.journal.lagging(CONSUMER):
            position = await self.journal.cursor(CONSUMER, contest_id)
            while events := await self.journal.read_contest(contest_id, position, PAGE):
                for attempt_id in _touched(events):
                    await self._score_or_report(attempt_id)
                if any(event.type == "recording.sealed" for event in events):
                    self.bus.publish(OUTCOMES, contest_id)
                position = seen[contest_id] = events[-1].position
        if seen:
            await self.journal.save_cursors(CONSUMER, seen)

    async def _score_or_report(self, attempt_id: str) -> None:
        """A full disk keeps all waiting; nothing else does."""
        try:
            await self.score(attempt_id)
        except (DiskFull, StorageFailed):
            raise
        except Exception:
            log.exception("results.scoring_failed", attempt_id=attempt_id)

    async def failed(self) -> list[str]:
        """Attempts whose outcome could not be worked out."""
        return await self.repository.failed()

    async def score(self, attempt_id: str) -> Score:
        """Work out and keep the outcome of one closed attempt, or that there can be none.

        Raises NotFound, Conflict while it is open, DiskFull, StorageFailed.
        """
        async with self.lock:
            row = await self.repository.to_score(attempt_id)
            if row is None:
                raise NotFound
            if row.phase != Phase.CLOSED.value:
                raise Conflict(Text(zh="尚未交卷，不能评分", en="Not handed in yet, so there is nothing to score"))
            score = await self.work_out(row, row.scoring_sha256 or row.content_sha256)
            held = await self.repository.outcome(attempt_id)
            change = outcome_change(row, None if held is None else held.revision, score.values, self.clock.now_ms())
            if held is None or any(getattr(held, name) != score.values[name] for name in _SAID):
                await self.journal.append([change.event], inserts=change.inserts, updates=change.updates)
                self.bus.publish(OUTCOMES, row.contest_id)
        return score

    async def work_out(self, row: Any, content_sha256: str) -> Score:
        """What an attempt (`ResultsRepository.to_score`) is worth by a content; nothing is written.

        One that can't be scored must not keep the others waiting: it is logged and said to have failed.
        Raises DiskFull, StorageFailed.
        """
        values: dict[str, Any] = {
            "scorer_version": "",
            "content_sha256": content_sha256,
            "failed": True,
            "marks": None,
            "max_marks": None,
            "body": None,
        }
        try:
            outcome = await self._outcome(row, content_sha256)
            values |= {
                "scorer_version": outcome.scorer_version,
                "failed": False,
                "marks": str(sum(mark.marks for mark in outcome.marks)),
                "max_marks": str(sum(mark.max_marks for mark in outcome.marks)),
                "body": json.loads(canonical_json(outcome.model_dump(mode="json", by_alias=True))),
            }
        except (DiskFull, StorageFailed):
            raise
        except Exception:
            log.exception("results.scoring_failed", attempt_id=row.id)
        return Score(row.work_code, {**values, "scored_ms": self.clock.now_ms()})

    async def _outcome(self, row: Any, content_sha256: str) -> Outcome:
        module = self.modules[row.module]
        content = await self.papers.content(content_sha256)
        history = await to_thread.run_sync(module_history, module, await self.journal.read_stream(row.id))
        facts = await module.measure(content, history, {})
        if module.media is not None:
            facts = {**facts, "calls": await self.recordings.facts_of(row.id)}
        outcome: Outcome = await to_thread.run_sync(module.score, content, history, facts)
        return outcome


def _touched(events: Sequence[Recorded]) -> list[str]:
    """Attempts that closed, or of which a recording was sealed, each once."""
    found: dict[str, None] = {}
    for event in events:
        if event.type == "attempt.closed":
            found[event.stream] = None
        elif event.type == "recording.sealed":
            found[json.loads(event.payload)["attempt_id"]] = None
    return list(found)


@dataclass(frozen=True, slots=True)
class OutcomeChange:
    """The event of a new or different outcome, and the row that goes with it."""

    event: NewEvent
    inserts: tuple[RowInsert, ...] = ()
    updates: tuple[RowUpdate, ...] = ()


def outcome_change(row: Any, revision: int | None, values: Mapping[str, Any], at_ms: int) -> OutcomeChange:
    """What makes `values` the outcome of an attempt (`ResultsRepository.to_score`) that is at `revision` so far."""
    new = (revision or 0) + 1
    changed = OutcomeChanged(attempt_id=row.id, revision=new)
    event = NewEvent(
        contest_id=row.contest_id,
        stream=row.stage_id,
        type=changed.type,
        version=changed.v,
        at_ms=at_ms,
        stage_ms=0,
        command_id=None,
        payload=canonical_json(changed.model_dump(mode="json")),
    )
    if revision is None:
        return OutcomeChange(event, inserts=(RowInsert("outcomes", {"attempt_id": row.id, "revision": 1, **values}),))
    return OutcomeChange(event, updates=(RowUpdate("outcomes", {"attempt_id": row.id}, {"revision": new, **values}),))
