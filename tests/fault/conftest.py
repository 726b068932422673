"""A real server on a small furnished folder: one for all quiet tests of a file, a new one for each violent test."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from server.settings import DataFolder
from tests.support.client import open_round
from tests.support.house import make_folder
from tests.support.process import Furnished, Pass, ServerProcess, furnish_folder

TRAINEES = 12


@dataclass(slots=True)
class Standing:
    """A running server and the trainees who may come; every test takes new ones."""

    server: ServerProcess
    furnished: Furnished
    _next: int = 0

    @property
    def folder(self) -> DataFolder:
        """Its data folder."""
        return self.server.folder

    @property
    def url(self) -> str:
        """Where it serves."""
        return self.server.url

    def trainee(self) -> Pass:
        """Somebody whom no other test has used."""
        self._next += 1
        return self.furnished.passes[self._next - 1]

    async def round(self) -> tuple[str, str]:
        """A new trainee's token and the attempt opened for it."""
        token = self.trainee().token
        return token, await open_round(self.url, token, self.furnished.paper_id)


def traces(log: str) -> list[str]:
    """Tracebacks in a server's log, but for the one that uvicorn itself writes of broken UTF-8."""
    return re.findall("Traceback", re.sub(r"Invalid UTF-8 sequence received from client\.\nTraceback", "", log))


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standing]:
    """One server for all tests of a file; after the last, its log must hold no trace of a failure."""
    folder = make_folder(tmp_path_factory.mktemp("standing"))
    furnished = furnish_folder(folder, TRAINEES)
    with ServerProcess(folder) as server:
        server.start()
        yield Standing(server, furnished)
        log = server.log()
    assert not traces(log), log


@pytest.fixture
def fresh(folder: DataFolder) -> Iterator[Standing]:
    """A server of this test alone, to be killed and starved."""
    furnished = furnish_folder(folder, TRAINEES)
    with ServerProcess(folder) as server:
        server.start()
        yield Standing(server, furnished)
        log = server.log()
    assert not traces(log), log
