"""Migrations: to the newest revision, and a check that models and migrations agree."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from sqlalchemy.engine import URL

from server.core.errors import Conflict
from server.core.text import Text

_SCRIPTS = Path(__file__).resolve().parent / "migrations"


def _config(url: URL) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    config.attributes["url"] = _sync(url)
    return config


def _sync(url: URL) -> URL:
    """The same database by its synchronous driver."""
    return url.set(drivername=url.get_backend_name())


def upgrade(url: URL) -> None:
    """Bring a database to the newest revision; a new file is made."""
    command.upgrade(_config(url), "head")


def check(url: URL) -> None:
    """Raise alembic's error if the tables of the code differ from what the migrations make."""
    command.check(_config(url))


def draft(url: URL, message: str) -> None:
    """Write a new revision from the difference between the code's tables and the database."""
    command.revision(_config(url), message, autogenerate=True)


def require_current(url: URL) -> None:
    """Raise Conflict unless the database is at the newest revision."""
    engine = create_engine(_sync(url))
    try:
        with engine.connect() as connection:
            current = MigrationContext.configure(connection).get_current_revision()
    finally:
        engine.dispose()
    newest = ScriptDirectory(str(_SCRIPTS)).get_current_head()
    if current != newest:
        raise Conflict(
            Text(
                zh=f"数据库版本 {current} 不是最新 {newest}，请先备份并运行 ccss migrate",
                en=f"Database revision {current} is not the newest {newest}; back up, then run: ccss migrate",
            )
        )
