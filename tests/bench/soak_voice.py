"""Soak of the voice module: a hall of calls on two media workers, commands over /ws, and a board that is watched."""

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from anyio import CapacityLimiter, to_thread

from agents.schemas import NewSeats, Place
from server.adapters.media_process import MediaFolder
from server.app import Services, build
from server.contests.schemas import NewContest, NewStage, RosterRules
from server.core.access import Role
from server.core.frozen import sha256_hex
from server.robots.client import Page
from server.robots.machine import Machine
from server.robots.statistics import percentile
from server.settings import DataFolder
from server.speech.rtp_journal import packets
from server.web.context import COOKIE
from telephony.worker.rtc_inside import advertise
from telephony.worker.rtp import TICK_SAMPLES, packet
from tests.bench.figures import Figure, note
from tests.bench.hall import Console, Viewer
from tests.bench.voice_load import LEVEL, SPEAKER, UP_S, Caller, Speaking
from tests.support.calls import IN
from tests.support.house import make_folder
from tests.support.media import end_workers
from tests.support.process import ServerProcess
from tests.support.voice import inbound, raw_voice_paper
from tests.telephony_worker.sounds import ogg, speech

CALLS, WORKERS = 265, 2
KEPT_PCT = 99.9
AT_ONCE = 4
"""Seats that come, connect or leave at a time; in a hall the ringing is spread, too."""
LINE_S = 30
SAMPLE = 5
"""Calls that are handed in and must be sealed; each recording takes seconds to be put together."""
READY_S, SEALED_S, CLOSED_S = 120, 300, 30
NOTE_S = 60.0


class Counting(Caller):
    """A caller that speaks for hours: it counts instead of keeping numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.sent = 0
        self.came = 0

    def _decrypt(self, session: Any, data: bytes) -> None:
        self.last_heard_ns = 1
        self.came += 1
        self.sound.set()

    def speak(self) -> None:
        """The next packet."""
        self._timestamp = (self._timestamp + TICK_SAMPLES) & 0xFFFFFFFF
        payload = SPEAKER[self.sent % len(SPEAKER)]
        data = packet(
            self.payload_type,
            self.sent & 0xFFFF,
            self._timestamp,
            self.ssrc(),
            payload,
            level_id=self.level_id,
            level=LEVEL,
        )
        self.sent += self.send(data)


@dataclass(slots=True)
class Seat:
    """One contestant: a machine, a page, a call."""

    machine: Machine
    place_id: str
    ticket: str
    page: Page | None = None
    caller: Counting = field(default_factory=Counting)
    setup_ms: float = 0.0

    @property
    def attempt_id(self) -> str:
        """Once the stage is armed."""
        return self.desk.attempt_id

    @property
    def desk(self) -> Page:
        """The page, which must be there."""
        assert self.page is not None
        return self.page

    async def sit_down(self) -> None:
        """Bind the place and log in."""
        await self.machine.json("POST", f"/places/{self.place_id}/bind")
        await self.machine.json("POST", "/place/sessions", {"ticket_number": self.ticket})

    async def open(self, stack: AsyncExitStack) -> None:
        """Open the attempt's page and acknowledge the rules."""
        self.page = await stack.enter_async_context(Page(self.machine, await self._armed()))
        await self.page.do({"type": "acknowledge_rules"})

    async def _armed(self) -> str:
        """The attempt, which comes soon after the order."""
        async with asyncio.timeout(READY_S):
            while True:
                place = await self.machine.json("GET", "/place")
                if place["attempt_phase"] == "armed":
                    attempt_id: str = place["attempt_id"]
                    return attempt_id
                await asyncio.sleep(0.2)

    async def ring(self, speaking: Speaking, number: int) -> None:
        """The line rings; connect, answer, speak."""
        page = self.desk
        await page.until(lambda: page.content is not None)
        await page.do({"type": "telephony.open_part", "part": "in1"})
        began = time.monotonic()
        body = {"sdp": await self.caller.offer(), "connection": 1, "epoch": page.epoch}
        answer = await self.machine.json("POST", f"/attempts/{self.attempt_id}/calls/{IN}/connection", body)
        await self.caller.accept(answer["sdp"])
        async with asyncio.timeout(UP_S):
            await self.caller.connected.wait()
            self.setup_ms = (time.monotonic() - began) * 1000
            speaking.slots[number % len(speaking.slots)].append(self.caller)
            await page.do({"type": "telephony.answer", "call": IN})
            await self.caller.sound.wait()

    async def hang_up(self) -> None:
        """End the call."""
        await self.desk.do({"type": "telephony.hang_up", "call": IN})

    def kept(self, journals: Path) -> int:
        """Packets of this caller in the journals."""
        files = (journals / self.attempt_id / IN).glob("agent-*.rtp")
        return len({(each.ssrc, each.timestamp) for file in files for each in packets(file)})


