"""The journal on SQLAlchemy: one append is one transaction."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Table, and_, bindparam, delete, func, insert, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from server.adapters.tables import cursors, events, heads, heartbeats, snapshots, streams
from server.core.errors import Overtaken
from server.core.journal import GENESIS, NewEvent, Recorded, RowDelete, RowInsert, RowUpdate, Snapshot, link
from server.db.base import metadata
from server.db.database import Database

_PROCESS = "web"
_IN_LIMIT = 5_000
"""Parameters in one IN list; SQLite takes 32,766."""


class SqlJournal:
    """Satisfies `server.core.journal.Journal`."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def append(
        self,
        new: Sequence[NewEvent],
        *,
        deletes: Sequence[RowDelete] = (),
        inserts: Sequence[RowInsert] = (),
        updates: Sequence[RowUpdate] = (),
        snapshots: Sequence[Snapshot] = (),
        expected: Mapping[str, int] | None = None,
    ) -> list[Recorded]:
        """Write all or nothing, durably, before returning; raises DiskFull, StorageFailed or Overtaken."""
        async with self._db.write() as connection:
            for stream, seq in (expected or {}).items():
                found = await connection.scalar(select(streams.c.seq).where(streams.c.stream == stream))
                if (found or 0) != seq:
                    raise Overtaken
            for gone in deletes:
                table = metadata.tables[gone.table]
                await connection.execute(
                    delete(table).where(*(table.c[name] == value for name, value in gone.key.items()))
                )
            for table_name, rows in _by_shape(inserts):
                await connection.execute(insert(metadata.tables[table_name]), rows)
            recorded = await self._chain(connection, new) if new else []
            for table_name, keys, columns, rows in _grouped(updates):
                statement = _update_by(metadata.tables[table_name], keys, columns)
                done = await connection.execute(statement, rows)
                if done.rowcount < len(rows):  # what was to be changed has gone, or has gone on
                    raise Overtaken
            if snapshots:
                await _save_snapshots(connection, snapshots)
        return recorded

    async def _chain(self, connection: AsyncConnection, new: Sequence[NewEvent]) -> list[Recorded]:
        """Assign positions under the contest's row lock and link every event to its stream."""
        contest_ids = sorted({event.contest_id for event in new})
        stream_ids = sorted({event.stream for event in new})
        positions: dict[str, int] = {
            row.contest_id: row.position
            for row in await connection.execute(
                select(heads).where(heads.c.contest_id.in_(contest_ids)).with_for_update()
            )
        }
        ends: dict[str, tuple[int, str]] = {
            row.stream: (row.seq, row.hash)
            for row in await connection.execute(select(streams).where(streams.c.stream.in_(stream_ids)))
        }
        new_contests = [id_ for id_ in contest_ids if id_ not in positions]
        contest_of = {event.stream: event.contest_id for event in new}
        new_streams = [id_ for id_ in stream_ids if id_ not in ends]
        recorded = []
        for event in new:
            position = positions.get(event.contest_id, 0) + 1
            seq, previous = ends.get(event.stream, (0, GENESIS))
            said = (
                event.stream,
                seq + 1,
                event.type,
                event.version,
                event.at_ms,
                event.stage_ms,
                event.command_id,
                event.payload,
            )
            hash_ = link(previous, *said)
            positions[event.contest_id] = position
            ends[event.stream] = (seq + 1, hash_)
            recorded.append(Recorded(event.contest_id, position, *said, hash_))
        await _write_heads(connection, positions, new_contests)
        await _write_streams(connection, ends, new_streams, contest_of)
        await connection.execute(insert(events), [_row(event) for event in recorded])
        return recorded

    async def read_stream(self, stream: str, after_seq: int = 0) -> list[Recorded]:
        """Events of one stream in order."""
        return (await self.read_streams({stream: after_seq}))[stream]

    async def read_streams(self, after: Mapping[str, int]) -> dict[str, list[Recorded]]:
        """Events of many streams, each after its own sequence number."""
        found: dict[str, list[Recorded]] = {stream: [] for stream in after}
        async with self._db.read() as connection:
            for some in _chunks(list(after.items()), 400):
                wanted = or_(*(and_(events.c.stream == stream, events.c.seq > seq) for stream, seq in some))
                query = select(events).where(wanted).order_by(events.c.stream, events.c.seq)
                for row in await connection.execute(query):
                    found[row.stream].append(_recorded(row))
        return found

    async def read_newest(self, stream: str, limit: int) -> list[Recorded]:
        """The last events of one stream, newest first."""
        query = select(events).where(events.c.stream == stream).order_by(events.c.seq.desc()).limit(limit)
        async with self._db.read() as connection:
            return [_recorded(row) for row in await connection.execute(query)]

    async def stream_seqs(self, stream_ids: Sequence[str]) -> dict[str, int]:
        """The sequence number at which each of these streams ends; streams without an event are left out."""
        found: dict[str, int] = {}
        async with self._db.read() as connection:
            for some in _chunks(stream_ids, _IN_LIMIT):
                query = select(streams.c.stream, streams.c.seq).where(streams.c.stream.in_(some))
                found |= {row.stream: row.seq for row in await connection.execute(query)}
        return found

    async def read_contest(self, contest_id: str, after_position: int, limit: int) -> list[Recorded]:
        """Events of one contest in order of position."""
        query = (
            select(events)
            .where(events.c.contest_id == contest_id, events.c.position > after_position)
            .order_by(events.c.position)
            .limit(limit)
        )
        async with self._db.read() as connection:
            return [_recorded(row) for row in await connection.execute(query)]

    async def command_seqs(self, commands: Sequence[tuple[str, str]]) -> dict[tuple[str, str], int]:
        """Which of these (stream, command id) are journalled already, each with its last sequence number."""
        found: dict[tuple[str, str], int] = {}
        async with self._db.read() as connection:
            for some in _chunks(commands, _IN_LIMIT // 2):
                query = (
                    select(events.c.stream, events.c.command_id, func.max(events.c.seq))
                    .where(tuple_(events.c.stream, events.c.command_id).in_(some))
                    .group_by(events.c.stream, events.c.command_id)
                )
                for stream, command_id, seq in await connection.execute(query):
                    found[stream, command_id] = seq
        return found

    async def snapshots(self, stream_ids: Sequence[str]) -> dict[str, Snapshot]:
        """The newest snapshot of each stream that has one."""
        found = {}
        async with self._db.read() as connection:
            for some in _chunks(stream_ids, _IN_LIMIT):
                query = select(snapshots).where(snapshots.c.stream.in_(some))
                for row in await connection.execute(query):
                    found[row.stream] = Snapshot(row.stream, row.seq, row.code, row.state)
        return found

    async def last_ms(self) -> int:
        """The latest moment the journal knows, heartbeats included; 0 if it is empty."""
        async with self._db.read() as connection:
            newest = select(func.max(events.c.at_ms)).where(
                tuple_(events.c.contest_id, events.c.position).in_(select(heads.c.contest_id, heads.c.position))
            )
            found = [
                await connection.scalar(newest),
                await connection.scalar(select(func.max(heartbeats.c.at_ms))),
            ]
        return max((moment for moment in found if moment is not None), default=0)

    async def heartbeat(self, at_ms: int) -> None:
        """Note that the server lived at `at_ms`."""
        async with self._db.write() as connection:
            beat = update(heartbeats).where(heartbeats.c.process == _PROCESS).values(at_ms=at_ms)
            if not (await connection.execute(beat)).rowcount:
                await connection.execute(insert(heartbeats).values(process=_PROCESS, at_ms=at_ms))

    async def last_heartbeat_ms(self) -> int | None:
        """When the server last lived; None on the first start."""
        async with self._db.read() as connection:
            query = select(heartbeats.c.at_ms).where(heartbeats.c.process == _PROCESS)
            found: int | None = await connection.scalar(query)
            return found

    async def cursor(self, consumer: str, contest_id: str) -> int:
        """The position a consumer has dealt with; 0 at first."""
        query = select(cursors.c.position).where(cursors.c.consumer == consumer, cursors.c.contest_id == contest_id)
        async with self._db.read() as connection:
            return (await connection.scalar(query)) or 0

    async def save_cursors(self, consumer: str, positions: Mapping[str, int]) -> None:
        """Remember positions by contest durably, all at once."""
        async with self._db.write() as connection:
            for contest_id, position in positions.items():
                key = {"consumer": consumer, "contest_id": contest_id}
                moved = update(cursors).filter_by(**key).values(position=position)
                if not (await connection.execute(moved)).rowcount:
                    await connection.execute(insert(cursors).values(**key, position=position))

    async def lagging(self, consumer: str) -> list[str]:
        """Contests that hold events beyond the consumer's cursor."""
        mine = and_(cursors.c.contest_id == heads.c.contest_id, cursors.c.consumer == consumer)
        query = (
            select(heads.c.contest_id)
            .outerjoin(cursors, mine)
            .where(heads.c.position > func.coalesce(cursors.c.position, 0))
            .order_by(heads.c.contest_id)
        )
        async with self._db.read() as connection:
            return list(await connection.scalars(query))


async def _write_heads(connection: AsyncConnection, positions: Mapping[str, int], new: Sequence[str]) -> None:
    if new:
        rows = [{"contest_id": id_, "position": positions[id_]} for id_ in new]
        await connection.execute(insert(heads), rows)
    moved = [{"k_contest_id": id_, "position": positions[id_]} for id_ in positions if id_ not in new]
    if moved:
        await connection.execute(_update_by(heads, ("contest_id",), ("position",)), moved)


async def _write_streams(
    connection: AsyncConnection,
    ends: Mapping[str, tuple[int, str]],
    new: Sequence[str],
    contest_of: Mapping[str, str],
) -> None:
    if new:
        rows = [
            {"stream": id_, "contest_id": contest_of[id_], "seq": ends[id_][0], "hash": ends[id_][1]} for id_ in new
        ]
        await connection.execute(insert(streams), rows)
    fresh = set(new)
    moved = [{"k_stream": id_, "seq": seq, "hash": hash_} for id_, (seq, hash_) in ends.items() if id_ not in fresh]
    if moved:
        await connection.execute(_update_by(streams, ("stream",), ("seq", "hash")), moved)


async def _save_snapshots(connection: AsyncConnection, new: Sequence[Snapshot]) -> None:
    for snapshot in new:
        values = {"seq": snapshot.seq, "code": snapshot.code, "state": snapshot.state}
        moved = update(snapshots).where(snapshots.c.stream == snapshot.stream).values(**values)
        if not (await connection.execute(moved)).rowcount:
            await connection.execute(insert(snapshots).values(stream=snapshot.stream, **values))


def _by_shape(inserts: Sequence[RowInsert]) -> Iterable[tuple[str, list[dict[str, Any]]]]:
    """Rows of the same table and columns together, tables in the order in which they first appear."""
    groups: dict[tuple[str, tuple[str, ...]], list[dict[str, Any]]] = {}
    for row in inserts:
        groups.setdefault((row.table, tuple(row.values)), []).append(dict(row.values))
    return [(table, rows) for (table, _), rows in groups.items()]


def _grouped(
    updates: Sequence[RowUpdate],
) -> Iterable[tuple[str, tuple[str, ...], tuple[str, ...], list[dict[str, Any]]]]:
    """Updates of the same table, key and columns together, so that each group is one executemany."""
    groups: dict[tuple[str, tuple[str, ...], tuple[str, ...]], list[dict[str, Any]]] = {}
    for row in updates:
        group = (row.table, tuple(row.key), tuple(row.values))
        parameters = {f"k_{name}": value for name, value in row.key.items()} | dict(row.values)
        groups.setdefault(group, []).append(parameters)
    return [(table, keys, columns, rows) for (table, keys, columns), rows in groups.items()]


def _update_by(table: Table, keys: Sequence[str], columns: Sequence[str]) -> Any:
    wanted = and_(*(table.c[key] == bindparam(f"k_{key}") for key in keys))
    return update(table).where(wanted).values({column: bindparam(column) for column in columns})


def _row(event: Recorded) -> dict[str, Any]:
    return {name: getattr(event, name) for name in Recorded.__dataclass_fields__}


def _recorded(row: Any) -> Recorded:
    return Recorded(*row)  # the columns stand in the order of the fields


def _chunks(things: Sequence[Any], size: int) -> Iterable[Sequence[Any]]:
    return (things[start : start + size] for start in range(0, len(things), size))
