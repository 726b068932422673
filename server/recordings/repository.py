"""SQL of recorders, chunks, recordings and remarks."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select, delete, func, insert, select, update

from server.accounts.tables import accounts
from server.attempts.tables import attempts
from server.contests.tables import contests, stages
from server.db.database import Database
from server.recordings.tables import chunks, comments, recorders, recordings
from server.speech.voice_facts import measures

_LATE = (
    select(chunks.c.recorder_id)
    .join(recorders, recorders.c.id == chunks.c.recorder_id)
    .where(
        recorders.c.attempt_id == recordings.c.attempt_id,
        recorders.c.call_id == recordings.c.call_id,
        chunks.c.arrived_ms >= recordings.c.listed_ms,
    )
    .exists()
)
"""Something of the seat's has arrived since a recording's sources were listed."""


class RecordingsRepository:
    """Rows in, rows out; a sealing is written together with its event, by the journal."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self.adding = asyncio.Lock()
        """Held while chunks get their moment and are written: whoever lists them under it misses none before `now`."""

    # --- what seats upload ---------------------------------------------------------------------------

    async def add_recorder(self, values: Mapping[str, Any]) -> None:
        """A recorder of a call."""
        async with self._db.write() as connection:
            await connection.execute(insert(recorders).values(**values))

    async def recorder(self, recorder_id: str) -> Any:
        """A recorder's row, with when its attempt closed, or None."""
        query = select(recorders, attempts.c.closed_ms).join(attempts, attempts.c.id == recorders.c.attempt_id)
        return await self._one(query.where(recorders.c.id == recorder_id))

    async def recorders_of(self, attempt_id: str, call_id: str | None = None) -> list[Any]:
        """Recorders of an attempt, or of one of its calls, in the order in which they began."""
        query = select(recorders).where(recorders.c.attempt_id == attempt_id)
        if call_id is not None:
            query = query.where(recorders.c.call_id == call_id)
        return await self._all(query.order_by(recorders.c.id))

    async def chunk(self, recorder_id: str, number: int) -> Any:
        """A chunk's row, or None."""
        query = select(chunks).where(chunks.c.recorder_id == recorder_id, chunks.c.number == number)
        return await self._one(query)

    async def chunks_of(self, recorder_id: str) -> list[Any]:
        """Chunks of a recorder by number."""
        return await self._all(select(chunks).where(chunks.c.recorder_id == recorder_id).order_by(chunks.c.number))

    async def bytes_of(self, attempt_id: str) -> int:
        """How much is held of all recorders of an attempt."""
        query = select(func.sum(chunks.c.size).label("size")).join(recorders, recorders.c.id == chunks.c.recorder_id)
        found = await self._one(query.where(recorders.c.attempt_id == attempt_id))
        return int(found.size or 0)

    async def add_chunks(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Chunks whose files are durable; in one transaction. Raises DiskFull, StorageFailed."""
        async with self._db.write() as connection:
            await connection.execute(insert(chunks), [dict(row) for row in rows])

    async def finish(self, recorder_id: str, count: int, ended_ms: int) -> None:
        """The page has said how many chunks there are."""
        async with self._db.write() as connection:
            mine = update(recorders).where(recorders.c.id == recorder_id)
            await connection.execute(mine.values(chunks=count, ended_ms=ended_ms))

    # --- recordings ----------------------------------------------------------------------------------

    async def expect(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Calls that are to be sealed, unless they are known already."""
        async with self._db.write() as connection:
            for row in rows:
                known = select(recordings.c.id).where(
                    recordings.c.attempt_id == row["attempt_id"], recordings.c.call_id == row["call_id"]
                )
                if await connection.scalar(known) is None:
                    await connection.execute(insert(recordings).values(**row))

    async def pending(self) -> list[Any]:
        """Recordings that are not sealed, and sealed ones of which more has arrived; with what sealing needs to know.

        By work code, so that nobody can be known by coming last.
        """
        query = _with_attempt().where((recordings.c.state != "sealed") | _LATE)
        return await self._all(query.order_by(attempts.c.work_code, recordings.c.began_ms))

    async def pending_recorders(self) -> list[Any]:
        """Recorders of the attempts of `pending`: how many chunks each holds, and when the last one came."""
        wanted = select(recordings.c.attempt_id).where((recordings.c.state != "sealed") | _LATE)
        query = (
            select(
                recorders.c.attempt_id,
                recorders.c.call_id,
                recorders.c.chunks,
                func.count(chunks.c.number).label("held"),
                func.max(chunks.c.arrived_ms).label("last_ms"),
            )
            .outerjoin(chunks, chunks.c.recorder_id == recorders.c.id)
            .where(recorders.c.attempt_id.in_(wanted))
            .group_by(recorders.c.id)
        )
        return await self._all(query)

    async def recording(self, recording_id: str) -> Any:
        """A recording with its attempt's contest, stage and owner, or None."""
        return await self._one(_with_attempt().where(recordings.c.id == recording_id))

    async def recordings_of(self, attempt_id: str) -> list[Any]:
        """Recordings of an attempt in the order of the calls."""
        query = select(recordings).where(recordings.c.attempt_id == attempt_id)
        return await self._all(query.order_by(recordings.c.began_ms, recordings.c.call_id))

    async def facts_of(self, attempt_id: str) -> dict[str, Any]:
        """What measuring found, by call, of every sealed recording of an attempt; the figures also as `measures`."""
        sealed = (recordings.c.attempt_id == attempt_id) & recordings.c.sha256.is_not(None)
        rows = await self._all(select(recordings).where(sealed).order_by(recordings.c.began_ms, recordings.c.call_id))
        return {
            row.call_id: row.facts
            | {"measures": [one.model_dump(mode="json", by_alias=True) for one in measures(row.facts)]}
            for row in rows
        }

    async def blobs(self) -> list[Any]:
        """Attempt, call, and the files of every sealed recording."""
        columns = (recordings.c.attempt_id, recordings.c.call_id, recordings.c.sha256, recordings.c.peaks_sha256)
        return await self._all(select(*columns).where(recordings.c.sha256.is_not(None)))

    async def acknowledged(self) -> list[Any]:
        """Recorder, number and size (bytes) of every chunk that was acknowledged."""
        return await self._all(select(chunks.c.recorder_id, chunks.c.number, chunks.c.size))

    async def set(self, recording_id: str, values: Mapping[str, Any]) -> None:
        """Change what is known of a recording, where no event is due."""
        async with self._db.write() as connection:
            await connection.execute(update(recordings).where(recordings.c.id == recording_id).values(**values))

    async def remove(self, recording_id: str) -> None:
        """Forget a row that stood for others."""
        async with self._db.write() as connection:
            await connection.execute(delete(recordings).where(recordings.c.id == recording_id))

    async def earlier(self, contestant_id: str, content_sha256: str, but: str) -> list[str]:
        """Other practice rounds and lessons of a person on the same content, newest first."""
        query = (
            select(attempts.c.id)
            .join(contests, contests.c.id == attempts.c.contest_id)
            .where(
                attempts.c.contestant_id == contestant_id,
                attempts.c.content_sha256 == content_sha256,
                attempts.c.id != but,
                attempts.c.closed_ms.is_not(None),
                contests.c.kind.in_(("practice", "lesson")),
            )
            .order_by(attempts.c.id.desc())
            .limit(50)
        )
        return [row.id for row in await self._all(query)]

    # --- remarks -------------------------------------------------------------------------------------

    async def comments_of(self, recording_id: str) -> list[Any]:
        """Remarks with their authors' names, by moment."""
        query = (
            select(comments, accounts.c.display_name)
            .join(accounts, accounts.c.id == comments.c.author_id)
            .where(comments.c.recording_id == recording_id)
            .order_by(comments.c.at_ms, comments.c.id)
        )
        return await self._all(query)

    async def comment(self, comment_id: str) -> Any:
        """A remark, or None."""
        return await self._one(select(comments).where(comments.c.id == comment_id))

    async def add_comment(self, values: Mapping[str, Any]) -> None:
        """A remark."""
        async with self._db.write() as connection:
            await connection.execute(insert(comments).values(**values))

    async def remove_comment(self, comment_id: str) -> None:
        """Without it from now on."""
        async with self._db.write() as connection:
            await connection.execute(delete(comments).where(comments.c.id == comment_id))

    async def _all(self, query: Any) -> list[Any]:
        async with self._db.read() as connection:
            return list((await connection.execute(query)).all())

    async def _one(self, query: Any) -> Any:
        async with self._db.read() as connection:
            return (await connection.execute(query)).one_or_none()


def _with_attempt() -> Select[Any]:
    return (
        select(
            recordings,
            attempts.c.stage_id,
            attempts.c.module,
            attempts.c.content_sha256,
            attempts.c.contestant_id,
            attempts.c.work_code,
            attempts.c.phase,
            attempts.c.closed_ms,
            contests.c.kind,
        )
        .select_from(recordings)
        .join(attempts, attempts.c.id == recordings.c.attempt_id)
        .join(stages, stages.c.id == attempts.c.stage_id)
        .join(contests, contests.c.id == recordings.c.contest_id)
    )
