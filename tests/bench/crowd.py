"""Many real clients typing on a real server while it is killed."""

import asyncio
import contextlib
import random
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from anyio import to_thread

from server.settings import DataFolder
from tests.fault.audit import Audit, audit, verify_log
from tests.support.client import SeatClient, Typist, open_round
from tests.support.house import make_folder
from tests.support.process import Furnished, ServerProcess, furnish_folder

PAUSE_S = 0.02
"""Between an acknowledgement and the next save; a human makes one in 2 s."""


@dataclass(slots=True)
class Crowd:
    """Seats with a typist each, on one server."""

    server: ServerProcess
    furnished: Furnished
    stack: contextlib.AsyncExitStack
    typists: list[Typist] = field(default_factory=list)
    over: bool = False
    _typing: list["asyncio.Task[None]"] = field(default_factory=list)

    @classmethod
    @asynccontextmanager
    async def gathered(cls, seats: int) -> AsyncIterator[Self]:
        """A new folder, a new server, and everybody seated and started."""
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as root:
            folder = make_folder(Path(root))
            furnished = await to_thread.run_sync(furnish_folder, folder, seats)
            with ServerProcess(folder) as server:
                await to_thread.run_sync(server.start)
                async with contextlib.AsyncExitStack() as stack:
                    crowd = cls(server, furnished, stack)
                    await crowd.sit_down()
                    yield crowd

    @property
    def folder(self) -> DataFolder:
        """The server's data folder."""
        return self.server.folder

    @property
    def seats(self) -> list[SeatClient]:
        """Every seat there ever was."""
        return [typist.seat for typist in self.typists]

    def acks(self) -> int:
        """Commands acknowledged so far."""
        return sum(len(seat.acked) for seat in self.seats)

    async def sit_down(self) -> list[Typist]:
        """A new round for everybody."""
        sitting = []
        for pass_ in self.furnished.passes:
            attempt_id = await open_round(self.server.url, pass_.token, self.furnished.paper_id)
            seat = SeatClient(self.server.url, pass_.token, attempt_id)
            await self.stack.enter_async_context(seat)
            await seat.start()
            sitting.append(Typist(seat))
        self.typists += sitting
        return sitting

    def type(self, typists: list[Typist]) -> None:
        """Let these type until all is over."""
        self._typing += [
            asyncio.create_task(typist.until(lambda: self.over, PAUSE_S * random.random() * 2)) for typist in typists
        ]

    async def wait_for_acks(self, more: int, timeout_s: float = 60) -> None:
        """Until so many more commands have been acknowledged."""
        goal = self.acks() + more
        deadline = time.monotonic() + timeout_s
        while self.acks() < goal:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{goal - self.acks()} acknowledgements missing\n{self.server.log()[-2000:]}")
            await asyncio.sleep(0.01)

    async def hand_in(self) -> int:
        """Everybody hands in; returns how many receipts differ from what was typed."""
        self.over = True
        await asyncio.gather(*self._typing)
        self._typing.clear()
        wrong = 0
        for typist in self.typists:
            if typist.seat.attempt.get("receipt") is None:
                receipt = await typist.seat.hand_in()
                wrong += receipt["answers_sha256"] != typist.answers_sha256()
        self.over = False
        return wrong

    async def verdict(self) -> tuple[Audit, list[str]]:
        """Journal against acknowledgements, and the faults that `ccss verify-log` finds."""
        found = await audit(self.folder, self.seats)
        verdict = await verify_log(self.folder)
        return found, verdict["faults"]
