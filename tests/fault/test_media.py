"""A call over the real server and the real media worker, each killed while somebody speaks."""

import asyncio
import json
import os
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2
import pytest
from anyio import to_thread

from server.adapters.media_process import MediaFolder
from server.app import build
from server.core.access import Role
from server.core.frozen import sha256_hex
from server.settings import DataFolder
from tests.fault.audit import verify_log
from tests.fault.conftest import traces
from tests.support.calls import IN, OUT
from tests.support.client import SeatClient, http_client
from tests.support.media import end_workers
from tests.support.process import ServerProcess
from tests.support.voice import raw_voice_paper
from tests.telephony_worker.peer import Peer
from tests.telephony_worker.sounds import ogg, speech

pytestmark = [pytest.mark.fault, pytest.mark.anyio]

WAIT_S = 60
LINE = speech(300, seed=1)
"""The customer's first line, 6 s."""
REPLY = speech(75, seed=2)


@dataclass(slots=True)
class Scene:
    """A server with a worker, and a pupil's round on the voice paper."""

    server: ServerProcess
    token: str
    attempt_id: str
    fellow: str
    """Another pupil's log-in."""
    peers: list[Peer] = field(default_factory=list)

    @property
    def media(self) -> MediaFolder:
        return MediaFolder(self.server.folder.media)

    def worker(self) -> tuple[int, str]:
        """Process id and life of the one worker."""
        state = self.media.state(0)
        return (0, "") if state is None else (state.pid, state.worker_id)

    async def events(self, type_: str) -> list[dict[str, Any]]:
        """Payloads of one type of the module's events, by the API."""
        async with http_client(self.server.url, self.token) as http:
            answer = await http.get(f"/api/v1/attempts/{self.attempt_id}/events")
        return [event["payload"] for event in answer.json() if event["type"] == f"telephony.{type_}"]

    async def offer(self, seat: SeatClient, peer: Peer, connection: int, call: str = IN) -> httpx2.Response:
        """One offer of a browser."""
        body = {"sdp": await peer.offer(), "connection": connection, "epoch": seat.epoch}
        async with http_client(self.server.url, self.token) as http:
            return await http.post(f"/api/v1/attempts/{self.attempt_id}/calls/{call}/connection", json=body)

    async def connect(self, seat: SeatClient, connection: int = 1, call: str = IN) -> Peer:
        """Connect as a page does: again and again until there is sound."""
        deadline = time.monotonic() + WAIT_S
        while True:
            peer = Peer()
            self.peers.append(peer)
            answer = await self.offer(seat, peer, connection, call)
            if answer.status_code == 200:
                await peer.accept(answer.json()["sdp"])
                await peer.up()
                return peer
            assert answer.json()["retry"], answer.text
            assert time.monotonic() < deadline, self.server.log()
            await peer.close()
            await asyncio.sleep(0.05)

    async def until(self, ask: Callable[[], Awaitable[bool]]) -> None:
        """Until something has become so."""
        deadline = time.monotonic() + WAIT_S
        while not await ask():
            assert time.monotonic() < deadline, self.server.log()
            await asyncio.sleep(0.05)

    async def say(self, seat: SeatClient, act: str, **what: Any) -> None:
        await seat.do({"type": f"telephony.{act}", **what})

    async def written(self) -> bool:
        """Whether anything of the call is on the disk."""
        return bool(self.journals())

    def journals(self) -> list[str]:
        """Names of the call's journals."""
        folder = self.media.journals / self.attempt_id / IN
        return sorted(path.name for path in folder.glob("*.rtp")) if folder.is_dir() else []


async def _furnish(folder: DataFolder) -> tuple[str, str, str]:
    services = await build(folder)
    try:
        sound = ogg(LINE)
        await services.blobs.put(sound)
        text = json.dumps(raw_voice_paper()).replace(
            raw_voice_paper()["parts"][2]["source"]["audio"]["sha256"], "SOUND"
        )
        raw = json.loads(text.replace("SOUND", sha256_hex(sound)))
        raw["parts"][0]["turns"][0]["customer"]["audio"]["duration_ms"] = 20 * len(LINE)
        raw["parts"][1]["other_side"] = "role_player"
        module = services.modules["telephony"]
        content = module.content_type.model_validate(raw)
        who = await services.accounts.create("pupil", "测试学员", Role.CONTESTANT, None)
        live = await services.attempts.open_practice_on(who, module, content)
        fellow = await services.accounts.create("fellow", "测试同学", Role.CONTESTANT, None)
        open_login = services.accounts.open_login
        return await open_login(who), live.record.attempt_id, await open_login(fellow)
    finally:
        await services.database.close()


@asynccontextmanager
async def scene(folder: DataFolder, *, media: bool = True) -> AsyncIterator[Scene]:
    """A running server; afterwards nothing runs, and what is on the disk is sound."""
    token, attempt_id, fellow = await _furnish(folder)
    arguments = ("--media-address", "127.0.0.1", "--media-workers", "1") if media else ()
    with ServerProcess(folder, arguments, media=media) as server:
        here = Scene(server, token, attempt_id, fellow)
        try:
            await to_thread.run_sync(server.start)
            if media:
                await here.until(lambda: _ready(server.url, "1/1"))
            yield here
        finally:
            for peer in here.peers:
                await peer.close()
            server.kill()
            await to_thread.run_sync(end_workers, folder)
        assert not traces(server.log()), server.log()
    verdict = await verify_log(folder)
    assert (verdict["faults"], verdict["exit"]) == ([], 0)


