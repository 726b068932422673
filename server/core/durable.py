"""Files that are whole or not there at all, whatever happens while they are written."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


def write_whole(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Write, fsync, rename; with mode 0o600 nobody else can read it, not even for a moment. Raises OSError."""
    unfinished = path.with_name(f"{path.name}.making")
    unfinished.unlink(missing_ok=True)
    try:
        with _made(unfinished, mode) as file:
            file.write(content)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    sync_folder(path.parent)


@contextmanager
def new_private(path: Path) -> Iterator[IO[bytes]]:
    """A new file that its owner alone can read, on the disk when left; raises FileExistsError."""
    with _made(path, 0o600) as file:
        yield file


def sync_file(file: IO[bytes]) -> None:
    """What was written is on the disk; raises OSError."""
    file.flush()
    os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Names given or taken in a folder are on the disk; raises OSError."""
    if os.name == "nt":  # Windows can't open a folder; NTFS journals the rename itself.
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _made(path: Path, mode: int) -> Iterator[IO[bytes]]:
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode)
    with os.fdopen(handle, "w+b") as file:
        yield file
        sync_file(file)
