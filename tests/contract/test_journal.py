"""The journal port on a real SQLite file."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import text

from server.adapters.journal_sql import SqlJournal
from server.core.errors import DiskFull, Overtaken
from server.core.frozen import canonical_json
from server.core.journal import GENESIS, NewEvent, RowDelete, RowInsert, RowUpdate, Snapshot
from server.db.database import Database, sqlite_url
from server.settings import DataFolder

pytestmark = [pytest.mark.contract, pytest.mark.anyio]


def event(stream: str = "s1", contest: str = "c1", command: str | None = None, **payload: Any) -> NewEvent:
    return NewEvent(contest, stream, "test.happened", 1, 1_000, 10, command, canonical_json(payload))


@pytest.fixture
async def database(folder: DataFolder) -> AsyncIterator[Database]:
    database = Database(sqlite_url(folder.database))
    yield database
    await database.close()


@pytest.fixture
def journal(database: Database) -> SqlJournal:
    return SqlJournal(database)


async def test_positions_count_by_contest_and_seqs_by_stream(journal: SqlJournal) -> None:
    await journal.append([event("s1"), event("s2"), event("s3", "c2"), event("s1")])
    await journal.append([event("s1"), event("s2")])
    first = await journal.read_contest("c1", 0, 100)
    assert [e.position for e in first] == [1, 2, 3, 4, 5]
    assert [(e.stream, e.seq) for e in first] == [("s1", 1), ("s2", 1), ("s1", 2), ("s1", 3), ("s2", 2)]
    assert [e.position for e in await journal.read_contest("c2", 0, 100)] == [1]


async def test_every_stream_is_a_chain(journal: SqlJournal) -> None:
    await journal.append([event(n=1), event(n=2)])
    await journal.append([event(n=3)])
    previous = GENESIS
    for recorded in await journal.read_stream("s1"):
        assert recorded.hash == recorded.expected_hash(previous)
        previous = recorded.hash


async def test_reading_goes_on_after_a_place(journal: SqlJournal) -> None:
    await journal.append([event(n=n) for n in range(5)] + [event("s2")])
    assert [e.seq for e in await journal.read_stream("s1", after_seq=3)] == [4, 5]
    assert [e.position for e in await journal.read_contest("c1", 2, 2)] == [3, 4]
    many = await journal.read_streams({"s1": 4, "s2": 0, "none": 0})
    assert {stream: len(events) for stream, events in many.items()} == {"s1": 1, "s2": 1, "none": 0}


async def test_commands_are_found_by_stream_and_id(journal: SqlJournal) -> None:
    await journal.append([event(command="a"), event(command="a"), event("s2", command="b")])
    asked = [("s1", "a"), ("s2", "a"), ("s2", "b")]
    assert await journal.command_seqs(asked) == {("s1", "a"): 2, ("s2", "b"): 1}


async def test_rows_are_written_with_the_events_or_not_at_all(journal: SqlJournal, database: Database) -> None:
    row = RowInsert("contests", {"id": "c1", "kind": "practice", "title": {}, "blind": False, "created_ms": 1})
    await journal.append([event()], inserts=[row])
    blind = RowUpdate("contests", {"id": "c1"}, {"blind": True})
    broken = RowUpdate("contests", {"id": "c1"}, {"kind": None})
    with pytest.raises(Exception, match="NOT NULL"):
        await journal.append([event(), event()], updates=[blind, broken])
    assert len(await journal.read_stream("s1")) == 1
    async with database.read() as connection:
        assert (await connection.execute(text("select blind from contests"))).scalar_one() == 0
    await journal.append([event()], updates=[blind])
    async with database.read() as connection:
        assert (await connection.execute(text("select blind from contests"))).scalar_one() == 1


async def test_rows_go_before_the_new_ones_come_or_nothing_goes(journal: SqlJournal, database: Database) -> None:
    def row(id_: str) -> RowInsert:
        return RowInsert("contests", {"id": id_, "kind": "practice", "title": {}, "blind": False, "created_ms": 1})

    async def ids() -> list[str]:
        async with database.read() as connection:
            return list(await connection.scalars(text("select id from contests order by id")))

    await journal.append([event()], inserts=[row("c1"), row("c2")])
    gone = RowDelete("contests", {"id": "c1", "kind": "practice"})
    await journal.append([event()], deletes=[gone, RowDelete("contests", {"kind": "none"})], inserts=[row("c1")])
    assert await ids() == ["c1", "c2"]
    with pytest.raises(Exception, match="UNIQUE"):
        await journal.append([event()], deletes=[gone], inserts=[row("c2")])
    assert await ids() == ["c1", "c2"]
    await journal.append([event()], deletes=[gone])
    assert await ids() == ["c2"]


async def test_who_decides_on_an_older_picture_is_overtaken(journal: SqlJournal) -> None:
    await journal.append([event()], expected={"s1": 0, "s2": 0})
    with pytest.raises(Overtaken):
        await journal.append([event(), event("s2")], expected={"s1": 0})
    await journal.append([event()], expected={"s1": 1})
    assert await journal.stream_seqs(["s1", "s2"]) == {"s1": 2}


async def test_the_newest_come_first(journal: SqlJournal) -> None:
    await journal.append([event() for _ in range(5)] + [event("s2")])
    assert [e.seq for e in await journal.read_newest("s1", 3)] == [5, 4, 3]
    assert await journal.read_newest("none", 3) == []


async def test_the_newest_snapshot_stands(journal: SqlJournal) -> None:
    await journal.append([event()], snapshots=[Snapshot("s1", 1, "v1", "{}")])
    await journal.append([event()], snapshots=[Snapshot("s1", 2, "v1", "[]")])
    assert await journal.snapshots(["s1", "s2"]) == {"s1": Snapshot("s1", 2, "v1", "[]")}


async def test_cursors_know_what_lags(journal: SqlJournal) -> None:
    await journal.append([event(), event("s2", "c2")])
    assert await journal.lagging("reader") == ["c1", "c2"]
    await journal.save_cursors("reader", {"c1": 1})
    assert await journal.lagging("reader") == ["c2"]
    assert await journal.cursor("reader", "c1") == 1
    await journal.append([event()])
    assert await journal.lagging("reader") == ["c1", "c2"]
    assert await journal.lagging("another") == ["c1", "c2"]


async def test_last_moment_and_heartbeat(journal: SqlJournal) -> None:
    assert await journal.last_ms() == 0
    assert await journal.last_heartbeat_ms() is None
    await journal.append([event()])
    assert await journal.last_ms() == 1_000
    await journal.heartbeat(5_000)
    await journal.heartbeat(6_000)
    assert (await journal.last_ms(), await journal.last_heartbeat_ms()) == (6_000, 6_000)


async def test_a_full_disk_is_said_and_nothing_half_written(journal: SqlJournal, database: Database) -> None:
    await journal.append([event()])
    async with database.write() as connection:
        pages = (await connection.execute(text("pragma page_count"))).scalar_one()
        await connection.execute(text(f"pragma max_page_count={pages}"))
    with pytest.raises(DiskFull):
        await journal.append([event(text="x" * 3_000) for _ in range(500)])
    assert len(await journal.read_stream("s1")) == 1
    async with database.write() as connection:
        await connection.execute(text("pragma max_page_count=1073741823"))
    await journal.append([event(text="x" * 3_000) for _ in range(500)])
    assert len(await journal.read_stream("s1")) == 501
