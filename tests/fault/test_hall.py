"""A hall of twenty places under faults: the real process, real lines, orders over HTTP as consoles give them."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from anyio import to_thread
from websockets.exceptions import ConnectionClosed

from server.app import build
from server.core.access import Role
from server.core.journal import Recorded
from server.robots.machine import Machine
from server.robots.wire import Wire
from server.web.context import COOKIE
from server.web.seat import CLOSE_LOGIN
from tests.fault.audit import audit, streams, verify_log
from tests.fault.conftest import traces
from tests.support.client import CSRF, SeatClient, Typist, dial, hello
from tests.support.contest import Contest
from tests.support.house import make_folder
from tests.support.process import ServerProcess

pytestmark = [pytest.mark.fault, pytest.mark.anyio]

PLACES, SPARES = 20, 2
KILLS = 6
STAGES = KILLS + 9
HERE, THERE = "127.0.0.1", "127.0.0.2"
WAIT_S = 30
MINUTE = 60_000
OUTAGE_MS = 45_000


@dataclass(slots=True)
class Hall:
    """A running server with a contest of many stages, and a machine with its cookies at every place."""

    server: ServerProcess
    contest_id: str
    stage_ids: list[str]
    tokens: dict[Role, str]
    seats: dict[str, str]
    """Place by label."""
    machines: dict[str, tuple[str, str]]
    """Log-in, and the address it holds at, by ticket."""
    took_s: float = 0.05
    """How long the last confirmation took."""
    attempts: dict[str, str] = field(default_factory=dict)
    """Attempts of this test's stage by ticket."""
    _stage: int = -1

    @property
    def url(self) -> str:
        """Where it serves."""
        return self.server.url

    @property
    def stage_id(self) -> str:
        """The stage of this test."""
        return self.stage_ids[self._stage]

    def new_stage(self) -> None:
        """Go on to a stage that no test has used."""
        self._stage += 1

    def client(self, ticket: str, attempt_id: str, **options: Any) -> SeatClient:
        """The page of a contestant."""
        log_in, address = self.machines[ticket]
        page = SeatClient(self.url, log_in, attempt_id, resumes=False, **options)
        if address != HERE:
            page.machine = Elsewhere(self.url, None, {COOKIE: log_in})
        return page

    async def ask(self, role: Role, method: str, path: str, body: Any = None) -> Any:
        """A request of the staff; raises httpx2.HTTPError."""
        return await self._request(role, method, f"/contests/{self.contest_id}{path}", body)

    async def _request(self, role: Role, method: str, path: str, body: Any) -> Any:
        async with browser(self.url, {COOKIE: self.tokens[role]}) as http:
            answer = await http.request(method, f"/api/v1{path}", json=body)
            answer.raise_for_status()
            return answer.json()

    async def release(self, label: str) -> None:
        """The technician lets another machine take a place."""
        await self._request(Role.TECHNICIAN, "PATCH", f"/seats/{self.seats[label]}", {"release": True})

    async def propose(self, act: str, **options: Any) -> Any:
        """The chief referee gives an order."""
        contest = await self.ask(Role.CHIEF_REFEREE, "GET", "")
        body = {"act": act, "seen": contest["revision"], **options}
        return await self.ask(Role.CHIEF_REFEREE, "POST", f"/stages/{self.stage_id}/orders", body)

    async def confirm(self, given: Any) -> Any:
        """The supervisor confirms it."""
        began_s = time.monotonic()
        done = await self.ask(Role.SUPERVISOR, "POST", f"/orders/{given['order_id']}/confirm", {"seen": given["seen"]})
        self.took_s = time.monotonic() - began_s
        return done

    async def sit_down(self, http: httpx2.AsyncClient, ticket: str, label: str) -> None:
        """The second machine opens the link of a place, and the contestant logs in there."""
        (await http.post(f"/api/v1/places/{self.seats[label]}/bind")).raise_for_status()
        (await http.post("/api/v1/place/sessions", json={"ticket_number": ticket})).raise_for_status()
        self.machines[ticket] = (http.cookies[COOKIE], THERE)

    async def order(self, act: str, **options: Any) -> None:
        """An order with its confirmation."""
        given = await self.propose(act, **options)
        if given["status"] == "pending":
            given = await self.confirm(given)
        assert given["status"] == "done", given

    @asynccontextmanager
    async def board(self) -> AsyncIterator["Viewer"]:
        """A console that watches this test's stage."""
        viewer = Viewer()
        machine = Machine(self.url, None, {COOKIE: self.tokens[Role.CHIEF_REFEREE]})
        path = f"/ws/board?contest={self.contest_id}&stage={self.stage_id}"
        viewer.wire = await machine.line(path, viewer.take)
        try:
            await viewer.until(lambda: bool(viewer.rows))
            yield viewer
        finally:
            viewer.wire.cut()

    @asynccontextmanager
    async def stage(self, *tickets: str, started: bool = True) -> AsyncIterator[dict[str, SeatClient]]:
        """A fresh stage with the pages of these contestants, all if none is named; closed afterwards."""
        self.new_stage()
        await self.order("arm")
        async with self.board() as board:
            self.attempts = board.attempts()
        async with AsyncExitStack() as stack:
            chosen = tickets or sorted(self.attempts)
            pages = [self.client(ticket, self.attempts[ticket]) for ticket in chosen]
            for page in pages:
                stack.push_async_exit(page)
            await asyncio.gather(*(page.__aenter__() for page in pages))
            await asyncio.gather(*(page.do({"type": "acknowledge_rules"}) for page in pages))
            if started:
                await self.order("start")
                await _all(pages, lambda page: page.content is not None)
            yield dict(zip(chosen, pages, strict=True))
        await self.order("close")


