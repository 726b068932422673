"""Judgements overruled by referees: by code, with a reason, each referee's own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import ValidationError

from server.core.access import Role
from server.core.errors import NotFound, NotPermitted
from server.core.frozen import sha256_hex
from server.core.overruling import Overruling
from server.settings import DataFolder
from tests.grading.test_intake import BODY, client_of, dossier
from tests.support.clock import ManualClock
from tests.support.marking import REFEREE, Desk, graded_house
from tests.support.papers import CARD
from tests.support.stage import seated

pytestmark = [pytest.mark.contract, pytest.mark.anyio]

MET = Overruling(judgement="haggler.size", met=True, reason=" 第 7 条已说明尺码 ", revision=1)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with Desk.opened(tmp_path / "desk") as opened:
        await opened.http.put_blob(sha256_hex(BODY), BODY)
        await opened.http.put_dossier(dossier())
        yield opened


async def test_the_last_word_holds_and_can_be_taken_back(desk: Desk) -> None:
    assert await desk.http.overrulings(REFEREE, "WORK2345") == []
    (kept,) = await desk.http.overrule(REFEREE, "WORK2345", MET)
    assert kept.reason == "第 7 条已说明尺码"
    other = Overruling(judgement="gifter.price", met=False, reason="价格说错", revision=1)
    assert await desk.http.overrule(REFEREE, "WORK2345", other) == [other, kept]
    changed = MET.model_copy(update={"met": False, "reason": "再看之后"})
    assert changed in await desk.http.overrule(REFEREE, "WORK2345", changed)
    back = Overruling(judgement="haggler.size", met=None, revision=1)
    assert await desk.http.overrule(REFEREE, "WORK2345", back) == [other]
    assert await desk.http.overrulings(REFEREE, "WORK2345") == [other]


async def test_nobody_sees_what_another_referee_made_of_it(desk: Desk) -> None:
    await desk.http.overrule(REFEREE, "WORK2345", MET)
    assert await desk.http.overrulings("REFEREE8", "WORK2345") == []


async def test_unknown_works_and_revisions_are_refused(desk: Desk) -> None:
    for code, said in (("WORK9999", MET), ("WORK2345", MET.model_copy(update={"revision": 2}))):
        with pytest.raises(NotFound):
            await desk.http.overrule(REFEREE, code, said)
    assert await desk.http.overrulings(REFEREE, "WORK2345") == []


@pytest.mark.parametrize(
    "change", [{"reason": "  "}, {"judgement": "no point"}, {"judgement": "a.b.c"}, {"reason": "长" * 501}]
)
async def test_without_a_reason_or_a_place_nothing_is_overruled(desk: Desk, change: dict[str, str]) -> None:
    body = {**MET.model_dump(), **change}
    with pytest.raises(ValidationError):
        Overruling.model_validate(body)
    async with client_of(desk) as client:
        assert (await client.post("/works/WORK2345/overrulings", json=body)).status_code == 422
        assert (await client.get("/works/WORK2345/overrulings")).json() == []


async def test_a_token_is_needed(desk: Desk) -> None:
    async with client_of(desk, authorization="Bearer wrong") as client:
        answer = await client.post("/works/WORK2345/overrulings", json=MET.model_dump())
        assert answer.status_code == 401


async def test_only_who_judges_overrules_and_who_reads_has_none(
    folder: DataFolder, clock: ManualClock, tmp_path: Path
) -> None:
    async with Desk.opened(tmp_path / "house") as desk, graded_house(folder, clock, desk.http) as services:
        sitting = await seated(services, people=1)
        await sitting.begin()
        await sitting.hand_in(0, CARD)
        await clock.settle()
        code = await sitting.work_code(0)
        (kept,) = await services.referees.overrule(sitting.chief, code, MET)
        assert kept.judgement == MET.judgement
        reader = await services.accounts.create("reader", "监督某", Role.SUPERVISOR, None)
        assert await services.referees.overrulings(reader, code) == []
        for who in (reader, sitting.trainer, sitting.people[0].who):
            with pytest.raises(NotPermitted):
                await services.referees.overrule(who, code, MET)
        for who in (sitting.trainer, sitting.people[0].who):
            with pytest.raises(NotPermitted):
                await services.referees.overrulings(who, code)
