"""What a page, a package or two people at once must not be able to do to the task bank."""

import io
import json
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from typing import Any, cast

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from server.core.access import Role
from server.core.frozen import sha256_hex
from server.settings import DataFolder
from tests.support.bank import BANK, bank_web, complete, new, patched
from tests.support.sound import tone, wav
from tests.support.web import log_in

pytestmark = pytest.mark.flow


@pytest.fixture
def client(folder: DataFolder) -> Iterator[TestClient]:
    with bank_web(folder) as client:
        yield client


def acts(client: TestClient, act: str) -> int:
    services = cast(FastAPI, client.app).state.services
    assert client.portal is not None
    return sum(f'"{act}"' in event.payload for event in client.portal.call(services.journal.read_stream, "house"))


def at_once(count: int, work: Any) -> list[int]:
    with ThreadPoolExecutor(count) as pool:
        return sorted(answer.status_code for answer in pool.map(lambda _: work(), range(count)))


def test_a_draft_can_neither_name_a_recording_nor_confirm_it(client: TestClient) -> None:
    mine, other = complete(client, "我的"), new(client, "没有录音的")
    path = f"{BANK}/tasks/{other['task_id']}"
    foreign = mine["draft"]["items"][0]["audio"]
    draft = other["draft"]
    draft["items"][0]["audio"] = foreign
    refused = client.patch(path, json={"seen": other["revision"], "draft": draft})
    assert refused.status_code == 422
    assert "录音" in refused.json()["detail"]
    assert client.get(f"{path}/parts/{other['draft_parts'][0]['id']}/recording").status_code == 404

    path, part = f"{BANK}/tasks/{mine['task_id']}", mine["draft_parts"][0]["id"]
    params = {"seen": mine["revision"], "source": "uploaded"}
    unheard = client.put(f"{path}/parts/{part}/recording", params=params, content=wav(tone(9_000))).json()
    made = unheard["draft"]["items"][0]["audio"]
    assert made["confirmed"] is False
    draft = deepcopy(unheard["draft"])
    draft["items"][0]["audio"] |= {"confirmed": True, "sha256": "ab" * 32}
    saved = patched(client, unheard, draft=draft)
    assert saved["draft"]["items"][0]["audio"] == made
    assert client.post(f"{path}/versions", json={"seen": saved["revision"]}).status_code == 422


def test_other_media_types_are_not_taken(client: TestClient) -> None:
    task = complete(client)
    draft = task["draft"]
    draft["items"][0]["audio"]["media_type"] = "text/javascript"
    body = {"seen": task["revision"], "draft": draft}
    assert client.patch(f"{BANK}/tasks/{task['task_id']}", json=body).status_code == 422
    assert client.get(f"{BANK}/tasks/{task['task_id']}/parts/{task['draft_parts'][0]['id']}/recording").headers[
        "content-type"
    ] == ("audio/ogg")


def test_a_package_can_not_smuggle_a_script_in(client: TestClient) -> None:
    task = complete(client)
    package = client.get(f"{BANK}/export.zip", params={"task": task["task_id"]}).content
    manifest = json.loads(zipfile.ZipFile(io.BytesIO(package)).read("tasks.json"))
    script = b"alert(document.cookie)"
    audio = manifest["tasks"][0]["draft"]["items"][0]["audio"]
    audio |= {"sha256": sha256_hex(script), "original_sha256": None}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as changed:
        changed.writestr("tasks.json", json.dumps(manifest))
        changed.writestr(f"files/{sha256_hex(script)}", script)
    params = {"name": "a.zip", "module": "typing_test"}
    report = client.post(f"{BANK}/import", params=params, content=out.getvalue()).json()
    assert report["imported"] is False
    assert "Ogg Opus" in report["faults"][0]["text"]["zh-CN"]


