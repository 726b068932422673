"""Places, orders and the hall over HTTP: who gets in where, who is refused, and what nobody may read together."""

import asyncio
import io
import json
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, cast

import pytest
from fastapi import FastAPI
from openpyxl import load_workbook
from starlette.testclient import TestClient, WebSocketDenialResponse
from starlette.websockets import WebSocketDisconnect

from agents.lobby import TRIES_A_MINUTE
from server.app import Services
from server.core.access import Permission, Principal, Role
from server.core.events import StaffActed
from server.core.journal import Recorded
from server.papers.bank_schemas import NewTask
from server.settings import DataFolder
from server.web.board import CLOSE_REFUSED
from server.web.context import COOKIE, PLACE_COOKIE
from server.web.seat import CLOSE_LOGIN
from tests.support.clock import ManualClock
from tests.support.contest import Contest
from tests.support.house import house, save
from tests.support.papers import CARD
from tests.support.seat import PATIENCE, Seat
from tests.support.web import CSRF, web

pytestmark = pytest.mark.flow

MINUTE = 60_000
ENTRANTS = 3
HERE, THERE = "10.0.0.1", "10.0.0.2"
WATCHERS = (
    Role.CHIEF_REFEREE,
    Role.SUPERVISOR,
    Role.SCORING_REFEREE,
    Role.TECHNICIAN,
    Role.FLOOR_REFEREE,
    Role.ARBITRATOR,
    Role.AUDIENCE,
)
CALL = "in1.1"
OF_EVERYBODY = {("get", "/api/v1/formulas")}
"""What anybody who is logged in may read: definitions, nothing of anybody."""
OPEN_TO_ALL = {
    ("get", "/api/v1/site"),
    ("get", "/healthz"),
    ("get", "/readyz"),
    ("get", "/api/v1/roster-template.xlsx"),
    ("get", "/api/v1/pupils-template.xlsx"),
    ("get", "/api/v1/me"),
    ("post", "/api/v1/sessions"),
    ("delete", "/api/v1/sessions/current"),
    ("post", "/api/v1/demo/sessions"),
    ("post", "/api/v1/pupil-sessions"),
    ("get", "/api/v1/trust"),
    ("get", "/api/v1/trust/authority.crt"),
    ("get", "/api/v1/trust/authority.pem"),
    ("get", "/api/v1/trust/seat-setup.cmd"),
    ("get", "/api/v1/trust/seat-undo.cmd"),
}
BY_TOKEN = {
    ("get", "/api/v1/uploads/{recorder_id}"),
    ("put", "/api/v1/uploads/{recorder_id}/{number}"),
    ("post", "/api/v1/uploads/{recorder_id}/finish"),
}
"""Sound goes on being uploaded after the log-out; the recorder's token opens its own recorder and nothing else."""
OF_THE_PLACE = {
    ("get", "/api/v1/place"),
    ("post", "/api/v1/place/sessions"),
    ("post", "/api/v1/places/{seat_id}/bind"),
}
EMPTY_FOR_ENTRANTS: dict[tuple[str, str], Any] = {
    ("get", "/api/v1/contests"): [],
    ("get", "/api/v1/lessons/mine"): None,
}
"""Answered to everybody who is logged in, with what concerns the asker: nothing."""


