"""Outbound calls: the simulated customer, a role player, record-only; and retells."""

from typing import Any

import pytest

from server.core.media import LegDown, LegUp, PlayEnded, RoleActed, SpeechBegan, SpeechEnded
from telephony.module import module
from tests.support.voice import ID_NUMBER, line, outbound, persona, voice_paper
from tests.telephony.driving import Round

pytestmark = pytest.mark.unit

OUT = "out1.1"
MEMBER = {"part": "out1", "name": "演示会员", "id_number": ID_NUMBER, "package": "p1"}


def connected(**changes: Any) -> Round:
    """Dialled, and sound can pass."""
    round_ = Round(voice_paper(parts=[outbound(**changes)]))
    round_.send("dial", part="out1")
    round_.report(OUT, LegUp(leg="seat", connection=1))
    return round_


def greeted() -> Round:
    """The customer has said who is there."""
    round_ = connected()
    round_.hear(OUT, 1)
    return round_


def test_the_customer_answers_when_sound_can_pass() -> None:
    round_ = Round()
    assert round_.send("dial", part="out1") == ["call_began"]
    assert round_.live_call(OUT).phase == "dialling"
    assert round_.refused("dial", part="out1") == "line-busy"
    assert round_.report(OUT, LegUp(leg="seat", connection=1)) == ["leg_changed", "call_answered", "line_began"]
    assert round_.played() == ["open"]
    live = round_.live_call(OUT)
    assert (live.phase, live.answered_ms, live.ends_by_ms) == ("talking", 0, 600_000)


def test_a_dialogue_by_pauses_ends_in_a_deal() -> None:
    round_ = greeted()
    round_.send("register", **MEMBER)
    assert round_.speak(OUT, 3_000) == ["speech_begun", "speech_heard"]
    assert round_.wait(1_499) == []
    assert round_.wait(1) == ["turn_ended", "line_began"]
    for n, expected in ((2, "q2"), (3, "q3"), (4, "deal")):
        round_.hear(OUT, n)
        round_.wait(700)
        round_.speak(OUT, 1_200)
        assert round_.wait(1_500) == ["turn_ended", "line_began"]
        assert round_.played()[-1] == expected
    assert [event.cause for event in round_.events("turn_ended")] == ["pause"] * 4
    round_.hear(OUT, 5)
    assert round_.wait(9_999) == []
    assert round_.wait(1) == ["call_ended"]
    ended = round_.events("call_ended")[0]
    assert (ended.by, ended.outcome) == ("customer", "deal")
    assert ended.cause == "answered=3/3;asked=3;registered=yes"
    assert round_.live_call(OUT).last


def test_the_key_ends_a_turn_at_once_even_if_a_neighbour_holds_the_detector_open() -> None:
    round_ = greeted()
    round_.report(OUT, SpeechBegan(leg="seat"))
    assert round_.wait(20_000) == []
    assert round_.send("end_turn", call=OUT) == ["turn_ended", "line_began"]
    assert round_.events("turn_ended")[0].spoken_ms == 20_000
    # Pressed once more while the customer speaks, it came late.
    assert round_.send("end_turn", call=OUT) == []


def test_without_registration_there_is_no_deal() -> None:
    round_ = greeted()
    for n in (2, 3, 4):
        round_.speak(OUT, 1_500)
        round_.send("end_turn", call=OUT)
        round_.hear(OUT, n)
    round_.speak(OUT, 1_500)
    round_.send("end_turn", call=OUT)
    assert round_.played()[-1] == "interest"


def test_short_replies_do_not_count() -> None:
    round_ = greeted()
    round_.speak(OUT, 2_000)
    round_.send("end_turn", call=OUT)
    for n in (2, 3, 4):
        round_.hear(OUT, n)
        round_.speak(OUT, 999)
        round_.send("end_turn", call=OUT)
    assert round_.played()[-1] == "refusal"
    assert round_.call(OUT).customer.answered == ()


