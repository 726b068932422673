"""Plays, plans, reports, ticks, streams: what a worker decides, without network or time."""

import pytest

from server.core.media import CallPlan, LegUp, Play, PlayBegan, PlayEnded
from server.core.media_wire import CallClosed
from telephony.worker.clock import WorkerClock
from telephony.worker.life import Life
from telephony.worker.plans import Changes, changes
from telephony.worker.plays import PlayQueue
from telephony.worker.rtp import SILENCE, Arrived, parse
from telephony.worker.shelf import ReportShelf
from telephony.worker.streams import OutStream
from telephony.worker.ticker import Schedule
from tests.telephony_worker.sounds import speech

pytestmark = pytest.mark.unit
SOUNDS: dict[str, list[bytes]] = {"a": speech(3, 1), "b": speech(2, 2), "broken": []}
MS = 1_000_000


def play(n: int, sha256: str = "a", ms: int = 60) -> Play:
    return Play(n=n, sha256=sha256, duration_ms=ms)


class Line:
    """A queue that is ticked."""

    def __init__(self, *plays: Play, played: int = 0) -> None:
        self.queue = PlayQueue()
        self.queue.plan(plays, played)
        self.out: list[bytes] = []
        self.told: list[tuple[int, PlayBegan | PlayEnded]] = []
        self.ticks = 0

    def go(self, ticks: int, *, up: bool = True, held: bool = False, reached: bool = True, read: bool = True) -> None:
        for _ in range(ticks):
            packets, told = self.queue.tick(
                lambda each: SOUNDS[each.sha256] if read else None, up=up, held=held, reached=reached
            )
            self.out += [packet for packet, _ in packets]
            self.told += [(self.ticks, each) for each in told]
            self.ticks += 1


def test_plays_go_out_in_order_and_end_with_their_last_sample() -> None:
    line = Line(play(2, "b"), play(1, "a"))
    line.go(10)
    assert line.out == SOUNDS["a"] + SOUNDS["b"]
    assert line.told == [
        (0, PlayBegan(n=1)),
        (3, PlayEnded(n=1)),
        (3, PlayBegan(n=2)),
        (5, PlayEnded(n=2)),
    ]
    assert line.queue.next is None


def test_no_play_begins_before_somebody_is_there_nor_before_it_is_read() -> None:
    line = Line(play(1))
    line.go(5, up=False)
    line.go(5, read=False)
    line.go(5, held=True)
    assert (line.out, line.told) == ([], [])
    line.go(4)
    assert line.told == [(15, PlayBegan(n=1)), (18, PlayEnded(n=1))]


def test_a_worker_that_begins_anew_goes_on_after_what_was_played() -> None:
    line = Line(play(1), play(2, "b"), played=1)
    line.go(3)
    assert line.told == [(0, PlayBegan(n=2)), (2, PlayEnded(n=2))]


def test_a_play_that_was_played_here_is_never_played_again() -> None:
    line = Line(play(1))
    line.go(4)
    line.queue.plan([play(1)], 0)
    line.go(4)
    assert line.out == SOUNDS["a"]


def test_a_leg_that_goes_ends_the_play_unheard() -> None:
    line = Line(play(1), play(2, "b"))
    line.go(2)
    line.go(1, up=False)
    line.go(3)
    assert line.told[1] == (2, PlayEnded(n=1, heard=False))
    assert line.told[2] == (3, PlayBegan(n=2))


def test_a_silent_network_within_a_play_leaves_it_unheard() -> None:
    line = Line(play(1))
    line.go(1)
    line.go(1, reached=False)
    line.go(3)
    assert line.told[-1][1] == PlayEnded(n=1, heard=False)


def test_a_hold_stops_a_play_and_lets_it_go_on() -> None:
    line = Line(play(1))
    line.go(1)
    line.go(20, held=True)
    line.go(3)
    assert line.out == SOUNDS["a"]
    assert line.told == [(0, PlayBegan(n=1)), (23, PlayEnded(n=1))]


def test_what_can_not_be_read_lasts_as_long_as_it_should_have() -> None:
    line = Line(play(1, "broken", 100))
    line.go(8)
    assert line.out == []
    assert line.told == [(0, PlayBegan(n=1)), (5, PlayEnded(n=1, heard=False))]


def test_packets_of_another_length_keep_the_time() -> None:
    SOUNDS["long"], SOUNDS["short"] = [b"\x18abc"] * 2, [b"\xf0a", b"\xf0b", b"\xf0c"]
    line = Line(play(1, "long"), play(2, "short"))
    line.go(1)
    assert line.queue.inside_packet
    line.go(20)
    assert line.told == [(0, PlayBegan(n=1)), (6, PlayEnded(n=1)), (6, PlayBegan(n=2)), (8, PlayEnded(n=2))]


def test_a_play_that_is_no_longer_wanted_ends() -> None:
    line = Line(play(1))
    line.go(1)
    assert line.queue.plan([], 0) == [PlayEnded(n=1, heard=False)]
    line.go(2)
    assert len(line.out) == 1


def plan(call_id: str, **changed: object) -> CallPlan:
    return CallPlan.model_validate({"call_id": call_id, "speech_due": False} | changed)


def test_plans_tell_what_begins_changes_and_ends() -> None:
    current = {"a.1": plan("a.1"), "a.2": plan("a.2"), "a.3": plan("a.3")}
    wanted = [plan("a.1"), plan("a.2", held=True), plan("a.4")]
    assert changes(current, wanted) == Changes((plan("a.4"),), (plan("a.2", held=True),), ("a.3",))
    assert changes(current, []).end == ("a.1", "a.2", "a.3")


