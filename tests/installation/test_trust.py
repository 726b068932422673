"""Who may come in plainly, where the others are led, and what /trust hands out."""

import io
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from agents.schemas import NewSeats
from server.core.access import Role
from server.installation.authority import new_authority
from server.installation.trust import Entrance, welcome
from server.serving import TLS_PORT, Ports
from server.settings import DataFolder
from server.web.guard import Guard
from tests.support.web import CSRF, log_in, web

LAN, HERE = "192.168.1.77", "127.0.0.1"
NAMES = frozenset({"localhost", "127.0.0.1", "192.168.1.10", "hall"})


@pytest.fixture
def entrance(tmp_path: Path) -> Entrance:
    made = new_authority(tmp_path / "tls", "某校", NAMES, datetime(2026, 5, 9, tzinfo=UTC))
    return Entrance(8000, 8443, False, made.certificate, "某校", NAMES)


# --- the two doors -------------------------------------------------------------------------------------


@pytest.mark.unit
@pytest.mark.parametrize(
    ("method", "path", "verdict"),
    [
        ("GET", "/trust", "serve"),
        ("GET", "/api/v1/trust/seat-setup.cmd", "serve"),
        ("GET", "/api/v1/site", "serve"),
        ("GET", "/assets/index.js", "serve"),
        ("GET", "/healthz", "serve"),
        ("GET", "/", "to_trust"),
        ("GET", "/place/x", "to_trust"),
        ("HEAD", "/practice", "to_trust"),
        ("POST", "/practice", "refuse"),
        ("GET", "/api/v1/me", "refuse"),
        ("GET", "/api/v1/trustworthy", "refuse"),
        ("GET", "/api/v1/files/a.opus", "refuse"),
        ("POST", "/api/v1/sessions", "refuse"),
        ("", "/ws", "to_trust"),
    ],
)
def test_plain_http_from_the_lan(entrance: Entrance, method: str, path: str, verdict: str) -> None:
    if method:
        assert entrance.verdict(LAN, method, path) == verdict
    else:
        assert entrance.verdict(LAN, method, path) != "serve"
    assert entrance.verdict(HERE, method, path) == "serve"
    entrance.plain_http_on_lan = True
    assert entrance.verdict(LAN, method, path) == "serve"


@pytest.mark.unit
def test_only_names_of_this_machine_are_believed(entrance: Entrance) -> None:
    assert entrance.secure_url("192.168.1.10:8000") == "https://192.168.1.10:8443"
    assert entrance.secure_url("HALL") == "https://hall:8443"
    for odd in ("localhost:8000", "evil.example", "", "a b", "[", "x;script-src *"):
        assert entrance.secure_url(odd) == "https://192.168.1.10:8443"
    assert entrance.secure_origin("localhost:8000") == "https://localhost:8443"
    assert entrance.secure_origin("evil.example") == ""
    entrance.names = frozenset({"localhost", "fd00::1"})
    assert entrance.secure_url("[fd00::1]:8000") == "https://[fd00::1]:8443"


@pytest.mark.unit
def test_https_is_served_wherever_others_can_come_in() -> None:
    assert Ports.chosen("127.0.0.1", 8000, None, False).tls is None
    assert Ports.chosen("localhost", 8000, 9443, False).tls == 9443
    assert Ports.chosen("0.0.0.0", 8000, None, False).tls == TLS_PORT
    assert Ports.chosen("192.168.1.10", 8000, 0, False).tls == 0
    assert Ports.chosen("::", 8000, None, True).tls is None


@pytest.mark.unit
def test_whoever_starts_it_is_told_where_to_go() -> None:
    secure, first = welcome(NAMES, 8000, 8443)
    assert "https://192.168.1.10:8443" in secure
    assert first.endswith("http://192.168.1.10:8000/trust")
    assert "没有局域网地址" in welcome(frozenset({"localhost"}), 8000, 8443)[0]


def door(entrance: Entrance | None, client: str, scheme: str = "http") -> TestClient:
    """A small application behind the guard, asked from `client`."""

    async def answer(_: object) -> PlainTextResponse:
        return PlainTextResponse("in")

    async def line(socket: WebSocket) -> None:
        await socket.accept()
        await socket.send_text("in")
        await socket.close()

    routes = [WebSocketRoute("/ws", line), Route("/{path:path}", answer, methods=["GET", "POST"])]
    guarded = Guard(Starlette(routes=routes), entrance)
    return TestClient(guarded, f"{scheme}://192.168.1.10:8000", headers=CSRF, client=(client, 50000))


@pytest.mark.flow
def test_pages_lead_to_trust_and_calls_say_where_to_go(entrance: Entrance) -> None:
    client = door(entrance, LAN)
    page = client.get("/place/01J?x=1&y=2", follow_redirects=False)
    assert (page.status_code, page.headers["location"]) == (307, "/trust?next=/place/01J%3Fx%3D1%26y%3D2")
    assert client.get("/", follow_redirects=False).headers["location"] == "/trust"
    refused = client.get("/api/v1/me")
    assert (refused.status_code, refused.json()["code"]) == (403, "https-required")
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["secure_url"] == "https://192.168.1.10:8443"
    assert "/trust" in refused.json()["detail"]
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/ws"):
        pass


