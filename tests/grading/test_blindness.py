"""The blindness crawl: names planted wherever people can type, then everything that grading stores or answers is read.

One thing lies outside: what a contestant types into an answer is the work itself, and is judged as it stands.
"""

import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import create_engine, inspect, text

from agents.schemas import NewSeats, Place
from server.app import Services
from server.contests.schemas import NewAnnouncement, NewContest, NewStage
from server.core.access import Principal, Role
from server.results.schemas import NewCorrection
from server.settings import DataFolder
from server.web.application import create_application
from server.web.context import COOKIE
from tests.support.clock import ManualClock
from tests.support.contest import Contest
from tests.support.house import save
from tests.support.marking import REFEREE, Desk, graded_house
from tests.support.papers import AUDIO, CARD, paper
from tests.support.stage import NAME

pytestmark = [pytest.mark.flow, pytest.mark.anyio]

ROSTER = (
    "参赛证号,姓名,代表队,组别,指导教师\n"
    "TK-9A7QX1,龘一,鱻鱻职业学校,犇组,骉教练\n"
    "TK-9A7QX2,龘二,靐靐技师学院,犇组,麤教练\n"
)
TYPED = {
    *("龘一", "龘二", "鱻鱻职业学校", "靐靐技师学院", "犇组", "骉教练", "麤教练", "TK-9A7QX1", "TK-9A7QX2"),
    *("羴杯大赛", "飝环节", "毳试卷", "焱厅", "垚馆", "掱公告", "劦理由"),
}
"""Whatever people typed. The signs are rare, so that a hit is no chance."""
ODD_NET_MS = 437_651
ODD_PLAY_MS = 123_457
READERS = (Role.SCORING_REFEREE, Role.CHIEF_REFEREE, Role.SUPERVISOR, Role.ARBITRATOR)


@dataclass(slots=True)
class Planted:
    """A contest that is over, and every word and id by which somebody could be found."""

    contest: Contest
    words: set[str]
    work_codes: set[str]


async def planted(services: Services, clock: ManualClock) -> Planted:
    """Two contestants from the roster to the hand-in, a grant, an announcement, a raised hand, a corrected key."""
    staff = {
        role: await services.accounts.create(f"login-犇-{role}", f"骉{role}某", role, None)
        for role in (Role.ORGANISER, Role.CHIEF_REFEREE, Role.SUPERVISOR, Role.TECHNICIAN, *READERS[::3])
    }
    staff[Role.SCORING_REFEREE] = await services.accounts.create("login-犇-x", "骉评分某", Role.SCORING_REFEREE, None)
    organiser = staff[Role.ORGANISER]
    await services.blobs.put(AUDIO)
    content = paper(items=1, title={"zh-CN": "毳试卷", "en": "毳试卷 paper"})
    paper_id = await services.papers.add_paper(services.modules["typing_test"], content, "contest", None)
    for room in ("焱厅", "垚馆"):
        await services.places.add(staff[Role.TECHNICIAN], NewSeats(room=room, count=1, spares=0))
    made = await services.contests.create(organiser, NewContest(title="羴杯大赛"))
    contest_id = made.contest_id
    report = await services.roster.import_(
        organiser, contest_id, "名单.csv", ROSTER.encode(), seen=made.revision, dry_run=False
    )
    assert report.imported, report
    seen = await services.contests.revision(contest_id)
    made = await services.timetable.add(organiser, contest_id, NewStage(paper_id=paper_id, title="飝环节", seen=seen))
    contest = Contest(services, contest_id, [made.stages[0].stage_id], staff, ["TK-9A7QX1", "TK-9A7QX2"])
    await services.places.place(organiser, contest_id, Place(seen=await contest.seen()))
    await contest.order("arm")
    await services.hall.announce(staff[Role.CHIEF_REFEREE], contest_id, NewAnnouncement(body="掱公告"))
    people = [await contest.contestant(ticket) for ticket in contest.tickets]
    await contest.order("start")
    await people[0].send({"type": "raise_hand"})
    await contest.order("grant", keys=[await contest.key_of("TK-9A7QX1")], ms=60_000, reason="劦理由")
    for number, one in enumerate(people):
        for key, typed in CARD.items():
            await one.send(save(key, typed[: len(typed) - number]))
    await clock.advance(ODD_PLAY_MS)
    play = {"type": "typing_test.player", "item": "i1", "act": "play", "position_ms": 0}
    for one in people:
        await one.send(play)
    await clock.advance(ODD_NET_MS - ODD_PLAY_MS)
    for one in people:
        await one.send({"type": "hand_in", "cause": "handed_in"})
    await contest.order("close")
    await services.scorer.catch_up()
    await clock.settle()
    stage_id = contest.stage_ids[0]
    body = {"key": {NAME: (CARD["name"], "欧阳血")}, "reason": "劦理由", "seen": await contest.seen()}
    await services.corrections.correct(staff[Role.CHIEF_REFEREE], stage_id, NewCorrection.model_validate(body))
    await clock.settle()
    records = await services.attempts.repository.of_stage(stage_id)
    placements = await services.places.placements(staff[Role.TECHNICIAN], contest_id)
    ids = {contest_id, stage_id, paper_id, *(record.attempt_id for record in records)}
    ids |= {record.contestant_id for record in records} | {who.account_id for who in staff.values()}
    ids |= {placement.seat_id for placement in placements} | {placement.label for placement in placements}
    ids |= {who.display_name for who in staff.values()} | {"login-犇"}
    times = {str(one.core.closed_ms) for one in [await person.standing() for person in people]}
    words = TYPED | ids | times | {str(ODD_NET_MS), str(ODD_PLAY_MS)}
    return Planted(contest, words, {record.work_code for record in records})