class Viewer:
    """A console: the rows of the board as they are now, by ticket."""

    def __init__(self) -> None:
        self.wire: Wire | None = None
        self.rows: dict[str, dict[str, Any]] = {}
        self.frames = 0
        self._by_key: dict[str, dict[str, Any]] = {}
        self._news = asyncio.Event()

    def take(self, text: str) -> None:
        """One frame."""
        frame = json.loads(text)
        if frame["type"] == "picture":
            self._by_key.clear()
        self._by_key |= {row["key"]: row for row in frame["rows"]}
        self.rows = {row["ticket_number"]: row for row in self._by_key.values() if row["ticket_number"]}
        self.frames += 1
        self._news.set()

    def attempts(self) -> dict[str, str]:
        """Attempts by ticket."""
        return {ticket: row["attempt_id"] for ticket, row in self.rows.items()}

    async def until(self, ask: Callable[[], bool]) -> None:
        """Wait until something is so; raises TimeoutError."""
        async with asyncio.timeout(WAIT_S):
            while not ask():
                self._news.clear()
                await self._news.wait()

    async def next_frame(self) -> None:
        """Wait for a frame that is made from now on: the one under way may be older."""
        enough = self.frames + 2
        await self.until(lambda: self.frames >= enough)


def browser(url: str, cookies: dict[str, str] | None = None, address: str = HERE) -> httpx2.AsyncClient:
    """A machine's browser at an address."""
    transport = httpx2.AsyncHTTPTransport(verify=False, trust_env=False, local_address=address)
    return httpx2.AsyncClient(
        base_url=url, headers=CSRF, cookies=cookies, transport=transport, trust_env=False, timeout=WAIT_S
    )


