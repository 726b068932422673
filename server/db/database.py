"""The database as two doors: many readers, one writer; SQLite by default, SQL kept portable."""

import errno
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, TimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from server.core.errors import DiskFull, StorageFailed

_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "busy_timeout=10000",
    "cache_size=-65536",
)


def sqlite_url(path: Path) -> URL:
    """SQLAlchemy's URL of an SQLite file, async driver."""
    return URL.create("sqlite+aiosqlite", database=str(path))


class Database:
    """`read()` and `write()` give a connection inside one transaction; leaving by an exception rolls back."""

    def __init__(self, url: URL) -> None:
        self.url = url
        self._reader = _engine(url, begin="BEGIN", size=4)
        self._writer = _engine(url, begin="BEGIN IMMEDIATE", size=1)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A read transaction; raises StorageFailed."""
        with storage_errors():
            async with self._reader.begin() as connection:
                yield connection

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """The only write transaction at a time, durable when left; raises DiskFull, StorageFailed."""
        with storage_errors():
            async with self._writer.begin() as connection:
                yield connection

    async def close(self) -> None:
        """Close every connection; SQLite then folds its write-ahead log in."""
        await self._reader.dispose()
        await self._writer.dispose()


def _engine(url: URL, begin: str, size: int) -> AsyncEngine:
    # Parameters are answers and names: they must not stand in a log.
    engine = create_async_engine(url, pool_size=size, max_overflow=0, hide_parameters=True)
    if url.get_backend_name() == "sqlite":

        @event.listens_for(engine.sync_engine, "connect")
        def _connect(connection: Any, _record: object) -> None:
            # The driver must not open transactions by itself: the begin event below does.
            connection.isolation_level = None
            cursor = connection.cursor()
            for pragma in _PRAGMAS:
                cursor.execute(f"PRAGMA {pragma}")
            cursor.close()

        @event.listens_for(engine.sync_engine, "begin")
        def _begin(connection: Any) -> None:
            connection.exec_driver_sql(begin)

    return engine


@contextmanager
def storage_errors() -> Iterator[None]:
    """Turn what database and disk say into DiskFull or StorageFailed; integrity errors stay as they are."""
    try:
        yield
    except DBAPIError as error:
        original = error.orig
        if _is_full(original):
            raise DiskFull from error
        if isinstance(original, sqlite3.OperationalError) or error.connection_invalidated:
            raise StorageFailed from error
        raise
    except TimeoutError as error:
        raise StorageFailed from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull from error
        raise


def _is_full(error: BaseException | None) -> bool:
    code = getattr(error, "sqlite_errorcode", None)
    return code == sqlite3.SQLITE_FULL or "disk is full" in str(error)
