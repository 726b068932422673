"""Checks of the data folder: settings, who may read it, database, files, backups, voices."""

import os
import sqlite3
import stat
from contextlib import closing
from datetime import datetime
from pathlib import Path

from server.core.errors import Problem
from server.installation.doctor.finding import Finding, Setup, bad, ok, warn

_HOUR_MS = 3_600_000
_OLD_MS = 50 * _HOUR_MS
"""Two nights and a morning."""


def folder(setup: Setup) -> Finding:
    """It is there, and can be written to."""
    root = setup.folder.root
    if not root.is_dir():
        return bad(
            "folder",
            f"没有数据目录 {root}",
            f"No data folder {root}",
            f"请运行 ccss init --data {root}，或用 --data 指明正确位置",
            f"Run: ccss init --data {root}, or name the right place with --data",
        )
    probe = root / f"doctor-{os.getpid()}.tmp"
    try:
        probe.write_bytes(b"")
    except OSError as error:
        return bad(
            "folder",
            f"数据目录 {root} 不可写：{error.strerror}",
            f"The data folder {root} can't be written to: {error.strerror}",
            "请用运行服务的账号执行，并检查目录的所有者和磁盘",
            "Run as the service's account; look at the folder's owner and the disk",
        )
    finally:
        probe.unlink(missing_ok=True)
    return ok("folder", f"数据目录 {root.resolve()}", f"Data folder {root.resolve()}")


def settings(setup: Setup) -> Finding:
    """They can be read."""
    try:
        found = setup.folder.settings()
    except Problem as problem:
        en = problem.detail.en
        return bad(
            "settings",
            problem.detail.zh,
            en,
            "请改正 ccss.json，或从备份恢复到新目录",
            "Mend ccss.json, or restore a backup into a new folder",
        )
    return ok(
        "settings", f"设置：{found.site_name}（{found.profile}）", f"Settings: {found.site_name} ({found.profile})"
    )


def permissions(setup: Setup) -> Finding:
    """Nobody but the owner reads names, works and keys."""
    if os.name == "nt":
        return ok("permissions", "权限由目录的 ACL 决定，未检查", "Left to the folder's ACL, not checked")
    root = setup.folder.root
    keys = [*setup.folder.tls.glob("*.key"), *setup.folder.grading.glob("*token*")]
    keys += setup.folder.media.glob("workers/*.json")
    open_ = [path for path in keys if stat.S_IMODE(path.stat().st_mode) & 0o077]
    if root.is_dir() and stat.S_IMODE(root.stat().st_mode) & 0o077:
        open_.insert(0, root)
    if not open_:
        return ok("permissions", "数据目录只有所有者可读", "Only its owner reads the data folder")
    listed = " ".join(str(path) for path in open_)
    return bad(
        "permissions",
        f"其他账号可以读取：{listed}",
        f"Other accounts can read: {listed}",
        f"请运行 chmod go-rwx {listed}",
        f"Run: chmod go-rwx {listed}",
    )


def database(setup: Setup) -> Finding:
    """It is there, readable, and at this version's revision."""
    from server.db.migrate import newest_revision

    path = setup.folder.database
    if not path.is_file():
        return bad("database", f"没有数据库 {path}", f"No database {path}", *_RESTORE)
    try:
        with closing(_opened(path)) as connection:
            (revision,) = connection.execute("select version_num from alembic_version").fetchone()
    except (sqlite3.Error, TypeError) as error:
        return bad("database", f"数据库无法读取：{error}", f"The database can't be read: {error}", *_RESTORE)
    newest = newest_revision()
    said_zh, said_en = f"数据库版本 {revision}，程序需要 {newest}", f"Database revision {revision}, needed {newest}"
    if revision < newest:
        return bad("database", said_zh, said_en, "请先备份，再运行 ccss migrate", "Back up, then run: ccss migrate")
    if revision > newest:
        return bad("database", said_zh, said_en, "请升级 CCSS", "Update CCSS")
    return ok("database", f"数据库版本 {revision}", f"Database revision {revision}")


_RESTORE = ("请用 ccss restore 从备份恢复到新目录", "Restore a backup into a new folder with ccss restore")


def blobs(setup: Setup) -> Finding:
    """The store of files is there and can be written to."""
    place = setup.folder.blobs
    if not place.is_dir():
        return bad("blobs", f"没有文件目录 {place}", f"No folder of files {place}", *_RESTORE)
    if not os.access(place, os.W_OK | os.X_OK):
        return bad(
            "blobs",
            f"文件目录 {place} 不可写",
            f"The folder of files {place} can't be written to",
            "请检查目录的所有者",
            "Look at the folder's owner",
        )
    return ok("blobs", "文件目录可用；要逐个核对请运行 ccss verify-log", "Folder of files; ccss verify-log checks each")


def backups(setup: Setup) -> Finding:
    """The last good one is young, and still there."""
    from server.installation.last_backup import last_backup

    last = last_backup(setup.folder)
    plan = setup.folder.settings().backup
    how = ("请运行 ccss backup", "Run: ccss backup")
    if last.failed is not None:
        when = _when(last.failed.at_ms)
        zh, en = f"{when} 备份失败：{last.failed.why.zh}", f"The backup of {when} failed: {last.failed.why.en}"
        return bad("backups", zh, en, "解决后请运行 ccss backup", "Mend that, then run: ccss backup")
    if last.made is None:
        return warn("backups", "还没有备份", "No backup yet", *how)
    when = _when(last.made.at_ms)
    if not Path(last.made.file).is_file():
        return warn("backups", f"{when} 的备份已不在原处", f"The backup of {when} is not where it was", *how)
    said = f"{when}  {last.made.file}  {last.made.size / 1e6:.1f} MB"
    if setup.now() * 1000 - last.made.at_ms > _OLD_MS:
        return warn("backups", f"备份已旧：{said}", f"The last backup is old: {said}", *how)
    night_zh, night_en = (f"；每晚 {plan.at}", f"; every night at {plan.at}") if plan else ("", "")
    return ok("backups", f"备份：{said}{night_zh}", f"Last backup: {said}{night_en}")


def voices(setup: Setup) -> Finding:
    """Whether tasks can be read aloud when they are written; no contest needs it."""
    from server.speech import registry

    found = registry.voices(setup.folder.voices)
    if found:
        return ok("voices", f"可用语音 {len(found)} 个", f"{len(found)} voices can speak")
    why = registry.reason(setup.folder.voices)
    return warn(
        "voices",
        f"没有可用的语音（只影响命题）：{why}",
        f"No voice can speak (only authoring needs one): {why}",
        f"请运行 ccss voices install --data {setup.folder.root}，或只用真人录音",
        f"Run: ccss voices install --data {setup.folder.root}, or use recordings only",
    )


def newest_event_ms(path: Path) -> int:
    """When the database last heard of time, UTC epoch ms; 0 if it never did. Raises sqlite3.Error."""
    with closing(_opened(path)) as connection:
        (beat,) = connection.execute("select max(at_ms) from heartbeats").fetchone()
        event = connection.execute("select at_ms from journal_events order by rowid desc limit 1").fetchone()
    return max(beat or 0, event[0] if event else 0)


def _opened(path: Path) -> sqlite3.Connection:
    # For writing although nothing is written: a reader of a write-ahead log shares its index file.
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=rw", uri=True, timeout=5)


def _when(at_ms: int) -> str:
    return f"{datetime.fromtimestamp(at_ms / 1000).astimezone():%Y-%m-%d %H:%M}"
