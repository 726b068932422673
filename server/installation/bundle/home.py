"""Where CCSS is installed: one virtual environment a version, and `install.json`, which says which one is in use."""

import json
import os
import sys
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from .contents import Bundle, Refused

STATE = "install.json"
UPDATING = "updating.json"


@dataclass(frozen=True)
class Installed:
    """What is installed, and how it runs."""

    version: str
    data: str
    host: str = "0.0.0.0"
    port: int = 8000
    tls_port: int = 8443
    user: str = ""
    """The account that the server runs as; empty for whoever starts it."""
    service: bool = True

    @property
    def venv(self) -> str:
        """The name of its virtual environment."""
        return f"venv-{self.version}"

    def of(self, version: str) -> "Installed":
        """The same, with another version in use."""
        return replace(self, version=version)


@dataclass(frozen=True)
class Home:
    """The folder of the programs; the data folder lies elsewhere."""

    root: Path
    windows: bool = sys.platform == "win32"

    def installed(self) -> Installed:
        """Raises Refused if nothing is installed here."""
        try:
            return Installed(**json.loads((self.root / STATE).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError) as error:
            raise Refused(f"{self.root} 中没有安装 CCSS (CCSS is not installed here): {error}") from error

    @property
    def exists(self) -> bool:
        """Whether CCSS is installed here."""
        return (self.root / STATE).is_file()

    def use(self, installed: Installed) -> None:
        """Make this version the one in use: for the next update, and for people who type `ccss`."""
        if self.windows:
            # %~dp0: cmd reads the file in the machine's code page, which may lack what stands in the path.
            write(self.root / "ccss.cmd", f'@"%~dp0{self.ccss(installed).relative_to(self.root)}" %*\r\n')
        else:
            write(self.root / "ccss", self._script(installed), mode=0o755)
        write(self.root / STATE, json.dumps(asdict(installed), ensure_ascii=False, indent=2) + "\n")

    def ccss(self, installed: Installed) -> Path:
        """The command of a version."""
        return self._bin(installed) / ("ccss.exe" if self.windows else "ccss")

    def python(self, installed: Installed) -> Path:
        """The interpreter of a version."""
        return self._bin(installed) / ("python.exe" if self.windows else "python")

    def venv(self, installed: Installed) -> Path:
        """The virtual environment of a version."""
        return self.root / installed.venv

    def others(self, *kept: Installed) -> list[Path]:
        """Virtual environments of other versions than these."""
        names = {one.venv for one in kept}
        return [path for path in sorted(self.root.glob("venv-*")) if path.name not in names]

    def note(self, updating: dict[str, Any]) -> None:
        """Keep what an update needs to be taken back, in case the power fails."""
        write(self.root / UPDATING, json.dumps(updating))

    def noted(self) -> dict[str, Any] | None:
        """What an update that was cut off had kept."""
        try:
            noted: dict[str, Any] = json.loads((self.root / UPDATING).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        return noted

    def forget(self) -> None:
        """The update is over."""
        (self.root / UPDATING).unlink(missing_ok=True)

    def commands(self, bundle: Bundle, installed: Installed) -> list[list[str]]:
        """What makes a virtual environment from the bundle alone, every wheel by its hash."""
        install = [str(self.python(installed)), str(bundle.pip / "pip"), "--isolated", "install", "--quiet"]
        install += ["--no-index", "--find-links", str(bundle.root / "wheels"), "--require-hashes"]
        install += ["--disable-pip-version-check", "--requirement", str(bundle.root / "requirements.txt")]
        return [[sys.executable, "-m", "venv", "--clear", "--without-pip", str(self.venv(installed))], install]

    def _script(self, installed: Installed) -> str:
        """Root steps down to the service's account: files that root made there could not be written by the server."""
        command = f'"{self.ccss(installed)}" "$@"'
        lines = ["#!/bin/sh"]
        if installed.user:
            lines += ['if [ "$(id -u)" = 0 ] && [ "$1" != update ]; then']
            lines += [f'  exec runuser --user "{installed.user}" -- {command}', "fi"]
        return "\n".join([*lines, f"exec {command}", ""])

    def _bin(self, installed: Installed) -> Path:
        return self.venv(installed) / ("Scripts" if self.windows else "bin")


def write(path: Path, text: str, mode: int = 0o644, encoding: str = "utf-8") -> None:
    """Write a file that is never seen half-written."""
    unfinished = path.with_name(f"{path.name}.making")
    with unfinished.open("w", encoding=encoding, newline="") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    unfinished.chmod(mode)
    unfinished.replace(path)