def measure(minutes: float, calls: int = CALLS) -> Figure:
    """What was sent and is not kept, not sealed, or told as a fault, after so many minutes."""
    factory = None
    if sys.platform != "win32":
        import uvloop

        factory = uvloop.Loop
    with asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(_measure(minutes * 60, calls))


async def _measure(seconds: float, calls: int) -> Figure:
    advertise(["127.0.0.1"])
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as root:
        folder = make_folder(Path(root))
        contest_id, seats, tokens = await _prepared(folder, calls)
        arguments = ("--media-address", "127.0.0.1", "--media-workers", str(WORKERS))
        with ServerProcess(folder, arguments, media=True) as server:
            try:
                await to_thread.run_sync(server.start)
                async with AsyncExitStack() as stack:
                    people = [Machine(server.url, None, {COOKIE: token}) for token in tokens]
                    hall = [Seat(Machine(server.url), place_id, ticket) for place_id, ticket in seats]
                    for machine in (*people, *(seat.machine for seat in hall)):
                        stack.push_async_callback(machine.close)
                    console = Console(contest_id, *people)
                    return await _soak(stack, server, console, hall, seconds)
            finally:
                server.kill()
                await to_thread.run_sync(end_workers, folder)


async def _soak(
    stack: AsyncExitStack, server: ServerProcess, console: Console, hall: Sequence[Seat], seconds: float
) -> Figure:
    await _ready(hall[0].machine)
    await _each(hall, Seat.sit_down)
    await console.order("arm")
    await _each(hall, lambda seat: seat.open(stack))
    viewer = await stack.enter_async_context(
        Viewer.watching(console.chief, console.contest_id, await console.stage_id())
    )
    await console.order("start")
    speaking = Speaking()
    numbers = {id(seat): number for number, seat in enumerate(hall)}
    await _each(hall, lambda seat: seat.ring(speaking, numbers[id(seat)]))
    note(f"{len(hall)} calls up; {_memory(server)}")
    viewer.begin()
    memory = await _wait(server, seconds)
    speaking.stop()
    ages_ms = list(viewer.ages_ms)
    connections_lost = sum(not seat.caller.up for seat in hall)
    await asyncio.sleep(1)
    await _each(hall, Seat.hang_up)
    sent, kept, short = await _counted(server.folder.journals, hall)
    sample = hall[:SAMPLE]
    await _each(sample, lambda seat: seat.desk.hand_in())
    unsealed = await _unsealed(console.chief, sample)
    await asyncio.gather(*(seat.caller.close() for seat in hall))
    traces = server.log().count("Traceback")
    alarms = sum(word in line for line in server.log().splitlines() for word in ('"error"', "media.gone"))
    setups = sorted(seat.setup_ms for seat in hall)
    pages = sum(seat.desk.welcomes > 2 for seat in hall)
    return Figure(
        name="voice.soak_faults",
        value=len(short) + unsealed + connections_lost + traces + alarms,
        unit="count",
        anchor="== 0",
        conditions={
            "what": f"calls with fewer than {KEPT_PCT} % of their packets in the journal, calls not sealed, media "
            "connections lost, tracebacks, errors and dead workers in the log",
            "minutes": round(seconds / 60, 1),
            "calls": len(hall),
            "workers": WORKERS,
            "packets_sent": sent,
            "packets_kept_pct": round(100 * kept / sent, 4) if sent else 0.0,
            "calls_short": len(short),
            "worst_kept_pct": min(short, default=None),
            "sealed_of_sample": f"{len(sample) - unsealed}/{len(sample)}",
            "connections_lost": connections_lost,
            "pages_that_came_again": pages,
            "tracebacks": traces,
            "errors_in_log": alarms,
            "setup_p99_ms": round(percentile(setups, 0.99) or 0.0, 1),
            "board_frames": len(ages_ms),
            "board_age_max_ms": round(max(ages_ms, default=0.0), 1),
            "rss_mb_first": memory[0],
            "rss_mb_last": memory[-1],
        },
    )


async def _wait(server: ServerProcess, seconds: float) -> list[dict[str, float]]:
    """Let them speak; what server and workers need, by the minute."""
    until = time.monotonic() + seconds
    seen = [_memory(server)]
    while (left_s := until - time.monotonic()) > 0:
        await asyncio.sleep(min(left_s, NOTE_S))
        seen.append(_memory(server))
        note(f"{max(0.0, until - time.monotonic()):.0f} s left; {seen[-1]}")
    return seen