def test_what_comes_after_the_decision_changes_nothing_of_what_it_was_made_by() -> None:
    round_ = greeted()
    for n, spoken_ms in ((2, 1_500), (3, 1_500), (4, 1_500), (5, 300)):
        round_.speak(OUT, spoken_ms)
        round_.send("end_turn", call=OUT)
        round_.hear(OUT, n)
    round_.send("register", **MEMBER)
    round_.speak(OUT, 3_000)
    assert round_.send("end_turn", call=OUT) == ["turn_ended"]
    round_.wait(10_000)
    (ended,) = round_.events("call_ended")
    assert (ended.outcome, ended.cause) == ("interest", "answered=2/3;asked=3;registered=no")


def test_who_only_presses_the_key_sells_nothing() -> None:
    round_ = greeted()
    round_.send("register", **MEMBER)
    for n in (2, 3, 4, 5):
        round_.send("end_turn", call=OUT)
        round_.hear(OUT, n)
    round_.wait(10_000)
    (ended,) = round_.events("call_ended")
    assert (ended.outcome, ended.cause) == ("refusal", "answered=0/3;asked=3;registered=yes")


def test_a_reply_in_two_breaths_counts_as_one() -> None:
    round_ = greeted()
    round_.speak(OUT, 2_000)
    round_.wait(1_500)
    round_.hear(OUT, 2)
    round_.speak(OUT, 600)
    assert round_.wait(1_000) == []
    round_.speak(OUT, 600)
    round_.wait(1_500)
    assert round_.call(OUT).customer.answered == (1,)


def test_silence_is_nudged_and_then_hung_up_on() -> None:
    round_ = greeted()
    assert round_.wait(7_999) == []
    assert round_.wait(1) == ["line_began"]
    assert round_.played()[-1] == "nudge"
    round_.hear(OUT, 2)
    assert round_.wait(8_000) == ["line_began"]
    assert round_.played()[-1] == "bye"
    assert round_.hear(OUT, 3) == ["line_ended", "call_ended"]
    ended = round_.events("call_ended")[0]
    assert (ended.by, ended.outcome, ended.cause) == ("customer", "refusal", "patience;nudges=1")


def test_a_nudge_does_not_make_the_question_another() -> None:
    round_ = greeted()
    round_.speak(OUT, 2_000)
    round_.wait(1_500)
    round_.hear(OUT, 2)
    round_.wait(8_000)
    round_.hear(OUT, 3)
    round_.speak(OUT, 1_500)
    round_.wait(1_500)
    assert round_.played() == ["open", "q1", "nudge", "q2"]
    assert round_.call(OUT).customer.answered == (1,)


def test_a_cough_is_no_reply_and_patience_begins_anew() -> None:
    round_ = greeted()
    round_.wait(5_000)
    round_.speak(OUT, 499)
    assert round_.wait(7_999) == []
    assert round_.wait(1) == ["line_began"]
    assert round_.played()[-1] == "nudge"


@pytest.mark.parametrize(("reply_ms", "spoken_ms"), [(1_000, 500), (300, 300)])
def test_a_word_is_a_reply_though_it_may_be_too_short_to_count(reply_ms: int, spoken_ms: int) -> None:
    round_ = connected(persona=persona(rule={"reply_ms": reply_ms}))
    round_.hear(OUT, 1)
    round_.speak(OUT, spoken_ms)
    assert round_.wait(1_500) == ["turn_ended", "line_began"]
    assert round_.played()[-1] == "q1"


def test_speech_that_a_dead_worker_never_ended_ends_with_the_next_connection() -> None:
    round_ = greeted()
    round_.report(OUT, SpeechBegan(leg="seat"))
    round_.wait(3_000)
    # Nobody says that the speech ended, nor that the connection went.
    assert round_.report(OUT, LegUp(leg="seat", connection=2)) == ["leg_changed"]
    assert round_.live_call(OUT).spoken_ms == 3_000
    assert round_.wait(1_499) == []
    assert round_.wait(1) == ["turn_ended", "line_began"]
    assert round_.played()[-1] == "q1"


