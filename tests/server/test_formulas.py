"""GET /api/v1/formulas: definitions for anybody who is logged in."""

import pytest

from server.kpi.registry import FORMULAS
from server.settings import DataFolder
from tests.support.web import log_in, web

pytestmark = pytest.mark.flow


def test_definitions_are_told_to_anybody_who_is_logged_in(folder: DataFolder) -> None:
    with web(folder) as client:
        refused = client.get("/api/v1/formulas")
        assert (refused.status_code, refused.json()["code"]) == (401, "login-required")
        for name in ("pupil", "teacher"):
            log_in(client, name)
            told = client.get("/api/v1/formulas").json()
            assert [one["id"] for one in told] == [one.id for one in FORMULAS]
            first = next(one for one in told if one["id"] == "first_response.mean/1")
            assert first["title"] == {"zh-CN": "首次响应时长", "en": "First response"}
            assert "客服首条消息时间" in first["definition"]["zh-CN"]
            assert (first["unit"], bool(first["source"])) == ("ms", True)
