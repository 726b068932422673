"""An inbound case: it rings, is answered, and goes turn by turn."""

import pytest

from server.core.media import LegDown, LegUp, PlayEnded, SpeechBegan, SpeechEnded
from telephony.module import module
from tests.support.voice import inbound, outbound, voice_paper
from tests.telephony.driving import Round

pytestmark = pytest.mark.unit

IN = "in1.1"


def answered() -> Round:
    """The line was answered and the first line of the customer heard."""
    round_ = Round()
    round_.send("open_part", part="in1")
    round_.report(IN, LegUp(leg="seat", connection=1))
    round_.send("answer", call=IN)
    round_.hear(IN, 1)
    return round_


def test_opening_the_part_rings_once() -> None:
    round_ = Round()
    assert round_.live.current == ""
    assert round_.send("open_part", part="in1") == ["part_opened", "call_began"]
    assert round_.live_call(IN).phase == "ringing"
    assert round_.send("open_part", part="in1") == []
    assert round_.send("open_part", part="su1") == ["part_opened"]
    assert round_.send("open_part", part="in1") == ["part_opened"]


def test_the_customer_speaks_when_the_call_is_answered_and_then_the_contestant_has_the_floor() -> None:
    round_ = Round()
    round_.send("open_part", part="in1")
    assert module.media.plans(round_.content, round_.state)[0].plays == ()
    assert round_.send("answer", call=IN) == ["call_answered", "line_began"]
    assert (round_.live_call(IN).floor, round_.live_call(IN).playing) == ("customer", True)
    assert round_.live_call(IN).line_ms == 2_000
    round_.hear(IN, 1)
    assert (round_.live_call(IN).floor, round_.live_call(IN).turn) == ("contestant", "t1")


def test_a_whole_case_in_order() -> None:
    round_ = answered()
    for turn, n in (("t1", 2), ("t2", None), ("t3", None)):
        round_.send("save_field", item="in1", field=f"turn:{turn}", text="您好", rev=1)
        assert round_.send("start_take", call=IN, turn=turn) == ["take_began"]
        assert module.media.plans(round_.content, round_.state)[0].speech_due
        round_.speak(IN, 2_500)
        ended = round_.send("end_turn", call=IN)
        assert ended == (["take_ended", "line_began"] if n else ["take_ended"])
        assert round_.events("take_ended")[-1].spoken_ms == 2_500
        if n:
            round_.hear(IN, n)
    live = round_.live_call(IN)
    assert (live.turn, live.floor, live.turns_done) == (None, "nobody", ("t1", "t2", "t3"))
    assert round_.refused("end_turn", call=IN) == "not-now"
    assert round_.send("hang_up", call=IN) == ["call_ended"]
    assert (round_.live_call(IN).ended_by, round_.live_call(IN).last) == ("contestant", True)
    assert module.media.plans(round_.content, round_.state) == ()
    assert round_.refused("start_take", call=IN, turn="t1") == "no-such-call"


def test_what_comes_late_to_a_call_that_is_over_is_no_fault() -> None:
    round_ = answered()
    round_.send("hang_up", call=IN)
    assert round_.send("hang_up", call=IN) == []
    assert round_.send("end_turn", call=IN) == []
    assert round_.report(IN, SpeechBegan(leg="seat")) == []
    assert round_.report("in1.7", SpeechBegan(leg="seat")) == []


def test_turns_go_in_order() -> None:
    round_ = answered()
    assert round_.refused("start_take", call=IN, turn="t2") == "not-now"
    assert round_.refused("end_turn", call=IN) == "not-now"


def test_a_turn_can_be_spoken_again_as_often_as_the_policy_says() -> None:
    round_ = answered()
    round_.send("start_take", call=IN, turn="t1")
    assert round_.live_call(IN).retakes_left == 1
    assert round_.send("end_turn", call=IN, again=True) == ["take_ended"]
    assert not round_.events("take_ended")[0].done
    assert round_.live_call(IN).turn == "t1"
    assert round_.send("start_take", call=IN, turn="t1") == ["take_began"]
    assert (round_.live_call(IN).take, round_.live_call(IN).retakes_left) == (2, 0)
    assert round_.refused("end_turn", call=IN, again=True) == "retakes-used-up"
    assert round_.refused("start_take", call=IN, turn="t1") == "retakes-used-up"
    assert round_.send("end_turn", call=IN) == ["take_ended", "line_began"]
    assert round_.live_call(IN).turn == "t2"


def test_starting_anew_while_a_take_runs_ends_that_take() -> None:
    round_ = answered()
    round_.send("start_take", call=IN, turn="t1")
    assert round_.send("start_take", call=IN, turn="t1") == ["take_ended", "take_began"]
    assert [event.done for event in round_.events("take_ended")] == [False]


def test_a_take_that_was_kept_can_still_end_its_turn() -> None:
    round_ = answered()
    round_.send("start_take", call=IN, turn="t1")
    round_.speak(IN, 900)
    round_.send("end_turn", call=IN, again=True)
    assert round_.send("end_turn", call=IN) == ["take_ended", "line_began"]
    assert [(event.done, event.spoken_ms) for event in round_.events("take_ended")] == [(False, 900), (True, 900)]


def test_an_earlier_turn_can_be_recorded_anew_and_the_case_goes_on_where_it_was() -> None:
    round_ = answered()
    round_.send("start_take", call=IN, turn="t1")
    round_.send("end_turn", call=IN)
    assert round_.refused("start_take", call=IN, turn="t1") == "not-now"
    round_.hear(IN, 2)
    assert round_.send("start_take", call=IN, turn="t1") == ["take_began"]
    assert round_.live_call(IN).turn == "t1"
    assert round_.send("end_turn", call=IN) == ["take_ended"]
    assert (round_.live_call(IN).turn, round_.live_call(IN).floor) == ("t2", "contestant")


