"""What the journal of a data folder holds, compared with what clients were told."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from server.app import build
from server.core.journal import Recorded
from server.settings import DataFolder
from tests.support.client import SeatClient
from tests.support.process import run_ccss


@dataclass(slots=True)
class Audit:
    """Acknowledged commands that are not there, there twice, or there with another text or place."""

    acked: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    differing: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Whether the journal says what the clients know."""
        return not (self.lost or self.doubled or self.differing)


async def streams(folder: DataFolder, attempt_ids: Sequence[str]) -> dict[str, list[Recorded]]:
    """The journal of these attempts, read beside whatever else uses the folder."""
    services = await build(folder)
    try:
        return await services.journal.read_streams(dict.fromkeys(attempt_ids, 0))
    finally:
        await services.database.close()


async def audit(folder: DataFolder, seats: Sequence[SeatClient]) -> Audit:
    """Compare; every command sent must be one that makes exactly one event."""
    found = Audit()
    journal = await streams(folder, [seat.attempt_id for seat in seats])
    for seat in seats:
        by_command: dict[str, list[Recorded]] = {}
        for event in journal[seat.attempt_id]:
            if event.command_id is not None:
                by_command.setdefault(event.command_id, []).append(event)
        found.acked += len(seat.acked)
        found.doubled += [id_ for id_, events in by_command.items() if len(events) > 1]
        for id_, seq in seat.acked.items():
            events = by_command.get(id_, [])
            if not events:
                found.lost.append(id_)
            elif events[-1].seq > seq or not _says(events[-1], seat.sent[id_]):
                found.differing.append(id_)
    return found


def _says(event: Recorded, command: dict[str, Any]) -> bool:
    """Whether a journalled save holds the text that was sent."""
    return "text" not in command or json.loads(event.payload)["text"] == command["text"]


async def verify_log(folder: DataFolder) -> dict[str, Any]:
    """The verdict of `ccss verify-log`, with its exit code under `exit`."""
    done = await asyncio.to_thread(run_ccss, "verify-log", "--data", folder.root)
    verdict: dict[str, Any] = json.loads(done.stdout)
    return verdict | {"exit": done.returncode}
