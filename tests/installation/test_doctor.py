"""`ccss doctor` on broken set-ups: every cause is named, with a cure, and nothing raises."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from server.cli import app
from server.core.text import Text
from server.installation.certificates import server_certificate
from server.installation.doctor import CHECKS, MACHINE, examine, media
from server.installation.doctor.finding import Finding, Setup
from server.installation.last_backup import Failed, Made, note_backup
from server.settings import DataFolder
from tests.support.clock import ManualClock
from tests.support.house import Trainee, house, make_folder

pytestmark = pytest.mark.flow

WORKER = (sys.executable, str(Path(__file__).parents[1] / "support" / "scripted_worker.py"), "plain")
NAMES = frozenset({"localhost", "127.0.0.1", "192.168.7.7", "server7"})


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def setup(tmp_path: Path) -> Setup:
    """A machine on which all is well."""
    folder = make_folder(tmp_path)
    folder.root.chmod(0o700)
    made = Setup(folder, port=free_port(), tls_port=free_port(), free=lambda _: 50 << 30)
    made.names, made.media_addresses = NAMES, ("127.0.0.1",)
    server_certificate(folder.tls, NAMES)
    target = tmp_path / "b.zip"
    target.touch()
    note_backup(folder, Made(at_ms=int(time.time() * 1000), file=str(target), size=1, took_ms=1))
    return made


def found(setup: Setup) -> dict[str, Finding]:
    setup.worker = setup.worker or WORKER
    return {finding.key: finding for finding in examine(setup)}


def failing(setup: Setup) -> set[str]:
    return {key for key, finding in found(setup).items() if finding.state == "fail"}


def test_a_whole_set_up_has_no_fault(setup: Setup) -> None:
    findings = found(setup)
    assert failing(setup) == set()
    assert len(findings) == len(CHECKS)
    assert findings["certificate"].state == findings["authority"].state == findings["backups"].state == "ok"
    assert all(finding.cure is None for finding in findings.values() if finding.state == "ok")


def corrupted_settings(setup: Setup) -> None:
    (setup.folder.root / "ccss.json").write_text('{"profile": "demo", "sight": 1}', encoding="utf-8")


def missing_blobs(setup: Setup) -> None:
    setup.folder.blobs.rmdir()


def missing_database(setup: Setup) -> None:
    setup.folder.database.unlink()


def damaged_database(setup: Setup) -> None:
    setup.folder.database.write_bytes(b"\xff" * 8192)


def readable_by_all(setup: Setup) -> None:
    setup.folder.root.chmod(0o755)


def readable_key(setup: Setup) -> None:
    (setup.folder.tls / "authority.key").chmod(0o644)


def no_year(setup: Setup) -> None:
    setup.now = lambda: 1_000_000_000.0


def full_disk(setup: Setup) -> None:
    setup.free = lambda _: 100 << 20


def failed_backup(setup: Setup) -> None:
    note_backup(setup.folder, Failed(at_ms=1, why=Text(zh="磁盘已满", en="disk full")))


def expired_certificate(setup: Setup) -> None:
    early = datetime.now(UTC) - timedelta(days=390)
    for path in setup.folder.tls.iterdir():
        path.unlink()
    server_certificate(setup.folder.tls, NAMES, at=early)


def other_address(setup: Setup) -> None:
    setup.names = NAMES | {"192.168.7.8"}


def broken_certificate(setup: Setup) -> None:
    (setup.folder.tls / "server.pem").write_text("no certificate", encoding="utf-8")


def no_lan(setup: Setup) -> None:
    setup.names = frozenset({"localhost", "127.0.0.1"})


@pytest.mark.parametrize(
    ("breaking", "keys", "word"),
    [
        (corrupted_settings, {"settings", "backups"}, "sight"),
        (missing_blobs, {"blobs"}, "blobs"),
        (missing_database, {"database"}, "ccss.db"),
        (damaged_database, {"database"}, "not a database"),
        pytest.param(readable_by_all, {"permissions"}, "chmod", marks=pytest.mark.skipif(os.name == "nt", reason="x")),
        pytest.param(readable_key, {"permissions"}, "chmod", marks=pytest.mark.skipif(os.name == "nt", reason="x")),
        (no_year, {"clock", "authority", "certificate"}, "2001"),
        (full_disk, {"disk"}, "0.1 GB"),
        (failed_backup, {"backups"}, "disk full"),
        (expired_certificate, {"certificate", "authority"}, "out of its time"),
        (other_address, {"certificate"}, "192.168.7.8"),
        (broken_certificate, {"certificate"}, "no good"),
        (no_lan, {"addresses"}, "LAN"),
    ],
)
def test_each_cause_is_named(setup: Setup, breaking: Callable[[Setup], None], keys: set[str], word: str) -> None:
    breaking(setup)
    assert failing(setup) == keys
    findings = [finding for key, finding in found(setup).items() if key in keys]
    assert all(finding.cure is not None for finding in findings)
    assert any(word in finding.model_dump_json() for finding in findings)


def test_an_empty_folder_and_none(tmp_path: Path) -> None:
    for root in (tmp_path, tmp_path / "nothing"):
        states = found(Setup(DataFolder(root), port=free_port(), tls_port=free_port()))
        assert {"settings", "database", "blobs"} <= {key for key, one in states.items() if one.state == "fail"}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.anyio
async def test_a_clock_before_the_newest_event(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock) as services:
        await Trainee.sit_down(services)
    setup = Setup(folder, port=free_port(), tls_port=free_port())
    setup.now = lambda: clock.now_ms() / 1000 - 3600
    assert found(setup)["clock"].state == "fail"
    assert "早于" in found(setup)["clock"].what.zh
    setup.now = lambda: clock.now_ms() / 1000 + 60
    assert found(setup)["clock"].state == "ok"


def test_a_clock_that_jumps(setup: Setup) -> None:
    ticks = iter(range(10_000))
    setup.now = lambda: time.time() + next(ticks) * 0.5
    assert found(setup)["clock"].state == "warn"


@pytest.fixture
def taken(setup: Setup) -> Iterator[socket.socket]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", setup.port))
        listener.listen(1)
        yield listener


def test_a_port_that_another_program_has(setup: Setup, taken: socket.socket) -> None:
    taken.settimeout(10)
    assert failing(setup) == {"port"}
    assert str(setup.port) in found(setup)["port"].what.zh


def test_an_authority_that_can_not_be_used_has_a_cure(setup: Setup) -> None:
    (setup.folder.tls / "authority.key").unlink()
    findings = found(setup)
    assert (findings["authority"].state, findings["certificate"].state) == ("fail", "ok")
    assert "ccss certificate --new-authority" in findings["authority"].what.zh
    assert "按上面所说" in (findings["authority"].cure or findings["authority"].what).zh


def test_before_an_update_the_machine_alone_is_looked_at(setup: Setup) -> None:
    missing_database(setup)
    assert all(finding.state != "fail" for finding in examine(setup, MACHINE))
    said = CliRunner().invoke(app, ["doctor", "--machine", "--json", "--data", str(setup.folder.root)])
    assert {finding["key"] for finding in json.loads(said.output)} == {check.__name__ for check in MACHINE}


def test_a_check_that_breaks_is_a_finding(setup: Setup) -> None:
    def nonsense(_: Setup) -> Finding:
        raise ZeroDivisionError("oops")

    (finding,) = examine(setup, [nonsense])
    assert (finding.key, finding.state) == ("nonsense", "fail")
    assert "oops" in finding.what.zh


def test_packages_of_another_distribution(setup: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.metadata.packages_distributions", lambda: {"agents": ["ccss", "openai-agents"]})
    assert failing(setup) == {"packages"}
    assert "agents ← openai-agents" in found(setup)["packages"].what.zh


def test_a_foreign_package_in_front_of_ours_leaves_the_doctor_alive(setup: Setup, tmp_path: Path) -> None:
    (tmp_path / "foreign" / "agents").mkdir(parents=True)
    (tmp_path / "foreign" / "agents" / "__init__.py").touch()

    def ccss(*arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-P", "-c", "from server.cli import app; app()", *arguments]
        world = os.environ | {"PYTHONPATH": str(tmp_path / "foreign"), "PYTHONUTF8": "1"}
        return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", env=world, check=False)

    data = ("--data", str(setup.folder.root))
    said = ccss("doctor", *data, "--json")
    states = {finding["key"]: finding for finding in json.loads(said.stdout)}
    assert said.returncode == 1
    assert states["packages"]["state"] == "fail"
    assert str(tmp_path / "foreign" / "agents") in states["packages"]["what"]["zh-CN"]
    refused = ccss("run", *data)
    assert (refused.returncode, "ccss doctor" in refused.stderr) == (1, True)


def test_plain_lines_where_nobody_looks(setup: Setup) -> None:
    said = CliRunner().invoke(app, ["doctor", "--data", str(setup.folder.root), "--port", str(setup.port)])
    assert "\x1b" not in said.output
    assert "正常 ok    settings" in said.output


def test_a_media_worker_that_does_not_start(setup: Setup) -> None:
    setup.worker = (*WORKER[:2], "broken")
    worker = found(setup)["media_worker"]
    assert worker.state == "fail"
    assert "exit 3" in worker.what.zh
    assert worker.cure is not None


def test_an_address_that_is_not_this_machines_takes_no_sound(setup: Setup) -> None:
    setup.media_addresses = ("127.0.0.1", "192.0.2.77")
    udp = found(setup)["media_udp"]
    assert udp.state == "fail"
    assert "192.0.2.77" in udp.what.zh
    assert "127.0.0.1:" not in udp.what.zh


def test_a_datagram_that_a_firewall_swallows(setup: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media, "_UDP_S", 0.01)
    monkeypatch.setattr(socket.socket, "sendto", lambda *_: 4)
    udp = found(setup)["media_udp"]
    assert udp.state == "fail"
    assert "not received" in udp.what.zh
