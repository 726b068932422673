"""What a seat's page does with sound, over the real HTTP routes: a softphone, a recorder, a spool, an uploader.

As static/src/media/{softphone,recorder,spool,uploads}.ts: a line that is lost is rebuilt under the same call; chunks of
a second stay in the spool until the server says that they are durable; a recorder whose tab died ends with the last
chunk that was stored.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Self

import httpx2

from server.core.frozen import sha256_hex
from server.recordings.schemas import RecordingView
from tests.support.client import SeatClient, http_client
from tests.support.lost_speech import Speaker
from tests.support.speech import webm
from tests.support.wire import Wire
from tests.telephony_worker.peer import Peer

PACKET_S = 0.02
CHUNK_PACKETS = 50
LOST_S = 5.0
"""A browser says "disconnected" after so long without an answer."""
CONNECT_S = 8.0
FIRST_RETRY_S, MOST_RETRY_S = 0.3, 2.0
SEALED_S = 600
"""A child of low priority seals; on a busy machine it waits its turn."""


@dataclass(slots=True)
class Recorder:
    """One MediaRecorder: chunks in the spool by number; `chunks` is known once it has stopped."""

    call_id: str
    pieces: list[bytes]
    """Header, then a block a packet."""
    began_ms: int = 0
    """By the page's estimate of server time; 0 before the first packet."""
    recorded: int = 0
    made: int = 0
    chunks: int | None = None
    ended_ms: int = 0
    spool: dict[int, bytes] = field(default_factory=dict)
    id: str = ""
    token: str = ""
    forgotten: bool = False

    def record(self, now_ms: int) -> None:
        """One more packet; a whole chunk is stored."""
        self.began_ms = self.began_ms or now_ms
        self.recorded += 1
        if self.recorded % CHUNK_PACKETS == 0:
            self._store()

    def stop(self) -> None:
        """The last chunk may be short."""
        if self.recorded % CHUNK_PACKETS:
            self._store()
        self.chunks, self.ended_ms = self.made, self.began_ms + self.recorded * 20

    def die(self) -> None:
        """The tab is killed: what was not stored yet is gone."""
        self.chunks, self.ended_ms = self.made, self.began_ms + self.made * 1000

    def _store(self) -> None:
        first = self.made * CHUNK_PACKETS
        data = b"".join(self.pieces[1 + first : 1 + self.recorded])
        self.spool[self.made] = data if self.made else self.pieces[0] + data
        self.made += 1


