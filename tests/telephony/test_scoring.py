"""The outcome: no marks by machine, measures with their formulas, evidence, the sheet; rubric and key."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from server.core.media import LegUp
from server.core.outcome import Outcome
from telephony.module import module
from telephony.sheet import VoiceSheet
from tests.support.voice import inbound, outbound, raw_voice_paper, retell, summary, voice_paper
from tests.telephony.driving import Round
from tests.telephony.playing import deal, inbound_case, whole

pytestmark = pytest.mark.unit

SEALED = {
    "in1.1": {"sha256": "1" * 64, "live": False, "talk_ms": 6_000, "dead_air_count": 9},
    "out1.1": {"sha256": "2" * 64, "live": True, "talk_ms": 8_000, "dead_air_count": 3, "lufs": -21.5, "snr_db": None},
    "gone.1": {"live": True, "talk_ms": 1},
}


def outcome(round_: Round, **facts: object) -> Outcome:
    """The outcome of a round."""
    return module.score(round_.content, round_.history, facts)


def values(found: Outcome) -> dict[str, int]:
    """Measures by key."""
    return {measure.key: int(measure.value) for measure in found.measures}


def test_the_machine_gives_no_marks() -> None:
    found = outcome(whole())
    assert found.marks == ()
    assert all(measure.formula.startswith("telephony.") for measure in found.measures)
    assert len({measure.key for measure in found.measures}) == len(found.measures)


def test_measures_of_a_whole_round() -> None:
    found = values(outcome(whole()))
    expected = {
        "turns": 3,
        "turns_written": 3,
        "turns_spoken": 3,
        "script": 1,
        "faq": 2,
        "faq_duplicates": 1,
        "key_points": 5,
        "key_points_hit": 3,
        "summary": 0,
        "largest_insert": 3,
        "searches": 1,
        "in1.find.a1": 2_500,
        "look_ups": 1,
        "verified_right": 1,
        "verified_wrong": 1,
        "required": 7,
        "required_done": 7,
        "holds": 1,
        "held": 4_000,
        "replays": 1,
        "retakes": 1,
        "out1.calls": 1,
        "out1.registered": 1,
        "out1.lines": 3,
        "out1.answered": 3,
        "out1.deal": 1,
    }
    assert {key: found.get(key) for key in expected} == expected


def test_nothing_done_is_nothing_counted() -> None:
    found = values(outcome(Round()))
    assert (found["turns_written"], found["faq"], found["required_done"], found["out1.calls"]) == (0, 0, 0, 0)
    assert "out1.deal" not in found
    assert "in1.find.a1" not in found


def test_the_sheet_has_texts_beside_hints_and_acts_in_order() -> None:
    sheet = VoiceSheet.model_validate(outcome(whole()).sheet)
    case, sale, _, short = sheet.parts
    assert [(turn.id, turn.text, turn.takes) for turn in case.turns][0] == ("t1", "您好，演示速运，请讲。", 2)
    assert case.turns[1].customer == "单号 YD20260001，证件后四位是 0098。"
    assert [act.done for turn in case.turns for act in turn.required] == [True] * 7
    assert [point.hit for turn in case.turns for point in turn.key_points] == [True, True]
    acts = [act.act for act in case.desk]
    assert acts == ["search", "article", "look_up", "verify", "verify", "hold", "change_address", "transfer"]
    assert [act.right for act in case.desk if act.act == "verify"] == [False, True]
    assert [pair.duplicate for pair in sale.faq] == [False, True, False]
    assert (sale.calls[0].outcome, sale.calls[0].answered_lines, sale.calls[0].cause) == (
        "deal",
        3,
        "answered=3/3;asked=3;registered=yes",
    )
    assert [slot.slot for slot in sale.script] == ["opening", "needs", "guiding", "product", "closing", "ending"]
    assert short.answer is not None


def test_an_act_that_was_taken_back_is_not_done() -> None:
    part = inbound(turns=[inbound()["turns"][0] | {"required": [{"act": "suspend", "target": "r1"}]}])
    round_ = Round(voice_paper(parts=[part]))
    round_.send("open_part", part="in1")
    round_.send("look_up", query="YD20260001")
    round_.send("open_record", id="r1")
    round_.send("suspend", record="r1", on=True)
    assert values(outcome(round_))["required_done"] == 1
    round_.send("suspend", record="r1", on=False)
    assert values(outcome(round_))["required_done"] == 0


def test_a_check_of_another_record_is_not_the_one_that_was_asked_for() -> None:
    round_ = Round()
    round_.send("open_part", part="in1")
    round_.send("look_up", query="YD20260001")
    round_.send("open_record", id="r2")
    round_.send("verify", record="r2", digits="8760")
    sheet = VoiceSheet.model_validate(outcome(round_).sheet)
    assert [(act.act, act.done) for act in sheet.parts[0].turns[1].required] == [
        ("look_up", True),
        ("verify", False),
        ("hold", False),
    ]


def test_what_sealing_measured_stands_beside_with_the_recordings_as_evidence() -> None:
    round_ = whole()
    found = outcome(round_, calls=SEALED)
    sound = {m.key: str(m.value) for m in found.measures if not m.formula.startswith("telephony.")}
    # Writing is silence too: in a case that is no live call it is no dead air.
    assert sound == {
        "in1.1.talk_ms": "6000",
        "out1.1.talk_ms": "8000",
        "out1.1.dead_air_count": "3",
        "out1.1.lufs": "-21.5",
    }
    assert {(own.criterion, own.ref) for own in found.evidence if own.kind == "file"} == {
        ("in1.voice", "1" * 64),
        ("out1.skill", "2" * 64),
    }
    assert outcome(round_, calls="broken").measures == outcome(round_).measures


def test_evidence_points_at_events_that_are_there_for_criteria_that_are_there() -> None:
    round_ = whole()
    found = outcome(round_)
    keys = {criterion.key for criterion in module.rubric(round_.content).criteria}
    assert {own.criterion for own in found.evidence} <= keys
    types = {own.criterion: round_.history[int(own.ref) - 1].event.type for own in found.evidence}
    assert types["out1.deal"] == "telephony.call_ended"
    assert types["in1.wording"] == "telephony.field_saved"


def test_no_net_time_and_no_time_of_day_stands_in_the_outcome() -> None:
    early, late = whole(), Round(now_ms=1_234_567)
    inbound_case(late)
    deal(late)
    assert outcome(late) == outcome(early)


def test_a_call_that_the_end_of_the_time_cut_is_judged_by_what_had_happened() -> None:
    round_ = Round()
    round_.send("open_part", part="out1")
    round_.send("dial", part="out1")
    round_.wait(1_000)
    round_.report("out1.1", LegUp(leg="seat", connection=1))
    for n in (1, 2):
        round_.hear("out1.1", n)
        round_.speak("out1.1", 2_000)
        round_.send("end_turn", call="out1.1")
    round_.send("open_part", part="in1")
    found = outcome(round_)
    (call,) = VoiceSheet.model_validate(found.sheet).parts[1].calls
    assert (call.ended_by, call.outcome, call.cause) == ("close", "interest", "answered=1/3;asked=2;registered=no")
    assert (call.rang_ms, call.talked_ms) == (1_000, round_.now_ms - 1_000)
    assert values(found)["out1.interest"] == 1
    # Nothing rings after the end, and no event is named that isn't in the journal.
    assert VoiceSheet.model_validate(found.sheet).parts[0].calls == ()
    assert all(1 <= int(own.ref) <= len(round_.history) for own in found.evidence)


def test_a_hold_that_the_end_of_the_time_cut_counts_up_to_what_is_known() -> None:
    round_ = Round()
    round_.send("open_part", part="in1")
    round_.send("answer", call="in1.1")
    round_.send("hold", call="in1.1", on=True)
    round_.wait(2_500)
    round_.send("search", query="改地址")
    assert values(outcome(round_))["held"] == 2_500


def test_a_history_of_the_answers_ends_with_these_answers() -> None:
    round_ = whole()
    answers = json.loads(json.dumps(module.answers(round_.content, round_.state)))
    history = module.history_of(round_.content, answers)
    state = module.initial(round_.content, 1)
    for entry in history:
        state = module.apply(round_.content, state, entry.event)
    assert module.answers(round_.content, state) == module.answers(round_.content, round_.state)
    online, offline = values(outcome(round_)), values(module.score(round_.content, history, {}))
    same = (
        "turns_written",
        "turns_spoken",
        "faq",
        "script",
        "retakes",
        "out1.registered",
        "out1.deal",
        "key_points_hit",
    )
    assert {key: offline[key] for key in same} == {key: online[key] for key in same}


@pytest.mark.parametrize(
    ("answers", "path"),
    [
        ({"text": {}}, "answers.text"),
        ({"texts": {"zz": {}}}, "answers.texts.zz"),
        ({"texts": {"in1": {"turn:zz": "x"}}}, "answers.texts.in1.turn:zz"),
        ({"texts": {"in1": {"turn:t1": 5}}}, "answers.texts.in1.turn:t1"),
        ({"texts": {"in1": "x"}}, "answers.texts.in1"),
        ({"members": {}}, "answers.members"),
        ({"members": [{"part": "in1"}]}, "answers.members.0.part"),
        ({"members": ["x"]}, "answers.members.0"),
        ({"records": {"zz": {}}}, "answers.records.zz"),
        ({"calls": {"su1.1": {}}}, "answers.calls.su1.1"),
        ({"calls": {"out1.1": {"outcome": "maybe"}}}, "answers.calls.out1.1"),
        ({"calls": {"out1.1": {"takes": {"t1": "many"}}}}, "answers.calls.out1.1.takes.t1"),
    ],
)
def test_wrong_answers_are_refused_with_their_path(answers: dict[str, object], path: str) -> None:
    with pytest.raises(ValueError, match=path.replace(".", r"\.")):
        module.history_of(voice_paper(), answers)


def test_the_rubric_of_the_contest_is_that_of_the_tables() -> None:
    rubric = module.rubric(voice_paper(parts=[inbound(), outbound()]))
    assert (rubric.max_marks, rubric.gap_pct) == (Decimal(45), Decimal(0))
    marks = {c.key: round(float(c.weight_pct * rubric.max_marks / 100), 4) for c in rubric.criteria}
    assert marks == {
        "in1.wording": 2.25,
        "in1.voice": 1.5,
        "in1.process": 5.25,
        "in1.knowledge": 5.25,
        "in1.initiative": 0.75,
        "out1.process": 4.5,
        "out1.knowledge": 15.0,
        "out1.initiative": 1.5,
        "out1.deal": 1.5,
        "out1.skill": 7.5,
    }
    assert {criterion.marked_by for criterion in rubric.criteria} == {"manual"}


def test_parts_without_marks_have_no_criteria_unless_no_part_has_any() -> None:
    rubric = module.rubric(voice_paper())
    assert not [criterion for criterion in rubric.criteria if criterion.key.startswith(("re1", "su1"))]
    practice = module.rubric(voice_paper(parts=[retell(), summary()]))
    assert (practice.max_marks, practice.gap_pct) == (Decimal(100), Decimal(0))
    assert [criterion.key for criterion in practice.criteria] == [
        "re1.points",
        "re1.voice",
        "su1.points",
        "su1.wording",
    ]


@pytest.mark.parametrize("marks", [("15", "30"), ("1", "2"), ("7", "11"), ("0.1", "99.9"), ("33.3", "0.7")])
def test_weights_add_up_to_exactly_100(marks: tuple[str, str]) -> None:
    parts = [inbound(marks=marks[0]), inbound("in2", marks="3"), outbound(marks=marks[1])]
    rubric = module.rubric(voice_paper(parts=parts))
    assert sum(criterion.weight_pct for criterion in rubric.criteria) == 100


def test_a_key_is_corrected_by_paths() -> None:
    content = voice_paper()
    lines = {line.path: line.accepted for line in module.key(content)}
    assert lines["parts.in1.t1.greet"] == ("您好", "你好")
    changed = module.with_key(content, {"parts.su1.points.day": ["一天内"]})
    assert {line.path: line.accepted for line in module.key(changed)}["parts.su1.points.day"] == ("一天内",)
    for wrong in ([], [" "], ["长" * 101], [f"{n}" for n in range(31)]):
        with pytest.raises(ValueError, match=r"parts\.su1\.points\.day"):
            module.with_key(content, {"parts.su1.points.day": wrong})


def test_a_lesson_keeps_the_desk_whole() -> None:
    lesson = module.select(voice_paper(), ["in1"], 600_000)
    assert [part.id for part in lesson.parts] == ["in1"]
    assert lesson.desk == voice_paper().desk
    assert raw_voice_paper()["duration_ms"] != lesson.duration_ms


def test_the_example_of_the_documentation_says_what_the_page_says() -> None:
    folder = Path(__file__).parents[2] / "docs" / "examples" / "telephony"
    content = module.content_type.model_validate_json((folder / "content.json").read_text("utf-8"))
    answers = json.loads((folder / "answers.json").read_text("utf-8"))
    found = values(module.score(content, module.history_of(content, answers), {}))
    expected = {
        "turns_written": 2,
        "retakes": 1,
        "faq": 2,
        "faq_duplicates": 1,
        "key_points": 4,
        "key_points_hit": 3,
        "required": 3,
        "required_done": 2,
        "out1.deal": 1,
    }
    assert {key: found[key] for key in expected} == expected
    assert not [fault for fault in module.check(content) if fault.severe]


def test_reference_wordings_are_named_like_the_markers_of_their_turns() -> None:
    models = {line.ref: line for line in module.media.models(voice_paper())}
    assert models["t1"].title.zh == "规范开头语，询问需求"
    assert models["out1.script:product"].text == "三百兆包年每年 720 元。"
    assert "包邮" in models["retell"].text
