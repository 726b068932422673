"""Speech and troubles by levels, on a clock of the test's."""

import pytest

from server.core.media import SpeechBegan, SpeechEnded, Trouble
from server.speech.rtp_journal import NO_LEVEL
from telephony.worker.speech import SpeechDetector
from telephony.worker.troubles import Watch

pytestmark = pytest.mark.unit


def said(levels: list[int], detector: SpeechDetector | None = None) -> list[tuple[int, SpeechBegan | SpeechEnded]]:
    """What is reported of frames every 20 ms, with the ms of each report."""
    detector = detector or SpeechDetector("seat")
    told = []
    for number, level in enumerate(levels):
        change = detector.frame(level, number * 20)
        if change is not None:
            told.append((number * 20, change))
    return told


def test_speech_begins_with_the_third_loud_frame_and_ends_after_400_ms() -> None:
    assert said([80] * 10 + [20] * 50 + [80] * 40) == [
        (240, SpeechBegan(leg="seat")),
        (1580, SpeechEnded(leg="seat", spoken_ms=1000, ago_ms=380)),
    ]


def test_clicks_are_no_speech() -> None:
    assert said(([20] * 2 + [80] * 5) * 20) == []


def test_a_pause_between_words_is_within_one_speech() -> None:
    told = said([80] * 5 + ([20] * 10 + [80] * 15) * 4 + [80] * 30)
    assert [type(each) for _, each in told] == [SpeechBegan, SpeechEnded]
    assert told[1][1] == SpeechEnded(leg="seat", spoken_ms=(3 * 25 + 10) * 20, ago_ms=380)


def test_a_voice_between_the_two_thresholds_goes_on_but_does_not_begin() -> None:
    between = 48
    assert said([60] * 5 + [between] * 100) == []
    told = said([60] * 5 + [20] * 10 + [between] * 50 + [80] * 30)
    assert told[1][1] == SpeechEnded(leg="seat", spoken_ms=60 * 20, ago_ms=380)


@pytest.mark.parametrize(("noise", "voice"), [(127, 47), (62, 44), (50, 30)])
def test_the_threshold_follows_the_headset(noise: int, voice: int) -> None:
    detector = SpeechDetector("seat")
    assert said([noise] * 500, detector) == []
    assert not detector.is_loud(noise)
    assert [type(each) for _, each in said([voice] * 20, detector)] == [SpeechBegan]


def test_the_usual_threshold_is_45() -> None:
    detector = SpeechDetector("seat")
    assert (detector.is_loud(45), detector.is_loud(46), detector.is_loud(NO_LEVEL)) == (True, False, False)


def test_a_stream_that_breaks_off_ends_the_speech() -> None:
    detector = SpeechDetector("role_player")
    said([20] * 10, detector)
    assert detector.speaking
    assert detector.tick(10 * 20 + 300) is None
    assert detector.tick(9 * 20 + 400) == SpeechEnded(leg="role_player", spoken_ms=200, ago_ms=380)
    assert detector.tick(5_000) is None
    assert detector.end(5_000) is None


def test_frames_without_a_level_say_nothing() -> None:
    assert said([NO_LEVEL] * 200) == []


class Seat:
    """A contestant's leg, 100 ms a step."""

    def __init__(self) -> None:
        self.watch = Watch()
        self.now_ms = 0
        self.told: list[tuple[int, str, bool]] = []

    def go(self, ms: int, *, up: bool = True, due: bool = True, held: bool = False, sound: str = "") -> None:
        for _ in range(ms // 100):
            self.now_ms += 100
            if sound:
                self.watch.packet(self.now_ms, known=sound != "unknown", loud=sound == "loud")
            for each in self.watch.tick(self.now_ms, up=up, due=due, held=held):
                assert isinstance(each, Trouble)
                self.told.append((self.now_ms, each.kind, each.began))


@pytest.fixture
def seat() -> Seat:
    return Seat()


def test_silence_is_an_alarm_after_three_seconds_and_speech_ends_it(seat: Seat) -> None:
    seat.go(2_000, sound="loud")
    seat.go(3_500, sound="quiet")
    seat.go(500, sound="loud")
    assert seat.told == [(5_000, "no_sound", True), (5_600, "no_sound", False)]


def test_silence_counts_only_from_when_speech_is_due(seat: Seat) -> None:
    seat.go(10_000, due=False, sound="quiet")
    seat.go(3_000, sound="quiet")
    assert seat.told == []
    seat.go(100, sound="quiet")
    seat.go(100, due=False, sound="quiet")
    assert seat.told == [(13_100, "no_sound", True), (13_200, "no_sound", False)]


def test_nothing_that_arrives_is_one_alarm_and_not_two(seat: Seat) -> None:
    seat.go(1_000, sound="loud")
    seat.go(4_000)
    seat.go(2_000, up=False)
    assert seat.told == [(4_000, "no_packets", True)]
    seat.go(100, sound="loud")
    assert seat.told[1:] == [(7_100, "no_packets", False)]


def test_a_leg_from_which_nothing_ever_came_is_an_alarm(seat: Seat) -> None:
    seat.go(5_000)
    assert seat.told == [(3_100, "no_packets", True)]


def test_no_alarm_on_hold_nor_before_anybody_is_there(seat: Seat) -> None:
    seat.go(10_000, up=False)
    seat.go(10_000, held=True)
    assert seat.told == []
    seat.go(3_100)
    seat.go(100, held=True)
    assert seat.told == [(23_100, "no_packets", True), (23_200, "no_packets", False)]


def test_levels_that_are_not_known_raise_no_alarm_of_silence(seat: Seat) -> None:
    seat.go(10_000, sound="unknown")
    assert seat.told == []
