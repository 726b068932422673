"""What seats record of themselves: numbered chunks, each durable before it is acknowledged, in any order, any time.

A recorder belongs to one call of one attempt. Whoever made it gets a token; with it the page goes on after the
hand-in, in the next module, and on a login screen. Only the token's SHA-256 is kept.
"""

import asyncio
import hmac
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import structlog

from server.attempts.service import AttemptsService
from server.calls.history import CallHistory
from server.core.access import Principal
from server.core.bus import Bus
from server.core.clock import Clock
from server.core.errors import Conflict, NotFound, NotPermitted, Problem, StorageFailed, TooLarge
from server.core.frozen import sha256_hex
from server.core.ids import new_id
from server.core.media_port import NoSuchCall
from server.core.text import Text
from server.recordings.repository import RecordingsRepository
from server.recordings.schemas import (
    CHUNK_BYTES,
    MOST_CHUNKS,
    FinishUpload,
    NewRecorder,
    RecorderView,
    UploadState,
)
from server.recordings.spool import Spool

MOST_RECORDERS = 50
"""Recorders of one call: one more with every reload of the page."""
MOST_BYTES = 600_000_000
"""Of one attempt, whatever records it: an hour of Opus has about 15 MB, fifty minutes of PCM 580 MB."""
ARRIVED = "recordings.arrived"
"""Bus topic: a recorder (attempt id) is finished, or has got a chunk after that or after the hand-in."""

log = structlog.get_logger()


class DamagedChunk(Problem):
    """The bytes are not those that were sent."""

    status = 422
    code = "chunk-damaged"
    title = Text(zh="录音片段在传输中损坏，将自动重传", en="The piece was damaged on its way: send it again")
    retry = True


class OtherChunk(Conflict):
    """Another piece is held under this number."""

    code = "chunk-differs"
    title = Text(
        zh="这个编号的录音片段已经收到，内容不同；先收到的保留，请技术人员查看日志",
        en="Another piece is held under this number; the first one is kept",
    )


class WrongToken(NotPermitted):
    """It is not this recorder's token."""

    code = "wrong-upload-token"
    title = Text(zh="上传凭证不正确，请刷新页面", en="Not the token of this recorder: reload the page")


