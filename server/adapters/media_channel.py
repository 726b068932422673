"""One line to one media worker: frames of server/core/media_wire as JSON, one a line, over loopback."""

import asyncio
import contextlib
from collections.abc import Callable

import structlog
from pydantic import BaseModel, ValidationError

from server.core.media_port import MediaAway
from server.core.media_wire import (
    Answered,
    CallClosed,
    FromWorker,
    Join,
    Joined,
    Levels,
    Listen,
    Offer,
    Reported,
)

LINE_BYTES = 1024 * 1024
"""Longest frame; an answer's SDP has a few kB, the levels of 300 calls 40 kB."""
JOIN_S = 5
ANSWER_S = 8
SILENCE_S = 10
"""A worker says its levels every half second, with or without calls: after so long it hangs."""
UNSENT_BYTES = 8 * 1024 * 1024
"""A worker that is so far behind in reading hangs as well."""

log = structlog.get_logger()

Heard = Reported | CallClosed | Levels


class NotOurs(Exception):
    """Whoever listens there is not the worker that was looked for."""


class MediaChannel:
    """A line that has been joined; it is made anew when it breaks."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._asked: dict[str, asyncio.Future[Answered]] = {}

    def send(self, frame: BaseModel) -> None:
        """Say something; lost if the line breaks, and then the line is joined anew."""
        if self._writer.is_closing():
            return
        self._writer.write(frame.model_dump_json().encode() + b"\n")
        if self._writer.transport.get_write_buffer_size() > UNSENT_BYTES:
            self._writer.transport.abort()

    async def ask(self, question: Offer | Listen) -> Answered:
        """The answer to an offer; raises MediaAway if none comes."""
        answer: asyncio.Future[Answered] = asyncio.get_running_loop().create_future()
        self._asked[question.request_id] = answer
        try:
            self.send(question)
            if self._writer.is_closing():
                raise MediaAway
            async with asyncio.timeout(ANSWER_S):
                return await answer
        except TimeoutError:
            raise MediaAway from None
        finally:
            del self._asked[question.request_id]

    async def listen(self, hears: Callable[[Heard], None]) -> None:
        """Pass on what the worker says until the line ends, or says nothing for long."""
        try:
            while (frame := await _frame(self._reader, SILENCE_S)) is not None:
                match frame:
                    case Answered():
                        waiting = self._asked.get(frame.request_id)
                        if waiting is not None and not waiting.done():
                            waiting.set_result(frame)
                    case Reported() | CallClosed() | Levels():
                        hears(frame)
                    case Joined():
                        log.warning("media.joined_twice", worker=frame.worker_id)
        except TimeoutError:
            log.warning("media.silent", seconds=SILENCE_S)
        except (OSError, ValueError):  # ValueError: a line longer than any frame
            log.warning("media.line_broken")
        finally:
            self.close()

    def close(self) -> None:
        """End the line; whoever waits for an answer is told that there is none."""
        for waiting in self._asked.values():
            if not waiting.done():
                waiting.set_exception(MediaAway())
        self._writer.close()

    async def ended(self) -> None:
        """Return when the line is down."""
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()


async def join(port: int, token: str, now_ms: Callable[[], int]) -> tuple[MediaChannel, Joined]:
    """A line to the worker on a loopback port; `now_ms` is asked when it is there, for the worker's clock is set by it.

    Raises NotOurs if it lets nobody in, OSError, TimeoutError.
    """
    async with asyncio.timeout(JOIN_S):
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=LINE_BYTES)
    try:
        channel = MediaChannel(reader, writer)
        channel.send(Join(token=token, now_ms=now_ms()))
        frame = await _frame(reader, JOIN_S)
        if not isinstance(frame, Joined):
            raise NotOurs
    except ValueError:
        writer.close()
        raise NotOurs from None
    except BaseException:
        writer.close()
        raise
    return channel, frame


async def _frame(reader: asyncio.StreamReader, within_s: float) -> "Answered | Heard | Joined | None":
    """The next frame that can be read; None at the end. Raises TimeoutError, OSError, ValueError."""
    while True:
        async with asyncio.timeout(within_s):
            line = await reader.readline()
        if not line.endswith(b"\n"):
            return None
        try:
            return FromWorker.model_validate_json(line).root
        except ValidationError:  # another version says something that this one doesn't know
            log.warning("media.unknown_frame", begins=line[:80].decode(errors="replace"))