@dataclass(slots=True)
class Hall:
    """A running server with a contest of three entrants on five places, and machines at any address."""

    client: TestClient
    contest: Contest
    seats: dict[str, str] = field(default_factory=dict)
    """Place by label."""
    people: dict[Role, Principal] = field(default_factory=dict)

    @property
    def services(self) -> Services:
        """What runs."""
        services: Services = cast(FastAPI, self.client.app).state.services
        return services

    @property
    def path(self) -> str:
        """Where the contest is."""
        return f"/api/v1/contests/{self.contest.contest_id}"

    @property
    def stage_path(self) -> str:
        """Where its first stage is."""
        return f"{self.path}/stages/{self.contest.stage_ids[0]}"

    def call(self, work: Callable[..., Any], *arguments: Any) -> Any:
        """Await something in the server's own loop."""
        assert self.client.portal is not None
        return self.client.portal.call(work, *arguments)

    def machine(self, address: str = HERE) -> TestClient:
        """A browser without cookies at an address."""
        machine = TestClient(self.client.app, base_url="http://testserver", headers=CSRF, client=(address, 40_000))
        machine.portal = self.client.portal
        return machine

    def staff(self, role: Role) -> TestClient:
        """Somebody of the staff, logged in."""
        machine = self.machine()
        machine.cookies.set(COOKIE, self.call(self.services.accounts.open_login, self.people[role]))
        return machine

    def bound(self, label: str, address: str = HERE) -> TestClient:
        """A machine that has opened the link of a place."""
        machine = self.machine(address)
        answer = machine.post(f"/api/v1/places/{self.seats[label]}/bind")
        assert answer.status_code == 200, answer.text
        return machine

    def seated(self, number: int, address: str = HERE) -> TestClient:
        """An entrant who has logged in at the right place."""
        machine = self.bound(f"A-0{number}", address)
        answer = sit(machine, f"00{number}")
        assert (answer.status_code, answer.json()["mine"]) == (201, True)
        return machine

    def revision(self) -> int:
        """What staff looks at now."""
        seen: int = self.call(self.contest.seen)
        return seen

    def order(self, act: str, **options: Any) -> None:
        """An order with its confirmation, over HTTP."""
        chief = self.staff(Role.CHIEF_REFEREE)
        given = chief.post(f"{self.stage_path}/orders", json={"act": act, "seen": self.revision(), **options}).json()
        if given["status"] == "pending":
            confirm = f"{self.path}/orders/{given['order_id']}/confirm"
            given = self.staff(Role.SUPERVISOR).post(confirm, json={"seen": given["seen"]}).json()
        assert given["status"] == "done", given

    def attempt_of(self, number: int) -> str:
        """The attempt that an entrant's place shows."""
        person = self.call(self.contest.contestant, f"00{number}")
        attempt_id: str = person.attempt_id
        return attempt_id


def sit(machine: TestClient, ticket_number: str) -> Any:
    """The answer to a ticket."""
    return machine.post("/api/v1/place/sessions", json={"ticket_number": ticket_number})


async def _organise(services: Services) -> tuple[Contest, dict[str, str], dict[Role, Principal]]:
    contest = await Contest.organise(services, entrants=ENTRANTS, places=4, spares=1)
    seats = await services.places.seats(contest.who(Role.TECHNICIAN))
    people = dict(contest.staff)
    for role in (*WATCHERS, Role.TRAINER):
        if role not in people:
            people[role] = await services.accounts.create(f"staff-{role}", f"测试{role}", role, None)
    return contest, {seat.label: seat.seat_id for seat in seats}, people


@pytest.fixture
def hall(folder: DataFolder) -> Iterator[Hall]:
    with web(folder) as client:
        services = cast(FastAPI, client.app).state.services
        assert client.portal is not None
        yield Hall(client, *client.portal.call(_organise, services))


# --- at the place ------------------------------------------------------------------------------------


def test_the_link_of_a_place_binds_the_machine(hall: Hall) -> None:
    machine = hall.machine()
    for answer in (machine.get("/api/v1/place"), sit(machine, "001")):
        assert (answer.status_code, answer.json()["code"]) == (409, "place-not-bound")
    assert machine.post("/api/v1/places/nowhere/bind").status_code == 404
    answer = machine.post(f"/api/v1/places/{hall.seats['A-01']}/bind")
    assert (answer.status_code, answer.json()["label"], answer.json()["mine"]) == (200, "A-01", False)
    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith(f"{PLACE_COOKIE}=")
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    again = machine.post(f"/api/v1/places/{hall.seats['A-01']}/bind")
    assert "set-cookie" not in again.headers
    seat = next(seat for seat in hall.staff(Role.TECHNICIAN).get("/api/v1/seats").json() if seat["label"] == "A-01")
    assert (seat["address"], seat["online"]) == (HERE, True)


