"""TLS beside plain HTTP: one installation on two ports, trusted by its own authority and by nothing else."""

import asyncio
import json
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest
from anyio import to_thread

from server.installation.certificates import server_certificate
from server.robots.machine import Machine
from server.robots.wire import Wire
from server.settings import DataFolder
from tests.fault.conftest import TRAINEES, Standing, traces
from tests.support.client import SeatClient, Typist, http_client, open_round
from tests.support.house import make_folder
from tests.support.process import ServerProcess, furnish_folder, run_ccss

pytestmark = [pytest.mark.fault, pytest.mark.anyio]


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standing]:
    folder = make_folder(tmp_path_factory.mktemp("secure"))
    furnished = furnish_folder(folder, TRAINEES)
    with ServerProcess(folder, ["--tls-port", "0"]) as server:
        server.start()
        yield Standing(server, furnished)
        log = server.log()
    assert not traces(log), log


@pytest.fixture
def trust(secure: Standing) -> ssl.SSLContext:
    """A client that was given the installation's authority."""
    return ssl.create_default_context(cafile=secure.folder.tls / "authority.pem")


def connection(secure: Standing) -> tuple[str, int]:
    parts = urlsplit(secure.server.secure_url)
    assert parts.hostname is not None
    assert parts.port is not None
    return parts.hostname, parts.port


async def test_both_ports_serve_the_same_installation(secure: Standing, trust: ssl.SSLContext) -> None:
    trainee = secure.trainee()
    attempt_id = await open_round(secure.url, trainee.token, secure.furnished.paper_id)
    async with SeatClient(secure.server.secure_url, trainee.token, attempt_id, trust=trust) as seat:
        await seat.start()
        typist = Typist(seat)
        await typist.save("i1", "name", "欧")
        async with SeatClient(secure.url, trainee.token, attempt_id, page=seat.page) as plain:
            assert (plain.epoch, plain.attempt["phase"]) == (seat.epoch, "running")
            assert "欧" in json.dumps(plain.state, ensure_ascii=False)
        receipt = await seat.hand_in()
        assert receipt["answers_sha256"] == typist.answers_sha256()
    async with http_client(secure.url, trainee.token) as http:
        (brief,) = (await http.get("/api/v1/practice")).json()
        assert (brief["attempt_id"], brief["phase"]) == (attempt_id, "closed")


async def test_a_log_in_over_tls_is_never_sent_in_the_clear(secure: Standing, trust: ssl.SSLContext) -> None:
    machine, clear = Machine(secure.server.secure_url, trust), Machine(secure.url)
    try:
        for there, marked in ((machine, True), (clear, False)):
            answer = await there.http.post("/api/v1/demo/sessions", json={"role": "contestant"})
            answer.raise_for_status()
            assert ("secure" in answer.headers["set-cookie"].lower()) is marked
        assert (await machine.json("GET", "/me"))["role"] == "contestant"
    finally:
        await machine.close()
        await clear.close()


async def test_another_certificate_is_refused(secure: Standing, tmp_path: Path) -> None:
    forged = server_certificate(tmp_path, {"localhost", "127.0.0.1"})
    for wrong in (ssl.create_default_context(cafile=forged.authority), ssl.create_default_context()):
        machine = Machine(secure.server.secure_url, wrong)
        with pytest.raises(httpx2.ConnectError):
            await machine.json("GET", "/site")
        with pytest.raises(ssl.SSLCertVerificationError):
            await machine.line("/ws", lambda _: None)
        await machine.close()


async def test_a_foreign_page_gets_no_line_over_tls(secure: Standing, trust: ssl.SSLContext) -> None:
    token = secure.trainee().token
    heard: list[str] = []
    for origin, code in (("https://evil.example", 4403), (secure.url, 4403)):
        headers = {"Cookie": f"ccss_login={token}", "Origin": origin}
        address = secure.server.secure_url.replace("http", "ws", 1) + "/ws"
        wire = await Wire.open(address, headers, trust, heard.append)
        assert await wire.closed == code
    machine = Machine(secure.server.secure_url, trust, {"ccss_login": token})
    first: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    wire = await machine.line("/ws", first.set_result)
    wire.send(json.dumps({"type": "ping", "sent": 1}))
    assert json.loads(await first)["type"] == "pong"
    wire.cut()
    await wire.closed


async def test_noise_and_old_protocols_leave_the_tls_port_alive(secure: Standing, trust: ssl.SSLContext) -> None:
    def disturb() -> None:
        for noise in (b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", b"\x16\x03\x01\xff\xff" + b"\0" * 400, b""):
            with socket.create_connection(connection(secure), timeout=5) as plain:
                plain.sendall(noise)
                plain.settimeout(0.3)
                try:
                    plain.recv(1000)
                except OSError:
                    continue

    await to_thread.run_sync(disturb)
    machine = Machine(secure.server.secure_url, trust)
    assert (await machine.json("GET", "/site"))["profile"] == "demo"
    await machine.close()


async def test_a_taken_tls_port_stops_everything(folder: DataFolder) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        arguments: list[str | Path] = ["run", "--data", folder.root, "--port", "0", "--tls-port", str(port)]
        done = await to_thread.run_sync(run_ccss, *arguments)
    assert done.returncode == 1
    assert f"port {port} is taken" in done.stderr
    assert "Traceback" not in done.stderr
    assert "http://" not in done.stdout


async def test_one_word_stops_both_ports_and_the_certificate_stays(folder: DataFolder) -> None:
    with ServerProcess(folder, ["--tls-port", "0"]) as server:
        await to_thread.run_sync(server.start)
        certificate = (folder.tls / "server.pem").read_bytes()
        trust = ssl.create_default_context(cafile=folder.tls / "authority.pem")
        machine = Machine(server.secure_url, trust)
        await machine.json("GET", "/site")
        await machine.close()
        assert await to_thread.run_sync(server.stop) == 0
        for url in (server.url, server.secure_url):
            host, port = urlsplit(url).hostname, urlsplit(url).port
            assert host is not None
            assert port is not None
            with pytest.raises(ConnectionRefusedError), socket.create_connection((host, port), timeout=5):
                pass
        assert not traces(server.log())
        await to_thread.run_sync(server.start)
        assert (folder.tls / "server.pem").read_bytes() == certificate
