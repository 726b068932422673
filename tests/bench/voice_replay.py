"""`voice.replay_start_ms`: from the request of a sealed recording to the first bytes that can be played."""

import asyncio
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx2
from anyio import to_thread
from sqlalchemy import select

from server.app import build
from server.contests.tables import contests
from server.core.access import Role
from server.demo import create_demo
from server.recordings.tables import recordings
from server.robots.statistics import percentile
from server.settings import DataFolder
from tests.bench.figures import Figure, note
from tests.support.client import http_client
from tests.support.process import ServerProcess

GOAL_MS = 200
FIRST_BYTES = 65_536
"""What a browser needs to begin: the headers of the file and some seconds of sound."""


def measure() -> Figure:
    """Every recording of the demo, one after another, each on a connection that stands, as on the replay page."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as root:
        folder = DataFolder(Path(root) / "data")
        create_demo(folder)
        return asyncio.run(_measure(folder))


async def _measure(folder: DataFolder) -> Figure:
    token, ids = await _listener(folder)
    with ServerProcess(folder) as server:
        await to_thread.run_sync(server.start)
        async with http_client(server.url, token) as http:
            first = [await _start_ms(http, each) for each in ids]
            again = [await _start_ms(http, each) for each in ids]
    note(f"{len(ids)} recordings: first p95 {percentile(first, 0.95)} ms, again p95 {percentile(again, 0.95)} ms")
    return Figure(
        name="voice.replay_start_ms",
        value=round(percentile(first, 0.95) or 0.0, 1),
        unit="ms",
        anchor=f"<= {GOAL_MS}",
        conditions={
            "of": f"p95, peaks and the first {FIRST_BYTES} bytes of the sound (a range) both there",
            "recordings": len(ids),
            "median_ms": round(percentile(first, 0.5) or 0.0, 1),
            "max_ms": round(max(first), 1),
            "again_p95_ms": round(percentile(again, 0.95) or 0.0, 1),
        },
    )


async def _listener(folder: DataFolder) -> tuple[str, list[str]]:
    """The chief referee's log-in, and the recordings of the demo's contest."""
    services = await build(folder)
    try:
        who = await services.accounts.first_of_role(Role.CHIEF_REFEREE)
        assert who is not None
        async with services.database.read() as connection:
            query = select(recordings.c.id).join(contests, contests.c.id == recordings.c.contest_id)
            query = query.where(contests.c.kind == "contest", recordings.c.sha256.is_not(None))
            ids = [row.id for row in await connection.execute(query.order_by(recordings.c.id))]
        assert ids, "the demo has no sealed recording"
        return await services.accounts.open_login(who), ids
    finally:
        await services.database.close()


async def _start_ms(http: httpx2.AsyncClient, recording_id: str) -> float:
    """Peaks and sound are asked for at once, as the page does; ms until both can be shown and played."""
    began = time.monotonic()
    await asyncio.gather(_peaks(http, recording_id), _sound(http, recording_id))
    return (time.monotonic() - began) * 1000


async def _peaks(http: httpx2.AsyncClient, recording_id: str) -> Any:
    answer = await http.get(f"/api/v1/recordings/{recording_id}/peaks")
    answer.raise_for_status()
    return answer.json()["agent"]


async def _sound(http: httpx2.AsyncClient, recording_id: str) -> None:
    answer = await http.get(f"/api/v1/recordings/{recording_id}/sound", headers={"range": f"bytes=0-{FIRST_BYTES - 1}"})
    assert answer.status_code == 206, answer.text
    assert answer.content.startswith(b"OggS"), "no Ogg file"
