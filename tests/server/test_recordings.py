"""From a call to its sealed recording: what is waited for, taken in later, who hears it, what scoring makes of it."""

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from structlog.testing import capture_logs

from server.app import Services
from server.core.access import Principal, Role
from server.core.errors import Conflict, NotFound, NotPermitted
from server.installation.backup import written
from server.installation.restore import restore
from server.recordings.repository import RecordingsRepository
from server.recordings.schemas import FinishUpload, NewComment, NewRecorder, ReplayView
from server.recordings.sealing import PATIENCE_MS, Sealing
from server.recordings.service import TOLD_MS, StillOpen
from server.settings import DataFolder
from server.speech import codec, sealing
from server.speech.child import Child, ChildFailed
from server.speech.rtp_journal import MAGIC, Packet, journal_path, record
from server.verify import verify
from tests.support.calls import IN, MODULES, VoiceSeat, browser, voice_contest
from tests.support.clock import ManualClock
from tests.support.house import house
from tests.support.media import FakeMedia
from tests.support.speech import chunked, decoded, per_second, speech, webm

pytestmark = [pytest.mark.flow, pytest.mark.anyio]

SECONDS = 8
SENT = codec.encode(speech(SECONDS, seed=3))
CUSTOMER = codec.encode(speech(SECONDS, seed=4))


@dataclass(slots=True)
class Round:
    """A trainee with one answered call of eight seconds."""

    services: Services
    clock: ManualClock
    folder: DataFolder
    seat: VoiceSeat
    began_ms: int

    @classmethod
    async def played(cls, services: Services, clock: ManualClock, folder: DataFolder, name: str = "v1") -> "Round":
        """The line rings, is answered, lasts eight seconds, and is hung up."""
        seat = await VoiceSeat.begin(services, name)
        await clock.advance(5_000)
        began_ms = clock.now_ms()
        await seat.do("open_part", part="in1")
        await seat.do("answer", call=IN)
        await clock.advance(SECONDS * 1_000)
        await seat.do("hang_up", call=IN)
        await clock.settle()
        return cls(services, clock, folder, seat, began_ms)

    def journal(self, leg: str, payloads: Sequence[bytes], lost: range = range(0)) -> None:
        """What the worker wrote of a side."""
        path = journal_path(self.folder.journals, self.seat.attempt_id, IN, leg, 1, "worker")
        path.parent.mkdir(parents=True, exist_ok=True)
        packets = (
            Packet(self.began_ms * 1_000 + n * 20_000, n * 960, 7, n, 30, payload)
            for n, payload in enumerate(payloads)
            if n not in lost
        )
        path.write_bytes(MAGIC + b"".join(map(record, packets)))

    async def recorder(self) -> Any:
        """The seat begins to record."""
        new = NewRecorder(call_id=IN, media_type="audio/webm;codecs=opus", began_ms=self.began_ms)
        made = await self.services.uploads.open(self.seat.who, self.seat.attempt_id, new)
        return await self.services.uploads.admit(made.recorder_id, made.token)

    async def upload(self, recorder: Any, numbers: Sequence[int]) -> None:
        """Some of its chunks arrive."""
        from server.core.frozen import sha256_hex

        chunks = chunked(webm(SENT))
        recorder = await self.services.uploads.repository.recorder(recorder.id)
        for number in numbers:
            data = chunks[number]
            await self.services.uploads.put(recorder, number, data, sha256_hex(data))

    async def finish(self, recorder: Any) -> None:
        """It has stopped."""
        body = FinishUpload(chunks=SECONDS, ended_ms=self.began_ms + SECONDS * 1_000)
        await self.services.uploads.finish(recorder, body)

    async def hand_in(self) -> None:
        """And everything that follows from it at once."""
        await self.seat.send({"type": "hand_in", "cause": "handed_in"})
        await self.clock.settle()

    async def replay(self, who: Principal | None = None) -> ReplayView:
        """The page on which it is heard."""
        return await self.services.recordings.replay(who or self.seat.who, self.seat.attempt_id)

    async def sealed(self) -> list[dict[str, Any]]:
        """Events of sealing."""
        record = (await self.seat.standing()).record
        events = await self.services.journal.read_stream(record.stage_id)
        return [json.loads(event.payload) for event in events if event.type == "recording.sealed"]

    async def heard(self) -> np.ndarray:
        """The agent's side as it was sealed."""
        import av

        (one,) = (await self.replay()).recordings
        path = await self.services.recordings.sound(self.seat.who, one.recording_id)
        with av.open(str(path)) as container:
            both = np.concatenate([frame.to_ndarray() for frame in container.decode(audio=0)], axis=1)
        found: np.ndarray = both[0]
        return found


