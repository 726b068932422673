"""The law suite: what holds for every contest module (architecture section 2)."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.attempts.live import LiveAttempt
from server.attempts.standing import AttemptRecord
from server.core.access import Role
from server.core.contract import AnyModule, Due, Journalled, Refusal
from server.core.events import AttemptOpened, AttemptPaused, AttemptStarted, RulesAcknowledged
from server.core.frozen import canonical_json
from server.core.journal import Recorded, Snapshot
from server.core.media import MediaReport
from server.core.modules import Modules
from server.core.phases import Phase
from server.settings import DataFolder
from tests.support.cases import CASES, Case, fuzzed
from tests.support.clock import ManualClock
from tests.support.house import Trainee, house

pytestmark = pytest.mark.contract

START_MS = 1_800_000_000_000


each_module = pytest.mark.parametrize("case", CASES, ids=lambda case: case.module.name)
SCRIPT = st.data()


def fresh(case: Case) -> LiveAttempt:
    """A started attempt on the case's content."""
    record = AttemptRecord(
        attempt_id="attempt",
        contest_id="contest",
        stage_id="stage",
        kind="practice",
        contestant_id="person",
        module=case.module.name,
        content_sha256="sha",
        work_code="CODE",
        opened_ms=START_MS,
    )
    live = LiveAttempt(record, case.module, case.content)
    live.add(
        AttemptOpened(content_sha256="sha", duration_ms=case.content.duration_ms, seed=7), live.core.moment(START_MS)
    )
    live.take_lease("page-0001", START_MS)
    live.add(RulesAcknowledged(), live.core.moment(START_MS))
    live.add(AttemptStarted(), live.core.moment(START_MS))
    return live


def play(case: Case, data: st.DataObject) -> LiveAttempt:
    """An attempt after a script of commands, pauses of time, and whatever was due meanwhile."""
    live = fresh(case)
    now_ms = START_MS
    for number, step in enumerate(data.draw(st.lists(case.steps, max_size=25))):
        now_ms += data.draw(st.integers(0, 30_000))
        while (wake := live.wake_ms()) is not None and wake <= now_ms:
            live.wake(now_ms)
        happen(live, number, step, now_ms)
    return live


def happen(live: LiveAttempt, number: int, step: dict[str, Any] | tuple[str, MediaReport], now_ms: int) -> None:
    """A command comes, or a report."""
    if isinstance(step, tuple):
        live.reported(*step, f"worker.{number}", now_ms, now_ms)
    else:
        live.command(f"command-{number:04d}", live.core.epoch, now_ms, step, now_ms)


def recorded(live: LiveAttempt) -> list[Recorded]:
    """The pending events as a journal would hold them."""
    return [
        Recorded(
            contest_id="contest",
            position=seq,
            stream="attempt",
            seq=seq,
            type=event.type,
            version=event.version,
            at_ms=event.at_ms,
            stage_ms=event.stage_ms,
            command_id=event.command_id,
            payload=event.payload,
            hash="",
        )
        for seq, event in enumerate(live.pending, start=1)
    ]


def folded(case: Case, events: list[Recorded], snapshot: Snapshot | None = None) -> LiveAttempt:
    """A fold from the start, or from a snapshot."""
    live = LiveAttempt(fresh(case).record, case.module, case.content)
    if snapshot is not None:
        live.restore(snapshot)
    for event in events:
        live.replay(event)
    return live


def standing(live: LiveAttempt) -> str:
    """Everything that a fold says, as text."""
    return canonical_json(
        [live.core.model_dump(mode="json"), live.module_state().model_dump(mode="json"), live.last_ms]
    )


@each_module
@fuzzed
@given(data=SCRIPT)
def test_snapshot_and_rest_fold_to_the_same(case: Case, data: st.DataObject) -> None:
    events = recorded(play(case, data))
    whole = folded(case, events)
    cut = data.draw(st.integers(1, len(events)))
    head = folded(case, events[:cut])
    head.snapshot_seq = -1_000
    snapshot = head.snapshot_due()
    assert snapshot is not None
    assert standing(folded(case, events[cut:], snapshot)) == standing(whole)


