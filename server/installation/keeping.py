"""Small files of an installation that must never be seen half-written."""

import os
from pathlib import Path


def keep(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Write, fsync, rename; with mode 0o600 nobody else can read it, not even for a moment."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.making")
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