def test_the_line_is_heard_again_as_often_as_the_policy_says() -> None:
    round_ = answered()
    assert round_.live_call(IN).replays_left == 1
    assert round_.send("replay", call=IN) == ["line_began"]
    assert round_.refused("replay", call=IN) == "not-now"
    assert round_.live_call(IN).replays_left == 0
    round_.hear(IN, 2)
    assert round_.live_call(IN).floor == "contestant"
    assert round_.refused("replay", call=IN) == "replays-used-up"
    round_.send("start_take", call=IN, turn="t1")
    assert round_.refused("replay", call=IN) == "not-now"


def test_a_line_that_nobody_heard_is_said_again_and_costs_no_replay() -> None:
    round_ = answered()
    round_.send("replay", call=IN)
    round_.report(IN, LegDown(leg="seat", connection=1))
    assert round_.report(IN, PlayEnded(n=2, heard=False)) == ["line_ended"]
    assert round_.live_call(IN).floor == "customer"
    assert round_.report(IN, LegUp(leg="seat", connection=2)) == ["leg_changed", "line_began"]
    assert round_.hear(IN, 3) == ["line_ended"]
    assert (round_.live_call(IN).floor, round_.call(IN).replays) == ("contestant", {"t1": 1})


def test_a_line_that_can_never_be_heard_gives_the_floor_in_the_end() -> None:
    round_ = Round()
    round_.send("open_part", part="in1")
    round_.report(IN, LegUp(leg="seat", connection=1))
    round_.send("answer", call=IN)
    for n in range(1, 5):
        assert round_.report(IN, PlayEnded(n=n, heard=False)) == ["line_ended", "line_began"]
    assert round_.report(IN, PlayEnded(n=5, heard=False)) == ["line_ended"]
    assert round_.live_call(IN).floor == "contestant"
    # Heard again for nothing, once the file can be played.
    round_.send("replay", call=IN)
    assert round_.live_call(IN).replays_left == 1


def test_a_report_that_says_nothing_new_adds_nothing() -> None:
    round_ = answered()
    assert round_.report(IN, PlayEnded(n=1)) == []
    assert round_.report(IN, PlayEnded(n=9)) == []
    assert round_.report(IN, LegUp(leg="seat", connection=1)) == []
    assert round_.report(IN, LegDown(leg="seat", connection=7)) == []
    assert round_.report(IN, SpeechBegan(leg="seat")) == ["speech_begun"]
    assert round_.report(IN, SpeechBegan(leg="seat")) == []


def test_hold_and_mute_are_acts_and_nothing_is_said_while_held() -> None:
    round_ = answered()
    assert round_.send("hold", call=IN, on=True) == ["held"]
    assert round_.send("hold", call=IN, on=True) == []
    assert module.media.plans(round_.content, round_.state)[0].held
    assert round_.live_call(IN).phase == "held"
    assert round_.refused("start_take", call=IN, turn="t1") == "not-now"
    assert round_.refused("replay", call=IN) == "not-now"
    assert round_.send("hold", call=IN, on=False) == ["held"]
    assert round_.send("mute", call=IN, on=True) == ["muted"]
    assert round_.send("mute", call=IN, on=True) == []
    round_.send("start_take", call=IN, turn="t1")
    assert not module.media.plans(round_.content, round_.state)[0].speech_due


def test_a_transfer_goes_where_the_desk_can() -> None:
    round_ = answered()
    assert round_.refused("transfer", call=IN, to="隔壁公司") == "unknown-part"
    assert round_.send("transfer", call=IN, to="售后服务") == ["call_ended"]
    assert round_.live_call(IN).ended_by == "transfer"


def test_hanging_up_in_a_take_keeps_the_take() -> None:
    round_ = answered()
    round_.send("start_take", call=IN, turn="t1")
    round_.report(IN, SpeechBegan(leg="seat"))
    round_.wait(1_200)
    assert round_.send("hang_up", call=IN) == ["take_ended", "call_ended"]
    assert round_.events("take_ended")[0].spoken_ms == 1_200


def test_trouble_is_noted_once_and_ends() -> None:
    round_ = answered()
    assert round_.send("trouble", call=IN, kind="clipping", began=True) == ["trouble_seen"]
    assert round_.send("trouble", call=IN, kind="clipping", began=True) == []
    assert round_.live_call(IN).trouble == ("clipping",)
    assert round_.send("trouble", call=IN, kind="clipping", began=False) == ["trouble_seen"]
    assert round_.live_call(IN).trouble == ()


def test_a_line_that_waits_rings_when_the_other_call_is_over() -> None:
    round_ = Round(voice_paper(parts=[inbound(), outbound()]))
    round_.send("open_part", part="out1")
    round_.send("dial", part="out1")
    assert round_.send("open_part", part="in1") == ["part_opened"]
    assert round_.send("hang_up", call="out1.1") == ["call_ended", "call_began"]
    assert round_.live_call(IN).phase == "ringing"


def test_speech_before_the_take_does_not_count_for_it() -> None:
    round_ = answered()
    round_.report(IN, SpeechBegan(leg="seat"))
    round_.wait(3_000)
    round_.send("start_take", call=IN, turn="t1")
    round_.wait(500)
    round_.report(IN, SpeechEnded(leg="seat", spoken_ms=3_300, ago_ms=200))
    assert round_.live_call(IN).spoken_ms == 300
