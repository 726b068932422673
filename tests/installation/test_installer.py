"""The bundle's installer with the machine replaced: what it runs, in which order, and how an update is taken back."""

import os
import signal
import subprocess
import xml.etree.ElementTree as ET
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from server.installation.bundle.contents import Refused
from server.installation.bundle.home import Home, Installed
from server.installation.bundle.installing import install
from server.installation.bundle.machine import Windows, task, unit
from server.installation.bundle.tools import healthz
from tests.support.installer import BACKUP, NOW, FakeTools, House, a_bundle

pytestmark = pytest.mark.unit

CHANGED = {"new": "0.2.0", "changed": True, "aside": "x"}


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def test_an_update_backs_up_before_it_changes_anything(house: House) -> None:
    house.update.run(NOW)
    steps = ["-m venv", "--no-index", "venv-0.2.0/bin/ccss doctor --machine", "systemctl stop"]
    steps += ["venv-0.1.0/bin/ccss backup", "venv-0.2.0/bin/ccss migrate"]
    steps += ["venv-0.2.0/bin/ccss doctor --data", "systemctl restart"]
    assert [house.tools.step(step) for step in steps] == sorted(house.tools.step(step) for step in steps)
    assert house.home.installed().version == "0.2.0"
    assert "venv-0.2.0" in (house.home.root / "ccss").read_text(encoding="utf-8")
    assert house.home.noted() is None
    assert (house.data / "ccss.json").read_text(encoding="utf-8") == "new"


def test_wheels_come_from_the_bundle_alone_by_their_hashes(house: House) -> None:
    house.update.run(NOW)
    (line,) = (line for line in house.tools.ran if " install " in line)
    for word in ("--no-index", "--require-hashes", "--isolated", str(house.bundle.root / "wheels")):
        assert word in line


@pytest.mark.parametrize(
    "fails", ["venv-0.1.0/bin/ccss backup", "venv-0.2.0/bin/ccss migrate", "venv-0.2.0/bin/ccss doctor --data"]
)
def test_whatever_fails_is_taken_back(house: House, fails: str) -> None:
    house.tools.fails = fails
    with pytest.raises(Refused, match=r"已恢复到 0\.1\.0"):
        house.update.run(NOW)
    assert house.stands_as_before()


def test_a_new_version_that_does_not_answer_is_taken_back(house: House) -> None:
    house.tools.dead = {"0.2.0"}
    with pytest.raises(Refused, match="没有应答"):
        house.update.run(NOW)
    assert house.stands_as_before()
    assert any(path.name.startswith("data.failed-") for path in house.data.parent.iterdir())


def test_programs_that_can_not_be_installed_stop_nothing(house: House) -> None:
    house.tools.fails = "--no-index"
    with pytest.raises(Refused):
        house.update.run(NOW)
    assert not any("systemctl" in line for line in house.tools.ran)
    assert house.home.installed() == house.old
    assert not house.home.venv(house.old.of("0.2.0")).exists()


def test_if_even_the_way_back_fails_the_backup_is_named(house: House) -> None:
    house.tools.dead = {"0.1.0", "0.2.0"}
    with pytest.raises(Refused, match=BACKUP):
        house.update.run(NOW)
    assert house.home.noted() is not None


def test_an_update_that_was_cut_off_waits_for_a_decision(house: House) -> None:
    house.tools.fails = "venv-0.2.0/bin/ccss migrate"
    house.home.note({"backup": str(house.data.parent / BACKUP), "old": asdict(house.old)} | CHANGED)
    with pytest.raises(Refused, match="--take-back"):
        house.update.run(NOW)
    assert house.tools.ran == []
    (house.data / "ccss.json").write_text("half", encoding="utf-8")
    house.update.take_back()
    assert house.stands_as_before()


def test_a_cut_after_the_switch_is_taken_back_to_the_old_version(house: House) -> None:
    house.home.venv(house.old.of("0.2.0")).mkdir()
    house.home.note({"backup": str(house.data.parent / BACKUP), "old": asdict(house.old)} | CHANGED)
    house.home.use(house.old.of("0.2.0"))
    house.update.take_back()
    assert house.stands_as_before()
    assert house.home.venv(house.old).is_dir()