async def test_a_call_is_sealed_from_both_sources_and_scored_anew(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock, MODULES) as services:
        one = await Round.played(services, clock, folder)
        one.journal("agent", SENT, lost=range(100, 250))
        one.journal("customer", CUSTOMER)
        recorder = await one.recorder()
        await one.upload(recorder, range(SECONDS))
        with pytest.raises(StillOpen):
            await one.replay()
        await one.hand_in()
        # The seat has not said that it is finished.
        assert [view.state for view in (await one.replay()).recordings] == ["waiting"]
        before = await services.results.outcome(one.seat.who, one.seat.attempt_id)
        await one.finish(recorder)
        await clock.settle()

        view = await one.replay()
        (made,) = view.recordings
        assert (made.state, made.missing, made.duration_ms) == ("sealed", None, SECONDS * 1_000)
        assert [(patch.kind, patch.from_ms, patch.to_ms) for patch in made.stretches] == [("filled", 2_000, 5_000)]
        assert min(per_second(await one.heard(), decoded(SENT)[312:])[:-1]) > 0.9
        assert all(0 <= marker.at_ms <= SECONDS * 1_000 for marker in made.markers)
        assert view.contestant == "测试学员v1"
        assert {model.ref for model in view.models} >= {"t1", "t2", "t3"}
        assert {measure.key for measure in made.measures} >= {"talk_ms", "lufs", "clipped_samples"}
        assert "dead_air_ms" not in {measure.key for measure in made.measures}

        assert [event["revision"] for event in await one.sealed()] == [1]
        after = await services.results.outcome(one.seat.who, one.seat.attempt_id)
        assert before.outcome is not None
        assert after.outcome is not None
        sound = {m.key for m in after.outcome.measures} - {m.key for m in before.outcome.measures}
        assert f"{IN}.talk_ms" in sound
        # Scoring or sealing once more changes nothing.
        row = await services.results.repository.outcome(one.seat.attempt_id)
        await services.scorer.score(one.seat.attempt_id)
        await services.sealing.catch_up()
        assert (await services.results.repository.outcome(one.seat.attempt_id)).revision == row.revision == 2
        assert len(await one.sealed()) == 1
        assert (await verify(services)).faults == []


async def test_what_comes_late_is_taken_in(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock, MODULES) as services:
        one = await Round.played(services, clock, folder)
        one.journal("agent", SENT, lost=range(100, 250))
        recorder = await one.recorder()
        await one.upload(recorder, [0, 1, 2])
        await one.hand_in()
        await clock.advance(PATIENCE_MS - 10_000)
        assert [view.state for view in (await one.replay()).recordings] == ["waiting"]
        await clock.advance(20_000)
        (made,) = (await one.replay()).recordings
        assert (made.state, made.missing is None) == ("sealed", False)
        assert [patch.kind for patch in made.stretches] == ["filled", "gap"]
        # Later the machine is switched on again.
        await clock.advance(60_000)
        await one.upload(recorder, [3, 4, 5])
        await one.finish(recorder)
        await clock.advance(5_000)
        assert len(await one.sealed()) == 1
        await clock.advance(60_000)
        assert [event["revision"] for event in await one.sealed()] == [1, 2]
        await one.upload(recorder, [6, 7])
        await clock.advance(61_000)
        (made,) = (await one.replay()).recordings
        assert (made.missing, [patch.kind for patch in made.stretches]) == (None, ["filled"])
        # The last two chunks brought nothing that the journal had not: nothing is told twice.
        assert len(await one.sealed()) == 2
        assert (await verify(services)).faults == []


async def test_journals_are_final_before_anything_is_sealed(folder: DataFolder, clock: ManualClock) -> None:
    media = FakeMedia(clock)
    async with house(folder, clock, MODULES, media) as services:
        one = await Round.played(services, clock, folder)
        one.journal("agent", SENT[:200])
        await one.hand_in()
        await clock.advance(30_000)
        assert [view.state for view in (await one.replay()).recordings] == ["waiting"]
        one.journal("agent", SENT)
        media.close(one.seat.attempt_id, IN)
        await clock.advance(6_000)
        (made,) = (await one.replay()).recordings
        assert (made.state, made.stretches) == ("sealed", ())


