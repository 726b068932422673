"""Backups: what is in them, what is refused, and that every fault is named."""

import asyncio
import json
import os
import shutil
import stat
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner, Result

from server.adapters.tables import heads
from server.app import build
from server.cli import app
from server.cli.checked import checked
from server.core.errors import Conflict, DiskFull, Invalid, NotFound, StorageFailed
from server.db.migrate import newest_revision
from server.installation.archive import MANIFEST
from server.installation.backup import target_of, written
from server.installation.doctor.machine import DISK_LEAST, DISK_OK
from server.installation.last_backup import Failed, Made, last_backup, note_backup
from server.installation.restore import restore
from server.settings import BackupPlan, DataFolder
from tests.support.clock import ManualClock
from tests.support.house import Trainee, house, make_folder
from tests.support.papers import AUDIO

pytestmark = pytest.mark.flow

NOW = datetime(2026, 5, 1, 18, 0, tzinfo=UTC)


def ccss(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def lived(folder: DataFolder, clock: ManualClock) -> DataFolder:
    """An installation with a round, a recording, keys, and things that don't belong into a backup."""
    asyncio.run(live(folder, clock))
    folder.tls.mkdir()
    (folder.tls / "authority.key").write_bytes(b"key")
    (folder.root / "backups").mkdir()
    (folder.root / "backups" / "old.zip").write_bytes(b"old")
    (folder.blobs / "ab").mkdir()
    (folder.blobs / "ab" / "half.part").write_bytes(b"half")
    (folder.root / "ccss.lock").touch()
    return folder


async def live(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock) as services:
        trainee = await Trainee.sit_down(services)
        await trainee.start()
        await trainee.save("name", "欧阳雪")


async def hashes(folder: DataFolder) -> list[str]:
    """Of every event, contest after contest."""
    services = await build(folder)
    try:
        async with services.database.read() as connection:
            ids = sorted(await connection.scalars(select(heads.c.contest_id)))
        return [event.hash for id_ in ids for event in await services.journal.read_contest(id_, 0, 1000)]
    finally:
        await services.database.close()


async def change_an_event(folder: DataFolder) -> None:
    services = await build(folder)
    try:
        async with services.database.write() as connection:
            await connection.exec_driver_sql("update journal_events set payload = '{}' where seq = 2")
    finally:
        await services.database.close()


def made(folder: DataFolder, target: Path) -> Path:
    with written(folder, target):
        pass
    return target


def files(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_a_restored_backup_is_the_same_house(lived: DataFolder, tmp_path: Path) -> None:
    path = made(lived, tmp_path / "b.zip")
    elsewhere = DataFolder(tmp_path / "elsewhere")
    manifest = restore(path, elsewhere)
    assert manifest.revision == newest_revision()
    there = files(elsewhere.root)
    assert {name.split("/")[0] for name in there} == {"ccss.db", "ccss.json", "blobs", "tls"}
    assert AUDIO in there.values()
    assert there["tls/authority.key"] == b"key"
    assert asyncio.run(hashes(elsewhere)) == asyncio.run(hashes(lived))
    assert len(asyncio.run(hashes(lived))) > 3


@pytest.mark.skipif(os.name == "nt", reason="modes are Unix's")
def test_nobody_else_reads_a_backup_or_what_was_restored(lived: DataFolder, tmp_path: Path) -> None:
    path = made(lived, tmp_path / "b.zip")
    restore(path, DataFolder(tmp_path / "elsewhere"))
    for one in (path, *(tmp_path / "elsewhere").rglob("*"), tmp_path / "elsewhere"):
        assert stat.S_IMODE(one.stat().st_mode) & 0o077 == 0, one


def test_targets_that_are_refused(lived: DataFolder, tmp_path: Path) -> None:
    (tmp_path / "there.zip").touch()
    with pytest.raises(Conflict, match="is there"):
        target_of(lived, tmp_path / "there.zip", NOW)
    with pytest.raises(NotFound, match="make it first"):
        target_of(lived, tmp_path / "nowhere" / "b.zip", NOW)
    with pytest.raises(Conflict, match="inside the data folder"):
        target_of(lived, lived.blobs / "b.zip", NOW)
    assert target_of(lived, None, NOW) == lived.root / "backups" / "ccss-20260501-180000.zip"
    assert target_of(lived, tmp_path, NOW) == tmp_path / "ccss-20260501-180000.zip"
    with pytest.raises(NotFound, match="ccss init"):
        made(DataFolder(tmp_path / "nothing"), tmp_path / "b.zip")


def test_too_little_room_is_said_before_anything_is_written(lived: DataFolder, tmp_path: Path) -> None:
    with pytest.raises(DiskFull, match="MB needed"), written(lived, tmp_path / "b.zip", free=lambda _: 1 << 20):
        pass
    assert not list(tmp_path.glob("b.zip*"))


def test_what_the_server_needs_stays_free(lived: DataFolder, tmp_path: Path) -> None:
    for reserve in (DISK_LEAST, DISK_OK):
        with pytest.raises(DiskFull), written(lived, tmp_path / "b.zip", reserve, {tmp_path: reserve}.__getitem__):
            pass
    with written(lived, tmp_path / "b.zip", DISK_LEAST, lambda _: 5 << 30):
        pass


def test_the_nightly_asks_for_a_day_of_room_and_notes_what_the_system_refuses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_folder(tmp_path)
    settings = folder.settings().model_copy(update={"backup": BackupPlan()})
    (folder.root / "ccss.json").write_text(settings.model_dump_json(), encoding="utf-8")
    usage = shutil.disk_usage(tmp_path)._replace(free=3 << 30)
    with monkeypatch.context() as patched:
        patched.setattr("server.installation.backup.shutil.disk_usage", lambda _: usage)
        assert ccss("backup", "--nightly", "--data", folder.root).exit_code == 1
        assert ccss("backup", "--data", folder.root).exit_code == 0
    assert last_backup(folder).failed is None

    def refuse(*_: object) -> Path:
        raise PermissionError(13, "Permission denied", "nas")

    monkeypatch.setattr("server.cli.care.nightly_target", refuse)
    said = ccss("backup", "--nightly", "--data", folder.root)
    assert (said.exit_code, "Permission denied" in said.output) == (1, True)
    failed = last_backup(folder).failed
    assert failed is not None
    assert "Permission denied" in failed.why.en


def test_a_backup_that_fails_its_check_never_gets_its_name(lived: DataFolder, tmp_path: Path) -> None:
    def fail(unfinished: Path) -> None:
        assert unfinished.is_file()
        raise RuntimeError

    with pytest.raises(RuntimeError), written(lived, tmp_path / "b.zip") as unfinished:
        fail(unfinished)
    assert not list(tmp_path.glob("b.zip*"))


def test_a_damaged_database_gives_no_backup(lived: DataFolder, tmp_path: Path) -> None:
    lived.database.write_bytes(b"SQLite format 3\0" + b"\xff" * 4096)
    with pytest.raises(StorageFailed):
        made(lived, tmp_path / "b.zip")
    assert not list(tmp_path.glob("b.zip*"))


def changed(path: Path, target: Path, how: dict[str, bytes | None], twice: str = "") -> Path:
    """The archive with other contents of some members; None leaves one out."""
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(target, "w") as out:
        contents = {name: source.read(name) for name in source.namelist()}
        for name, content in (contents | how).items():
            if content is not None:
                out.writestr(name, content)
        if twice:
            with pytest.warns(UserWarning, match="Duplicate"):
                out.writestr(twice, contents[twice])
    return target


def renamed(path: Path, target: Path, old: str, new: str) -> Path:
    with zipfile.ZipFile(path) as source:
        raw = json.loads(source.read(MANIFEST))
        raw["members"][new] = raw["members"].pop(old)
        content = source.read(old)
    return changed(path, target, {old: None, new: content, MANIFEST: json.dumps(raw).encode()})


def test_every_fault_of_a_backup_is_named_and_nothing_is_left(lived: DataFolder, tmp_path: Path) -> None:
    good = made(lived, tmp_path / "good.zip")
    (blob,) = (name for name in zipfile.ZipFile(good).namelist() if name.startswith("blobs/"))
    bad = {
        "changed": (changed(good, tmp_path / "1.zip", {blob: b"other", "ccss.db": b"x"}), {blob, "ccss.db"}),
        "missing": (changed(good, tmp_path / "2.zip", {blob: None}), {blob}),
        "surplus": (changed(good, tmp_path / "3.zip", {"more.txt": b"x", "a/b": b"y"}), {"more.txt", "a/b"}),
        "twice": (changed(good, tmp_path / "4.zip", {}, twice="ccss.json"), {"ccss.json"}),
    }
    for where in ("../../out.txt", "/etc/out.txt", "C:/out.txt", "a/../../out.txt", "a\\..\\out.txt", "tls/ ", "nul:"):
        bad[where] = (renamed(good, tmp_path / f"named{len(bad)}.zip", "tls/authority.key", where), {where})
    for label, (path, names) in bad.items():
        with pytest.raises(Invalid) as refused:
            restore(path, DataFolder(tmp_path / "elsewhere"))
        assert {fault["path"] for fault in refused.value.extra["faults"]} == names, label
        with pytest.raises(Invalid):
            checked(path)
    assert not list(tmp_path.glob("elsewhere*"))
    assert not list(tmp_path.rglob("out.txt"))


def test_what_is_no_backup(lived: DataFolder, tmp_path: Path) -> None:
    good = made(lived, tmp_path / "good.zip")
    text = tmp_path / "text.zip"
    text.write_bytes(b"text")
    cut = tmp_path / "cut.zip"
    cut.write_bytes(good.read_bytes()[:-2000])
    for path in (text, cut, tmp_path / "nothing.zip", changed(good, tmp_path / "m.zip", {MANIFEST: None})):
        with pytest.raises(Invalid):
            restore(path, DataFolder(tmp_path / "elsewhere"))


def test_a_newer_backup_is_refused(lived: DataFolder, tmp_path: Path) -> None:
    good = made(lived, tmp_path / "good.zip")
    raw = json.loads(zipfile.ZipFile(good).read(MANIFEST)) | {"revision": "9999"}
    newer = changed(good, tmp_path / "newer.zip", {MANIFEST: json.dumps(raw).encode()})
    for act in (lambda: restore(newer, DataFolder(tmp_path / "elsewhere")), lambda: checked(newer)):
        with pytest.raises(Conflict, match="update first"):
            act()


def test_a_folder_in_use_is_never_restored_into(lived: DataFolder, tmp_path: Path) -> None:
    path = made(lived, tmp_path / "b.zip")
    before = files(lived.root)
    with pytest.raises(Conflict):
        restore(path, lived)
    assert files(lived.root) == before


def test_the_commands(tmp_path: Path) -> None:
    folder = make_folder(tmp_path)
    said = ccss("backup", "--data", folder.root, "--to", tmp_path / "b.zip")
    assert said.exit_code == 0, said.output
    last = last_backup(folder)
    assert last.made is not None
    assert Path(last.made.file) == tmp_path / "b.zip"
    assert ccss("backup", "--data", folder.root, "--to", tmp_path / "b.zip").exit_code == 1
    failed = last_backup(folder)
    assert failed.made == last.made
    assert failed.failed is not None
    check = ccss("restore", "--check", tmp_path / "b.zip")
    assert (check.exit_code, json.loads(check.output)["faults"]) == (0, [])
    assert json.loads(ccss("verify-log", "--data", tmp_path / "b.zip").output)["faults"] == []
    assert ccss("restore", tmp_path / "b.zip").exit_code == 1
    assert ccss("restore", tmp_path / "b.zip", "--data", tmp_path / "new").exit_code == 0
    assert ccss("verify-log", "--data", tmp_path / "new").exit_code == 0


def test_a_journal_that_was_changed_gives_no_backup(lived: DataFolder, tmp_path: Path) -> None:
    asyncio.run(change_an_event(lived))
    _, verdict = checked(made(lived, tmp_path / "b.zip"))
    assert any("was changed" in fault for fault in verdict.faults)
    said = ccss("backup", "--data", lived.root, "--to", tmp_path / "c.zip")
    assert said.exit_code == 1
    assert "was changed" in said.output
    assert not (tmp_path / "c.zip").exists()


def test_the_last_backup_is_remembered_and_a_failure_beside_it(tmp_path: Path) -> None:
    folder = make_folder(tmp_path)
    assert last_backup(folder).made is None
    good = Made(at_ms=1, file="a.zip", size=2, took_ms=3)
    note_backup(folder, good)
    note_backup(folder, Failed(at_ms=4, why=Conflict.title))
    assert (last_backup(folder).made, last_backup(folder).failed) == (good, Failed(at_ms=4, why=Conflict.title))
    note_backup(folder, good)
    assert last_backup(folder).failed is None
    (folder.root / "backups" / "last.json").write_text("{", encoding="utf-8")
    assert last_backup(folder).made is None
