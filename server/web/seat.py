"""/ws: the one line between a seat's page and its attempt."""

import asyncio
from dataclasses import dataclass, field

import anyio
import structlog
from fastapi import APIRouter
from pydantic import BaseModel, ValidationError
from starlette.websockets import WebSocket, WebSocketDisconnect

from agents.presence import Line
from server.accounts.service import log_in_topic
from server.app import Services
from server.attempts.runner import LOOK
from server.attempts.schemas import AttemptView
from server.attempts.service import AttemptFacts
from server.attempts.standing import StandingAttempt
from server.core.access import Principal
from server.core.contract import State
from server.core.errors import Conflict, LoginRequired, Problem, TooLarge, TooMany
from server.core.phases import AttemptState, Phase
from server.core.text import Text
from server.web.context import COOKIE, language_of, principal_of, services_of
from server.web.frames import (
    MAX_FRAME_BYTES,
    PROTOCOL,
    Acked,
    Changed,
    Hello,
    Live,
    Ping,
    Pong,
    Refused,
    SeatFrame,
    SendCommand,
    Stale,
    Welcome,
)
from server.web.guard import same_origin
from server.web.problems import Malformed, problem_body

IN_FLIGHT = 64
"""Commands of one page that may wait for their commit; then nothing more is read from it."""
BURST = 200
PER_SECOND = 50
"""Commands a page may send at once, and for ever."""
SEND_TIMEOUT_S = 20
"""A page that takes nothing for so long is cut off; it will come back by itself."""
CLOSE_LOGIN, CLOSE_ORIGIN = 4401, 4403

router = APIRouter()
log = structlog.get_logger()


@router.websocket("/ws")
async def seat(socket: WebSocket) -> None:
    """Serve one page until it leaves."""
    await socket.accept()
    if not same_origin(socket):
        await socket.close(CLOSE_ORIGIN)
        return
    try:
        who = await principal_of(socket)
    except LoginRequired:
        await socket.close(CLOSE_LOGIN)
        return
    line = SeatLine(socket, services_of(socket), who)
    try:
        await line.serve()
    except* (WebSocketDisconnect, TimeoutError):
        log.debug("seat.left", attempt_id=line.attempt_id)


class _Bucket:
    """A token bucket on a clock in ms."""

    def __init__(self, now_ms: int) -> None:
        self._tokens = float(BURST)
        self._at_ms = now_ms

    def take(self, now_ms: int) -> bool:
        """Take one token, if there is one."""
        self._tokens = min(BURST, self._tokens + (now_ms - self._at_ms) * PER_SECOND / 1000)
        self._at_ms = now_ms
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


