"""The real server as a process of its own: `ccss run` on a data folder, killed and started again at will."""

import asyncio
import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx2

from server.app import Services, build
from server.core.access import Role
from server.settings import DataFolder
from tests.support.papers import AUDIO, paper

START_S = 60
"""A start takes about 2 s; a busy machine without bytecode needs far more."""
POLL_S = 0.02


@dataclass(frozen=True, slots=True)
class Pass:
    """What lets one trainee in."""

    account_id: str
    token: str


@dataclass(frozen=True, slots=True)
class Furnished:
    """What was put into a data folder before the server started."""

    paper_id: str
    passes: tuple[Pass, ...]


async def furnish(services: Services, trainees: int, **changes: Any) -> Furnished:
    """Trainees who are logged in already, and the small paper."""
    await services.blobs.put(AUDIO)
    paper_id = await services.papers.add_paper(services.modules["typing_test"], paper(**changes), "lesson")
    passes = []
    for number in range(trainees):
        who = await services.accounts.create(f"trainee-{number}", f"测试学员{number}", Role.CONTESTANT, None)
        passes.append(Pass(who.account_id, await services.accounts.open_login(who)))
    return Furnished(paper_id, tuple(passes))


def furnish_folder(folder: DataFolder, trainees: int, **changes: Any) -> Furnished:
    """The same on a folder that no server uses yet."""

    async def work() -> Furnished:
        services = await build(folder)
        try:
            return await furnish(services, trainees, **changes)
        finally:
            await services.database.close()

    return asyncio.run(work())


def ccss() -> str:
    """The console script beside this interpreter."""
    found = shutil.which("ccss", path=str(Path(sys.executable).parent))
    if found is None:
        raise RuntimeError("no ccss beside the interpreter: run `uv sync`")
    return found


def environment() -> dict[str, str]:
    """A child's environment: like any installed server it may keep bytecode, so that only its first start compiles."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1"}


def run_ccss(*arguments: str | Path, timeout_s: float = START_S) -> subprocess.CompletedProcess[str]:
    """A `ccss` command from beginning to end."""
    command = [ccss(), *(str(argument) for argument in arguments)]
    return subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", timeout=timeout_s, env=environment(), check=False
    )


class ServerProcess:
    """One data folder's server, without a grading service and media workers unless told so.

    Leaves no process behind but media workers, which outlive a killed server: `tests.support.media.end_workers`.
    """

    def __init__(
        self, folder: DataFolder, arguments: Sequence[str] = (), *, graded: bool = False, media: bool = False
    ) -> None:
        self.folder = folder
        self.url = ""
        self.secure_url = ""
        """Over TLS, if the arguments ask for it."""
        self.exec_ns = 0
        """Monotonic time at which the process was last started."""
        off = [option for option, on in (("--no-grading", graded), ("--no-media", media)) if not on]
        self._arguments = (*arguments, *off)
        self._port = 0
        self._process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None
        self._log = folder.root.with_name(f"{folder.root.name}.stderr")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    @property
    def pid(self) -> int:
        """The running process's id."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start and wait until the server answers; a later start takes the same port, so that clients come back."""
        self.launch()
        deadline = time.monotonic() + START_S
        with httpx2.Client(trust_env=False) as http:
            while True:
                try:
                    http.get(f"{self.url}/healthz", timeout=5).raise_for_status()
                    return
                except httpx2.HTTPError:
                    if time.monotonic() > deadline:
                        raise
                    time.sleep(POLL_S)

    def launch(self) -> None:
        """Start and return as soon as the server says its address."""
        assert self._process is None
        command = [ccss(), "run", "--data", str(self.folder.root), "--port", str(self._port), *self._arguments]
        self.exec_ns = time.monotonic_ns()
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=log, text=True, encoding="utf-8", env=environment()
            )
        said: queue.Queue[str] = queue.Queue()
        self._reader = threading.Thread(target=_pass_on, args=(self._process, said), daemon=True)
        self._reader.start()
        try:
            line = said.get(timeout=START_S)
        except queue.Empty:
            line = ""
        if "http://" not in line:
            raise RuntimeError(f"the server did not start: {line!r}\n{self.log()}")
        self.url = line.split()[-1]
        self.secure_url = next((word for word in line.split() if word.startswith("https://")), "")
        self._port = int(self.url.rsplit(":", 1)[1])

    def kill(self) -> None:
        """`kill -9`; harmless if nothing runs."""
        self._end(lambda process: process.kill())

    def stop(self) -> int:
        """Ask it to leave, and return its exit code."""
        return self._end(lambda process: process.send_signal(signal.SIGINT if os.name != "nt" else signal.SIGTERM))

    def restart(self) -> None:
        """`kill -9`, then start again on the same folder and port."""
        self.kill()
        self.start()

    def log(self) -> str:
        """Everything that was written to stderr so far, by all starts."""
        return self._log.read_text(encoding="utf-8", errors="replace") if self._log.exists() else ""

    def _end(self, ask: Any) -> int:
        process, self._process = self._process, None
        if process is None:
            return 0
        if process.poll() is None:
            ask(process)
        try:
            code = process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            code = process.wait()
        assert self._reader is not None
        self._reader.join()
        assert process.stdout is not None
        process.stdout.close()
        return code


def _pass_on(process: "subprocess.Popen[str]", said: "queue.Queue[str]") -> None:
    """Read stdout to its end, so that the pipe never fills; an empty line says that it has ended."""
    assert process.stdout is not None
    for line in process.stdout:
        said.put(line)
    said.put("")
