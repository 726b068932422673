"""Voice rounds on a whole server in virtual time: commands, media reports and the clock together."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import pytest

from server.app import Services
from server.core.access import Role
from server.core.errors import Problem
from server.core.media import LegDown, LegUp, MediaReport, PlayEnded, RoleActed, SpeechBegan, SpeechEnded
from server.core.modules import Modules
from server.settings import DataFolder
from telephony.content import TelephonyContent
from telephony.module import module
from telephony.seat import LiveCall, SeatLive
from telephony.state import TelephonyState
from tests.contract.test_module_laws import module_events
from tests.support.clock import ManualClock
from tests.support.house import Trainee, house
from tests.support.voice import ID_NUMBER, outbound, voice_paper

pytestmark = [pytest.mark.flow, pytest.mark.anyio]

MODULES = Modules({"telephony": module})
IN, OUT = "in1.1", "out1.1"


@dataclass
class Seat:
    """One contestant at the small paper, with whatever carries the sound."""

    services: Services
    clock: ManualClock
    trainee: Trainee
    content: TelephonyContent
    _reports: Any = field(default_factory=lambda: count(1))

    async def send(self, kind: str, /, **values: Any) -> None:
        await self.trainee.send({"type": f"telephony.{kind}", **values})

    async def report(self, call: str, report: MediaReport, number: int | None = None) -> None:
        report_id = f"worker-1.{next(self._reports) if number is None else number}"
        await self.services.runner.reported(self.trainee.attempt_id, call, report, report_id, self.clock.now_ms())

    async def hear(self, call: str, n: int) -> None:
        state = await self.state()
        plan = module.media.plans(self.content, state)[0]
        await self.clock.advance(next(play.duration_ms for play in plan.plays if play.n == n))
        await self.report(call, PlayEnded(n=n))

    async def speak(self, call: str, ms: int) -> None:
        await self.report(call, SpeechBegan(leg="seat"))
        await self.clock.advance(ms)
        await self.report(call, SpeechEnded(leg="seat", spoken_ms=ms, ago_ms=0))

    async def state(self) -> TelephonyState:
        found = (await self.trainee.standing()).state
        assert isinstance(found, TelephonyState)
        return found

    async def live(self) -> SeatLive:
        return module.seat_live(self.content, await self.state())

    async def call(self, call: str) -> LiveCall:
        return next(own for own in (await self.live()).calls if own.call_id == call)

    async def journal(self) -> list[tuple[str, int, dict[str, Any]]]:
        """Types, net times and payloads of the module's events."""
        events = await self.services.journal.read_stream(self.trainee.attempt_id)
        return [
            (event.type, event.stage_ms, json.loads(event.payload))
            for event in events
            if event.type.startswith("telephony.")
        ]

    async def lines(self) -> list[tuple[str, str]]:
        """Lines of the customer with their causes."""
        return [
            (raw["line"], raw["cause"]) for type_, _, raw in await self.journal() if type_ == "telephony.line_began"
        ]


async def sit_down(services: Services, clock: ManualClock, content: TelephonyContent, name: str = "t1") -> Seat:
    """A contestant in a started round."""
    who = await services.accounts.create(name, "测试学员", Role.CONTESTANT, None)
    live = await services.attempts.open_practice_on(who, module, content)
    epoch = await services.runner.take_lease(live.record.attempt_id, f"page-{name}")
    trainee = Trainee(services, who, live.record.attempt_id, epoch)
    await trainee.start()
    return Seat(services, clock, trainee, content)


@asynccontextmanager
async def seated(folder: DataFolder, clock: ManualClock, **changes: Any) -> AsyncIterator[Seat]:
    """A server with one contestant."""
    async with house(folder, clock, MODULES) as services:
        yield await sit_down(services, clock, voice_paper(**changes))


async def dialled(seat: Seat) -> None:
    """The customer of the outbound call has said who is there."""
    await seat.send("open_part", part="out1")
    await seat.send("dial", part="out1")
    await seat.report(OUT, LegUp(leg="seat", connection=1))
    await seat.hear(OUT, 1)


