"""Fixtures that every test may use."""

from pathlib import Path

import pytest

from server.settings import DataFolder
from tests.support.clock import ManualClock
from tests.support.house import make_folder


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return make_folder(tmp_path)
