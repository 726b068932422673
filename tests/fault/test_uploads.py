"""Uploads to the real process: strange chunks, a full disk, kills in the middle; nothing acknowledged is lost."""

import asyncio
import hashlib
import random
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from anyio import to_thread

from server.app import build
from server.core.access import Role
from server.settings import DataFolder
from server.speech import codec
from tests.fault.audit import verify_log
from tests.fault.conftest import traces
from tests.support.client import SeatClient, http_client
from tests.support.house import make_folder
from tests.support.process import ServerProcess
from tests.support.speech import chunked, speech, webm
from tests.support.voice import AUDIO, voice_paper

pytestmark = [pytest.mark.fault, pytest.mark.anyio]

IN = "in1.1"
SECONDS = 20
CHUNKS = chunked(webm(codec.encode(speech(SECONDS, seed=2))))
WAIT_S = 60


async def furnished(folder: DataFolder) -> tuple[str, str]:
    """A pupil's token and the voice paper offered to pupils."""
    services = await build(folder)
    try:
        await services.blobs.put(AUDIO)
        paper_id = await services.papers.add_paper(services.modules["telephony"], voice_paper(), "lesson")
        who = await services.accounts.create("pupil", "测试学员", Role.CONTESTANT, None)
        return await services.accounts.open_login(who), paper_id
    finally:
        await services.database.close()


class Spooler:
    """A page that keeps what is not acknowledged and sends it again."""

    def __init__(self, url: str, attempt_id: str, recorder_id: str, token: str) -> None:
        self.url, self.attempt_id, self.id, self.token = url, attempt_id, recorder_id, token
        self.acked: set[int] = set()
        self.some = asyncio.Event()
        """Another three were acknowledged."""

    def headers(self, data: bytes) -> dict[str, str]:
        """Of a chunk."""
        return {"authorization": f"Bearer {self.token}", "x-content-sha256": hashlib.sha256(data).hexdigest()}

    async def put(self, http: httpx2.AsyncClient, number: int, data: bytes | None = None) -> httpx2.Response:
        """Once."""
        data = CHUNKS[number] if data is None else data
        return await http.put(f"/api/v1/uploads/{self.id}/{number}", content=data, headers=self.headers(data))

    async def keep_on(self, numbers: list[int], until: float = WAIT_S) -> None:
        """Until each is acknowledged, whatever happens to the server."""
        deadline = asyncio.get_running_loop().time() + until
        left = list(numbers)
        while left:
            assert asyncio.get_running_loop().time() < deadline, f"never acknowledged: {left}"
            async with http_client(self.url) as http:
                for number in list(left):
                    try:
                        answer = await self.put(http, number)
                    except httpx2.HTTPError:
                        await asyncio.sleep(0.05)
                        break
                    if answer.status_code == 204:
                        self.acked.add(number)
                        left.remove(number)
                        if len(self.acked) % 3 == 0:
                            self.some.set()

    async def finish(self) -> None:
        """No more will come."""
        async with http_client(self.url) as http:
            answer = await http.post(
                f"/api/v1/uploads/{self.id}/finish",
                json={"chunks": len(CHUNKS), "ended_ms": 1},
                headers={"authorization": f"Bearer {self.token}"},
            )
            assert answer.status_code == 200, answer.text

    async def held(self) -> set[int]:
        """What the server says that it has."""
        async with http_client(self.url) as http:
            answer = await http.get(f"/api/v1/uploads/{self.id}", headers={"authorization": f"Bearer {self.token}"})
            return {number for first, last in answer.json()["held"] for number in range(first, last + 1)}


async def ringing(url: str, token: str, paper_id: str) -> Spooler:
    """A round whose inbound line rings, with a recorder; the round is handed in afterwards."""
    async with http_client(url, token) as http:
        opened = await http.post("/api/v1/practice", json={"paper_id": paper_id})
        assert opened.status_code == 201, opened.text
        attempt_id = opened.json()["attempt_id"]
        async with SeatClient(url, token, attempt_id) as seat:
            await seat.start()
            await seat.do({"type": "telephony.open_part", "part": "in1"})
            await seat.do({"type": "telephony.answer", "call": IN})
            began_ms = (await http.get(f"/api/v1/attempts/{attempt_id}")).json()["server_ms"]
            new = {"call_id": IN, "media_type": "audio/webm;codecs=opus", "began_ms": began_ms}
            made = await http.post(f"/api/v1/attempts/{attempt_id}/recorders", json=new)
            assert made.status_code == 201, made.text
            await asyncio.sleep(2)  # the call lasts that long, by the server's clock
            await seat.do({"type": "telephony.hang_up", "call": IN})
            await seat.hand_in()
    return Spooler(url, attempt_id, made.json()["recorder_id"], made.json()["token"])


async def replayed(url: str, token: str, attempt_id: str, wanted: str = "sealed") -> dict[str, object]:
    """The recording on the replay page, as soon as it is as wanted."""
    async with http_client(url, token) as http:
        for _ in range(WAIT_S * 5):
            answer = await http.get(f"/api/v1/attempts/{attempt_id}/replay")
            if answer.status_code == 200 and answer.json()["recordings"]:
                (found,) = answer.json()["recordings"]
                if found["state"] == wanted:
                    recording: dict[str, object] = found
                    return recording
            await asyncio.sleep(0.2)
    raise AssertionError(f"never {wanted}: {answer.text}")


