"""The nightly backup: when it is due, what waits for it, and how many are kept.

The backup itself is a child, `ccss backup --nightly`: packing and checking must not hold up what the seats do.
"""

import asyncio
import re
import shutil
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from pathlib import Path

import structlog

from server.core.clock import Clock
from server.core.errors import NotFound
from server.core.text import Text
from server.installation.backup import BACKUPS, target_of
from server.installation.last_backup import last_backup
from server.settings import BackupPlan, DataFolder

RETRY_MS = 10 * 60_000
"""How long a backup waits while a stage of a contest runs, or after one failed."""
TRIES = 6
"""How often one that fails is tried in a night."""
FORGOTTEN_MS = 24 * 3_600_000
"""A stage that was started longer ago and never closed was forgotten: no backup waits for it."""
_OURS = re.compile(r"nightly-\d{8}-\d{6}\.zip")
_LEFT_OVER = re.compile(r"nightly-\d{8}-\d{6}\.zip(\.db)?\.making(\.\w+)?")
"""With an ending it is the folder that a check unpacked to."""

log = structlog.get_logger()


@dataclass(slots=True)
class Nightly:
    """Waits for the moment of the plan, day after day."""

    plan: BackupPlan
    clock: Clock
    busy: Callable[[int], Awaitable[bool]]
    """Whether a stage of a contest runs that was started after a moment (UTC epoch ms)."""
    back_up: Callable[[], Awaitable[bool]]
    """Makes one; False if it failed (it has then said why)."""
    zone: tzinfo | None = None
    """Of the plan; without one, this machine's."""

    async def run(self) -> None:
        """Serve for ever."""
        while True:
            await self.clock.sleep_until(next_ms(self.plan, self.clock.now_ms(), self.zone))
            await self._tonight()

    async def _tonight(self) -> None:
        for _ in range(TRIES):
            while await self.busy(self.clock.now_ms() - FORGOTTEN_MS):
                log.info("backup.waits", why="a stage is running", retry_ms=RETRY_MS)
                await self.clock.sleep_until(self.clock.now_ms() + RETRY_MS)
            try:
                if await self.back_up():
                    return
            except Exception:
                log.exception("backup.failed")
            await self.clock.sleep_until(self.clock.now_ms() + RETRY_MS)


def next_ms(plan: BackupPlan, now_ms: int, zone: tzinfo | None = None) -> int:
    """The next moment of a plan after now, UTC epoch ms, by the wall clock of a time zone."""
    now = datetime.fromtimestamp(now_ms / 1000, zone) if zone else datetime.fromtimestamp(now_ms / 1000).astimezone()
    at = time.fromisoformat(plan.at)
    for days in (0, 1, 2):
        naive = datetime.combine(now.date() + timedelta(days=days), at)
        moment = naive.replace(tzinfo=zone) if zone else naive.astimezone()
        due_ms = int(moment.timestamp() * 1000)
        if due_ms > now_ms:
            return due_ms
    raise AssertionError("two days hold every moment of a day")


def nightly_target(folder: DataFolder, plan: BackupPlan, now: datetime) -> Path:
    """The file of tonight; the folder of the plan is made if it is missing, but never the one above it.

    A stick that was pulled out must not become a folder on the disk. Raises as `target_of`, and OSError.
    """
    place = Path(plan.folder) if plan.folder else folder.root / BACKUPS
    if not place.parent.is_dir():
        raise NotFound(
            Text(
                zh=f"没有目录 {place.parent}，请检查 U 盘或网络盘是否已连接，或修改 ccss.json 中的 backup.folder",
                en=f"No folder {place.parent}: is the stick or the network drive there? Else mend backup.folder",
            )
        )
    place.mkdir(mode=0o700, exist_ok=True)
    return target_of(folder, place / f"nightly-{now:%Y%m%d-%H%M%S}.zip", now)


def make_room(folder: DataFolder, place: Path, keep: int) -> None:
    """Before tonight's is written: the oldest goes first, but only if the newest is the one last found to be good."""
    made = last_backup(folder).made
    newest = max((path.name for path in place.iterdir() if _OURS.fullmatch(path.name)), default="")
    good = made is not None and newest != "" and Path(made.file) == (place / newest).resolve()
    prune(place, max(keep - 1, 1) if good else keep)


def prune(place: Path, keep: int) -> None:
    """Remove all but the newest of the nightly backups, and what a killed one left; other files are not ours."""
    names = sorted(path.name for path in place.iterdir())
    ours = [name for name in names if _OURS.fullmatch(name)]
    for name in ours[:-keep] + [name for name in names if _LEFT_OVER.fullmatch(name)]:
        if (place / name).is_dir():
            shutil.rmtree(place / name, ignore_errors=True)
        else:
            (place / name).unlink(missing_ok=True)


async def back_up_in_a_child(folder: DataFolder) -> bool:
    """`ccss backup --nightly`, killed if this server ends; what it says of a failure goes to the log."""
    # -P: whatever lies in the working folder must not be taken for a package of ours.
    command = [sys.executable, "-P", "-c", "from server.cli import app; app()"]
    child = await asyncio.create_subprocess_exec(
        *command,
        *("backup", "--nightly", "--data", str(folder.root)),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        out, err = await child.communicate()
    except BaseException:
        child.kill()
        await child.wait()
        raise
    if child.returncode == 0:
        log.info("backup.made", file=out.decode(errors="replace").split("\n")[0].strip())
    else:
        log.error("backup.failed", why=err.decode(errors="replace")[-2_000:].strip())
    return child.returncode == 0
