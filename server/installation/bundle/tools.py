"""What reaches out of the installer: commands, the server's own answer, the disk, and waiting."""

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from .contents import Refused
from .home import Installed

START_S = 90
"""How long a start may take, seconds; on an old disk the first one reads everything."""
_LOOPBACK = {"0.0.0.0": "127.0.0.1", "::": "::1"}


class Tools(Protocol):
    """What reaches out of this program."""

    def run(self, command: Sequence[str]) -> None:
        """Run a command to its end; raises Refused if it fails."""
        ...

    def has(self, name: str) -> bool:
        """Whether there is such a command."""
        ...

    def answers(self, installed: Installed) -> bool:
        """Whether this very version answers on this machine, soon."""
        ...

    def serves(self, installed: Installed) -> bool:
        """Whether a server answers there right now, whichever version, or still holds the data folder."""
        ...

    def free(self, place: Path) -> int:
        """Bytes of room."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class RealTools:
    """The machine's own."""

    def run(self, command: Sequence[str]) -> None:
        """Its output goes where ours goes."""
        try:
            code = subprocess.run(list(command), check=False).returncode
        except OSError as error:
            raise Refused(f"无法运行 (can't run) {command[0]}: {error}") from error
        if code:
            raise Refused(f"命令失败，退出码 {code} (command failed): {' '.join(command)}")

    def has(self, name: str) -> bool:
        """By the search path."""
        return shutil.which(name) is not None

    def answers(self, installed: Installed) -> bool:
        """By /healthz, until START_S have gone by."""
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            if _version_at(healthz(installed)) == installed.version:
                return True
            self.sleep(0.5)
        return False

    def serves(self, installed: Installed) -> bool:
        """By /healthz, then by the lock."""
        return _version_at(healthz(installed)) is not None or _locked(Path(installed.data) / "ccss.lock")

    def free(self, place: Path) -> int:
        """As the system tells."""
        return shutil.disk_usage(place).free

    def sleep(self, seconds: float) -> None:
        """By the clock."""
        time.sleep(seconds)


def healthz(installed: Installed) -> str:
    """Where a server is asked by its own machine whether it serves: it may listen on one address only."""
    host = _LOOPBACK.get(installed.host, installed.host)
    return f"http://{f'[{host}]' if ':' in host else host}:{installed.port}/healthz"


def _version_at(url: str) -> str | None:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(url, timeout=5) as answer:
            body: dict[str, Any] = json.load(answer)
            return str(body["version"])
    except (OSError, ValueError, KeyError, TypeError, urllib.error.URLError):
        return None


def _locked(path: Path) -> bool:
    """Whether a process holds a lock file; elsewhere than on Windows the service manager waits for its end."""
    if sys.platform == "win32":
        import msvcrt

        try:
            handle = os.open(path, os.O_RDWR)
        except FileNotFoundError:
            return False
        except OSError:
            return True
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
            msvcrt.locking(handle, msvcrt.LK_UNLCK, 1)
        except OSError:
            return True
        finally:
            os.close(handle)
    return False
