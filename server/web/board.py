"""/ws/board?contest=…&stage=…: the picture of the hall, pushed to whoever watches it."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager

import anyio
import structlog
from fastapi import APIRouter
from starlette.websockets import WebSocket, WebSocketDisconnect

from server.accounts.service import log_in_topic
from server.app import Services
from server.core.errors import LoginRequired, Problem
from server.web.context import COOKIE, principal_of, services_of
from server.web.guard import same_origin
from server.web.seat import CLOSE_LOGIN, CLOSE_ORIGIN, SEND_TIMEOUT_S

router = APIRouter()
CLOSE_REFUSED = 4404
Frames = AsyncIterator[str]

log = structlog.get_logger()


@router.websocket("/ws/board")
async def board(socket: WebSocket, contest: str, stage: str | None = None) -> None:
    """Send the picture, then what changes, until the viewer leaves."""
    await socket.accept()
    if not same_origin(socket):
        await socket.close(CLOSE_ORIGIN)
        return
    services = services_of(socket)
    try:
        who = await principal_of(socket)
        watching = await services.board.watch(who, contest, stage)
    except LoginRequired:
        await socket.close(CLOSE_LOGIN)
        return
    except Problem:
        await socket.close(CLOSE_REFUSED)
        return
    try:
        await _show(socket, services, watching)
    except* (WebSocketDisconnect, TimeoutError, RuntimeError):
        log.debug("board.left", contest_id=contest)


async def _show(socket: WebSocket, services: Services, watching: "AbstractAsyncContextManager[Frames]") -> None:
    async with watching as frames, anyio.create_task_group() as tasks:

        async def until_gone() -> None:
            """Nothing is expected from a viewer; only its leaving matters."""
            while (await socket.receive())["type"] != "websocket.disconnect":
                pass
            tasks.cancel_scope.cancel()

        async def until_logged_out() -> None:
            async with services.bus.listen(log_in_topic(socket.cookies.get(COOKIE, ""))) as words:
                await anext(words)
            await socket.close(CLOSE_LOGIN)
            tasks.cancel_scope.cancel()

        tasks.start_soon(until_gone)
        tasks.start_soon(until_logged_out)
        async for text in frames:
            with anyio.fail_after(SEND_TIMEOUT_S):
                await socket.send_text(text)
