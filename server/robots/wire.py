"""One WebSocket as a browser has it, without a task of its own: what comes is handed over in a plain call."""

import asyncio
import contextlib
import ssl
from collections.abc import Callable
from typing import Any, Self
from urllib.parse import urlsplit

from websockets.client import ClientProtocol
from websockets.exceptions import ConnectionClosed, InvalidState, WebSocketException
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory
from websockets.frames import Frame, Opcode
from websockets.http11 import Response
from websockets.uri import parse_uri

OPEN_S = 30
"""Longest that a handshake may take."""


class Wire(asyncio.Protocol):
    """One connection; `closed` is done when it has ended, with the close code if there was one."""

    def __init__(self, url: str, headers: dict[str, str], take: Callable[[str], None]) -> None:
        loop = asyncio.get_running_loop()
        # A browser offers compression, and so do robots: what it costs the server belongs to every figure.
        deflate = ClientPerMessageDeflateFactory(client_max_window_bits=12, compress_settings={"memLevel": 5})
        self._protocol = ClientProtocol(parse_uri(url), extensions=[deflate], max_size=None)
        self._headers = headers
        self._take = take
        self._parts: list[bytes] = []
        self._transport: Any = None
        self._opened: asyncio.Future[None] = loop.create_future()
        self.closed: asyncio.Future[int | None] = loop.create_future()

    @classmethod
    async def open(
        cls, url: str, headers: dict[str, str], trust: ssl.SSLContext | None, take: Callable[[str], None]
    ) -> Self:
        """Connect; raises OSError, TimeoutError, WebSocketException. `take` gets every text that comes."""
        parts = urlsplit(url)
        assert parts.hostname is not None
        secure = parts.scheme == "wss"
        async with asyncio.timeout(OPEN_S):
            transport, wire = await asyncio.get_running_loop().create_connection(
                lambda: cls(url, headers, take),
                parts.hostname,
                parts.port or (443 if secure else 80),
                ssl=trust if secure else None,
            )
            try:
                await wire._opened
            except BaseException:
                transport.abort()
                raise
        return wire

    def send(self, text: str) -> None:
        """Send one text; what the line can't take any more is lost with it."""
        with contextlib.suppress(InvalidState, ConnectionClosed):
            self._protocol.send_text(text.encode())
            self._flush()

    def cut(self) -> None:
        """Lose the line without a word."""
        if self._transport is not None:
            self._transport.abort()

    # --- asyncio.Protocol ----------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the upgrade."""
        self._transport = transport
        request = self._protocol.connect()
        request.headers.update(self._headers)
        self._protocol.send_request(request)
        self._flush()

    def data_received(self, data: bytes) -> None:
        """Frames go to `take`; pings and closes are answered by the protocol itself."""
        self._protocol.receive_data(data)
        self._flush()
        for event in self._protocol.events_received():
            if isinstance(event, Response):
                self._upgraded()
            elif isinstance(event, Frame):
                self._frame(event)
        if self._protocol.close_expected():
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is over, for whatever reason."""
        self._protocol.receive_eof()
        if not self._opened.done():
            self._opened.set_exception(exc or ConnectionResetError("closed during the handshake"))
        if not self.closed.done():
            received = self._protocol.close_rcvd
            self.closed.set_result(None if received is None else received.code)

    def _upgraded(self) -> None:
        if self._opened.done():
            return
        if self._protocol.handshake_exc is None:
            self._opened.set_result(None)
        else:
            self._opened.set_exception(WebSocketException(str(self._protocol.handshake_exc)))

    def _frame(self, frame: Frame) -> None:
        if frame.opcode not in (Opcode.TEXT, Opcode.CONT):
            return
        if frame.fin and not self._parts:
            self._take(bytes(frame.data).decode())
            return
        self._parts.append(bytes(frame.data))
        if frame.fin:
            text, self._parts = b"".join(self._parts).decode(), []
            self._take(text)

    def _flush(self) -> None:
        for data in self._protocol.data_to_send():
            if data:
                self._transport.write(data)
            else:
                self._transport.close()
