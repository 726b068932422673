"""Robots: what they do is accepted with and without sound, and with it calls go to their ends."""

import pytest

from server.core.contract import RobotAct
from server.core.media import RobotSound
from telephony.content import TelephonyContent
from telephony.idcard import fault
from telephony.module import module
from telephony.robot_voice import NAMES_ITSELF, voice
from tests.support.voice import inbound, line, outbound, persona, raw_voice_paper, voice_paper
from tests.telephony.driving import Round
from tests.telephony.test_desk import TODAY

pytestmark = pytest.mark.unit

SILENT, CLIPPED, NAMES = 5, 9, 14


def played(seed: int, skill: float, content: TelephonyContent | None = None, sound: bool = True) -> Round:
    """A round that a robot played to its end."""
    round_ = Round(content or voice_paper())
    steps: list[tuple[int, int, RobotAct | RobotSound]] = []
    steps += [(act.stage_ms, 0, act) for act in module.robot(round_.content, seed, skill)]
    if sound:
        steps += [(own.stage_ms, 1, own) for own in module.media.robot_sounds(round_.content, seed, skill)]
    for stage_ms, _, step in sorted(steps, key=lambda step: step[:2]):
        round_.wait(stage_ms - round_.now_ms)
        if isinstance(step, RobotSound):
            if step.report is not None:
                round_.report(step.call_id, step.report)
        else:
            kind = step.command["type"].removeprefix("telephony.")
            round_.send(kind, **{key: value for key, value in step.command.items() if key != "type"})
    return round_


@pytest.mark.parametrize("seed", range(24))
@pytest.mark.parametrize("sound", [True, False])
def test_every_command_is_accepted_with_and_without_sound(seed: int, sound: bool) -> None:
    round_ = played(seed, (seed % 10) / 9, sound=sound)
    assert all(not call.up for call in round_.state.calls)
    assert len(round_.state.calls) == 3


def test_a_skilled_robot_talks_to_the_end_and_sells() -> None:
    round_ = played(1, 1.0)
    call = round_.call("out1.1")
    assert (call.customer.answered, call.outcome, call.ended_by) == ((1, 2, 3), "deal", "contestant")
    assert {event.cause for event in round_.events("turn_ended")} == {"key"}
    inbound_ = round_.call("in1.1")
    assert (inbound_.turns_done, inbound_.ended_by) == (("t1", "t2", "t3"), "transfer")
    sheet = module.score(round_.content, round_.history, {}).sheet
    assert all(act["done"] for turn in sheet["parts"][0]["turns"] for act in turn["required"])
    assert {event.heard for event in round_.events("line_ended")} == {True}


def test_a_poor_robot_leaves_things_out() -> None:
    good = module.score(voice_paper(), played(1, 1.0).history, {})
    poor = module.score(voice_paper(), played(2, 0.0).history, {})
    done = [next(m.value for m in found.measures if m.key == "required_done") for found in (good, poor)]
    assert done[0] > done[1]


def test_a_silent_robot_is_nudged_and_hung_up_on() -> None:
    round_ = played(SILENT, 0.9)
    call = round_.call("out1.1")
    assert (call.ended_by, call.outcome) == ("customer", "refusal")
    assert round_.played()[-2:] == ["bye", "source"]
    assert not round_.events("speech_heard")
    assert {event.kind for event in round_.events("trouble_seen")} == {"no_sound"}
    assert all(not own.speaks for own in module.media.robot_sounds(voice_paper(), SILENT, 0.9))


def test_each_kind_of_voice_has_its_files() -> None:
    kinds = [voice(seed, 0.8).kind for seed in range(24)]
    assert (kinds[SILENT], kinds[CLIPPED], kinds[NAMES]) == ("silent", "clipped", "names_itself")
    assert kinds.count("good") == 21
    assert (voice(1, 0.5).kind, voice(1, 0.1).kind) == ("middling", "poor")
    said = [own for own in module.media.robot_sounds(voice_paper(), NAMES, 0.9) if own.file == NAMES_ITSELF]
    assert len(said) == 1
    clipped = [own for own in module.media.robot_sounds(voice_paper(), CLIPPED, 0.9) if own.speaks]
    assert {own.gain_db for own in clipped} == {18.0}
    assert "telephony.trouble" in {act.command["type"] for act in module.robot(voice_paper(), CLIPPED, 0.9)}


def test_what_is_said_lies_within_takes_or_calls() -> None:
    round_ = played(3, 0.9)
    takes = [
        (began.stage_ms, ended.stage_ms)
        for began, ended in zip(round_.events("take_began"), round_.events("take_ended"), strict=True)
    ]
    said = [own for own in module.media.robot_sounds(voice_paper(), 3, 0.9) if own.speaks and own.call_id == "in1.1"]
    assert said
    assert all(any(a <= own.stage_ms and own.stage_ms + own.duration_ms <= b for a, b in takes) for own in said)


def test_a_short_lesson_is_done_in_its_time() -> None:
    lesson = module.select(voice_paper(), ["in1", "out1"], 60_000)
    assert max(act.stage_ms for act in module.robot(lesson, 4, 0.8)) <= 60_000
    assert max(own.stage_ms for own in module.media.robot_sounds(lesson, 4, 0.8)) <= 60_000
    played(4, 0.8, lesson)


@pytest.mark.parametrize("other_side", ["role_player", "record_only"])
def test_other_sides_are_called_too(other_side: str) -> None:
    content = voice_paper(parts=[outbound(other_side=other_side)])
    assert played(1, 0.9, content).call("out1.1").ended_by == "contestant"


def test_members_of_robots_are_nobody_and_pass_the_check() -> None:
    numbers = [
        act.command["id_number"]
        for seed in range(30)
        for act in module.robot(voice_paper(), seed, 1.0)
        if act.command["type"] == "telephony.register"
    ]
    assert len(numbers) == 30
    assert all(number.startswith("990000") and fault(number, TODAY) is None for number in numbers)


def test_a_number_that_the_customer_says_is_the_one_that_is_registered() -> None:
    said = "我的身份证号是 990000197812300158，请登记。"
    other = "不是 110105194912310021。"
    lines = [line("q1", other, topic="证件"), line("q2", said, topic="证件")]
    rule = {"deal_replies": 2, "interest_replies": 1, "reply_ms": 1_000}
    content = voice_paper(parts=[outbound(persona=persona(lines=lines, rule=rule))])
    member = next(act.command for act in module.robot(content, 1, 1.0) if act.command["type"] == "telephony.register")
    assert (member["id_number"], member["name"]) == ("990000197812300158", "演示客户乙")


def test_a_paper_with_what_a_robot_cannot_find_is_played_all_the_same() -> None:
    part = inbound(turns=[inbound()["turns"][0] | {"required": [{"act": "article", "target": "gone"}]}])
    raw = raw_voice_paper(parts=[part], desk={})
    played(2, 1.0, TelephonyContent.model_validate(raw))
