"""Small files of an installation that must never be seen half-written."""

from pathlib import Path

from server.core.durable import write_whole


def keep(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Write, fsync, rename; with mode 0o600 nobody else can read it, not even for a moment."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_whole(path, content, mode)
