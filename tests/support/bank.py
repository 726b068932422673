"""The task bank over HTTP: people who write, and a task that is complete."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from starlette.testclient import TestClient

from server.app import build
from server.core.access import Principal, Role
from server.settings import DataFolder
from server.web.application import create_application
from tests.support.sound import tone, wav
from tests.support.web import CSRF, log_in

BANK = "/api/v1/bank"
ROLES = {
    "author": Role.TASK_AUTHOR,
    "teacher": Role.TRAINER,
    "colleague": Role.TRAINER,
    "pupil": Role.CONTESTANT,
    "judge": Role.SCORING_REFEREE,
}


async def _people(folder: DataFolder) -> tuple[Any, dict[str, Principal]]:
    services = await build(folder)
    people = {name: await services.accounts.create(name, f"测试{name}", role, None) for name, role in ROLES.items()}
    await services.database.close()
    return services, people


@contextmanager
def bank_web(folder: DataFolder) -> Iterator[TestClient]:
    """A client logged in as a teacher, on a server with one person of each role that matters."""
    services, people = asyncio.run(_people(folder))
    app = create_application(services)
    app.state.people = people
    with TestClient(app, base_url="http://testserver", headers=CSRF) as client:
        log_in(client, "teacher")
        yield client


def new(client: TestClient, title: str = "客户卡一", **more: Any) -> dict[str, Any]:
    """An empty task."""
    answer = client.post(f"{BANK}/tasks", json={"title": title, **more})
    assert answer.status_code == 201, answer.text
    return cast(dict[str, Any], answer.json())


def patched(client: TestClient, task: dict[str, Any], **body: Any) -> dict[str, Any]:
    """A task after a change."""
    answer = client.patch(f"{BANK}/tasks/{task['task_id']}", json={"seen": task["revision"], **body})
    assert answer.status_code == 200, answer.text
    return cast(dict[str, Any], answer.json())


def complete(client: TestClient, title: str = "客户卡一", **more: Any) -> dict[str, Any]:
    """A task with invented data and a confirmed recording."""
    task = new(client, title, **more)
    path, part = f"{BANK}/tasks/{task['task_id']}", task["draft_parts"][0]["id"]
    task = client.post(f"{path}/invent", json={"seen": task["revision"], "part": part}).json()
    handed_in = {"seen": task["revision"], "source": "uploaded"}
    answer = client.put(f"{path}/parts/{part}/recording", params=handed_in, content=wav(tone(22_000)))
    assert answer.status_code == 200, answer.text
    task = answer.json()
    body = {"seen": task["revision"], "confirmed": True}
    answer = client.post(f"{path}/parts/{part}/confirm", json=body)
    assert answer.status_code == 200, answer.text
    return cast(dict[str, Any], answer.json())
