"""Live media for tests: a port in the test's process with reports by hand, and the end of real workers."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from server.adapters.media_channel import NotOurs, join
from server.adapters.media_process import MediaFolder
from server.core.media import CallPlan, Leg, LegUp, MediaReport
from server.core.media_port import (
    MediaAway,
    MediaHappening,
    MediaStanding,
    SdpUnusable,
    WorkerGone,
    WorkerJoined,
)
from server.core.media_wire import CallClosed, CallLevel, Levels, Reported, Retire
from server.settings import DataFolder

SDP = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n"
"""What passes for an offer where nobody connects."""
WORKER = "worker-1"
WAIT_S = 30


@dataclass(slots=True)
class FakeMedia:
    """Satisfies `server.core.media_port.MediaPort`: one worker that is told, and reports what the test says."""

    clock: Any
    plans: dict[str, tuple[CallPlan, ...]] = field(default_factory=dict)
    """What was performed last, by attempt."""
    performed: list[tuple[str, tuple[CallPlan, ...]]] = field(default_factory=list)
    files: dict[str, Path] = field(default_factory=dict)
    offers: list[tuple[str, str, Leg, int]] = field(default_factory=list)
    listeners: dict[str, tuple[str, str]] = field(default_factory=dict)
    taken_up_to: dict[str, int] = field(default_factory=dict)
    holds: set[tuple[str, str]] = field(default_factory=set)
    worker_id: str = WORKER
    up: bool = True
    refuses_sdp: bool = False
    _said: "asyncio.Queue[MediaHappening]" = field(default_factory=asyncio.Queue)
    _numbers: Any = field(default_factory=lambda: count(1))

    # --- the port ------------------------------------------------------------------------------------

    async def happenings(self) -> AsyncIterator[MediaHappening]:
        while True:
            yield await self._said.get()

    def perform(self, attempt_id: str, plans: Sequence[CallPlan], files: Mapping[str, Path]) -> None:
        if not self.up:
            return
        self.performed.append((attempt_id, tuple(plans)))
        self.plans[attempt_id] = tuple(plans)
        self.files |= files
        self.holds |= {(attempt_id, plan.call_id) for plan in plans}

    async def offer(self, attempt_id: str, call_id: str, leg: Leg, connection: int, sdp: str) -> str:
        self._answers(attempt_id, call_id)
        self.offers.append((attempt_id, call_id, leg, connection))
        return f"answer to {leg} {connection}"

    async def listen(self, listener_id: str, attempt_id: str, call_id: str, sdp: str) -> str:
        self._answers(attempt_id, call_id)
        self.listeners[listener_id] = (attempt_id, call_id)
        return "answer to a listener"

    def end_listening(self, listener_id: str) -> None:
        self.listeners.pop(listener_id, None)

    def taken(self, worker_id: str, number: int) -> None:
        self.taken_up_to[worker_id] = number

    def held(self, attempt_id: str, call_id: str) -> bool:
        return (attempt_id, call_id) in self.holds

    def standing(self) -> MediaStanding:
        return MediaStanding(wanted=1, joined=int(self.up))

    def _answers(self, attempt_id: str, call_id: str) -> None:
        if not self.up:
            raise MediaAway
        if self.refuses_sdp:
            raise SdpUnusable
        assert (attempt_id, call_id) in self.holds, "the offer came before the plan"

    # --- the test's side -----------------------------------------------------------------------------

    def plan(self, attempt_id: str) -> CallPlan:
        """The one call that an attempt has up, as it was told last."""
        (plan,) = self.plans[attempt_id]
        return plan

    def report(self, attempt_id: str, call_id: str, report: MediaReport, at_ms: int | None = None) -> Reported:
        """Something happened in a call; now, unless told otherwise."""
        reported = Reported(
            number=next(self._numbers),
            worker_id=self.worker_id,
            attempt_id=attempt_id,
            call_id=call_id,
            at_ms=self.clock.now_ms() if at_ms is None else at_ms,
            report=report,
        )
        self.say(reported)
        return reported

    def leg_up(self, attempt_id: str, call_id: str, leg: Leg = "seat") -> Reported:
        """The newest connection of a leg is up."""
        number = max(offer[3] for offer in self.offers if offer[:3] == (attempt_id, call_id, leg))
        return self.report(attempt_id, call_id, LegUp(leg=leg, connection=number))

    def close(self, attempt_id: str, call_id: str) -> CallClosed:
        """The journals of a call are whole."""
        self.holds.discard((attempt_id, call_id))
        closed = CallClosed(
            number=next(self._numbers), worker_id=self.worker_id, attempt_id=attempt_id, call_id=call_id
        )
        self.say(closed)
        return closed

    def level(self, attempt_id: str, call_id: str, agent_dbfs: int, customer_dbfs: int, connected: bool = True) -> None:
        """How loud a call is."""
        level = CallLevel(
            attempt_id=attempt_id,
            call_id=call_id,
            agent_dbfs=agent_dbfs,
            customer_dbfs=customer_dbfs,
            connected=connected,
            packets_lost=0,
        )
        self.say(Levels(calls=(level,), late_ms=0))

    def die(self) -> None:
        """The worker's process ends."""
        calls, self.up = tuple(sorted(self.holds)), False
        self.plans.clear()
        self.holds.clear()
        self.say(WorkerGone(worker_id=self.worker_id, calls=calls))

    def live(self, worker_id: str) -> None:
        """A new one can be spoken to."""
        self.worker_id, self.up, self._numbers = worker_id, True, count(1)
        self.say(WorkerJoined(worker_id=worker_id, calls=()))

    def say(self, happening: MediaHappening) -> None:
        """Anything at all."""
        self._said.put_nowait(happening)


async def _end_worker(folder: MediaFolder, number: int) -> None:
    state = folder.state(number)
    if state is None:
        return
    try:
        channel, _ = await join(state.port, state.token, lambda: 0)
    except (OSError, NotOurs, TimeoutError):
        return
    channel.send(Retire())
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(WAIT_S):
            await channel.listen(lambda _: None)
    await channel.ended()


def end_workers(folder: DataFolder) -> None:
    """Retire the media workers that a killed server has left behind, and wait until they are gone."""

    async def end() -> None:
        media = MediaFolder(folder.media)
        await asyncio.gather(*(_end_worker(media, number) for number in media.numbers()))

    asyncio.run(end())