def test_a_ticket_opens_its_own_place_only(hall: Hall) -> None:
    machine = hall.bound("A-01")
    wrong = sit(machine, "002")
    assert (wrong.status_code, wrong.json()["code"], wrong.json()["should_sit"]) == (409, "wrong-seat", "A-02")
    assert "应坐 A-02" in wrong.json()["detail"]
    unknown = sit(machine, "999")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown-ticket")
    assert machine.get("/api/v1/me").status_code == 401
    right = sit(machine, "００1 ")
    assert (right.status_code, right.json()["ticket_number"]) == (201, "001")
    place = machine.get("/api/v1/place").json()
    assert (place["label"], place["mine"], place["contest_title"]["zh-CN"]) == ("A-01", True, "测试赛")
    me = machine.get("/api/v1/me").json()
    assert (me["contest_id"], me["seat_id"], me["permissions"]) == (hall.contest.contest_id, hall.seats["A-01"], [])
    assert sit(hall.bound("A-05"), "001").json()["should_sit"] == "A-01"


def test_a_lock_out_hurts_neither_the_next_place_nor_who_is_at_work(hall: Hall) -> None:
    machine = hall.seated(1)
    hall.order("arm")
    hall.order("start")
    with Seat.sit(machine, hall.attempt_of(1)) as seat:
        codes = [sit(machine, "999").status_code for _ in range(TRIES_A_MINUTE + 1)]
        assert codes == [404] * TRIES_A_MINUTE + [429]
        assert machine.get("/api/v1/place").json()["mine"]
        assert machine.get("/api/v1/me").status_code == 200
        assert seat.send(save("name", "欧阳雪"))["type"] == "acked"
        assert sit(hall.bound("A-02", THERE), "002").status_code == 201


def test_a_place_in_use_is_released_before_another_machine_takes_it(hall: Hall) -> None:
    first, second = hall.bound("A-01", HERE), hall.machine(THERE)
    link = f"/api/v1/places/{hall.seats['A-01']}/bind"
    taken = second.post(link)
    assert (taken.status_code, taken.json()["code"]) == (409, "place-taken")
    assert HERE in taken.json()["detail"]
    assert "set-cookie" not in taken.headers
    change = f"/api/v1/seats/{hall.seats['A-01']}"
    assert hall.staff(Role.SUPERVISOR).patch(change, json={"release": True}).status_code == 403
    released = hall.staff(Role.TECHNICIAN).patch(change, json={"release": True}).json()
    assert (released["bound_ms"], released["address"]) == (None, None)
    assert second.post(link).status_code == 200
    assert first.get("/api/v1/place").json()["code"] == "place-not-bound"
    assert first.post(link).json()["code"] == "place-taken"


def test_a_log_in_holds_at_the_place_where_it_was_made(hall: Hall) -> None:
    machine, elsewhere = hall.seated(1, HERE), hall.machine(THERE)
    for cookie in machine.cookies.jar:
        elsewhere.cookies.set(cookie.name, cookie.value or "")
    refused = elsewhere.get("/api/v1/me")
    assert (refused.status_code, refused.json()["code"]) == (401, "login-elsewhere")
    assert not elsewhere.get("/api/v1/place").json().get("mine", False)
    assert _refusal(elsewhere, "/ws") == CLOSE_LOGIN
    assert machine.get("/api/v1/place").json()["mine"]


def test_a_copied_place_cookie_lets_nobody_log_in_elsewhere(hall: Hall) -> None:
    machine, elsewhere = hall.seated(1, HERE), hall.machine(THERE)
    elsewhere.cookies.set(PLACE_COOKIE, machine.cookies.get(PLACE_COOKIE) or "")
    assert sit(elsewhere, "001").status_code == 409


