"""The machine of the bundle's installer, replaced; a home with a version in use, and a bundle of the next."""

import json
import signal
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from server.installation.bundle.contents import Bundle, Refused
from server.installation.bundle.home import Home, Installed
from server.installation.bundle.machine import Linux
from server.installation.bundle.updating import Update

NOW = datetime(2026, 5, 1, 18, 0, tzinfo=UTC)
BACKUP = "ccss-before-0.2.0-20260501-180000.zip"


class FakeTools:
    """Keeps what was run; `fails` names a word of the command that fails; a few commands leave traces on the disk."""

    def __init__(self) -> None:
        self.ran: list[str] = []
        self.fails = ""
        self.dead: set[str] = set()
        self.known = {"ufw"}
        self.signals: dict[str, int] = {}
        """What is sent to this process while a command runs, by a word of the command."""
        self.room = 1 << 40
        self.serving = 0
        """How many looks a server that was told to stop still answers."""
        self.slept = 0.0

    def run(self, command: Sequence[str]) -> None:
        line = " ".join(command)
        self.ran.append(line)
        for word, number in self.signals.items():
            if word in line:
                signal.raise_signal(number)
        if self.fails and self.fails in line:
            raise Refused(line)
        if "-m venv" in line:
            Path(command[-1]).mkdir(parents=True, exist_ok=True)
        if " restore " in line or " init " in line:
            data = Path(command[command.index("--data") + 1])
            data.mkdir(parents=True, exist_ok=True)
            (data / "ccss.json").write_text("old", encoding="utf-8")
        if "0.2.0" in command[0] and " migrate " in line:
            (Path(command[-1]) / "ccss.json").write_text("new", encoding="utf-8")

    def has(self, name: str) -> bool:
        return name in self.known

    def answers(self, installed: Installed) -> bool:
        return installed.version not in self.dead

    def serves(self, installed: Installed) -> bool:
        self.serving -= 1
        return self.serving >= 0

    def free(self, place: Path) -> int:
        return self.room

    def sleep(self, seconds: float) -> None:
        self.slept += seconds

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
