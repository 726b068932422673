"""What became of the last backup: `backups/last.json`, for `ccss doctor` and for people."""

from pathlib import Path

from server.core.frozen import Frozen
from server.core.text import Text
from server.installation.backup import BACKUPS
from server.installation.keeping import keep
from server.settings import DataFolder

_NAME = "last.json"


class Made(Frozen):
    """One backup that was made and checked: when (UTC epoch ms), which file, how large (bytes), how long it took."""

    at_ms: int
    file: str
    size: int
    took_ms: int


class Failed(Frozen):
    """One that failed: when (UTC epoch ms), and why."""

    at_ms: int
    why: Text


class LastBackup(Frozen):
    """The last one that was made, and the last failure if it is younger."""

    made: Made | None = None
    failed: Failed | None = None


def last_backup(folder: DataFolder) -> LastBackup:
    """What stands there; nothing if there is nothing that can be read."""
    try:
        return LastBackup.model_validate_json(_place(folder).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return LastBackup()


def note_backup(folder: DataFolder, news: Made | Failed) -> None:
    """Keep it; a failure leaves the last good one standing. Raises OSError."""
    made = news if isinstance(news, Made) else last_backup(folder).made
    last = LastBackup(made=made, failed=None if isinstance(news, Made) else news)
    keep(_place(folder), last.model_dump_json(indent=2).encode() + b"\n", mode=0o600)


def _place(folder: DataFolder) -> Path:
    return folder.root / BACKUPS / _NAME