def test_who_has_moved_is_logged_in_at_the_old_place_no_more(hall: Hall) -> None:
    old, new = hall.seated(1, HERE), hall.bound("A-05", THERE)
    hall.order("arm")
    move = {"key": hall.seats["A-01"], "seat_id": hall.seats["A-05"], "reason": "主机故障"}
    with Seat.sit(old, hall.attempt_of(1)) as seat:
        moved = hall.staff(Role.TECHNICIAN).post(f"{hall.path}/moves", json=move)
        assert (moved.status_code, moved.json()["label"]) == (201, "A-05")
        with pytest.raises(WebSocketDisconnect) as closed:
            seat.until("no such frame")
        assert closed.value.code == CLOSE_LOGIN
    assert old.get("/api/v1/me").status_code == 401
    for _ in range(PATIENCE):  # what a place asks for is read anew every second
        place = old.get("/api/v1/place").json()
        assert not place["mine"]
        if place["ticket_number"] is None:
            break
    assert place["ticket_number"] is None
    assert sit(old, "001").json()["should_sit"] == "A-05"
    assert sit(new, "001").json()["mine"]


def test_two_moves_to_one_place_at_once_are_one_move(hall: Hall) -> None:
    chief, technician = hall.staff(Role.CHIEF_REFEREE), hall.staff(Role.TECHNICIAN)
    moves = [
        (who, {"key": hall.seats[label], "seat_id": hall.seats["A-05"], "reason": "主机故障"})
        for who, label in ((chief, "A-01"), (technician, "A-02"))
    ]
    for _ in range(5):
        answers = _at_once([partial(who.post, f"{hall.path}/moves", json=body) for who, body in moves])
        assert sorted(answer.status_code for answer in answers) == [201, 409], [answer.text for answer in answers]
        back = {"key": hall.seats["A-05"], "reason": "修好了"}
        won = next(body for (_, body), answer in zip(moves, answers, strict=True) if answer.status_code == 201)
        assert chief.post(f"{hall.path}/moves", json=back | {"seat_id": won["key"]}).status_code == 201


def test_two_technicians_adding_one_room_at_once_add_it_once(hall: Hall) -> None:
    technicians = [hall.staff(Role.TECHNICIAN) for _ in range(2)]
    for room in "BCDEF":
        answers = _at_once([partial(who.post, "/api/v1/seats", json={"room": room, "count": 3}) for who in technicians])
        assert sorted(answer.status_code for answer in answers) == [201, 409], [answer.text for answer in answers]
    labels = [seat["label"] for seat in technicians[0].get("/api/v1/seats").json()]
    assert len(labels) == len(set(labels)) == 5 + 5 * 3


# --- staff -------------------------------------------------------------------------------------------


def test_two_organisers_on_one_picture(hall: Hall) -> None:
    organisers = [hall.staff(Role.ORGANISER) for _ in range(2)]
    paper_id = organisers[0].get(hall.path).json()["stages"][0]["paper_id"]
    body = {"paper_id": paper_id, "seen": hall.revision()}
    answers = _at_once([partial(who.post, f"{hall.path}/stages", json=body) for who in organisers])
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    assert next(answer for answer in answers if answer.status_code == 409).json()["code"] == "overtaken"
    assert len(organisers[0].get(hall.path).json()["stages"]) == 2


def test_a_preview_says_whom_an_order_reaches(hall: Hall) -> None:
    chief = hall.staff(Role.CHIEF_REFEREE)

    def preview(act: str, **options: Any) -> tuple[int, bool, list[str]]:
        body = {"act": act, "seen": hall.revision(), **options}
        answer = chief.post(f"{hall.stage_path}/orders/preview", json=body)
        assert answer.status_code == 200, answer.text
        said = answer.json()
        return said["affected"], said["needs_confirmation"], [warning["zh-CN"] for warning in said["warnings"]]

    assert preview("arm") == (3, False, [])
    assert preview("pause") == (0, False, [])
    hall.order("arm")
    assert preview("arm") == (0, False, [])
    assert preview("start") == (3, True, ["3 个赛位不在线", "3 名选手未确认规则"])
    assert preview("start", keys=[hall.seats["A-02"]])[:2] == (1, True)
    assert preview("start", rooms=["A"])[0] == 3
    assert preview("start", rooms=["B"])[0] == 0
    with Seat.sit(hall.seated(1), hall.attempt_of(1)) as seat:
        seat.send({"type": "acknowledge_rules"})
        assert preview("start")[2] == ["2 个赛位不在线", "2 名选手未确认规则"]
    hall.order("start")
    assert preview("grant", ms=MINUTE, reason="停电") == (3, False, [])
    assert preview("close") == (3, True, [])
    lacking = {"act": "grant", "ms": MINUTE, "seen": hall.revision()}
    assert chief.post(f"{hall.stage_path}/orders/preview", json=lacking).status_code == 422
    stages = chief.get(hall.path).json()["stages"]
    assert stages[0]["phase"] == "running"