async def _ready(url: str, word: str) -> bool:
    async with http_client(url) as http:
        return bool((await http.get("/readyz")).json()["parts"]["media"] == word)


async def _lines_heard(here: Scene) -> bool:
    return [event["heard"] for event in await here.events("line_ended")][-1:] == [True]


async def test_a_killed_worker_costs_a_call_nothing_but_the_moment(folder: DataFolder) -> None:
    async with scene(folder) as here, SeatClient(here.server.url, here.token, here.attempt_id) as seat:
        await seat.start()
        await here.say(seat, "open_part", part="in1")
        peer = await here.connect(seat)
        await here.say(seat, "answer", call=IN)
        await peer.heard(LINE[:25])
        await here.until(here.written)
        before = here.worker()
        os.kill(before[0], 9)
        # The page notices by the silence, and comes again under the same call.
        again = await here.connect(seat, connection=2)
        assert here.worker() != before
        await again.heard(LINE, WAIT_S)
        await here.until(lambda: _lines_heard(here))
        await here.say(seat, "start_take", call=IN, turn="t1")
        await again.speak(REPLY)
        await again.be_silent(1_500)
        await here.until(lambda: _spoken(here, 1_000))
        assert len(await here.events("call_began")) == 1
        first, second = [event["connection"] for event in await here.events("leg_changed") if event["up"]]
        assert (first, second > first) == (1, True)
        lives = {name.rsplit("-", 1)[1] for name in here.journals()}
        assert lives == {f"{before[1]}.rtp", f"{here.worker()[1]}.rtp"}
        await here.say(seat, "hang_up", call=IN)
        log = here.server.log()
        assert log.count("media.started") == 2
        assert log.count("media.gone") == 1


async def _spoken(here: Scene, least_ms: int) -> bool:
    return any(event["spoken_ms"] >= least_ms for event in await here.events("speech_heard"))


async def test_a_killed_server_costs_a_call_nothing(folder: DataFolder) -> None:
    async with scene(folder) as here, SeatClient(here.server.url, here.token, here.attempt_id) as seat:
        await seat.start()
        await here.say(seat, "open_part", part="in1")
        peer = await here.connect(seat)
        await here.say(seat, "answer", call=IN)
        await here.until(lambda: _lines_heard(here))
        await here.say(seat, "start_take", call=IN, turn="t1")
        before = here.worker()
        here.server.kill()
        # Nobody serves: the worker goes on, and keeps what it has to report.
        await peer.speak(REPLY)
        await peer.be_silent(1_500)
        assert here.worker() == before
        await to_thread.run_sync(here.server.start)
        await here.until(lambda: _spoken(here, 1_000))
        assert peer.state == "up"
        assert here.worker() == before
        assert await here.events("call_ended") == []
        assert [event["up"] for event in await here.events("leg_changed")] == [True]

        # The call can still be steered: its end closes the journals.
        await seat.until(lambda: seat.queued == 0)
        await here.say(seat, "hang_up", call=IN)
        await peer.down()
        heard = await here.events("speech_heard")
        assert len(heard) == len({json.dumps(event, sort_keys=True) for event in heard})
        assert [name.split("-")[0] for name in here.journals()] == ["agent", "customer"]


async def test_a_fellow_pupil_is_heard_as_the_customer(folder: DataFolder) -> None:
    async with scene(folder) as here, SeatClient(here.server.url, here.token, here.attempt_id) as seat:
        await seat.start()
        await here.say(seat, "open_part", part="out1")
        await here.say(seat, "dial", part="out1")
        agent = await here.connect(seat, call=OUT)
        customer = Peer()
        here.peers.append(customer)
        async with http_client(here.server.url, here.fellow) as http:
            (offered,) = (await http.get("/api/v1/role/calls")).json()
            where = f"/api/v1/role/calls/{offered['attempt_id']}/{offered['call_id']}"
            assert (await http.get(where)).json()["phase"] == "dialling"
            body = {"sdp": await customer.offer(), "connection": 1}
            await customer.accept((await http.post(f"{where}/connection", json=body)).json()["sdp"])
            await customer.up()
            assert (await http.post(f"{where}/acts", json={"act": "answer"})).status_code == 204
            await customer.speak(REPLY)
            await agent.heard(REPLY)
            await agent.speak(LINE[:50])
            await customer.heard(LINE[:50])
            assert (await http.post(f"{where}/acts", json={"act": "hang_up"})).status_code == 204
        await customer.down()
        (ended,) = await here.events("call_ended")
        assert ended["by"] == "customer"


async def test_without_media_a_page_is_told_why(folder: DataFolder) -> None:
    async with (
        scene(folder, media=False) as here,
        SeatClient(here.server.url, here.token, here.attempt_id) as seat,
    ):
        assert await _ready(here.server.url, "off")
        await seat.start()
        await here.say(seat, "open_part", part="in1")
        peer = Peer()
        here.peers.append(peer)
        answer = await here.offer(seat, peer, 1)
        assert (answer.status_code, answer.json()["code"]) == (503, "media-away")
        assert "--no-media" in answer.json()["detail"]
        assert here.journals() == []


@pytest.mark.skipif(os.name == "nt", reason="signals")
@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
async def test_a_server_that_ends_in_order_leaves_no_idle_worker(folder: DataFolder, sign: signal.Signals) -> None:
    async with scene(folder) as here:
        assert here.media.numbers() == [0]
        os.kill(here.server.pid, sign)

        async def over() -> bool:
            return here.media.numbers() == []

        await here.until(over)
