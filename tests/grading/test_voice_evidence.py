"""A voice work on its way to grading: recordings, peaks, what is said of calls; nothing by which it could be found."""

import json
from pathlib import Path

import pytest

from server.app import build, running
from server.core.access import Role
from server.core.dossier import Dossier
from server.recordings.schemas import FinishUpload, NewRecorder
from server.recordings.sealing import PATIENCE_MS
from server.settings import DataFolder
from server.speech import codec
from server.speech.rtp_journal import MAGIC, Packet, journal_path, record
from tests.grading.test_blindness import cells, found, opened
from tests.support.calls import MODULES, OUT, voice_contest
from tests.support.clock import ManualClock
from tests.support.marking import Desk
from tests.support.media import FakeMedia
from tests.support.speech import chunked, speech, webm

pytestmark = [pytest.mark.flow, pytest.mark.anyio]

SENT = codec.encode(speech(30, seed=6))
ODD_MS = 31_337


def calls_of(desk: Desk, dossier: Dossier) -> tuple[list[dict[str, object]], dict[str, list[str]]]:
    """What is said of calls, and evidence by role."""
    roles: dict[str, list[str]] = {}
    for file in dossier.evidence:
        roles.setdefault(file.role, []).append(file.sha256)
    (sha256,) = roles["calls"]
    data = (desk.folder.blobs / sha256[:2] / sha256[2:]).read_bytes()
    said: list[dict[str, object]] = json.loads(data)["calls"]
    return said, roles


async def test_recordings_reach_grading_without_a_trace(folder: DataFolder, clock: ManualClock, tmp_path: Path) -> None:
    media = FakeMedia(clock)
    async with (
        Desk.opened(tmp_path / "desk") as desk,
        running(await build(folder, clock, MODULES, desk.http, media)) as services,
    ):
        assert services.delivery is not None
        clock.busy += [
            services.runner.busy,
            services.calls.busy,
            services.sealing.busy,
            services.delivery.busy,
        ]
        contest, seat = await voice_contest(services, media)
        began_ms = clock.now_ms()
        path = journal_path(folder.journals, seat.attempt_id, OUT, "agent", 1, "worker")
        path.parent.mkdir(parents=True)
        packets = (
            Packet(began_ms * 1_000 + n * 20_000, n * 960, 7, n, 30, data) for n, data in enumerate(SENT[:1_000])
        )
        path.write_bytes(MAGIC + b"".join(map(record, packets)))
        new = NewRecorder(call_id=OUT, media_type="audio/webm", began_ms=began_ms)
        made = await services.uploads.open(seat.who, seat.attempt_id, new)
        recorder = await services.uploads.admit(made.recorder_id, made.token)
        await clock.advance(ODD_MS)
        await seat.send({"type": "hand_in", "cause": "handed_in"})
        media.close(seat.attempt_id, OUT)
        await contest.order("close")
        await clock.advance(60_000)
        # The stage is over, and its seat has still to upload: the whole stage waits, so that nobody comes last alone.
        assert await desk.dossiers() == []
        await clock.advance(PATIENCE_MS)
        first = next(one for one in await desk.dossiers() if any(file.role == "call" for file in one.evidence))
        said, roles = calls_of(desk, first)
        (call,) = said
        assert [call["sound_sha256"]] == roles["call"]
        assert [call["peaks_sha256"]] == roles["peaks"]
        assert set(call) == {
            *("call_id", "part", "title", "live", "duration_ms", "sound_sha256", "peaks_sha256", "markers"),
            *("stretches", "measures", "mask"),
        }
        mask = call["mask"]
        assert isinstance(mask, list)
        assert mask
        assert all(0 <= begin < end <= 20_100 for begin, end in mask)
        assert any(one["kind"] == "gap" for one in call["stretches"])  # type: ignore[attr-defined]

        from server.core.frozen import sha256_hex

        for number, data in enumerate(chunked(webm(SENT))):
            await services.uploads.put(recorder, number, data, sha256_hex(data))
        await services.uploads.finish(recorder, FinishUpload(chunks=30, ended_ms=began_ms + 30_000))
        await clock.advance(10_000)
        second = next(one for one in await desk.dossiers() if one.work_code == first.work_code)
        assert second.revision == first.revision + 1
        (whole,), _ = calls_of(desk, second)
        assert whole["sound_sha256"] != call["sound_sha256"]
        assert [one["kind"] for one in whole["stretches"]][0] == "filled"  # type: ignore[attr-defined]

        words = {
            seat.attempt_id,
            contest.contest_id,
            contest.stage_ids[0],
            seat.who.account_id,
            recorder.id,
            made.token,
        }
        words |= {str(began_ms), str(began_ms // 1_000), "-worker"}
        words |= {who.account_id for who in contest.staff.values()} | {contest.who(Role.ORGANISER).display_name}
        for file in desk.folder.root.rglob("*"):
            if file.is_file():
                for data in opened(file.read_bytes()):
                    assert not found(data, words), file
        assert not found(cells(desk.folder.database), words)
        # Our own books are full of them.
        assert found(cells(folder.database), {seat.attempt_id, recorder.id, str(began_ms)})
        clock.busy.clear()