async def _furnish(server: ServerProcess) -> Hall:
    services = await build(server.folder)
    try:
        contest = await Contest.organise(services, entrants=PLACES, places=PLACES, spares=SPARES, stages=STAGES)
        tokens = {role: await services.accounts.open_login(who) for role, who in contest.staff.items()}
        technician = contest.who(Role.TECHNICIAN)
        machines = {}
        for placed in await services.places.placements(technician, contest.contest_id):
            token = await services.lobby.bind(placed.seat_id, None, HERE)
            who, seat_id = await services.lobby.check_ticket(token, HERE, placed.ticket_number)
            log_in = await services.accounts.open_login(who, seat_id=seat_id, address=HERE)
            machines[placed.ticket_number] = (log_in, HERE)
        seats = {seat.label: seat.seat_id for seat in await services.places.seats(technician)}
        return Hall(server, contest.contest_id, contest.stage_ids, tokens, seats, machines)
    finally:
        await services.database.close()


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """One server for all tests of this file: each takes a stage of its own."""
    with ServerProcess(make_folder(tmp_path_factory.mktemp("hall"))) as server:
        made = asyncio.run(_furnish(server))
        server.start()
        yield made
        log = server.log()
    assert not traces(log), log


# --- lines and machines ------------------------------------------------------------------------------


async def test_half_of_the_hall_comes_back_within_a_second(hall: Hall) -> None:
    async with hall.stage() as pages, hall.board() as board:
        typists = [Typist(page) for page in pages.values()]
        over = False
        typing = [asyncio.create_task(typist.until(lambda: over, 0.02)) for typist in typists]
        await _all(pages.values(), lambda page: len(page.acked) > 3)
        epochs = {page.attempt_id: page.epoch for page in pages.values()}
        cut = [page for number, page in enumerate(pages.values()) if number % 2]
        before = {page.attempt_id: (page.welcomes, len(page.acked)) for page in pages.values()}
        await asyncio.gather(*(page.cut() for page in cut))
        await _all(cut, lambda page: page.welcomes > before[page.attempt_id][0])
        await _all(pages.values(), lambda page: len(page.acked) > before[page.attempt_id][1] + 3)
        over = True
        await asyncio.gather(*typing)
        assert [page.epoch for page in pages.values()] == list(epochs.values())
        assert not any(page.stale or page.shut_out for page in pages.values())
        await board.next_frame()
        await board.until(lambda: all(row["online"] and row["queued"] == 0 for row in board.rows.values()))
        assert not [row["troubles"] for row in board.rows.values() if row["troubles"]]
        receipts = await asyncio.gather(*(page.hand_in() for page in pages.values()))
        await board.until(lambda: {row["phase"] for row in board.rows.values()} == {"closed"})
    assert [receipt["answers_sha256"] for receipt in receipts] == [typist.answers_sha256() for typist in typists]
    found = await audit(hall.server.folder, list(pages.values()))
    assert found.clean, found
    journal = await streams(hall.server.folder, list(epochs))
    assert {len(_of_type(events, "attempt.lease_taken")) for events in journal.values()} == {1}


async def test_a_log_in_copied_to_another_machine_is_refused_there(hall: Hall) -> None:
    async with hall.stage("001") as pages:
        (page,) = pages.values()
        typist = Typist(page)
        await typist.save("i1", "name", "欧")
        log_in, _ = hall.machines["001"]
        async with browser(hall.url, {COOKIE: log_in}, THERE) as http:
            for path in ("/me", f"/attempts/{page.attempt_id}", f"/attempts/{page.attempt_id}/content"):
                refused = await http.get(f"/api/v1{path}")
                assert (refused.status_code, refused.json()["code"]) == (401, "login-elsewhere"), path
        async with dial(hall.url, log_in, local_addr=(THERE, 0)) as socket:
            with pytest.raises(ConnectionClosed) as closed:
                await socket.recv()
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == CLOSE_LOGIN
        epoch, welcomes = page.epoch, page.welcomes
        await typist.save("i1", "name", "欧阳")
        assert (page.epoch, page.welcomes, page.over) == (epoch, welcomes, False)
        assert (await page.hand_in())["answers_sha256"] == typist.answers_sha256()