@each_module
@fuzzed
@given(data=SCRIPT)
def test_decide_returns_events_or_a_refusal_and_raises_nothing(case: Case, data: st.DataObject) -> None:
    live = play(case, data)
    raw = data.draw(case.commands)
    at = live.core.moment(live.last_moment())
    decided = case.module.decide(case.content, live.module_state(), case.module.parse_command(raw), at)
    assert isinstance(decided, list | Refusal)
    assert isinstance(case.module.decide(case.content, live.module_state(), Due(), at), list | Refusal)


@each_module
@fuzzed
@given(data=SCRIPT)
def test_apply_changes_no_earlier_state(case: Case, data: st.DataObject) -> None:
    live = play(case, data)
    before = live.module_state()
    text = canonical_json(before.model_dump(mode="json"))
    live.command("command-last", live.core.epoch, live.last_moment(), data.draw(case.commands), live.last_moment())
    assert canonical_json(before.model_dump(mode="json")) == text


@each_module
@fuzzed
@given(data=SCRIPT)
def test_blind_events_hold_no_moment(case: Case, data: st.DataObject) -> None:
    live = fresh(case)
    late_ms = case.content.duration_ms - 60_000
    now_ms = START_MS + late_ms
    while (wake := live.wake_ms()) is not None and wake <= now_ms:
        live.wake(now_ms)
    small_steps = small(case.commands) if case.reports is None else st.one_of(small(case.commands), case.reports)
    for number, step in enumerate(data.draw(st.lists(small_steps, min_size=1, max_size=25))):
        happen(live, number, step, now_ms)
        now_ms += 7
    for entry in module_events(case.module, recorded(live)):
        blind = entry.event.blind()
        assert blind["type"] == entry.event.type
        late = [value for value in blind.values() if isinstance(value, int) and value >= min(late_ms, 10_000)]
        assert not late, blind
        assert "role-player" not in canonical_json(blind)


@each_module
@fuzzed
@given(data=SCRIPT)
def test_what_is_pushed_is_of_the_type_that_was_declared_and_equal_for_equal_states(
    case: Case, data: st.DataObject
) -> None:
    live = play(case, data)
    state = live.module_state()
    pushed = case.module.seat_live(case.content, state)
    if case.module.seat_live_type is None:
        assert pushed is None
        return
    assert type(pushed) is case.module.seat_live_type
    # A server that was restarted pushes what the one before it would have pushed.
    again = case.module.state_type.model_validate(state.model_dump(mode="json"))
    same = case.module.content_type.model_validate_json(case.content.model_dump_json(by_alias=True))
    assert case.module.seat_live(same, again) == pushed


@each_module
@fuzzed
@given(data=SCRIPT)
def test_live_sound_is_planned_and_told_by_the_same_state(case: Case, data: st.DataObject) -> None:
    media = case.module.media
    if media is None:
        return
    live = play(case, data)
    state = live.module_state()
    plans = media.plans(case.content, state)
    standing = media.standing(case.content, state)
    assert (standing is None) == (not plans)
    for plan in plans:
        assert standing is not None
        assert standing.call_id == plan.call_id
        assert [sound.n for sound in plan.plays] == list(range(1, len(plan.plays) + 1))
        assert plan.played <= len(plan.plays)
        assert {sound.sha256 for sound in plan.plays} <= case.module.files(case.content)
    records = media.calls(case.content, module_events(case.module, recorded(live)), live.last_moment())
    assert {plan.call_id for plan in plans} <= {record.call_id for record in records}
    for record in records:
        assert record.ended_ms is not None
        for marker in record.markers:
            assert marker.until_ms is not None
            assert record.began_ms <= marker.at_ms <= marker.until_ms <= record.ended_ms
        assert [marker.at_ms for marker in record.markers] == sorted(marker.at_ms for marker in record.markers)
    report = data.draw(case.reports) if case.reports is not None else None
    if report is not None:
        at = live.core.moment(live.last_moment())
        assert all(media.reported(case.content, state, "none.1", report[1], at) == [] for _ in range(2))


