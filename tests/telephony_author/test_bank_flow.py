"""Voice tasks through the bank's API: from empty to a practice round, tables and packages."""

import io
import zipfile
from collections.abc import Iterator
from typing import Any, cast

import pytest
from anyio import to_process
from starlette.testclient import TestClient

from server.papers import bank_audio
from server.settings import DataFolder
from server.speech import registry
from server.speech.engines import Voice
from tests.support.bank import BANK, bank_web, new, patched
from tests.support.sound import tone, wav
from tests.support.web import log_in
from tests.telephony_author import fakes

pytestmark = pytest.mark.flow


@pytest.fixture
def client(folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    monkeypatch.setattr(bank_audio, "read_aloud", fakes.speak)
    monkeypatch.setattr(to_process, "run_sync", fakes.at_once)
    monkeypatch.setattr(registry, "voices", lambda _: [Voice("fake", "zh", "演示声音")])
    with bank_web(folder) as client:
        yield client


def path_of(task: dict[str, Any]) -> str:
    return f"{BANK}/tasks/{task['task_id']}"


def invented(client: TestClient, title: str = "语音题一") -> dict[str, Any]:
    task = new(client, title, module="telephony")
    body = {"seen": task["revision"], "part": "in1"}
    answer = client.post(f"{path_of(task)}/invent", json=body)
    assert answer.status_code == 200, answer.text
    return cast(dict[str, Any], answer.json())


def spoken(client: TestClient, task: dict[str, Any]) -> dict[str, Any]:
    """The task with every line spoken by the voice, heard and confirmed."""
    for line in task["draft_parts"]:
        at = f"{path_of(task)}/parts/{line['id']}"
        body = {"seen": task["revision"], "voice": "fake", "readings": 1}
        answer = client.post(f"{at}/speech", json=body)
        assert answer.status_code == 200, answer.text
        task = answer.json()
        assert client.get(f"{at}/recording").content.startswith(b"OggS")
        answer = client.post(f"{at}/confirm", json={"seen": task["revision"], "confirmed": True})
        assert answer.status_code == 200, answer.text
        task = answer.json()
    return task


def test_from_a_new_task_to_a_practice_round(client: TestClient) -> None:
    task = invented(client)
    assert [line["id"] for line in task["draft_parts"]] == [f"in1.t{n:02}" for n in range(1, 7)]
    assert {fault["path"].rpartition(".")[2] for fault in task["found"]} == {"audio"}
    assert client.get(f"{path_of(task)}/preview").status_code == 422
    task = spoken(client, task)
    assert task["found"] == []
    seen = client.get(f"{path_of(task)}/preview").json()
    assert [turn["hint"] for turn in seen["parts"][0]["turns"]]
    assert "reference" not in seen["parts"][0]["turns"][0]

    answer = client.post(f"{path_of(task)}/versions", json={"seen": task["revision"]})
    assert answer.status_code == 201, answer.text
    body = {"title": "语音练习", "kind": "lesson", "duration_ms": 900_000, "visible_from_ms": 0}
    paper = client.post(f"{BANK}/papers", json={**body, "tasks": [{"task_id": task["task_id"]}]})
    assert paper.status_code == 201, paper.text
    assert paper.json()["module"] == "telephony"
    log_in(client, "pupil")
    (known,) = client.get("/api/v1/papers").json()
    opened = client.post("/api/v1/practice", json={"paper_id": known["paper_id"]})
    assert opened.status_code == 201, opened.text


def test_a_changed_line_asks_for_its_own_recording_only(client: TestClient) -> None:
    task = spoken(client, invented(client))
    draft = task["draft"]
    draft["parts"][0]["turns"][0]["customer"]["text"] = "喂，我想改个送货的日子。"
    task = patched(client, task, draft=draft)
    assert [line["id"] for line in task["draft_parts"] if line["stale"]] == ["in1.t01"]
    assert [fault["path"] for fault in task["found"]] == ["parts.0.turns.0.customer.audio"]


def test_recordings_are_handed_in_line_by_line_and_never_typed(client: TestClient) -> None:
    task = invented(client)
    at = f"{path_of(task)}/parts/in1.t02/recording"
    handed = {"seen": task["revision"], "source": "recorded", "readings": 1}
    task = client.put(at, params=handed, content=wav(tone(3_000))).json()
    turns = task["draft"]["parts"][0]["turns"]
    assert [turn["customer"]["audio"] is not None for turn in turns] == [False, True, False, False, False, False]
    turns[0]["customer"]["audio"] = {**turns[1]["customer"]["audio"], "sha256": "0" * 64}
    refused = client.patch(path_of(task), json={"seen": task["revision"], "draft": task["draft"]})
    assert refused.status_code == 422
    unknown = client.put(f"{path_of(task)}/parts/in1.t99/recording", params=handed, content=wav(tone(500)))
    assert unknown.status_code in (409, 422)


def test_a_text_without_a_rule_names_its_field(client: TestClient) -> None:
    task = invented(client)
    task["draft"]["parts"][0]["turns"][0]["customer"]["text"] = "我的邮箱是ア"
    task = patched(client, task, draft=task["draft"])
    body = {"seen": task["revision"], "voice": "fake", "readings": 1}
    refused = client.post(f"{path_of(task)}/parts/in1.t01/speech", json=body)
    assert refused.status_code == 422
    assert [fault["path"] for fault in refused.json()["faults"]] == ["parts.0.turns.0.customer.text"]


def test_papers_of_several_tasks_have_one_desk(client: TestClient) -> None:
    tasks = []
    for title in ("甲", "乙"):
        task = spoken(client, invented(client, title))
        assert client.post(f"{path_of(task)}/versions", json={"seen": task["revision"]}).status_code == 201
        tasks.append({"task_id": task["task_id"]})
    body = {"title": "两题", "kind": "lesson", "duration_ms": 1_800_000, "tasks": tasks}
    paper = client.post(f"{BANK}/papers", json=body)
    assert paper.status_code == 201, paper.text
    single = client.post(f"{BANK}/papers", json={**body, "tasks": tasks[:1]}).json()
    assert paper.json()["parts"] == 2 * single["parts"] > 0


def test_a_table_is_a_turn_a_row_with_recordings_beside_it(client: TestClient) -> None:
    task = spoken(client, invented(client))
    book = client.get(f"{BANK}/export.xlsx", params={"task": task["task_id"]})
    assert book.status_code == 200
    query: dict[str, Any] = {"name": "题目.xlsx", "module": "telephony", "check": False}
    report = client.post(f"{BANK}/import", params=query, content=book.content).json()
    assert (report["imported"], report["tasks"], report["faults"]) == (True, 1, []), report
    again = client.get(f"{BANK}/tasks/{report['added'][0]}").json()
    texts = [turn["customer"]["text"] for turn in task["draft"]["parts"][0]["turns"]]
    assert [turn["customer"]["text"] for turn in again["draft"]["parts"][0]["turns"]] == texts

    table = (
        "标题,公司,时间,客户,来电号码,客户需求,显示提示,客户的话,参考答案,录音文件\n"
        "表格题,演示商城,2026年3月2日,赵先生,14200001234,改期,问候,你好。,您好，演示商城。,1.wav\n"
        "表格题,,,,,,结束,没事了。,再见。,2.wav\n"
    )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as package:
        package.writestr("题目.csv", table)
        for name in ("1.wav", "2.wav"):
            package.writestr(name, wav(tone(1_200)))
    query = {**query, "name": "题目.zip", "readings": 1}
    report = client.post(f"{BANK}/import", params=query, content=packed.getvalue()).json()
    assert (report["imported"], report["tasks"], report["recordings"]) == (True, 1, 2), report
    made = client.get(f"{BANK}/tasks/{report['added'][0]}").json()
    assert all(turn["customer"]["audio"]["readings"] == 1 for turn in made["draft"]["parts"][0]["turns"])

    faulty = table.replace("结束,没事了。", ",没事了。")
    report = client.post(
        f"{BANK}/import", params={**query, "name": "题目.csv", "check": True}, content=faulty.encode()
    ).json()
    assert [(fault["row"], fault["column"]) for fault in report["faults"] if fault["severe"]] == [(3, "显示提示")]


def test_a_package_brings_every_recording_along(client: TestClient) -> None:
    task = spoken(client, invented(client))
    package = client.get(f"{BANK}/export.zip", params={"task": task["task_id"]})
    assert package.status_code == 200
    query: dict[str, Any] = {"name": "题目.zip", "module": "telephony", "check": False}
    report = client.post(f"{BANK}/import", params=query, content=package.content).json()
    assert report["imported"], report
    again = client.get(f"{BANK}/tasks/{report['added'][0]}").json()
    assert again["draft"]["parts"] == task["draft"]["parts"]
    assert again["found"] == []


def test_only_inbound_calls_fit_a_table(client: TestClient) -> None:
    task = invented(client)
    draft = task["draft"]
    draft["parts"].append(
        {
            "kind": "summary",
            "id": "su1",
            "title": {"zh-CN": "总结知识"},
            "instructions": {"zh-CN": "请总结"},
        }
    )
    task = patched(client, task, draft=draft)
    refused = client.get(f"{BANK}/export.xlsx", params={"task": task["task_id"]})
    assert refused.status_code == 422
    assert "题目包" in refused.json()["detail"]
