"""ASGI guard around everything: request id, CSRF, body limit, security headers, and who may come in plainly."""

import secrets
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.core.errors import Problem, TooLarge
from server.core.text import Text
from server.installation.trust import Entrance
from server.web.problems import Malformed, problem_response
from server.web.uploads import limit_of

MAX_BODY_BYTES = 1_000_000
CSRF_HEADER = "x-ccss"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "media-src 'self' blob:; connect-src 'self'; object-src 'none'; base-uri 'none'; "
    "frame-ancestors 'none'; form-action 'self'"
)
# No strict-transport-security: browsers would keep it for months, and at the same address may stand the server of
# another installation next month, without TLS or with another authority.
_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}


class HttpsRequired(Problem):
    """Work over plain HTTP from another machine; `secure_url` is where it goes on."""

    status = 403
    code = "https-required"
    title = Text(zh="请改用 https 地址", en="Use the https address")


class Guard:
    """Refuses what no route should have to think about. `entrance` is there while TLS is served."""

    def __init__(self, app: ASGIApp, entrance: Entrance | None = None) -> None:
        self._app = app
        self._entrance = entrance

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, or one WebSocket."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        scope.setdefault("state", {})["request_id"] = secrets.token_hex(8)
        headers = Headers(scope=scope)
        plain = self._entrance if scope["scheme"] in ("http", "ws") else None
        verdict = plain.verdict(_client(scope), scope.get("method", ""), scope["path"]) if plain else "serve"
        if scope["type"] == "websocket":
            if verdict == "serve":
                await self._app(scope, receive, send)
            else:
                await send({"type": "websocket.close", "code": 1008})
            return
        asked = headers.get("host", "")
        sender = _with_headers(send, scope["state"]["request_id"], plain.secure_origin(asked) if plain else "")
        if plain and verdict == "to_trust":
            query = scope["query_string"].decode("latin-1")
            wanted = scope["path"] + (f"?{query}" if query else "")
            await RedirectResponse(plain.trust_page(wanted), 307)(scope, receive, sender)
            return
        problem = _not_plainly(plain, asked) if plain and verdict == "refuse" else _refusal(scope, headers)
        if problem is not None:
            await problem_response(Request(scope), problem)(scope, receive, sender)
            return
        await self._app(scope, _limited(receive, limit_of(scope["path"], MAX_BODY_BYTES)), sender)


def same_origin(connection: HTTPConnection) -> bool:
    """Whether the request comes from a page of this server, as far as the browser says."""
    origin = connection.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == connection.headers.get("host")


def _client(scope: Scope) -> str:
    return str(scope["client"][0]) if scope.get("client") else ""


def _not_plainly(plain: Entrance, asked: str) -> Problem:
    url = plain.secure_url(asked)
    return HttpsRequired(
        Text(
            zh=f"其他电脑请使用 {url}；第一次使用先打开 {plain.plain_url(asked)}/trust",
            en=f"From another machine use {url}; the first time open {plain.plain_url(asked)}/trust",
        ),
        secure_url=url,
    )


def _refusal(scope: Scope, headers: Headers) -> Problem | None:
    if scope["method"] not in _SAFE and (CSRF_HEADER not in headers or not same_origin(HTTPConnection(scope))):
        return Malformed()
    length = headers.get("content-length", "0")
    if not length.isascii() or not length.isdigit():
        return Malformed()
    return TooLarge() if int(length) > limit_of(scope["path"], MAX_BODY_BYTES) else None


def _limited(receive: Receive, most: int) -> Receive:
    """A body without a length must not grow without bound either."""
    seen = 0

    async def limited() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > most:
            raise TooLarge
        return message

    return limited


def _with_headers(send: Send, request_id: str, secure_origin: str = "") -> Callable[[Message], Awaitable[None]]:
    """`secure_origin` is what a plain page may also ask, to find out whether this machine trusts it."""
    policy = _POLICY.replace("connect-src 'self'", f"connect-src 'self' {secure_origin}".rstrip())

    async def sender(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.setdefault("content-security-policy", policy)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
            headers["x-request-id"] = request_id
            if "cache-control" not in headers:
                headers["cache-control"] = "no-store"
        await send(message)

    return sender
