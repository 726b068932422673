"""The built front end as it is served: pages of the application, and the handbook's own."""

from pathlib import Path

import httpx2
import pytest
from fastapi import FastAPI

from server.web import pages

pytestmark = [pytest.mark.unit, pytest.mark.anyio]


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> httpx2.AsyncClient:
    (tmp_path / "help" / "images").mkdir(parents=True)
    (tmp_path / "index.html").write_text("application", encoding="utf-8")
    (tmp_path / "help.html").write_text("handbook", encoding="utf-8")
    (tmp_path / "help" / "trainer.html").write_text("for trainers", encoding="utf-8")
    (tmp_path / "help" / "images" / "desk.webp").write_bytes(b"RIFF")
    monkeypatch.setattr(pages, "dist_folder", lambda: tmp_path)
    app = FastAPI()
    app.include_router(pages.pages_router())
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://test")


@pytest.mark.parametrize(
    ("address", "text"),
    [
        ("/", "application"),
        ("/contests/1/print", "application"),
        ("/help", "handbook"),
        ("/help/", "handbook"),
        ("/help/trainer", "for trainers"),
        ("/help/nobody", "application"),
    ],
)
async def test_which_page_an_address_has(built: httpx2.AsyncClient, address: str, text: str) -> None:
    answer = await built.get(address)
    assert (answer.status_code, answer.text) == (200, text)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


async def test_a_picture_says_what_it_is(built: httpx2.AsyncClient) -> None:
    assert (await built.get("/help/images/desk.webp")).headers["content-type"] == "image/webp"
