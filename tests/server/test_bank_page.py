"""题库: what the editor's page asks for besides the draft: an older version to compare with, and confirming again."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from server.settings import DataFolder
from tests.support.bank import BANK, bank_web, complete, patched

pytestmark = pytest.mark.flow


@pytest.fixture
def client(folder: DataFolder) -> Iterator[TestClient]:
    with bank_web(folder) as client:
        yield client


def test_a_version_can_be_looked_at_without_taking_it(client: TestClient) -> None:
    task = complete(client)
    path = f"{BANK}/tasks/{task['task_id']}"
    made = client.post(f"{path}/versions", json={"seen": task["revision"]}).json()
    draft = made["draft"] | {"duration_ms": made["draft"]["duration_ms"] * 2}
    changed = patched(client, made, draft=draft)
    assert client.get(f"{path}/versions/1").json() == made["draft"]
    assert client.get(path).json()["draft"] == changed["draft"] != made["draft"]
    assert client.get(f"{path}/versions/2").status_code == 404


def test_a_stale_recording_that_is_confirmed_again_fits_the_new_text(client: TestClient) -> None:
    task = complete(client)
    path, part = f"{BANK}/tasks/{task['task_id']}", task["draft_parts"][0]["id"]
    draft = task["draft"]
    draft["items"][0]["answers"]["name"]["hint"] += "，请注意听"
    stale = patched(client, task, draft=draft)
    assert stale["draft_parts"][0]["stale"]
    assert stale["faults"] == 1
    body = {"seen": stale["revision"], "confirmed": True}
    heard = client.post(f"{path}/parts/{part}/confirm", json=body).json()
    assert not heard["draft_parts"][0]["stale"]
    assert heard["faults"] == 0