def test_a_damaged_member_is_told(client: TestClient) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("tasks.json", json.dumps({"tasks": ["x" * 5_000]}))
    data = bytearray(out.getvalue())
    for place in range(45, 60):
        data[place] ^= 0xFF
    answer = client.post(f"{BANK}/import", params={"name": "a.zip", "module": "typing_test"}, content=bytes(data))
    assert answer.status_code == 422
    assert "压缩包" in answer.json()["detail"]


@pytest.mark.parametrize("into", ["//a//", "a\x01b", "很" * 201])
def test_an_import_into_a_folder_that_can_not_be_is_refused(client: TestClient, into: str) -> None:
    params = {"name": "a.csv", "module": "typing_test", "folder": into}
    assert client.post(f"{BANK}/import", params=params, content=b"x").status_code == 422


def test_two_who_delete_at_once_do_it_once(client: TestClient) -> None:
    task = new(client)
    path = f"{BANK}/tasks/{task['task_id']}"
    done = at_once(4, lambda: client.delete(path, params={"seen": task["revision"]}))
    assert done == [204, 409, 409, 409]
    assert acts(client, "bank.delete") == 1


def test_two_versions_at_once_are_one(client: TestClient) -> None:
    task = complete(client)
    path = f"{BANK}/tasks/{task['task_id']}"
    done = at_once(4, lambda: client.post(f"{path}/versions", json={"seen": task["revision"]}))
    assert done == [201, 409, 409, 409]
    assert len(client.get(path).json()["history"]) == acts(client, "bank.version") == 1


def test_a_version_needs_its_recording(client: TestClient, folder: DataFolder) -> None:
    task = complete(client)
    sha256 = task["draft"]["items"][0]["audio"]["sha256"]
    (folder.blobs / sha256[:2] / sha256[2:]).unlink()
    refused = client.post(f"{BANK}/tasks/{task['task_id']}/versions", json={"seen": task["revision"]})
    assert refused.status_code == 422
    assert "录音" in refused.json()["detail"]


def test_a_task_of_a_secret_contest_paper_is_not_opened_to_trainers(client: TestClient) -> None:
    log_in(client, "author")
    task = complete(client)
    path = f"{BANK}/tasks/{task['task_id']}"
    task = client.post(f"{path}/versions", json={"seen": task["revision"]}).json()
    body = {"title": "竞赛", "kind": "contest", "duration_ms": 300_000, "tasks": [{"task_id": task["task_id"]}]}
    paper = client.post(f"{BANK}/papers", json=body).json()
    refused = client.patch(path, json={"seen": task["revision"], "shared": True})
    assert refused.status_code == 409
    assert "尚未公开" in refused.json()["detail"]
    client.patch(f"/api/v1/papers/{paper['paper_id']}", json={"visible_from_ms": 0})
    assert patched(client, task, shared=True)["shared"]
    assert acts(client, "bank.share") == 1


def test_a_draft_that_can_not_be_read_is_shown_as_faulty(client: TestClient) -> None:
    good, bad = new(client, "好的"), new(client, "坏的")
    services = cast(FastAPI, client.app).state.services
    assert client.portal is not None
    client.portal.call(services.bank.repository.change, bad["task_id"], bad["revision"], {"draft": "{}"})
    listed = {one["task_id"]: one for one in client.get(f"{BANK}/tasks").json()}
    assert listed[bad["task_id"]]["faults"] == 1
    assert "无法读取" in listed[bad["task_id"]]["title"]["zh-CN"]
    assert listed[good["task_id"]]["title"]["zh-CN"] == "好的"


def test_every_route_asks_who_it_is_before_it_works(client: TestClient) -> None:
    assert client.get(f"{BANK}/tasks").status_code == 200
    log_in(client, "pupil")
    big = b"x" * 2_000_000
    assert (
        client.post(f"{BANK}/import", params={"name": "a.zip", "module": "typing_test"}, content=big).status_code == 403
    )
    assert cast(FastAPI, client.app).state.people["pupil"].roles == (Role.CONTESTANT,)
