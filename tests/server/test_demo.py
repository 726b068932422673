"""The demo opens with papers, people and a history made by robots through the real runner."""

import asyncio
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from server.app import Services, build
from server.core.access import Principal, Role
from server.core.phases import Phase
from server.demo import create_demo
from server.demo.contest import ROBOTS
from server.settings import DataFolder
from server.speech import rtp_journal
from server.verify import verify

pytestmark = pytest.mark.flow

CALLS = 2
"""Of a contestant who comes: one in, one out."""
SILENT, CLIPPED = "006", "010"
"""Tickets of robots with a broken microphone."""
WORDLESS, RUDE, NAMES_ITSELF = "009", "013", "015"
"""Tickets of robots that are odd at the chat desk."""


def test_the_demo_is_whole_and_has_something_to_look_at(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "demo")
    create_demo(folder)
    assert [path.name for path in tmp_path.iterdir()] == ["demo"]

    async def look() -> None:
        services = await build(folder)
        try:
            assert (await verify(services)).faults == []
            offered = Counter((paper.module, paper.kind) for paper in await services.papers.offered())
            kinds = ("warmup", "lesson", "contest")
            assert set(offered) == {
                (module, kind) for module in ("typing_test", "telephony", "chat_sim") for kind in kinds
            }
            assert (offered["telephony", "lesson"], offered.total()) == (2, 10)
            trainer = await services.accounts.first_of_role(Role.TRAINER)
            pupil = await services.accounts.first_of_role(Role.CONTESTANT)
            assert trainer is not None
            assert pupil is not None
            rounds = await services.results.watch(trainer)
            assert {brief.phase for brief in rounds} == {Phase.CLOSED}
            assert len({brief.contestant_name for brief in rounds}) == 3
            marks = [brief.marks for brief in rounds if brief.marks is not None and brief.max_marks]
            dictated = [brief.marks for brief in rounds if brief.module == "typing_test" and brief.max_marks]
            assert len(set(dictated)) == len(dictated) == 5
            assert all(mark is not None and 0 < mark < 10 for mark in dictated)
            assert len(marks) == 5 + 3
            history = await services.results.history(pupil)
            assert Counter(brief.module for brief in history) == {"typing_test": 3, "telephony": 3, "chat_sim": 3}
            await _replays(services, pupil, trainer, [one.attempt_id for one in history if one.module == "telephony"])
            await _bank(services)
            await _contests(services)
            await _sound(services, folder)
            await _chats(services)
        finally:
            await services.database.close()

    asyncio.run(look())


async def _replays(services: Services, pupil: Principal, trainer: Principal, attempt_ids: list[str]) -> None:
    """The pupil's rounds of voice are sealed and can be heard; the trainer has said something to two of them."""
    remarks = []
    for attempt_id in attempt_ids:
        replay = await services.recordings.replay(pupil, attempt_id)
        assert [(one.state, one.missing) for one in replay.recordings] == [("sealed", None)] * CALLS
        for recording in replay.recordings:
            assert recording.duration_ms > 30_000
            assert recording.stretches == ()
            sound = await services.recordings.sound(pupil, recording.recording_id)
            assert sound.read_bytes().startswith(b"OggS")
            peaks = json.loads((await services.recordings.peaks(pupil, recording.recording_id)).read_bytes())
            assert max(peaks["agent"]) > 30
            comments = await services.recordings.comments(pupil, recording.recording_id)
            assert {comment.author for comment in comments} <= {"演示教师"}
            assert all(comment.at_ms < recording.duration_ms for comment in comments)
            remarks.append(len(comments))
    assert sorted(remarks) == [0, 0, 0, 0, 2, 4]
    assert await services.recordings.replay(trainer, attempt_ids[0])


async def _bank(services: Services) -> None:
    """Every part of every paper is a task with a version, and nothing is wrong with any of them."""
    author = await services.accounts.first_of_role(Role.TASK_AUTHOR)
    assert author is not None
    tasks = await services.bank.tasks(author)
    assert Counter(task.module for task in tasks) == {"typing_test": 14, "telephony": 9, "chat_sim": 3}
    assert {(task.faults, task.versions, task.changed) for task in tasks} == {(0, 1, False)}
    assert {task.shared for task in tasks if task.folder == "示例/竞赛"} == {False}