async def play_inbound(seat: Seat) -> None:
    """A whole case."""
    await seat.send("open_part", part="in1")
    await seat.report(IN, LegUp(leg="seat", connection=1))
    await seat.clock.advance(2_000)
    await seat.send("answer", call=IN)
    plays = count(1)
    for turn in seat.content.parts[0].turns:  # type: ignore[union-attr]
        if turn.customer is not None:
            await seat.hear(IN, next(plays))
        await seat.send("save_field", item="in1", field=f"turn:{turn.id}", text="您好", rev=1)
        await seat.send("start_take", call=IN, turn=turn.id)
        await seat.speak(IN, 2_000)
        await seat.send("end_turn", call=IN)
    await seat.send("hang_up", call=IN)


async def play_outbound(seat: Seat) -> None:
    """A deal, turns ended by pause and by key in turn."""
    await seat.send("register", part="out1", name="演示会员", id_number=ID_NUMBER, package="p1")
    await dialled(seat)
    for n in (2, 3, 4, 5):
        await seat.speak(OUT, 1_500)
        if n % 2:
            await seat.send("end_turn", call=OUT)
        else:
            await seat.clock.advance(1_500)
        await seat.hear(OUT, n)
    await seat.clock.advance(10_000)


async def test_a_whole_inbound_case(folder: DataFolder, clock: ManualClock) -> None:
    async with seated(folder, clock) as seat:
        await play_inbound(seat)
        call = await seat.call(IN)
        assert (call.phase, call.turns_done, call.ended_by) == ("ended", ("t1", "t2", "t3"), "contestant")
        assert await seat.lines() == [("c1", "turn"), ("c2", "turn")]


async def test_a_whole_outbound_call_by_pauses_and_keys(folder: DataFolder, clock: ManualClock) -> None:
    async with seated(folder, clock) as seat:
        await play_outbound(seat)
        call = await seat.call(OUT)
        assert (call.phase, call.ended_by, call.outcome) == ("ended", "customer", "deal")
        assert [line for line, _ in await seat.lines()] == ["open", "q1", "q2", "q3", "deal"]
        causes = [raw["cause"] for type_, _, raw in await seat.journal() if type_ == "telephony.turn_ended"]
        assert causes == ["pause", "key", "pause", "key"]
        assert (await seat.journal())[-1][1] == (await seat.state()).calls[0].since_ms


async def test_two_runs_make_equal_journals(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock, MODULES) as services:
        journals = []
        for name in ("t1", "t2"):
            seat = await sit_down(services, clock, voice_paper(), name)
            await play_inbound(seat)
            await play_outbound(seat)
            journals.append(await seat.journal())
        assert journals[0] == journals[1]


async def test_patience_ends_by_itself(folder: DataFolder, clock: ManualClock) -> None:
    async with seated(folder, clock) as seat:
        await dialled(seat)
        await clock.advance(8_000)
        await seat.hear(OUT, 2)
        await clock.advance(8_000)
        await seat.hear(OUT, 3)
        call = await seat.call(OUT)
        assert (call.ended_by, call.outcome) == ("customer", "refusal")
        assert await seat.lines() == [("open", "answered"), ("nudge", "silence"), ("bye", "patience")]


async def test_hold_keeps_the_customer_waiting_and_the_limit_ends_the_call(
    folder: DataFolder, clock: ManualClock
) -> None:
    async with seated(folder, clock, parts=[outbound(call_ms=120_000)]) as seat:
        await dialled(seat)
        await seat.send("hold", call=OUT, on=True)
        await clock.advance(60_000)
        assert [line for line, _ in await seat.lines()] == ["open"]
        await clock.advance(60_000)
        call = await seat.call(OUT)
        assert (call.ended_by, call.since_ms - (call.answered_ms or 0)) == ("time", 120_000)


async def test_a_role_player_in_another_browser(folder: DataFolder, clock: ManualClock) -> None:
    async with seated(folder, clock, parts=[outbound(other_side="role_player")]) as seat:
        await seat.send("dial", part="out1")
        await seat.report(OUT, LegUp(leg="seat", connection=1))
        await seat.report(OUT, LegUp(leg="role_player", connection=1))
        await seat.report(OUT, RoleActed(by="u2", act="answer"))
        await seat.speak(OUT, 4_000)
        await seat.report(OUT, RoleActed(by="u2", act="outcome", outcome="interest"))
        await seat.report(OUT, RoleActed(by="u2", act="hang_up"))
        call = await seat.call(OUT)
        assert (call.ended_by, call.outcome) == ("customer", "interest")
        assert await seat.lines() == []


