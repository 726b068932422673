"""A real media worker with real connections over loopback: what was sent is what is written down and heard."""

import asyncio
import os
import stat
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from server.core.media import LegDown, LegUp, PlayEnded
from server.core.media_wire import CallClosed, Levels, Reported
from server.speech.rtp_journal import journal_path, packets
from tests.telephony_worker.peer import LOUD, Peer
from tests.telephony_worker.process import ATTEMPT, CALL, Place, Server, WorkerProcess, plan, play
from tests.telephony_worker.sounds import ogg_file, speech

pytestmark = pytest.mark.fault


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[WorkerProcess]:
    process = WorkerProcess(tmp_path)
    yield process
    process.kill()


@asynccontextmanager
async def joined(place: Place) -> AsyncIterator[Server]:
    server = Server(place)
    await server.join()
    try:
        yield server
    finally:
        await server.close()


def journalled(worker: WorkerProcess, place: Place, leg: str, connection: int = 1) -> list[bytes]:
    path = journal_path(worker.journals, ATTEMPT, CALL, leg, connection, place.worker_id)
    return [each.payload for each in packets(path)]


def run(work: Callable[[], Awaitable[Any]]) -> None:
    async def limited() -> None:
        async with asyncio.timeout(120):
            await work()

    asyncio.run(limited())


def test_what_is_said_is_written_down_and_what_is_played_is_heard(worker: WorkerProcess) -> None:
    place = worker.start()
    line = speech(60, 1)
    file = ogg_file(worker.folder / "line.opus", line)

    async def work() -> None:
        async with joined(place) as server:
            began_us = time.time_ns() // 1000
            server.perform(plan(play(1, file, 60)), files=(file,))
            peer = Peer()
            await server.seat(peer)
            said, _ = await asyncio.gather(peer.speak(speech(100, 2)), peer.heard(line))
            await server.reported("play_began", lambda each: each.n == 1)
            ended = await server.reported("play_ended")
            assert ended.report == PlayEnded(n=1, heard=True)
            await server.reported("speech_began")
            await server.level(lambda call: call.agent_dbfs == -LOUD and call.connected and call.packets_lost == 0)
            await peer.be_silent(600)
            spoken: Any = (await server.reported("speech_ended")).report
            assert 1_500 <= spoken.spoken_ms <= 2_500
            assert peer.packets_lost == 0
            server.perform()
            await server.closed()
            assert journalled(worker, place, "agent")[: len(said)] == said
            assert journalled(worker, place, "customer") == line
            path = journal_path(worker.journals, ATTEMPT, CALL, "customer", 1, place.worker_id)
            found = list(packets(path))
            assert {b.timestamp - a.timestamp & 0xFFFFFFFF for a, b in zip(found, found[1:], strict=False)} == {960}
            assert began_us <= found[0].at_us <= found[-1].at_us <= time.time_ns() // 1000
            agent = list(packets(journal_path(worker.journals, ATTEMPT, CALL, "agent", 1, place.worker_id)))
            assert agent[0].level == LOUD
            await peer.down()
            await peer.close()

    run(work)


def test_the_page_is_rebuilt_under_the_same_call(worker: WorkerProcess) -> None:
    place = worker.start()

    async def work() -> None:
        async with joined(place) as server:
            server.perform(plan())
            first, second = Peer(), Peer()
            await server.seat(first, 1)
            said = await first.speak(speech(30, 1))
            await server.seat(second, 2)
            again = await second.speak(speech(30, 2))
            await first.down()
            legs = [each for each in server.reports() if isinstance(each, LegUp | LegDown)]
            assert legs == [
                LegUp(leg="seat", connection=1),
                LegDown(leg="seat", connection=1),
                LegUp(leg="seat", connection=2),
            ]
            await second.close()
            await server.reported("leg_down", lambda each: each.connection == 2)
            server.perform()
            await server.closed()
            assert journalled(worker, place, "agent", 1) == said
            assert journalled(worker, place, "agent", 2) == again
            await first.close()

    run(work)