def test_what_was_said_over_the_customer_before_a_connection_was_lost_is_no_reply() -> None:
    round_ = connected()
    round_.report(OUT, SpeechBegan(leg="seat"))
    round_.wait(500)
    round_.report(OUT, LegDown(leg="seat", connection=1))
    assert (round_.live_call(OUT).spoken_ms, round_.call(OUT).speaking_since_ms) == (0, None)


def test_patience_stands_still_on_hold_and_while_no_sound_can_pass() -> None:
    round_ = greeted()
    round_.wait(5_000)
    round_.send("hold", call=OUT, on=True)
    assert round_.wait(60_000) == []
    round_.send("hold", call=OUT, on=False)
    assert round_.wait(7_999) == []
    round_.report(OUT, LegDown(leg="seat", connection=1))
    assert round_.wait(60_000) == []
    round_.report(OUT, LegUp(leg="seat", connection=2))
    assert round_.wait(7_999) == []
    assert round_.wait(1) == ["line_began"]


def test_the_conversation_ends_at_its_limit_also_on_hold() -> None:
    round_ = connected(call_ms=60_000)
    round_.hear(OUT, 1)
    round_.speak(OUT, 2_000)
    round_.send("end_turn", call=OUT)
    round_.hear(OUT, 2)
    round_.speak(OUT, 2_000)
    round_.send("hold", call=OUT, on=True)
    assert round_.wait(60_000) == ["turn_ended", "call_ended"]
    ended = round_.events("call_ended")[0]
    assert (ended.by, ended.stage_ms, ended.outcome) == ("time", 60_000, "interest")


def test_hanging_up_early_is_judged_by_what_has_happened() -> None:
    round_ = greeted()
    round_.send("register", **MEMBER)
    for n in (2, 3):
        round_.speak(OUT, 1_500)
        round_.send("end_turn", call=OUT)
        round_.hear(OUT, n)
    round_.speak(OUT, 1_500)
    assert round_.send("hang_up", call=OUT) == ["turn_ended", "call_ended"]
    assert [event.cause for event in round_.events("turn_ended")] == ["key", "key", "end"]
    assert round_.events("call_ended")[0].outcome == "deal"


def test_a_call_that_never_connected_does_not_count() -> None:
    round_ = Round()
    round_.send("dial", part="out1")
    round_.send("hang_up", call=OUT)
    assert round_.events("call_ended")[0].outcome is None
    assert not round_.live_call(OUT).last
    assert round_.send("dial", part="out1") == ["call_began"]
    round_.report("out1.2", LegUp(leg="seat", connection=1))
    round_.send("hang_up", call="out1.2")
    assert round_.refused("dial", part="out1") == "dials-used-up"
    assert round_.refused("dial", part="su1") == "unknown-part"


def test_who_speaks_over_the_customer_is_heard_from_the_line_s_end_on() -> None:
    round_ = connected()
    round_.report(OUT, SpeechBegan(leg="seat"))
    round_.hear(OUT, 1)
    assert round_.wait(20_000) == []
    round_.report(OUT, SpeechEnded(leg="seat", spoken_ms=21_000, ago_ms=0))
    assert round_.live_call(OUT).spoken_ms == 20_000
    assert round_.wait(1_500) == ["turn_ended", "line_began"]


def test_the_end_of_speech_is_taken_from_when_it_was() -> None:
    round_ = greeted()
    round_.report(OUT, SpeechBegan(leg="seat"))
    round_.wait(3_000)
    round_.report(OUT, SpeechEnded(leg="seat", spoken_ms=2_400, ago_ms=600))
    assert round_.wait(899) == []
    assert round_.wait(1) == ["turn_ended", "line_began"]


def test_a_line_cut_by_a_lost_connection_is_said_again() -> None:
    round_ = greeted()
    round_.speak(OUT, 2_000)
    round_.send("end_turn", call=OUT)
    round_.report(OUT, LegDown(leg="seat", connection=1))
    round_.report(OUT, PlayEnded(n=2, heard=False))
    assert round_.wait(30_000) == []
    round_.report(OUT, LegUp(leg="seat", connection=2))
    round_.hear(OUT, 3)
    assert round_.played() == ["open", "q1", "q1"]
    assert (round_.call(OUT).customer.asked, round_.live_call(OUT).floor) == (1, "contestant")


