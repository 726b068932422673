"""The web face inside the test's process: real ASGI, real database, system clock."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from fastapi import FastAPI
from starlette.testclient import TestClient

from server.app import Services, build
from server.core.access import Principal, Role
from server.settings import DataFolder
from server.web.application import create_application
from server.web.context import COOKIE
from tests.support.papers import AUDIO, paper

CSRF = {"x-ccss": "1"}


PASSWORD = "password of pupil"
_PEOPLE = (("pupil", Role.CONTESTANT), ("other", Role.CONTESTANT), ("teacher", Role.TRAINER))


async def _prepared(folder: DataFolder) -> tuple[Services, dict[str, Principal]]:
    services = await build(folder)
    people = {
        name: await services.accounts.create(name, f"测试{name}", role, PASSWORD if name == "pupil" else None)
        for name, role in _PEOPLE
    }
    await services.blobs.put(AUDIO)
    await services.papers.add_paper(services.modules["typing_test"], paper(items=2), "lesson")
    await services.database.close()
    return services, people


@contextmanager
def web(folder: DataFolder) -> Iterator[TestClient]:
    """A client without a log-in, on a server with three accounts and one paper."""
    services, people = asyncio.run(_prepared(folder))
    app = create_application(services)
    app.state.people = people
    with TestClient(app, base_url="http://testserver", headers=CSRF) as client:
        yield client


def log_in(client: TestClient, name: str = "pupil") -> None:
    """Log in without the cost of a password; the cookie stays with the client."""
    state = cast(FastAPI, client.app).state
    assert client.portal is not None
    token = client.portal.call(state.services.accounts.open_login, state.people[name])
    client.cookies.clear()
    client.cookies.set(COOKIE, token)


def open_round(client: TestClient) -> str:
    """A new practice round on the paper; its attempt's id."""
    (offered,) = client.get("/api/v1/papers").json()
    answer = client.post("/api/v1/practice", json={"paper_id": offered["paper_id"]})
    assert answer.status_code == 201
    attempt_id: str = answer.json()["attempt_id"]
    return attempt_id