@dataclass(slots=True)
class SeatLine:
    """One connection of one page."""

    socket: WebSocket
    services: Services
    who: Principal
    attempt_id: str = ""
    epoch: int = 0
    page: str = ""
    stale: bool = False
    facts: AttemptFacts | None = None
    shown: AttemptView | None = None
    told_of: AttemptState | None = None
    """The core's state behind what the page was last told."""
    live_of: State | None = None
    """The module's state behind what the page was last told of the task's own life."""
    live_told: str | None = None
    """What that was, as JSON."""
    line: Line | None = None
    _free: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(IN_FLIGHT))
    _sending: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def serve(self) -> None:
        """Read frames until the page leaves; push changes meanwhile."""
        bucket = _Bucket(self.services.clock.now_ms())
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._end_with_login)
            try:
                while True:
                    frame = await self._read()
                    if frame is None:
                        continue
                    match frame:
                        case Ping():
                            await self._ping(frame)
                        case Hello():
                            first = not self.attempt_id
                            if await self._hello(frame) and first:
                                tasks.start_soon(self._push)
                        case SendCommand():
                            if not bucket.take(self.services.clock.now_ms()):
                                await self._refuse(frame.id, TooMany())
                                continue
                            await self._free.acquire()
                            tasks.start_soon(self._command, frame)
            finally:
                self._leave()
                tasks.cancel_scope.cancel()

    async def _ping(self, ping: Ping) -> None:
        now_ms = self.services.clock.now_ms()
        if self.line is not None:
            self.services.presence.said(
                self.line,
                now_ms,
                wall_ms=ping.wall_ms,
                rtt_ms=ping.rtt_ms,
                queued=ping.queued,
                unsent_ms=ping.unsent_ms,
                ends_ms=ping.ends_ms,
            )
        await self._send(Pong(sent=ping.sent, server_ms=now_ms))

    def _leave(self) -> None:
        """The page is at work here no more: gone, or stale."""
        if self.line is not None:
            self.services.presence.leave(self.line)
            self.line = None

    async def _read(self) -> Hello | SendCommand | Ping | None:
        """The next frame; a bad one is refused and skipped."""
        message = await self.socket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1005), message.get("reason"))
        text = message.get("text")
        if text is None:
            await self._refuse(None, Malformed(Text(zh="只接受文本帧", en="Text frames only")))
            return None
        if len(text.encode()) > MAX_FRAME_BYTES:
            await self._refuse(None, TooLarge())
            return None
        try:
            return SeatFrame.model_validate_json(text).root
        except (ValidationError, RecursionError):
            await self._refuse(None, Malformed(Text(zh="无法识别的消息", en="Unknown frame")))
            return None

    async def _hello(self, hello: Hello) -> bool:
        if hello.protocol != PROTOCOL:
            await self._refuse(None, Conflict(Text(zh="页面版本已旧，请刷新", en="Old page: please reload")))
            return False
        if self.attempt_id and self.attempt_id != hello.attempt_id:
            await self._refuse(None, Conflict(Text(zh="一条连接只能作答一份", en="One attempt a connection")))
            return False
        try:
            live = await self.services.attempts.own(self.who, hello.attempt_id)
            if hello.epoch is not None and hello.epoch < live.core.epoch and hello.page != live.core.page:
                await self._send(Stale())
                return False
            self.facts = await self.services.attempts.facts(live)
            self.epoch = await self.services.runner.take_lease(hello.attempt_id, hello.page)
        except Problem as problem:
            await self._refuse(None, problem)
            return False
        self.attempt_id, self.page, self.stale = hello.attempt_id, hello.page, False
        if self.line is None:
            address = self.socket.client.host if self.socket.client else ""
            now_ms = self.services.clock.now_ms()
            self.line = self.services.presence.enter(hello.attempt_id, self.who.seat_id, address, now_ms)
        await self._welcome(after=hello.after)
        return True

    async def _welcome(self, after: int | None = None) -> None:
        live = await self._live()
        view = self._view(live)
        opened = live.core.started_ms is not None and after != live.seq
        content = live.module.seat_content(live.content) if opened else None
        state = live.module.seat_state(live.content, live.state) if opened else None
        moving = _live_of(live) if live.core.started_ms is not None else None
        self.shown, self.live_of = view, None if moving is None else live.state
        self.live_told = None if moving is None else moving.model_dump_json(by_alias=True)
        await self._send(
            Welcome(
                epoch=self.epoch,
                seq=live.seq,
                attempt=view,
                content=None if content is None else content.model_dump(mode="json", by_alias=True),
                state=None if state is None else state.model_dump(mode="json", by_alias=True),
                live=None if moving is None else moving.model_dump(mode="json", by_alias=True),
            )
        )

    async def _command(self, frame: SendCommand) -> None:
        """One command to its commit; the order of arrival is kept because the runner has one queue."""
        try:
            if not self.attempt_id:
                raise Conflict(Text(zh="请先发送 hello", en="Say hello first"))
            # A page that lost its lease is refused by the attempt itself, which keeps what it sent as evidence.
            epoch = 0 if self.stale else frame.epoch
            ack = await self.services.runner.command(self.attempt_id, frame.id, epoch, frame.stamp_ms, frame.command)
            await self._send(Acked(id=frame.id, seq=ack.seq, server_ms=ack.at_ms, repeated=ack.repeated))
        except Problem as problem:
            await self._refuse(frame.id, problem)
        except (WebSocketDisconnect, TimeoutError):
            # The page has gone; what it sent is durable or will be sent again.
            log.debug("seat.gone", attempt_id=self.attempt_id)
        finally:
            self._free.release()

    async def _end_with_login(self) -> None:
        """Close the line when its log-in ends: the next person at this machine must not type into it."""
        async with self.services.bus.listen(log_in_topic(self.socket.cookies.get(COOKIE, ""))) as words:
            try:
                await principal_of(self.socket)  # it may have ended before this line listened
                await anext(words)
            except LoginRequired:
                log.debug("seat.login_gone", attempt_id=self.attempt_id)
            await self.socket.close(CLOSE_LOGIN)

    async def _push(self) -> None:
        """Tell the page whenever its attempt changed in a way it shows; first of what changed since the welcome."""
        async with self.services.bus.listen(self.attempt_id) as words:
            while True:
                live = await self._live()
                # What a module journals by itself changes nothing of the view that is pushed: most words end here.
                if live.core is not self.told_of:
                    self.told_of = live.core
                    await self._tell(live)
                if not self.stale:
                    await self._tell_live(live)
                if await anext(words) == LOOK:
                    self.facts = await self.services.attempts.facts(live)
                    self.told_of = None

    async def _tell(self, live: StandingAttempt) -> None:
        if live.core.epoch != self.epoch or live.core.page != self.page:
            if not self.stale:
                self.stale = True
                self._leave()
                await self._send(Stale())
            return
        view = self._view(live)
        before, self.shown = self.shown, view
        if before is not None and before.phase is Phase.ARMED and view.phase is Phase.RUNNING:
            await self._welcome()
        elif before is None or _told(before) != _told(view):
            await self._send(Changed(seq=live.seq, attempt=view))

    async def _tell_live(self, live: StandingAttempt) -> None:
        """Whatever of the task's own life is new to the page; nothing before the start."""
        if live.core.started_ms is None or live.state is self.live_of:
            return
        self.live_of = live.state
        moving = _live_of(live)
        said = None if moving is None else moving.model_dump_json(by_alias=True)
        if said is None or said == self.live_told:
            return
        self.live_told = said
        now_ms = self.services.clock.now_ms()
        await self._send_text(Live.text(live.seq, now_ms, live.core.moment(now_ms).stage_ms, said))

    async def _live(self) -> StandingAttempt:
        return await self.services.runner.attempt(self.attempt_id)

    def _view(self, live: StandingAttempt) -> AttemptView:
        assert self.facts is not None
        return self.services.attempts.view_of(live, self.facts)

    async def _refuse(self, command_id: str | None, problem: Problem) -> None:
        body = problem_body(problem, self.socket.state.request_id, language_of(self.socket))
        await self._send(Refused(id=command_id, problem=body))

    async def _send(self, frame: BaseModel) -> None:
        await self._send_text(frame.model_dump_json(by_alias=True))

    async def _send_text(self, text: str) -> None:
        async with self._sending:
            with anyio.fail_after(SEND_TIMEOUT_S):
                try:
                    await self.socket.send_text(text)
                except RuntimeError as error:  # an earlier send has found the line gone
                    raise WebSocketDisconnect(1006) from error


def _live_of(live: StandingAttempt) -> BaseModel | None:
    return live.module.seat_live(live.content, live.state)


def _told(view: AttemptView) -> tuple[object, ...]:
    """What of a view is pushed when it changes; times that merely run are not."""
    return (
        view.phase,
        view.limit_ms,
        view.ends_ms,
        view.starts_ms,
        view.delayed,
        view.rules_acknowledged,
        view.pause_cause,
        view.help_since_ms,
        view.help_claimed,
        view.announcements,
        view.device,
        view.receipt,
    )
