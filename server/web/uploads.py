"""Large bodies: read after the asker is known, and never beyond the route's limit."""

import re

from starlette.requests import Request

from server.core.errors import TooLarge
from server.core.text import Text

_STREAMED = re.compile(r"/api/v1/bank/(import|tasks/[^/]+/(parts/[^/]+/recording|pictures))")
STREAMED_BYTES = 60_000_000
"""The most that the guard lets through where a route reads its body itself; each route says its own limit."""


def limit_of(path: str, otherwise: int) -> int:
    """The most bytes that a request to this path may have."""
    return STREAMED_BYTES if _STREAMED.fullmatch(path) else otherwise


async def read_body(request: Request, most: int) -> bytes:
    """The whole body; raises TooLarge beyond `most` bytes."""
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > most:
            said = f"{most // 1_000_000} MB" if most >= 1_000_000 else f"{most // 1_000} kB"
            raise TooLarge(Text(zh=f"文件不能超过 {said}", en=f"A file may have {said} at most"))
        parts.append(part)
    return b"".join(parts)
