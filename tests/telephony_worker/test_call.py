"""What a call does with its connections, its lines and its journals."""

import asyncio
from pathlib import Path

import pytest

from server.core.media import LegDown, LegUp, Play, PlayBegan, PlayEnded, SpeechBegan, SpeechEnded
from server.speech.rtp_journal import journal_path
from telephony.worker import call
from telephony.worker.call import LINE_DBFS
from telephony.worker.rtp import SILENCE
from telephony.worker.wires import Refused
from tests.telephony_worker.hall import LINE, Hall, play_of
from tests.telephony_worker.sounds import speech

pytestmark = pytest.mark.unit


def test_a_silent_network_is_down_after_five_seconds_and_gone_after_thirty(tmp_path: Path) -> None:
    async def work() -> None:
        hall = Hall(tmp_path)
        seat = await hall.seat()
        hall.go(4_900)
        assert hall.legs() == [LegUp(leg="seat", connection=1)]
        hall.go(200)
        assert hall.legs()[1:] == [LegDown(leg="seat", connection=1)]
        assert not hall.call.connected
        seat.say(b"\xf8again")
        assert hall.legs()[2:] == [LegUp(leg="seat", connection=1)]
        hall.go(29_900)
        assert hall.legs()[3:] == [LegDown(leg="seat", connection=1)]
        assert [seat.closed] == [False]
        hall.go(200)
        await asyncio.sleep(0)
        assert seat.closed
        assert len(hall.legs()) == 4
        await hall.call.close()
        hall.writer.stop()

    play_of(work)


def test_a_connection_that_never_comes_up_is_given_up(tmp_path: Path) -> None:
    async def work() -> None:
        hall = Hall(tmp_path)
        await hall.call.offer("seat", 1, "offer")
        hall.go(20_100)
        await asyncio.sleep(0)
        assert [hall.wires[0].closed] == [True]
        hall.wires[0].set("up")
        assert hall.told == []
        await hall.call.close()
        hall.writer.stop()

    play_of(work)


def test_offers_that_can_not_be_are_refused_with_a_code(tmp_path: Path) -> None:
    async def work() -> None:
        hall = Hall(tmp_path)
        await hall.seat()
        with pytest.raises(Refused, match="sdp"):
            await hall.call.offer("seat", 2, "bad")
        with pytest.raises(Refused, match="no_address"):
            await hall.call.offer("seat", 3, "nowhere")
        with pytest.raises(Refused, match="sdp"):
            await hall.call.listen("l1", "bad")
        assert [each.closed for each in hall.wires] == [False, True, True, True]
        await hall.call.close()
        hall.writer.stop()

    play_of(work)


def test_an_answer_that_takes_too_long_is_another_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(call, "ANSWER_S", 0.0)

    async def work() -> None:
        hall = Hall(tmp_path)
        with pytest.raises(Refused, match="late"):
            await hall.call.offer("seat", 1, "slow")
        assert hall.wires[0].closed
        await hall.call.close()
        hall.writer.stop()

    play_of(work)


def test_a_call_that_closes_meanwhile_answers_nobody(tmp_path: Path) -> None:
    async def work() -> None:
        hall = Hall(tmp_path)
        offered = asyncio.ensure_future(hall.call.offer("seat", 1, "slow"))
        heard = asyncio.ensure_future(hall.call.listen("l1", "slow"))
        await asyncio.sleep(0)
        await hall.call.close()
        hall.slow.set()
        for each in (offered, heard):
            with pytest.raises(Refused, match="no_call"):
                await each
        assert [each.closed for each in hall.wires] == [True, True]
        hall.writer.stop()

    play_of(work)


def test_only_the_newest_offer_of_a_leg_is_waited_for(tmp_path: Path) -> None:
    async def work() -> None:
        hall = Hall(tmp_path)
        for number in (1, 2, 3):
            await hall.call.offer("seat", number, "offer")
        await hall.call.offer("role_player", 1, "offer")
        await asyncio.sleep(0)
        assert [each.closed for each in hall.wires] == [True, True, False, False]
        await hall.call.close()
        hall.writer.stop()

    play_of(work)


def test_a_number_that_was_used_becomes_the_next_one(tmp_path: Path) -> None:
    async def work() -> None:
        written = journal_path(tmp_path, "a1", "in.1", "agent", 6, "w1")
        written.parent.mkdir(parents=True)
        written.write_bytes(b"of a life before")
        hall = Hall(tmp_path)
        await hall.seat(4)
        await hall.seat(1)
        await hall.seat(1)
        hall.go(20, hall.wires[-1])
        ups = [each.connection for each in hall.told if isinstance(each, LegUp)]
        assert ups == [4, 5, 7]
        await hall.call.close()
        assert hall.journal("agent", 7) == [b"\xf8x"]
        assert written.read_bytes() == b"of a life before"
        hall.writer.stop()

    play_of(work)


