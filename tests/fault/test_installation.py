"""A real installation has no door of the demo's, and the printed password is the only way in."""

import re
from pathlib import Path

import pytest
from anyio import to_thread
from sqlalchemy import select

from server.accounts.tables import accounts, logins
from server.app import build
from server.core.access import Role
from server.settings import DataFolder
from tests.support.client import demo_log_in, http_client
from tests.support.house import make_folder
from tests.support.process import ServerProcess, furnish_folder, run_ccss

pytestmark = [pytest.mark.fault, pytest.mark.anyio]


async def test_the_demo_door_does_not_exist_in_an_installation(tmp_path: Path) -> None:
    root = tmp_path / "installed"
    done = await to_thread.run_sync(run_ccss, "init", "--data", root, "--site-name", "某校实训室")
    assert done.returncode == 0, done.stderr
    password = re.search(r"password:\s*(\S+)", done.stdout)
    account = re.search(r"account:\s*(\S+)", done.stdout)
    assert password is not None
    assert account is not None
    folder = DataFolder(root)
    await _no_account_without_password(folder)
    with ServerProcess(folder) as server:
        await to_thread.run_sync(server.start)
        async with http_client(server.url) as http:
            for method, address in (
                ("POST", "/api/v1/demo/sessions"),
                ("PUT", "/api/v1/demo/sessions"),
                ("POST", "/api/v1/demo/sessions/"),
            ):
                for role in Role:
                    answer = await http.request(method, address, json={"role": role.value})
                    assert answer.status_code in (404, 405), address
                    assert answer.headers["content-type"] == "application/problem+json"
                    assert "set-cookie" not in answer.headers
            site = (await http.get("/api/v1/site")).json()
            assert (site["profile"], site["site_name"]) == ("installed", "某校实训室")
            assert (site["demo_roles"], site["me"]) == ([], None)
            assert (await http.get("/api/v1/papers")).status_code == 401
            name = account[1]
            wrong = await http.post("/api/v1/sessions", json={"login_name": name, "password": "wrong"})
            assert (wrong.status_code, wrong.json()["code"]) == (401, "login-failed")
            right = await http.post("/api/v1/sessions", json={"login_name": name, "password": password[1]})
            assert right.status_code == 201
            cookie = right.headers["set-cookie"].lower()
            assert "httponly" in cookie
            assert "samesite=strict" in cookie
            assert (await http.get("/api/v1/site")).json()["me"]["role"] == "organiser"
            assert len((await http.get("/api/v1/papers")).json()) > 0
        log = server.log()
    assert password[1] not in log
    again = await to_thread.run_sync(run_ccss, "init", "--data", root)
    assert again.returncode == 1
    assert "已有安装" in again.stderr
    as_demo = await to_thread.run_sync(run_ccss, "demo", "--data", root, "--port", "0")
    assert as_demo.returncode == 1
    assert "is no demo installation" in as_demo.stderr


async def test_an_account_without_password_opens_only_by_the_demo(tmp_path: Path) -> None:
    folder = make_folder(tmp_path)
    await to_thread.run_sync(furnish_folder, folder, 1)
    with ServerProcess(folder) as server:
        await to_thread.run_sync(server.start)
        assert await demo_log_in(server.url)
        async with http_client(server.url) as http:
            for password in ("", "None", "null", "x"):
                body = {"login_name": "trainee-0", "password": password}
                assert (await http.post("/api/v1/sessions", json=body)).status_code in (401, 422)
            tries = [
                (await http.post("/api/v1/sessions", json={"login_name": "trainee-0", "password": "x"})).status_code
                for _ in range(11)
            ]
            assert tries[-1] == 429


async def test_a_folder_without_installation_is_refused_with_what_to_do(tmp_path: Path) -> None:
    for command in (("run",), ("verify-log",), ("migrate",)):
        done = await to_thread.run_sync(run_ccss, *command, "--data", tmp_path / "nothing")
        assert done.returncode == 1
        assert "ccss init" in done.stderr
        assert "Traceback" not in done.stderr


async def _no_account_without_password(folder: DataFolder) -> None:
    services = await build(folder)
    try:
        async with services.database.read() as connection:
            rows = (await connection.execute(select(accounts))).all()
            assert [row.roles for row in rows] == ["organiser"]
            assert all(row.password_hash.startswith("$argon2id$") for row in rows)
            assert (await connection.execute(select(logins))).all() == []
    finally:
        await services.database.close()
