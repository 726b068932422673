"""Equal replies at equal stage times make equal conversations: whatever the seed, the pauses, the load."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from chat_sim.module import module
from chat_sim.scripted import play
from server.attempts.live import LiveAttempt
from server.attempts.standing import AttemptRecord
from server.core.contract import RobotAct
from server.core.events import AttemptOpened, AttemptPaused, AttemptResumed, AttemptStarted, RulesAcknowledged
from server.core.frozen import canonical_json
from server.core.journal import NewEvent
from tests.support.chats import DURATION_MS, chats

pytestmark = pytest.mark.unit

START_MS = 1_800_000_000_000
CONTENT = chats()


def attempt(seed: int) -> LiveAttempt:
    """A seat that has just begun."""
    record = AttemptRecord(
        attempt_id="attempt",
        contest_id="contest",
        stage_id="stage",
        kind="practice",
        contestant_id="person",
        module="chat_sim",
        content_sha256="sha",
        work_code="CODE",
        opened_ms=START_MS,
    )
    live = LiveAttempt(record, module, CONTENT)
    opened = AttemptOpened(content_sha256="sha", duration_ms=DURATION_MS, seed=seed)
    for event in (opened, RulesAcknowledged(), AttemptStarted()):
        live.add(event, live.core.moment(START_MS))
    return live


def run(
    acts: Sequence[RobotAct], seed: int = 7, late_ms: int = 0, pause: tuple[int, int] | None = None
) -> list[NewEvent]:
    """The module's events of a seat: looked at `late_ms` after something was due; stopped at (stage ms) for (ms)."""
    live, shift = attempt(seed), 0

    def until(now_ms: int) -> None:
        while (wake := live.wake_ms()) is not None and wake <= now_ms and live.core.ends_ms is not None:
            if wake + late_ms >= live.core.ends_ms:
                return
            live.wake(min(now_ms, wake + late_ms))

    for number, act in enumerate([*acts, None]):
        stage_ms = DURATION_MS - 1 if act is None else act.stage_ms
        if pause is not None and stage_ms > pause[0]:
            until(START_MS + pause[0])
            live.add(AttemptPaused(since_ms=START_MS + pause[0], cause="staff"), live.core.moment(START_MS + pause[0]))
            assert live.wake_ms() is None
            live.wake(START_MS + pause[0] + pause[1])
            live.add(AttemptResumed(), live.core.moment(START_MS + pause[0] + pause[1]))
            shift, pause = pause[1], None
        now_ms = START_MS + shift + stage_ms
        until(now_ms)
        if act is not None:
            assert live.command(f"command-{number:04d}", live.core.epoch, now_ms, act.command, now_ms) is None
    return [event for event in live.pending if event.type.startswith("chat_sim.")]


def told(events: Sequence[NewEvent], by: Callable[[NewEvent], Any] = lambda event: event.payload) -> str:
    """As one text."""
    return canonical_json([by(event) for event in events])


@pytest.fixture(scope="module")
def acts() -> Sequence[RobotAct]:
    """A clerk that makes every mistake."""
    return play(CONTENT, "sloppy").acts


def test_two_runs_in_virtual_time_give_equal_events_to_the_byte(acts: Sequence[RobotAct]) -> None:
    first, second = run(acts), run(acts)
    assert len(first) > 60
    assert told(first) == told(second)
    assert [(event.stage_ms, event.at_ms) for event in first] == [(event.stage_ms, event.at_ms) for event in second]


def test_the_seed_of_a_seat_plays_no_part(acts: Sequence[RobotAct]) -> None:
    assert told(run(acts, seed=1)) == told(run(acts, seed=2**40))


def test_a_slow_server_changes_no_conversation(acts: Sequence[RobotAct]) -> None:
    assert told(run(acts, late_ms=700)) == told(run(acts))


def test_a_paused_seat_gets_the_same_customers_later_by_the_pause(acts: Sequence[RobotAct]) -> None:
    plain, paused = run(acts), run(acts, pause=(40_123, 77_000))
    assert told(paused) == told(plain)
    assert [event.stage_ms for event in paused] == [event.stage_ms for event in plain]
    shifts = [after.at_ms - before.at_ms for before, after in zip(plain, paused, strict=True)]
    assert set(shifts) == {0, 77_000}
    assert shifts == sorted(shifts)


def test_arrivals_and_questions_are_the_same_for_a_good_and_a_bad_clerk() -> None:
    met = {}
    for agent in ("perfect", "silent", "hasty", "sloppy"):
        said = [entry.event for entry in play(CONTENT, agent).history if entry.event.type == "chat_sim.customer_said"]
        first = dict[str, tuple[int, str]]()
        for event in said:
            first.setdefault(event.conversation, (event.stage_ms, event.text))
        met[agent] = first
    assert len({canonical_json(one) for one in met.values()}) == 1


def test_other_replies_make_another_conversation(acts: Sequence[RobotAct]) -> None:
    assert told(run(acts)) != told(run(play(CONTENT, "perfect").acts))
