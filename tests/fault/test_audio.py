"""Damaged or missing recordings: the route says so, everything else goes on, verify-log names the file."""

import pytest

from tests.fault.audit import verify_log
from tests.fault.conftest import Standing
from tests.support.client import SeatClient, Typist, http_client
from tests.support.papers import AUDIO

pytestmark = [pytest.mark.fault, pytest.mark.anyio]


@pytest.mark.parametrize(
    ("damage", "status", "code"),
    [("flipped", 503, "blob-damaged"), ("cut short", 503, "blob-damaged"), ("removed", 404, "not-found")],
)
async def test_a_bad_recording(fresh: Standing, damage: str, status: int, code: str) -> None:
    token, attempt_id = await fresh.round()
    async with SeatClient(fresh.url, token, attempt_id) as seat, http_client(fresh.url, token) as http:
        await seat.start()
        (blob,) = (path for path in fresh.folder.blobs.rglob("*") if path.is_file())
        address = f"/api/v1/attempts/{attempt_id}/files/{blob.parent.name}{blob.name}"
        whole = await http.get(address)
        assert (whole.status_code, whole.content) == (200, AUDIO)
        match damage:
            case "flipped":
                blob.write_bytes(AUDIO[:-1] + bytes([AUDIO[-1] ^ 1]))
            case "cut short":
                blob.write_bytes(AUDIO[:10])
            case _:
                blob.unlink()
        for _ in range(2):
            bad = await http.get(address)
            assert (bad.status_code, bad.headers["content-type"]) == (status, "application/problem+json")
            assert (bad.json()["code"], bad.json()["status"]) == (code, status)
        verdict = await verify_log(fresh.folder)
        assert verdict["exit"] == 1
        assert verdict["faults"] == [f"file {blob.parent.name}{blob.name}: {code}"]
        typist = Typist(seat)
        await typist.save("i1", "name", "欧阳雪")
        receipt = await seat.hand_in()
        assert receipt["answers_sha256"] == typist.answers_sha256()
        blob.write_bytes(AUDIO)
        assert (await http.get(address)).content == AUDIO


async def test_ranges_and_addresses_of_recordings(standing: Standing) -> None:
    token, attempt_id = await standing.round()
    (blob,) = (path for path in standing.folder.blobs.rglob("*") if path.is_file())
    files = f"/api/v1/attempts/{attempt_id}/files"
    address = f"{files}/{blob.parent.name}{blob.name}"
    async with SeatClient(standing.url, token, attempt_id) as seat, http_client(standing.url, token) as http:
        early = await http.get(address)
        assert (early.status_code, early.json()["code"]) == (423, "stage-not-running")
        await seat.start()
        part = await http.get(address, headers={"Range": "bytes=0-3"})
        assert (part.status_code, part.content) == (206, AUDIO[:4])
        beyond = await http.get(address, headers={"Range": "bytes=999999-"})
        assert beyond.status_code == 416
        for wrong in ("0" * 64, "..%2f..%2fccss.db", "A" * 64, "x"):
            answer = await http.get(f"{files}/{wrong}")
            assert answer.status_code in (404, 422), wrong
            assert answer.headers["content-type"] == "application/problem+json"
    async with http_client(standing.url, standing.trainee().token) as stranger:
        assert (await stranger.get(address)).status_code == 404
    async with http_client(standing.url) as nobody:
        assert (await nobody.get(address)).status_code == 401
