"""Commands that look after an installation."""

import asyncio
import json
import time
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from server.app import build
from server.cli.checked import checked
from server.cli.common import DataOption, fail, told
from server.core.errors import Problem, StorageFailed
from server.core.text import Text
from server.db import migrate as migrations
from server.db.database import sqlite_url
from server.installation.backup import target_of, written
from server.installation.doctor.machine import DISK_LEAST, DISK_OK
from server.installation.last_backup import Failed, Made, note_backup
from server.installation.nightly import make_room, nightly_target, prune
from server.installation.restore import restore as restore_
from server.settings import DataFolder
from server.verify import Verdict, verify

commands = typer.Typer()

BackupArgument = Annotated[Path, typer.Argument(metavar="FILE", help="A backup that ccss backup made.")]


@commands.command()
def backup(
    data: DataOption,
    to: Annotated[
        Path | None, typer.Option(help="File to write (.zip), or a folder for it; else backups/ of the data folder.")
    ] = None,
    nightly: Annotated[bool, typer.Option(hidden=True, help="By the plan of the settings; old ones go.")] = False,
) -> None:
    """Write a backup and check it, as the server runs; exit 1 if anything in it is wrong."""
    folder = DataFolder(data)
    with told():
        settings = folder.settings()
        plan = settings.backup if nightly else None
        now = datetime.now().astimezone()
        with _noted(folder):
            target = nightly_target(folder, plan, now) if plan else target_of(folder, to, now)
            if plan:
                make_room(folder, target.parent, plan.keep)
            started = time.monotonic_ns()
            with written(folder, target, DISK_OK if plan else DISK_LEAST) as unfinished:
                manifest, verdict = checked(unfinished)
                if verdict.faults:
                    raise _broken(verdict)
            took_ms = (time.monotonic_ns() - started) // 1_000_000
            size = target.stat().st_size
            note_backup(folder, Made(at_ms=manifest.created_ms, file=str(target.resolve()), size=size, took_ms=took_ms))
        if plan:
            prune(target.parent, plan.keep)
    typer.echo(f"{target}")
    typer.echo(
        f"已备份并检查 backed up and checked: {len(manifest.members)} 个文件 files, {size / 1e6:.1f} MB,"
        f" {verdict.events} 条记录 events, {took_ms / 1000:.1f} s"
    )


@contextmanager
def _noted(folder: DataFolder) -> Any:
    """A failure is kept for `ccss doctor`, as far as the disk still takes it; one of the system becomes a Problem."""
    try:
        yield
    except Problem as problem:
        _note(folder, problem)
        raise
    except OSError as error:
        failure = StorageFailed(Text(zh=f"无法备份：{error}", en=f"The backup failed: {error}"))
        _note(folder, failure)
        raise failure from error


def _note(folder: DataFolder, problem: Problem) -> None:
    try:
        note_backup(folder, Failed(at_ms=time.time_ns() // 1_000_000, why=problem.detail))
    except OSError as error:
        typer.echo(f"last.json: {error}", err=True)


def _broken(verdict: Verdict) -> StorageFailed:
    listed = "\n  ".join(verdict.faults)
    return StorageFailed(
        Text(
            zh=f"记录有 {len(verdict.faults)} 处问题，没有留下备份：\n  {listed}\n请运行 ccss verify-log",
            en="The journal has faults and no backup was kept; run: ccss verify-log",
        )
    )


@commands.command()
def restore(
    file: BackupArgument,
    data: Annotated[
        Path | None, typer.Option("--data", help="Folder to restore into: new or empty, never one in use.")
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Only check the backup; nothing is written.")] = False,
) -> None:
    """Bring a backup back into a new folder, every file checked; a faulty backup leaves nothing."""
    if (data is None) != check:
        fail("请在 --data 和 --check 中选择一个  (give either --data or --check)")
    with told():
        if data is None:
            manifest, verdict = checked(file)
            _tell(verdict, version=manifest.version, revision=manifest.revision, files_whole=len(manifest.members))
            raise typer.Exit(1 if verdict.faults else 0)
        folder = DataFolder(data)
        manifest = restore_(file, folder)
    made = datetime.fromtimestamp(manifest.created_ms / 1000).astimezone()
    typer.echo(f"已恢复 restored: {data}  ({made:%Y-%m-%d %H:%M}, CCSS {manifest.version})")
    if migrations.revision_of(sqlite_url(folder.database)) != migrations.newest_revision():
        typer.echo(f"启动前请先运行 before the start, run: ccss migrate --data {data}")


@commands.command(name="verify-log")
def verify_log(
    data: Annotated[Path, typer.Option("--data", help="Data folder of the installation, or a backup (.zip).")],
) -> None:
    """Check hash chains, gaps, files, and replay against projections; exit 1 if anything is wrong."""

    async def look(folder: DataFolder) -> Verdict:
        services = await build(folder)
        try:
            return await verify(services)
        finally:
            await services.database.close()

    with told():
        if data.is_file():
            _, verdict = checked(data)
        else:
            folder = DataFolder(data)
            folder.settings()
            verdict = asyncio.run(look(folder))
    _tell(verdict)
    raise typer.Exit(1 if verdict.faults else 0)


def _tell(verdict: Verdict, **more: Any) -> None:
    typer.echo(json.dumps(more | asdict(verdict), ensure_ascii=False, indent=2))
