"""Chat tasks through the bank's API: from empty to a practice round, trials, pictures, plans, tables, packages."""

from collections.abc import Iterator
from typing import Any, cast

import pytest
from starlette.testclient import TestClient

from server.core.frozen import sha256_hex
from server.papers import trials
from server.papers.bank_archive import Packed, pack
from server.papers.bank_pictures import MAX_PICTURE_BYTES
from server.papers.bank_schemas import Tags
from server.settings import DataFolder
from tests.chat_sim_author.test_pictures import LOSSY, png
from tests.support.bank import BANK, bank_web, new, patched
from tests.support.web import log_in

pytestmark = pytest.mark.flow


@pytest.fixture
def client(folder: DataFolder) -> Iterator[TestClient]:
    with bank_web(folder) as client:
        yield client


def path_of(task: dict[str, Any]) -> str:
    return f"{BANK}/tasks/{task['task_id']}"


def invented(client: TestClient, title: str = "客服题一") -> dict[str, Any]:
    """A task with a fictitious customer, and the gap of its rubric decided."""
    task = new(client, title, module="chat_sim")
    answer = client.post(f"{path_of(task)}/invent", json={"seen": task["revision"], "part": "C1"})
    assert answer.status_code == 200, answer.text
    task = answer.json()
    task["draft"]["rubric"]["gap"] = "normalise"
    return patched(client, task, draft=task["draft"])


def trial(client: TestClient, task: dict[str, Any], *acts: tuple[int, dict[str, Any]], **more: Any) -> dict[str, Any]:
    body = {"acts": [{"stage_ms": ms, "command": command} for ms, command in acts], **more}
    answer = client.post(f"{path_of(task)}/trial", json=body)
    assert answer.status_code == 200, answer.text
    return cast(dict[str, Any], answer.json())


def test_from_a_new_task_to_a_practice_round(client: TestClient) -> None:
    task = invented(client)
    assert (task["found"], task["draft_parts"]) == ([], [])
    seen = client.get(f"{path_of(task)}/preview").json()
    assert seen["customers"] == 1
    assert "personas" not in seen
    answer = client.post(f"{path_of(task)}/versions", json={"seen": task["revision"]})
    assert answer.status_code == 201, answer.text
    body = {"title": "客服练习", "kind": "lesson", "duration_ms": 900_000, "visible_from_ms": 0}
    paper = client.post(f"{BANK}/papers", json={**body, "tasks": [{"task_id": task["task_id"]}]})
    assert paper.status_code == 201, paper.text
    assert paper.json()["module"] == "chat_sim"
    log_in(client, "author")
    plan = client.get(f"{BANK}/papers/{paper.json()['paper_id']}/plan").json()
    assert [one["name"] for one in plan["customers"]] == [task["draft"]["personas"][0]["name"]]
    log_in(client, "pupil")
    assert client.get(f"{BANK}/papers/{paper.json()['paper_id']}/plan").status_code == 403
    opened = client.post("/api/v1/practice", json={"paper_id": paper.json()["paper_id"]})
    assert opened.status_code == 201, opened.text


def test_a_customer_can_be_talked_to_at_once(client: TestClient) -> None:
    task = invented(client)
    persona = task["draft"]["personas"][0]
    begin = [
        (0, {"type": "chat_sim.set_nickname", "nickname": "试聊客服"}),
        (1_000, {"type": "chat_sim.accept", "conversation": "c1"}),
    ]
    first = trial(client, task, *begin, part="C1", until_ms=1_000)
    assert first["refusals"] == []
    said = [one["event"] for one in first["events"] if one["event"]["type"] == "chat_sim.customer_said"]
    assert [one["text"] for one in said] == persona["needs"][0]["asks"]
    reply = {"type": "chat_sim.send", "conversation": "c1", "text": persona["needs"][0]["reference"]}
    after = trial(client, task, *begin, (5_000, reply), part="C1", until_ms=5_000)
    (judged,) = [one["event"] for one in after["events"] if one["event"]["type"] == "chat_sim.agent_said"]
    assert judged["needs"] == [{"need": "N1", "verdict": "met"}]
    assert after["due_ms"] > 5_000
    again = trial(client, task, *begin, (5_000, reply), part="C1", until_ms=after["due_ms"])
    assert again["events"][: len(after["events"])] == after["events"]
    assert len(again["events"]) > len(after["events"])
    assert trial(client, task, *begin, (5_000, reply), part="C1", until_ms=after["due_ms"]) == again


