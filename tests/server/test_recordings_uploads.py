"""Uploads of what seats record: durable before they are acknowledged, in any order, by token, and nobody else's."""

import asyncio
import hashlib
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.app import Services
from server.recordings import uploads
from server.recordings.schemas import CHUNK_BYTES
from server.recordings.uploads import ranges
from server.settings import DataFolder
from tests.support.calls import IN, MODULES, VoiceSeat, browser
from tests.support.clock import ManualClock
from tests.support.house import house

pytestmark = [pytest.mark.flow, pytest.mark.anyio]

NEW = {"call_id": IN, "media_type": "audio/webm;codecs=opus", "began_ms": 1_800_000_000_000}


@asynccontextmanager
async def seated(folder: DataFolder, clock: ManualClock) -> AsyncIterator[tuple[Services, VoiceSeat]]:
    """A trainee whose inbound line rings."""
    async with house(folder, clock, MODULES) as services:
        seat = await VoiceSeat.begin(services)
        await seat.do("open_part", part="in1")
        yield services, seat


class Recorder:
    """The page's side of a recorder."""

    def __init__(self, http: httpx2.AsyncClient, view: dict[str, str]) -> None:
        self.http = http
        self.id, self.token = view["recorder_id"], view["token"]

    @classmethod
    async def of(cls, services: Services, seat: VoiceSeat, http: httpx2.AsyncClient) -> "Recorder":
        """A new one for the inbound call."""
        async with browser(services, seat.who) as own:
            made = await own.post(f"/attempts/{seat.attempt_id}/recorders", json=NEW)
        assert made.status_code == 201, made.text
        return cls(http, made.json())

    async def put(self, number: int, data: bytes, **changes: str) -> httpx2.Response:
        """Upload a chunk; headers may be wrong."""
        headers = {
            "authorization": f"Bearer {self.token}",
            "x-content-sha256": hashlib.sha256(data).hexdigest(),
            **changes,
        }
        return await self.http.put(f"/uploads/{self.id}/{number}", content=data, headers=headers)

    async def state(self) -> dict[str, object]:
        """What the server holds."""
        answer = await self.http.get(f"/uploads/{self.id}", headers={"authorization": f"Bearer {self.token}"})
        assert answer.status_code == 200
        found: dict[str, object] = answer.json()
        return found

    async def finish(self, chunks: int) -> httpx2.Response:
        """Say that there are no more."""
        return await self.http.post(
            f"/uploads/{self.id}/finish",
            json={"chunks": chunks, "ended_ms": 1_800_000_100_000},
            headers={"authorization": f"Bearer {self.token}"},
        )


async def test_chunks_in_any_order_and_twice(folder: DataFolder, clock: ManualClock) -> None:
    async with seated(folder, clock) as (services, seat), browser(services, None) as nobody:
        recorder = await Recorder.of(services, seat, nobody)
        for number in (3, 0, 1, 3, 0):
            assert (await recorder.put(number, b"chunk %d" % number)).status_code == 204
        assert await recorder.state() == {"held": [[0, 1], [3, 3]], "finished": False}
        assert (await recorder.finish(5)).json() == {"held": [[0, 1], [3, 3]], "finished": True}
        assert (await recorder.put(2, b"chunk 2")).status_code == 204
        assert (await recorder.put(4, b"chunk 4")).status_code == 204
        assert await recorder.state() == {"held": [[0, 4]], "finished": True}
        assert (await recorder.finish(3)).status_code == 409
        assert (await recorder.finish(6)).status_code == 200
        for number in range(5):
            assert (folder.media / "spool" / recorder.id / str(number)).read_bytes() == b"chunk %d" % number


async def test_many_at_once_share_commits_and_none_is_lost(folder: DataFolder, clock: ManualClock) -> None:
    async with seated(folder, clock) as (services, seat), browser(services, None) as nobody:
        recorders = [await Recorder.of(services, seat, nobody) for _ in range(4)]
        answers = await asyncio.gather(
            *(
                one.put(number, b"%d" % number)
                for number, one in itertools.product(range(30), [*recorders, recorders[0]])
            )
        )
        assert {answer.status_code for answer in answers} == {204}
        for recorder in recorders:
            assert (await recorder.state())["held"] == [[0, 29]]


