"""The nightly backup in virtual time: when, what it waits for, what is kept."""

import asyncio
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from server.core.errors import NotFound
from server.installation.last_backup import Made, note_backup
from server.installation.nightly import RETRY_MS, TRIES, Nightly, make_room, next_ms, nightly_target, prune
from server.settings import BackupPlan, DataFolder
from tests.support.clock import ManualClock
from tests.support.house import house
from tests.support.stage import seated

pytestmark = [pytest.mark.flow, pytest.mark.anyio]

CHINA = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
DAY_MS = 24 * 3_600_000
EVENING = 1_777_629_600_000
"""2026-05-01 18:00 in China."""
NIGHT = EVENING + int(8.5 * 3_600_000)


def test_the_next_moment_is_by_the_wall_clock() -> None:
    plan = BackupPlan(at="02:30")
    assert next_ms(plan, EVENING, CHINA) == NIGHT
    assert next_ms(plan, NIGHT - 1, CHINA) == NIGHT
    assert next_ms(plan, NIGHT, CHINA) == NIGHT + DAY_MS
    assert next_ms(plan, 1_774_740_600_000, BERLIN) > 1_774_740_600_000  # the night that has no 02:30


class Night:
    """A nightly task whose world is set by hand."""

    def __init__(self) -> None:
        self.clock = ManualClock(EVENING)
        self.made: list[int] = []
        self.runs_since = 0
        self.good = True
        self.task = asyncio.create_task(Nightly(BackupPlan(), self.clock, self.busy, self.back_up, CHINA).run())

    async def busy(self, since_ms: int) -> bool:
        return self.runs_since > since_ms

    async def back_up(self) -> bool:
        self.made.append(self.clock.now_ms())
        return self.good

    async def stop(self) -> None:
        self.task.cancel()
        with suppress(asyncio.CancelledError):
            await self.task


async def test_once_a_night() -> None:
    night = Night()
    await night.clock.advance(NIGHT - EVENING - 1)
    assert night.made == []
    await night.clock.advance(1)
    assert night.made == [NIGHT]
    await night.clock.advance(2 * DAY_MS)
    assert night.made == [NIGHT, NIGHT + DAY_MS, NIGHT + 2 * DAY_MS]
    await night.stop()


async def test_a_running_stage_is_waited_for_but_not_a_forgotten_one() -> None:
    night = Night()
    night.runs_since = NIGHT - 1000
    await night.clock.advance(NIGHT - EVENING + RETRY_MS)
    assert night.made == []
    night.runs_since = 0
    await night.clock.advance(RETRY_MS)
    assert night.made == [NIGHT + 2 * RETRY_MS]
    night.runs_since = NIGHT - 1000
    await night.clock.advance(DAY_MS)
    assert len(night.made) == 2
    await night.stop()


async def test_a_failure_is_tried_again_a_few_times() -> None:
    night = Night()
    night.good = False
    await night.clock.advance(NIGHT - EVENING)
    await night.clock.advance(10 * TRIES * RETRY_MS)
    assert night.made == [NIGHT + number * RETRY_MS for number in range(TRIES)]
    await night.stop()


def test_only_its_own_files_are_pruned(folder: DataFolder, tmp_path: Path) -> None:
    place = tmp_path / "nas"
    place.mkdir()
    for day in range(1, 6):
        (place / f"nightly-2026050{day}-023000.zip").touch()
    for name in ("ccss-20260501-180000.zip", "nightly-mine.zip", "thesis.doc"):
        (place / name).touch()
    (place / "nightly-20260503-023000.zip.making").touch()
    (place / "nightly-20260503-023000.zip.making.k3_x9a1b" / "blobs").mkdir(parents=True)
    prune(place, 2)
    assert sorted(path.name for path in place.iterdir()) == [
        "ccss-20260501-180000.zip",
        "nightly-20260504-023000.zip",
        "nightly-20260505-023000.zip",
        "nightly-mine.zip",
        "thesis.doc",
    ]


@pytest.mark.parametrize(("good", "left"), [(True, ["02", "03"]), (False, ["01", "02", "03"])])
def test_room_is_made_before_tonights_once_the_newest_is_good(folder: DataFolder, good: bool, left: list[str]) -> None:
    place = folder.root / "backups"
    place.mkdir()
    for day in (1, 2, 3):
        (place / f"nightly-2026050{day}-023000.zip").touch()
    newest = place / f"nightly-2026050{3 if good else 2}-023000.zip"
    note_backup(folder, Made(at_ms=1, file=str(newest.resolve()), size=0, took_ms=0))
    make_room(folder, place, 3)
    assert sorted(path.name[14:16] for path in place.glob("*.zip")) == left
    make_room(folder, place, 1)
    assert [path.name[14:16] for path in place.glob("*.zip")] == ["03"]


def test_the_plan_says_where(folder: DataFolder, tmp_path: Path) -> None:
    now = datetime(2026, 5, 2, 2, 30, tzinfo=CHINA)
    assert nightly_target(folder, BackupPlan(), now) == folder.root / "backups" / "nightly-20260502-023000.zip"
    elsewhere = BackupPlan(folder=str(tmp_path / "nas" / "ccss"))
    with pytest.raises(NotFound, match="nas"):
        nightly_target(folder, elsewhere, now)
    assert not (tmp_path / "nas").exists()
    (tmp_path / "nas").mkdir()
    assert nightly_target(folder, elsewhere, now).parent == tmp_path / "nas" / "ccss"


async def test_a_house_without_a_plan_makes_none(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock) as services:
        assert services.nightly is None


@pytest.mark.parametrize(("kind", "waits"), [("contest", True), ("lesson", False)])
async def test_only_a_stage_of_a_contest_holds_it_up(
    folder: DataFolder, clock: ManualClock, kind: str, waits: bool
) -> None:
    settings = folder.settings().model_copy(update={"backup": BackupPlan()})
    (folder.root / "ccss.json").write_text(settings.model_dump_json(), encoding="utf-8")
    async with house(folder, clock) as services:
        assert services.nightly is not None
        sitting = await seated(services, kind, people=1)
        assert not await services.nightly.busy(0)
        async with services.database.write() as connection:
            where = {"now": clock.now_ms(), "id": sitting.stage_id}
            await connection.execute(text("update stages set started_ms = :now where id = :id"), where)
        assert await services.nightly.busy(clock.now_ms() - 1) is waits
        assert not await services.nightly.busy(clock.now_ms() + 1)
        async with services.database.write() as connection:
            await connection.execute(text("update stages set closed_ms = :now where id = :id"), where)
        assert not await services.nightly.busy(0)