def test_a_role_player_and_a_contestant_hear_each_other_and_a_listener_both(worker: WorkerProcess) -> None:
    place = worker.start()
    one, other, held = speech(50, 1), speech(50, 2), speech(25, 3)

    async def work() -> None:
        async with joined(place) as server:
            server.perform(plan(bridged=True))
            seat, role, listener = Peer(), Peer(), Peer(tracks=2, direction="recvonly")
            await server.seat(seat)
            await server.seat(role, leg="role_player")
            await server.listen(listener)
            await asyncio.gather(seat.speak(one), role.speak(other))
            await role.heard(one)
            await seat.heard(other)
            agent, customer = listener.tracks()
            await listener.until(lambda: listener.payloads(agent) == one and listener.payloads(customer) == other)
            await server.reported("speech_began", lambda each: each.leg == "role_player")
            server.perform(plan(bridged=True, held=True))
            # The plan has arrived when something that was asked after it is answered.
            assert (await server.offer("v=0", 1)).fault == "sdp"
            listener.send(speech(1, 9)[0])
            await asyncio.gather(seat.speak(held), role.speak(other[:25]))
            await seat.until(lambda: seat.payloads() == other + other[:25])
            await listener.until(lambda: listener.payloads(agent) == one + held)
            assert role.payloads() == one
            assert [type(each) for each in server.reports()].count(LegUp) == 2, "a listener is told to nobody"
            server.end_listening()
            await listener.down()
            server.perform()
            await server.closed()
            assert journalled(worker, place, "agent") == one + held
            assert journalled(worker, place, "customer") == other + other[:25]
            for peer in (seat, role, listener):
                await peer.close()

    run(work)


def test_a_killed_worker_leaves_what_was_said_up_to_a_second_before(worker: WorkerProcess) -> None:
    place = worker.start()

    async def work() -> None:
        async with joined(place) as server:
            server.perform(plan())
            peer = Peer()
            await server.seat(peer)
            said = await peer.speak(speech(150, 1))
            worker.kill()
            found = journalled(worker, place, "agent")
            assert found == said[: len(found)]
            assert len(found) >= len(said) - 50
            again = worker.start()
            assert again.worker_id != place.worker_id
            await server.close()
            async with joined(again) as fresh:
                fresh.perform(plan())
                other = Peer()
                await fresh.seat(other, 2)
                more = await other.speak(speech(20, 2))
                fresh.perform()
                await fresh.closed()
                assert journalled(worker, again, "agent", 2) == more
                await other.close()
            await peer.close()

    run(work)


def test_reports_wait_for_a_server_that_was_away(worker: WorkerProcess) -> None:
    place = worker.start()
    line = speech(40, 1)
    file = ogg_file(worker.folder / "line.opus", line)

    async def work() -> None:
        server = Server(place)
        await server.join()
        server.perform(plan(play(1, file, 40)), files=(file,))
        peer = Peer()
        await server.seat(peer)
        up = await server.reported("leg_up")
        server.taken(up.number)
        await server.reported("play_began")
        await server.close()
        await asyncio.gather(peer.heard(line), peer.speak(speech(60, 2)))
        async with joined(place) as back:
            assert (await back.first(Levels)).calls[0].connected
            await back.reported("play_ended")
            numbers = [each.number for each in back.frames if isinstance(each, Reported)]
            assert numbers == list(range(up.number + 1, up.number + 1 + len(numbers)))
            assert {each.worker_id for each in back.frames if isinstance(each, Reported)} == {place.worker_id}
            back.perform()
            closed = await back.closed()
            back.taken(closed.number)
            async with joined(place) as newer:
                await back.hung_up()
                await newer.first(Levels)
                assert not [each for each in newer.frames if isinstance(each, Reported | CallClosed)]
        await peer.close()

    run(work)


def test_a_network_that_is_silent_takes_the_leg_down_and_gives_it_back(worker: WorkerProcess) -> None:
    place = worker.start()
    line = speech(200, 1)
    file = ogg_file(worker.folder / "line.opus", line)

    async def work() -> None:
        async with joined(place) as server:
            server.perform(plan(due=True))
            peer = Peer()
            await server.seat(peer)
            await peer.speak(speech(20, 2))
            server.perform(plan(play(1, file, 200), due=True), files=(file,))
            await server.reported("play_began")
            peer.unplug(True)
            await server.reported("trouble", lambda each: each.kind == "no_packets" and each.began)
            ended = await server.reported("play_ended")
            assert ended.report == PlayEnded(n=1, heard=False)
            await server.reported("leg_down", lambda each: each.connection == 1)
            peer.unplug(False)
            more = await peer.speak(speech(20, 3))
            await server.reported("trouble", lambda each: each.kind == "no_packets" and not each.began)
            ups = [each for each in server.reports() if isinstance(each, LegUp)]
            assert ups == [LegUp(leg="seat", connection=1)] * 2
            server.perform()
            await server.closed()
            assert journalled(worker, place, "agent")[-20:] == more
            await peer.close()

    run(work)