def test_speech_is_due_only_while_the_contestant_has_the_floor() -> None:
    round_ = connected()
    assert not module.media.plans(round_.content, round_.state)[0].speech_due
    round_.hear(OUT, 1)
    plan = module.media.plans(round_.content, round_.state)[0]
    assert (plan.speech_due, plan.played, plan.bridged) == (True, 1, False)


def test_a_role_player_takes_the_call_says_the_outcome_and_hangs_up() -> None:
    round_ = connected(other_side="role_player")
    assert round_.live_call(OUT).phase == "dialling"
    assert module.media.plans(round_.content, round_.state)[0].bridged
    assert round_.report(OUT, RoleActed(by="u1", act="outcome", outcome="deal")) == []
    assert round_.report(OUT, RoleActed(by="u1", act="answer")) == ["role_played", "call_answered"]
    assert round_.report(OUT, RoleActed(by="u1", act="answer")) == []
    assert round_.report(OUT, RoleActed(by="u1", act="outcome", outcome="interest")) == ["role_played"]
    standing = module.media.standing(round_.content, round_.state)
    assert standing is not None
    assert (standing.outcome, standing.ends_by_ms) == ("interest", 600_000)
    round_.speak(OUT, 5_000)
    assert round_.wait(100_000) == []
    assert round_.send("end_turn", call=OUT) == ["turn_ended"]
    assert round_.report(OUT, RoleActed(by="u1", act="hang_up")) == ["role_played", "call_ended"]
    assert round_.events("call_ended")[0].outcome == "interest"
    assert "u1" not in module.seat_state(round_.content, round_.state).model_dump_json()
    assert all("u1" not in str(entry.event.blind()) for entry in round_.history)


def test_a_role_player_sees_the_persona_and_only_where_there_is_one() -> None:
    round_ = connected(other_side="role_player")
    card = module.media.role_card(round_.content, round_.state, OUT)
    assert card is not None
    assert [prompt.id for prompt in card.prompts] == ["q1", "q2", "q3"]
    assert "会员注册" in card.rule
    assert module.media.role_card(round_.content, round_.state, "out1.9") is None
    simulated = connected()
    assert module.media.role_card(simulated.content, simulated.state, OUT) is None


def test_record_only_lets_the_contestant_speak_until_they_hang_up() -> None:
    round_ = connected(other_side="record_only")
    assert round_.played() == []
    assert round_.live_call(OUT).floor == "contestant"
    assert round_.wait(60_000) == []
    round_.send("hang_up", call=OUT)
    assert round_.events("call_ended")[0].outcome is None


def test_no_outcome_before_it_is_said() -> None:
    round_ = greeted()
    standing = module.media.standing(round_.content, round_.state)
    assert standing is not None
    assert (standing.answered_ms, standing.outcome) == (0, None)


def test_a_persona_without_nudges_hangs_up_at_once() -> None:
    round_ = connected(persona=persona(nudges=[]))
    round_.hear(OUT, 1)
    round_.wait(8_000)
    assert round_.played()[-1] == "bye"


def test_a_retell_plays_its_source_as_often_as_allowed() -> None:
    round_ = Round()
    assert round_.send("dial", part="re1") == ["call_began", "call_answered"]
    assert round_.report("re1.1", LegUp(leg="seat", connection=1)) == ["leg_changed", "line_began"]
    round_.hear("re1.1", 1)
    assert round_.live_call("re1.1").replays_left == 1
    round_.send("replay", call="re1.1")
    round_.hear("re1.1", 2)
    assert round_.refused("replay", call="re1.1") == "replays-used-up"
    round_.send("start_take", call="re1.1", turn="retell")
    round_.speak("re1.1", 5_000)
    round_.send("end_turn", call="re1.1")
    assert round_.refused("hold", call="re1.1", on=True) == "not-now"
    assert not round_.live_call("re1.1").taking
    round_.send("start_take", call="re1.1", turn="retell")
    round_.send("end_turn", call="re1.1")
    assert round_.refused("start_take", call="re1.1", turn="retell") == "retakes-used-up"
    round_.send("hang_up", call="re1.1")
    assert round_.refused("dial", part="re1") == "dials-used-up"


