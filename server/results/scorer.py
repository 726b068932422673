"""Consumer of the journal: works out the automatic outcome of every closed attempt, at least once."""

import json
from dataclasses import dataclass
from typing import Any

import structlog
from anyio import to_thread

from server.attempts.live import StandingAttempt
from server.attempts.runner import CLOSED, AttemptRunner
from server.core.bus import Bus
from server.core.clock import Clock
from server.core.contract import Journalled
from server.core.errors import DiskFull, StorageFailed
from server.core.frozen import canonical_json
from server.core.journal import Journal, Recorded
from server.core.outcome import Outcome
from server.results.repository import ResultsRepository

CONSUMER = "results.scorer"
PAGE = 1_000
RETRY_MS = 5_000

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Scorer:
    """Idempotent: scoring an attempt again gives the same outcome."""

    journal: Journal
    runner: AttemptRunner
    repository: ResultsRepository
    bus: Bus
    clock: Clock

    async def run(self) -> None:
        """Catch up, then score whatever closes, for ever."""
        async with self.bus.listen(CLOSED) as words:
            while True:
                try:
                    await self.catch_up()
                except Exception:
                    log.exception("results.catch_up_failed")
                    await self.clock.sleep_until(self.clock.now_ms() + RETRY_MS)
                    continue
                await anext(words)

    async def catch_up(self) -> None:
        """Score everything that closed since the cursors."""
        seen: dict[str, int] = {}
        for contest_id in await self.journal.lagging(CONSUMER):
            position = await self.journal.cursor(CONSUMER, contest_id)
            while events := await self.journal.read_contest(contest_id, position, PAGE):
                for event in events:
                    if event.type == "attempt.closed":
                        await self._score_or_report(event.stream)
                position = seen[contest_id] = events[-1].position
        if seen:
            await self.journal.save_cursors(CONSUMER, seen)

    async def _score_or_report(self, attempt_id: str) -> None:
        """One attempt that can't be scored must not keep the others waiting; a full disk keeps all waiting."""
        try:
            await self.score(attempt_id)
        except (DiskFull, StorageFailed):
            raise
        except Exception:
            log.exception("results.scoring_failed", attempt_id=attempt_id)

    async def score(self, attempt_id: str) -> Outcome:
        """Work out and keep the outcome of one attempt."""
        live = await self.runner.attempt(attempt_id)
        events = await self.journal.read_stream(attempt_id)
        history = module_history(live, events)
        facts = await live.module.measure(live.content, history, {})
        outcome: Outcome = await to_thread.run_sync(live.module.score, live.content, history, facts)
        body = outcome.model_dump(mode="json", by_alias=True)
        await self.repository.save(
            attempt_id,
            {
                "scorer_version": outcome.scorer_version,
                "content_sha256": live.record.content_sha256,
                "marks": str(sum(mark.marks for mark in outcome.marks)),
                "max_marks": str(sum(mark.max_marks for mark in outcome.marks)),
                "body": json.loads(canonical_json(body)),
                "scored_ms": self.clock.now_ms(),
            },
        )
        return outcome


def module_history(live: StandingAttempt, events: list[Recorded]) -> list[Journalled[Any]]:
    """The module's own events of a stream, parsed."""
    prefix = f"{live.module.name}."
    return [
        Journalled(event.seq, event.at_ms, event.stage_ms, live.module.parse_event(json.loads(event.payload)))
        for event in events
        if event.type.startswith(prefix)
    ]