def test_a_newer_connection_takes_over_without_a_gap_in_the_line(tmp_path: Path) -> None:
    async def work() -> None:
        hall = Hall(tmp_path, plays=[Play(n=1, sha256="x", duration_ms=100)])
        first = await hall.seat(1)
        hall.go(40, first)
        second = await hall.seat(2)
        hall.go(100, second)
        assert first.sound() + second.sound() == LINE
        assert hall.told == [
            LegUp(leg="seat", connection=1),
            PlayBegan(n=1),
            LegDown(leg="seat", connection=1),
            LegUp(leg="seat", connection=2),
            SpeechBegan(leg="seat"),
            PlayEnded(n=1, heard=True),
        ]
        await hall.call.close()
        assert hall.journal("customer", 1) + hall.journal("customer", 2) == LINE
        assert [hall.journal("agent", each) for each in (1, 2)] == [[b"\xf8x"] * 2, [b"\xf8x"] * 5]
        hall.writer.stop()

    play_of(work)


def test_silence_keeps_the_customers_time_base_and_is_not_written_down(tmp_path: Path) -> None:
    async def work() -> None:
        hall = Hall(tmp_path)
        seat = await hall.seat()
        hall.go(1_000, seat)
        assert seat.got == [(0, SILENCE)] * 50
        await hall.call.close()
        assert not journal_path(hall.root, "a1", "in.1", "customer", 1, "w1").exists()
        hall.writer.stop()

    play_of(work)


def test_a_role_player_on_hold_hears_nothing_and_is_heard(tmp_path: Path) -> None:
    async def work() -> None:
        hall = Hall(tmp_path, bridged=True, plays=[Play(n=1, sha256="x", duration_ms=100)])
        seat, role = await hall.seat(), await hall.seat(leg="role_player")
        await hall.call.listen("l1", "offer")
        listener = hall.wires[-1]
        listener.set("up")
        hall.go(100, seat, payload=b"\xf8agent")
        hall.go(100, role, payload=b"\xf8role")
        assert (role.sound(), seat.sound()) == ([b"\xf8agent"] * 5, [b"\xf8role"] * 5)
        assert (listener.sound(0), listener.sound(1)) == ([b"\xf8agent"] * 5, [b"\xf8role"] * 5)
        hall.plan(bridged=True, held=True)
        hall.go(200, seat, role, payload=b"\xf8held")
        assert role.sound() == [b"\xf8agent"] * 5
        assert role.got[-1] == (0, SILENCE)
        assert seat.sound()[5:] == [b"\xf8held"] * 10
        assert listener.sound(0)[5:] == [b"\xf8held"] * 10
        hall.plan(bridged=True)
        hall.go(20, seat, payload=b"\xf8back")
        assert role.sound()[5:] == [b"\xf8back"]
        listener.say(b"\xf8listener")
        await hall.call.end_listening("l1")
        assert listener.closed
        await hall.call.close()
        assert b"\xf8listener" not in hall.journal("agent") + hall.journal("customer")
        hall.writer.stop()

    play_of(work)


def test_a_role_player_is_written_down_while_the_contestants_page_is_rebuilt(tmp_path: Path) -> None:
    async def work() -> None:
        hall = Hall(tmp_path, bridged=True)
        seat, role = await hall.seat(), await hall.seat(leg="role_player")
        hall.go(100, seat, role)
        seat.set("down")
        hall.go(100, role)
        again = await hall.seat(2)
        hall.go(100, again, role)
        await hall.call.close()
        assert len(hall.journal("customer")) == 15
        assert [len(hall.journal("agent", each)) for each in (1, 2)] == [5, 5]
        hall.writer.stop()

    play_of(work)


def test_a_role_player_who_has_not_the_floor_of_the_call_is_not_heard(tmp_path: Path) -> None:
    async def work() -> None:
        hall = Hall(tmp_path)
        seat, role = await hall.seat(), await hall.seat(leg="role_player")
        hall.go(100, seat, role)
        assert (seat.sound(), role.sound()) == ([], [])
        assert role.got == [(0, SILENCE)] * 5
        await hall.call.close()
        hall.writer.stop()

    play_of(work)


def test_a_line_into_a_silent_network_is_not_heard(tmp_path: Path) -> None:
    async def work() -> None:
        hall = Hall(tmp_path)
        seat = await hall.seat()
        hall.go(100, seat)
        long = [Play(n=1, sha256="x", duration_ms=100)]
        LINE.extend(speech(95, 5))
        try:
            hall.plan(plays=long)
            hall.go(200, seat)
            hall.go(1_200)
            hall.go(800, seat)
        finally:
            del LINE[5:]
        ended = [each for each in hall.told if isinstance(each, PlayEnded)]
        assert ended == [PlayEnded(n=1, heard=False)]
        await hall.call.close()
        hall.writer.stop()

    play_of(work)


def test_speech_and_levels_are_told(tmp_path: Path) -> None:
    async def work() -> None:
        hall = Hall(tmp_path, plays=[Play(n=1, sha256="x", duration_ms=100)])
        seat = await hall.seat()
        hall.go(1_000, seat, level=30)
        level = hall.call.level()
        assert (level.agent_dbfs, level.customer_dbfs, level.connected) == (-30, LINE_DBFS, True)
        hall.go(1_000, seat, level=90)
        assert SpeechEnded(leg="seat", spoken_ms=1_000, ago_ms=380) in hall.told
        seat.packets_lost = 3
        level = hall.call.level()
        assert (level.agent_dbfs, level.customer_dbfs, level.packets_lost) == (-90, -127, 3)
        seat.set("down")
        level = hall.call.level()
        assert (level.agent_dbfs, level.connected, level.packets_lost) == (-127, False, 3)
        await hall.call.close()
        hall.writer.stop()

    play_of(work)
