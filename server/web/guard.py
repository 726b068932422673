"""ASGI guard around everything: request id, CSRF, body limit, security headers."""

import secrets
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.core.errors import Problem, TooLarge
from server.web.problems import Malformed, problem_response

MAX_BODY_BYTES = 1_000_000
CSRF_HEADER = "x-ccss"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "media-src 'self' blob:; connect-src 'self'; object-src 'none'; base-uri 'none'; "
    "frame-ancestors 'none'; form-action 'self'"
)
_HEADERS = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}


class Guard:
    """Refuses what no route should have to think about."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, or one WebSocket."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        scope.setdefault("state", {})["request_id"] = secrets.token_hex(8)
        if scope["type"] == "websocket":
            await self._app(scope, receive, send)
            return
        sender = _with_headers(send, scope["state"]["request_id"])
        headers = Headers(scope=scope)
        problem = _refusal(scope, headers)
        if problem is not None:
            await problem_response(Request(scope), problem)(scope, receive, sender)
            return
        await self._app(scope, _limited(receive), sender)


def same_origin(connection: HTTPConnection) -> bool:
    """Whether the request comes from a page of this server, as far as the browser says."""
    origin = connection.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == connection.headers.get("host")


def _refusal(scope: Scope, headers: Headers) -> Problem | None:
    if scope["method"] not in _SAFE and (CSRF_HEADER not in headers or not same_origin(HTTPConnection(scope))):
        return Malformed()
    length = headers.get("content-length", "0")
    if not length.isascii() or not length.isdigit():
        return Malformed()
    return TooLarge() if int(length) > MAX_BODY_BYTES else None


def _limited(receive: Receive) -> Receive:
    """A body without a length must not grow without bound either."""
    seen = 0

    async def limited() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > MAX_BODY_BYTES:
            raise TooLarge
        return message

    return limited


def _with_headers(send: Send, request_id: str) -> Callable[[Message], Awaitable[None]]:
    async def sender(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
            headers["x-request-id"] = request_id
            if "cache-control" not in headers:
                headers["cache-control"] = "no-store"
        await send(message)

    return sender
