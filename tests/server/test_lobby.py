"""What the lobby has read lately is never older than the last binding."""

import asyncio
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from agents.lobby import Lobby
from tests.support.clock import ManualClock

pytestmark = pytest.mark.unit


@dataclass(slots=True)
class Slow(Lobby):
    """A lobby whose readings end when they are let."""

    begun: list[asyncio.Event] = field(default_factory=list)

    async def _read(self) -> Any:
        let = asyncio.Event()
        self.begun.append(let)
        number = len(self.begun)
        await let.wait()
        return type("Hall", (), {"read_ms": self.clock.now_ms(), "number": number})


@pytest.mark.anyio
async def test_a_reading_that_a_binding_overtook_is_not_kept(clock: ManualClock) -> None:
    nothing = cast(Any, None)
    lobby = Slow(nothing, nothing, nothing, nothing, nothing, nothing, nothing, nothing, clock)
    early = asyncio.create_task(lobby._hall())
    await _until_begun(lobby, 1)
    lobby._outdate()
    late = asyncio.create_task(lobby._hall())
    lobby.begun[0].set()
    await _until_begun(lobby, 2)
    lobby.begun[1].set()
    assert (cast(Any, await early).number, cast(Any, await late).number) == (1, 2)
    assert cast(Any, await lobby._hall()).number == 2


async def _until_begun(lobby: Slow, number: int) -> None:
    for _ in range(100):
        if len(lobby.begun) >= number:
            return
        await asyncio.sleep(0)
    raise AssertionError(f"reading {number} has not begun")
