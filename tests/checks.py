"""Checks that need code: migrations in step, OpenAPI in step, the wheel's content. `python -m tests.checks [NAME…]`."""

import json
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import server.app  # importing fills the metadata
from grading.folder import SCRIPTS
from server.core.modules import installed_modules
from server.db import migrate
from server.db.database import sqlite_url
from server.web.application import openapi

ROOT = Path(__file__).resolve().parents[1]
OPENAPI = ROOT / "static" / "openapi.json"
IN_WHEEL = (
    "server/web/dist/index.html",
    "server/web/dist/help.html",
    "server/web/dist/help/trainer.html",
    "server/db/migrations/env.py",
    "server/db/migrations/versions/0001_first_tables.py",
    "grading/migrations/env.py",
    "grading/migrations/versions/0001_dossiers.py",
    "typing_test/demo/contest.json",
    "typing_test/demo/audio/d01.opus",
    "telephony/demo/contest.json",
    "telephony/demo/lesson.json",
    "telephony/demo/role_play.json",
    "telephony/demo/warmup.json",
    "telephony/demo/robots.json",
    "telephony/demo/audio/in_t01.opus",
    "telephony/demo/audio/robot_good1.opus",
    "chat_sim/demo/contest.json",
    "chat_sim/demo/lesson.json",
    "chat_sim/demo/warmup.json",
    "chat_sim/demo/pictures/shoe-w.webp",
)
TOP_LEVEL = {"agents", "chat_sim", "grading", "server", "telephony", "typing_test"}


def migrations() -> str | None:
    """The migrations make exactly the tables of the code: the server's, and the grading service's."""
    assert server.app
    faults = [_migrations_of(scripts) for scripts in (migrate.SERVER, SCRIPTS)]
    return "; ".join(fault for fault in faults if fault) or None


def _migrations_of(scripts: Path) -> str | None:
    with tempfile.TemporaryDirectory() as folder:
        url = sqlite_url(Path(folder) / "check.db")
        migrate.upgrade(url, scripts)
        try:
            migrate.check(url, scripts)
        except Exception as error:
            return f"migrations in {scripts.relative_to(ROOT)} differ from the tables: {error}"
        made, newest = migrate.revision_of(url), migrate.newest_revision(scripts)
        return None if made == newest else f"the newest file is {newest}, but migrating leads to {made}"


def openapi_in_step() -> str | None:
    """The committed OpenAPI document is what the code says."""
    said = json.loads(json.dumps(openapi(installed_modules())))
    if json.loads(OPENAPI.read_text(encoding="utf-8")) != said:
        return "static/openapi.json is out of step: run `make openapi`"
    return None


def wheel() -> str | None:
    """A built wheel holds the front end, the migrations, the demo, and our packages only."""
    with tempfile.TemporaryDirectory() as folder:
        build = ["uv", "build", "--wheel", "--quiet", "--out-dir", folder, str(ROOT)]
        built = subprocess.run(build, capture_output=True, text=True, check=False)
        if built.returncode:
            return f"no wheel: {built.stderr.strip()}"
        (path,) = Path(folder).glob("*.whl")
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    missing = [name for name in IN_WHEEL if name not in names]
    if missing:
        return f"missing in the wheel: {', '.join(missing)}"
    tops = {name.split("/")[0] for name in names if ".dist-info/" not in name}
    return None if tops == TOP_LEVEL else f"the wheel holds {sorted(tops)}, should hold {sorted(TOP_LEVEL)}"


CHECKS: dict[str, Callable[[], str | None]] = {
    "migrations": migrations,
    "openapi": openapi_in_step,
    "wheel": wheel,
}


def main(names: list[str]) -> int:
    """Run the named checks, or all; 1 if any found something."""
    failed = 0
    for name in names or list(CHECKS):
        fault = CHECKS[name]()
        sys.stdout.write(f"{name}: {fault or 'ok'}\n")
        failed |= fault is not None
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
