"""The grading service as this server's own child: started, started again when it dies, ended with its parent."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol

import structlog

from server.adapters.grading_http import GradingHttp
from server.core.errors import NotFound
from server.core.grading import read_token

START_S = 60
STOP_S = 8
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30
STEADY_S = 30
"""Whoever lived so long may be started again at once."""
_FLUSH = 64 * 1024

log = structlog.get_logger()


class GradingLink(Protocol):
    """Where the grading service is, and the adapter that leads there."""

    @property
    def service(self) -> GradingHttp:
        """The adapter."""
        ...

    def address(self) -> tuple[str, str] | None:
        """URL and token, or None while nobody serves."""
        ...

    def start(self) -> None:
        """To be called once the server itself serves: a restart after a crash must not wait for this."""
        ...


class RemoteGrading:
    """A grading service on another host; it is started there."""

    def __init__(self, url: str, token_file: Path) -> None:
        """Raises NotFound if there is no token in the file."""
        self._url, self._token_file = url.rstrip("/"), token_file
        self._token = read_token(token_file)
        self.service = GradingHttp(self.address)

    def address(self) -> tuple[str, str] | None:
        """URL and token, as it stands in the file now: a wrong one is mended without a restart."""
        with contextlib.suppress(NotFound, OSError, ValueError):
            self._token = read_token(self._token_file)
        return self._url, self._token

    def start(self) -> None:
        """Nothing to start."""


class ChildGrading:
    """A child process on a loopback port that the system chooses. The pipe to it is what keeps it alive."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._address: tuple[str, str] | None = None
        self._task: asyncio.Task[None] | None = None
        self.service = GradingHttp(self.address)

    def address(self) -> tuple[str, str] | None:
        """URL and token, or None while the child is not up."""
        return self._address

    def start(self) -> None:
        """Keep a child running from now on."""
        self._task = asyncio.create_task(self._supervise(), name="grading.process")

    async def stop(self) -> None:
        """End the child."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _supervise(self) -> None:
        loop, pause_s = asyncio.get_running_loop(), FIRST_PAUSE_S
        while True:
            began = loop.time()
            try:
                code = await self._live()
                log.warning("grading.ended", code=code)
            except Exception:
                log.exception("grading.not_started")
            pause_s = FIRST_PAUSE_S if loop.time() - began > STEADY_S else min(pause_s * 2, LONGEST_PAUSE_S)
            await asyncio.sleep(pause_s)

    async def _live(self) -> int:
        """One child from its start to its end; returns its exit code."""
        # -P: whatever lies in the working folder must not be taken for a package of ours.
        command = [sys.executable, "-P", "-c", "from grading.process import main; main()", str(self._folder)]
        child = await asyncio.create_subprocess_exec(
            *command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
        )
        assert child.stdout is not None
        try:
            async with asyncio.timeout(START_S):
                line = (await child.stdout.readline()).decode().strip()
            if line.startswith("http://"):
                self._address = (line, read_token(self._folder / "token"))
                log.info("grading.started", child=child.pid)
            while await child.stdout.read(_FLUSH):  # nothing more is said; a full pipe would stop it
                pass
            return await child.wait()
        finally:
            self._address = None
            await _end(child)


async def _end(child: asyncio.subprocess.Process) -> None:
    """Close the pipe, and so ask it to leave; kill it if it does not."""
    assert child.stdin is not None
    child.stdin.close()
    try:
        async with asyncio.timeout(STOP_S):
            await child.wait()
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        await child.wait()


@asynccontextmanager
async def grading_link(folder: Path, url: str = "", token_file: Path | None = None) -> AsyncIterator[GradingLink]:
    """The grading service at `url`, or a child with its data in `folder`; raises NotFound if a token is missing."""
    if url:
        remote = RemoteGrading(url, token_file or folder / "token")
        try:
            yield remote
        finally:
            await remote.service.close()
        return
    child = ChildGrading(folder)
    try:
        yield child
    finally:
        await child.stop()
        await child.service.close()