def test_what_a_trial_refuses_is_told_act_by_act(client: TestClient) -> None:
    task = invented(client)
    over = task["draft"]["duration_ms"]
    view = trial(
        client,
        task,
        (0, {"type": "chat_sim.accept", "conversation": "c9"}),
        (0, {"type": "nonsense"}),
        (over, {"type": "chat_sim.set_nickname", "nickname": "小晴"}),
        until_ms=24 * 3600 * 1000,
    )
    assert [one["index"] for one in view["refusals"]] == [0, 1, 2]
    assert all(one["problem"]["detail"] for one in view["refusals"])
    assert (view["now_ms"], view["due_ms"]) == (over, None)
    body = {"acts": [{"stage_ms": 0, "command": {"type": "x"}}] * 2_001}
    assert client.post(f"{path_of(task)}/trial", json=body).status_code == 422


def test_one_customer_can_be_tried_while_another_is_still_empty(client: TestClient) -> None:
    task = invented(client)
    draft = task["draft"]
    draft["personas"].append({"id": "C2", "needs": [{"id": "N1"}]})
    task = patched(client, task, draft=draft)
    assert trial(client, task, part="C1", until_ms=2_000)["events"]
    refused = client.post(f"{path_of(task)}/trial", json={"part": "C2"})
    assert refused.status_code == 422
    assert all(fault["path"].startswith("personas.1.") for fault in refused.json()["faults"])
    whole = client.post(f"{path_of(task)}/trial", json={})
    assert whole.status_code == 422
    assert client.post(f"{path_of(task)}/trial", json={"part": "C7"}).status_code == 422


def test_other_modules_can_be_tried_by_the_same_way(client: TestClient) -> None:
    task = new(client, "听打", module="typing_test")
    assert client.post(f"{path_of(task)}/trial", json={}).status_code == 422
    assert client.get(f"{path_of(task)}/plan").status_code == 422


def test_nobody_tries_out_what_is_anothers(client: TestClient) -> None:
    task = invented(client)
    log_in(client, "colleague")
    assert client.post(f"{path_of(task)}/trial", json={"part": "C1"}).status_code == 404
    assert client.put(f"{path_of(task)}/pictures", content=LOSSY).status_code == 404
    log_in(client, "pupil")
    assert client.post(f"{path_of(task)}/trial", json={"part": "C1"}).status_code == 403


def test_a_picture_is_looked_at_kept_and_shown(client: TestClient) -> None:
    task = invented(client)
    at = f"{path_of(task)}/pictures"
    handed = client.put(at, content=png(40, 30))
    assert handed.status_code == 200, handed.text
    picture = handed.json()
    assert (picture["media_type"], picture["width"], picture["height"]) == ("image/png", 40, 30)
    draft = task["draft"]
    draft["shop"]["products"][0]["picture"] = {**picture, "alt": "炒锅"}
    task = patched(client, task, draft=draft)
    assert task["found"] == []
    shown = client.get(f"{at}/{picture['sha256']}")
    assert (shown.content, shown.headers["content-type"]) == (png(40, 30), "image/png")
    assert client.get(f"{at}/{'0' * 64}").status_code == 404
    answer = client.post(f"{path_of(task)}/versions", json={"seen": task["revision"]})
    assert answer.status_code == 201, answer.text


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"GIF89a" + b"\0" * 60, 422), (png(8, 8), 422), (png(2_100, 16), 422), (b"\0" * (MAX_PICTURE_BYTES + 1), 413)],
)
def test_what_is_no_fit_picture_is_refused(client: TestClient, body: bytes, status: int) -> None:
    task = invented(client)
    refused = client.put(f"{path_of(task)}/pictures", content=body)
    assert refused.status_code == status
    assert refused.json()["detail"]


@pytest.mark.parametrize("is_there", [False, True])
def test_a_picture_that_is_not_there_keeps_a_version_from_being_made(client: TestClient, is_there: bool) -> None:
    task = invented(client)
    handed = client.put(f"{path_of(task)}/pictures", content=png(40, 30)).json()
    draft = task["draft"]
    named = {**handed, "sha256": "0" * 64} if not is_there else {**handed, "media_type": "image/webp"}
    draft["shop"]["products"][0]["picture"] = {**named, "alt": "炒锅"}
    task = patched(client, task, draft=draft)
    refused = client.post(f"{path_of(task)}/versions", json={"seen": task["revision"]})
    assert refused.status_code == 422
    assert "图片" in refused.json()["detail"]


def test_the_plan_of_a_draft_is_the_same_each_time(client: TestClient) -> None:
    task = invented(client)
    plan = client.get(f"{path_of(task)}/plan")
    assert plan.status_code == 200
    assert plan.json() == client.get(f"{path_of(task)}/plan").json()
    assert plan.json()["customers"][0]["messages"][0]["at_ms"] == task["draft"]["personas"][0]["arrives_ms"]


