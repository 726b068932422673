"""A demo robot's call becomes two RTP journals that say what was said when."""

from pathlib import Path

import pytest

from server.core.media import CallPlan, CallRecord, LegUp, Play, PlayBegan, PlayEnded, RobotSound
from server.core.text import Text
from server.demo.robot_calls import WORKER, RobotCalls
from server.speech import audio
from server.speech.opus import SILENCE, parse
from server.speech.rtp_journal import Packet, journal_path, packets

pytestmark = pytest.mark.unit

STARTED_MS = 1_800_000_000_000
CALL = "in1.1"
UP_MS, SPOKE_MS, PLAYED_MS = 1_000, 3_000, 1_500


def tone(path: Path, ms: int, level: float) -> Path:
    import numpy as np

    samples = level * np.sin(np.arange(audio.OPUS_RATE_HZ * ms // 1000) * (2 * np.pi * 440 / audio.OPUS_RATE_HZ))
    path.write_bytes(audio.encode_opus(samples.astype(np.float32), audio.OPUS_RATE_HZ))
    return path


def journals(tmp_path: Path, spoken_ms: int, ended_ms: int | None, gain_db: float = 0.0) -> dict[str, list[Packet]]:
    """What is written of a call of one line and one thing said: agent and customer; empty where there is no file."""
    tone(tmp_path / "said.opus", 400, 0.5)
    line = tone(tmp_path / "line.opus", 600, 0.25)
    sounds = [
        RobotSound(stage_ms=UP_MS, call_id=CALL, report=LegUp(leg="seat", connection=1)),
        RobotSound(stage_ms=PLAYED_MS, call_id=CALL, report=PlayBegan(n=1)),
        RobotSound(stage_ms=PLAYED_MS + 600, call_id=CALL, report=PlayEnded(n=1)),
        RobotSound(
            stage_ms=SPOKE_MS, call_id=CALL, speaks=True, file="said.opus", duration_ms=spoken_ms, gain_db=gain_db
        ),
        RobotSound(stage_ms=SPOKE_MS, call_id="in1.2", speaks=True, file="said.opus", duration_ms=spoken_ms),
    ]
    calls = RobotCalls("attempt", STARTED_MS, sounds, tmp_path)
    play = Play(n=1, sha256="0" * 64, duration_ms=600)
    calls.note([CallPlan(call_id=CALL, speech_due=False, plays=(play,))])
    calls.note([CallPlan(call_id="in1.2", speech_due=False)])
    assert calls.line_files() == {"0" * 64}
    ended = None if ended_ms is None else STARTED_MS + ended_ms
    record = CallRecord(
        call_id=CALL, part="in1", title=Text(zh="呼入"), live=False, began_ms=STARTED_MS, ended_ms=ended
    )
    calls.write(tmp_path / "journals", [record], {"0" * 64: line})
    found = {}
    for leg in ("agent", "customer"):
        path = journal_path(tmp_path / "journals", "attempt", CALL, leg, 1, WORKER)
        found[leg] = list(packets(path)) if path.exists() else []
    return found


def spoken(found: list[Packet]) -> list[int]:
    """Net times (ms) of packets that are not silence."""
    return [packet.at_us // 1000 - STARTED_MS for packet in found if packet.payload != SILENCE]


def test_an_agent_is_there_from_the_connection_to_the_end(tmp_path: Path) -> None:
    found = journals(tmp_path, spoken_ms=400, ended_ms=5_000)["agent"]
    times = [packet.at_us // 1000 - STARTED_MS for packet in found]
    assert times == list(range(UP_MS, 5_000, 20))
    assert [packet.timestamp for packet in found] == [960 * n for n in range(len(found))]
    assert [packet.sequence for packet in found] == list(range(len(found)))
    assert spoken(found) == list(range(SPOKE_MS, SPOKE_MS + 400, 20))
    assert {packet.level for packet in found if packet.payload == SILENCE} == {127}
    assert all(parse(packet.payload).samples == 960 for packet in found)


def test_the_line_lies_where_its_play_began(tmp_path: Path) -> None:
    found = journals(tmp_path, spoken_ms=400, ended_ms=5_000)
    customer = found["customer"]
    assert spoken(customer) == list(range(PLAYED_MS, PLAYED_MS + 20 * len(customer), 20))
    assert 600 <= 20 * len(customer) <= 640
    # A sine of 0.25 has -15 dBov, one of 0.5 has -9.
    assert {packet.level for packet in customer[5:25]} <= {14, 15, 16}
    loud = [packet.level for packet in found["agent"] if packet.payload != SILENCE][5:15]
    assert set(loud) <= {8, 9, 10}
    assert {packet.ssrc for packet in customer}.isdisjoint({packet.ssrc for packet in found["agent"]})


def test_what_takes_longer_than_the_recording_is_repeated(tmp_path: Path) -> None:
    found = journals(tmp_path, spoken_ms=1_500, ended_ms=6_000)["agent"]
    assert spoken(found) == list(range(SPOKE_MS, SPOKE_MS + 1_500, 20))


def test_nobody_is_heard_after_the_end(tmp_path: Path) -> None:
    found = journals(tmp_path, spoken_ms=1_500, ended_ms=PLAYED_MS + 200)
    assert spoken(found["agent"]) == []
    assert spoken(found["customer"]) == list(range(PLAYED_MS, PLAYED_MS + 200, 20))


def test_a_call_that_never_ended_has_no_journal(tmp_path: Path) -> None:
    assert journals(tmp_path, spoken_ms=400, ended_ms=None) == {"agent": [], "customer": []}


def test_what_is_too_loud_is_clipped(tmp_path: Path) -> None:
    quiet = journals(tmp_path, spoken_ms=400, ended_ms=5_000, gain_db=-14.0)["agent"]
    (tmp_path / "loud").mkdir()
    loud = journals(tmp_path / "loud", spoken_ms=400, ended_ms=5_000, gain_db=18.0)["agent"]
    levels = [[packet.level for packet in found if packet.payload != SILENCE][5:15] for found in (quiet, loud)]
    assert set(levels[0]) <= {22, 23, 24}
    assert set(levels[1]) <= {0, 1}
