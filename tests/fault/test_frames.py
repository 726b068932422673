"""Bad frames on /ws: refused with a reason or the line is closed cleanly, and the server serves on."""

import asyncio
import json
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from server.web.frames import MAX_FRAME_BYTES
from tests.fault.audit import audit, streams
from tests.fault.conftest import Standing
from tests.support.client import SeatClient, Typist, dial, hello

pytestmark = [pytest.mark.fault, pytest.mark.anyio]

MALFORMED = {
    "empty": "",
    "no JSON": "nonsense",
    "cut": '{"type":"hello"',
    "no object": "[1,2,3]",
    "null": "null",
    "unknown type": '{"type":"give_me_the_answers"}',
    "extra key": '{"type":"ping","sent":1,"x":1}',
    "nan": '{"type":"ping","sent":NaN}',
    "infinite": '{"type":"ping","sent":1e999}',
    "wrong types": '{"type":"command","id":7,"epoch":"x","stamp_ms":[],"command":1}',
    "bad id": '{"type":"command","id":"../../etc","epoch":1,"stamp_ms":1,"command":{}}',
    "negative epoch": '{"type":"command","id":"abcdefgh","epoch":-1,"stamp_ms":1,"command":{}}',
    "late stamp": '{"type":"command","id":"abcdefgh","epoch":1,"stamp_ms":99999999999999999999,"command":{}}',
    "lone surrogate": '{"type":"command","id":"abcdefgh","epoch":1,"stamp_ms":1,"command":{"type":"\\ud800"}}',
    "deep": "[" * 30_000 + "]" * 30_000,
    "deep command": '{"type":"command","id":"abcdefgh","epoch":1,"stamp_ms":1,"command":{"a":%s}}'
    % ("[" * 5_000 + "]" * 5_000),
    "huge number": '{"type":"command","id":"abcdefgh","epoch":1,"stamp_ms":%s,"command":{}}' % ("9" * 5_000),
}


async def ask(socket: ClientConnection, frame: str | bytes | dict[str, Any]) -> dict[str, Any]:
    """Send one frame and return the next that comes."""
    await socket.send(json.dumps(frame) if isinstance(frame, dict) else frame)
    async with asyncio.timeout(30):
        answer: dict[str, Any] = json.loads(await socket.recv())
    return answer


async def problem_of(socket: ClientConnection, frame: str | bytes | dict[str, Any]) -> tuple[int, str, str | None]:
    """Status, code and command id of the refusal that a frame meets."""
    answer = await ask(socket, frame)
    assert answer["type"] == "refused", answer
    return answer["problem"]["status"], answer["problem"]["code"], answer["id"]


async def serves(socket: ClientConnection) -> None:
    """The line is alive."""
    assert (await ask(socket, {"type": "ping", "sent": 12.5}))["sent"] == 12.5


def command(id_: str, body: dict[str, Any], epoch: int = 1, stamp_ms: int = 1) -> dict[str, Any]:
    """A command frame."""
    return {"type": "command", "id": id_, "epoch": epoch, "stamp_ms": stamp_ms, "command": body}


def save(text: str, rev: int, field: str = "name") -> dict[str, Any]:
    """The command that saves a field of the first item."""
    return {"type": "typing_test.save_field", "item": "i1", "field": field, "text": text, "rev": rev}


async def test_malformed_frames_are_refused_one_by_one(standing: Standing) -> None:
    token, attempt_id = await standing.round()
    async with dial(standing.url, token) as socket:
        for name, frame in MALFORMED.items():
            assert await problem_of(socket, frame) == (400, "malformed", None), name
        await serves(socket)
        assert (await ask(socket, hello(attempt_id)))["type"] == "welcome"
        for name, frame in MALFORMED.items():
            assert await problem_of(socket, frame) == (400, "malformed", None), name
        await serves(socket)


async def test_malformed_commands_are_refused_with_their_id(standing: Standing) -> None:
    token, attempt_id = await standing.round()
    async with SeatClient(standing.url, token, attempt_id) as seat:
        await seat.start()
        epoch = seat.epoch
        page = seat.page
    async with dial(standing.url, token) as socket:
        await ask(socket, hello(attempt_id, page))
        for number, body in enumerate(
            (
                dict[str, Any](),
                {"type": None},
                {"type": []},
                {"type": {}},
                {"type": "due"},
                {"type": "attempt.closed"},
                {"type": "hand_in", "cause": "forced"},
                {"type": "start", "x": 1},
                save("字" * 1_001, 1),
                save("x", 0),
                save("x", 2**40),
                {"type": "typing_test.player", "item": "i1", "act": "play", "position_ms": -1},
            )
        ):
            id_ = f"bad-command-{number}"
            assert await problem_of(socket, command(id_, body, epoch)) == (422, "invalid", id_), body
        for number, body in enumerate((save("x", 1) | {"item": "i9"}, save("x", 1, "surname"))):
            id_ = f"unknown-part-{number}"
            assert await problem_of(socket, command(id_, body, epoch)) == (409, "typing-test-unknown-part", id_)
        await serves(socket)