def test_every_act_stands_where_the_supervisor_reads_it(hall: Hall) -> None:
    hall.order("arm")
    hall.order("start")
    hall.order("grant", ms=MINUTE, reason="停电")
    chief = hall.staff(Role.CHIEF_REFEREE)
    assert chief.post(f"{hall.path}/announcements", json={"body": "请坐好"}).status_code == 201
    given = chief.post(f"{hall.stage_path}/orders", json={"act": "close", "seen": hall.revision()}).json()
    assert chief.post(f"{hall.path}/orders/{given['order_id']}/withdraw").status_code == 200
    move = {"key": hall.seats["A-01"], "seat_id": hall.seats["A-05"], "reason": "主机故障"}
    assert chief.post(f"{hall.path}/moves", json=move).status_code == 201

    supervisor = hall.staff(Role.SUPERVISOR)
    acts = supervisor.get("/api/v1/acts", params={"contest_id": hall.contest.contest_id}).json()
    journalled: list[Recorded] = hall.call(hall.services.journal.read_stream, hall.contest.contest_id)
    assert [act["seq"] for act in acts] == [event.seq for event in reversed(journalled)]
    assert [act["act"] for act in acts] == [
        StaffActed.model_validate_json(event.payload).act for event in reversed(journalled)
    ]
    done = {act["act"] for act in acts}
    assert done >= {
        "contest.create", "roster.import", "stage.add", "placements.make", "stage.arm", "order.propose", "stage.start",
        "stage.grant", "announcement.say", "order.withdraw", "contestant.move",
    }  # fmt: skip
    hall.bound("A-03")
    house = {act["act"] for act in supervisor.get("/api/v1/acts").json()}
    assert house >= {"seats.add", "seat.bind"}
    for role, who in hall.people.items():
        answer = hall.staff(role).get("/api/v1/acts", params={"contest_id": hall.contest.contest_id})
        assert answer.status_code == (200 if who.may(Permission.READ_ACTS) else 403), role
    assert hall.seated(2).get("/api/v1/acts").status_code == 403


def test_the_board_is_for_those_who_watch(hall: Hall) -> None:
    path = f"/ws/board?contest={hall.contest.contest_id}"
    assert _refusal(hall.machine(), path) == CLOSE_LOGIN
    assert _refusal(hall.seated(1), path) == CLOSE_REFUSED
    for role, who in hall.people.items():
        watches = any(who.may(may) for may in (Permission.WATCH_HALL, Permission.RUN_STAGE, Permission.CONFIRM_ORDER))
        if not watches:
            assert _refusal(hall.staff(role), path) == CLOSE_REFUSED, role
            continue
        with hall.staff(role).websocket_connect(path) as socket:
            assert socket.receive_json()["type"] == "picture", role
    assert _refusal(hall.staff(Role.CHIEF_REFEREE), "/ws/board?contest=nowhere") == CLOSE_REFUSED


@pytest.mark.anyio
async def test_viewers_who_come_at_once_share_one_picture_taker(folder: DataFolder, clock: ManualClock) -> None:
    def takers() -> int:
        return sum(task.get_name() == "board" and not task.done() for task in asyncio.all_tasks())

    async with house(folder, clock) as services:
        contest = await Contest.organise(services)
        chief = contest.who(Role.CHIEF_REFEREE)
        watching = [await services.board.watch(chief, contest.contest_id, None) for _ in range(4)]
        viewers = await asyncio.gather(*(one.__aenter__() for one in watching))
        for frames in viewers:
            assert json.loads(await anext(frames))["type"] == "picture"
        assert takers() == 1
        for one in watching:
            await clock.advance(500)
            assert takers() == 1
            kinds = [json.loads(await anext(frames))["type"] for frames in viewers]
            assert kinds == ["changes"] * len(viewers)
            await one.__aexit__(None, None, None)
            viewers.pop(0)
        await clock.settle()
        assert takers() == 0


