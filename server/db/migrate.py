"""Migrations: to the newest revision, and a check that models and migrations agree.

Alembic is imported only where it is used: a server that comes back after a crash must not wait for it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import create_engine, inspect, text
from sqlalchemy.engine import URL

from server.core.errors import Conflict
from server.core.text import Text

if TYPE_CHECKING:
    from alembic.config import Config

SERVER = Path(__file__).resolve().parent / "migrations"
"""Migrations of the server's own database; the grading service has its own."""


def _config(url: URL, scripts: Path = SERVER) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(scripts))
    config.attributes["url"] = _sync(url)
    return config


def _sync(url: URL) -> URL:
    """The same database by its synchronous driver."""
    return url.set(drivername=url.get_backend_name())


def upgrade(url: URL, scripts: Path = SERVER) -> None:
    """Bring a database to the newest revision; a new file is made."""
    from alembic import command

    command.upgrade(_config(url, scripts), "head")


def check(url: URL, scripts: Path = SERVER) -> None:
    """Raise alembic's error if the tables of the code differ from what the migrations make."""
    from alembic import command

    command.check(_config(url, scripts))


def draft(url: URL, message: str) -> None:
    """Write a new revision from the difference between the code's tables and the database."""
    from alembic import command

    command.revision(_config(url), message, autogenerate=True)


def newest_revision(scripts: Path = SERVER) -> str:
    """The last of the migrations, which are numbered: 0001_first_tables.py is revision 0001."""
    return max(path.name for path in (scripts / "versions").glob("[0-9]*.py")).split("_")[0]


def revision_of(url: URL) -> str | None:
    """The revision a database is at; None if it was never migrated."""
    engine = create_engine(_sync(url))
    try:
        with engine.connect() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return None
            revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
            return revision
    finally:
        engine.dispose()


def require_current(url: URL) -> None:
    """Raise Conflict unless the database is at the newest revision."""
    current, newest = revision_of(url), newest_revision()
    if current != newest:
        raise Conflict(
            Text(
                zh=f"数据库版本 {current} 不是最新 {newest}，请先备份并运行 ccss migrate",
                en=f"Database revision {current} is not the newest {newest}; back up, then run: ccss migrate",
            )
        )
