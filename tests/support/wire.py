"""A cable between a page and the server that can be pulled: every connection over it breaks, no new one comes up."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Self
from urllib.parse import urlsplit

BLOCK = 65_536


class Wire:
    """A TCP proxy for one seat; `url` is where the seat finds the server."""

    def __init__(self, target: str) -> None:
        parts = urlsplit(target)
        self._host, self._port = parts.hostname, parts.port
        self._cut = False
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.url = ""

    @classmethod
    @asynccontextmanager
    async def to(cls, target: str) -> AsyncIterator[Self]:
        """A wire to the server at `target`, a URL; gone with everything on it afterwards."""
        wire = cls(target)
        server = await asyncio.start_server(wire._serve, "127.0.0.1", 0)
        wire.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield wire
        finally:
            server.close()
            wire.cut(True)
            await asyncio.gather(*wire._tasks, return_exceptions=True)

    def cut(self, away: bool) -> None:
        """Pull it, or plug it in again."""
        self._cut = away
        if away:
            for writer in self._open:
                writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self._open.add(writer)
        far: asyncio.StreamWriter | None = None
        try:
            if not self._cut:
                back, far = await asyncio.open_connection(self._host, self._port)
                self._open.add(far)
                await asyncio.gather(_carry(reader, far), _carry(back, writer))
        except OSError:  # the server is not there
            pass
        finally:
            for end in (writer, far):
                if end is not None:
                    self._open.discard(end)
                    end.transport.abort()


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(BLOCK):
            writer.write(data)
            await writer.drain()
    writer.transport.abort()