def test_a_retell_that_was_not_recorded_can_be_called_again_but_not_heard_more_often() -> None:
    round_ = Round()
    for call in ("re1.1", "re1.2"):
        round_.send("dial", part="re1")
        round_.report(call, LegUp(leg="seat", connection=1))
        round_.hear(call, 1)
        round_.send("hang_up", call=call)
    round_.send("dial", part="re1")
    assert round_.report("re1.3", LegUp(leg="seat", connection=1)) == ["leg_changed"]
    assert round_.refused("replay", call="re1.3") == "replays-used-up"


def test_lines_are_found_by_their_id_wherever_they_stand() -> None:
    content = voice_paper(parts=[outbound(persona=persona(opening=line("hello", "喂？", 700)))])
    assert module.files(content) == {sound.audio.sha256 for sound in (content.parts[0].persona.opening,)}  # type: ignore[union-attr]


def test_a_connection_that_fell_silent_comes_back_under_its_own_number() -> None:
    round_ = greeted()
    assert round_.report(OUT, LegDown(leg="seat", connection=1)) == ["leg_changed"]
    assert round_.report(OUT, LegUp(leg="seat", connection=1)) == ["leg_changed"]
    assert round_.report(OUT, LegUp(leg="seat", connection=3)) == ["leg_changed"]
    assert round_.report(OUT, LegDown(leg="seat", connection=1)) == []
    assert round_.report(OUT, LegUp(leg="seat", connection=2)) == []
    round_.report(OUT, LegDown(leg="seat", connection=3))
    standing = module.media.standing(round_.content, round_.state)
    assert standing is not None
    assert (round_.call(OUT).seat_connection, standing.seat_connection) == (0, 3)


def test_another_role_player_can_take_a_call_over() -> None:
    round_ = connected(other_side="role_player")
    round_.report(OUT, RoleActed(by="u1", act="answer"))
    round_.wait(5_000)
    assert round_.report(OUT, RoleActed(by="u2", act="answer")) == ["role_played"]
    assert round_.live_call(OUT).answered_ms == 0
    assert round_.report(OUT, RoleActed(by="u3", act="outcome", outcome="deal")) == ["role_played"]
    assert round_.report(OUT, RoleActed(by="u3", act="hang_up")) == ["role_played", "call_ended"]
    assert round_.live_call(OUT).outcome == "deal"


def test_a_contestant_who_listens_to_a_role_player_owes_no_sound() -> None:
    round_ = connected(other_side="role_player")
    round_.report(OUT, LegUp(leg="role_player", connection=1))
    assert round_.report(OUT, SpeechBegan(leg="role_player")) == []
    round_.report(OUT, RoleActed(by="u1", act="answer"))

    def due() -> bool:
        return module.media.plans(round_.content, round_.state)[0].speech_due

    assert due()
    round_.report(OUT, SpeechBegan(leg="role_player"))
    assert (due(), round_.live_call(OUT).floor) == (False, "customer")
    round_.report(OUT, SpeechEnded(leg="role_player", spoken_ms=5_000, ago_ms=0))
    assert (due(), round_.live_call(OUT).floor) == (True, "contestant")
    round_.report(OUT, SpeechBegan(leg="role_player"))
    round_.report(OUT, LegDown(leg="role_player", connection=1))
    assert round_.live_call(OUT).floor == "contestant"


def test_a_goodbye_that_is_not_said_is_no_fault_of_the_microphone() -> None:
    round_ = greeted()
    for n in (2, 3, 4, 5):
        round_.speak(OUT, 1_500)
        round_.send("end_turn", call=OUT)
        round_.hear(OUT, n)
    assert round_.live_call(OUT).floor == "contestant"
    assert not module.media.plans(round_.content, round_.state)[0].speech_due
