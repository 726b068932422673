"""What reaches attempts through the runner: requests, openings, orders; each acts on one attempt or not at all."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import structlog

from server.attempts.live import LiveAttempt
from server.attempts.standing import AttemptRecord
from server.core.contract import AnyModule, Content
from server.core.errors import Problem
from server.core.journal import Recorded

log = structlog.get_logger()

Act = Callable[[LiveAttempt, int], Problem | None]


@dataclass(frozen=True, slots=True)
class Opening:
    """An attempt to be opened."""

    record: AttemptRecord
    module: AnyModule
    content: Content
    seed: int


@dataclass(frozen=True, slots=True)
class Ack:
    """A durable command: its events, if any, stand at or before `seq`."""

    seq: int
    repeated: bool
    at_ms: int


@dataclass(slots=True)
class Request:
    attempt_id: str
    act: Act
    command_id: str | None
    done: asyncio.Future[Ack]
    refusal: Problem | None = None
    repeated: int | None = None


def facts_of(record: AttemptRecord) -> dict[str, Any]:
    """The columns of an attempt that never change."""
    return {
        "id": record.attempt_id,
        "contest_id": record.contest_id,
        "stage_id": record.stage_id,
        "contestant_id": record.contestant_id,
        "module": record.module,
        "content_sha256": record.content_sha256,
        "work_code": record.work_code,
        "opened_ms": record.opened_ms,
    }


def share(recorded: Iterable[Recorded], lives: Iterable[LiveAttempt]) -> None:
    """Tell every attempt which of its events are durable now."""
    of_stream: dict[str, list[Recorded]] = {}
    for event in recorded:
        of_stream.setdefault(event.stream, []).append(event)
    for live in lives:
        live.committed(of_stream[live.record.attempt_id])


def ordered(live: LiveAttempt, act: Act, now_ms: int) -> bool:
    """Let an order act on an attempt; whether there is something to write. A fault hurts this attempt only."""
    before = len(live.pending)
    try:
        live.attempt_to(lambda: checked(live, act, now_ms))
    except Exception:
        log.exception("attempts.order_failed", attempt_id=live.record.attempt_id)
    return len(live.pending) > before


def decided(request: Request, live: LiveAttempt, now_ms: int) -> bool:
    """Let a request act on its attempt; whether there is something to write.

    A fault in a module must not keep the other seats waiting: it refuses this one command and changes nothing.
    """
    before = len(live.pending)
    try:
        request.refusal = live.attempt_to(lambda: checked(live, request.act, now_ms))
    except Exception:
        log.exception("attempts.act_failed", attempt_id=request.attempt_id, command_id=request.command_id)
        request.refusal = Problem()
    written = live.pending[before:]
    # Evidence of a refused command bears no command id: the command may come again, and count then.
    if request.command_id is not None and any(event.command_id for event in written):
        live.commands[request.command_id] = live.seq + len(live.pending)
    return bool(written)


def checked(live: LiveAttempt, act: Act, now_ms: int) -> Problem | None:
    """The act, and whatever else of the module the commit will need: it must fail here or not at all."""
    refusal = act(live, now_ms)
    live.row_update()
    live.wake_ms()
    return refusal
