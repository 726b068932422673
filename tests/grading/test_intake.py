"""Intake: hashes, missing files, revisions, faults, the token; files and bytes as the wire has them."""

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx2
import pytest

from server.adapters.grading_http import GradingHttp
from server.adapters.grading_process import RemoteGrading
from server.core.dossier import Dossier, EvidenceFile
from server.core.errors import NotFound
from server.core.frozen import sha256_hex
from server.core.grading import BlobsMissing, GradingAway, GradingRefused, RevisionTaken
from server.core.outcome import ProposedMark, Rubric
from server.core.text import Text
from tests.support.marking import REFEREE, Desk

pytestmark = [pytest.mark.contract, pytest.mark.anyio]

BODY = b"0123456789" * 100


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with Desk.opened(tmp_path / "desk") as opened:
        yield opened


def dossier(revision: int = 1, marks: str = "9.83", **changes: Any) -> Dossier:
    """A small dossier with one file."""
    title = Text(zh="听打录入", en="Dictation")
    mark = ProposedMark(criterion="accuracy", marks=Decimal(marks), max_marks=Decimal(10), working=title)
    values: dict[str, Any] = {
        "work_code": "WORK2345",
        "revision": revision,
        "contest_code": "CONTEST2",
        "stage_code": "STAGE234",
        "stage_number": 1,
        "module": "typing_test",
        "module_title": title,
        "failed": False,
        "rubric": Rubric(module="typing_test", max_marks=Decimal(10), criteria=()),
        "scorer_version": "typing_test/1",
        "policy": {},
        "measures": (),
        "marks": (mark,),
        "sheet": {},
        "evidence": (EvidenceFile(role="recording", sha256=sha256_hex(BODY), media_type="audio/ogg", size=len(BODY)),),
    }
    return Dossier.model_validate(values | changes)


def client_of(desk: Desk, **headers: str) -> httpx2.AsyncClient:
    """A client with the right token."""
    said = {"authorization": f"Bearer {desk.folder.token()}", "x-referee": REFEREE, **headers}
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(desk.app), base_url="http://grading", headers=said)


async def test_files_come_before_the_dossier(desk: Desk) -> None:
    with pytest.raises(BlobsMissing) as refused:
        await desk.http.put_dossier(dossier())
    assert refused.value.missing == (sha256_hex(BODY),)
    assert not await desk.http.has(sha256_hex(BODY))
    for _ in range(2):
        await desk.http.put_blob(sha256_hex(BODY), BODY)
    assert await desk.http.has(sha256_hex(BODY))
    await desk.http.put_dossier(dossier())
    assert await desk.http.work(REFEREE, "WORK2345") == dossier()


