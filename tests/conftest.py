"""Fixtures that every test may use."""

from pathlib import Path

import pytest
import structlog

from server.settings import DataFolder
from tests.support.clock import ManualClock
from tests.support.house import make_folder


def pytest_configure() -> None:
    """Tracebacks in logs without local values: a content among them takes seconds to print."""
    plain = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[structlog.stdlib.add_log_level, plain])


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return make_folder(tmp_path)
