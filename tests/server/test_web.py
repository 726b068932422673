"""The HTTP face: log-in, refusals, files, pages."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from openpyxl import load_workbook
from starlette.testclient import TestClient

from server.core.frozen import sha256_hex
from server.settings import DataFolder
from server.web.guard import MAX_BODY_BYTES
from tests.support.house import make_folder, save
from tests.support.papers import AUDIO
from tests.support.seat import Seat
from tests.support.web import PASSWORD, log_in, open_round, web

pytestmark = pytest.mark.flow

FILE = sha256_hex(AUDIO)


@pytest.fixture
def client(folder: DataFolder) -> Iterator[TestClient]:
    with web(folder) as client:
        yield client


def test_health_and_site_need_no_login(client: TestClient) -> None:
    assert client.get("/healthz").json()["status"] == "ok"
    assert client.get("/readyz").json()["parts"] == {"database": "ok", "attempts": "ok", "media": "off"}
    site = client.get("/api/v1/site").json()
    assert (site["profile"], site["me"]) == ("demo", None)


def test_everything_else_needs_one(client: TestClient) -> None:
    for path in ("me", "papers", "practice", "practice/watch", "attempts/x", "attempts/x/outcome"):
        answer = client.get(f"/api/v1/{path}")
        assert (answer.status_code, answer.json()["code"]) == (401, "login-required")
        assert answer.headers["content-type"] == "application/problem+json"


def test_log_in_and_out(client: TestClient) -> None:
    body = {"login_name": "pupil", "password": PASSWORD}
    assert client.post("/api/v1/sessions", json=body).status_code == 201
    cookie = client.cookies.get("ccss_login")
    assert client.get("/api/v1/me").json()["display_name"] == "测试pupil"
    assert client.delete("/api/v1/sessions/current").status_code == 204
    client.cookies.set("ccss_login", cookie or "")
    assert client.get("/api/v1/me").status_code == 401


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(client: TestClient) -> None:
    answer = client.post("/api/v1/sessions", json={"login_name": "pupil", "password": PASSWORD})
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie


def test_wrong_passwords_are_refused_alike_and_then_slowed(client: TestClient) -> None:
    unknown = client.post("/api/v1/sessions", json={"login_name": "nobody", "password": "x"})
    wrong = client.post("/api/v1/sessions", json={"login_name": "pupil", "password": "x"})
    assert unknown.json()["code"] == wrong.json()["code"] == "login-failed"
    codes = [
        client.post("/api/v1/sessions", json={"login_name": "teacher", "password": "x"}).status_code for _ in range(11)
    ]
    assert codes == [401] * 10 + [429]
    assert client.post("/api/v1/sessions", json={"login_name": "pupil", "password": PASSWORD}).status_code == 201


def test_changes_need_the_header_and_our_own_origin(client: TestClient) -> None:
    body = {"login_name": "pupil", "password": PASSWORD}
    del client.headers["x-ccss"]
    assert client.post("/api/v1/sessions", json=body).json()["code"] == "malformed"
    foreign = {"x-ccss": "1", "origin": "http://elsewhere.example"}
    assert client.post("/api/v1/sessions", json=body, headers=foreign).json()["code"] == "malformed"
    own = {"x-ccss": "1", "origin": "http://testserver"}
    assert client.post("/api/v1/sessions", json=body, headers=own).status_code == 201


def test_problems_name_every_fault_in_the_readers_language(client: TestClient) -> None:
    answer = client.post("/api/v1/sessions", json={"login_name": "", "extra": 1}, headers={"accept-language": "en"})
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["title"]) == (422, "invalid", "Invalid content")
    assert {fault["path"] for fault in problem["faults"]} == {"body.login_name", "body.password", "body.extra"}
    assert problem["request_id"] == answer.headers["x-request-id"]


def test_unreadable_and_oversized_bodies(client: TestClient) -> None:
    broken = client.post("/api/v1/sessions", content=b"{", headers={"content-type": "application/json"})
    assert (broken.status_code, broken.json()["code"]) == (400, "malformed")
    large = client.post("/api/v1/sessions", content=b" " * (MAX_BODY_BYTES + 1))
    assert (large.status_code, large.json()["code"]) == (413, "too-large")


def test_unknown_addresses_and_methods(client: TestClient) -> None:
    assert client.get("/api/v1/nothing").json()["code"] == "not-found"
    assert client.patch("/api/v1/site").json()["code"] == "method-not-allowed"


def test_security_headers_are_on_every_answer(client: TestClient) -> None:
    for path in ("/healthz", "/api/v1/nothing", "/"):
        headers = client.get(path).headers
        assert "script-src 'self'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"


def test_the_recording_is_served_in_ranges_from_the_start_on(client: TestClient) -> None:
    log_in(client)
    attempt_id = open_round(client)
    address = f"/api/v1/attempts/{attempt_id}/files/{FILE}"
    assert client.get(address).json()["code"] == "stage-not-running"
    with Seat.sit(client, attempt_id) as seat:
        seat.start()
        assert client.get(address).content == AUDIO
        part = client.get(address, headers={"range": "bytes=2-5"})
        assert (part.status_code, part.content) == (206, AUDIO[2:6])
        assert client.get(f"/api/v1/attempts/{attempt_id}/files/{'0' * 64}").status_code == 404


def test_a_round_over_the_wire_and_its_outcome(client: TestClient) -> None:
    log_in(client)
    attempt_id = open_round(client)
    assert client.get(f"/api/v1/attempts/{attempt_id}/outcome").status_code == 409
    assert client.get(f"/api/v1/attempts/{attempt_id}/outcome.xlsx").status_code == 409
    with Seat.sit(client, attempt_id) as seat:
        seat.start()
        seat.send(save("name", "欧阳雪"))
        seat.send({"type": "hand_in", "cause": "handed_in"})
        seat.until("changed", lambda frame: frame["attempt"]["receipt"] is not None)
    seat.wait_for_outcome()
    task = client.get(f"/api/v1/attempts/{attempt_id}/content").json()
    assert task["items"][0]["title"]["zh-CN"] == "第 1 条"
    assert "answers" not in task["items"][0]
    log_in(client, "teacher")
    seen = client.get(f"/api/v1/attempts/{attempt_id}/outcome").json()
    assert (seen["status"], seen["can_repeat"]) == ("ready", False)
    book = client.get(f"/api/v1/attempts/{attempt_id}/outcome.xlsx")
    assert load_workbook(io.BytesIO(book.content)).sheetnames == ["得分明细", "指标", "说明"]
    log_in(client)
    events = client.get(f"/api/v1/attempts/{attempt_id}/events").json()
    assert [event["type"].split(".")[1] for event in events][-1] == "closed"
    (line,) = client.get("/api/v1/practice").json()
    assert (line["attempt_id"], line["phase"], line["max_marks"]) == (attempt_id, "closed", "10")
    again = client.post(f"/api/v1/practice/{attempt_id}/again")
    assert again.status_code == 201


def test_only_the_owner_and_trainers_look_at_an_attempt(client: TestClient) -> None:
    log_in(client)
    attempt_id = open_round(client)
    assert client.get("/api/v1/practice/watch").status_code == 403
    assert client.post(f"/api/v1/attempts/{attempt_id}/help/close").status_code == 403
    log_in(client, "other")
    for path in ("", "/outcome", "/events", f"/files/{FILE}"):
        assert client.get(f"/api/v1/attempts/{attempt_id}{path}").status_code == 404
    log_in(client, "teacher")
    assert client.get(f"/api/v1/attempts/{attempt_id}").json()["contestant_name"] == "测试pupil"
    assert client.get(f"/api/v1/attempts/{attempt_id}/content").json()["code"] == "stage-not-running"
    assert [line["attempt_id"] for line in client.get("/api/v1/practice/watch").json()] == [attempt_id]


def test_a_trainer_sees_and_closes_a_raised_hand(client: TestClient) -> None:
    log_in(client)
    attempt_id = open_round(client)
    with Seat.sit(client, attempt_id) as seat:
        seat.send({"type": "raise_hand"})
        log_in(client, "teacher")
        (line,) = client.get("/api/v1/practice/watch").json()
        assert line["help_since_ms"] is not None
        assert client.post(f"/api/v1/attempts/{attempt_id}/help/close").status_code == 204
        seat.until("changed", lambda frame: frame["attempt"]["help_since_ms"] is None)


def test_one_click_logins_do_not_exist_in_a_real_installation(tmp_path: Path) -> None:
    with web(make_folder(tmp_path, "installed")) as client:
        assert client.get("/api/v1/site").json()["demo_roles"] == []
        answer = client.post("/api/v1/demo/sessions", json={"role": "contestant"})
        assert answer.status_code in (404, 405)
        assert "set-cookie" not in answer.headers