@each_module
def test_the_robots_sounds_are_deterministic_and_belong_to_its_calls(case: Case) -> None:
    media = case.module.media
    if media is None:
        return
    for seed in range(24):
        sounds = list(media.robot_sounds(case.content, seed, 0.7))
        assert sounds == list(media.robot_sounds(case.content, seed, 0.7))
        assert sounds == sorted(sounds, key=lambda sound: sound.stage_ms)
        live = fresh(case)
        steps: list[tuple[int, int, dict[str, Any] | tuple[str, MediaReport]]] = []
        steps += [(act.stage_ms, 0, act.command) for act in case.module.robot(case.content, seed, 0.7)]
        steps += [(sound.stage_ms, 1, (sound.call_id, sound.report)) for sound in sounds if sound.report]
        for number, (stage_ms, _, step) in enumerate(sorted(steps, key=lambda step: step[:2])):
            now_ms = START_MS + stage_ms
            while (wake := live.wake_ms()) is not None and wake <= now_ms:
                live.wake(now_ms)
            happen(live, number, step, now_ms)
        records = media.calls(case.content, module_events(case.module, recorded(live)), None)
        assert {sound.call_id for sound in sounds} <= {record.call_id for record in records}


def small(commands: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """Commands whose own numbers are too small for moments."""
    return commands.map(lambda raw: {key: value % 1_000 if type(value) is int else value for key, value in raw.items()})


@each_module
@fuzzed
@given(data=SCRIPT)
def test_score_twice_is_equal_and_json(case: Case, data: st.DataObject) -> None:
    live = play(case, data)
    history = module_events(case.module, recorded(live))
    first = case.module.score(case.content, history, {})
    assert case.module.score(case.content, history, {}) == first
    assert type(first).model_validate_json(first.model_dump_json(by_alias=True)) == first
    assert {mark.criterion for mark in first.marks} <= {c.key for c in case.module.rubric(case.content).criteria}
    assert all(0 <= mark.marks <= mark.max_marks for mark in first.marks)


@each_module
@fuzzed
@given(data=SCRIPT)
def test_scoring_the_answers_offline_gives_the_same_marks(case: Case, data: st.DataObject) -> None:
    live = play(case, data)
    answers = json.loads(canonical_json(case.module.answers(case.content, live.module_state())))
    online = case.module.score(case.content, module_events(case.module, recorded(live)), {})
    offline = case.module.score(case.content, case.module.history_of(case.content, answers), {})
    assert [mark.marks for mark in offline.marks] == [mark.marks for mark in online.marks]


@each_module
@fuzzed
@given(data=SCRIPT)
def test_a_lesson_of_all_parts_scores_like_the_paper(case: Case, data: st.DataObject) -> None:
    live = play(case, data)
    history = module_events(case.module, recorded(live))
    chosen = data.draw(st.permutations([part.id for part in case.module.parts(case.content)]))
    lesson = case.module.select(case.content, chosen, 123_000)
    assert lesson.duration_ms == 123_000
    assert lesson.title == case.content.title
    assert case.module.parts(lesson) == case.module.parts(case.content)
    assert case.module.score(lesson, history, {}) == case.module.score(case.content, history, {})


@each_module
def test_a_lesson_holds_what_was_chosen(case: Case) -> None:
    for part in case.module.parts(case.content):
        lesson = case.module.select(case.content, [part.id], 60_000)
        assert list(case.module.parts(lesson)) == [part]
        assert case.module.content_type.model_validate_json(lesson.model_dump_json(by_alias=True)) == lesson
    for chosen in ([], ["no-such-part"]):
        with pytest.raises(ValueError, match="parts|no-such-part"):
            case.module.select(case.content, chosen, 60_000)


@each_module
@fuzzed
@given(data=SCRIPT)
def test_a_corrected_key_is_scored_by_and_not_seen(case: Case, data: st.DataObject) -> None:
    history = module_events(case.module, recorded(play(case, data)))
    lines = case.module.key(case.content)
    same = case.module.with_key(case.content, {line.path: line.accepted for line in lines})
    assert case.module.score(same, history, {}) == case.module.score(case.content, history, {})
    wider = {line.path: (*line.accepted, "又一种写法") for line in lines if data.draw(st.booleans())}
    corrected = case.module.with_key(case.content, wider)
    assert case.module.seat_content(corrected) == case.module.seat_content(case.content)
    assert {line.path: line.accepted for line in case.module.key(corrected) if line.path in wider} == wider
    assert not [fault for fault in case.module.check(corrected) if fault.severe]
    before = case.module.score(case.content, history, {}).marks
    after = case.module.score(corrected, history, {}).marks
    assert [mark.max_marks for mark in after] == [mark.max_marks for mark in before]


@each_module
def test_the_lines_of_a_key_have_paths_of_their_own(case: Case) -> None:
    paths = [line.path for line in case.module.key(case.content)]
    assert len(set(paths)) == len(paths)
    with pytest.raises(ValueError, match="no.such.line"):
        case.module.with_key(case.content, {"no.such.line": ["x"]})


@each_module
def test_content_round_trips(case: Case) -> None:
    text = case.content.model_dump_json(by_alias=True)
    assert case.module.content_type.model_validate_json(text) == case.content


@each_module
def test_a_paused_attempt_gets_no_due(case: Case) -> None:
    live = fresh(case)
    live.add(AttemptPaused(since_ms=START_MS, cause="staff"), live.core.moment(START_MS))
    assert live.core.phase is Phase.PAUSED
    assert live.wake_ms() is None
    before = len(live.pending)
    live.wake(START_MS + 10**9)
    assert len(live.pending) == before


@each_module
def test_rubric_weights_are_whole_or_the_gap_is_reported(case: Case) -> None:
    rubric = case.module.rubric(case.content)
    assert rubric.gap_pct == 100 - sum(criterion.weight_pct for criterion in rubric.criteria)
    assert rubric.gap_pct == 0


@each_module
def test_the_robot_is_deterministic_and_understood(case: Case) -> None:
    acts = list(case.module.robot(case.content, 5, 0.7))
    assert acts == list(case.module.robot(case.content, 5, 0.7))
    assert acts == sorted(acts, key=lambda act: act.stage_ms)
    live = fresh(case)
    for number, act in enumerate(acts):
        at_ms = START_MS + act.stage_ms
        assert live.command(f"robot-{number:05d}", live.core.epoch, at_ms, act.command, at_ms) is None


def module_events(module: AnyModule, events: list[Recorded]) -> list[Journalled[Any]]:
    """The module's own events, parsed."""
    return [
        Journalled(event.seq, event.at_ms, event.stage_ms, module.parse_event(payload))
        for event in events
        if (payload := _payload(event))["type"].startswith(f"{module.name}.")
    ]


def _payload(event: Recorded) -> Mapping[str, Any]:
    payload: Mapping[str, Any] = json.loads(event.payload)
    return payload


@pytest.mark.anyio
@each_module
async def test_a_repeated_command_id_adds_nothing(case: Case, folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock, Modules({case.module.name: case.module})) as services:
        who = await services.accounts.create("t1", "测试学员", Role.CONTESTANT, None)
        live = await services.attempts.open_practice_on(who, case.module, case.content)
        epoch = await services.runner.take_lease(live.record.attempt_id, "page-0001")
        trainee = Trainee(services, who, live.record.attempt_id, epoch)
        await trainee.start()
        began_ms = clock.now_ms()
        acts = list(case.module.robot(case.content, 1, 0.8))[:12]
        for number, act in enumerate(acts):
            await clock.advance(began_ms + act.stage_ms - clock.now_ms())
            await trainee.send(act.command, id_=f"robot-{number:04d}")
        before = await services.journal.read_stream(trainee.attempt_id)
        assert len(before) > len(acts) / 2
        for number, act in enumerate(acts):
            await trainee.send(act.command, id_=f"robot-{number:04d}")
        assert await services.journal.read_stream(trainee.attempt_id) == before