async def _counted(journals: Path, hall: Sequence[Seat]) -> tuple[int, int, list[float]]:
    """Packets sent, packets kept, and the share of every call that has too few, once the journals are closed."""
    deadline = time.monotonic() + CLOSED_S
    sent = sum(seat.caller.sent for seat in hall)
    while True:
        kept = {seat.attempt_id: await to_thread.run_sync(seat.kept, journals) for seat in hall}
        if sum(kept.values()) >= sent or time.monotonic() > deadline:
            break
        await asyncio.sleep(1)
    shares = [100 * kept[seat.attempt_id] / max(1, seat.caller.sent) for seat in hall]
    return sent, sum(kept.values()), [round(share, 3) for share in shares if share < KEPT_PCT]


async def _unsealed(chief: Machine, sample: Sequence[Seat]) -> int:
    """How many of these are not sealed after a long time."""
    deadline = time.monotonic() + SEALED_S
    left = list(sample)
    while left and time.monotonic() < deadline:
        views = [await chief.json("GET", f"/attempts/{seat.attempt_id}/replay") for seat in left]
        left = [
            seat
            for seat, view in zip(left, views, strict=True)
            if [each["state"] for each in view["recordings"]] != ["sealed"]
        ]
        await asyncio.sleep(1)
    return len(left)


async def _each(hall: Sequence[Seat], work: Callable[[Seat], Awaitable[Any]]) -> None:
    """The same for everybody, a few at a time."""
    limiter = CapacityLimiter(AT_ONCE)

    async def one(seat: Seat) -> None:
        async with limiter:
            await work(seat)

    async with asyncio.TaskGroup() as tasks:
        for seat in hall:
            tasks.create_task(one(seat))


async def _ready(machine: Machine) -> None:
    async with asyncio.timeout(READY_S):
        while True:
            if (await machine.http.get("/readyz")).json()["parts"]["media"] == f"{WORKERS}/{WORKERS}":
                return
            await asyncio.sleep(0.1)


def _memory(server: ServerProcess) -> dict[str, float]:
    """Resident memory of the server and each worker, MB."""
    media = MediaFolder(server.folder.media)
    found = {"server": _rss_mb(server.pid)}
    for number in media.numbers():
        if (state := media.state(number)) is not None:
            found[f"worker_{number}"] = _rss_mb(state.pid)
    return found


def _rss_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return round(int(line.split()[1]) / 1000, 1)
    return 0.0


# --- the hall ----------------------------------------------------------------------------------------


async def _prepared(folder: DataFolder, calls: int) -> tuple[str, list[tuple[str, str]], list[str]]:
    """A contest with one voice stage: its id, (place, ticket) of everybody, log-ins of chief referee and supervisor."""
    services = await build(folder)
    try:
        return await _contest(services, calls)
    finally:
        await services.database.close()


async def _contest(services: Services, calls: int) -> tuple[str, list[tuple[str, str]], list[str]]:
    who = {
        role: await services.accounts.create(f"soak-{role}", f"测试{role}", role, None)
        for role in (Role.ORGANISER, Role.CHIEF_REFEREE, Role.SUPERVISOR)
    }
    organiser = who[Role.ORGANISER]
    module = services.modules["telephony"]
    content = module.content_type.model_validate_json(json.dumps(await _paper(services)))
    paper_id = await services.papers.add_paper(module, content, "contest", None)
    await services.places.add(organiser, NewSeats(room="S", count=calls))
    rules = RosterRules(most_a_delegation=1000, coach_required=False)
    contest = await services.contests.create(organiser, NewContest(title="语音长跑", rules=rules))
    contest_id = contest.contest_id
    table = "参赛证号,姓名,代表队,组别,指导教师\n"
    table += "".join(f"S{number:04d},测试选手{number},测试队,,\n" for number in range(1, calls + 1))
    seen = await services.contests.revision(contest_id)
    report = await services.roster.import_(organiser, contest_id, "soak.csv", table.encode(), seen=seen, dry_run=False)
    assert report.imported, report.faults
    seen = await services.contests.revision(contest_id)
    await services.places.place(organiser, contest_id, Place(rooms=("S",), seen=seen))
    seen = await services.contests.revision(contest_id)
    await services.timetable.add(organiser, contest_id, NewStage(paper_id=paper_id, seen=seen))
    seats = [
        (one.seat_id, one.ticket_number)
        for one in await services.places.placements(organiser, contest_id)
        if one.seat_id is not None
    ]
    tokens = [await services.accounts.open_login(who[role]) for role in (Role.CHIEF_REFEREE, Role.SUPERVISOR)]
    return contest_id, seats, tokens


async def _paper(services: Services) -> dict[str, Any]:
    """One inbound case whose customer speaks for half a minute; it may last a day."""
    sound = ogg(speech(LINE_S * 50, seed=1))
    await services.blobs.put(sound)
    part = inbound()
    for turn in part["turns"]:
        if turn["customer"] is not None:
            turn["customer"]["audio"] = {"sha256": sha256_hex(sound), "duration_ms": LINE_S * 1000}
    return raw_voice_paper(parts=[part], duration_ms=24 * 3600 * 1000)
