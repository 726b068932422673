"""`ccss verify-log`: hash chains, gaps, dangling files, and replay against the projections."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from anyio import to_thread
from sqlalchemy import select

from server.adapters.tables import events, heads, streams
from server.app import Services
from server.attempts.tables import attempts
from server.core.errors import Problem
from server.core.journal import GENESIS, Recorded
from server.papers.tables import contents

PAGE = 5_000


@dataclass(slots=True)
class Verdict:
    """What was looked at, and every fault found; no fault means that the log is whole."""

    contests: int = 0
    streams: int = 0
    events: int = 0
    files: int = 0
    faults: list[str] = field(default_factory=list)


async def verify(services: Services, path_of: Callable[[str], Awaitable[object]] | None = None) -> Verdict:
    """Check everything; nothing is changed. The server may run meanwhile.

    `path_of` stands for the house's own store of files where those lie elsewhere, say in a backup.
    """
    verdict = Verdict()
    await _chains(services, verdict)
    await _files(services, verdict, path_of or services.blobs.path)
    await _recordings(services, verdict, path_of or services.blobs.path)
    await _projections(services, verdict)
    return verdict


async def _chains(services: Services, verdict: Verdict) -> None:
    """Positions without a gap, sequence numbers without a gap, every link right, heads at the end."""
    ends: dict[str, tuple[int, str]] = {}
    last_ms: dict[str, int] = {}
    async with services.database.read() as connection:
        known = {row.contest_id: row.position for row in await connection.execute(select(heads))}
        tips = {row.stream: (row.seq, row.hash) for row in await connection.execute(select(streams))}
    for contest_id, position in known.items():
        verdict.contests += 1
        last = 0
        async for event in _events(services, contest_id, position):
            verdict.events += 1
            if event.position != last + 1:
                verdict.faults.append(f"contest {contest_id}: position {last + 1} missing")
            last = event.position
            seq, previous = ends.get(event.stream, (0, GENESIS))
            if event.seq != seq + 1:
                verdict.faults.append(f"stream {event.stream}: event {seq + 1} missing")
            if event.hash != event.expected_hash(previous):
                verdict.faults.append(f"stream {event.stream}: event {event.seq} was changed")
            if event.at_ms < last_ms.get(event.stream, 0):
                verdict.faults.append(f"stream {event.stream}: event {event.seq} goes back in time")
            last_ms[event.stream] = event.at_ms
            ends[event.stream] = (event.seq, event.hash)
        if last != position:
            verdict.faults.append(f"contest {contest_id}: ends at {last}, should end at {position}")
    verdict.streams = len(ends)
    for stream, tip in tips.items():
        if ends.get(stream, tip)[0] < tip[0]:
            verdict.faults.append(f"stream {stream}: cut off")
    # Events written while this ran lie beyond the tips that were read first.
    verdict.faults += [f"stream {stream}: unknown to the heads" for stream in ends if stream not in tips]


async def _events(services: Services, contest_id: str, up_to: int) -> AsyncIterator[Recorded]:
    position = 0
    while position < up_to:
        page = await services.journal.read_contest(contest_id, position, min(PAGE, up_to - position))
        if not page:
            return
        for event in page:
            yield event
        position = page[-1].position


async def _files(services: Services, verdict: Verdict, path_of: Callable[[str], Awaitable[object]]) -> None:
    """Every file that a content names is there and whole."""
    async with services.database.read() as connection:
        shas = list(await connection.scalars(select(contents.c.sha256)))
    for content_sha in shas:
        async with services.database.read() as connection:
            row = (await connection.execute(select(contents).where(contents.c.sha256 == content_sha))).one()
        content = await services.papers.content(content_sha)
        for sha256 in sorted(services.modules[row.module].files(content)):
            verdict.files += 1
            try:
                await path_of(sha256)
            except Problem as problem:
                verdict.faults.append(f"file {sha256}: {problem.code}")


async def _recordings(services: Services, verdict: Verdict, path_of: Callable[[str], Awaitable[object]]) -> None:
    """Sound and peaks of every sealed recording are there and whole, and every chunk that was acknowledged is there."""
    for row in await services.recordings.repository.blobs():
        for sha256 in (row.sha256, row.peaks_sha256):
            verdict.files += 1
            try:
                await path_of(sha256)
            except Problem as problem:
                verdict.faults.append(f"recording {row.attempt_id}/{row.call_id}: file {sha256}: {problem.code}")
    if path_of != services.blobs.path:
        return  # a backup: its archive has named and checked every file of the spool
    for recorder_id, number, size in await services.recordings.repository.acknowledged():
        verdict.files += 1
        path = services.uploads.spool.chunk(recorder_id, number)
        if not await to_thread.run_sync(_has_size, path, size):
            verdict.faults.append(f"recording chunk {recorder_id}/{number}: missing or damaged")


def _has_size(path: Path, size: int) -> bool:
    return path.is_file() and path.stat().st_size == size


async def _projections(services: Services, verdict: Verdict) -> None:
    """The attempts table and the snapshots say what a replay from the first event says."""
    async with services.database.read() as connection:
        rows = {row.id: row for row in await connection.execute(select(attempts))}
        written = set(await connection.scalars(select(events.c.stream).distinct()))
    for attempt_id in rows:
        if attempt_id not in written:
            verdict.faults.append(f"attempt {attempt_id}: has no stream")
    known = [id_ for id_ in rows if id_ in written]
    loader = services.runner.loader
    short = {live.record.attempt_id: live for live in await loader.load(known)}
    replays = await loader.load(known, from_start=True)
    unreadable = set(known) - {live.record.attempt_id for live in replays}
    verdict.faults += [f"attempt {id_}: can't be replayed" for id_ in sorted(unreadable)]
    for live in replays:
        other = short.get(live.record.attempt_id)
        if other is None or (other.seq == live.seq and (other.core, other.state) != (live.core, live.state)):
            verdict.faults.append(f"attempt {live.record.attempt_id}: its snapshot differs from the replay")
        row, replayed = rows[live.record.attempt_id], live.row_update().values
        if replayed["seq"] != row.seq:
            continue  # it has moved on since the table was read
        for column, value in replayed.items():
            if getattr(row, column) != value:
                verdict.faults.append(
                    f"attempt {live.record.attempt_id}: {column} is {getattr(row, column)}, replay says {value}"
                )
