"""题库 over HTTP: who sees what, drafts that can't be lost, versions, recordings, papers."""

from collections.abc import Iterator
from typing import Any, cast

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from server.settings import DataFolder
from tests.support.bank import BANK, bank_web, complete, new, patched
from tests.support.sound import tone, wav
from tests.support.web import log_in

pytestmark = pytest.mark.flow


@pytest.fixture
def client(folder: DataFolder) -> Iterator[TestClient]:
    with bank_web(folder) as client:
        yield client


def severe(task: dict[str, Any]) -> list[str]:
    return [fault["path"] for fault in task["found"] if fault["severe"]]


def test_a_task_from_empty_to_a_paper_that_is_practised(client: TestClient) -> None:
    empty = new(client)
    assert empty["faults"] == len(severe(empty)) > 5
    path = f"{BANK}/tasks/{empty['task_id']}"
    refused = client.post(f"{path}/versions", json={"seen": empty["revision"]})
    assert refused.status_code == 422
    assert {fault["path"] for fault in refused.json()["faults"]} >= set(severe(empty))
    assert client.get(f"{path}/preview").status_code == 422

    task = complete(client)
    assert severe(task) == []
    path = f"{BANK}/tasks/{task['task_id']}"
    seen = client.get(f"{path}/preview").json()
    assert seen["items"][0]["audio_sha256"]
    assert "answers" not in seen["items"][0]
    answer = client.post(f"{path}/versions", json={"seen": task["revision"], "note": "首稿"})
    assert answer.status_code == 201, answer.text
    task = answer.json()
    assert [(one["number"], one["note"]) for one in task["history"]] == [(1, "首稿")]
    assert task["changed"] is False
    again = client.post(f"{path}/versions", json={"seen": task["revision"]})
    assert (again.status_code, again.json()["code"]) == (409, "conflict")

    body = {"title": "课堂练习", "kind": "lesson", "duration_ms": 300_000, "tasks": [{"task_id": task["task_id"]}]}
    paper = client.post(f"{BANK}/papers", json={**body, "visible_from_ms": 0})
    assert paper.status_code == 201, paper.text
    log_in(client, "pupil")
    assert [one["title"]["zh-CN"] for one in client.get("/api/v1/papers").json()] == ["课堂练习"]


def test_a_draft_that_was_changed_elsewhere_is_not_written_over(client: TestClient) -> None:
    task = new(client)
    path = f"{BANK}/tasks/{task['task_id']}"
    patched(client, task, folder="听打/地址")
    late = client.patch(path, json={"seen": task["revision"], "draft": task["draft"]})
    assert (late.status_code, late.json()["code"]) == (409, "overtaken")
    assert client.get(path).json()["folder"] == "听打/地址"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"draft": {}}, 422),
        ({"draft": {"title": {"zh-CN": "甲"}, "items": []}}, 422),
        ({"folder": "a//b"}, 422),
        ({"folder": "/a"}, 422),
        ({"tags": {"difficulty": "impossible"}}, 422),
        ({"draft": {"x": "很" * 600_000}}, 413),
    ],
)
def test_bad_changes_are_refused_and_change_nothing(client: TestClient, body: dict[str, Any], status: int) -> None:
    task = new(client)
    path = f"{BANK}/tasks/{task['task_id']}"
    assert client.patch(path, json={"seen": task["revision"], **body}).status_code == status
    assert client.get(path).json() == task