async def test_kills_in_the_middle_lose_nothing_that_was_acknowledged(folder: DataFolder) -> None:
    token, paper_id = await furnished(folder)
    with ServerProcess(folder) as server:
        await to_thread.run_sync(server.start)
        spooler = await ringing(server.url, token, paper_id)
        order = list(range(len(CHUNKS)))
        random.Random(4).shuffle(order)
        for part in (order[:6], order[4:12], order[10:]):
            sending = asyncio.create_task(spooler.keep_on(part))
            await spooler.some.wait()
            spooler.some.clear()
            await to_thread.run_sync(server.restart)
            known = set(spooler.acked)
            assert known <= await spooler.held()
            await sending
        await spooler.finish()
        assert await spooler.held() == set(order)
        spool = folder.media / "spool" / spooler.id
        assert [(spool / str(n)).read_bytes() for n in range(len(CHUNKS))] == CHUNKS
        await to_thread.run_sync(server.restart)
        made = await replayed(server.url, token, spooler.attempt_id)
        assert made["missing"] is None
        assert [one["kind"] for one in made["stretches"]] == ["filled"]  # type: ignore[attr-defined]
        assert (await verify_log(folder))["faults"] == []
        assert not traces(server.log()), server.log()


async def test_strange_chunks_are_refused_and_hurt_nobody(folder: DataFolder) -> None:
    token, paper_id = await furnished(folder)
    with ServerProcess(folder) as server:
        await to_thread.run_sync(server.start)
        mine, other = [await ringing(server.url, token, paper_id) for _ in range(2)]
        async with http_client(server.url) as http:
            await mine.keep_on([0])
            damaged = await http.put(
                f"/api/v1/uploads/{mine.id}/1", content=CHUNKS[1][:-1], headers=mine.headers(CHUNKS[1])
            )
            assert (damaged.status_code, damaged.json()["code"], damaged.json()["retry"]) == (
                422,
                "chunk-damaged",
                True,
            )
            assert (await mine.put(http, 0, CHUNKS[5])).status_code == 409
            mine.token, kept = other.token, mine.token
            assert (await mine.put(http, 2)).status_code == 403
            mine.token = kept
            for number in (-1, "x", 10**9, "..%2f..%2fccss.db"):
                answer = await http.put(f"/api/v1/uploads/{mine.id}/{number}", content=b"", headers=mine.headers(b""))
                assert answer.status_code in (404, 405, 413, 422), (number, answer.status_code)
            nobody = await http.put(f"/api/v1/uploads/{mine.id}/3", content=b"x")
            assert nobody.status_code in (403, 422)
            junk = [await other.put(http, number, random.Random(number).randbytes(900)) for number in range(3)]
            assert {answer.status_code for answer in junk} == {204}
        assert await mine.held() == {0}
        await mine.keep_on(list(range(len(CHUNKS))))
        await mine.finish()
        made = await replayed(server.url, token, mine.attempt_id)
        assert made["missing"] is None
        # Junk that was acknowledged is kept, and is no reason for a call not to be sealed.
        async with http_client(server.url) as http:
            await http.post(
                f"/api/v1/uploads/{other.id}/finish",
                json={"chunks": 3, "ended_ms": 1},
                headers={"authorization": f"Bearer {other.token}"},
            )
        assert (await replayed(server.url, token, other.attempt_id))["missing"] is None
        assert (await verify_log(folder))["faults"] == []
        assert not traces(server.log()), server.log()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of a few megabytes, where the machine lets us mount one."""
    place = tmp_path / "disk"
    place.mkdir()
    if shutil.which("mount") is None:
        pytest.skip("nothing to mount a small disk with")
    mount = ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(place)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no permission to mount a small disk")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


async def test_a_full_disk_is_said_and_what_was_refused_comes_again(small_disk: Path) -> None:
    folder = make_folder(small_disk)
    token, paper_id = await furnished(folder)
    with ServerProcess(folder) as server:
        await to_thread.run_sync(server.start)
        spooler = await ringing(server.url, token, paper_id)
        await spooler.keep_on([0, 1, 2])
        filler = small_disk / "filler"
        await to_thread.run_sync(_fill, filler)
        async with http_client(server.url) as http:
            full = await spooler.put(http, 3)
            assert (full.status_code, full.json()["code"], full.json()["retry"]) == (507, "disk-full", True)
            assert await spooler.held() == {0, 1, 2}
        filler.unlink()
        await spooler.keep_on(list(range(len(CHUNKS))))
        await spooler.finish()
        assert (await replayed(server.url, token, spooler.attempt_id))["missing"] is None
        assert (await verify_log(folder))["faults"] == []


def _fill(path: Path) -> None:
    """Write until nothing more fits."""
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"\0" * 4096)
        except OSError:
            return