def test_a_workbook_has_a_sheet_for_each_kind_of_thing(client: TestClient) -> None:
    task = invented(client)
    book = client.get(f"{BANK}/export.xlsx", params={"task": task["task_id"]})
    assert book.status_code == 200
    query: dict[str, Any] = {"name": "题目.xlsx", "module": "chat_sim", "check": False}
    report = client.post(f"{BANK}/import", params=query, content=book.content).json()
    assert (report["imported"], report["tasks"], report["faults"]) == (True, 1, []), report
    again = client.get(f"{BANK}/tasks/{report['added'][0]}").json()
    assert again["draft"]["personas"] == task["draft"]["personas"]
    assert again["draft"]["shop"] == task["draft"]["shop"]
    template = client.get(f"{BANK}/template.xlsx", params={"module": "chat_sim"})
    report = client.post(f"{BANK}/import", params=query, content=template.content).json()
    # Example rows alone: every one is passed over, and nothing is left.
    assert report["imported"] is False
    assert {fault["sheet"] for fault in report["faults"] if not fault["severe"]} >= {"店铺", "商品", "客户", "需求"}


def test_a_flat_table_names_sheets_in_a_column_and_faults_in_rows(client: TestClient) -> None:
    table = (
        "标题,工作表,店铺名称,商品编号,商品名,类别,规格,吊牌价,售价\n"
        "平铺题,店铺,示例店,,,,,,\n"
        ",商品,,P1,锅,锅具,S1=标准=3,99,很便宜\n"
    )
    query: dict[str, Any] = {"name": "题目.csv", "module": "chat_sim", "check": True}
    report = client.post(f"{BANK}/import", params=query, content=table.encode()).json()
    assert [(one["row"], one["column"]) for one in report["faults"] if one["severe"]] == [(3, "售价")]
    mended = table.replace("很便宜", "79")
    report = client.post(f"{BANK}/import", params={**query, "check": False}, content=mended.encode()).json()
    assert report["imported"], report


def test_a_package_brings_pictures_along(client: TestClient) -> None:
    task = invented(client)
    picture = client.put(f"{path_of(task)}/pictures", content=LOSSY).json()
    draft = task["draft"]
    draft["shop"]["products"][0]["picture"] = {**picture, "alt": "炒锅"}
    task = patched(client, task, draft=draft)
    package = client.get(f"{BANK}/export.zip", params={"task": task["task_id"]})
    assert package.status_code == 200
    query: dict[str, Any] = {"name": "题目.zip", "module": "chat_sim", "check": False}
    report = client.post(f"{BANK}/import", params=query, content=package.content).json()
    assert report["imported"], report
    again = client.get(f"{BANK}/tasks/{report['added'][0]}").json()
    assert again["draft"] == task["draft"]
    shown = client.get(f"{path_of(again)}/pictures/{picture['sha256']}")
    assert shown.headers["content-type"] == "image/webp"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"GIF89a" + b"\0" * 60, "PNG"),
        (png(2_100, 16), "像素"),
        (b"\0" * (MAX_PICTURE_BYTES + 1), "KB"),
        (LOSSY, "格式"),
    ],
)
def test_a_package_brings_no_picture_that_could_not_be_handed_in(client: TestClient, body: bytes, words: str) -> None:
    draft = invented(client)["draft"]
    picture = {"sha256": sha256_hex(body), "media_type": "image/png", "width": 40, "height": 30, "alt": "炒锅"}
    draft["shop"]["products"][0]["picture"] = picture
    package = pack([Packed(module="chat_sim", folder="", tags=Tags(), draft=draft)], {sha256_hex(body): body})
    query: dict[str, Any] = {"name": "题目.zip", "module": "chat_sim", "check": False}
    report = client.post(f"{BANK}/import", params=query, content=package).json()
    assert (report["imported"], len(report["faults"])) == (False, 1)
    assert words in report["faults"][0]["text"]["zh-CN"]


def test_a_trial_takes_its_share_of_time_and_no_more(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    task = invented(client)
    monkeypatch.setattr(trials, "MOST_CPU_S", -1.0)
    for acts in ([], [{"stage_ms": 0, "command": {"type": "nonsense"}}]):
        answer = client.post(f"{path_of(task)}/trial", json={"acts": acts, "until_ms": 60_000})
        assert (answer.status_code, answer.json()["code"]) == (413, "too-large")


def test_a_broken_piece_is_refused_with_its_place(client: TestClient) -> None:
    task = invented(client)
    draft = task["draft"]
    draft["shop"]["products"][0]["price"] = "viel"
    refused = client.patch(path_of(task), json={"seen": task["revision"], "draft": draft})
    assert refused.status_code == 422
    assert [fault["path"] for fault in refused.json()["faults"]] == ["shop.products.0.price"]
