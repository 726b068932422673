"""All media workers of this server: found, started, started again when they die, replaced when they are of old."""

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import structlog

from server.adapters.media_channel import MediaChannel
from server.adapters.media_process import MediaFolder
from server.adapters.media_worker import MediaWorker
from server.core.ids import new_id
from server.core.media import CallPlan, Leg
from server.core.media_port import (
    CallOver,
    MediaAway,
    MediaHappening,
    MediaStanding,
    SdpUnusable,
)
from server.core.media_wire import Answered, EndListening, Listen, Offer, PlanFile

SEATS_EACH = 150
"""Calls that one worker carries beside others (shared/design/telephony.md: 0.35 % of a core a call)."""
FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 30
STEADY_S = 30
"""Whoever lived so long may be started again at once."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class WorkerSetup:
    """With what workers are started: their command, and the addresses that browsers are told."""

    command: tuple[str, ...]
    addresses: tuple[str, ...]
    count: int


def worker_count(seats: int) -> int:
    """As many workers as a hall of so many places needs, and this machine has cores for."""
    return max(1, min(os.cpu_count() or 1, -(-seats // SEATS_EACH)))


class MediaWorkers:
    """Satisfies `server.core.media_port.MediaPort`."""

    def __init__(self, folder: Path) -> None:
        self._folder = MediaFolder(folder)
        self._workers: dict[int, MediaWorker] = {}
        self._homes: dict[str, MediaWorker] = {}
        """Which worker has an attempt's calls up."""
        self._happenings: asyncio.Queue[MediaHappening] = asyncio.Queue()
        self._tasks: set[asyncio.Task[None]] = set()
        self._setup: WorkerSetup | None = None
        self._now_ms: Callable[[], int] = lambda: 0
        self._looked = False

    # --- the port ------------------------------------------------------------------------------------

    async def happenings(self) -> AsyncIterator[MediaHappening]:
        """What workers say."""
        while True:
            yield await self._happenings.get()

    def perform(self, attempt_id: str, plans: Sequence[CallPlan], files: Mapping[str, Path]) -> None:
        """Passed on to the attempt's worker."""
        worker = self._worker_of(attempt_id)
        if worker is None:
            return
        if plans:
            self._homes[attempt_id] = worker
        needed = {play.sha256 for plan in plans for play in plan.plays}
        named = [PlanFile(sha256=sha256, path=str(path)) for sha256, path in files.items() if sha256 in needed]
        worker.perform(attempt_id, plans, named)

    async def offer(self, attempt_id: str, call_id: str, leg: Leg, connection: int, sdp: str) -> str:
        """Passed on to the worker that has the call."""
        request = Offer(
            request_id=new_id(self._now_ms()),
            attempt_id=attempt_id,
            call_id=call_id,
            leg=leg,
            connection=connection,
            sdp=sdp,
        )
        return _sdp_of(await self._line_of(attempt_id).ask(request))

    async def listen(self, listener_id: str, attempt_id: str, call_id: str, sdp: str) -> str:
        """Likewise."""
        request = Listen(
            request_id=new_id(self._now_ms()),
            listener_id=listener_id,
            attempt_id=attempt_id,
            call_id=call_id,
            sdp=sdp,
        )
        return _sdp_of(await self._line_of(attempt_id).ask(request))

    def end_listening(self, listener_id: str) -> None:
        """Said to all: the call may have moved since."""
        for worker in self._workers.values():
            worker.send(EndListening(listener_id=listener_id))

    def taken(self, worker_id: str, number: int) -> None:
        """Said to that worker, if it still lives."""
        for worker in self._workers.values():
            if worker.worker_id == worker_id:
                worker.taken(number)

    def held(self, attempt_id: str, call_id: str) -> bool:
        """By a worker's own word; one that was found and not yet spoken to may hold anything."""
        if not self._looked:
            return True
        return any(
            (attempt_id, call_id) in worker.calls or (worker.state == "starting" and worker.process is None)
            for worker in self._workers.values()
        )

    def standing(self) -> MediaStanding:
        """Workers that take new calls."""
        joined = sum(worker.state == "joined" and not worker.leaving for worker in self._workers.values())
        return MediaStanding(wanted=1 if self._setup is None else self._setup.count, joined=joined)

    # --- their lives ---------------------------------------------------------------------------------

    def start(self, setup: WorkerSetup, now_ms: Callable[[], int]) -> None:
        """Find what an earlier server has left, and keep `setup.count` workers running from now on."""
        self._setup, self._now_ms = setup, now_ms
        self._folder.make()
        found = self._folder.numbers()
        staying = [number for number in found if self._folder.of_today(number)][: setup.count]
        for number in found:
            worker = self._known(number)
            if number in staying:
                self._keep(number, worker)
            else:
                worker.leave()
                self._follow(self._see_out(worker), f"media.worker.{number}")
        for _ in range(setup.count - len(staying)):
            number = self._free()
            self._known(number)
            self._keep(number, None)
        self._looked = True

    async def stop(self, *, retire_all: bool = False) -> None:
        """Stop attending to them. Those without calls are retired, those with calls live on for the next server."""
        going = [worker for worker in self._workers.values() if worker.state in ("starting", "joined")]
        await asyncio.gather(*(worker.retire() for worker in going if retire_all or worker.idle))
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _known(self, number: int) -> MediaWorker:
        worker = MediaWorker(number, self._folder, self._now_ms, self._tell)
        self._workers[number] = worker
        return worker

    def _free(self) -> int:
        return next(number for number in range(len(self._workers) + 1) if number not in self._workers)

    def _keep(self, number: int, found: MediaWorker | None) -> None:
        self._follow(self._supervise(number, found), f"media.worker.{number}")

    def _follow(self, life: Coroutine[None, None, None], name: str) -> None:
        self._tasks.add(asyncio.create_task(life, name=name))

    async def _see_out(self, worker: MediaWorker) -> None:
        try:
            await worker.live()
        except Exception:
            log.exception("media.not_seen_out", number=worker.number)
        finally:
            self._workers.pop(worker.number, None)

    async def _supervise(self, number: int, found: MediaWorker | None) -> None:
        """One worker after another under a number."""
        loop, pause_s = asyncio.get_running_loop(), FIRST_PAUSE_S
        worker = found
        while True:
            began = loop.time()
            try:
                if worker is None:
                    worker = self._known(number)
                    worker.process = self._started(number)
                await worker.live()
            except Exception:
                log.exception("media.not_started", number=number)
            worker = None
            lived_s = loop.time() - began
            pause_s = FIRST_PAUSE_S if lived_s > STEADY_S else min(pause_s * 2, LONGEST_PAUSE_S)
            await asyncio.sleep(pause_s)

    def _started(self, number: int) -> "subprocess.Popen[bytes]":
        assert self._setup is not None
        self._folder.forget(number)
        process = self._folder.start(number, self._setup.command, self._setup.addresses)
        log.info("media.started", number=number, child=process.pid)
        return process

    def _tell(self, happening: MediaHappening) -> None:
        self._happenings.put_nowait(happening)

    # --- who has what --------------------------------------------------------------------------------

    def _worker_of(self, attempt_id: str) -> MediaWorker | None:
        """The worker that has an attempt's calls; else the one that its id leads to, else the next that lives."""
        home = self._homes.get(attempt_id)
        if home is not None and home.state != "gone" and any(call[0] == attempt_id for call in home.calls):
            return home
        self._homes.pop(attempt_id, None)
        for worker in self._workers.values():
            if any(call[0] == attempt_id for call in worker.calls):
                self._homes[attempt_id] = worker
                return worker
        staying = [worker for _, worker in sorted(self._workers.items()) if not worker.leaving]
        if not staying:
            return None
        first = crc32(attempt_id.encode()) % len(staying)
        in_turn = staying[first:] + staying[:first]
        # One that starts is waited for, so that the load stays even; one that has died is not.
        return next((worker for worker in in_turn if worker.state != "gone"), None)

    def _line_of(self, attempt_id: str) -> MediaChannel:
        worker = self._worker_of(attempt_id)
        if worker is None or (channel := worker.channel) is None:
            raise MediaAway
        return channel


def _sdp_of(answer: Answered) -> str:
    """The SDP of an answer; raises what its fault says."""
    if answer.sdp and not answer.fault:
        return answer.sdp
    log.warning("media.offer_refused", why=answer.fault)
    if answer.fault == "no_call":
        raise CallOver
    if answer.fault == "sdp":
        raise SdpUnusable
    raise MediaAway
