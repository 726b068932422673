"""The robots' page against a server of the test's own making, and what robots know of a task."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import Any

import pytest

from server.app import build
from server.core.access import Role
from server.demo import STAGES
from server.robots.client import Page, Refused
from server.robots.clock import ServerClock
from server.robots.contest import ROOM, TITLE, prepare
from server.robots.machine import Machine
from server.robots.plans import Plans
from server.robots.robot import _files_named
from server.robots.statistics import Statistics, percentile
from server.settings import DataFolder
from tests.support.papers import AUDIO, paper

pytestmark = [pytest.mark.flow, pytest.mark.anyio]

ATTEMPT = {"phase": "running", "server_ms": 5_000_000, "stage_ms": 0, "ends_ms": 5_600_000, "receipt": None}


class FakeWire:
    """One end of a line; what the page sends lies in `sent`."""

    def __init__(self, take: Callable[[str], None]) -> None:
        self.sent: list[dict[str, Any]] = []
        self.closed: asyncio.Future[int | None] = asyncio.get_running_loop().create_future()
        self._take = take
        self._news = asyncio.Event()

    def send(self, text: str) -> None:
        self.sent.append(json.loads(text))
        self._news.set()

    async def until_sent(self, ask: Callable[[], bool]) -> None:
        while not ask():
            self._news.clear()
            await self._news.wait()

    def cut(self) -> None:
        self.end(None)

    def end(self, code: int | None) -> None:
        if not self.closed.done():
            self.closed.set_result(code)

    def say(self, type_: str, **values: Any) -> None:
        self._take(json.dumps({"type": type_, **values}))

    def welcome(self, seq: int = 1, content: Any = None, **changes: Any) -> None:
        state: dict[str, Any] | None = None if content is None else {}
        self.say("welcome", epoch=3, seq=seq, attempt=ATTEMPT | changes, content=content, state=state)

    def commands(self) -> list[dict[str, Any]]:
        return [frame for frame in self.sent if frame["type"] == "command"]


class FakeMachine(Machine):
    """Hands out lines that the test holds."""

    def __init__(self) -> None:
        super().__init__("http://nowhere")
        self.wires: asyncio.Queue[FakeWire] = asyncio.Queue()

    async def line(self, path: str, take: Callable[[str], None]) -> Any:
        wire = FakeWire(take)
        self.wires.put_nowait(wire)
        return wire


@asynccontextmanager
async def page_on(machine: FakeMachine, **options: Any) -> AsyncIterator[tuple[Page, FakeWire]]:
    page = Page(machine, "attempt", retry_s=(0.001, 0.002), **options)
    entering = asyncio.create_task(page.__aenter__())
    wire = await machine.wires.get()
    await asyncio.sleep(0)
    wire.welcome(content={"items": []})
    await entering
    try:
        yield page, wire
    finally:
        await page.leave()


async def test_what_is_not_acknowledged_is_sent_again_under_the_same_id() -> None:
    machine = FakeMachine()
    took: list[float] = []
    async with page_on(machine, acked=took.append) as (page, wire):
        first, second = page.post({"type": "one"}), page.post({"type": "two"})
        assert [frame["command"]["type"] for frame in wire.commands()] == ["one"]
        wire.cut()
        wire = await machine.wires.get()
        await asyncio.sleep(0)
        assert wire.sent[0] | {"page": ""} == {
            "type": "hello",
            "protocol": 1,
            "attempt_id": "attempt",
            "page": "",
            "after": 1,
            "epoch": 3,
        }
        assert wire.commands() == []
        wire.welcome(seq=2)
        (again,) = wire.commands()
        assert (again["command"]["type"], again["epoch"]) == ("one", 3)
        wire.say("acked", id=again["id"], seq=2, server_ms=0, repeated=True)
        assert await first == 2
        assert [frame["command"]["type"] for frame in wire.commands()] == ["one", "two"]
        wire.say("acked", id=wire.commands()[1]["id"], seq=3, server_ms=0, repeated=False)
        assert await second == 3
        assert (len(took), page.queued) == (2, 0)


async def test_refusals_are_tried_again_or_told() -> None:
    async with page_on(FakeMachine()) as (page, wire):
        busy = {"status": 429, "code": "too-many", "detail": "…", "retry": True}
        posted = page.post({"type": "one"})
        wire.say("refused", id=wire.commands()[0]["id"], problem=busy)
        await wire.until_sent(lambda: len(wire.commands()) == 2)
        assert wire.commands()[0]["id"] == wire.commands()[1]["id"]
        wire.say("refused", id=wire.commands()[1]["id"], problem=busy | {"status": 409, "retry": False})
        with pytest.raises(Refused):
            await posted
        assert page.queued == 0


async def test_pings_tell_how_the_page_stands() -> None:
    async with page_on(FakeMachine()) as (page, wire):
        ping = next(frame for frame in wire.sent if frame["type"] == "ping")
        assert (ping["queued"], ping["ends_ms"]) == (0, ATTEMPT["ends_ms"])
        page.post({"type": "one"})
        wire.say("changed", seq=2, attempt=ATTEMPT | {"ends_ms": 5_700_000})
        pings = [frame for frame in wire.sent if frame["type"] == "ping"]
        assert [(frame["queued"], frame["ends_ms"]) for frame in pings[1:]] == [(1, 5_700_000)]
        assert abs(page.server_ms() - 5_000_000) < 1_000


async def test_a_start_without_content_asks_for_it() -> None:
    machine = FakeMachine()
    page = Page(machine, "attempt")
    entering = asyncio.create_task(page.__aenter__())
    wire = await machine.wires.get()
    await asyncio.sleep(0)
    wire.welcome(phase="armed", ends_ms=None)
    await entering
    assert (page.content, page.opened_ms) == (None, 0)
    wire.say("changed", seq=2, attempt=ATTEMPT)
    hellos = [frame for frame in wire.sent if frame["type"] == "hello"]
    assert [frame["after"] for frame in hellos] == [None, None]
    wire.welcome(seq=2, content={"items": [1]})
    assert page.content == {"items": [1]}
    assert page.opened_ms > 0
    await page.leave()


@pytest.mark.parametrize("code", [4401, 4403])
async def test_whoever_is_shut_out_stays_out(code: int) -> None:
    machine = FakeMachine()
    async with page_on(machine) as (page, wire):
        wire.end(code)
        await page.until(lambda: page.over)
        assert machine.wires.empty()


async def test_a_stale_page_sends_nothing_more() -> None:
    machine = FakeMachine()
    async with page_on(machine) as (page, wire):
        wire.say("stale")
        await page.until(lambda: page.over)
        page.post({"type": "one"})
        assert wire.commands() == []
        assert machine.wires.empty()


async def test_the_clock_believes_the_quickest_answer() -> None:
    clock = ServerClock()
    clock.add(1_000, 1_100, 9_050)
    clock.add(2_000, 2_010, 10_020)
    assert clock.rtt_ms == 10
    assert clock._best[1] == 10_020 - 2_005
    clock.add(3_000, 3_010, 99_000)
    assert clock._best[1] == 99_000 - 3_005


def test_files_are_those_of_the_part_that_a_command_names() -> None:
    content = {
        "title": "i1",
        "items": [
            {"id": "i1", "audio": {"sha256": "aa"}, "more": [{"sha256": "bb"}]},
            {"id": "i2", "audio_sha256": "cc"},
        ],
    }
    assert _files_named(content, {"type": "typing_test.open_item", "item": "i1"}) == {"aa", "bb"}
    assert _files_named(content, {"type": "typing_test.open_item", "item": "i2"}) == {"cc"}
    assert _files_named(content, {"type": "hand_in"}) == set()


def test_percentiles_are_values_that_were_there() -> None:
    assert percentile([], 0.99) is None
    assert percentile([5, 1, 3], 0.5) == 3
    assert percentile(list(range(1, 101)), 0.99) == 99
    assert percentile([1, 2], 1) == 2


async def test_refusals_and_failures_are_counted_apart() -> None:
    statistics = Statistics()
    statistics.troubled(Refused({"status": 409, "code": "refused", "detail": ""}))
    statistics.troubled(TimeoutError("late"))
    told = statistics.report()
    assert (told["refused"], told["troubles"]) == ({"refused": 1}, {"TimeoutError: late": 1})


async def test_a_contest_is_prepared_once_and_larger_if_need_be(folder: DataFolder) -> None:
    services = await build(folder)
    plans = Plans(folder)
    try:
        await services.blobs.put(AUDIO)
        await services.papers.add_paper(services.modules["typing_test"], paper(), "contest", None)
        first = await prepare(services, 3)
        assert await prepare(services, 2) == first
        second = await prepare(services, 5)
        assert second != first
        sittings = await plans.sittings(second)
        assert [sitting.label for sitting in sittings] == [f"{ROOM}-0{number}" for number in range(1, 6)]
        assert len({sitting.ticket_number for sitting in sittings}) == 5
        organiser = await services.accounts.first_of_role(Role.ORGANISER)
        assert organiser is not None
        contests = await services.contests.all(organiser)
        assert {contest.title.zh for contest in contests} == {TITLE}
        assert {tuple(stage.module for stage in contest.stages) for contest in contests} == {STAGES}
    finally:
        await plans.close()
        await services.database.close()


def test_a_plan_is_in_order_of_time(folder: DataFolder) -> None:
    async def planned() -> list[int]:
        services = await build(folder)
        plans = Plans(folder)
        try:
            await services.blobs.put(AUDIO)
            who = await services.accounts.create("trainee", "测试", Role.CONTESTANT, None)
            paper_id = await services.papers.add_paper(services.modules["typing_test"], paper(), "lesson")
            live = await services.attempts.open_practice(who, paper_id)
            acts = await plans.acts(live.record.attempt_id, 1, 0.9)
            assert acts == await plans.acts(live.record.attempt_id, 1, 0.9)
            return [act.stage_ms for act in acts]
        finally:
            await plans.close()
            await services.database.close()

    times = asyncio.run(planned())
    assert all(one <= other for one, other in pairwise(times))
    assert len(times) > 20
