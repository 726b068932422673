"""Where the grading service keeps what it has, and the token by which it knows the server."""

import os
import secrets
from pathlib import Path

from server.core.grading import read_token
from server.db import migrate
from server.db.database import sqlite_url

SCRIPTS = Path(__file__).resolve().parent / "migrations"


class GradingFolder:
    """`grading.db`, `blobs/`, `token` and the lock of one grading service."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.database = root / "grading.db"
        self.blobs = root / "blobs"
        self.lock = root / "grading.lock"
        self.token_file = root / "token"

    def prepare(self) -> None:
        """Make what is not there yet, and bring the database to the newest revision."""
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not self.token_file.is_file():
            _write_secret(self.token_file, secrets.token_urlsafe(32))
        url = sqlite_url(self.database)
        if not self.database.is_file() or migrate.revision_of(url) != migrate.newest_revision(SCRIPTS):
            migrate.upgrade(url, SCRIPTS)

    def token(self) -> str:
        """The bearer token; raises NotFound."""
        return read_token(self.token_file)


def _write_secret(path: Path, text: str) -> None:
    unfinished = path.with_suffix(".part")
    unfinished.unlink(missing_ok=True)
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(f"{text}\n")
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