def test_a_teacher_sees_the_own_and_the_shared_tasks(client: TestClient) -> None:
    task = new(client, "老师的题")
    path = f"{BANK}/tasks/{task['task_id']}"
    log_in(client, "author")
    secret = new(client, "竞赛题")
    assert {one["title"]["zh-CN"] for one in client.get(f"{BANK}/tasks").json()} == {"老师的题", "竞赛题"}
    log_in(client, "colleague")
    assert client.get(f"{BANK}/tasks").json() == []
    for hidden in (path, f"{BANK}/tasks/{secret['task_id']}"):
        assert client.get(hidden).status_code == 404
        assert client.get(f"{hidden}/preview").status_code == 404
        assert client.get(f"{hidden}/parts/c01/recording").status_code == 404
        assert client.get(f"{BANK}/export.zip", params={"task": hidden.rpartition("/")[2]}).status_code == 404
    log_in(client, "teacher")
    task = patched(client, task, shared=True)
    log_in(client, "colleague")
    assert [one["own"] for one in client.get(f"{BANK}/tasks").json()] == [False]
    refused = client.patch(path, json={"seen": task["revision"], "folder": "我的"})
    assert refused.status_code == 409
    assert "复制" in refused.json()["detail"]
    copy = new(client, "我的副本", copy_of=task["task_id"])
    assert copy["own"]
    assert copy["draft"]["items"] == task["draft"]["items"]


@pytest.mark.parametrize("name", ["pupil", "judge"])
def test_nobody_else_comes_near_the_bank(client: TestClient, name: str) -> None:
    task = complete(client)
    log_in(client, name)
    part = f"{BANK}/tasks/{task['task_id']}/parts/{task['draft_parts'][0]['id']}"
    seen = [
        client.get(f"{BANK}/tasks"),
        client.get(f"{BANK}/voices"),
        client.get(f"{part}/recording"),
        client.get(f"{BANK}/export.xlsx", params={"task": task["task_id"]}),
        client.get(f"{BANK}/template.xlsx", params={"module": "typing_test"}),
        client.post(f"{BANK}/tasks", json={"title": "x"}),
        client.put(f"{part}/recording", params={"seen": 1, "source": "uploaded"}, content=b"x"),
    ]
    assert {answer.status_code for answer in seen} == {403}


def test_contest_papers_are_not_made_by_teachers(client: TestClient) -> None:
    task = complete(client)
    client.post(f"{BANK}/tasks/{task['task_id']}/versions", json={"seen": task["revision"]})
    body = {"title": "竞赛", "kind": "contest", "duration_ms": 300_000, "tasks": [{"task_id": task["task_id"]}]}
    assert client.post(f"{BANK}/papers", json=body).status_code == 403
    log_in(client, "author")
    assert client.post(f"{BANK}/papers", json=body).status_code == 201


def test_a_paper_keeps_the_version_it_was_made_of(client: TestClient) -> None:
    tasks = [complete(client, f"卡{number}") for number in (1, 2)]
    for task in tasks:
        client.post(f"{BANK}/tasks/{task['task_id']}/versions", json={"seen": task["revision"]})
    unready = new(client, "没有版本")
    body: dict[str, Any] = {"title": "两题", "kind": "lesson", "duration_ms": 600_000, "visible_from_ms": 0}
    sources = [{"task_id": task["task_id"]} for task in tasks]
    refused = client.post(f"{BANK}/papers", json={**body, "tasks": [*sources, {"task_id": unready["task_id"]}]})
    assert refused.status_code == 409
    assert "没有版本" in refused.json()["detail"]
    paper = client.post(f"{BANK}/papers", json={**body, "tasks": sources}).json()
    assert paper["parts"] == 2


def test_versions_come_back(client: TestClient) -> None:
    task = complete(client)
    path = f"{BANK}/tasks/{task['task_id']}"
    first = client.post(f"{path}/versions", json={"seen": task["revision"]}).json()
    part = task["draft_parts"][0]["id"]
    other = client.post(f"{path}/invent", json={"seen": first["revision"], "part": part}).json()
    assert other["changed"]
    assert other["draft"]["items"][0]["audio"] is None
    back = client.post(f"{path}/versions/1/take", json={"seen": other["revision"]}).json()
    assert back["draft"] == first["draft"]
    assert client.post(f"{path}/versions/9/take", json={"seen": back["revision"]}).status_code == 404


