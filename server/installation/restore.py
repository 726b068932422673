"""Bringing a backup back, into a new folder only; nothing takes its place before every hash has been seen."""

import errno
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from server.core.errors import Conflict, DiskFull, Fault
from server.core.text import Text
from server.db.migrate import newest_revision
from server.installation.archive import Archive, Manifest, is_database, refused
from server.settings import DataFolder, making


def restore(path: Path, folder: DataFolder) -> Manifest:
    """Unpack a backup. The database keeps its revision: a later `ccss migrate` is the operator's to decide.

    Raises Conflict if something is in the folder or the backup is of a newer CCSS, Invalid with every fault, DiskFull.
    """
    with Archive.open(path) as archive:
        require_known(archive.manifest)
        with making(folder) as unfinished:
            try:
                _unpack(archive, path, unfinished)
            except BaseException:
                shutil.rmtree(unfinished.root, ignore_errors=True)
                raise
        return archive.manifest


def require_known(manifest: Manifest) -> None:
    """Raise Conflict for a database whose schema this version does not know."""
    if manifest.revision > newest_revision():
        raise Conflict(
            Text(
                zh=f"备份由更新的 CCSS {manifest.version} 制作（数据库版本 {manifest.revision}），请先升级 CCSS",
                en=f"The backup is of a newer CCSS {manifest.version} (revision {manifest.revision}): update first",
            )
        )


def database_faults(root: Path) -> list[Fault]:
    """What SQLite itself says of every database below a folder."""
    found = []
    for path in sorted(root.rglob("*")):
        if not is_database(path.name):
            continue
        try:
            with closing(sqlite3.connect(path)) as database:
                said = "; ".join(row[0] for row in database.execute("PRAGMA integrity_check"))
        except sqlite3.DatabaseError as error:
            said = str(error)
        if said != "ok":
            text = Text(zh=f"数据库已损坏：{said}", en=f"the database is damaged: {said}")
            found.append(Fault(path=path.relative_to(root).as_posix(), text=text))
    return found


def _unpack(archive: Archive, path: Path, unfinished: DataFolder) -> None:
    unfinished.root.mkdir(parents=True, mode=0o700)
    unfinished.blobs.mkdir(mode=0o700)
    if (free := shutil.disk_usage(unfinished.root).free) < archive.manifest.size:
        raise _full(archive.manifest.size, free)
    try:
        faults = archive.faults(into=unfinished.root) or database_faults(unfinished.root)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise _full(archive.manifest.size, 0) from error
        raise
    if faults:
        raise refused(path, faults)
    unfinished.settings()


def _full(needed: int, free: int) -> DiskFull:
    return DiskFull(
        Text(
            zh=f"空间不足：恢复需要约 {needed >> 20} MB，只剩 {free >> 20} MB",
            en=f"Too little room: the backup takes about {needed >> 20} MB, {free >> 20} MB are free",
        )
    )
