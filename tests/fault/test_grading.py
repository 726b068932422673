"""The real grading child killed while works are delivered: all arrive, once each, and no child is left behind."""

import asyncio
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from server.settings import DataFolder
from tests.fault.conftest import traces
from tests.support.clock import ManualClock
from tests.support.contest import Contest
from tests.support.house import house
from tests.support.papers import CARD
from tests.support.process import ServerProcess

pytestmark = pytest.mark.fault

ENTRANTS = 40
WAIT_S = 90


async def _played(folder: DataFolder) -> set[str]:
    """A contest that is over and scored; nothing has been delivered."""
    async with house(folder, ManualClock()) as services:
        contest = await Contest.organise(services, entrants=ENTRANTS, places=ENTRANTS)
        await contest.order("arm")
        people = [await contest.contestant(ticket) for ticket in contest.tickets]
        await contest.order("start")
        for number, one in enumerate(people):
            await one.save("address", CARD["address"][: number // 2 + 1])
        await contest.order("close")
        await services.scorer.catch_up()
        return {(await one.standing()).record.work_code for one in people}


def _until(ask: Callable[[], bool], server: ServerProcess) -> None:
    deadline = time.monotonic() + WAIT_S
    while not ask():
        assert time.monotonic() < deadline, server.log()
        time.sleep(0.02)


def _children(server: ServerProcess) -> list[int]:
    """Grading children so far, by what the server logged."""
    return [int(pid) for pid in re.findall(r'"child": (\d+)', server.log())]


def _arrived(folder: DataFolder) -> list[tuple[str, int]]:
    database = folder.grading / "grading.db"
    if not database.is_file():
        return []
    with closing(sqlite3.connect(database, timeout=10)) as connection:
        try:
            return list(connection.execute("SELECT work_code, revision FROM dossiers"))
        except sqlite3.OperationalError:  # not migrated yet
            return []


def _gone(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return stat.is_file() and stat.read_text().rsplit(")", 1)[1].split()[0] == "Z"


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_killed_during_delivery_all_works_arrive_once(folder: DataFolder) -> None:
    codes = asyncio.run(_played(folder))
    assert len(codes) == ENTRANTS
    with ServerProcess(folder, graded=True) as server:
        server.start()
        for kill, share in enumerate((0, ENTRANTS // 4, ENTRANTS // 2), 1):
            _until(lambda kill=kill: len(_children(server)) >= kill, server)  # type: ignore[misc]
            _until(lambda share=share: len(_arrived(folder)) >= share, server)  # type: ignore[misc]
            os.kill(_children(server)[-1], signal.SIGKILL)
        _until(lambda: len(_arrived(folder)) >= ENTRANTS, server)
        assert sorted(_arrived(folder)) == sorted((code, 1) for code in codes)
        assert len(_children(server)) == 4
        assert server.log().count("delivery.failed") == 0

        # The parent's death is the child's, however sudden; the next start has a child of its own.
        last = _children(server)[-1]
        server.kill()
        _until(lambda: _gone(last), server)
        server.start()
        _until(lambda: len(_children(server)) >= 5, server)
        last = _children(server)[-1]
        server.stop()
        _until(lambda: _gone(last), server)
        assert sorted(_arrived(folder)) == sorted((code, 1) for code in codes)
    assert not traces(server.log()), server.log()


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_an_interrupt_ends_the_child_in_order(tmp_path: Path) -> None:
    """Ctrl-C reaches the child too, while one of its threads waits for the end of stdin."""
    command = [sys.executable, "-P", "-c", "from grading.process import main; main()", str(tmp_path / "grading")]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        assert child.stdout.readline().startswith("http://")
        child.send_signal(signal.SIGINT)
        code = child.wait(WAIT_S)
        words = child.stderr.read()
    assert code == 0, words
    assert "Fatal" not in words
    assert "Traceback" not in words