async def test_damaged_and_different_chunks_are_refused(folder: DataFolder, clock: ManualClock) -> None:
    async with seated(folder, clock) as (services, seat), browser(services, None) as nobody:
        recorder = await Recorder.of(services, seat, nobody)
        damaged = await recorder.put(0, b"damaged", **{"x-content-sha256": hashlib.sha256(b"whole").hexdigest()})
        assert (damaged.status_code, damaged.json()["code"], damaged.json()["retry"]) == (422, "chunk-damaged", True)
        assert (await recorder.put(0, b"whole")).status_code == 204
        other = await recorder.put(0, b"other")
        assert (other.status_code, other.json()["code"], other.json()["retry"]) == (409, "chunk-differs", False)
        large = await recorder.put(1, b"x" * (CHUNK_BYTES + 1))
        assert large.status_code == 413
        assert "524 kB" in large.json()["detail"]
        far = await recorder.put(20_000, b"far")
        assert far.status_code == 413
        assert (folder.media / "spool" / recorder.id / "0").read_bytes() == b"whole"
        assert (await recorder.state())["held"] == [[0, 0]]


async def test_what_an_attempt_may_hold_is_bounded_over_its_recorders(
    folder: DataFolder, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "MOST_BYTES", 10)
    async with seated(folder, clock) as (services, seat), browser(services, None) as nobody:
        one, two = [await Recorder.of(services, seat, nobody) for _ in range(2)]
        assert (await one.put(0, b"123456")).status_code == 204
        services.uploads._bytes.clear()  # as after a restart
        assert (await two.put(0, b"12345")).status_code == 413
        assert (await two.put(0, b"1234")).status_code == 204
        assert (await one.put(0, b"123456")).status_code == 204
        assert (await one.put(1, b"1")).status_code == 413
        other = await VoiceSeat.begin(services, "v2")
        await other.do("open_part", part="in1")
        assert (await (await Recorder.of(services, other, nobody)).put(0, b"123456")).status_code == 204


async def test_tokens_open_their_own_recorder_only(folder: DataFolder, clock: ManualClock) -> None:
    async with seated(folder, clock) as (services, seat), browser(services, None) as nobody:
        one, two = [await Recorder.of(services, seat, nobody) for _ in range(2)]
        wrong = await one.put(0, b"x", authorization=f"Bearer {two.token}")
        assert (wrong.status_code, wrong.json()["code"]) == (403, "wrong-upload-token")
        assert (await one.put(0, b"x", authorization="")).status_code == 403
        one.id = "0" * 26
        assert (await one.put(0, b"x")).status_code == 404
        # Whoever is logged in at the machine by then does not matter.
        next_one = await VoiceSeat.begin(services, "v2")
        async with browser(services, next_one.who) as http:
            two.http = http
            assert (await two.put(0, b"x")).status_code == 204
        stored = await services.uploads.repository.recorder(two.id)
        assert two.token not in str(tuple(stored))


async def test_who_may_record_what(folder: DataFolder, clock: ManualClock) -> None:
    async with seated(folder, clock) as (services, seat):
        stranger = await VoiceSeat.begin(services, "v2")
        where = f"/attempts/{seat.attempt_id}/recorders"
        async with browser(services, stranger.who) as http:
            assert (await http.post(where, json=NEW)).status_code == 404
        async with browser(services, None) as http:
            assert (await http.post(where, json=NEW)).status_code == 401
        async with browser(services, seat.who) as http:
            unknown = await http.post(where, json=NEW | {"call_id": "in1.2"})
            assert (unknown.status_code, unknown.json()["code"]) == (404, "no-such-call")
            assert (await http.post(where, json=NEW | {"media_type": "video/mp4"})).status_code == 422
            # After the hand-in the call is known from the journal: a page that was cut off comes late.
            await seat.send({"type": "hand_in", "cause": "handed_in"})
            assert (await http.post(where, json=NEW)).status_code == 201


@given(st.sets(st.integers(0, 60)))
def test_ranges_say_what_is_held(numbers: set[int]) -> None:
    found = ranges(sorted(numbers))
    assert {number for first, last in found for number in range(first, last + 1)} == numbers
    assert all(later[0] > one[1] + 1 for one, later in itertools.pairwise(found))
