"""One media worker as a process: its command, its file of state, its start; it belongs to nobody's session."""

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field, ValidationError

from server.core.frozen import Frozen
from server.version import VERSION

LOG_BYTES = 2_000_000
"""A log longer than this begins anew with the next worker."""


def worker_command(module: str) -> tuple[str, ...]:
    """What starts a worker of a contest module.

    -P: whatever lies in the working folder must not be taken for a package of ours.
    """
    return (sys.executable, "-P", "-m", f"{module}.worker")


class WorkerState(Frozen):
    """What a worker says of itself in its file, once it listens; another version may say more."""

    model_config = Frozen.model_config | {"extra": "ignore"}

    port: int = Field(ge=1, le=65535)
    pid: int
    token: str = Field(min_length=1)
    worker_id: str


@dataclass(frozen=True, slots=True)
class MediaFolder:
    """Where the media of a data folder lies."""

    root: Path

    @property
    def journals(self) -> Path:
        """RTP journals, by attempt and call."""
        return self.root / "journals"

    @property
    def workers(self) -> Path:
        """A file a worker, by number, with its log beside it."""
        return self.root / "workers"

    def state_file(self, number: int) -> Path:
        """Where a worker says how to reach it."""
        return self.workers / f"{number}.json"

    def make(self) -> None:
        """Make what isn't there."""
        for folder in (self.journals, self.workers):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def numbers(self) -> list[int]:
        """Numbers of the workers that have a file."""
        return sorted(int(path.stem) for path in self.workers.glob("*.json") if path.stem.isdecimal())

    def state(self, number: int) -> WorkerState | None:
        """What a worker says of itself; None if it says nothing that can be read."""
        try:
            return WorkerState.model_validate_json(self.state_file(number).read_bytes())
        except (OSError, ValidationError):
            return None

    def of_today(self, number: int) -> bool:
        """Whether a worker was started by a server of this version."""
        try:
            return self._version_file(number).read_text(encoding="utf-8") == VERSION
        except OSError:
            return False

    def _version_file(self, number: int) -> Path:
        return self.workers / f"{number}.version"

    def forget(self, number: int, state: WorkerState | None = None) -> None:
        """Remove a worker's file, if it still is that worker's."""
        if state is None or self.state(number) == state:
            self.state_file(number).unlink(missing_ok=True)

    def start(self, number: int, command: Sequence[str], addresses: Sequence[str]) -> "subprocess.Popen[bytes]":
        """Start a worker that outlives this process; raises OSError."""
        self.make()
        path = self.workers / f"{number}.log"
        fresh = path.is_file() and path.stat().st_size > LOG_BYTES
        self._version_file(number).write_text(VERSION, encoding="utf-8")
        words = [*command, "--folder", str(self.workers), "--number", str(number), "--journals", str(self.journals)]
        for address in addresses:
            words += ["--address", address]
        with path.open("wb" if fresh else "ab") as log:
            return subprocess.Popen(
                words,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
                cwd=self.root,
                env=os.environ | {"PYTHONUTF8": "1"},
                # Neither Ctrl-C nor the end of a terminal reaches it: calls go on while the server starts anew.
                start_new_session=os.name != "nt",
                creationflags=_windows_flags(),
            )


def _windows_flags() -> int:
    if sys.platform == "win32":
        return subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
    return 0