async def test_a_file_on_disk_goes_in_pieces_and_comes_back_in_ranges(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "recording.opus"
    path.write_bytes(BODY)
    await desk.http.put_blob(sha256_hex(BODY), path)
    await desk.http.put_dossier(dossier())
    for asked, status, expected in ((None, 200, BODY), ("bytes=5-9", 206, BODY[5:10]), ("bytes=9999-", 416, None)):
        async with desk.http.evidence(REFEREE, "WORK2345", sha256_hex(BODY), asked) as answer:
            body = b"".join([part async for part in answer.body])
        assert answer.status == status
        assert expected is None or (body, answer.headers["content-type"]) == (expected, "audio/ogg")
    with pytest.raises(NotFound):
        async with desk.http.evidence(REFEREE, "WORK2345", "0" * 64, None):
            pass


async def test_wrong_bytes_leave_nothing_behind(desk: Desk) -> None:
    with pytest.raises(GradingRefused, match="wrong-hash"):
        await desk.http.put_blob("0" * 64, BODY)
    assert not await desk.http.has("0" * 64)
    assert [path for path in desk.folder.blobs.rglob("*") if path.is_file()] == []


async def test_a_revision_has_one_body_for_ever(desk: Desk) -> None:
    await desk.http.put_blob(sha256_hex(BODY), BODY)
    for _ in range(2):
        await desk.http.put_dossier(dossier())
    await desk.http.put_dossier(dossier(revision=3, marks="10.00"))
    with pytest.raises(RevisionTaken) as refused:
        await desk.http.put_dossier(dossier(marks="1.00"))
    assert refused.value.newest == 3
    await desk.http.put_dossier(dossier(revision=2, marks="5.00"))
    (work,) = await desk.http.works(REFEREE, "CONTEST2")
    assert (work.revision, str(work.marks), str(work.marks_before)) == (3, "10.00", "5.00")


async def test_all_faults_are_listed(desk: Desk) -> None:
    async with client_of(desk) as client:
        as_json = {"content-type": "application/json"}
        wrong = {"stage_number": 0, "name": "某", "contest_code": "一"}
        body = dossier().model_dump(mode="json", by_alias=True) | wrong
        answer = await client.put("/dossiers/WORK2345/1", json=body)
        assert answer.status_code == 422
        assert answer.headers["content-type"] == "application/problem+json"
        assert {fault["path"].split(".")[-1] for fault in answer.json()["faults"]} == {
            "stage_number",
            "name",
            "contest_code",
        }
        await desk.http.put_blob(sha256_hex(BODY), BODY)
        answer = await client.put("/dossiers/OTHER234/2", content=dossier().text(), headers=as_json)
        assert [fault["path"] for fault in answer.json()["faults"]] == ["work_code", "revision"]
        broken = await client.put("/dossiers/WORK2345/1", content="{", headers=as_json)
        assert (broken.status_code, broken.json()["code"]) == (400, "unreadable")
        assert (await client.get("/works", params={"contest": "NOBODY22"})).status_code == 404


async def test_only_the_token_opens(desk: Desk) -> None:
    assert desk.folder.token_file.stat().st_mode & 0o077 == 0
    async with client_of(desk, authorization="Bearer other") as client:
        assert (await client.get("/healthz")).status_code == 200
        for method, path in (
            ("GET", "/contests"),
            ("GET", "/works/WORK2345"),
            ("PUT", f"/blobs/{'0' * 64}"),
            ("HEAD", f"/blobs/{'0' * 64}"),
            ("PUT", "/dossiers/WORK2345/1"),
        ):
            assert (await client.request(method, path)).status_code == 401, path
    desk.http._address = lambda: ("http://grading", "other")
    with pytest.raises(GradingAway):
        await desk.http.put_blob(sha256_hex(BODY), BODY)


async def test_who_reads_is_known_by_a_code_only(desk: Desk) -> None:
    for referee in ("", "Ou Yang", "01mcc5rm0041ttr2pyqj593vww"):
        async with client_of(desk, **{"x-referee": referee}) as client:
            assert (await client.get("/contests")).status_code == 422


async def test_a_database_keeps_its_own_name(desk: Desk, tmp_path: Path) -> None:
    name = await desk.http.instance()
    assert name
    assert await desk.http.instance() == name
    async with Desk.opened(desk.folder.root) as again, Desk.opened(tmp_path / "other") as other:
        assert await again.http.instance() == name
        assert await other.http.instance() not in ("", name)


async def test_lists_read_no_dossier(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    await desk.http.put_blob(sha256_hex(BODY), BODY)
    marks = dossier().marks
    for number, code in enumerate(("WORKBBB2", "WORKAAA2", "WORKCCC2"), 1):
        await desk.http.put_dossier(
            dossier(work_code=code, stage_number=number % 2 + 1, stage_code=f"STAGE{number % 2}")
        )
    failed = dossier(work_code="WORKAAA2", revision=2, stage_code="STAGE0", failed=True)
    await desk.http.put_dossier(failed.model_copy(update={"marks": ()}))

    def never(*_: Any, **__: Any) -> None:
        raise AssertionError("a dossier was read")

    monkeypatch.setattr(Dossier, "model_validate_json", never)
    (contest,) = await desk.http.contests(REFEREE)
    assert [(stage.stage_code, stage.stage_number, stage.works) for stage in contest.stages] == [
        ("STAGE0", 1, 1),
        ("STAGE1", 2, 2),
    ]
    works = await desk.http.works(REFEREE, "CONTEST2")
    assert [work.work_code for work in works] == ["WORKAAA2", "WORKBBB2", "WORKCCC2"]
    first, second, _ = works
    assert (first.revision, first.failed, first.marks, str(first.marks_before)) == (2, True, None, "9.83")
    assert (second.marks, second.marks_before, second.module_title.zh) == (marks[0].marks, None, "听打录入")
    assert [str(mark.marks) for mark in second.criteria] == ["9.83"]


class Away(httpx2.AsyncBaseTransport):
    """Answers nothing but 503."""

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(503)


async def test_evidence_has_connections_of_its_own() -> None:
    """Referees who listen slowly must not keep delivery waiting."""
    http = GradingHttp(lambda: ("http://grading", "token"), Away())
    assert not await http.alive()
    with pytest.raises(GradingAway):
        async with http.evidence(REFEREE, "WORK2345", "0" * 64, None):
            pass
    assert http._http is not None
    assert http._streams is not None
    assert http._streams is not http._http
    await http.close()
    assert http._http is http._streams is None


def test_a_token_file_is_read_anew(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("first\n")
    remote = RemoteGrading("http://grading/", file)
    assert remote.address() == ("http://grading", "first")
    file.write_text("second\n")
    assert remote.address() == ("http://grading", "second")
    file.unlink()
    assert remote.address() == ("http://grading", "second")