@dataclass(slots=True)
class Uploads:
    """Chunk files first, then their rows, many in one transaction, then the acknowledgement."""

    repository: RecordingsRepository
    spool: Spool
    attempts: AttemptsService
    history: CallHistory
    bus: Bus
    clock: Clock
    _turns: dict[str, "_Turn"] = field(default_factory=dict)
    _waiting: list[tuple[Mapping[str, Any], "asyncio.Future[None]"]] = field(default_factory=list)
    _bytes: dict[str, int] = field(default_factory=dict)
    """Held of the attempts of which something has come in this life of the server."""

    async def open(self, who: Principal, attempt_id: str, body: NewRecorder) -> RecorderView:
        """A recorder for a call of the asker's own attempt; raises NotFound, NoSuchCall, Conflict."""
        standing = await self.attempts.own(who, attempt_id)
        media = standing.module.media
        if media is None:
            raise NoSuchCall
        up = {plan.call_id for plan in media.plans(standing.content, standing.state)}
        if body.call_id not in up:
            record = standing.record
            told = await self.history.calls(attempt_id, record.module, record.content_sha256, standing.core.closed_ms)
            if body.call_id not in {call.call_id for call in told}:
                raise NoSuchCall
        if len(await self.repository.recorders_of(attempt_id, body.call_id)) >= MOST_RECORDERS:
            raise Conflict(
                Text(
                    zh=f"这次通话已有 {MOST_RECORDERS} 份录音，不再增加",
                    en=f"This call has {MOST_RECORDERS} recorders already",
                )
            )
        token = secrets.token_urlsafe(24)
        recorder_id = new_id(self.clock.now_ms())
        await self.repository.add_recorder(
            {
                "id": recorder_id,
                "attempt_id": attempt_id,
                "call_id": body.call_id,
                "token_sha256": sha256_hex(token),
                "media_type": body.media_type,
                "began_ms": body.began_ms,
                "ended_ms": None,
                "chunks": None,
            }
        )
        return RecorderView(recorder_id=recorder_id, token=token)

    async def admit(self, recorder_id: str, token: str) -> Any:
        """The recorder whose token this is; raises NotFound, WrongToken."""
        row = await self.repository.recorder(recorder_id)
        if row is None:
            raise NotFound
        if not hmac.compare_digest(sha256_hex(token), row.token_sha256):
            raise WrongToken
        return row

    async def state(self, recorder: Any) -> UploadState:
        """What is durable here of a recorder (`admit`)."""
        held = [row.number for row in await self.repository.chunks_of(recorder.id)]
        return UploadState(held=ranges(held), finished=recorder.chunks is not None)

    async def put(self, recorder: Any, number: int, data: bytes, sha256: str) -> None:
        """Keep a chunk; the same one again is harmless.

        Raises DamagedChunk, OtherChunk, TooLarge, DiskFull, StorageFailed; then nothing is acknowledged, and what was
        acknowledged before stays.
        """
        if not 0 <= number < MOST_CHUNKS or len(data) > CHUNK_BYTES:
            raise TooLarge(
                Text(
                    zh=f"录音片段最多 {MOST_CHUNKS} 个，每个不超过 {CHUNK_BYTES // 1024} KB",
                    en=f"At most {MOST_CHUNKS} pieces of {CHUNK_BYTES // 1024} KB",
                )
            )
        if sha256_hex(data) != sha256.lower():
            raise DamagedChunk
        async with self._turn(recorder.id):
            held = await self.repository.chunk(recorder.id, number)
            if held is not None:
                if held.sha256 != sha256.lower():
                    log.warning("recordings.chunk_differs", recorder_id=recorder.id, number=number)
                    raise OtherChunk
                return
            await self._within_budget(recorder.attempt_id, len(data))
            await self.spool.keep(recorder.id, number, data)
            await self._write_down(
                {"recorder_id": recorder.id, "number": number, "sha256": sha256.lower(), "size": len(data)}
            )
            self._bytes[recorder.attempt_id] += len(data)
        if recorder.chunks is not None or recorder.closed_ms is not None:
            self.bus.publish(ARRIVED, recorder.attempt_id)

    async def finish(self, recorder: Any, body: FinishUpload) -> UploadState:
        """The recorder has stopped. Said again it must say the same, or more after a reload. Raises Conflict."""
        async with self._turn(recorder.id):
            held = [row.number for row in await self.repository.chunks_of(recorder.id)]
            known = await self.repository.recorder(recorder.id)
            least = max([*(number + 1 for number in held), known.chunks or 0], default=0)
            if body.chunks < least:
                raise Conflict(
                    Text(
                        zh=f"已有 {least} 个片段，不能改为 {body.chunks} 个",
                        en=f"{least} pieces are known already: it can't be {body.chunks}",
                    )
                )
            await self.repository.finish(recorder.id, body.chunks, body.ended_ms)
        self.bus.publish(ARRIVED, recorder.attempt_id)
        return UploadState(held=ranges(held), finished=True)

    async def _within_budget(self, attempt_id: str, size: int) -> None:
        """Raises TooLarge if so much more is too much of one attempt."""
        if attempt_id not in self._bytes:
            held = await self.repository.bytes_of(attempt_id)
            self._bytes.setdefault(attempt_id, held)
        if self._bytes[attempt_id] + size > MOST_BYTES:
            raise TooLarge(
                Text(
                    zh=f"一次作答的录音合计不能超过 {MOST_BYTES // 1_000_000} MB，请联系技术人员",
                    en=f"All recordings of an attempt may have {MOST_BYTES // 1_000_000} MB at most",
                )
            )

    async def _write_down(self, row: Mapping[str, Any]) -> None:
        """In one transaction with whatever else has become durable while the last one was written."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((row, done))
        async with self.repository.adding:
            batch, self._waiting = self._waiting, []
            if batch:
                await self._write(batch)
        await done

    async def _write(self, batch: Sequence[tuple[Mapping[str, Any], "asyncio.Future[None]"]]) -> None:
        error: BaseException | None = None
        try:
            arrived_ms = self.clock.now_ms()
            await self.repository.add_chunks([{**row, "arrived_ms": arrived_ms} for row, _ in batch])
        except BaseException as raised:
            error = raised
            raise
        finally:
            for _, done in batch:
                if done.done():
                    continue
                if error is None:
                    done.set_result(None)
                else:
                    done.set_exception(_again(error))
                    done.exception()  # its owner may have gone; the one who wrote is told anyway

    @asynccontextmanager
    async def _turn(self, recorder_id: str) -> AsyncIterator[None]:
        """One at a time for a recorder; nobody is here while its body is still being read."""
        turn = self._turns.setdefault(recorder_id, _Turn())
        turn.wanted += 1
        try:
            async with turn.lock:
                yield
        finally:
            turn.wanted -= 1
            if not turn.wanted:
                self._turns.pop(recorder_id, None)


@dataclass(slots=True)
class _Turn:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    wanted: int = 0


def _again(error: BaseException) -> Exception:
    """What the others of a batch are told: the problem itself, and nothing of somebody's being cancelled."""
    if isinstance(error, Problem):
        return type(error)(error.detail)
    return error if isinstance(error, Exception) else StorageFailed()


def ranges(numbers: Sequence[int]) -> tuple[tuple[int, int], ...]:
    """Rising numbers as [first, last] ranges."""
    found: list[tuple[int, int]] = []
    for number in numbers:
        if found and found[-1][1] == number - 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return tuple(found)