async def test_who_moves_writes_at_the_new_machine_only(hall: Hall) -> None:
    async with hall.stage("003", "004") as pages:
        old, neighbour = pages["003"], pages["004"]
        await Typist(old).save("i1", "name", "欧阳")
        log_in, _ = hall.machines["003"]
        async with browser(hall.url, address=THERE) as http:
            (await http.post(f"/api/v1/places/{hall.seats['A-21']}/bind")).raise_for_status()
            early = await http.post("/api/v1/place/sessions", json={"ticket_number": "003"})
            assert (early.status_code, early.json()["should_sit"]) == (409, "A-03")
            move = {"key": hall.seats["A-03"], "seat_id": hall.seats["A-21"], "reason": "主机故障"}
            await hall.ask(Role.CHIEF_REFEREE, "POST", "/moves", move)
            await old.until(lambda: old.shut_out)
            await hall.sit_down(http, "003", "A-21")
        async with hall.client("003", old.attempt_id) as there:
            assert there.epoch == old.epoch + 1
            assert there.state is not None
            typist = Typist(there, texts={"i1": {"name": "欧阳"}}, revs={("i1", "name"): 1})
            await typist.save("i1", "name", "欧阳雪")
            assert (await there.hand_in())["answers_sha256"] == typist.answers_sha256()
        async with browser(hall.url, {COOKIE: log_in}) as http:
            assert (await http.get("/api/v1/me")).status_code == 401
        assert not neighbour.over
    events = await _events(hall, old.attempt_id, "typing_test.field_saved")
    saved = [json.loads(event.payload)["text"] for event in events]
    assert saved == ["欧阳", "欧阳雪"]


async def test_two_machines_that_claim_one_contestant(hall: Hall) -> None:
    async with hall.stage("005") as pages:
        (first,) = pages.values()
        await Typist(first).save("i1", "name", "欧")
        log_in, _ = hall.machines["005"]
        page, epoch = first.page, first.epoch
        await first.leave()
        async with dial(hall.url, log_in) as line:
            await line.send(json.dumps(hello(first.attempt_id, page, epoch=epoch)))
            assert json.loads(await line.recv())["epoch"] == epoch
            await hall.release("A-05")
            async with browser(hall.url, address=THERE) as http:
                await hall.sit_down(http, "005", "A-05")
            await line.wait_closed()
            assert line.close_code == CLOSE_LOGIN
        async with hall.client("005", first.attempt_id) as second:
            assert second.epoch == epoch + 1
            typist = Typist(second, revs={("i1", "name"): 1})
            await typist.save("i1", "name", "欧阳")
            assert (await second.hand_in())["answers_sha256"] == typist.answers_sha256()
        async with dial(hall.url, log_in) as line:
            await line.wait_closed()
            assert line.close_code == CLOSE_LOGIN


@pytest.mark.parametrize("told", [False, True], ids=["before it is told", "after it was told"])
async def test_what_a_page_sends_after_losing_its_lease_is_kept(hall: Hall, told: bool) -> None:
    ticket = "006" if told else "004"
    async with hall.stage(ticket) as pages:
        (first,) = pages.values()
        log_in, address = hall.machines[ticket]
        page, epoch = first.page, first.epoch
        late = {"type": "typing_test.save_field", "item": "i1", "field": "name", "text": "旧页", "rev": 9}
        frame = {"type": "command", "id": "from-the-old-page", "epoch": epoch, "stamp_ms": 1, "command": late}
        await first.leave()
        async with dial(hall.url, log_in) as old, dial(hall.url, log_in) as new:
            await old.send(json.dumps(hello(first.attempt_id, page, epoch=epoch)))
            assert json.loads(await old.recv())["epoch"] == epoch
            await new.send(json.dumps(hello(first.attempt_id, "page-of-the-new-tab")))
            assert json.loads(await new.recv())["epoch"] == epoch + 1
            if told:
                assert json.loads(await old.recv()) == {"type": "stale"}
            await old.send(json.dumps(frame))
            answers = [json.loads(await old.recv()) for _ in range(1 if told else 2)]
            (refused,) = (answer for answer in answers if answer["type"] == "refused")
            assert (refused["id"], refused["problem"]["status"]) == ("from-the-old-page", 410)
    kept = await _events(hall, first.attempt_id, "attempt.evidence_kept")
    assert [json.loads(event.payload)["command"]["text"] for event in kept] == ["旧页"]


