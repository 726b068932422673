"""Tasks in and out as files: packages, tables, tables with recordings, and everything that may be wrong with them."""

import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any, cast

import pytest
from fastapi import FastAPI
from openpyxl import Workbook, load_workbook
from starlette.testclient import TestClient

from server.core.frozen import sha256_hex
from server.settings import DataFolder
from tests.support.bank import BANK, bank_web, complete, new
from tests.support.sound import tone, wav
from tests.support.web import log_in

pytestmark = pytest.mark.flow


@pytest.fixture
def client(folder: DataFolder) -> Iterator[TestClient]:
    with bank_web(folder) as client:
        yield client


CARD = {
    "标题": "客户卡甲",
    "姓名": "林嘉宁",
    "姓名说明": "双木林，嘉奖的嘉，安宁的宁",
    "联系地址": "北京市海淀区中关村大街27号6号楼603室",
    "邮政编码": "100080",
    "联系电话": "15438086639",
    "电子邮箱": "linning88@beihaiyou.com",
}


def sheet(*rows: dict[str, str]) -> bytes:
    titles = list(dict.fromkeys(title for row in rows for title in row))
    book = Workbook()
    page = book.active
    assert page is not None
    page.append(titles)
    for row in rows:
        page.append([row.get(title, "") for title in titles])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def zipped(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for name, body in members.items():
            package.writestr(name, body)
    return out.getvalue()


def imported(client: TestClient, name: str, data: bytes, **params: Any) -> dict[str, Any]:
    answer = client.post(f"{BANK}/import", params={"name": name, "module": "typing_test", **params}, content=data)
    assert answer.status_code == 200, answer.text
    return cast(dict[str, Any], answer.json())


def test_a_package_comes_back_equal_in_another_house(client: TestClient) -> None:
    tasks = [complete(client, "甲", folder="听打/一"), new(client, "乙")]
    query = [("task", task["task_id"]) for task in tasks]
    package = client.get(f"{BANK}/export.zip", params=query).content
    assert client.get(f"{BANK}/export.zip", params=query).content == package
    text = zipfile.ZipFile(io.BytesIO(package)).read("tasks.json").decode()
    assert "测试teacher" not in text
    assert tasks[0]["task_id"] not in text

    log_in(client, "colleague")
    looked = imported(client, "tasks.zip", package, check=True, folder="导入")
    assert (looked["imported"], looked["tasks"], looked["faults"]) == (False, 2, [])
    assert client.get(f"{BANK}/tasks").json() == []
    report = imported(client, "tasks.zip", package, folder="导入")
    assert (report["imported"], len(report["added"])) == (True, 2)
    copies = [client.get(f"{BANK}/tasks/{task_id}").json() for task_id in report["added"]]
    assert [copy["draft"] for copy in copies] == [task["draft"] for task in tasks]
    assert [copy["folder"] for copy in copies] == ["听打/一", "导入"]
    part = copies[0]["draft_parts"][0]["id"]
    assert client.get(f"{BANK}/tasks/{copies[0]['task_id']}/parts/{part}/recording").status_code == 200


def test_a_table_with_recordings_is_taken_in(client: TestClient) -> None:
    rows = [
        {**CARD, "文件夹": "听打/合集", "知识点": "门牌号、邮箱", "标准": "国赛", "录音文件": "甲.wav"},
        {**CARD, "标题": "客户卡乙", "姓名": "王海涛", "姓名说明": "三横王，大海的海，波涛的涛", "录音文件": "乙.wav"},
    ]
    members = {"题目.xlsx": sheet(*rows), "录音/甲.wav": wav(tone(20_000)), "录音/乙.wav": wav(tone(21_000))}
    report = imported(client, "题目.zip", zipped(members))
    assert (report["imported"], report["tasks"], report["recordings"]) == (True, 2, 2), report["faults"]
    first = client.get(f"{BANK}/tasks/{report['added'][0]}").json()
    assert (first["folder"], first["tags"]["knowledge"]) == ("听打/合集", ["门牌号", "邮箱"])
    audio = first["draft"]["items"][0]["audio"]
    assert (audio["source"], audio["confirmed"], audio["readings"]) == ("uploaded", False, 2)
    table = client.get(f"{BANK}/export.xlsx", params=[("task", task_id) for task_id in report["added"]]).content
    again = imported(client, "again.xlsx", table, check=True)
    assert [fault for fault in again["faults"] if fault["severe"]] == []
    assert again["tasks"] == 2


def test_every_faulty_row_is_named_and_nothing_is_half_taken(client: TestClient) -> None:
    rows = [
        CARD,
        {**CARD, "标题": "", "姓名": ""},
        {**CARD, "标题": "坏电话", "联系电话": "很" * 2_000},
        {**CARD, "标题": "缺录音", "录音文件": "没有.wav"},
        {**CARD, "标题": "坏录音", "录音文件": "坏.wav"},
    ]
    report = imported(client, "题目.zip", zipped({"t.xlsx": sheet(*rows), "坏.wav": b"no sound"}))
    assert report["imported"] is False
    assert report["added"] == []
    faulty = {fault["row"] for fault in report["faults"] if fault["severe"]}
    assert faulty >= {3, 4, 5}
    assert client.get(f"{BANK}/tasks").json() == []
    report = imported(client, "题目.zip", zipped({"t.xlsx": sheet(rows[0], rows[4]), "坏.wav": b"no sound"}))
    assert [(fault["row"], fault["column"]) for fault in report["faults"] if fault["severe"]] == [(3, "录音文件")]
    assert client.get(f"{BANK}/tasks").json() == []


def test_the_template_can_be_filled_in(client: TestClient) -> None:
    template = client.get(f"{BANK}/template.xlsx", params={"module": "typing_test"}).content
    page = load_workbook(io.BytesIO(template)).worksheets[0]
    titles = [str(cell.value) for cell in page[1]]
    assert {"标题", "姓名*", "文件夹", "录音文件"} <= {title.removesuffix("*") for title in titles} | set(titles)
    report = imported(client, "模板.xlsx", template, check=True)
    assert report["tasks"] == 0
    assert report["imported"] is False


def _bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("tasks.json", b"[" * 250_000_000)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "status", "words"),
    [
        ("a.zip", b"PK no zip", 422, "zip"),
        ("a.zip", zipped({"readme.txt": b"x"}), 422, "表格"),
        ("a.zip", zipped({"tasks.json": b"{}"}), 422, "tasks.json"),
        ("a.zip", zipped({"tasks.json": b"[" * 100_000}), 422, "tasks.json"),
        ("a.zip", _bomb(), 413, "200 MB"),
        ("a.xls", b"\xd0\xcf\x11\xe0", 422, "xlsx"),
        ("a.txt", b"x", 422, "xlsx"),
    ],
    ids=["no-zip", "no-table", "empty-manifest", "deep", "bomb", "old-excel", "text"],
)
def test_what_is_no_package_is_refused(
    client: TestClient,
    name: str,
    data: bytes,
    status: int,
    words: str,
) -> None:
    answer = client.post(f"{BANK}/import", params={"name": name, "module": "typing_test"}, content=data)
    assert answer.status_code == status, answer.text
    assert words in answer.json()["detail"]


