"""What the files of commands share: options, and how a refusal is told."""

import contextlib
from pathlib import Path
from typing import Annotated, Any

import typer
from filelock import FileLock, Timeout

from server.core.errors import Problem
from server.settings import DataFolder

DataOption = Annotated[Path, typer.Option("--data", help="Data folder of the installation.")]


@contextlib.contextmanager
def told() -> Any:
    """Refusals become a sentence and exit code 1, not a trace."""
    try:
        yield
    except Problem as problem:
        lines = [f"{problem.detail.zh}  ({problem.detail.en})"]
        lines += [f"  {fault['path']}: {fault['text']['zh-CN']}" for fault in problem.extra.get("faults", ())]
        fail("\n".join(lines))


def fail(message: str) -> Any:
    typer.echo(message, err=True)
    raise typer.Exit(1)


@contextlib.contextmanager
def locked(folder: DataFolder) -> Any:
    """One process at a time owns a data folder."""
    try:
        with FileLock(folder.lock, timeout=0):
            yield
    except Timeout:
        fail(f"另一个 CCSS 正在使用 {folder.root}  (another CCSS is using this data folder)")