@pytest.mark.anyio
async def test_who_comes_later_takes_no_change_from_the_others(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock) as services:
        contest = await Contest.organise(services)
        await contest.order("arm")
        chief = contest.who(Role.CHIEF_REFEREE)
        async with await services.board.watch(chief, contest.contest_id, None) as frames:
            rows = {row["key"]: row for row in json.loads(await anext(frames))["rows"]}
            await clock.advance(500)
            assert json.loads(await anext(frames))["rows"] == []
            await contest.order("start")
            async with await services.board.watch(chief, contest.contest_id, None) as later:
                whole = {row["key"]: row for row in json.loads(await anext(later))["rows"]}
                await clock.advance(500)
                rows |= {row["key"]: row for row in json.loads(await anext(frames))["rows"]}
        assert [row["phase"] for row in rows.values()] == [row["phase"] for row in whole.values()]
        assert sum(row["phase"] == "running" for row in rows.values()) == ENTRANTS


# --- entrants ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("own", [False, True], ids=["another's attempt", "the own attempt"])
def test_an_entrant_is_refused_by_every_route_of_the_staff(hall: Hall, own: bool) -> None:
    hall.order("arm")
    hall.order("start")
    entrant = hall.seated(1)
    known = _known(hall, hall.attempt_of(1 if own else 2))
    tried = 0
    for method, path, operation in _operations(hall):
        if (method, path) in OPEN_TO_ALL | OF_THE_PLACE | BY_TOKEN:
            continue
        answer = entrant.request(method, _filled(path, known), **_sent(hall, operation))
        tried += 1
        if (method, path) in OF_EVERYBODY:
            assert answer.status_code == 200, path
        elif (method, path) in EMPTY_FOR_ENTRANTS:
            assert answer.json() == EMPTY_FOR_ENTRANTS[method, path], path
        elif own and method == "get" and path.startswith("/api/v1/attempts/"):
            assert answer.status_code in (200, 404, 409), (method, path, answer.text)
        elif own and path.endswith("/again"):
            assert answer.json()["code"] == "not-published"
        else:
            assert answer.status_code in (403, 404), (method, path, answer.status_code, answer.text)
    assert tried > 40
    assert entrant.get("/api/v1/place").json()["mine"]
    assert len(hall.staff(Role.SUPERVISOR).get("/api/v1/accounts").json()) > 0


def test_nobody_without_a_log_in_gets_past_the_door(hall: Hall) -> None:
    hall.order("arm")
    nobody = hall.machine()
    known = _known(hall, hall.attempt_of(1))
    for method, path, operation in _operations(hall):
        if (method, path) not in OPEN_TO_ALL | OF_THE_PLACE | BY_TOKEN:
            answer = nobody.request(method, _filled(path, known), **_sent(hall, operation))
            assert (answer.status_code, answer.json()["code"]) == (401, "login-required"), (method, path)


# --- blindness ---------------------------------------------------------------------------------------


