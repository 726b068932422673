"""The bundle's installer with the machine replaced: what it runs, in which order, and how an update is taken back."""

import json
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from server.installation.bundle.contents import Bundle, Refused
from server.installation.bundle.home import Home, Installed
from server.installation.bundle.installing import install
from server.installation.bundle.machine import Linux, Windows, task, unit
from server.installation.bundle.updating import Update

pytestmark = pytest.mark.unit

NOW = datetime(2026, 5, 1, 18, 0, tzinfo=UTC)
BACKUP = "ccss-before-0.2.0-20260501-180000.zip"


class FakeTools:
    """Keeps what was run; `fails` names a word of the command that fails; a few commands leave traces on the disk."""

    def __init__(self) -> None:
        self.ran: list[str] = []
        self.fails = ""
        self.dead: set[str] = set()
        self.known = {"ufw"}

    def run(self, command: Sequence[str]) -> None:
        line = " ".join(command)
        self.ran.append(line)
        if self.fails and self.fails in line:
            raise Refused(line)
        if "-m venv" in line:
            Path(command[-1]).mkdir(parents=True)
        if " restore " in line or " init " in line:
            data = Path(command[command.index("--data") + 1])
            data.mkdir(parents=True)
            (data / "ccss.json").write_text("old", encoding="utf-8")
        if "0.2.0" in command[0] and " migrate " in line:
            (Path(command[-1]) / "ccss.json").write_text("new", encoding="utf-8")

    def has(self, name: str) -> bool:
        return name in self.known

    def answers(self, port: int, version: str) -> bool:
        return version not in self.dead

    def step(self, word: str) -> int:
        """The place of the first command that holds a word."""
        return next(number for number, line in enumerate(self.ran) if word in line)


def a_bundle(root: Path, version: str = "0.2.0") -> Bundle:
    (root / "wheels").mkdir(parents=True)
    (root / "wheels" / "pip-26.3-py3-none-any.whl").write_bytes(b"pip")
    raw = {"version": version, "platform": "linux", "pythons": ["3.11"], "files": {}}
    (root / "MANIFEST.json").write_text(json.dumps(raw), encoding="utf-8")
    return Bundle.read(root)


class House:
    """A home with version 0.1.0 and data, and a bundle of 0.2.0."""

    def __init__(self, root: Path) -> None:
        self.tools = FakeTools()
        self.home = Home(root / "home", windows=False)
        self.data = root / "var" / "data"
        self.units = root / "units"
        self.said: list[str] = []
        self.bundle = a_bundle(root / "bundle")
        self.old = Installed(version="0.1.0", data=str(self.data), user="")
        for folder in (self.home.venv(self.old), self.data / "backups", self.units):
            folder.mkdir(parents=True)
        (self.data / "ccss.json").write_text("old", encoding="utf-8")
        self.home.use(self.old)
        self.machine = Linux(self.tools, self.units)

    @property
    def update(self) -> Update:
        return Update(self.bundle, self.home, self.machine, self.tools, self.said.append)

    def stands_as_before(self) -> bool:
        """The old version on the old data, in use and started last."""
        return (
            self.home.installed() == self.old
            and (self.data / "ccss.json").read_text(encoding="utf-8") == "old"
            and (self.data / "backups").is_dir()
            and not self.home.venv(self.old.of("0.2.0")).exists()
            and self.home.noted() is None
            and self.tools.ran[-1] == "systemctl restart ccss"
            and "venv-0.1.0" in (self.units / "ccss.service").read_text(encoding="utf-8")
        )


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def test_an_update_backs_up_before_it_changes_anything(house: House) -> None:
    house.update.run(NOW)
    steps = ["-m venv", "--no-index", "systemctl stop", "venv-0.1.0/bin/ccss backup", "venv-0.2.0/bin/ccss migrate"]
    steps += ["venv-0.2.0/bin/ccss doctor", "systemctl restart"]
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
    "fails", ["venv-0.1.0/bin/ccss backup", "venv-0.2.0/bin/ccss migrate", "venv-0.2.0/bin/ccss doctor"]
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
    house.home.note({"backup": str(house.data.parent / BACKUP), "new": "0.2.0", "changed": True, "aside": "x"})
    with pytest.raises(Refused, match="--take-back"):
        house.update.run(NOW)
    assert house.tools.ran == []
    (house.data / "ccss.json").write_text("half", encoding="utf-8")
    house.update.take_back()
    assert house.stands_as_before()


def test_the_same_version_is_no_update(house: House) -> None:
    house.home.use(house.old.of("0.2.0"))
    with pytest.raises(Refused, match=r"0\.2\.0"):
        house.update.run(NOW)


def test_older_programs_go_and_the_previous_ones_stay(house: House) -> None:
    (house.home.root / "venv-0.0.9").mkdir()
    house.update.run(NOW)
    assert sorted(path.name for path in house.home.root.glob("venv-*")) == ["venv-0.1.0", "venv-0.2.0"]


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
    assert tools.ran[-1] == "systemctl restart ccss"
    assert home.installed() == wanted
    with pytest.raises(Refused, match="--update"):
        install(bundle, home, wanted, Linux(tools, tmp_path / "units"), tools, lambda _: None)


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
    assert (home.root / "ccss.cmd").read_bytes().endswith(b"%*\r\n")
