"""Calls in virtual time: plans go out, reports come in, browsers are let in or refused with a reason."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from server.app import Services
from server.attempts import orders
from server.calls.connecting import OFFERS_A_MINUTE
from server.calls.reports import CLOSED
from server.calls.schemas import SeatOffer
from server.core.errors import NotFound, StageClosed, StageNotRunning, StaleLease, TooMany
from server.core.frozen import sha256_hex
from server.core.media import LegDown, PlayEnded, SpeechBegan, SpeechEnded, Trouble
from server.core.media_port import CallOver, MediaAway, NoSuchCall, SdpUnusable, WorkerJoined
from server.settings import DataFolder
from server.verify import verify
from tests.support.calls import IN, MODULES, OUT, VoiceSeat, browser
from tests.support.clock import ManualClock
from tests.support.house import house
from tests.support.media import SDP, FakeMedia
from tests.support.voice import AUDIO, persona, voice_paper

pytestmark = [pytest.mark.flow, pytest.mark.anyio]


@asynccontextmanager
async def hall(folder: DataFolder, clock: ManualClock) -> AsyncIterator[tuple[Services, FakeMedia]]:
    """A server with media that does what the test says."""
    media = FakeMedia(clock)
    async with house(folder, clock, MODULES, media) as services:
        yield services, media


async def test_a_whole_inbound_case_over_the_api(folder: DataFolder, clock: ManualClock) -> None:
    async with hall(folder, clock) as (services, media):
        seat = await VoiceSeat.begin(services)
        async with browser(services, seat.who) as http:
            where = f"/attempts/{seat.attempt_id}/calls/{IN}/connection"
            offer = {"sdp": SDP, "connection": 1, "epoch": seat.epoch}
            early = await http.post(where, json=offer)
            assert (early.status_code, early.json()["code"]) == (404, "no-such-call")

            await seat.do("open_part", part="in1")
            answered = await http.post(where, json=offer)
            assert (answered.status_code, answered.json()) == (200, {"sdp": "answer to seat 1"})
        assert media.offers == [(seat.attempt_id, IN, "seat", 1)]
        assert not media.plan(seat.attempt_id).plays
        media.leg_up(seat.attempt_id, IN)
        await clock.settle()

        await seat.do("answer", call=IN)
        await clock.settle()
        (play,) = media.plan(seat.attempt_id).plays
        assert (play.n, play.duration_ms) == (1, 2_000)
        assert media.files[play.sha256].read_bytes() == AUDIO
        await seat.hear(media, IN)
        for turn in ("t1", "t2", "t3"):
            await seat.do("save_field", item="in1", field=f"turn:{turn}", text="您好", rev=1)
            await seat.do("start_take", call=IN, turn=turn)
            await clock.settle()
            assert media.plan(seat.attempt_id).speech_due
            media.report(seat.attempt_id, IN, SpeechBegan(leg="seat"))
            await clock.advance(3_000)
            media.report(seat.attempt_id, IN, SpeechEnded(leg="seat", spoken_ms=2_500, ago_ms=500))
            await clock.settle()
            await seat.do("end_turn", call=IN)
            await clock.settle()
            if turn == "t1":
                await seat.hear(media, IN)
        await seat.do("hang_up", call=IN)
        await clock.settle()
        assert media.plans[seat.attempt_id] == ()
        spoken = [event["spoken_ms"] for event in await seat.events("take_ended")]
        assert spoken == [2_500, 2_500, 2_500]
        assert [event["heard"] for event in await seat.events("line_ended")] == [True, True]
        with pytest.raises(CallOver):
            await seat.connect(IN)
        assert (await verify(services)).faults == []


async def test_refusals_say_what_is_wrong(folder: DataFolder, clock: ManualClock) -> None:
    async with hall(folder, clock) as (services, media):
        seat = await VoiceSeat.begin(services)
        other = await VoiceSeat.begin(services, "v2")
        await seat.do("open_part", part="in1")
        await clock.settle()
        with pytest.raises(NotFound):
            await services.calls.connect(other.who, seat.attempt_id, IN, _offer(seat.epoch))
        with pytest.raises(NoSuchCall):
            await seat.connect("in1.2")
        for sdp in ("what is this?", "v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\n"):
            with pytest.raises(SdpUnusable):
                await seat.connect(IN, sdp=sdp)
        media.refuses_sdp = True
        with pytest.raises(SdpUnusable):
            await seat.connect(IN)
        media.refuses_sdp = False
        async with browser(services, seat.who) as http:
            media.up = False
            away = await http.post(
                f"/attempts/{seat.attempt_id}/calls/{IN}/connection",
                json={"sdp": SDP, "connection": 1, "epoch": seat.epoch},
            )
            assert (away.status_code, away.json()["retry"]) == (503, True)
            assert "语音媒体服务" in away.json()["detail"]
            media.up = True
            bad = await http.post(f"/attempts/{seat.attempt_id}/calls/nonsense/connection", json={})
            assert bad.status_code == 422
        await seat.send({"type": "hand_in", "cause": "handed_in"})
        with pytest.raises(StageClosed):
            await seat.connect(IN)
        await clock.settle()
        assert media.plans[seat.attempt_id] == ()


def _offer(epoch: int) -> SeatOffer:
    return SeatOffer(sdp=SDP, connection=1, epoch=epoch)


async def test_nobody_connects_before_the_start(folder: DataFolder, clock: ManualClock) -> None:
    async with hall(folder, clock) as (services, _):
        who = (await VoiceSeat.begin(services)).who
        live = await services.attempts.open_practice_on(who, MODULES["telephony"], voice_paper())
        epoch = await services.runner.take_lease(live.record.attempt_id, "page-0002")
        with pytest.raises(StageNotRunning):
            await services.calls.connect(who, live.record.attempt_id, IN, _offer(epoch))


async def test_of_two_tabs_the_newer_one_has_the_call(folder: DataFolder, clock: ManualClock) -> None:
    async with hall(folder, clock) as (services, media):
        seat = await VoiceSeat.begin(services)
        await seat.ring(media)
        older = seat.epoch
        seat.epoch = await services.runner.take_lease(seat.attempt_id, "page-0002")
        with pytest.raises(StaleLease):
            await seat.connect(IN, connection=2, epoch=older)
        # The page on the other machine can't know that there has been a connection.
        assert (await seat.connect(IN, connection=1)).sdp == "answer to seat 2"
        media.leg_up(seat.attempt_id, IN)
        await clock.settle()
        changes = [(event["connection"], event["up"]) for event in await seat.events("leg_changed")]
        assert changes == [(1, True), (2, True)]


async def test_connections_are_numbered_on_over_a_restart(folder: DataFolder, clock: ManualClock) -> None:
    async with hall(folder, clock) as (services, media):
        seat = await VoiceSeat.begin(services)
        await seat.ring(media)
    async with hall(folder, clock) as (services, media):
        seat.services = services
        await clock.settle()
        assert [plan.call_id for plan in media.plans[seat.attempt_id]] == [IN]
        assert (await seat.connect(IN, connection=1)).sdp == "answer to seat 2"


async def test_a_page_that_offers_without_end_is_slowed_down(folder: DataFolder, clock: ManualClock) -> None:
    async with hall(folder, clock) as (services, media):
        seat = await VoiceSeat.begin(services)
        await seat.do("open_part", part="in1")
        for _ in range(OFFERS_A_MINUTE):
            await seat.connect(IN)
        with pytest.raises(TooMany):
            await seat.connect(IN)
        await clock.advance(60_001)
        media.up = False
        for _ in range(OFFERS_A_MINUTE + 1):  # that nobody answers is not the page's fault
            with pytest.raises(MediaAway):
                await seat.connect(IN)
        media.up = True
        await seat.connect(IN)
        assert media.offers[-1][3] == 2 * OFFERS_A_MINUTE + 2


async def test_a_lost_worker_is_told_everything_when_it_is_back(folder: DataFolder, clock: ManualClock) -> None:
    async with hall(folder, clock) as (services, media):
        seats = [await VoiceSeat.begin(services, f"v{number}") for number in range(3)]
        for seat in seats[:2]:
            await seat.ring(media)
        await seats[0].do("answer", call=IN)
        await clock.settle()
        before = media.plan(seats[0].attempt_id)
        media.die()
        await clock.settle()
        with pytest.raises(MediaAway):
            await seats[0].connect(IN, connection=2)
        await seats[2].do("open_part", part="in1")
        media.live("worker-2")
        await clock.settle()
        assert {attempt for attempt, plans in media.plans.items() if plans} == {seat.attempt_id for seat in seats}
        assert media.plan(seats[0].attempt_id) == before
        # The offer that found nobody has used up its number.
        assert (await seats[0].connect(IN, connection=2)).sdp == "answer to seat 3"
        # The same call goes on: its line is heard to the end, on reports of the new life.
        media.leg_up(seats[0].attempt_id, IN)
        await seats[0].hear(media, IN)
        assert [event["call"] for event in await seats[0].events("line_ended")] == [IN]
        assert len(await seats[0].events("call_began")) == 1


async def test_with_its_worker_a_call_loses_its_connections_and_alarms(folder: DataFolder, clock: ManualClock) -> None:
    """The next worker doesn't know of them, and a customer's patience must stand still until the page is back."""
    async with hall(folder, clock) as (services, media):
        seat = await VoiceSeat.begin(services)
        await seat.ring(media)
        media.report(seat.attempt_id, IN, Trouble(kind="no_packets", began=True))
        media.die()
        await clock.settle()
        assert [event["up"] for event in await seat.events("leg_changed")] == [True, False]
        assert [event["began"] for event in await seat.events("trouble_seen")] == [True, False]
        media.live("worker-2")
        await clock.settle()
        await seat.connect(IN, connection=2)
        media.leg_up(seat.attempt_id, IN)
        await clock.settle()
        assert [event["up"] for event in await seat.events("leg_changed")] == [True, False, True]
        assert not services.calls.busy()


async def test_a_worker_that_holds_what_is_over_is_told_so(folder: DataFolder, clock: ManualClock) -> None:
    async with hall(folder, clock) as (services, media):
        seat = await VoiceSeat.begin(services)
        await seat.ring(media)
        media.up = False  # nothing reaches it
        await seat.do("hang_up", call=IN)
        await clock.settle()
        assert media.plans[seat.attempt_id]
        assert not services.calls.closed(seat.attempt_id, IN)
        media.up = True
        media.say(WorkerJoined(worker_id=media.worker_id, calls=((seat.attempt_id, IN),)))
        await clock.settle()
        assert media.plans[seat.attempt_id] == ()


async def test_only_what_changed_is_told(folder: DataFolder, clock: ManualClock) -> None:
    async with hall(folder, clock) as (services, media):
        seat = await VoiceSeat.begin(services)
        await seat.ring(media)
        told = len(media.performed)
        await seat.do("save_field", item="in1", field="turn:t1", text="您", rev=1)
        await seat.do("search", query="地址")
        await clock.settle()
        assert len(media.performed) == told


async def test_while_the_stage_stands_still_nobody_speaks_and_nobody_is_heard(
    folder: DataFolder, clock: ManualClock
) -> None:
    async with hall(folder, clock) as (services, media):
        seat = await VoiceSeat.begin(services)
        await seat.ring(media)
        await seat.do("answer", call=IN)
        await seat.hear(media, IN)
        await seat.do("start_take", call=IN, turn="t1")
        await clock.settle()
        plan = media.plan(seat.attempt_id)
        assert (plan.speech_due, plan.held) == (True, False)
        await services.runner.order({seat.attempt_id: orders.act_of("pause")})
        await clock.settle()
        still = media.plan(seat.attempt_id)
        assert (still.speech_due, still.held, still.plays) == (False, True, plan.plays)
        await services.runner.order({seat.attempt_id: orders.act_of("resume")})
        await clock.settle()
        assert media.plan(seat.attempt_id) == plan


async def test_calls_are_closed_when_their_journals_are(folder: DataFolder, clock: ManualClock) -> None:
    async with hall(folder, clock) as (services, media):
        seat = await VoiceSeat.begin(services)
        calls = services.calls
        async with services.bus.listen(CLOSED) as words:
            await seat.ring(media)
            assert not calls.closed(seat.attempt_id, IN)
            await seat.do("hang_up", call=IN)
            await clock.settle()
            assert not calls.closed(seat.attempt_id, IN)
            closed = media.close(seat.attempt_id, IN)
            assert await anext(words) == f"{seat.attempt_id}/{IN}"
            await clock.settle()
            assert calls.closed(seat.attempt_id, IN)
            assert media.taken_up_to == {media.worker_id: closed.number}

            # A worker that has died writes nothing more: what it had is final once the call is over.
            await seat.do("dial", part="out1")
            await clock.settle()
            media.die()
            assert await anext(words) == f"{seat.attempt_id}/{OUT}"
            assert not calls.closed(seat.attempt_id, OUT)
            await seat.do("hang_up", call=OUT)
            assert calls.closed(seat.attempt_id, OUT)
        assert calls.closed(seat.attempt_id, "never.1")


async def test_troubles_and_lost_connections_are_journalled(folder: DataFolder, clock: ManualClock) -> None:
    async with hall(folder, clock) as (services, media):
        seat = await VoiceSeat.begin(services)
        await seat.ring(media)
        await seat.do("answer", call=IN)
        for began in (True, False):
            media.report(seat.attempt_id, IN, Trouble(kind="no_packets", began=began))
        media.report(seat.attempt_id, IN, LegDown(leg="seat", connection=1))
        await clock.settle()
        assert [event["began"] for event in await seat.events("trouble_seen")] == [True, False]
        assert [event["up"] for event in await seat.events("leg_changed")] == [True, False]


async def test_a_simulated_customer_talks_by_reports_alone(folder: DataFolder, clock: ManualClock) -> None:
    async with hall(folder, clock) as (services, media):
        seat = await VoiceSeat.begin(services)
        await seat.do("open_part", part="out1")
        await seat.do("dial", part="out1")
        await clock.settle()
        await seat.connect(OUT)
        media.leg_up(seat.attempt_id, OUT)
        await clock.settle()
        await seat.hear(media, OUT)
        heard = ["open"]
        for _ in range(2):
            media.report(seat.attempt_id, OUT, SpeechBegan(leg="seat"))
            await clock.advance(2_000)
            media.report(seat.attempt_id, OUT, SpeechEnded(leg="seat", spoken_ms=1_500, ago_ms=500))
            # Nobody reports the pause: the module's own time ends the turn.
            await clock.advance(persona()["pause_ms"])
            await seat.hear(media, OUT)
        heard += [event["line"] for event in await seat.events("line_began")][1:]
        assert heard == ["open", "q1", "q2"]


async def test_without_media_a_call_is_refused_and_everything_else_works(
    folder: DataFolder, clock: ManualClock
) -> None:
    async with house(folder, clock, MODULES) as services:
        seat = await VoiceSeat.begin(services)
        await seat.do("open_part", part="in1")
        with pytest.raises(MediaAway, match="without media"):
            await seat.connect(IN)
        await seat.do("save_field", item="in1", field="turn:t1", text="您好", rev=1)
        async with browser(services, None) as http:
            ready = await http.get("http://testserver/readyz")
        assert ready.json()["parts"]["media"] == "off"


@pytest.mark.parametrize(("up", "word"), [(True, "1/1"), (False, "away")])
async def test_readiness_says_how_media_stands(folder: DataFolder, clock: ManualClock, up: bool, word: str) -> None:
    async with hall(folder, clock) as (services, media):
        media.up = up
        async with browser(services, None) as http:
            ready = await http.get("http://testserver/readyz")
        assert (ready.status_code, ready.json()["parts"]["media"]) == (200, word)


async def test_a_line_whose_recording_is_missing_is_planned_without_it(folder: DataFolder, clock: ManualClock) -> None:
    async with hall(folder, clock) as (services, media):
        seat = await VoiceSeat.begin(services)
        await seat.ring(media)
        (await services.blobs.path(sha256_hex(AUDIO))).unlink()
        await seat.do("answer", call=IN)
        await clock.settle()
        assert [play.n for play in media.plan(seat.attempt_id).plays] == [1]
        assert media.files == {}
        # The worker says that nobody heard it, and the contestant can go on all the same.
        media.report(seat.attempt_id, IN, PlayEnded(n=1, heard=False))
        await clock.settle()
        assert [event["heard"] for event in await seat.events("line_ended")] == [False]
        await seat.do("start_take", call=IN, turn="t1")


async def test_an_attempt_that_can_not_be_told_keeps_nobody_else_untold(
    folder: DataFolder, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with hall(folder, clock) as (services, media):
        one, other = await VoiceSeat.begin(services), await VoiceSeat.begin(services, "v2")
        perform = media.perform

        def failing(attempt_id: str, *what: Any) -> None:
            if attempt_id == one.attempt_id:
                raise RuntimeError("a fault of the adapter")
            perform(attempt_id, *what)

        monkeypatch.setattr(FakeMedia, "perform", lambda self, *what: failing(*what))
        await one.do("open_part", part="in1")
        await clock.settle()
        await other.ring(media)
        assert media.plan(other.attempt_id).call_id == IN
        assert one.attempt_id not in media.plans


async def test_a_faulty_module_keeps_nobody_elses_call_waiting(
    folder: DataFolder, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with hall(folder, clock) as (services, media):
        one, other = await VoiceSeat.begin(services), await VoiceSeat.begin(services, "v2")
        side: Any = type(MODULES["telephony"].media)
        plans = side.plans

        def faulty(self: Any, content: Any, state: Any) -> Any:
            if state.desk.searches:
                raise RuntimeError("a fault of the module")
            return plans(self, content, state)

        monkeypatch.setattr(side, "plans", faulty)
        await one.do("search", query="地址")
        await one.do("open_part", part="in1")
        await other.ring(media)
        assert media.plan(other.attempt_id).call_id == IN
        assert one.attempt_id not in media.plans