async def _contests(services: Services) -> None:
    """One that is over, with works good and poor, and one that waits for the visitor."""
    chief = await services.accounts.first_of_role(Role.CHIEF_REFEREE)
    assert chief is not None
    ready, over = await services.contests.all(chief)
    assert (ready.entrants, [stage.phase for stage in ready.stages]) == (6, ["not_open"] * 3)
    assert (over.entrants, [stage.phase for stage in over.stages]) == (ROBOTS, ["closed"] * 3)
    for contest in (ready, over):
        assert [stage.title.zh for stage in contest.stages] == ["听打录入", "语音服务", "在线服务"]
    results = await services.works.stage(chief, over.stages[0].stage_id)
    marks = [work.marks for work in results.works]
    assert len(marks) == ROBOTS
    assert len({mark for mark in marks if mark}) > ROBOTS / 2
    for stage in over.stages:
        works = (await services.works.stage(chief, stage.stage_id)).works
        assert {work.close_cause for work in works} == {"handed_in", "forced", "absent"}
    pairs = [order.confirmed_by for order in await services.orders.orders(chief, over.contest_id)]
    assert pairs.count(None) == 4
    assert len(pairs) == 10


async def _sound(services: Services, folder: DataFolder) -> None:
    """Every call of the contest has both journals: speech, silence and clipping as the robots' microphones were."""
    technician = await services.accounts.first_of_role(Role.TECHNICIAN)
    assert technician is not None
    (over,) = [one for one in await services.contests.all(technician) if one.stages[1].phase == "closed"]
    placements = await services.places.placements(technician, over.contest_id)
    levels: dict[str, list[int]] = {}
    customer_ms: dict[str, int] = {}
    for place in placements:
        records = await services.attempts.repository.of_contestant(over.contest_id, place.account_id)
        (attempt,) = [one for one in records if one.stage_id == over.stages[1].stage_id]
        agents = sorted((folder.journals / attempt.attempt_id).glob("*/agent-*.rtp"))
        customers = sorted((folder.journals / attempt.attempt_id).glob("*/customer-*.rtp"))
        packets = [packet for path in agents for packet in rtp_journal.packets(path)]
        levels[place.ticket_number] = [packet.level for packet in packets]
        assert len(agents) == len(customers) == (CALLS if packets else 0)
        for path in agents:
            times = [packet.at_us for packet in rtp_journal.packets(path)]
            assert {later - earlier for earlier, later in zip(times, times[1:], strict=False)} == {20_000}
        for path in customers:
            heard = list(rtp_journal.packets(path))
            customer_ms[place.ticket_number] = customer_ms.get(place.ticket_number, 0) + 20 * len(heard)
            assert all(packet.timestamp == (packet.at_us - heard[0].at_us) * 48 // 1000 for packet in heard)
    assert [ticket for ticket, found in levels.items() if not found] == ["024"]
    assert min(levels[SILENT]) == 127
    assert all(90_000 < ms < 180_000 for ticket, ms in customer_ms.items() if ticket != SILENT), customer_ms
    speaking = {ticket: sum(level < 60 for level in found) * 20 for ticket, found in levels.items()}
    assert all(60_000 < ms < 240_000 for ticket, ms in speaking.items() if ticket not in (SILENT, "024"))
    assert min(min(found) for ticket, found in levels.items() if found and ticket != CLIPPED) > min(levels[CLIPPED])


async def _chats(services: Services) -> None:
    """Desks good and poor; one says nothing, one uses a forbidden word, one names itself."""
    chief = await services.accounts.first_of_role(Role.CHIEF_REFEREE)
    assert chief is not None
    (over,) = [one for one in await services.contests.all(chief) if one.stages[2].phase == "closed"]
    technician = await services.accounts.first_of_role(Role.TECHNICIAN)
    assert technician is not None
    happened: dict[str, list[dict[str, Any]]] = {}
    for place in await services.places.placements(technician, over.contest_id):
        records = await services.attempts.repository.of_contestant(over.contest_id, place.account_id)
        (attempt,) = [one for one in records if one.stage_id == over.stages[2].stage_id]
        stream = await services.journal.read_stream(attempt.attempt_id)
        happened[place.ticket_number] = [json.loads(one.payload) for one in stream if one.type.startswith("chat_sim.")]
    said = {
        ticket: [one for one in events if one["type"] == "chat_sim.agent_said"] for ticket, events in happened.items()
    }
    assert [ticket for ticket, messages in said.items() if not messages] == [WORDLESS, "024"]
    assert [ticket for ticket, found in said.items() if any(one["forbidden"] for one in found)] == [RUDE]
    names = {ticket: [one["nickname"] for one in found if "nickname" in one] for ticket, found in happened.items()}
    assert names.pop("024") == []
    assert [ticket for ticket, (name,) in names.items() if "演示学校" in name] == [NAMES_ITSELF]
    marks = [work.marks for work in (await services.works.stage(chief, over.stages[2].stage_id)).works]
    given = sorted(mark for mark in marks if mark is not None)
    assert len(given) == ROBOTS - 1
    assert given[0] == 0
    assert given[-1] - given[1] > 4