class SeatPhone:
    """A seat in one call; `speaker` talks into its microphone from `talk` on, whatever becomes of the page."""

    def __init__(self, url: str, token: str, attempt_id: str, wire: Wire, speaker: Speaker, call_id: str) -> None:
        self.attempt_id, self.call_id, self.speaker = attempt_id, call_id, speaker
        self.page = SeatClient(wire.url, token, attempt_id)
        self.began_ms = 0.0
        """When the speaker began, UTC epoch ms."""
        self.dead_ms: list[tuple[float, float]] = []
        """Without a tab: from, to, in the speaker's time."""
        self.connections = 0
        self.retries = 0
        """Requests that failed."""
        self._url, self._token, self._wire = url, token, wire
        self._recorders: list[Recorder] = []
        self._recorder: Recorder | None = None
        self._peer: Peer | None = None
        self._dropped: list[Peer] = []
        self._at = 0
        self._hushed = False
        self._tasks: list[asyncio.Task[None]] = []
        self._line: asyncio.Task[None] | None = None

    @classmethod
    @asynccontextmanager
    async def sit(cls, url: str, token: str, attempt_id: str, speaker: Speaker, call_id: str) -> AsyncIterator[Self]:
        """A page on a wire of its own, connected and started."""
        async with Wire.to(url) as wire:
            phone = cls(url, token, attempt_id, wire, speaker, call_id)
            await phone.page.__aenter__()
            try:
                await phone.page.start()
                yield phone
            finally:
                await phone._end()

    async def act(self, act: str, **what: Any) -> None:
        """One command of the module."""
        await self.page.do({"type": f"telephony.{act}", **what})

    async def lift(self) -> None:
        """Connect, as soon as the call is there."""
        self._line = asyncio.create_task(self._keep_line())
        self._tasks.append(asyncio.create_task(self._upload()))
        await self._until(lambda: self._peer is not None and self._peer.state == "up")

    def talk(self) -> "asyncio.Task[None]":
        """Recorder and speaker begin; done when all has been said, or after `hush`."""
        self._start_recorder()
        task = asyncio.create_task(self._talk())
        self._tasks.append(task)
        return task

    def hush(self) -> None:
        """That is enough."""
        self._hushed = True

    async def cut(self, seconds: float) -> None:
        """The network is away for so long: no sound, no uploads, no commands."""
        self.unplug(True)
        await asyncio.sleep(seconds)
        self.unplug(False)

    def unplug(self, away: bool) -> None:
        """The network is away, or back."""
        self._wire.cut(away)
        if self._peer is not None and self._peer.cut != away:
            self._peer.unplug(away)

    async def die(self, seconds: float) -> None:
        """The tab is killed, and opened anew so much later; the network must be there by then."""
        assert self._line is not None
        assert self._recorder is not None
        from_ms = self.spoken_ms
        self._line.cancel()
        self._recorder.die()
        self._recorder = None
        self._drop()
        await self.page.cut()
        await self.page.leave()
        await asyncio.sleep(seconds)
        self.page = SeatClient(self._wire.url, self._token, self.attempt_id)
        await self.page.__aenter__()
        self._start_recorder()
        self.dead_ms.append((from_ms, self.spoken_ms))
        self._line = asyncio.create_task(self._keep_line())

    @property
    def spoken_ms(self) -> float:
        """How far the speaker is."""
        return self._at * 20.0

    async def hang_up(self) -> None:
        """End the call, hand in, and bring everything to the server that waits here."""
        await self.act("hang_up", call=self.call_id)
        if self._recorder is not None:
            self._recorder.stop()
        await self.page.hand_in()
        await self._until(lambda: all(recorder.forgotten for recorder in self._recorders))

    async def sealed(self) -> tuple[RecordingView, bytes]:
        """The recording of the call, once it is sealed, and its sound."""
        deadline = time.monotonic() + SEALED_S
        async with http_client(self._url, self._token) as http:
            while True:
                answer = await http.get(f"/api/v1/attempts/{self.attempt_id}/replay")
                views = [RecordingView.model_validate(each) for each in answer.json().get("recordings", ())]
                view = next((each for each in views if each.call_id == self.call_id and each.state == "sealed"), None)
                if view is not None and view.sound_url is not None:
                    return view, (await http.get(view.sound_url)).content
                assert time.monotonic() < deadline, f"not sealed: {answer.text}"
                await asyncio.sleep(0.2)

    # --- the microphone and its recorder -------------------------------------------------------------

    async def _talk(self) -> None:
        loop = asyncio.get_running_loop()
        began, self.began_ms = loop.time(), time.time() * 1000
        for number, payload in enumerate(self.speaker.line):
            if self._hushed:
                return
            if self._recorder is not None:
                self._recorder.record(self.page.server_ms())
            if self._peer is not None and self._peer.state == "up":
                self._peer.send(payload)
            self._at = number + 1
            await asyncio.sleep(max(0.0, began + self._at * PACKET_S - loop.time()))

    def _start_recorder(self) -> None:
        self._recorder = Recorder(self.call_id, webm(self.speaker.copy[self._at :]))
        self._recorders.append(self._recorder)

    # --- the softphone -------------------------------------------------------------------------------

    async def _keep_line(self) -> None:
        failures = 0
        while True:
            try:
                await self._connect()
                failures = 0
                await self._while_up()
            except (httpx2.HTTPError, TimeoutError):
                self.retries += 1
            self._drop()
            await asyncio.sleep(min(MOST_RETRY_S, FIRST_RETRY_S * 2**failures))
            failures += 1

    async def _connect(self) -> None:
        self.connections += 1
        peer = self._peer = Peer()
        body = {"sdp": await peer.offer(), "connection": self.connections, "epoch": self.page.epoch}
        async with http_client(self._wire.url, self._token) as http:
            path = f"/api/v1/attempts/{self.attempt_id}/calls/{self.call_id}/connection"
            answer = await http.post(path, json=body, timeout=CONNECT_S)
            answer.raise_for_status()
        await peer.accept(answer.json()["sdp"])
        async with asyncio.timeout(CONNECT_S):
            await peer.up()

    async def _while_up(self) -> None:
        peer = self._peer
        assert peer is not None
        heard, since = 0, time.monotonic()
        while peer.state == "up" and time.monotonic() - since < LOST_S:
            await asyncio.sleep(0.2)
            if len(peer.received) != heard:
                heard, since = len(peer.received), time.monotonic()

    def _drop(self) -> None:
        """Close the line without a word, as a page does whose network or machine is away."""
        peer, self._peer = self._peer, None
        if peer is not None:
            if not peer.cut:
                peer.unplug(True)
            self._dropped.append(peer)

    # --- the uploader --------------------------------------------------------------------------------

    async def _upload(self) -> None:
        failures = 0
        while True:
            try:
                async with http_client(self._wire.url, self._token) as http:
                    for recorder in self._recorders:
                        await self._carry(http, recorder)
                failures = 0
                await asyncio.sleep(0.1)
            except httpx2.HTTPError:
                self.retries += 1
                await asyncio.sleep(min(MOST_RETRY_S, FIRST_RETRY_S * 2**failures))
                failures += 1

    async def _carry(self, http: httpx2.AsyncClient, recorder: Recorder) -> None:
        if recorder.forgotten or not recorder.began_ms:
            return
        if not recorder.id:
            body = {"call_id": recorder.call_id, "media_type": "audio/webm;codecs=opus", "began_ms": recorder.began_ms}
            view = await _said(http.post(f"/api/v1/attempts/{self.attempt_id}/recorders", json=body))
            recorder.id, recorder.token = view["recorder_id"], view["token"]
        bearer = {"authorization": f"Bearer {recorder.token}"}
        for number in sorted(recorder.spool):
            data = recorder.spool[number]
            headers = bearer | {"x-content-sha256": sha256_hex(data)}
            await _said(http.put(f"/api/v1/uploads/{recorder.id}/{number}", content=data, headers=headers))
            del recorder.spool[number]
        if recorder.chunks is not None and not recorder.spool:
            end = {"chunks": recorder.chunks, "ended_ms": recorder.ended_ms}
            await _said(http.post(f"/api/v1/uploads/{recorder.id}/finish", json=end, headers=bearer))
            recorder.forgotten = True

    async def _until(self, holds: Any) -> None:
        async with asyncio.timeout(SEALED_S):
            while not holds():
                for task in (self._line, *self._tasks):
                    if task is not None and task.done() and not task.cancelled():
                        task.result()
                await asyncio.sleep(0.05)

    async def _end(self) -> None:
        tasks = [task for task in (self._line, *self._tasks) if task is not None]
        for task in tasks:
            task.cancel()
        ends = await asyncio.gather(*tasks, return_exceptions=True)
        for peer in (self._peer, *self._dropped):
            if peer is not None:
                await peer.close()
        with contextlib.suppress(asyncio.CancelledError):
            await self.page.leave()
        for end in ends:
            if isinstance(end, Exception):
                raise end


async def _said(request: Any) -> Any:
    answer = await request
    answer.raise_for_status()
    return answer.json() if answer.content else None
