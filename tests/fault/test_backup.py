"""A backup beside a working server: consistent, whole, and the same house when it is served elsewhere."""

import asyncio
import hashlib
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from anyio import to_thread

from server.app import build
from server.settings import BackupPlan, DataFolder
from tests.fault.audit import verify_log
from tests.fault.conftest import Standing, traces
from tests.support.client import SeatClient, Typist, http_client
from tests.support.process import ServerProcess, run_ccss

pytestmark = [pytest.mark.fault, pytest.mark.anyio]


async def test_a_backup_of_a_working_server_is_the_same_house_elsewhere(fresh: Standing, tmp_path: Path) -> None:
    token, attempt_id = await fresh.round()
    async with SeatClient(fresh.url, token, attempt_id) as seat:
        await seat.start()
        typist = Typist(seat)
        for item in ("i1", "i2"):
            await typist.save(item, "name", "欧阳雪")
        enough = asyncio.Event()
        typing = asyncio.create_task(_type(typist, enough))
        target = tmp_path / "backup.zip"
        said = await to_thread.run_sync(lambda: run_ccss("backup", "--data", fresh.folder.root, "--to", target))
        assert said.returncode == 0, said.stdout + said.stderr
        acked = len(seat.acked)
        enough.set()
        await typing
        assert len(seat.acked) > acked
        token_2, standing_id = await fresh.round()
        async with SeatClient(fresh.url, token_2, standing_id) as late:
            await late.start()
    elsewhere = DataFolder(tmp_path / "elsewhere")
    said = await to_thread.run_sync(lambda: run_ccss("restore", target, "--data", elsewhere.root))
    assert said.returncode == 0, said.stderr
    assert (await verify_log(elsewhere))["faults"] == []
    kept = await _hashes(elsewhere, attempt_id)
    whole = await _hashes(fresh.folder, attempt_id)
    assert len(kept) >= 4
    assert kept == whole[: len(kept)]
    assert len(whole) > len(kept)
    assert await _hashes(elsewhere, standing_id) == []
    assert _blobs(elsewhere) == _blobs(fresh.folder)
    with ServerProcess(elsewhere) as other:
        await to_thread.run_sync(other.start)
        assert other.url != fresh.url
        for address in ("/api/v1/papers", "/api/v1/me"):
            assert await _get(other.url, token, address) == await _get(fresh.url, token, address)
        view = await _get(other.url, token, f"/api/v1/attempts/{attempt_id}")
        assert view["attempt_id"] == attempt_id
        blob = next(iter(_blobs(elsewhere)))
        address = f"/api/v1/attempts/{attempt_id}/files/{blob}"
        async with http_client(other.url, token) as http:
            content = (await http.get(address)).content
        assert hashlib.sha256(content).hexdigest() == blob
        log = other.log()
    assert not traces(log), log


async def test_the_nightly_child_of_a_real_server(folder: DataFolder) -> None:
    """What the server starts every night, beside a server that runs."""
    settings = folder.settings().model_copy(update={"backup": BackupPlan(keep=2)})
    (folder.root / "ccss.json").write_text(settings.model_dump_json(), encoding="utf-8")
    with ServerProcess(folder, graded=True) as server:
        await to_thread.run_sync(server.start)
        for _ in range(3):
            said = await to_thread.run_sync(lambda: run_ccss("backup", "--nightly", "--data", folder.root))
            assert said.returncode == 0, said.stderr
            await asyncio.sleep(1.1)  # the file is named by the second
    made = sorted((folder.root / "backups").glob("*.zip"))
    assert len(made) == 2
    assert all(re.fullmatch(r"nightly-\d{8}-\d{6}\.zip", path.name) for path in made)
    with zipfile.ZipFile(made[-1]) as archive:
        assert archive.testzip() is None


async def _type(typist: Typist, enough: asyncio.Event) -> None:
    """Saves one after the other until told to stop, and one more."""
    number = 0
    while not enough.is_set():
        number += 1
        await typist.save("i1", "address", f"第 {number} 次")
    await typist.save("i2", "address", "最后一次")


async def _hashes(folder: DataFolder, attempt_id: str) -> list[str]:
    services = await build(folder)
    try:
        return [event.hash for event in await services.journal.read_stream(attempt_id)]
    finally:
        await services.database.close()


def _blobs(folder: DataFolder) -> dict[str, str]:
    """SHA-256 of every file of the store, by its name."""
    files = [path for path in folder.blobs.rglob("*") if path.is_file()]
    return {path.parent.name + path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


async def _get(url: str, token: str, address: str) -> Any:
    async with http_client(url, token) as http:
        answer = await http.get(address)
    assert answer.status_code == 200, (address, answer.text)
    return answer.json()
