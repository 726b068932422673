"""A worker's calls, its journals on a full disk, and the sounds that it reads."""

import asyncio
import hashlib
import os
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from server.core.media import CallPlan, Play
from server.core.media_wire import CallClosed, EndListening, Levels, Listen, Offer, Perform, Reported
from telephony.worker import journals
from telephony.worker.journals import Journal, JournalWriter
from telephony.worker.shelf import ReportShelf
from telephony.worker.sounds import SoundLibrary
from telephony.worker.worker import AnyFrame, Worker
from tests.telephony_worker.hall import Hall, failed, play_of, until
from tests.telephony_worker.sounds import ogg_file, speech

pytestmark = pytest.mark.unit


def test_a_full_disk_loses_nothing_and_leaves_whole_records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, full = tmp_path / "a" / "x.rtp", [True]
    real = os.write

    def write(handle: int, data: Any) -> int:
        if not full[0]:
            return real(handle, data)
        if len(data) < 20:
            raise OSError(28, "No space left on device")
        return real(handle, data[:15])

    monkeypatch.setattr(os, "write", write)
    journal = Journal(path)
    journal.append(b"0123456789" * 2)
    with pytest.raises(OSError, match="No space"):
        journal.write()
    assert path.read_bytes() == b""
    journal.append(b"abc")
    assert journal.drop(10) == 0
    full[0] = False
    journal.finish()
    assert path.read_bytes() == b"CCSSRTP1" + b"0123456789" * 2 + b"abc"
    assert journal.empty


def test_a_full_disk_keeps_a_call_open_until_there_is_room(tmp_path: Path) -> None:
    async def work() -> None:
        faults: list[str] = []
        writer = JournalWriter(tmp_path, "w1", faults.append, flush_s=0.001)
        (tmp_path / "a1").write_text("where the folder should be")
        journal = writer.open("a1", "in.1", "agent", 1)
        journal.append(b"abc")
        closing = asyncio.ensure_future(writer.close(journal))
        await until(lambda: bool(faults))
        assert not closing.done()
        (tmp_path / "a1").unlink()
        await closing
        assert journal.path.read_bytes() == b"CCSSRTP1abc"
        assert len(faults) == 1
        writer.stop()

    play_of(work)


def test_what_a_failed_write_left_behind_is_written_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.write

    def write(handle: int, data: Any) -> int:
        real(handle, data[:9])
        raise OSError(5, "Input/output error")

    def ftruncate(handle: int, length: int) -> None:
        raise OSError(5, "Input/output error")

    journal = Journal(tmp_path / "x.rtp")
    journal.append(b"0123")
    with monkeypatch.context() as broken:
        broken.setattr(os, "write", write)
        broken.setattr(os, "ftruncate", ftruncate)
        for _ in range(2):
            with pytest.raises(OSError, match="Input"):
                journal.write()
    journal.finish()
    assert journal.path.read_bytes() == b"CCSSRTP10123"


def test_the_writing_thread_outlives_a_fault_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def work() -> None:
        faults: list[str] = []
        writer = JournalWriter(tmp_path, "w1", faults.append, flush_s=0.001)
        with monkeypatch.context() as broken:
            broken.setattr(Journal, "write", failing)
            writer.open("a1", "in.1", "agent", 1).append(b"abc")
            await until(lambda: bool(faults))
        (journal,) = writer._journals
        await writer.close(journal)
        assert journal.path.read_bytes() == b"CCSSRTP1abc"
        assert set(faults) == {"RuntimeError: no disk's fault"}
        writer.stop()

    def failing(journal: Journal) -> None:
        raise RuntimeError("no disk's fault")

    play_of(work)


