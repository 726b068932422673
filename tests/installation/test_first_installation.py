"""A first installation with the machine replaced: what it runs, what it leaves alone, that it can be tried again."""

from pathlib import Path

import pytest

from server.installation.bundle.contents import Refused
from server.installation.bundle.home import Home, Installed
from server.installation.bundle.installing import install
from server.installation.bundle.machine import LINUX_PORTS, WINDOWS_PORTS, Linux, Windows, sound_ports
from tests.support.installer import FakeTools, a_bundle

pytestmark = pytest.mark.unit


def test_a_first_installation(tmp_path: Path) -> None:
    tools, home = FakeTools(), Home(tmp_path / "home", windows=False)
    (tmp_path / "units").mkdir()
    bundle = a_bundle(tmp_path / "bundle")
    (bundle.root / "voices").mkdir()
    wanted = Installed(version="0.2.0", data=str(tmp_path / "var" / "data"), user="ccss")
    install(bundle, home, wanted, Linux(tools, tmp_path / "units"), tools, lambda _: None)
    text = "\n".join(tools.ran)
    assert "runuser --user ccss -- " in tools.ran[tools.step(" init ")]
    assert f"chown --recursive ccss: {wanted.data}/voices" in text
    assert "ufw allow 8000/tcp" in text
    assert "ufw allow 8443/tcp" in text
    first, last = sound_ports()
    assert f"ufw allow {first}:{last}/udp" in text
    assert "KillMode=process" in (tmp_path / "units" / "ccss.service").read_text(encoding="utf-8")
    assert tools.ran[-1] == "systemctl restart ccss"
    assert home.installed() == wanted
    with pytest.raises(Refused, match="--update"):
        install(bundle, home, wanted, Linux(tools, tmp_path / "units"), tools, lambda _: None)


@pytest.mark.parametrize("windows", [False, True])
@pytest.mark.parametrize("data", ["/data", "D:\\CCSS"])
def test_a_folder_that_is_not_ours_keeps_its_access(data: str, windows: bool) -> None:
    tools = FakeTools()
    machine = Windows(tools) if windows else Linux(tools)
    with pytest.raises(Refused, match="below one of its own"):
        machine.prepare(Installed(version="0.2.0", data=data, user="ccss"))
    assert tools.ran == []


def test_only_our_own_folder_is_taken_on_windows(tmp_path: Path) -> None:
    tools, place = FakeTools(), tmp_path / "CCSS"
    wanted = Installed(version="0.2.0", data=str(place / "data"))
    (place / "data").mkdir(parents=True)
    (place / "ccss-before-0.2.0-20260501-180000.zip").touch()
    Windows(tools).prepare(wanted)
    assert tools.ran[0].startswith(f"icacls {place} ")
    (place / "thesis.doc").touch()
    with pytest.raises(Refused):
        Windows(tools).prepare(wanted)


@pytest.mark.parametrize("breaks", ["systemctl enable", "no answer"])
def test_a_first_installation_that_failed_can_be_finished(tmp_path: Path, breaks: str) -> None:
    tools, home, units = FakeTools(), Home(tmp_path / "home", windows=False), tmp_path / "units"
    units.mkdir()
    bundle, data = a_bundle(tmp_path / "bundle"), tmp_path / "var" / "data"
    wanted = Installed(version="0.2.0", data=str(data), user=tmp_path.owner())
    tools.fails, tools.dead = breaks, {"0.2.0"} if breaks == "no answer" else set()
    with pytest.raises(Refused):
        install(bundle, home, wanted, Linux(tools, units), tools, lambda _: None)
    assert not home.exists
    tools.fails, tools.dead, tools.ran = "", set(), []
    install(bundle, home, wanted, Linux(tools, units), tools, lambda _: None)
    assert home.installed() == wanted
    assert tools.step("systemctl stop") < tools.step("-m venv") < tools.step(" migrate ")


def test_a_firewall_that_fails_is_only_a_warning(tmp_path: Path) -> None:
    tools, home = FakeTools(), Home(tmp_path / "home", windows=False)
    tools.fails = "ufw"
    said: list[str] = []
    wanted = Installed(version="0.2.0", data=str(tmp_path / "var" / "data"), user="ccss")
    install(a_bundle(tmp_path / "bundle"), home, wanted, Linux(tools, tmp_path), tools, said.append)
    assert home.installed() == wanted
    assert any("8443" in line and "UDP" in line and "warning" in line for line in said)


def test_the_sound_of_calls_comes_through_every_firewall(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = Installed(version="0.2.0", data=str(tmp_path / "var" / "data"), user="ccss")
    tools = FakeTools()
    tools.known = {"firewall-cmd"}
    Linux(tools, tmp_path).open_ports(wanted)
    first, last = sound_ports()
    assert f"firewall-cmd --permanent --add-port {first}-{last}/udp" in tools.ran
    assert tools.ran[-1] == "firewall-cmd --reload"
    tools = FakeTools()
    Windows(tools).open_ports(wanted)
    assert [("protocol=UDP" in line, f"{WINDOWS_PORTS[0]}-{WINDOWS_PORTS[1]}" in line) for line in tools.ran] == [
        (False, False),
        (False, False),
        (True, True),
    ]
    monkeypatch.setattr(Path, "read_text", lambda *_, **__: "no numbers")
    assert sound_ports() == LINUX_PORTS


def test_a_python_that_the_account_can_not_run_is_said(tmp_path: Path) -> None:
    tools, home = FakeTools(), Home(tmp_path / "home", windows=False)
    tools.fails = "runuser --user ccss -- "
    wanted = Installed(version="0.2.0", data=str(tmp_path / "var" / "data"), user="ccss")
    with pytest.raises(Refused, match="PYTHON=/usr/bin/python3"):
        install(a_bundle(tmp_path / "bundle"), home, wanted, Linux(tools, tmp_path), tools, lambda _: None)
    assert not home.exists


def test_data_that_are_there_are_kept(tmp_path: Path) -> None:
    tools, home = FakeTools(), Home(tmp_path / "home", windows=False)
    (tmp_path / "units").mkdir()
    data = tmp_path / "var" / "data"
    data.mkdir(parents=True)
    (data / "ccss.json").write_text("mine", encoding="utf-8")
    wanted = Installed(version="0.2.0", data=str(data), service=False)
    install(a_bundle(tmp_path / "bundle"), home, wanted, Linux(tools), tools, lambda _: None)
    text = "\n".join(tools.ran)
    assert " init " not in text
    assert "systemctl" not in text
    assert tools.step(" backup ") < tools.step(" migrate ")


def test_a_whole_drive_is_never_taken_though_it_is_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "iterdir", lambda _: iter(()))
    tools = FakeTools()
    with pytest.raises(Refused):
        Windows(tools).prepare(Installed(version="0.2.0", data=str(Path(Path.cwd().anchor) / "CCSS")))
    assert tools.ran == []
