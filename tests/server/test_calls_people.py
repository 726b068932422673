"""Who else comes into a call: role players with another account, and the chief referee who listens in."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from server.app import Services
from server.attempts.schemas import NewLesson
from server.calls.listening import MOST
from server.calls.refusals import NothingToHear, RoleTaken
from server.calls.roles import CLAIM_MS
from server.calls.schemas import MediaOffer, RoleAct
from server.contests.schemas import NewClass, OrderRequest
from server.core.access import Permission, Principal, Role
from server.core.errors import Invalid, NotFound, NotPermitted
from server.core.media_port import MediaAway, NoSuchCall
from server.settings import DataFolder
from server.verify import verify
from tests.support.calls import IN, MODULES, OUT, VoiceSeat, browser, played, voice_contest
from tests.support.clock import ManualClock
from tests.support.contest import Contest
from tests.support.house import house
from tests.support.media import SDP, FakeMedia
from tests.support.stage import anybody
from tests.support.voice import AUDIO, voice_paper

pytestmark = [pytest.mark.flow, pytest.mark.anyio]

OFFER = MediaOffer(sdp=SDP, connection=1)


@asynccontextmanager
async def hall(folder: DataFolder, clock: ManualClock) -> AsyncIterator[tuple[Services, FakeMedia]]:
    """A server with media that does what the test says."""
    media = FakeMedia(clock)
    async with house(folder, clock, MODULES, media) as services:
        yield services, media


async def dialled(services: Services, media: FakeMedia) -> VoiceSeat:
    """A pupil who has dialled a person, and is connected."""
    seat = await VoiceSeat.begin(services, parts=played())
    await seat.do("open_part", part="out1")
    await seat.do("dial", part="out1")
    await media.clock.settle()
    await seat.connect(OUT)
    media.leg_up(seat.attempt_id, OUT)
    await media.clock.settle()
    return seat


async def person(services: Services, name: str, *roles: Role) -> Principal:
    """Somebody with an account."""
    return await services.accounts.create(name, f"测试{name}", roles or (Role.CONTESTANT,), None)


async def test_a_fellow_pupil_plays_the_customer_from_another_browser(folder: DataFolder, clock: ManualClock) -> None:
    async with hall(folder, clock) as (services, media):
        seat = await dialled(services, media)
        fellow = await person(services, "fellow")
        async with browser(services, fellow) as http:
            (offered,) = (await http.get("/role/calls")).json()
            assert (offered["attempt_id"], offered["call_id"]) == (seat.attempt_id, OUT)
            assert (offered["taken"], offered["mine"], offered["since_ms"]) == (False, False, clock.now_ms())
            assert "测试学员" not in str(offered)
            where = f"/role/calls/{seat.attempt_id}/{OUT}"
            desk = (await http.get(where)).json()
            assert (desk["phase"], desk["answered_ms"], desk["ends_by_ms"]) == ("dialling", None, None)
            assert "演示客户乙" in desk["card"]["profile"]
            assert [prompt["id"] for prompt in desk["card"]["prompts"]] == ["q1", "q2", "q3"]
            answered = await http.post(f"{where}/connection", json={"sdp": SDP, "connection": 1})
            assert answered.json() == {"sdp": "answer to role_player 1"}
            media.leg_up(seat.attempt_id, OUT, "role_player")
            await clock.advance(2_000)
            assert (await http.post(f"{where}/acts", json={"act": "answer"})).status_code == 204
            desk = (await http.get(where)).json()
            assert (desk["phase"], desk["answered_ms"]) == ("talking", clock.now_ms())
            assert desk["ends_by_ms"] == clock.now_ms() + 600_000
            assert (await http.post(f"{where}/acts", json={"act": "outcome"})).status_code == 422
            assert (await http.post(f"{where}/acts", json={"act": "dance"})).status_code == 422
            assert (await http.post(f"{where}/acts", json={"act": "outcome", "outcome": "deal"})).status_code == 204
            assert (await http.get(where)).json()["outcome"] == "deal"
            assert (await http.post(f"{where}/acts", json={"act": "hang_up"})).status_code == 204
            over = await http.get(where)
            assert (over.status_code, over.json()["code"]) == (410, "call-over")
            assert (await http.get("/role/calls")).json() == []
        assert [event["by"] for event in await seat.events("role_played")] == [fellow.account_id] * 3
        (ended,) = await seat.events("call_ended")
        assert (ended["by"], ended["outcome"]) == ("customer", "deal")
        await clock.settle()
        assert media.plans[seat.attempt_id] == ()


async def test_one_person_at_a_time_plays_a_customer(folder: DataFolder, clock: ManualClock) -> None:
    async with hall(folder, clock) as (services, media):
        seat = await dialled(services, media)
        roles = services.calls.roles
        one, other = await person(services, "one"), await person(services, "other")
        await roles.desk(one, seat.attempt_id, OUT)
        with pytest.raises(RoleTaken):
            await roles.connect(other, seat.attempt_id, OUT, OFFER)
        (view,) = await roles.calls(other)
        assert (view.taken, view.mine) == (True, False)
        # The first one's browser has crashed: after a while another may go on.
        await clock.advance(CLAIM_MS + 1)
        await roles.desk(other, seat.attempt_id, OUT)
        with pytest.raises(RoleTaken):
            await roles.act(one, seat.attempt_id, OUT, RoleAct(act="answer"))
        (view,) = await roles.calls(other)
        assert (view.taken, view.mine) == (True, True)


async def test_who_may_play_a_customer(folder: DataFolder, clock: ManualClock) -> None:
    async with hall(folder, clock) as (services, media):
        seat = await dialled(services, media)
        roles = services.calls.roles
        with pytest.raises(NotFound):
            await roles.desk(seat.who, seat.attempt_id, OUT)
        assert await roles.calls(seat.who) == []
        entrant = Principal(account_id="e", roles=(Role.CONTESTANT,), display_name="某", contest_id="c")
        for nobody in (entrant, anybody(Role.AUDIENCE), anybody(Role.SCORING_REFEREE), anybody(Role.ORGANISER)):
            with pytest.raises(NotPermitted):
                await roles.calls(nobody)
            with pytest.raises(NotPermitted):
                await roles.connect(nobody, seat.attempt_id, OUT, OFFER)
        for role in (Role.TRAINER, Role.CHIEF_REFEREE, Role.FLOOR_REFEREE):
            assert [view.call_id for view in await roles.calls(anybody(role))] == [OUT]
        # A call whose customer is simulated has no role to play.
        simulated = await VoiceSeat.begin(services, "v2")
        await simulated.ring(media)
        with pytest.raises(NoSuchCall):
            await roles.desk(anybody(Role.TRAINER), simulated.attempt_id, IN)
        with pytest.raises(Invalid):
            await roles.act(
                anybody(Role.TRAINER),
                seat.attempt_id,
                OUT,
                RoleAct.model_validate({"act": "answer", "outcome": "deal"}),
            )


async def test_in_a_contest_only_staff_plays_the_customer_and_sees_no_place(
    folder: DataFolder, clock: ManualClock
) -> None:
    async with hall(folder, clock) as (services, media):
        contest, seat = await voice_contest(services, media)
        roles = services.calls.roles
        pupil = await person(services, "pupil")
        assert await roles.calls(pupil) == []
        with pytest.raises(NotFound):
            await roles.desk(pupil, seat.attempt_id, OUT)
        referee = contest.who(Role.FLOOR_REFEREE)
        (view,) = await roles.calls(referee)
        assert (view.place, view.taken) == ("", False)
        assert "001" not in view.model_dump_json().replace(seat.attempt_id, "")
        await roles.act(referee, seat.attempt_id, OUT, RoleAct(act="answer"))
        assert (await roles.desk(referee, seat.attempt_id, OUT)).phase == "talking"


async def test_listening_in_is_journalled_and_for_the_chief_referee(folder: DataFolder, clock: ManualClock) -> None:
    async with hall(folder, clock) as (services, media):
        contest, seat = await voice_contest(services, media)
        chief = contest.who(Role.CHIEF_REFEREE)
        listeners = services.calls.listeners
        told = await seat.events()
        async with browser(services, chief) as http:
            where = f"/contests/{contest.contest_id}/attempts/{seat.attempt_id}/listen"
            heard = (await http.post(where, json={"sdp": SDP, "connection": 1})).json()
            assert heard["sdp"] == "answer to a listener"
            assert media.listeners == {heard["listener_id"]: (seat.attempt_id, OUT)}
            assert (await http.delete(f"{where}/{heard['listener_id']}")).status_code == 204
            assert (await http.delete(f"{where}/{heard['listener_id']}")).status_code == 204
        assert media.listeners == {}
        acts = [event for event in await _acts(services, contest) if event["act"].startswith("call.")]
        assert [(act["act"], act["by"], act["subject"]) for act in acts] == [
            ("call.listen", chief.account_id, seat.attempt_id),
            ("call.listen_end", chief.account_id, seat.attempt_id),
        ]
        assert [act["details"] for act in acts] == [{"call": OUT, "listener": heard["listener_id"]}] * 2
        # Nothing of it reaches the contestant's side.
        assert await seat.events() == told
        for role in (Role.ORGANISER, Role.FLOOR_REFEREE, Role.SUPERVISOR, Role.TECHNICIAN):
            with pytest.raises(NotPermitted):
                await listeners.listen(contest.who(role), contest.contest_id, seat.attempt_id, OFFER)
        with pytest.raises(NotFound):
            await listeners.listen(chief, "another", seat.attempt_id, OFFER)
        idle = await contest.contestant("002")
        with pytest.raises(NothingToHear):
            await listeners.listen(chief, contest.contest_id, idle.attempt_id, OFFER)
        elsewhere = await VoiceSeat.begin(services, "v9")
        await elsewhere.ring(media)
        with pytest.raises(NotFound):
            await listeners.listen(chief, contest.contest_id, elsewhere.attempt_id, OFFER)
        assert media.listeners == {}
        assert (await verify(services)).faults == []


async def test_who_could_not_be_let_in_stands_in_the_journal_too(folder: DataFolder, clock: ManualClock) -> None:
    async with hall(folder, clock) as (services, media):
        contest, seat = await voice_contest(services, media)
        media.up = False
        with pytest.raises(MediaAway):
            await services.calls.listeners.listen(
                contest.who(Role.CHIEF_REFEREE), contest.contest_id, seat.attempt_id, OFFER
            )
        acts = [event["act"] for event in await _acts(services, contest) if event["act"].startswith("call.")]
        assert acts == ["call.listen", "call.listen_failed"]


async def test_forgotten_listeners_are_bounded(folder: DataFolder, clock: ManualClock) -> None:
    async with hall(folder, clock) as (services, media):
        contest, seat = await voice_contest(services, media)
        listeners = services.calls.listeners
        chief = contest.who(Role.CHIEF_REFEREE)
        listeners._here |= {str(number): None for number in range(MOST)}  # type: ignore[misc]
        heard = await listeners.listen(chief, contest.contest_id, seat.attempt_id, OFFER)
        assert len(listeners._here) == MOST
        assert heard.listener_id in listeners._here


async def _acts(services: Services, contest: Contest) -> list[dict[str, Any]]:
    events = await services.journal.read_stream(contest.contest_id)
    return [json.loads(event.payload) for event in events if event.type == "staff.acted"]


@pytest.mark.parametrize(
    ("permission", "roles"),
    [
        (Permission.LISTEN_IN, {Role.CHIEF_REFEREE}),
        (Permission.PLAY_CUSTOMER, {Role.CHIEF_REFEREE, Role.FLOOR_REFEREE, Role.TRAINER}),
    ],
)
def test_the_table_of_permissions(permission: Permission, roles: set[Role]) -> None:
    assert {role for role in Role if anybody(role).may(permission)} == roles


async def test_in_a_lesson_the_teacher_listens_in(folder: DataFolder, clock: ManualClock) -> None:
    async with hall(folder, clock) as (services, media):
        teacher = await person(services, "teacher", Role.TRAINER)
        await services.blobs.put(AUDIO)
        paper_id = await services.papers.add_paper(MODULES["telephony"], voice_paper(), "lesson")
        made = await services.classes.create(teacher, NewClass(title="高二（3）班"))
        table = "学号,姓名\n01,测试一\n".encode()
        await services.classes.import_(teacher, made.class_id, "名单.csv", table, dry_run=False)
        plan = NewLesson(paper_id=paper_id, parts=("in1",), duration_ms=1_200_000)
        lesson = await services.lessons.prepare(teacher, made.class_id, plan)
        stage_id = lesson.stages[0].stage_id
        seen = await services.contests.revision(lesson.contest_id)
        start = OrderRequest.model_validate({"act": "start", "seen": seen})
        await services.orders.order(teacher, lesson.contest_id, stage_id, start)
        (record,) = await services.attempts.repository.of_stage(stage_id)
        who = Principal(account_id=record.contestant_id, roles=(Role.CONTESTANT,), display_name="某")
        epoch = await services.runner.take_lease(record.attempt_id, "page-0001")
        seat = VoiceSeat(services, who, record.attempt_id, epoch)
        await seat.ring(media)
        listeners = services.calls.listeners
        heard = await listeners.listen(teacher, lesson.contest_id, record.attempt_id, OFFER)
        assert media.listeners == {heard.listener_id: (record.attempt_id, IN)}
        # Somebody else's listener is left alone, whoever asks.
        colleague = await person(services, "colleague", Role.TRAINER)
        await listeners.end(colleague, lesson.contest_id, record.attempt_id, heard.listener_id)
        assert media.listeners
        for nobody in (who, anybody(Role.CHIEF_REFEREE), anybody(Role.FLOOR_REFEREE)):
            with pytest.raises(NotPermitted):
                await listeners.listen(nobody, lesson.contest_id, record.attempt_id, OFFER)


async def test_a_teacher_listens_in_to_a_practice_round_and_goes_again(folder: DataFolder, clock: ManualClock) -> None:
    async with hall(folder, clock) as (services, media):
        seat = await VoiceSeat.begin(services)
        await seat.ring(media)
        teacher = await person(services, "teacher", Role.TRAINER)
        contest_id = (await services.runner.attempt(seat.attempt_id)).record.contest_id
        listeners = services.calls.listeners
        heard = await listeners.listen(teacher, contest_id, seat.attempt_id, OFFER)
        assert media.listeners == {heard.listener_id: (seat.attempt_id, IN)}
        for nobody in (seat.who, anybody(Role.CHIEF_REFEREE)):
            with pytest.raises(NotPermitted):
                await listeners.end(nobody, contest_id, seat.attempt_id, heard.listener_id)
        await listeners.end(teacher, contest_id, seat.attempt_id, heard.listener_id)
        assert media.listeners == {}