UP = LegUp(leg="seat", connection=1)


def test_reports_are_kept_until_they_are_taken() -> None:
    shelf = ReportShelf("w1", lambda which: pytest.fail(f"{which} was dropped"))
    first, second = shelf.report("a", "in.1", 5, UP), shelf.report("a", "in.1", 6, UP)
    third = shelf.closed("a", "in.1")
    assert [each.number for each in (first, second, third)] == [1, 2, 3]
    assert shelf.pending() == (first, second, third)
    shelf.taken(2)
    assert shelf.pending() == (third,)
    shelf.taken(9)
    assert shelf.pending() == ()
    assert shelf.report("a", "in.1", 7, UP).number == 4


def test_a_full_shelf_says_what_it_drops_and_drops_no_end_of_a_call() -> None:
    dropped: list[int] = []
    shelf = ReportShelf("w1", dropped.append, most=3)
    shelf.report("a", "in.1", 1, UP)
    shelf.closed("a", "in.1")
    for at_ms in range(2, 6):
        shelf.report("a", "in.2", at_ms, UP)
    assert dropped == [1, 3]
    assert [each.number for each in shelf.pending()] == [2, 4, 5, 6]
    assert isinstance(shelf.pending()[0], CallClosed)


def test_ticks_are_never_early_and_made_up_for_after_a_stall() -> None:
    schedule = Schedule(100.0)
    assert schedule.due(100.0185) == 0
    assert schedule.due(100.0195) == 1
    assert schedule.due(100.0195) == 0
    assert schedule.due(100.085) == 3
    assert schedule.latest_ms() == 45
    assert schedule.latest_ms() == 0
    assert schedule.due(110.0) == 10
    assert schedule.next_s == pytest.approx(110.02)


def test_a_worker_is_over_when_nobody_has_needed_it_for_long() -> None:
    life = Life(0, empty_ms=100, alone_ms=500)
    assert not life.over(99, joined=False, calls=False, alone=True)
    assert not life.over(150, joined=True, calls=False, alone=True)
    assert not life.over(240, joined=False, calls=True, alone=False)
    assert not life.over(739, joined=False, calls=True, alone=True)
    assert not life.over(339, joined=False, calls=False, alone=True)
    assert life.over(340, joined=False, calls=False, alone=True)
    assert life.over(740, joined=False, calls=True, alone=True)


def test_the_clock_is_the_server_s_but_for_jitter() -> None:
    now = [5_000 * MS]
    clock = WorkerClock(lambda: now[0], lambda: 1_000_000 * MS)
    assert clock.server_ms() == 1_000_000
    clock.joined(1_000_030)
    assert clock.server_ms() == 1_000_000
    clock.joined(2_000_000)
    assert clock.server_ms() == 2_000_000
    now[0] += 250 * MS
    assert clock.server_us(now[0]) == 2_000_250_000


def sent(data: bytes) -> tuple[int, int, bool]:
    found = parse(data, 0)
    assert found is not None
    return found.sequence, found.timestamp, found.marker


def arrived(sequence: int, timestamp: int, ssrc: int = 9) -> Arrived:
    return Arrived(96, False, sequence & 0xFFFF, timestamp & 0xFFFFFFFF, ssrc, 255, b"\xf8x")


def test_lines_and_silence_have_one_time_base() -> None:
    stream = OutStream(7, 111)
    sequence, timestamp, marker = sent(stream.own(SILENCE, 960, 20 * MS))
    assert marker
    for number in range(1, 200):
        late = 7 * MS if number % 3 == 0 else 0
        wanted = (sequence + number) & 0xFFFF, (timestamp + number * 960) & 0xFFFFFFFF, False
        assert sent(stream.own(SILENCE, 960, (number + 1) * 20 * MS + late)) == wanted


def test_after_a_gap_the_time_base_goes_on_where_it_should_be() -> None:
    stream = OutStream(7, 111)
    sequence, timestamp, _ = sent(stream.own(SILENCE, 960, 20 * MS))
    assert sent(stream.own(SILENCE, 960, 1_020 * MS))[:2] == (
        (sequence + 1) & 0xFFFF,
        (timestamp + 48_000) & 0xFFFFFFFF,
    )


def test_somebody_s_packets_keep_their_gaps_and_order() -> None:
    stream = OutStream(7, 111)
    sequence, timestamp, _ = sent(stream.own(SILENCE, 960, 20 * MS))
    came = [(65_534, 0), (65_535, 960), (2, 3 * 960 + 960), (1, 3 * 960), (3, 5 * 960)]
    out = [sent(stream.forward(arrived(each, stamp), 40 * MS)) for each, stamp in came]
    assert [((each - sequence) & 0xFFFF, (stamp - timestamp) & 0xFFFFFFFF) for each, stamp, _ in out] == [
        (1, 960),
        (2, 1920),
        (5, 960 + 4 * 960),
        (4, 960 + 3 * 960),
        (6, 960 + 5 * 960),
    ]
    assert [marker for *_, marker in out] == [True, False, False, False, False]


def test_another_source_goes_on_in_the_same_stream() -> None:
    stream = OutStream(7, 111)
    one = sent(stream.forward(arrived(10, 5_000, 1), 20 * MS))
    two = sent(stream.forward(arrived(60_000, 9_999, 2), 120 * MS))
    assert ((two[0] - one[0]) & 0xFFFF, (two[1] - one[1]) & 0xFFFFFFFF) == (1, 4_800)
    three = sent(stream.own(SILENCE, 960, 140 * MS))
    assert ((three[0] - two[0]) & 0xFFFF, (three[1] - two[1]) & 0xFFFFFFFF, three[2]) == (1, 960, True)
