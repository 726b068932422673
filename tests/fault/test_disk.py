"""A full or failing disk: a clear refusal that says "again", reads go on, and nothing acknowledged is lost."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from anyio import to_thread

from server.app import Services
from server.core.errors import DiskFull
from server.settings import DataFolder
from server.verify import verify
from tests.fault.audit import audit, verify_log
from tests.fault.conftest import traces
from tests.support.client import SeatClient, Typist, http_client, open_round
from tests.support.clock import ManualClock
from tests.support.house import Trainee, house, make_folder
from tests.support.process import ServerProcess, furnish_folder

pytestmark = [pytest.mark.fault, pytest.mark.anyio]

DISK = "6m"
LONG = "长" * 1_000
"""The longest text a field takes: it fills pages quickly."""


async def test_sqlite_full_is_refused_until_there_is_room(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock) as services:
        trainee = await Trainee.sit_down(services)
        await trainee.start()
        await trainee.save("name", "欧阳雪", id_="before-it-was-full")
        await _limit_pages(services, leave=0)
        filling = Filling(trainee)
        with pytest.raises(DiskFull) as refused:
            await filling.until_refused()
        rev = filling.rev
        assert (refused.value.status, refused.value.code, refused.value.retry) == (507, "disk-full", True)
        with pytest.raises(DiskFull):
            await trainee.save("address", LONG, rev=rev, id_=f"fill-{rev:06d}")
        view = await services.attempts.view(await services.attempts.own(trainee.who, trainee.attempt_id))
        assert view.phase.value == "running"
        again = await trainee.save("name", "欧阳雪", id_="before-it-was-full")
        assert again.repeated
        await _limit_pages(services, leave=10_000)
        first = await trainee.save("address", LONG, rev=rev, id_=f"fill-{rev:06d}")
        second = await trainee.save("address", LONG, rev=rev, id_=f"fill-{rev:06d}")
        assert (first.repeated, second.repeated, first.seq) == (False, True, second.seq)
        events = await services.journal.read_stream(trainee.attempt_id)
        saved = [event.command_id for event in events if event.type == "typing_test.field_saved"]
        assert saved == ["before-it-was-full", *(f"fill-{number:06d}" for number in range(1, rev + 1))]
        assert (await verify(services)).faults == []


@dataclass(slots=True)
class Filling:
    """Saves long texts, one revision after the other."""

    trainee: Trainee
    rev: int = 0

    async def until_refused(self) -> None:
        """Raises what refuses; `rev` is then the revision that was refused."""
        while self.rev < 200:
            self.rev += 1
            await self.trainee.save("address", LONG, rev=self.rev, id_=f"fill-{self.rev:06d}")


async def _limit_pages(services: Services, leave: int) -> None:
    """Let the database grow by so many pages, on the one connection that writes."""
    async with services.database.write() as connection:
        pages = (await connection.exec_driver_sql("PRAGMA page_count")).scalar_one()
        await connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + leave}")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of a few megabytes, where the machine lets us mount one."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(place)]
    try:
        mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        mounted = False
    if not mounted:
        pytest.skip("no permission to mount a small disk")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


async def test_a_full_disk_under_the_real_process(small_disk: Path) -> None:
    folder = make_folder(small_disk)
    furnished = await to_thread.run_sync(furnish_folder, folder, 1)
    token = furnished.passes[0].token
    with ServerProcess(folder) as server:
        await to_thread.run_sync(server.start)
        attempt_id = await open_round(server.url, token, furnished.paper_id)
        async with SeatClient(server.url, token, attempt_id) as seat:
            await seat.start()
            typist = Typist(seat)
            await typist.save("i1", "name", "欧阳雪")
            filler = small_disk / "filler"
            _fill(filler)
            typing = asyncio.create_task(_type_until_refused(typist))
            await seat.until(lambda: bool(seat.refusals))
            problem = seat.refusals[0]
            assert (problem["status"], problem["code"], problem["retry"]) == (507, "disk-full", True)
            async with http_client(server.url, token) as http:
                for address in ("/healthz", "/readyz", f"/api/v1/attempts/{attempt_id}", "/api/v1/papers"):
                    assert (await http.get(address)).status_code == 200, address
                full = await http.post("/api/v1/practice", json={"paper_id": furnished.paper_id})
                assert (full.status_code, full.json()["code"], full.json()["retry"]) == (507, "disk-full", True)
            assert not typing.done()
            filler.unlink()
            await typing
            receipt = await seat.hand_in()
            assert receipt["answers_sha256"] == typist.answers_sha256()
            await to_thread.run_sync(server.restart)
            found = await audit(folder, [seat])
            assert found.clean, found
            assert found.acked == len(seat.sent)
        assert (await verify_log(folder))["faults"] == []
        assert not traces(server.log()), server.log()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits a running process from outside")
async def test_a_disk_that_refuses_writes_under_the_real_process(folder: DataFolder) -> None:
    import resource

    furnished = await to_thread.run_sync(furnish_folder, folder, 1)
    token = furnished.passes[0].token
    with ServerProcess(folder) as server:
        await to_thread.run_sync(server.start)
        attempt_id = await open_round(server.url, token, furnished.paper_id)
        async with SeatClient(server.url, token, attempt_id) as seat:
            await seat.start()
            typist = Typist(seat)
            await typist.save("i1", "name", "欧阳雪")
            _, hard = resource.prlimit(server.pid, resource.RLIMIT_FSIZE)
            resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (0, hard))
            typing = asyncio.create_task(typist.save("i1", "address", LONG))
            await seat.until(lambda: bool(seat.refusals))
            problem = seat.refusals[0]
            assert (problem["status"], problem["code"], problem["retry"]) == (503, "storage-failed", True)
            async with http_client(server.url, token) as http:
                assert (await http.get(f"/api/v1/attempts/{attempt_id}")).status_code == 200
                assert (await http.get("/healthz")).status_code == 200
            resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (hard, hard))
            await typing
            receipt = await seat.hand_in()
            assert receipt["answers_sha256"] == typist.answers_sha256()
            found = await audit(folder, [seat])
            assert found.clean, found
        assert (await verify_log(folder))["faults"] == []


async def _type_until_refused(typist: Typist) -> None:
    """Saves that need room; the one that is refused returns when there is room again."""
    number = 0
    while not typist.seat.refusals:
        await typist.save(f"i{number % 2 + 1}", "address", f"{number}{LONG}"[:1_000])
        number += 1


def _fill(path: Path) -> None:
    """Write until nothing more fits."""
    block: Any = b"\0" * 4096
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(block)
        except OSError:
            return