async def test_a_worker_that_never_says_so_is_not_waited_for_for_ever(folder: DataFolder, clock: ManualClock) -> None:
    media = FakeMedia(clock)
    async with house(folder, clock, MODULES, media) as services:
        one = await Round.played(services, clock, folder)
        one.journal("agent", SENT)
        await one.hand_in()
        await clock.advance(90_000)
        assert [view.state for view in (await one.replay()).recordings] == ["sealed"]


async def test_a_call_that_breaks_sealing_is_tried_again_and_keeps_nobody_waiting(
    folder: DataFolder, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with house(folder, clock, MODULES) as services:
        broken, whole = [await Round.played(services, clock, folder, name) for name in ("v1", "v2")]
        blank = Sealing._sources

        def poisoned(self: Sealing, row: Any, *more: Any) -> sealing.Sources:
            if row.attempt_id == broken.seat.attempt_id:
                raise RuntimeError("poison")
            return blank(self, row, *more)

        monkeypatch.setattr(Sealing, "_sources", poisoned)
        with capture_logs() as logs:  # what is told is told in full, which takes its time
            for one in (broken, whole):
                await one.hand_in()
            await clock.advance(20_000)
        assert [entry["event"] for entry in logs].count("recordings.sealing_failed") == 1
        assert [view.state for view in (await broken.replay()).recordings] == ["failed"]
        assert [view.state for view in (await whole.replay()).recordings] == ["sealed"]
        monkeypatch.undo()
        await clock.advance(120_000)
        assert [view.state for view in (await broken.replay()).recordings] == ["sealed"]


async def test_who_has_just_handed_in_waits_behind_no_backlog(
    folder: DataFolder, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with house(folder, clock, MODULES) as services:
        first, second, late = [await Round.played(services, clock, folder, name) for name in ("v1", "v2", "v3")]
        recorder = await late.recorder()
        await late.upload(recorder, range(SECONDS))
        await late.finish(recorder)
        order: list[str] = []
        attend = Sealing._attend

        async def seen(self: Sealing, row: Any) -> None:
            if not order:
                await late.seat.send({"type": "hand_in", "cause": "handed_in"})
            order.append(row.attempt_id)
            await attend(self, row)

        monkeypatch.setattr(Sealing, "_attend", seen)
        for one in (first, second):
            await one.hand_in()
        await clock.advance(20_000)
        assert order == [one.seat.attempt_id for one in (second, late, first)]


async def test_a_chunk_on_its_way_while_a_call_is_sealed_is_not_forgotten(
    folder: DataFolder, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with house(folder, clock, MODULES) as services:
        one = await Round.played(services, clock, folder)
        one.journal("agent", SENT, lost=range(100, 250))
        recorder = await one.recorder()
        await one.upload(recorder, [0, 1, 2, 4])
        await one.hand_in()
        await clock.advance(PATIENCE_MS - 10_000)
        real, reached, gate = RecordingsRepository.add_chunks, asyncio.Event(), asyncio.Event()

        async def slow(self: RecordingsRepository, rows: Any) -> None:
            reached.set()
            await gate.wait()
            await real(self, rows)

        monkeypatch.setattr(RecordingsRepository, "add_chunks", slow)
        coming = asyncio.create_task(one.upload(recorder, [3]))
        await reached.wait()
        clock.busy.remove(services.sealing.busy)  # it may have to wait for the chunk
        await clock.advance(20_000)
        clock.busy.append(services.sealing.busy)
        gate.set()
        await coming
        await clock.advance(120_000)
        (made,) = (await one.replay()).recordings
        assert made.state == "sealed"
        assert [(patch.kind, patch.from_ms, patch.to_ms) for patch in made.stretches] == [("filled", 2_000, 5_000)]


async def test_a_copy_on_which_the_child_dies_does_not_cost_what_the_worker_wrote(
    folder: DataFolder, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dying(sources: sealing.Sources) -> sealing.Sealed:
        if sources.seats:
            raise ChildFailed("the child process died")
        return seal(sources)

    async with house(folder, clock, MODULES) as services:
        one = await Round.played(services, clock, folder)
        one.journal("agent", SENT)
        recorder = await one.recorder()
        await one.upload(recorder, range(SECONDS))
        await one.finish(recorder)
        seal = sealing.seal
        monkeypatch.setattr(sealing, "seal", dying)
        monkeypatch.setattr(Child, "run", _here)
        with capture_logs() as logs:
            await one.hand_in()
            await clock.advance(60_000)
            assert [view.state for view in (await one.replay()).recordings] == ["failed"]
            await clock.advance(200_000)
        (made,) = (await one.replay()).recordings
        assert (made.state, made.stretches) == ("sealed", ())
        assert any("left out" in str(entry.get("fault")) for entry in logs)


async def _here(self: Child, work: Callable[[], sealing.Sealed], timeout_s: float) -> sealing.Sealed:
    """In the test's own process: a child would not know what the test has put there."""
    return work()


async def test_what_a_silent_worker_writes_after_all_is_taken_in(folder: DataFolder, clock: ManualClock) -> None:
    media = FakeMedia(clock)
    async with house(folder, clock, MODULES, media) as services:
        one = await Round.played(services, clock, folder)
        one.journal("agent", SENT[:200])
        await one.hand_in()
        await clock.advance(90_000)
        (made,) = (await one.replay()).recordings
        assert [(patch.kind, patch.from_ms) for patch in made.stretches] == [("gap", 4_000)]
        one.journal("agent", SENT)
        media.close(one.seat.attempt_id, IN)
        await clock.advance(6_000)
        (made,) = (await one.replay()).recordings
        assert (made.state, made.stretches) == ("sealed", ())
        assert [event["revision"] for event in await one.sealed()] == [1, 2]


async def test_sealing_goes_on_after_a_restart(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock, MODULES) as services:
        one = await Round.played(services, clock, folder)
        one.journal("agent", SENT)
        await one.recorder()
        await one.hand_in()
    async with house(folder, clock, MODULES) as services:
        one.services = services
        assert [view.state for view in (await one.replay()).recordings] == ["waiting"]
        await clock.advance(PATIENCE_MS)
        assert [view.state for view in (await one.replay()).recordings] == ["sealed"]


async def test_a_recording_that_is_gone_is_found(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock, MODULES) as services:
        one = await Round.played(services, clock, folder)
        recorder = await one.recorder()
        await one.upload(recorder, [0])
        await one.hand_in()
        await clock.advance(PATIENCE_MS)
        (made,) = (await one.replay()).recordings
        path = await services.recordings.sound(one.seat.who, made.recording_id)
        path.unlink()
        (folder.media / "spool" / recorder.id / "0").unlink()
        faults = (await verify(services)).faults
        assert [fault for fault in faults if "recording" in fault]
        assert len(faults) == 2, faults


async def test_who_hears_what_and_what_is_said_about_it(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock, MODULES) as services:
        one = await Round.played(services, clock, folder)
        one.journal("agent", SENT)
        await one.hand_in()
        await clock.advance(10_000)
        teacher = await services.accounts.create("teacher", "测试教师", Role.TRAINER, None)
        other = await services.accounts.create("other", "测试旁人", Role.CONTESTANT, None)
        chief = await services.accounts.create("chief", "测试裁判长", Role.CHIEF_REFEREE, None)
        (made,) = (await one.replay(teacher)).recordings
        for stranger in (other, chief, one.seat.who.model_copy(update={"contest_id": "c"})):
            with pytest.raises(NotFound):
                await one.replay(stranger)
            with pytest.raises(NotFound):
                await services.recordings.sound(stranger, made.recording_id)
            with pytest.raises(NotFound):
                await services.recordings.add_comment(stranger, made.recording_id, NewComment(at_ms=1, body="x"))

        remark = NewComment(at_ms=1_000, until_ms=2_000, body="语速太快")
        said = await services.recordings.add_comment(teacher, made.recording_id, remark)
        assert (said.author, said.mine) == ("测试教师", True)
        (seen,) = await services.recordings.comments(one.seat.who, made.recording_id)
        assert (seen.body, seen.mine, seen.at_ms) == ("语速太快", False, 1_000)
        with pytest.raises(NotPermitted):
            await services.recordings.remove_comment(one.seat.who, made.recording_id, said.comment_id)
        with pytest.raises(Conflict):
            await services.recordings.add_comment(teacher, made.recording_id, NewComment(at_ms=9_000, body="x"))
        await services.recordings.remove_comment(teacher, made.recording_id, said.comment_id)
        assert await services.recordings.comments(teacher, made.recording_id) == []


async def test_sound_peaks_and_wav_over_http(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock, MODULES) as services:
        one = await Round.played(services, clock, folder)
        one.journal("agent", SENT)
        await one.hand_in()
        await clock.advance(10_000)
        async with browser(services, one.seat.who) as http:
            view = (await http.get(f"/attempts/{one.seat.attempt_id}/replay")).json()
            (made,) = view["recordings"]
            urls = {name: made[f"{name}_url"].removeprefix("/api/v1") for name in ("sound", "peaks", "wav")}
            whole = await http.get(urls["sound"])
            assert (whole.status_code, whole.headers["content-type"]) == (200, "audio/ogg")
            part = await http.get(urls["sound"], headers={"range": "bytes=100-199"})
            assert (part.status_code, part.content) == (206, whole.content[100:200])
            peaks = (await http.get(urls["peaks"])).json()
            assert len(peaks["agent"]) == len(peaks["customer"]) == SECONDS * 1_000 // peaks["step_ms"]
            assert max(peaks["agent"]) > 10 > max(peaks["customer"])
            wav = await http.get(urls["wav"])
            assert int(wav.headers["content-length"]) == len(wav.content) == 44 + SECONDS * 48_000 * 4
        async with browser(services, None) as http:
            assert (await http.get(urls["sound"])).status_code == 401


async def test_in_a_contest_the_chief_alone_hears_and_sees_no_name(folder: DataFolder, clock: ManualClock) -> None:
    media = FakeMedia(clock)
    async with house(folder, clock, MODULES, media) as services:
        contest, seat = await voice_contest(services, media)
        await clock.advance(20_000)
        await seat.send({"type": "hand_in", "cause": "handed_in"})
        media.close(seat.attempt_id, "out1.1")
        await clock.advance(30_000)
        chief = contest.who(Role.CHIEF_REFEREE)
        view = await services.recordings.replay(chief, seat.attempt_id)
        assert (view.contestant, view.practice, view.models, view.earlier) == ("", False, (), ())
        (made,) = view.recordings
        assert made.state == "sealed"
        for who in (seat.who, contest.who(Role.ORGANISER), contest.who(Role.SUPERVISOR)):
            with pytest.raises(NotFound):
                await services.recordings.replay(who, seat.attempt_id)
        remark = await services.recordings.add_comment(chief, made.recording_id, NewComment(at_ms=0, body="复核"))
        assert remark.author == ""
        await services.recordings.replay(chief, seat.attempt_id)
        assert len(await _hearings(services, contest.contest_id)) == 1
        # Whoever has kept the address of the sound is told of as well.
        await clock.advance(TOLD_MS)
        await services.recordings.sound(chief, made.recording_id)
        assert len(await _hearings(services, contest.contest_id)) == 2


async def _hearings(services: Services, contest_id: str) -> list[str]:
    return [
        event.payload for event in await services.journal.read_stream(contest_id) if "recording.hear" in event.payload
    ]


async def test_a_backup_carries_what_sealing_is_made_of(folder: DataFolder, clock: ManualClock, tmp_path: Path) -> None:
    async with house(folder, clock, MODULES) as services:
        one = await Round.played(services, clock, folder)
        one.journal("agent", SENT)
        recorder = await one.recorder()
        await one.upload(recorder, range(SECONDS))
        workers = folder.media / "workers"
        workers.mkdir(parents=True)
        (workers / "0.json").write_text('{"token": "secret"}')
    with written(folder, tmp_path / "one.zip", reserve=0):
        pass
    other = DataFolder(tmp_path / "restored")
    restore(tmp_path / "one.zip", other)
    assert not (other.media / "workers").exists()
    async with house(other, clock, MODULES) as services:
        one.services, one.folder = services, other
        one.seat.services = services
        one.seat.epoch = await services.runner.take_lease(one.seat.attempt_id, "page-0002")
        await one.finish(recorder)
        await one.hand_in()
        await clock.advance(10_000)
        (made,) = (await one.replay()).recordings
        assert (made.state, made.stretches) == ("sealed", ())
        assert (await verify(services)).faults == []
