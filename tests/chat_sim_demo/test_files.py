"""Pictures are files of a task: imported beside the paper, served to the seat, sent to referees."""

import json
import shutil
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from chat_sim.content import ChatContent
from chat_sim.demo import render
from server.core.errors import Invalid
from server.settings import DataFolder
from server.verify import verify
from tests.support.clock import ManualClock
from tests.support.house import house
from tests.support.marking import Desk, graded_house
from tests.support.seat import Seat
from tests.support.stage import seated
from tests.support.web import log_in, web

pytestmark = [pytest.mark.flow, pytest.mark.anyio]

WARMUP = ChatContent.model_validate(render.load("warmup"))
FILES = {picture.sha256: render.FOLDER / picture.file for picture in WARMUP.pictures()}


def beside(root: Path) -> Path:
    """The warm-up with its pictures beside it, as an author would lay them."""
    (root / "pictures").mkdir(parents=True)
    for picture in WARMUP.pictures():
        shutil.copyfile(render.FOLDER / picture.file, root / picture.file)
    shutil.copyfile(render.FOLDER / "warmup.json", root / "warmup.json")
    return root / "warmup.json"


async def test_a_paper_comes_with_its_pictures(folder: DataFolder, clock: ManualClock, tmp_path: Path) -> None:
    paper = beside(tmp_path / "paper")
    async with house(folder, clock) as services:
        await services.papers.import_folder("chat_sim", "warmup", paper)
        for sha256, path in FILES.items():
            assert (await services.blobs.path(sha256)).read_bytes() == path.read_bytes()
        assert (await verify(services)).faults == []
        stored = await services.blobs.path(next(iter(FILES)))
        stored.chmod(0o600)
        stored.write_bytes(b"RIFF")
        assert len((await verify(services)).faults) == 1


async def test_a_missing_and_a_changed_picture_are_both_named(
    folder: DataFolder, clock: ManualClock, tmp_path: Path
) -> None:
    paper = beside(tmp_path / "paper")
    missing, changed = list(WARMUP.pictures())[:2]
    (paper.parent / missing.file).unlink()
    (paper.parent / changed.file).write_bytes(b"RIFF\0\0\0\0WEBPVP8 ")
    async with house(folder, clock) as services:
        with pytest.raises(Invalid) as refused:
            await services.papers.import_folder("chat_sim", "warmup", paper)
        assert await services.papers.offered() == []
    said = json.dumps(refused.value.body("incident", "zh-CN"), ensure_ascii=False)
    assert missing.sha256[:12] in said
    assert changed.sha256[:12] in said


def test_a_seat_sees_pictures_as_pictures_and_only_those_of_its_task(folder: DataFolder) -> None:
    with web(folder) as client:
        log_in(client)
        attempt_id = chat_round(client)
        address = f"/api/v1/attempts/{attempt_id}/files/"
        first, path = next(iter(FILES.items()))
        assert client.get(address + first).json()["code"] == "stage-not-running"
        with Seat.sit(client, attempt_id) as seat:
            seat.start()
            answer = client.get(address + first)
            assert answer.headers["content-type"] == "image/webp"
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert "immutable" in answer.headers["cache-control"]
            assert answer.content == path.read_bytes()
            other = next(one.sha256 for one in contest().pictures() if one.sha256 not in FILES)
            assert client.get(address + other).status_code == 404


async def test_referees_get_pictures_in_the_role_of_pictures(
    folder: DataFolder, clock: ManualClock, tmp_path: Path
) -> None:
    async with Desk.opened(tmp_path / "desk") as desk, graded_house(folder, clock, desk.http) as services:
        for path in FILES.values():
            await services.blobs.put(path.read_bytes())
        sitting = await seated(services, people=1, task=("chat_sim", WARMUP))
        await sitting.begin()
        await sitting.hand_in(0, {})
        await clock.settle()
        (dossier,) = await desk.dossiers()
        found = {file.sha256: file for file in dossier.evidence if file.role == "picture"}
        assert set(found) == set(FILES)
        assert {file.media_type for file in found.values()} == {"image/webp"}
        assert {sha256: file.size for sha256, file in found.items()} == {
            sha256: path.stat().st_size for sha256, path in FILES.items()
        }
        assert {file.role for file in dossier.evidence} == {"events", "answers", "task", "picture"}
        assert {f"/blobs/{sha256}" for sha256 in FILES} <= set(desk.puts("blobs"))


def contest() -> ChatContent:
    """The contest paper, whose pictures are others."""
    return ChatContent.model_validate(render.load("contest"))


def chat_round(client: TestClient) -> str:
    """A new practice round on the warm-up; its attempt's id."""
    services = client.app.state.services  # type: ignore[attr-defined]
    assert client.portal is not None
    paper_id = client.portal.call(services.papers.import_folder, "chat_sim", "warmup", render.FOLDER / "warmup.json")
    answer = client.post("/api/v1/practice", json={"paper_id": paper_id})
    assert answer.status_code == 201
    attempt_id: str = answer.json()["attempt_id"]
    return attempt_id
