"""Files of tasks as answers: byte ranges, and no more at a time than the loop can send beside its other work."""

import asyncio
from pathlib import Path

from fastapi.responses import FileResponse
from starlette.types import Receive, Scope, Send

AT_ONCE = 12
"""Files being sent. At a start every place asks for its first recording; saves and the board must not wait."""

_sending = asyncio.Semaphore(AT_ONCE)


FOR_EVER = "private, max-age=86400, immutable"
ASK_AGAIN = "private, no-cache"


class TaskFile(FileResponse):
    """A file that never changes, since its address holds its SHA-256; one that may is cached as `ASK_AGAIN`."""

    # A recording is about 200 kB: read at once, not in four turns of a thread.
    chunk_size = 512 * 1024

    def __init__(self, path: Path, media_type: str, cache: str = FOR_EVER) -> None:
        super().__init__(path, media_type=media_type, headers={"cache-control": cache})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it when its turn has come."""
        async with _sending:
            await super().__call__(scope, receive, send)
