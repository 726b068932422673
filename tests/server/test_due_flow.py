"""What a module does by itself: in net time, never while paused, and not lost over a restart."""

import asyncio

import pytest

from server.app import Services
from server.attempts.live import LiveAttempt
from server.attempts.requests import Ack
from server.core.access import Role
from server.core.errors import Problem
from server.core.modules import Modules
from server.settings import DataFolder
from server.verify import verify
from tests.support.clock import ManualClock
from tests.support.echo import EchoContent, EchoState, echo
from tests.support.house import Trainee, house

pytestmark = [pytest.mark.flow, pytest.mark.anyio]

MODULES = Modules({"echo": echo})


async def sit_down(services: Services, name: str = "t1") -> Trainee:
    """A trainee in a started echo round of 55 s."""
    who = await services.accounts.create(name, "测试学员", Role.CONTESTANT, None)
    content = EchoContent.model_validate({"title": {"zh-CN": "回声"}, "duration_ms": 55_000})
    live = await services.attempts.open_practice_on(who, echo, content)
    epoch = await services.runner.take_lease(live.record.attempt_id, "page-0001")
    trainee = Trainee(services, who, live.record.attempt_id, epoch)
    await trainee.start()
    return trainee


async def spoken(trainee: Trainee) -> list[int]:
    """Net times (ms) at which the customer spoke."""
    events = await trainee.services.journal.read_stream(trainee.attempt_id)
    return [event.stage_ms for event in events if event.type == "echo.customer_spoke"]


async def test_the_customer_speaks_every_ten_seconds_until_the_end(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock, MODULES) as services:
        trainee = await sit_down(services)
        await clock.advance(120_000)
        assert await spoken(trainee) == [10_000, 20_000, 30_000, 40_000, 50_000]
        assert (await services.runner.attempt(trainee.attempt_id)).core.close_cause == "time_up"


async def test_an_outage_keeps_the_customer_waiting_in_net_time(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock, MODULES) as services:
        trainee = await sit_down(services)
        await clock.advance(24_000)
    await clock.advance(300_000)
    async with house(folder, clock, MODULES) as services:
        trainee.services = services
        await clock.advance(60_000)
        assert await spoken(trainee) == [10_000, 20_000]
        await trainee.send({"type": "resume"})
        await clock.advance(120_000)
        assert await spoken(trainee) == [10_000, 20_000, 30_000, 40_000, 50_000]


async def test_what_is_due_before_a_command_happens_before_it_though_the_timer_is_late(
    folder: DataFolder, clock: ManualClock
) -> None:
    async with house(folder, clock, MODULES) as services:
        trainee = await sit_down(services)
        standing = await trainee.standing()
        live = LiveAttempt(standing.record, standing.module, standing.content, standing.core, standing.state)
        live.last_ms = standing.last_ms
        said_ms = clock.now_ms() + 25_000
        assert live.command("said-0001", trainee.epoch, said_ms, {"type": "echo.say"}, said_ms) is None
        assert [(event.type, event.stage_ms, event.command_id) for event in live.pending] == [
            ("echo.customer_spoke", 10_000, None),
            ("echo.customer_spoke", 20_000, None),
            ("echo.said", 25_000, "said-0001"),
        ]


async def test_a_refusal_of_the_module_reaches_the_page_and_journals_nothing(
    folder: DataFolder, clock: ManualClock
) -> None:
    async with house(folder, clock, MODULES) as services:
        trainee = await sit_down(services)
        before = len(await services.journal.read_stream(trainee.attempt_id))
        with pytest.raises(Exception, match="refused"):
            await trainee.send({"type": "echo.shout"})
        assert len(await services.journal.read_stream(trainee.attempt_id)) == before


async def test_a_faulty_module_hurts_nobody_else(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock, MODULES) as services:
        one = await sit_down(services)
        two = await sit_down(services, "t2")
        said = [one.send({"type": "echo.say"}), one.send({"type": "echo.crash"}), two.send({"type": "echo.say"})]
        first, crash, other = await asyncio.gather(*said, return_exceptions=True)
        assert isinstance(crash, Problem)
        assert (crash.status, crash.retry) == (500, False)
        assert isinstance(first, Ack)
        assert isinstance(other, Ack)
        await one.send({"type": "echo.say"})
        assert (await services.runner.attempt(one.attempt_id)).state == EchoState(said=2)
        assert (await verify(services)).faults == []