@pytest.mark.flow
def test_over_https_on_this_machine_and_where_allowed_everything_is_served(entrance: Entrance) -> None:
    secure = door(entrance, LAN, "https")
    assert secure.get("/api/v1/me").text == "in"
    with secure.websocket_connect("wss://192.168.1.10:8443/ws") as socket:
        assert socket.receive_text() == "in"
    doors = [door(entrance, HERE), door(None, LAN)]
    entrance_open = Entrance(8000, 8443, True, entrance.authority, "某校", NAMES)
    for client in (*doors, door(entrance_open, LAN)):
        assert client.get("/api/v1/me").text == "in"
        with client.websocket_connect("/ws") as socket:
            assert socket.receive_text() == "in"


@pytest.mark.flow
def test_a_plain_page_may_try_the_https_door_and_no_other(entrance: Entrance) -> None:
    policy = door(entrance, LAN).get("/trust").headers["content-security-policy"]
    assert "connect-src 'self' https://192.168.1.10:8443;" in policy
    odd = door(entrance, LAN).get("/trust", headers={"host": "evil.example; script-src *"})
    assert "connect-src 'self';" in odd.headers["content-security-policy"]
    assert "evil" not in odd.headers["content-security-policy"]
    secure = door(entrance, LAN, "https").get("/trust")
    assert "connect-src 'self';" in secure.headers["content-security-policy"]
    assert "strict-transport-security" not in secure.headers


# --- what is handed out --------------------------------------------------------------------------------


@pytest.fixture
def client(folder: DataFolder, entrance: Entrance) -> Iterator[TestClient]:
    with web(folder) as client:
        cast(FastAPI, client.app).state.entrance = entrance
        client.base_url = client.base_url.copy_with(host="192.168.1.10", port=8000)
        yield client


@pytest.mark.flow
def test_nobody_needs_a_log_in_for_the_authority(client: TestClient, entrance: Entrance) -> None:
    view = client.get("/api/v1/trust").json()
    assert view["fingerprint"].replace(":", "").lower() == entrance.authority.fingerprint(hashes.SHA256()).hex()
    assert (view["secure_url"], view["plain_url"]) == ("https://192.168.1.10:8443", "http://192.168.1.10:8000")
    der = client.get("/api/v1/trust/authority.crt")
    assert der.headers["content-type"] == "application/x-x509-ca-cert"
    assert x509.load_der_x509_certificate(der.content) == entrance.authority
    pem = client.get("/api/v1/trust/authority.pem")
    assert x509.load_pem_x509_certificate(pem.content) == entrance.authority
    assert b"CCSS_FAILED" in client.get("/api/v1/trust/seat-undo.cmd").content


@pytest.mark.flow
def test_the_script_of_a_place_and_of_none(client: TestClient) -> None:
    assert b'set "CCSS_URL=https://192.168.1.10:8443/"' in client.get("/api/v1/trust/seat-setup.cmd").content
    (seat_id,) = add_seats(client, 1)
    answer = client.get("/api/v1/trust/seat-setup.cmd", params={"seat": seat_id})
    assert answer.headers["content-disposition"] == 'attachment; filename="seat-setup.cmd"'
    assert f"/place/{seat_id}".encode() in answer.content
    assert "赛位  A-01".encode("gbk") in answer.content
    for wrong in ("nothing", '"&calc&"'):
        assert client.get("/api/v1/trust/seat-setup.cmd", params={"seat": wrong}).status_code == 404


@pytest.mark.flow
def test_technicians_carry_all_scripts_on_one_stick(client: TestClient) -> None:
    ids = add_seats(client, 3)
    assert client.get("/api/v1/places/seat-setup.zip").status_code == 401
    log_in(client)
    assert client.get("/api/v1/places/seat-setup.zip").status_code == 403
    log_in(client, "technician")
    answer = client.get("/api/v1/places/seat-setup.zip")
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert set(archive.namelist()) == {
        "A/A-01.cmd",
        "A/A-02.cmd",
        "A/A-03.cmd",
        "seat-setup.cmd",
        "seat-undo.cmd",
    }
    assert f"/place/{ids[1]}".encode() in archive.read("A/A-02.cmd")
    assert client.get("/api/v1/places/seat-setup.zip", params={"room": "B"}).status_code == 404


@pytest.mark.flow
def test_without_https_there_is_nothing_to_trust(folder: DataFolder) -> None:
    with web(folder) as client:
        for path in ("", "/authority.crt", "/authority.pem", "/seat-setup.cmd", "/seat-undo.cmd"):
            answer = client.get(f"/api/v1/trust{path}")
            assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
            assert "--host" in answer.json()["detail"]


def add_seats(client: TestClient, count: int) -> list[str]:
    """Places of room A; a technician is there from then on."""
    state = cast(FastAPI, client.app).state
    assert client.portal is not None

    async def add() -> list[str]:
        who = await state.services.accounts.create("technician", "测试技术保障", Role.TECHNICIAN, None)
        state.people["technician"] = who
        return [seat.seat_id for seat in await state.services.places.add(who, NewSeats(room="A", count=count))]

    return client.portal.call(add)