def test_a_package_without_its_recording_is_refused(client: TestClient) -> None:
    task = complete(client)
    package = client.get(f"{BANK}/export.zip", params={"task": task["task_id"]}).content
    members = {entry: zipfile.ZipFile(io.BytesIO(package)).read(entry) for entry in ("tasks.json",)}
    report = imported(client, "a.zip", zipped(members))
    assert report["imported"] is False
    assert "缺少录音" in report["faults"][0]["text"]["zh-CN"]
    sha256 = json.loads(members["tasks.json"])["tasks"][0]["draft"]["items"][0]["audio"]["sha256"]
    assert sha256 != sha256_hex(b"other")
    report = imported(client, "a.zip", zipped({**members, f"files/{sha256}": b"other"}))
    assert report["imported"] is False


def test_while_a_contest_runs_tables_come_in_without_recordings_only(client: TestClient) -> None:
    services = cast(FastAPI, client.app).state.services
    object.__setattr__(services.bank_audio, "contest_runs", _yes)
    assert imported(client, "题目.csv", _csv(CARD))["imported"]
    members = {"题目.xlsx": sheet({**CARD, "录音文件": "甲.wav"}), "甲.wav": wav(tone(2_000))}
    params = {"name": "题目.zip", "module": "typing_test"}
    refused = client.post(f"{BANK}/import", params=params, content=zipped(members))
    assert (refused.status_code, refused.json()["code"]) == (409, "stage-runs")


async def _yes() -> bool:
    return True


def _csv(*rows: dict[str, str]) -> bytes:
    return "\n".join([",".join(rows[0]), *(",".join(f'"{cell}"' for cell in row.values()) for row in rows)]).encode()