# --- orders ------------------------------------------------------------------------------------------


async def test_a_granted_end_is_acknowledged_and_who_does_not_is_listed(hall: Hall) -> None:
    async with hall.stage() as pages, hall.board() as board:
        silent = pages.pop("007")
        await silent.leave()
        async with dial(hall.url, hall.machines["007"][0]) as line:

            async def ping(ends_ms: int) -> None:
                await line.send(json.dumps({"type": "ping", "sent": 1, "ends_ms": ends_ms}))

            await line.send(json.dumps(hello(silent.attempt_id, silent.page)))
            ends_ms = json.loads(await line.recv())["attempt"]["ends_ms"]
            await ping(ends_ms)
            await board.until(lambda: all(row["end_seen"] and row["ends_ms"] == ends_ms for row in board.rows.values()))
            await hall.order("grant", ms=2 * MINUTE, reason="停电")
            await _all(pages.values(), lambda page: page.attempt["ends_ms"] == ends_ms + 2 * MINUTE)
            await ping(ends_ms)
            await board.until(lambda: "end_unseen" in board.rows["007"]["troubles"])
            assert {row["ends_ms"] for row in board.rows.values()} == {ends_ms + 2 * MINUTE}
            assert [ticket for ticket, row in board.rows.items() if not row["end_seen"]] == ["007"]
            assert [ticket for ticket, row in board.rows.items() if row["troubles"]] == ["007"]
            await ping(ends_ms + 2 * MINUTE)
            await board.until(lambda: board.rows["007"]["end_seen"])
            assert board.rows["007"]["troubles"] == []


async def test_an_outage_costs_nobody_working_time(hall: Hall) -> None:
    async with hall.stage() as pages:
        for page in list(pages.values())[::3]:
            await Typist(page).save("i1", "name", "欧")
        before = {page.attempt_id: page.attempt["ends_ms"] for page in pages.values()}
        await _heartbeat_after(hall, list(before))
        await to_thread.run_sync(hall.server.kill)
        beat_ms = await _seem_to_have_slept(hall)
        await to_thread.run_sync(hall.server.start)
        await _all(pages.values(), lambda page: page.attempt["phase"] == "paused")
        assert {page.attempt["pause_cause"] for page in pages.values()} == {"outage"}
        await hall.order("resume")
        await _all(pages.values(), lambda page: page.attempt["phase"] == "running")
        journal = await streams(hall.server.folder, list(before))
        paused = {attempt_id: _of_type(events, "attempt.paused")[-1] for attempt_id, events in journal.items()}
        assert {json.loads(event.payload)["since_ms"] for event in paused.values()} == {beat_ms}
        resumed = {_of_type(events, "attempt.resumed")[-1].at_ms for events in journal.values()}
        assert len(resumed) == 1
        lost_ms = resumed.pop() - beat_ms
        assert lost_ms >= OUTAGE_MS
        for page in pages.values():
            assert page.attempt["ends_ms"] == before[page.attempt_id] + lost_ms
        assert not any(page.over for page in pages.values())