def test_silence_where_speech_is_due_is_an_alarm_while_it_lasts(worker: WorkerProcess) -> None:
    place = worker.start()

    async def work() -> None:
        async with joined(place) as server:
            server.perform(plan(due=True))
            peer = Peer()
            await server.seat(peer)
            await peer.be_silent(3_500)
            await server.reported("trouble", lambda each: each.kind == "no_sound" and each.began)
            await peer.speak(speech(10, 1))
            await server.reported("trouble", lambda each: each.kind == "no_sound" and not each.began)
            await peer.close()

    run(work)


def test_strangers_and_nonsense_are_shown_out_and_calls_go_on(worker: WorkerProcess) -> None:
    place = worker.start()
    mode = stat.S_IMODE((worker.folder / "workers" / "0.json").stat().st_mode)
    assert os.name == "nt" or mode == 0o600

    async def work() -> None:
        async with joined(place) as server:
            server.perform(plan())
            peer = Peer()
            await server.seat(peer)
            for first in (
                b'{"type":"join","channel":1,"token":"guess","now_ms":1}\n',
                b"GET / HTTP/1.1\r\n",
                b"\xff\n",
            ):
                stranger = Server(place)
                await stranger.connect()
                stranger.raw(first)
                await stranger.hung_up()
                assert not stranger.frames
                await stranger.close()
            assert (await server.offer("v=0\r\nnonsense", 2)).fault == "sdp"
            assert (await server.offer("v=0", call="in9.1")).fault == "no_call"
            two = Peer(tracks=2, direction="recvonly")
            assert (await server.offer(await two.offer(), 3)).fault == "sdp"
            await two.close()
            server.perform(plan(), attempt="../outside")
            await server.hung_up()
            async with joined(place) as back:
                assert (await back.first(Levels)).calls[0].connected
                said = await peer.speak(speech(10, 1))
                back.perform()
                await back.closed()
                assert journalled(worker, place, "agent") == said
            assert not (worker.folder / "outside").exists()
            assert place.token not in worker.log()
            assert "Traceback" not in worker.log()
            await peer.close()

    run(work)


def test_a_line_that_can_not_be_read_is_reported_as_not_heard(worker: WorkerProcess) -> None:
    place = worker.start()
    file = ogg_file(worker.folder / "line.opus", speech(10, 1))
    wanted = play(1, file, 10)
    file.write_bytes(b"something else")

    async def work() -> None:
        async with joined(place) as server:
            server.perform(plan(wanted), files=(file,))
            peer = Peer()
            await server.seat(peer)
            ended = await server.reported("play_ended")
            assert ended.report == PlayEnded(n=1, heard=False)
            await peer.close()

    run(work)


def test_a_worker_that_may_go_closes_everything_first(worker: WorkerProcess) -> None:
    place = worker.start()

    async def work() -> None:
        async with joined(place) as server:
            server.perform(plan())
            peer = Peer()
            await server.seat(peer)
            said = await peer.speak(speech(20, 1))
            server.retire()
            closed = await server.closed()
            server.taken(closed.number)
            assert await worker.ended() == 0
            assert journalled(worker, place, "agent") == said
            assert not (worker.folder / "workers" / "0.json").exists()
            await peer.close()

    run(work)


def test_a_worker_that_nobody_needs_ends_by_itself(tmp_path: Path) -> None:
    worker = WorkerProcess(tmp_path, "--alone-ms", "700")
    try:
        place = worker.start()
        assert os.name == "nt" or os.getsid(worker.pid) == worker.pid, "its own session: it outlives the server"

        async def work() -> None:
            server = Server(place)
            await server.join()
            server.perform(plan())
            peer = Peer()
            await server.seat(peer)
            await server.close()
            await peer.be_silent(1_500)
            async with joined(place) as back:
                assert (await back.first(Levels)).calls[0].connected, "somebody is connected: it stays"
            await peer.close()
            assert await worker.ended() == 0

        run(work)
    finally:
        worker.kill()