def test_the_bin_keeps_what_was_deleted(client: TestClient) -> None:
    task = new(client)
    path = f"{BANK}/tasks/{task['task_id']}"
    assert client.delete(path, params={"seen": task["revision"] + 1}).status_code == 409
    assert client.delete(path, params={"seen": task["revision"]}).status_code == 204
    assert client.get(f"{BANK}/tasks").json() == []
    (gone,) = client.get(f"{BANK}/tasks", params={"deleted": True}).json()
    assert gone["task_id"] == task["task_id"]
    revision = client.get(path).json()["revision"]
    assert client.patch(path, json={"seen": revision, "folder": "x"}).status_code == 409
    assert client.post(f"{path}/undelete", json={"seen": revision}).status_code == 204
    assert [one["task_id"] for one in client.get(f"{BANK}/tasks").json()] == [task["task_id"]]


def test_folders_are_renamed_with_what_lies_below(client: TestClient) -> None:
    for title, folder in (("一", "听打"), ("二", "听打/地址"), ("三", "听打练习")):
        new(client, title, folder=folder)
    assert client.post(f"{BANK}/folders/rename", json={"old": "听打", "new": "归档/听打"}).json() == 2
    folders = {one["title"]["zh-CN"]: one["folder"] for one in client.get(f"{BANK}/tasks").json()}
    assert folders == {"一": "归档/听打", "二": "归档/听打/地址", "三": "听打练习"}
    assert client.post(f"{BANK}/folders/rename", json={"old": "没有", "new": "x"}).status_code == 404


def test_recordings_are_checked_confirmed_and_known_to_be_stale(client: TestClient) -> None:
    task = complete(client)
    path, part = f"{BANK}/tasks/{task['task_id']}", task["draft_parts"][0]["id"]
    sound = client.get(f"{path}/parts/{part}/recording")
    assert sound.headers["content-type"].startswith("audio/ogg")
    assert sound.content[:4] == b"OggS"
    draft = task["draft"]
    draft["items"][0]["answers"]["name"] |= {"text": "王小明", "hint": "三横王，大小的小，明天的明"}
    task = patched(client, task, draft=draft)
    assert task["draft_parts"][0]["stale"]
    assert any("audio" in fault["path"] for fault in task["found"])
    for data, words in ((b"not a sound", "读不出"), (wav(tone(2_000, level=0.0)), "没有声音")):
        params = {"seen": task["revision"], "source": "recorded"}
        refused = client.put(f"{path}/parts/{part}/recording", params=params, content=data)
        assert refused.status_code == 422
        assert words in refused.json()["detail"]
    assert client.get(path).json()["revision"] == task["revision"]
    removed = client.delete(f"{path}/parts/{part}/recording", params={"seen": task["revision"]}).json()
    assert removed["draft"]["items"][0]["audio"] is None
    assert client.get(f"{path}/parts/{part}/recording").status_code == 404


def test_without_a_voice_it_is_said_what_helps(client: TestClient) -> None:
    task = complete(client)
    voices = client.get(f"{BANK}/voices").json()
    assert voices["available"] is bool(voices["voices"])
    if voices["available"]:
        return
    path, part = f"{BANK}/tasks/{task['task_id']}", task["draft_parts"][0]["id"]
    body = {"seen": task["revision"], "voice": "zf_xiaoyi"}
    refused = client.post(f"{path}/parts/{part}/speech", json=body)
    assert (refused.status_code, refused.json()["code"]) == (409, "no-voice")
    assert "ccss voices install" in refused.json()["detail"]


def test_acts_name_no_text(client: TestClient) -> None:
    task = complete(client, "王小明的卡")
    client.post(f"{BANK}/tasks/{task['task_id']}/versions", json={"seen": task["revision"]})
    services = cast(FastAPI, client.app).state.services
    assert client.portal is not None
    events = client.portal.call(services.journal.read_stream, "house")
    acts = [event.payload for event in events if '"bank.' in event.payload]
    assert len(acts) == 2
    assert not any("王小明" in act or "客户" in act for act in acts)
