"""Schemathesis sends what the OpenAPI document allows, and what it does not; the server never answers 5xx."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import Case
from starlette.testclient import TestClient

from server.core.modules import installed_modules
from server.web.application import openapi
from tests.support.house import make_folder
from tests.support.web import log_in, open_round, web

pytestmark = pytest.mark.flow

schema = schemathesis.openapi.from_dict(openapi(installed_modules()))


@dataclass(frozen=True)
class Fuzzed:
    """A server with one open round that every other request is about."""

    client: TestClient
    attempt_id: str


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fuzzed]:
    with web(make_folder(tmp_path_factory.mktemp("fuzz"))) as client:
        log_in(client)
        yield Fuzzed(client, open_round(client))


@schema.parametrize()
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_answer_is_a_server_error(case: Case[Any], fuzzed: Fuzzed) -> None:
    staff_only = "watch" in case.path or "help" in case.path
    log_in(fuzzed.client, "teacher" if staff_only else "pupil")
    if len(str(case.path_parameters.get("attempt_id", "x"))) % 2 == 0:
        case.path_parameters["attempt_id"] = fuzzed.attempt_id
    sent = {name: value for name, value in case.as_transport_kwargs().items() if value is not None}
    sent["url"] = case.formatted_path
    if isinstance(sent.get("data"), bytes | str):
        sent["content"] = sent.pop("data")
    sent.pop("cookies", None)
    answer = fuzzed.client.request(**sent)
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["status"] == answer.status_code
