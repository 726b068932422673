"""Stale tabs and foreign pages over the real wire."""

import json

import pytest
from websockets.exceptions import ConnectionClosed

from tests.fault.audit import streams
from tests.fault.conftest import Standing
from tests.support.client import CSRF, SeatClient, Typist, dial, hello, http_client
from tests.support.process import Pass

pytestmark = [pytest.mark.fault, pytest.mark.anyio]

FOREIGN = {"Origin": "https://evil.example"}


async def test_a_stale_tab_is_told_and_refused(standing: Standing) -> None:
    token, attempt_id = await standing.round()
    async with SeatClient(standing.url, token, attempt_id) as seat:
        await seat.start()
        await Typist(seat).save("i1", "name", "欧")
        page, epoch = seat.page, seat.epoch
    async with dial(standing.url, token) as first:
        await first.send(json.dumps(hello(attempt_id, page)))
        assert json.loads(await first.recv())["epoch"] == epoch
        async with SeatClient(standing.url, token, attempt_id) as second:
            assert second.epoch == epoch + 1
            assert json.loads(await first.recv()) == {"type": "stale"}
            late = {"type": "typing_test.save_field", "item": "i1", "field": "name", "text": "旧页面", "rev": 9}
            frame = {"type": "command", "id": "from-the-stale-tab", "epoch": epoch, "stamp_ms": 1, "command": late}
            await first.send(json.dumps(frame))
            refused = json.loads(await first.recv())
            assert (refused["id"], refused["problem"]["status"]) == ("from-the-stale-tab", 410)
            assert (refused["problem"]["code"], refused["problem"]["retry"]) == ("stale-lease", False)
            typist = Typist(second, revs={("i1", "name"): 1})
            await typist.save("i1", "name", "欧阳")
            receipt = await second.hand_in()
            assert receipt["answers_sha256"] == typist.answers_sha256()
    events = (await streams(standing.folder, [attempt_id]))[attempt_id]
    saved = [json.loads(event.payload)["text"] for event in events if event.type == "typing_test.field_saved"]
    assert saved == ["欧", "欧阳"]


async def test_a_reload_keeps_the_lease(standing: Standing) -> None:
    token, attempt_id = await standing.round()
    async with SeatClient(standing.url, token, attempt_id) as seat:
        await seat.start()
        epoch, page = seat.epoch, seat.page
    async with SeatClient(standing.url, token, attempt_id, page=page) as seat:
        assert seat.epoch == epoch
        assert seat.attempt["phase"] == "running"


async def test_foreign_pages_are_refused(standing: Standing) -> None:
    token = standing.trainee().token
    paper = {"paper_id": standing.furnished.paper_id}
    for origin in (FOREIGN, {"Origin": "null"}, {"Origin": standing.url + "0"}):
        async with dial(standing.url, token, headers=origin) as socket:
            with pytest.raises(ConnectionClosed) as closed:
                await socket.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4403
        async with http_client(standing.url, token) as http:
            answer = await http.post("/api/v1/practice", json=paper, headers=origin)
            assert (answer.status_code, answer.json()["code"]) == (400, "malformed")
    async with dial(standing.url, token, headers={"Origin": standing.url}) as socket:
        await socket.send('{"type":"ping","sent":1}')
        assert json.loads(await socket.recv())["type"] == "pong"
    async with http_client(standing.url, token) as http:
        assert (await http.get("/api/v1/practice")).json() == []


async def test_a_form_of_another_site_can_change_nothing(standing: Standing) -> None:
    token = standing.trainee().token
    async with http_client(standing.url, token) as http:
        for name in CSRF:
            del http.headers[name]
        for address in ("/api/v1/practice", "/api/v1/sessions", "/api/v1/demo/sessions"):
            answer = await http.post(address, json={"paper_id": standing.furnished.paper_id})
            assert (answer.status_code, answer.json()["code"]) == (400, "malformed"), address
        assert (await http.delete("/api/v1/sessions/current")).status_code == 400
        assert (await http.get("/api/v1/me")).status_code == 200


@pytest.mark.parametrize("token", ["", "nonsense", "x" * 3_000])
async def test_nobody_gets_a_line_without_a_log_in(standing: Standing, token: str) -> None:
    async with dial(standing.url, token) as socket:
        with pytest.raises(ConnectionClosed) as closed:
            await socket.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4401
    async with http_client(standing.url, token) as http:
        answer = await http.get("/api/v1/me")
        assert (answer.status_code, answer.json()["code"]) == (401, "login-required")


async def test_a_logged_out_trainee_is_out(standing: Standing) -> None:
    leaving: Pass = standing.trainee()
    async with http_client(standing.url, leaving.token) as http:
        assert (await http.get("/api/v1/me")).json()["account_id"] == leaving.account_id
        assert (await http.delete("/api/v1/sessions/current")).status_code == 204
    async with http_client(standing.url, leaving.token) as http:
        assert (await http.get("/api/v1/me")).status_code == 401
