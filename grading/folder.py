"""Where the grading service keeps what it has, and the token by which it knows the server."""

import secrets
from pathlib import Path

from server.core.durable import write_whole
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
            write_whole(self.token_file, f"{secrets.token_urlsafe(32)}\n".encode("ascii"), 0o600)
        url = sqlite_url(self.database)
        if not self.database.is_file() or migrate.revision_of(url) != migrate.newest_revision(SCRIPTS):
            migrate.upgrade(url, SCRIPTS)

    def token(self) -> str:
        """The bearer token; raises NotFound."""
        return read_token(self.token_file)