def test_nothing_that_staff_reads_ties_a_work_to_a_contestant(hall: Hall) -> None:
    attempts = _played(hall)
    stage_id = hall.contest.stage_ids[0]
    works = hall.staff(Role.SCORING_REFEREE).get(f"/api/v1/stages/{stage_id}/results").json()["works"]
    codes = {work["work_code"] for work in works}
    assert len(codes) == ENTRANTS
    correction = {"key": {"items.i1.name": ["欧阳雪", "欧阳血"]}, "reason": "读音", "seen": hall.revision()}
    made = hall.staff(Role.CHIEF_REFEREE).post(f"/api/v1/stages/{stage_id}/corrections", json=correction)
    assert made.status_code == 201, made.text
    placements = hall.staff(Role.TECHNICIAN).get(f"{hall.path}/placements").json()
    identities = {one[key] for one in placements for key in ("seat_id", "label", "account_id", "ticket_number")}
    identities |= {f"选手{ticket}" for ticket in hall.contest.tickets} | set(attempts)

    known = [_known(hall, attempt_id) | {"work_code": code} for attempt_id, code in zip(attempts, codes, strict=True)]
    paths = {
        _filled(path, one)
        for method, path, _ in _operations(hall)
        if method == "get" and path not in ("/api/v1/site", "/api/v1/me")
        for one in known
    }
    read: dict[Role, int] = {}
    for role in WATCHERS:
        who = hall.staff(role)
        for path in sorted(paths):
            answer = who.get(path, params=_asked(hall, path))
            if answer.status_code != 200:
                continue
            read[role] = read.get(role, 0) + 1
            for leaves in _records(path, answer):
                about_works, about_people = _mentions(leaves, codes), _mentions(leaves, identities)
                assert not (about_works and about_people), (role, path, about_works, about_people)
                if path.startswith("/api/v1/contests/") or path.endswith(("/seats", "/events")):
                    assert not about_works, (role, path, about_works)
                if path.startswith("/api/v1/stages/"):
                    assert not about_people, (role, path, about_people)
        if hall.people[role].may(Permission.WATCH_HALL):
            with who.websocket_connect(f"/ws/board?contest={hall.contest.contest_id}&stage={stage_id}") as socket:
                board = list(_leaves(socket.receive_json()))
            assert not _mentions(board, codes), role
            assert len(_mentions(board, set(hall.contest.tickets))) == ENTRANTS
    assert min(read.values()) > 5
    assert read[Role.CHIEF_REFEREE] > read[Role.SCORING_REFEREE] > read[Role.AUDIENCE]
    audience = hall.staff(Role.AUDIENCE)
    shown = [*_leaves(audience.get(hall.path).json()), *_leaves(audience.get(f"{hall.path}/clock").json())]
    assert not _mentions(shown, codes | identities)


def _played(hall: Hall) -> list[str]:
    """Everybody has sat the stage, each with another text; returns the attempts."""
    hall.order("arm")
    hall.order("start")
    attempts = [hall.attempt_of(number) for number in range(1, ENTRANTS + 1)]
    for number, attempt_id in enumerate(attempts, 1):
        with Seat.sit(hall.seated(number), attempt_id) as seat:
            assert seat.send(save("name", CARD["name"][:number]))["type"] == "acked"
            assert seat.send({"type": "hand_in", "cause": "handed_in"})["type"] == "acked"
    hall.order("close")
    hall.call(hall.services.scorer.catch_up)
    return attempts


# --- helpers -----------------------------------------------------------------------------------------


def _at_once(acts: list[Callable[[], Any]]) -> list[Any]:
    with ThreadPoolExecutor(len(acts)) as pool:
        return [one.result() for one in [pool.submit(act) for act in acts]]


def _refusal(machine: TestClient, path: str) -> int:
    """The code with which a WebSocket is closed before anything was said."""
    with _connected(machine, path) as socket, pytest.raises(WebSocketDisconnect) as closed:
        socket.receive_json()
    return closed.value.code


@contextmanager
def _connected(machine: TestClient, path: str) -> Iterator[Any]:
    try:
        with machine.websocket_connect(path) as socket:
            yield socket
    except WebSocketDenialResponse as refused:  # refused by the handshake: never, we close with a code
        raise AssertionError(path) from refused


def _operations(hall: Hall) -> list[tuple[str, str, dict[str, Any]]]:
    """Method, path and description of everything the API can do, log-out last of all left out."""
    paths = cast(FastAPI, hall.client.app).openapi()["paths"]
    return [
        (method, path, operation)
        for path, methods in paths.items()
        for method, operation in methods.items()
        if (method, path) != ("delete", "/api/v1/sessions/current")
    ]