async def test_oversized_frames(standing: Standing) -> None:
    token, attempt_id = await standing.round()
    async with dial(standing.url, token) as socket:
        assert await problem_of(socket, " " * (MAX_FRAME_BYTES + 1)) == (413, "too-large", None)
        assert await problem_of(socket, "字" * (MAX_FRAME_BYTES // 3 + 1)) == (413, "too-large", None)
        assert await problem_of(socket, "x" * 999_000) == (413, "too-large", None)
        assert (await ask(socket, hello(attempt_id)))["type"] == "welcome"
        with pytest.raises(ConnectionClosed) as closed:
            await ask(socket, "x" * 1_100_000)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1009
    async with dial(standing.url, token) as socket:
        await serves(socket)


async def test_binary_and_broken_utf8(standing: Standing) -> None:
    token, attempt_id = await standing.round()
    async with dial(standing.url, token) as socket:
        assert await problem_of(socket, b"\x00\x01\x02") == (400, "malformed", None)
        assert await problem_of(socket, json.dumps(hello(attempt_id)).encode()) == (400, "malformed", None)
        await serves(socket)
        await socket.send(b"\xff\xfe\xff", text=True)
        with pytest.raises(ConnectionClosed) as closed:
            await socket.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1007
    async with dial(standing.url, token) as socket:
        await serves(socket)


async def test_what_comes_before_or_instead_of_hello(standing: Standing) -> None:
    token, attempt_id = await standing.round()
    _, foreign = await standing.round()
    async with dial(standing.url, token) as socket:
        assert await problem_of(socket, command("too-early", {"type": "start"})) == (409, "conflict", "too-early")
        assert await problem_of(socket, hello(foreign)) == (404, "not-found", None)
        assert await problem_of(socket, hello("0" * 26)) == (404, "not-found", None)
        assert await problem_of(socket, hello("x" * 65)) == (400, "malformed", None)
        assert await problem_of(socket, hello(attempt_id, protocol=99)) == (409, "conflict", None)
        assert await problem_of(socket, hello(attempt_id, page="short")) == (400, "malformed", None)
        assert await problem_of(socket, hello(attempt_id, after=-1)) == (400, "malformed", None)
        assert await problem_of(socket, command("early-yet", {"type": "start"})) == (409, "conflict", "early-yet")
        welcome = await ask(socket, hello(attempt_id, after=10**9))
        assert (welcome["type"], welcome["attempt"]["phase"]) == ("welcome", "armed")
        assert (welcome["content"], welcome["state"]) == (None, None)
        assert await problem_of(socket, hello(foreign)) == (409, "conflict", None)
        wrong_epoch = command("other-epoch", save("x", 1), epoch=77)
        assert await problem_of(socket, wrong_epoch) == (410, "stale-lease", "other-epoch")
        await serves(socket)


async def test_repeated_and_out_of_order_frames(standing: Standing) -> None:
    token, attempt_id = await standing.round()
    async with SeatClient(standing.url, token, attempt_id, window=32) as seat:
        await seat.start()
        ids = {rev: f"shuffled-{rev:04d}" for rev in range(1, 21)}
        order = [*range(20, 0, -2), *range(1, 21, 2), *range(1, 21)]
        await asyncio.gather(*(seat.post(save(f"第{rev}", rev), ids[rev]) for rev in dict.fromkeys(order)))
        seqs = dict(seat.acked)
        for rev in order:
            assert await seat.do(save(f"第{rev}", rev), ids[rev]) >= seqs[ids[rev]]
        await seat.hand_in()
        assert await seat.do(save("后", 99), ids[20]) <= seqs[ids[20]]
    events = (await streams(standing.folder, [attempt_id]))[attempt_id]
    texts = [json.loads(event.payload)["text"] for event in events if event.type == "typing_test.field_saved"]
    assert texts == ["第20"]


async def test_a_burst_is_slowed_down_and_nothing_of_it_is_lost(standing: Standing) -> None:
    token, attempt_id = await standing.round()
    async with SeatClient(standing.url, token, attempt_id, window=500) as seat:
        await seat.start()
        blocked = {"type": "typing_test.blocked", "item": "i1", "field": "name", "kind": "paste"}
        burst = [seat.post(blocked | {"length": number}) for number in range(500)]
        await seat.until(lambda: len(seat.refusals) > 100)
        assert {(problem["status"], problem["code"], problem["retry"]) for problem in seat.refusals} == {
            (429, "too-many", True)
        }
        await asyncio.gather(*burst)
        found = await audit(standing.folder, [seat])
        assert found.clean, found
        assert found.acked == 502
    other, other_attempt = await standing.round()
    async with SeatClient(standing.url, other, other_attempt) as seat:
        await seat.start()
        await Typist(seat).save("i1", "name", "不受影响")
