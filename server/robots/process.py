"""The robots' own process, as whoever starts it holds it: it ends with its starter, whatever ends that."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

_STOP_S = 10


class RobotsProcess:
    """A child that lets robots sit; a context manager. The pipe to it is what keeps it alive."""

    def __init__(self, arguments: Sequence[str | Path], reports: bool = False) -> None:
        """`arguments` are those of the hidden command `ccss robots`; `reports`: whether it will be asked for any."""
        # -P: whatever lies in the working folder must not be taken for a package of ours.
        self._command = [sys.executable, "-P", "-c", "from server.cli import app; app()", "robots"]
        self._command += [str(argument) for argument in arguments]
        self._reports = reports
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE if self._reports else subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        process, self._process = self._process, None
        assert process is not None
        try:
            # Closes the pipes, and so asks it to leave.
            process.communicate(timeout=_STOP_S)
        except (subprocess.TimeoutExpired, KeyboardInterrupt):
            process.kill()
            process.communicate()

    @property
    def pid(self) -> int:
        """The child's process id."""
        assert self._process is not None
        return self._process.pid

    def begin(self) -> None:
        """Start new statistics."""
        self._say("begin")

    def report(self) -> dict[str, Any]:
        """What the robots lived through since."""
        self._say("report")
        assert self._process is not None
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the robots have gone")
        report: dict[str, Any] = json.loads(line)
        return report

    def _say(self, word: str) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(f"{word}\n")
        self._process.stdin.flush()
