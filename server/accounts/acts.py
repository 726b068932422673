"""What the staff did: every act is journalled in one transaction with the rows that it changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from server.core.access import Principal
from server.core.clock import Clock
from server.core.events import StaffActed
from server.core.frozen import canonical_json
from server.core.journal import Journal, NewEvent, RowDelete, RowInsert, RowUpdate

HOUSE = "house"
"""Stream of acts that belong to no contest: accounts, classes, papers, places."""


@dataclass(frozen=True, slots=True)
class Acts:
    """The only way in which staff's acts reach the database."""

    journal: Journal
    clock: Clock

    def event(
        self,
        who: Principal,
        act: str,
        subject: str,
        *,
        contest_id: str = HOUSE,
        details: Mapping[str, Any] | None = None,
        at_ms: int | None = None,
    ) -> NewEvent:
        """The event of an act, for an append that somebody else makes; `details` without personal data."""
        acted = StaffActed(by=who.account_id, act=act, subject=subject, details=dict(details or {}))
        return NewEvent(
            contest_id=contest_id,
            stream=contest_id,
            type=acted.type,
            version=acted.v,
            at_ms=self.clock.now_ms() if at_ms is None else at_ms,
            stage_ms=0,
            command_id=None,
            payload=canonical_json(acted.model_dump(mode="json")),
        )

    async def record(
        self,
        who: Principal,
        act: str,
        subject: str,
        *,
        contest_id: str = HOUSE,
        details: Mapping[str, Any] | None = None,
        deletes: Sequence[RowDelete] = (),
        inserts: Sequence[RowInsert] = (),
        updates: Sequence[RowUpdate] = (),
        expected: Mapping[str, int] | None = None,
    ) -> int:
        """Journal an act together with the rows it removes, makes and changes; returns its number in the stream.

        Raises Overtaken if a stream of `expected` has gone on meanwhile, DiskFull, StorageFailed.
        """
        event = self.event(who, act, subject, contest_id=contest_id, details=details)
        (recorded,) = await self.journal.append(
            [event], deletes=deletes, inserts=inserts, updates=updates, expected=expected
        )
        return recorded.seq

    async def revision(self, contest_id: str) -> int:
        """How many acts a contest has seen: whoever decides on an older picture is overtaken."""
        return (await self.journal.stream_seqs([contest_id])).get(contest_id, 0)