async def test_record_only_ends_at_the_limit(folder: DataFolder, clock: ManualClock) -> None:
    async with seated(folder, clock, parts=[outbound(other_side="record_only", call_ms=60_000)]) as seat:
        await seat.send("dial", part="out1")
        await seat.report(OUT, LegUp(leg="seat", connection=1))
        await clock.advance(60_000)
        call = await seat.call(OUT)
        assert (call.ended_by, call.outcome) == ("time", None)


async def test_a_retell(folder: DataFolder, clock: ManualClock) -> None:
    async with seated(folder, clock) as seat:
        await seat.send("dial", part="re1")
        await seat.report("re1.1", LegUp(leg="seat", connection=1))
        await seat.hear("re1.1", 1)
        await seat.send("start_take", call="re1.1", turn="retell")
        await seat.speak("re1.1", 5_000)
        await seat.send("end_turn", call="re1.1")
        await seat.send("hang_up", call="re1.1")
        assert (await seat.call("re1.1")).turns_done == ("retell",)
        assert (await seat.trainee.standing()).progress.done == 1


async def test_a_pause_of_the_stage_stops_the_customer_and_reports_still_count(
    folder: DataFolder, clock: ManualClock
) -> None:
    async with house(folder, clock, MODULES) as services:
        seat = await sit_down(services, clock, voice_paper())
        await dialled(seat)
        await clock.advance(5_000)
    # The server was away: the round comes up paused, as of its last sign of life.
    await clock.advance(60_000)
    async with house(folder, clock, MODULES) as services:
        seat.services = seat.trainee.services = services
        paused = await seat.state()
        await seat.report(OUT, SpeechBegan(leg="seat"))
        await clock.advance(60_000)
        assert [line for line, _ in await seat.lines()] == ["open"]
        with pytest.raises(Problem, match="paused"):
            await seat.send("end_turn", call=OUT)
        await seat.report(OUT, SpeechEnded(leg="seat", spoken_ms=900, ago_ms=0))
        await seat.trainee.send({"type": "resume"})
        assert (await seat.state()).calls[0].quiet_since_ms >= paused.calls[0].quiet_since_ms
        await clock.advance(20_000)
        assert len(await seat.lines()) == 2


async def test_a_killed_server_goes_on_with_the_same_state(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock, MODULES) as services:
        seat = await sit_down(services, clock, voice_paper())
        await play_inbound(seat)
        await dialled(seat)
        await seat.speak(OUT, 2_000)
        before = await seat.state()
    async with house(folder, clock, MODULES) as services:
        seat.services = seat.trainee.services = services
        assert await seat.state() == before
        await clock.advance(1_500)
        assert (await seat.lines())[-1] == ("q1", "turn_ended")


async def test_a_report_that_comes_twice_counts_once(folder: DataFolder, clock: ManualClock) -> None:
    async with seated(folder, clock) as seat:
        await dialled(seat)
        for _ in range(3):
            await seat.report(OUT, SpeechEnded(leg="seat", spoken_ms=400, ago_ms=0), number=99)
        heard = [raw for type_, _, raw in await seat.journal() if type_ == "telephony.speech_heard"]
        assert len(heard) == 1


async def test_a_line_that_was_not_heard_is_said_again_when_the_connection_is_back(
    folder: DataFolder, clock: ManualClock
) -> None:
    async with seated(folder, clock) as seat:
        await dialled(seat)
        await seat.speak(OUT, 2_000)
        await clock.advance(1_500)
        await seat.report(OUT, LegDown(leg="seat", connection=1))
        await seat.report(OUT, PlayEnded(n=2, heard=False))
        await clock.advance(40_000)
        await seat.report(OUT, LegUp(leg="seat", connection=2))
        await seat.hear(OUT, 3)
        assert [line for line, _ in await seat.lines()] == ["open", "q1", "q1"]
        assert (await seat.call(OUT)).floor == "contestant"


async def test_a_call_that_is_up_at_the_close_ended_then(folder: DataFolder, clock: ManualClock) -> None:
    async with seated(folder, clock, duration_ms=60_000) as seat:
        await dialled(seat)
        await seat.send("hold", call=OUT, on=True)
        await clock.advance(120_000)
        standing = await seat.trainee.standing()
        assert standing.core.close_cause == "time_up"
        events = await seat.services.journal.read_stream(seat.trainee.attempt_id)
        (record,) = module.media.calls(seat.content, module_events(module, events), standing.core.closed_ms)
        assert record.ended_ms == standing.core.closed_ms