def test_while_the_disk_is_full_memory_is_bounded_over_all_calls(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work() -> None:
        faults: list[str] = []
        (tmp_path / "a1").write_text("where the folder should be")
        monkeypatch.setattr(journals, "MOST_IN_ALL", 10)
        writer = JournalWriter(tmp_path, "w1", faults.append, flush_s=60)
        both = [writer.open("a1", "in.1", leg, 1) for leg in ("agent", "customer")]
        for journal in both:
            for number in range(8):
                journal.append(b"%d" % number)
        closing = asyncio.gather(*(writer.close(journal) for journal in both))
        await until(lambda: sum("3 packets dropped" in fault for fault in faults) == 2)
        (tmp_path / "a1").unlink()
        writer.stop()
        await closing
        assert [journal.path.read_bytes() for journal in both] == [b"CCSSRTP134567"] * 2

    play_of(work)


def test_a_number_whose_journal_is_not_on_the_disk_yet_is_taken(tmp_path: Path) -> None:
    async def work() -> None:
        writer = JournalWriter(tmp_path, "w1", failed, flush_s=60)
        writer.open("a1", "in.1", "agent", 2)
        assert [writer.exists("a1", "in.1", "agent", number) for number in (1, 2)] == [False, True]
        writer.stop()

    play_of(work)


class Told:
    """A worker whose frames are kept."""

    def __init__(self, root: Path) -> None:
        self.frames: list[AnyFrame] = []
        self.faults: list[str] = []
        self.hall = Hall(root)
        self.library = SoundLibrary(self.faults.append, most_bytes=1_000)
        self.worker = Worker(
            self.hall.clock,
            self.hall.writer,
            self.library,
            ReportShelf("w1", failed),
            self.hall.make_wire,
            self.frames.append,
        )


def test_a_worker_performs_what_it_is_told(tmp_path: Path) -> None:
    async def work() -> None:
        told = Told(tmp_path)
        worker, hall = told.worker, told.hall
        plan = CallPlan(call_id="in.1", speech_due=False)
        worker.perform(Perform(attempt_id="a2", plans=(plan,)))
        worker.perform(Perform(attempt_id="a3", plans=(plan,)))
        assert [attempt for attempt, _ in worker.calls] == ["a2", "a3"]
        asked: dict[str, Any] = {"request_id": "r", "attempt_id": "a2", "call_id": "in.1", "sdp": "offer"}
        answered = await worker.offer(Offer(leg="seat", connection=1, **asked))
        assert (answered.fault, answered.sdp) == ("", "a=candidate:1")
        assert (await worker.offer(Offer(leg="seat", connection=2, **(asked | {"sdp": "bad"})))).fault == "sdp"
        assert (await worker.listen(Listen(listener_id="l", **asked))).fault == ""
        assert (await worker.listen(Listen(listener_id="l", **(asked | {"attempt_id": "a3"})))).fault == ""
        assert [each.closed for each in hall.wires] == [False, True, True, False]
        assert (await worker.listen(Listen(listener_id="m", **(asked | {"call_id": "in.9"})))).fault == "no_call"
        await worker.end_listening(EndListening(listener_id="l"))
        await worker.end_listening(EndListening(listener_id="l"))
        before = worker.alone
        hall.wires[0].set("up")
        assert (before, worker.alone) == (True, False)
        worker.tick(hall.now_ns)
        assert isinstance(worker.levels(4), Levels)
        assert len(worker.levels(4).calls) == 2
        worker.perform(Perform(attempt_id="a2", plans=()))
        await until(lambda: [attempt for attempt, _ in worker.calls] == ["a3"])
        await worker.retire()
        assert isinstance(told.frames[0], Reported)
        closed = {each.attempt_id for each in told.frames if isinstance(each, CallClosed)}
        assert closed == {"a2", "a3"}
        assert (await worker.offer(Offer(leg="seat", connection=2, **asked))).fault == "retiring"
        for bad in ("../a", "", "a/b", "a\n"):
            with pytest.raises(ValueError, match="attempt"):
                worker.perform(Perform(attempt_id=bad, plans=(plan,)))
        hall.writer.stop()

    play_of(work)


def test_a_call_is_held_until_all_of_it_is_written(tmp_path: Path) -> None:
    """A server that comes while a call is being closed must not take its journals for final."""

    async def work() -> None:
        told = Told(tmp_path)
        worker, hall = told.worker, told.hall
        hall.writer.stop()
        told.worker.perform(Perform(attempt_id="a2", plans=(CallPlan(call_id="in.1", speech_due=False),)))
        asked: dict[str, Any] = {"request_id": "r", "attempt_id": "a2", "call_id": "in.1", "sdp": "offer"}
        await worker.offer(Offer(leg="seat", connection=1, **asked))
        hall.wires[0].set("up")
        hall.wires[0].say(b"\xf8x")
        worker.perform(Perform(attempt_id="a2", plans=()))
        for _ in range(10):
            await asyncio.sleep(0)
        assert worker.calls == (("a2", "in.1"),)
        assert not any(isinstance(each, CallClosed) for each in told.frames)
        hall.writer._round()  # as its thread would, if it were not so slow
        await until(lambda: not worker.calls)
        assert isinstance(told.frames[-1], CallClosed)

    play_of(work)


def test_a_call_that_fails_takes_no_other_with_it(tmp_path: Path) -> None:
    async def work() -> None:
        told = Told(tmp_path)
        plan = CallPlan(call_id="in.1", speech_due=False)
        for attempt in ("a2", "a3"):
            told.worker.perform(Perform(attempt_id=attempt, plans=(plan,)))
            asked: dict[str, Any] = {"request_id": "r", "attempt_id": attempt, "call_id": "in.1", "sdp": "offer"}
            await told.worker.offer(Offer(leg="seat", connection=1, **asked))
            told.hall.wires[-1].set("up")
        told.hall.wires[0].payload_type = 1 << 20
        for _ in range(5):
            told.worker.tick(told.hall.now_ns)
        assert [len(each.got) for each in told.hall.wires] == [0, 5]
        await told.worker.retire()
        told.hall.writer.stop()

    play_of(work)


def test_a_connection_that_can_not_end_keeps_no_call_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def stuck() -> None:
        raise RuntimeError("stuck")

    async def work() -> None:
        told = Told(tmp_path)
        told.worker.perform(Perform(attempt_id="a2", plans=(CallPlan(call_id="in.1", speech_due=False),)))
        asked: dict[str, Any] = {"request_id": "r", "attempt_id": "a2", "call_id": "in.1", "sdp": "offer"}
        await told.worker.offer(Offer(leg="seat", connection=1, **asked))
        told.hall.wires[0].set("up")
        monkeypatch.setattr(told.hall.wires[0], "close", stuck)
        await told.worker.retire()
        assert isinstance(told.frames[-1], CallClosed)
        told.hall.writer.stop()

    play_of(work)


def read(library: SoundLibrary, play: Play) -> bool:
    return library.packets(play) is not None


def test_sounds_are_read_once_checked_and_forgotten_when_there_are_many(tmp_path: Path) -> None:
    async def work() -> None:
        faults: list[str] = []
        library = SoundLibrary(faults.append, most_bytes=1_500)
        plays = []
        for number in range(3):
            file = ogg_file(tmp_path / f"{number}.opus", speech(10, number))
            sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
            library.lies_at(sha256, str(file))
            plays.append(Play(n=1, sha256=sha256, duration_ms=200))
        for number in range(3):
            assert library.packets(plays[number]) is None
            await until(partial(read, library, plays[number]))
            assert list(library.packets(plays[number]) or ()) == speech(10, number)
        assert library.packets(plays[0]) is None, "the oldest went"
        unknown = Play(n=1, sha256="0" * 64, duration_ms=200)
        await until(partial(read, library, unknown))
        assert library.packets(unknown) == ()
        assert len(faults) == 1
        file = ogg_file(tmp_path / "late.opus", speech(1, 9))
        library.lies_at(unknown.sha256, str(file))
        await until(partial(read, library, unknown))
        assert library.packets(unknown) == ()
        assert faults[1].endswith("something else")

    play_of(work)
