"""Seats that speak into the real server and the real media worker, and what of it their sealed recordings hold."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from anyio import to_thread

from server.adapters.media_process import MediaFolder
from server.app import Services, build
from server.core.access import Role
from server.core.frozen import sha256_hex
from server.recordings.schemas import RecordingView
from server.settings import DataFolder
from tests.support.calls import IN
from tests.support.client import http_client
from tests.support.lost_speech import Speaker, Verdict, agent_side, compare
from tests.support.media import end_workers
from tests.support.process import ServerProcess
from tests.support.seat_phone import SeatPhone
from tests.support.voice import raw_voice_paper
from tests.telephony_worker.sounds import ogg, speech

LINE = speech(50, seed=1)
"""The customer's first line, a second."""
READY_S = 60
KILL_MS = 1_000
"""What a killed tab may have lost before its end: the chunk that was being recorded."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What became of one speaker."""

    verdict: Verdict
    view: RecordingView
    said_ms: tuple[float, float]
    """From when to when there was speech, in the recording's time."""
    dead_ms: tuple[tuple[float, float], ...]
    """Without a tab, in the recording's time."""
    connections: int
    retries: int

    def total_ms(self, kind: str) -> int:
        """How long the stretches of a kind are together, while there was speech."""
        begin, end = self.said_ms
        clipped = (min(each.to_ms, end) - max(each.from_ms, begin) for each in self.view.stretches if each.kind == kind)
        return round(sum(length for length in clipped if length > 0))

    def marked(self) -> bool:
        """Whether the middle of every dead time is said to be a gap."""
        gaps = [each for each in self.view.stretches if each.kind == "gap"]
        return all(
            any(gap.from_ms <= from_ms + 500 and to_ms - 500 <= gap.to_ms for gap in gaps)
            for from_ms, to_ms in self.dead_ms
        )


@dataclass(slots=True)
class SpeakingHall:
    """A running server with one worker, and a seat for each speaker."""

    server: ServerProcess
    phones: list[SeatPhone] = field(default_factory=list)

    def worker_pid(self) -> int:
        """Process id of the one worker; 0 while there is none."""
        state = MediaFolder(self.server.folder.media).state(0)
        return 0 if state is None else state.pid

    async def kill_worker(self) -> None:
        """`kill -9`, and until there is another one."""
        before = self.worker_pid()
        os.kill(before, signal.SIGKILL)
        async with asyncio.timeout(READY_S):
            while True:
                if self.worker_pid() not in (0, before):
                    return
                await asyncio.sleep(0.1)

    async def heard(self) -> list[Heard]:
        """Hang up, hand in, upload, seal; then compare every second that somebody could have kept."""
        for phone in self.phones:
            phone.hush()
        await asyncio.gather(*(phone.hang_up() for phone in self.phones))
        return [await _heard(phone) for phone in self.phones]


async def _heard(phone: SeatPhone) -> Heard:
    view, sound = await phone.sealed()
    begin_ms = phone.began_ms - view.began_ms
    recorded = await to_thread.run_sync(agent_side, sound)
    edges = [0.0]
    for from_ms, to_ms in phone.dead_ms:
        edges += [from_ms - KILL_MS, to_ms]
    edges.append(phone.spoken_ms)
    spans = list(zip(edges[::2], edges[1::2], strict=True))
    verdict = await to_thread.run_sync(compare, phone.speaker.samples, recorded, begin_ms, spans)
    dead = tuple((from_ms + begin_ms, to_ms + begin_ms) for from_ms, to_ms in phone.dead_ms)
    said = (begin_ms, begin_ms + phone.spoken_ms)
    return Heard(verdict, view, said, dead, phone.connections, phone.retries)


@asynccontextmanager
async def speaking_hall(folder: DataFolder, speakers: Sequence[Speaker]) -> AsyncIterator[SpeakingHall]:
    """Everybody in a call, and about to speak; afterwards nothing runs."""
    passes = await _furnish(folder, len(speakers))
    arguments = ("--media-address", "127.0.0.1", "--media-workers", "1")
    with ServerProcess(folder, arguments, media=True) as server:
        hall = SpeakingHall(server)
        try:
            await to_thread.run_sync(server.start)
            await _ready(server.url)
            async with AsyncExitStack() as stack:
                for (token, attempt_id), speaker in zip(passes, speakers, strict=True):
                    phone = await stack.enter_async_context(SeatPhone.sit(server.url, token, attempt_id, speaker, IN))
                    await phone.act("open_part", part="in1")
                    await phone.lift()
                    await phone.act("answer", call=IN)
                    hall.phones.append(phone)
                yield hall
        finally:
            server.kill()
            await to_thread.run_sync(end_workers, folder)


async def _furnish(folder: DataFolder, seats: int) -> list[tuple[str, str]]:
    services = await build(folder)
    try:
        return [await _seat(services, number) for number in range(seats)]
    finally:
        await services.database.close()


async def _seat(services: Services, number: int) -> tuple[str, str]:
    sound = ogg(LINE)
    await services.blobs.put(sound)
    raw: dict[str, Any] = raw_voice_paper()
    raw["parts"][0]["turns"][0]["customer"]["audio"] = {"sha256": sha256_hex(sound), "duration_ms": 20 * len(LINE)}
    text = json.dumps(raw).replace(raw["parts"][2]["source"]["audio"]["sha256"], sha256_hex(sound))
    module = services.modules["telephony"]
    content = module.content_type.model_validate_json(text)
    who = await services.accounts.create(f"pupil-{number}", f"测试学员{number}", Role.CONTESTANT, None)
    live = await services.attempts.open_practice_on(who, module, content)
    return await services.accounts.open_login(who), live.record.attempt_id


async def _ready(url: str) -> None:
    async with http_client(url) as http, asyncio.timeout(READY_S):
        while True:
            if (await http.get("/readyz")).json()["parts"]["media"] == "1/1":
                return
            await asyncio.sleep(0.05)
