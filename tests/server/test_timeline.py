"""Who reads what in the time line of an attempt: how a message was judged is nobody's to read while it counts."""

import pytest

from server.app import Services
from server.attempts.schemas import EventView
from server.core.access import Principal, Role
from server.settings import DataFolder
from tests.support.chat_desk import Desk
from tests.support.chat_paper import chat_paper
from tests.support.clock import ManualClock
from tests.support.house import house
from tests.support.stage import Sitting, anybody, seated

pytestmark = [pytest.mark.flow, pytest.mark.anyio]

JUDGED = {"findings", "needs", "text"}


async def _said(services: Services, who: Principal, attempt_id: str) -> EventView:
    """The one message of the desk, as somebody reads it."""
    seen = await services.attempts.timeline(who, attempt_id)
    (said,) = [event for event in seen if event.type == "chat_sim.agent_said"]
    return said


async def _served(sitting: Sitting, clock: ManualClock) -> Desk:
    """The first of them has replied to a customer."""
    await sitting.begin()
    desk = Desk(sitting.people[0])
    await clock.advance(6_000)
    await desk.open_all(1)
    await desk.say("c1", "您好，登机箱现在329元哦。")
    return desk


async def test_in_a_contest_everybody_reads_when_and_no_more(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock) as services:
        sitting = await seated(services, people=1, task=("chat_sim", chat_paper()))
        desk = await _served(sitting, clock)
        own, attempt_id = desk.trainee.who, desk.trainee.attempt_id
        for who in (own, anybody(Role.FLOOR_REFEREE)):
            assert not JUDGED & (await _said(services, who, attempt_id)).payload.keys()
        await desk.trainee.send({"type": "hand_in", "cause": "handed_in"})
        assert not JUDGED & (await _said(services, own, attempt_id)).payload.keys()


async def test_in_a_lesson_a_pupil_reads_it_when_it_is_over(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock) as services:
        sitting = await seated(services, "lesson", people=1, task=("chat_sim", chat_paper()))
        desk = await _served(sitting, clock)
        own, attempt_id = desk.trainee.who, desk.trainee.attempt_id
        assert not JUDGED & (await _said(services, own, attempt_id)).payload.keys()
        assert (await _said(services, sitting.trainer, attempt_id)).payload.keys() >= JUDGED
        await desk.trainee.send({"type": "hand_in", "cause": "handed_in"})
        assert (await _said(services, own, attempt_id)).payload.keys() >= JUDGED


async def test_in_a_practice_round_it_can_be_read_at_once(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock) as services:
        desk = await Desk.sit_down(services)
        await clock.advance(6_000)
        await desk.open_all(1)
        await desk.say("c1", "您好，登机箱现在329元哦。")
        assert (await _said(services, desk.trainee.who, desk.trainee.attempt_id)).payload.keys() >= JUDGED