async def test_a_start_that_is_killed_starts_all_or_nobody(hall: Hall) -> None:
    for number in range(KILLS):
        async with hall.stage("001", "007", "008", "009", "020", started=False) as pages:
            given = await hall.propose("start")
            confirming = asyncio.create_task(_confirmed(hall, given))
            await asyncio.sleep(hall.took_s * (0.2 + 0.25 * number))
            await to_thread.run_sync(hall.server.restart)
            told = await confirming
            ids = list(hall.attempts.values())
            journal = await streams(hall.server.folder, ids)
            assert len(journal) == PLACES
            started = {_started_ms(events) for events in journal.values()}
            assert len(started) == 1, started
            (started_ms,) = started
            assert not (told and started_ms is None)
            contest = await hall.ask(Role.CHIEF_REFEREE, "GET", "")
            stage = next(stage for stage in contest["stages"] if stage["stage_id"] == hall.stage_id)
            orders = await hall.ask(Role.CHIEF_REFEREE, "GET", "/orders")
            order = next(order for order in orders if order["order_id"] == given["order_id"])
            if started_ms is None:
                assert (stage["phase"], order["status"]) == ("armed", "pending")
                assert (await hall.confirm(given))["status"] == "done"
                journal = await streams(hall.server.folder, ids)
                (started_ms,) = {_started_ms(events) for events in journal.values()}
            else:
                assert (stage["phase"], order["status"]) == ("running", "done")
                assert abs(stage["started_ms"] - started_ms) < 1_000
            await _all(pages.values(), lambda page: page.attempt["phase"] == "running")
            ends = {page.attempt["ends_ms"] for page in pages.values()}
            assert ends == {started_ms + page.attempt["limit_ms"] for page in pages.values()}
            typist = Typist(next(iter(pages.values())))
            await typist.save("i1", "name", "欧阳")
    await to_thread.run_sync(hall.server.kill)
    verdict = await verify_log(hall.server.folder)
    assert (verdict["faults"], verdict["exit"]) == ([], 0)


# --- helpers -----------------------------------------------------------------------------------------


class Elsewhere(Machine):
    """The second machine."""

    async def line(self, path: str, take: Callable[[str], None]) -> Wire:
        """A WebSocket from the second address."""
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        address = urlsplit(self.url)
        assert address.hostname is not None
        assert address.port is not None
        _, wire = await asyncio.get_running_loop().create_connection(
            lambda: Wire(f"ws{self.url.removeprefix('http')}{path}", headers, take),
            address.hostname,
            address.port,
            local_addr=(THERE, 0),
        )
        await wire._opened
        return wire


async def _all(pages: Any, ask: Callable[[SeatClient], bool]) -> None:
    await asyncio.gather(*(page.until(lambda page=page: ask(page)) for page in pages))


async def _confirmed(hall: Hall, given: Any) -> bool:
    """Whether the confirmation was answered."""
    with suppress(httpx2.HTTPError):
        return bool((await hall.confirm(given))["status"] == "done")
    return False


async def _events(hall: Hall, attempt_id: str, type_: str) -> list[Recorded]:
    return _of_type((await streams(hall.server.folder, [attempt_id]))[attempt_id], type_)


def _of_type(events: Sequence[Recorded], type_: str) -> list[Recorded]:
    return [event for event in events if event.type == type_]


def _started_ms(events: Sequence[Recorded]) -> int | None:
    started = _of_type(events, "attempt.started")
    assert len(started) <= 1
    return started[0].at_ms if started else None


async def _heartbeat_after(hall: Hall, attempt_ids: Sequence[str]) -> None:
    """Wait for a heartbeat after the last event of these attempts."""
    services = await build(hall.server.folder)
    try:
        async with asyncio.timeout(WAIT_S):
            journal = await services.journal.read_streams(dict.fromkeys(attempt_ids, 0))
            last_ms = max(events[-1].at_ms for events in journal.values())
            while (await services.journal.last_heartbeat_ms() or 0) <= last_ms:  # noqa: ASYNC110  # another process
                await asyncio.sleep(0.1)
    finally:
        await services.database.close()


async def _seem_to_have_slept(hall: Hall) -> int:
    """As if the server came back OUTAGE_MS after its last heartbeat, which is returned.

    A later event of the staff makes its clock start there: waiting for it would take as long.
    """
    services = await build(hall.server.folder)
    try:
        beat_ms = await services.journal.last_heartbeat_ms()
        assert beat_ms is not None
        (who,) = [await services.accounts.first_of_role(Role.TECHNICIAN)]
        assert who is not None
        await services.journal.append([services.acts.event(who, "power.back", "hall", at_ms=beat_ms + OUTAGE_MS)])
        return beat_ms
    finally:
        await services.database.close()