def _known(hall: Hall, attempt_id: str) -> dict[str, str]:
    """Something that exists for every parameter of a path."""
    chief = hall.people[Role.CHIEF_REFEREE]
    given = hall.call(hall.services.orders.orders, chief, hall.contest.contest_id)
    papers = hall.call(hall.services.papers.shelf, hall.people[Role.ORGANISER])
    return {
        "contest_id": hall.contest.contest_id,
        "stage_id": hall.contest.stage_ids[0],
        "attempt_id": attempt_id,
        "seat_id": hall.seats["A-02"],
        "order_id": given[0].order_id,
        "account_id": chief.account_id,
        "paper_id": papers[0].paper_id,
        "class_id": "class",
        "work_code": "CODE",
        "contest_code": "CODE",
        "sha256": "0" * 64,
        "task_id": _task(hall),
        "part": "1",
        "number": "1",
        "call_id": CALL,
        "listener_id": "listener",
        "recorder_id": "recorder",
        "recording_id": "0" * 26,
        "comment_id": "0" * 26,
    }


def _task(hall: Hall) -> str:
    """A task of the bank that anybody who may write tasks can see."""
    organiser = hall.people[Role.ORGANISER]
    found = hall.call(hall.services.bank.tasks, organiser)
    task = found[0] if found else hall.call(hall.services.bank.add, organiser, NewTask(title="题"))
    return str(task.task_id)


def _asked(hall: Hall, path: str) -> dict[str, str]:
    return {"contest_id": hall.contest.contest_id} if path.endswith("/acts") else {}


def _filled(path: str, known: dict[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: known[found[1]], path)


def _sent(hall: Hall, operation: dict[str, Any]) -> dict[str, Any]:
    """The smallest body and query that are valid, so that a refusal is about who asks."""
    components = cast(FastAPI, hall.client.app).openapi()["components"]["schemas"]
    sent: dict[str, Any] = {}
    if "requestBody" in operation:
        kinds = operation["requestBody"]["content"]
        if "application/json" in kinds:
            sent["json"] = _smallest(kinds["application/json"]["schema"], components)
        else:
            sent["content"] = b"x"
    query = {
        one["name"]: _smallest(one["schema"], components)
        for one in operation.get("parameters", ())
        if one["in"] == "query" and one["required"]
    }
    return sent | {"params": query}


def _smallest(schema: dict[str, Any], components: dict[str, Any]) -> Any:
    if "$ref" in schema:
        return _smallest(components[schema["$ref"].rsplit("/", 1)[1]], components)
    if "enum" in schema:
        return schema["enum"][0]
    if "const" in schema:
        return schema["const"]
    if "anyOf" in schema:
        if {"type": "null"} in schema["anyOf"]:
            return None
        return _smallest(schema["anyOf"][0], components)
    match schema.get("type"):
        case "object":
            required = schema.get("required", ())
            made = {name: _smallest(schema["properties"][name], components) for name in required}
            if schema.get("minProperties"):
                made["x"] = _smallest(schema["additionalProperties"], components)
            return made
        case "array":
            return [_smallest(schema["items"], components)] * schema.get("minItems", 0)
        case "string":
            texts = ("x" * max(8, schema.get("minLength", 0)), CALL, "audio/webm", "answer")
            return next(text for text in texts if re.search(schema.get("pattern", ""), text))
        case "boolean":
            return False
        case "null":
            return None
    return schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1)


def _records(path: str, answer: Any) -> Iterator[list[str]]:
    """The texts of an answer; acts one by one, for each is a record of its own."""
    if answer.headers["content-type"].startswith("application/json"):
        body = answer.json()
        for part in body if path.endswith("/acts") else [body]:
            yield list(_leaves(part))
    elif path.endswith(".xlsx"):
        book = load_workbook(io.BytesIO(answer.content))
        yield [str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row if cell]


def _leaves(node: Any) -> Iterator[str]:
    """Every text in JSON data, keys of objects too."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        for key, value in node.items():
            yield key
            yield from _leaves(value)
    elif isinstance(node, list):
        for value in node:
            yield from _leaves(value)


def _mentions(leaves: list[str], words: set[str]) -> set[str]:
    """Which of these words stand in the texts; short ones only as a whole text."""
    whole = set(leaves)
    return {word for word in words if word in whole or (len(word) > 3 and any(word in leaf for leaf in leaves))}
