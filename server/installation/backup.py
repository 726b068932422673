"""Writing a backup beside a running server: databases first, as of one moment, then the files they name.

Files of the store never change and are stored before a row names them, so what is copied after the database holds all
that it needs. The main database comes before grading's: what it believes to be delivered has then arrived there.
"""

import errno
import os
import shutil
import sqlite3
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from server.core.durable import sync_folder
from server.core.errors import Conflict, DiskFull, NotFound, StorageFailed
from server.core.text import Text
from server.db.database import sqlite_url
from server.db.migrate import revision_of
from server.installation.archive import MAIN_DATABASE, MANIFEST, Manifest, Member, copied, is_database, private
from server.installation.doctor.machine import DISK_LEAST
from server.settings import DataFolder
from server.version import VERSION

BACKUPS = "backups"
_UNFINISHED = (".part", ".making", ".tmp", ".new", ".lock", "-wal", "-shm", "-journal")
_WORKERS = "workers"
_BUSY_S = 30


def target_of(folder: DataFolder, to: Path | None, now: datetime) -> Path:
    """The file to write: `to` itself, or one named by the moment in the folder `to`, by default `backups/`.

    Raises Conflict for one that is there or would be backed up itself, NotFound for a folder that is not there.
    """
    where = to or folder.root / BACKUPS
    if to is None:
        where.mkdir(mode=0o700, exist_ok=True)
    target = where / f"ccss-{now:%Y%m%d-%H%M%S}.zip" if where.is_dir() else where
    if target.exists():
        raise Conflict(Text(zh=f"{target} 已存在，请另选文件名", en=f"{target} is there: choose another name"))
    if not target.parent.is_dir():
        raise NotFound(Text(zh=f"没有目录 {target.parent}，请先创建", en=f"No folder {target.parent}: make it first"))
    root, parent = folder.root.resolve(), target.parent.resolve()
    if parent.is_relative_to(root) and not parent.is_relative_to(root / BACKUPS):
        raise Conflict(
            Text(
                zh=f"备份不能放在数据目录 {root} 内（{BACKUPS} 除外），请另选目录",
                en=f"A backup can't lie inside the data folder {root} (but in {BACKUPS}): choose another folder",
            )
        )
    return target


@contextmanager
def written(
    folder: DataFolder,
    target: Path,
    reserve: int = DISK_LEAST,
    free: Callable[[Path], int] = lambda place: shutil.disk_usage(place).free,
) -> Iterator[Path]:
    """A whole backup under a name of its own, for its check; it takes the target's name when left without an error.

    `reserve` bytes stay free beside it, so that the server can go on writing.

    Raises NotFound without an installation, DiskFull before anything is written or when the disk fills up, and
    StorageFailed for a database that can't be read.
    """
    folder.settings()
    _room(folder, target.parent, reserve, free)
    unfinished = target.with_name(f"{target.name}.making")
    copy = target.with_name(f"{target.name}.db.making")
    try:
        unfinished.unlink(missing_ok=True)
        with _told(target):
            _write(folder, unfinished, copy)
        yield unfinished
        unfinished.replace(target)
        sync_folder(target.parent)
    finally:
        for left in (unfinished, copy):
            left.unlink(missing_ok=True)


def _write(folder: DataFolder, path: Path, copy: Path) -> None:
    created_ms = time.time_ns() // 1_000_000
    members: dict[str, Member] = {}
    revision = ""
    with private(path) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:

        def add(name: str, source: Path) -> None:
            entry = zipfile.ZipInfo(name, time.localtime(created_ms / 1000)[:6])
            entry.external_attr = 0o600 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED if is_database(name) else zipfile.ZIP_STORED
            with source.open("rb") as content, archive.open(entry, "w", force_zip64=True) as out:
                members[name] = copied(content, out)

        names = list(_names(folder.root))
        databases = sorted(filter(is_database, names), key=lambda name: (name != MAIN_DATABASE, name))
        for name in databases:
            _copy_database(folder.root / name, copy)
            if name == MAIN_DATABASE:
                revision = revision_of(sqlite_url(copy)) or ""
            add(name, copy)
            copy.unlink()
        for name in _names(folder.root):  # again: what the databases name by now
            if not is_database(name):
                add(name, folder.root / name)
        manifest = Manifest(version=VERSION, revision=revision, created_ms=created_ms, members=members)
        archive.writestr(MANIFEST, manifest.model_dump_json(indent=1))


def _names(root: Path) -> Iterator[str]:
    """Every file that belongs into a backup, as a path from the root with "/"; links are followed."""
    for place, folders, files in os.walk(root, followlinks=True):
        folders.sort()
        if Path(place) == root and BACKUPS in folders:
            folders.remove(BACKUPS)
        if Path(place) == root / "media" and _WORKERS in folders:
            folders.remove(_WORKERS)  # ports and tokens of processes that live now
        folders[:] = [name for name in folders if not name.endswith(_UNFINISHED)]
        for name in sorted(files):
            if not name.endswith(_UNFINISHED):
                yield (Path(place) / name).relative_to(root).as_posix()


def _copy_database(source: Path, copy: Path) -> None:
    """A consistent copy as of one moment; writers are not held up."""
    copy.unlink(missing_ok=True)
    # Opened for writing although nothing is written: a reader of a write-ahead log shares its index file.
    with closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=rw", uri=True, timeout=_BUSY_S)) as database:
        database.execute("VACUUM INTO ?", [str(copy)])
    copy.chmod(0o600)


def _room(folder: DataFolder, place: Path, reserve: int, free: Callable[[Path], int]) -> None:
    """What is there, stored as it is, beside one copy of the databases; raises DiskFull."""
    sizes = {name: (folder.root / name).stat().st_size for name in _names(folder.root)}
    needed = sum(sizes.values()) + sum(size for name, size in sizes.items() if is_database(name)) + reserve
    if (left := free(place)) < needed:
        raise DiskFull(
            Text(
                zh=f"{place} 空间不足：需要约 {needed >> 20} MB，只剩 {left >> 20} MB；请清理或用 --to 另选位置",
                en=f"Too little room in {place}: about {needed >> 20} MB needed, {left >> 20} MB free;"
                " make room or choose another place with --to",
            )
        )


@contextmanager
def _told(target: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as error:
        if "disk is full" in str(error):
            raise _full(target) from error
        raise StorageFailed(Text(zh=f"数据库无法读取：{error}", en=f"The database can't be read: {error}")) from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise _full(target) from error
        raise StorageFailed(Text(zh=f"无法写入备份：{error}", en=f"The backup can't be written: {error}")) from error


def _full(target: Path) -> DiskFull:
    return DiskFull(
        Text(
            zh=f"写 {target} 时磁盘已满，没有留下文件", en=f"The disk filled up while writing {target}; nothing is left"
        )
    )