def found(data: bytes, words: set[str]) -> set[str]:
    """Which of the words stand in these bytes: as text, with JSON's escapes, in Chinese encodings."""
    hits = set()
    for word in words:
        forms = [word.encode(), json.dumps(word)[1:-1].encode(), word.encode("utf-16-le"), word.encode("gb18030")]
        if any(form in data for form in forms):
            hits.add(word)
    return hits


def opened(data: bytes) -> Iterator[bytes]:
    """The bytes, and what they hold if they are compressed (zlib, gzip)."""
    yield data
    try:
        yield zlib.decompress(data, wbits=47)
    except zlib.error:
        return


def cells(path: Path) -> bytes:
    """Every value of every column of every table."""
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        values = [
            str(value)
            for table in inspect(engine).get_table_names()
            for row in connection.execute(text(f'SELECT * FROM "{table}"'))
            for value in row
        ]
    engine.dispose()
    return "\n".join(values).encode()


def client_of(services: Services) -> httpx2.AsyncClient:
    """The web face on services that run already."""
    app = create_application(services)
    app.state.services = services
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://testserver")


async def answers(services: Services, who: Principal, codes: dict[str, list[str]]) -> dict[str, bytes]:
    """Everything that the referee's face answers to somebody."""
    taken = {}
    async with client_of(services) as client:
        client.cookies.set(COOKIE, await services.accounts.open_login(who))
        paths = [path for path in create_application(services).openapi()["paths"] if path.startswith("/api/v1/grading")]
        assert len(paths) == 6
        for path in paths:
            for filled in _filled(path, codes):
                answer = await client.get(filled)
                taken[filled] = _said(answer)
                if answer.status_code == 200 and path.endswith("/{work_code}"):
                    codes["sha256"] += [file["sha256"] for file in answer.json()["evidence"]]
    return taken


def _filled(path: str, codes: dict[str, list[str]]) -> list[str]:
    filled = [path]
    for name, values in codes.items():
        if f"{{{name}}}" in path:
            filled = [one.replace(f"{{{name}}}", value) for one in filled for value in sorted(set(values))]
    return filled


def _said(answer: httpx2.Response) -> bytes:
    """Status, headers and body: a file name in a header would tell as much."""
    headers = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
    return f"{answer.status_code}\n{headers}\n".encode() + answer.content


async def test_nothing_that_grading_stores_or_answers_tells_whose_work_it_is(
    folder: DataFolder, clock: ManualClock, tmp_path: Path
) -> None:
    async with Desk.opened(tmp_path / "desk") as desk, graded_house(folder, clock, desk.http) as services:
        there = await planted(services, clock)
        dossiers = await desk.dossiers()
        assert {dossier.work_code for dossier in dossiers} == there.work_codes
        assert {dossier.revision for dossier in dossiers} == {2}

        # Stored: every file byte by byte, every cell.
        files = [path for path in desk.folder.root.rglob("*") if path.is_file()]
        assert len([path for path in files if desk.folder.blobs in path.parents]) >= 6
        for path in files:
            for data in opened(path.read_bytes()):
                assert not found(data, there.words), path
        assert not found(cells(desk.folder.database), there.words)

        # Answered by grading itself.
        codes = {
            "contest_code": [dossiers[0].contest_code],
            "work_code": sorted(there.work_codes),
            "sha256": [file.sha256 for dossier in dossiers for file in dossier.evidence],
        }
        token = desk.folder.token()
        transport = httpx2.ASGITransport(desk.app)
        headers = {"authorization": f"Bearer {token}", "x-referee": REFEREE}
        async with httpx2.AsyncClient(transport=transport, base_url="http://grading", headers=headers) as client:
            routes = [path for path, methods in desk.app.openapi()["paths"].items() if "get" in methods]
            assert len(routes) == 7
            read = 0
            for route in routes:
                for filled in _filled(route, codes):
                    answer = await client.get(filled, params={"contest": dossiers[0].contest_code})
                    read += answer.status_code == 200
                    assert not found(_said(answer), there.words), filled
            assert read >= 3 + len(there.work_codes) * 5

        # Answered by the server to everybody who may look.
        for role in READERS:
            known = {"contest_code": codes["contest_code"], "work_code": codes["work_code"], "sha256": ["0" * 64]}
            taken = await answers(services, there.contest.who(role), known)
            assert sum(said.startswith((b"200", b"206")) for said in taken.values()) >= 2 + 2 * 5, role
            for filled, said in taken.items():
                assert not found(said, there.words), (role, filled)

        # The sieve holds what it should: our own books are full of these words.
        seen = found(cells(folder.database), there.words)
        assert seen == there.words, there.words - seen


async def test_others_may_not_look(folder: DataFolder, clock: ManualClock, tmp_path: Path) -> None:
    async with (
        Desk.opened(tmp_path / "desk") as desk,
        graded_house(folder, clock, desk.http) as services,
        client_of(services) as client,
    ):
        assert (await client.get("/api/v1/grading/contests")).status_code == 401
        for role in Role:
            who = await services.accounts.create(f"one-{role}", "某", role, None)
            client.cookies.set(COOKIE, await services.accounts.open_login(who))
            answer = await client.get("/api/v1/grading/contests")
            assert answer.status_code == (200 if role in READERS else 403), role
        referee = await services.accounts.first_of_role(Role.SCORING_REFEREE)
        assert referee is not None
        client.cookies.set(COOKIE, await services.accounts.open_login(referee))
        desk.away = True
        answer = await client.get("/api/v1/grading/contests")
        assert (answer.status_code, answer.json()["code"]) == (503, "grading-away")
        assert "不会丢失" in answer.json()["detail"]