def test_what_is_in_use_is_named_by_the_notes(house: House) -> None:
    house.tools.dead = {"0.1.0", "0.2.0"}
    with pytest.raises(Refused):
        house.update.run(NOW)
    assert (house.home.noted() or {})["old"] == asdict(house.old)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_is_taken_back_and_the_way_back_is_not_interrupted(house: House, number: int) -> None:
    house.tools.signals = {"venv-0.2.0/bin/ccss migrate": number, "venv-0.1.0/bin/ccss restore": number}
    before = signal.getsignal(number)
    with pytest.raises(Refused, match=r"已恢复到 0\.1\.0"):
        house.update.run(NOW)
    assert house.stands_as_before()
    assert signal.getsignal(number) == before


def test_an_error_of_the_disk_is_taken_back(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("server.installation.bundle.updating.copy_voices", full)
    with pytest.raises(Refused, match=r"已恢复到 0\.1\.0"):
        house.update.run(NOW)
    assert house.stands_as_before()


def stopped_nothing(house: House) -> bool:
    return (
        not any("systemctl" in line for line in house.tools.ran)
        and house.home.noted() is None
        and not house.home.venv(house.old.of("0.2.0")).exists()
    )


def test_room_for_the_way_back_is_asked_before_anything_stops(house: House) -> None:
    (house.data / "backups" / "old.zip").write_bytes(b"0" * 9_000)
    (house.data / "ccss.db").write_bytes(b"0" * 1_000)
    house.tools.room = (1 << 30) + 2_005
    with pytest.raises(Refused, match="空间不足"):
        house.update.run(NOW)
    assert stopped_nothing(house)
    house.tools.room += 1
    house.update.run(NOW)


def test_a_mount_point_can_not_be_moved_aside(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.installation.bundle.updating.ismount", lambda path: path == house.data)
    with pytest.raises(Refused, match="挂载点"):
        house.update.run(NOW)
    assert stopped_nothing(house)


def test_a_machine_with_a_fault_is_not_stopped(house: House) -> None:
    house.tools.fails = "ccss doctor --machine"
    with pytest.raises(Refused):
        house.update.run(NOW)
    assert stopped_nothing(house)
    house.update.run(NOW, skip_doctor=True)


def test_the_same_version_is_no_update(house: House) -> None:
    house.home.use(house.old.of("0.2.0"))
    with pytest.raises(Refused, match=r"0\.2\.0"):
        house.update.run(NOW)


def test_older_programs_go_and_the_previous_ones_stay(house: House) -> None:
    (house.home.root / "venv-0.0.9").mkdir()
    house.update.run(NOW)
    assert sorted(path.name for path in house.home.root.glob("venv-*")) == ["venv-0.1.0", "venv-0.2.0"]


@pytest.mark.skipif(os.name == "nt", reason="a shell script")
@pytest.mark.parametrize(
    ("uid", "words", "by"),
    [("0", ["doctor", "--data", "a b"], "runuser"), ("0", ["update", "x"], "ccss"), ("1000", ["doctor"], "ccss")],
)
def test_root_steps_down_to_the_account_of_the_service(tmp_path: Path, uid: str, words: list[str], by: str) -> None:
    home, fakes = Home(tmp_path / "home", windows=False), tmp_path / "bin"
    installed = Installed(version="0.2.0", data=str(tmp_path / "data"), user="ccss")
    (home.venv(installed) / "bin").mkdir(parents=True)
    fakes.mkdir()
    tell = '#!/bin/sh\necho "${0##*/}" "$@"\n'
    for path, text in (
        (fakes / "id", f"#!/bin/sh\necho {uid}\n"),
        (fakes / "runuser", tell),
        (home.ccss(installed), tell),
    ):
        path.write_text(text, encoding="utf-8")
        path.chmod(0o755)
    home.use(installed)
    said = subprocess.run(
        [str(home.root / "ccss"), *words], env={"PATH": str(fakes)}, capture_output=True, text=True, check=True
    ).stdout.split()
    expected = ["--user", "ccss", "--", str(home.ccss(installed))] if by == "runuser" else []
    assert said == [by, *expected, *" ".join(words).split()]


def test_a_server_is_asked_where_it_listens() -> None:
    one = Installed(version="0.2.0", data="/d", port=8100)
    assert healthz(one) == "http://127.0.0.1:8100/healthz"
    assert healthz(replace(one, host="::")) == "http://[::1]:8100/healthz"
    assert healthz(replace(one, host="192.168.1.5")) == "http://192.168.1.5:8100/healthz"


def test_the_doctor_is_told_where_the_server_listens(house: House) -> None:
    house.home.use(replace(house.old, host="192.168.1.5"))
    house.update.run(NOW)
    assert all("--host 192.168.1.5" in line for line in house.tools.ran if " doctor " in line)


def test_windows_waits_until_an_ended_server_is_gone() -> None:
    tools, wanted = FakeTools(), Installed(version="0.2.0", data="D:\\CCSS\\data")
    tools.fails = "/End"
    tools.serving = 3
    Windows(tools).stop(wanted)
    assert tools.slept == 3
    tools.serving = 10_000
    with pytest.raises(Refused, match="not stopped"):
        Windows(tools).stop(wanted)


def test_a_damaged_bundle_names_its_files(tmp_path: Path) -> None:
    bundle = a_bundle(tmp_path)
    bundle.check()
    bundle.files["wheels/pip-26.3-py3-none-any.whl"] = "0" * 64
    bundle.files["gone.txt"] = "0" * 64
    with pytest.raises(Refused, match=r"gone\.txt, wheels/pip"):
        bundle.check()


def test_a_machine_that_the_wheels_are_not_for(tmp_path: Path) -> None:
    bundle = a_bundle(tmp_path)
    bundle.suits((3, 11), "linux", 64)
    for python, platform, bits in (((3, 10), "linux", 64), ((3, 11), "win32", 64), ((3, 11), "linux", 32)):
        with pytest.raises(Refused):
            bundle.suits(python, platform, bits)


def test_the_unit_names_the_version_and_limits_nothing_that_a_contest_needs(tmp_path: Path) -> None:
    text = unit(Home(tmp_path, windows=False), Installed(version="0.2.0", data="/srv/数据 100%", user="ccss"))
    assert f'ExecStart="{tmp_path}/venv-0.2.0/bin/ccss" "run" "--data" "/srv/数据 100%%"' in text
    assert "User=ccss" in text
    assert "LimitNOFILE=65536" in text


def test_the_task_of_windows_is_whole_and_never_ends_by_itself(tmp_path: Path) -> None:
    installed = Installed(version="0.2.0", data="C:\\Data & Co\\data")
    tree = ET.fromstring(task(Home(tmp_path, windows=True), installed).encode("utf-16"))
    space = {"t": "http://schemas.microsoft.com/windows/2004/02/mit/task"}
    assert tree.findtext(".//t:ExecutionTimeLimit", namespaces=space) == "PT0S"
    assert tree.findtext(".//t:UserId", namespaces=space) == "S-1-5-19"
    assert (tree.findtext(".//t:Command", namespaces=space) or "").endswith("ccss.exe")
    assert '"C:\\Data & Co\\data"' in (tree.findtext(".//t:Arguments", namespaces=space) or "")


def test_windows_makes_task_rule_and_access(tmp_path: Path) -> None:
    tools, home = FakeTools(), Home(tmp_path / "home", windows=True)
    wanted = Installed(version="0.2.0", data=str(tmp_path / "var" / "data"))
    install(a_bundle(tmp_path / "bundle"), home, wanted, Windows(tools), tools, lambda _: None)
    text = "\n".join(tools.ran)
    assert "/inheritance:r /grant:r *S-1-5-32-544:(OI)(CI)F" in text
    assert "localport=8000,8443" in text
    assert tools.ran[-1] == "schtasks /Run /TN ccss"
    assert (home.root / "task.xml").read_bytes().startswith(b"\xff\xfe")
    command = (home.root / "ccss.cmd").read_text(encoding="ascii")
    assert command.startswith('@"%~dp0venv-0.2.0')
    assert str(tmp_path) not in command
    assert (home.root / "ccss.cmd").read_bytes().endswith(b'" %*\r\n')
