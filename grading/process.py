"""The grading service as a process: one folder, one port, until it is told to stop or its starter is gone."""

import argparse
import asyncio
import contextlib
import os
import socket
import sys
import threading
from pathlib import Path

import uvicorn
from filelock import FileLock

from grading.app import create_application
from grading.folder import GradingFolder
from server.logs import configure_logs

LOCK_S = 30
"""How long a new process waits for the one before to leave the folder."""


def serve(folder: GradingFolder, host: str = "127.0.0.1", port: int = 0, *, tied: bool = False) -> None:
    """Serve until asked to stop; the first line of stdout is the address. `tied`: the end of stdin is the end.

    Raises filelock.Timeout if another process keeps the folder, OSError for a port that is taken.
    """
    folder.root.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (
        contextlib.suppress(KeyboardInterrupt),
        FileLock(folder.lock, timeout=LOCK_S),
        _listening(host, port) as listener,
    ):
        folder.prepare()
        asyncio.run(_serve(folder, listener, tied))


async def _serve(folder: GradingFolder, listener: socket.socket, tied: bool) -> None:
    config = uvicorn.Config(
        create_application(folder),
        log_config=None,
        access_log=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=3,
        server_header=False,
    )
    server = _Server(config, listener)
    if tied:
        loop = asyncio.get_running_loop()
        threading.Thread(target=_wait_for_end, args=(loop, server), name="stdin", daemon=True).start()
    await server.serve(sockets=[listener])


class _Server(uvicorn.Server):
    """Says where it serves once it does."""

    def __init__(self, config: uvicorn.Config, listener: socket.socket) -> None:
        super().__init__(config)
        self._listener = listener

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """The address is the first line of stdout."""
        await super().startup(sockets)
        if self.started:
            host, port = self._listener.getsockname()[:2]
            shown = f"[{host}]" if ":" in host else host
            try:
                sys.stdout.write(f"http://{shown}:{port}\n")
                sys.stdout.flush()
            except BrokenPipeError:  # the starter has ended already
                self.should_exit = True


def _wait_for_end(loop: asyncio.AbstractEventLoop, server: uvicorn.Server) -> None:
    """Stdin is a pipe that the starter holds: it ends with the starter, whatever ends that."""
    with contextlib.suppress(ValueError, OSError):
        # Not through sys.stdin: a thread inside its buffer makes the interpreter abort at its own end.
        while os.read(0, 4096):
            pass

    def stop() -> None:
        server.should_exit = True

    with contextlib.suppress(RuntimeError):  # the loop has ended first
        loop.call_soon_threadsafe(stop)


def _listening(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    if sys.platform != "win32":  # on Windows the option would let two servers share a port
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(128)
    except OSError:
        listener.close()
        raise
    return listener


def main() -> None:
    """The child of a server: `python -c … FOLDER`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    configure_logs()
    serve(GradingFolder(parser.parse_args().folder), tied=True)
