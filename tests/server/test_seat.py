"""/ws: what a page is told, and what it may not do."""

import json
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from server.settings import DataFolder
from server.web.frames import MAX_FRAME_BYTES, Live
from server.web.seat import BURST, CLOSE_LOGIN, CLOSE_ORIGIN
from tests.support.house import save
from tests.support.papers import CARD
from tests.support.seat import Seat
from tests.support.web import log_in, open_round, web

pytestmark = pytest.mark.flow


@pytest.fixture
def client(folder: DataFolder) -> Iterator[TestClient]:
    with web(folder) as client:
        log_in(client)
        yield client


def test_the_task_is_hidden_before_the_start_and_never_shows_an_answer(client: TestClient) -> None:
    attempt_id = open_round(client)
    with Seat.sit(client, attempt_id) as seat:
        welcome = seat.hello("page-0001")
        assert (welcome["content"], welcome["state"], welcome["attempt"]["phase"]) == (None, None, "armed")
        task = seat.start()
        assert len(task["content"]["items"]) == 2
        assert not any(text in json.dumps(task, ensure_ascii=False) for text in CARD.values())


def test_a_page_that_comes_back_gets_what_it_missed_and_no_more(client: TestClient) -> None:
    attempt_id = open_round(client)
    with Seat.sit(client, attempt_id) as seat:
        seat.start()
        seq = seat.send(save("name", "欧阳"))["seq"]
    with Seat.sit(client, attempt_id) as seat:
        assert seat.hello("page-0001", after=seq)["state"] is None
        welcome = seat.hello("page-0001", after=seq - 1)
        assert welcome["state"]["texts"]["i1"]["name"] == {"text": "欧阳", "rev": 1}


def test_a_repeated_command_is_acknowledged_again_and_applied_once(client: TestClient) -> None:
    with Seat.sit(client, open_round(client)) as seat:
        seat.start()
        first = seat.send(save("name", "欧"), "the-same-id")
        second = seat.send(save("name", "欧"), "the-same-id")
        assert (second["seq"], second["repeated"]) == (first["seq"], True)


def test_the_first_page_is_told_when_a_second_takes_over(client: TestClient) -> None:
    attempt_id = open_round(client)
    with Seat.sit(client, attempt_id) as first:
        first.start()
        with Seat.sit(client, attempt_id, page="page-0002") as second:
            first.until("stale")
            refused = first.send(save("name", "旧"))
            assert refused["problem"]["code"] == "stale-lease"
            assert second.send(save("name", "新"))["type"] == "acked"


def test_a_page_that_comes_back_late_does_not_take_the_attempt_back(client: TestClient) -> None:
    attempt_id = open_round(client)
    with Seat.sit(client, attempt_id) as first:
        first.start()
        held = first.epoch
    with Seat.sit(client, attempt_id, page="page-0002") as second, client.websocket_connect("/ws") as socket:
        hello = {"type": "hello", "protocol": 1, "attempt_id": attempt_id, "page": "page-0001"}
        socket.send_json({**hello, "epoch": held})
        Seat(client, socket, attempt_id).until("stale")
        assert second.send(save("name", "新"))["type"] == "acked"


def test_bad_frames_are_refused_and_the_line_stays(client: TestClient) -> None:
    with Seat.sit(client, open_round(client)) as seat:
        for text in (
            "",
            "{",
            "[]",
            '{"type":"nonsense"}',
            '{"type":"ping"}',
            '{"type":"ping","sent":NaN}',
            "[" * 5_000,
        ):
            seat.socket.send_text(text)
            assert seat.until("refused")["problem"]["code"] == "malformed"
        seat.socket.send_bytes(b"\x00")
        assert seat.until("refused")["problem"]["code"] == "malformed"
        seat.socket.send_text("x" * (MAX_FRAME_BYTES + 1))
        assert seat.until("refused")["problem"]["code"] == "too-large"
        seat.socket.send_json({"type": "ping", "sent": 5.5})
        assert seat.until("pong")["sent"] == 5.5


def test_a_flood_is_slowed_and_may_be_sent_again(client: TestClient) -> None:
    with Seat.sit(client, open_round(client)) as seat:
        for number in range(2 * BURST):
            frame = {"type": "command", "id": f"flood-{number:06d}", "epoch": 1, "stamp_ms": 1}
            seat.socket.send_json({**frame, "command": {"type": "lower_hand"}})
        refused = seat.until("refused")
        assert (refused["problem"]["code"], refused["problem"]["retry"]) == ("too-many", True)


def test_what_must_come_first_comes_first(client: TestClient) -> None:
    with client.websocket_connect("/ws") as socket:
        seat = Seat(client, socket, "nothing", epoch=1)
        assert seat.send({"type": "start"})["problem"]["code"] == "conflict"
        for attempt_id, protocol, code in (("nothing", 1, "not-found"), ("nothing", 99, "conflict")):
            hello = {"type": "hello", "protocol": protocol, "attempt_id": attempt_id, "page": "page-0001"}
            socket.send_json(hello)
            assert seat.until("refused")["problem"]["code"] == code


def test_somebody_elses_attempt_is_not_found(client: TestClient) -> None:
    attempt_id = open_round(client)
    log_in(client, "other")
    with client.websocket_connect("/ws") as socket:
        seat = Seat(client, socket, attempt_id)
        socket.send_json({"type": "hello", "protocol": 1, "attempt_id": attempt_id, "page": "page-0009"})
        assert seat.until("refused")["problem"]["code"] == "not-found"


@pytest.mark.parametrize(
    ("headers", "code"), [({"origin": "http://elsewhere.example"}, CLOSE_ORIGIN), ({}, CLOSE_LOGIN)]
)
def test_strangers_are_shown_out(client: TestClient, headers: dict[str, str], code: int) -> None:
    if code == CLOSE_LOGIN:
        client.cookies.clear()
    with client.websocket_connect("/ws", headers=headers) as socket, pytest.raises(WebSocketDisconnect) as closed:
        socket.receive_json()
    assert closed.value.code == code


def test_logging_out_closes_what_is_open_under_the_log_in(client: TestClient) -> None:
    attempt_id = open_round(client)
    with Seat.sit(client, attempt_id) as seat:
        seat.start()
        assert client.delete("/api/v1/sessions/current").status_code == 204
        with pytest.raises(WebSocketDisconnect) as closed:
            seat.until("nothing")
        assert closed.value.code == CLOSE_LOGIN


def test_a_live_frame_that_is_put_together_as_text_is_one() -> None:
    said = {"customers": ["欧阳", '"\\\n'], "total": "718.00", "file": None}
    text = Live.text(3, 1_800_000_000_000, 7, json.dumps(said))
    assert Live.model_validate_json(text) == Live(
        type="live", seq=3, server_ms=1_800_000_000_000, stage_ms=7, live=said
    )
    assert list(json.loads(text)) == list(Live.model_fields)
