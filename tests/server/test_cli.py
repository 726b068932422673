"""The `ccss` command as an operator types it."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from server.cli import app
from server.settings import DataFolder
from tests.support.papers import AUDIO, CARD, raw_paper

pytestmark = pytest.mark.flow


def ccss(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def written(path: Path, data: Any) -> Path:
    path.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> tuple[DataFolder, Result]:
    root = tmp_path_factory.mktemp("installed") / "data"
    return DataFolder(root), ccss("init", "--data", root, "--site-name", "某校竞赛")


def test_init_makes_an_installation_with_a_password_of_its_own(installed: tuple[DataFolder, Result]) -> None:
    folder, said = installed
    assert said.exit_code == 0
    settings = folder.settings()
    assert (settings.profile, settings.site_name) == ("installed", "某校竞赛")
    password = next(line for line in said.output.splitlines() if "password" in line).split()[2]
    assert len(password) >= 16
    assert password not in folder.database.read_bytes().decode("latin-1")


def test_init_never_touches_an_installation_that_is_there(installed: tuple[DataFolder, Result]) -> None:
    folder, _ = installed
    before = folder.database.stat().st_mtime_ns
    again = ccss("init", "--data", folder.root)
    assert again.exit_code == 1
    assert "另选目录" in again.output
    assert folder.database.stat().st_mtime_ns == before


def test_an_init_that_failed_leaves_nothing_and_can_be_repeated(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "thesis.txt").write_text("mine", encoding="utf-8")
    refused = ccss("init", "--data", tmp_path / "data")
    assert refused.exit_code == 1
    assert "另选目录" in refused.output
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["thesis.txt"]
    (tmp_path / "data" / "thesis.txt").unlink()
    assert ccss("init", "--data", tmp_path / "data", "--no-samples").exit_code == 0
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_accounts_are_added_with_a_password_of_their_own(installed: tuple[DataFolder, Result]) -> None:
    folder, _ = installed
    said = ccss("account", "--data", folder.root, "20260101", "--name", "学员一")
    words = said.output.split()
    assert (said.exit_code, words[2]) == (0, "20260101")
    assert len(words[5]) == 10
    again = ccss("account", "--data", folder.root, "20260101", "--name", "学员一")
    assert again.exit_code == 1
    assert "已存在" in again.output


def test_a_fresh_log_is_whole(installed: tuple[DataFolder, Result]) -> None:
    folder, _ = installed
    verdict = ccss("verify-log", "--data", folder.root)
    assert (verdict.exit_code, json.loads(verdict.output)["faults"]) == (0, [])


def test_an_installation_is_no_demo(installed: tuple[DataFolder, Result]) -> None:
    folder, _ = installed
    said = ccss("demo", "--data", folder.root)
    assert said.exit_code == 1
    assert "ccss run" in said.output


@pytest.mark.parametrize("command", ["run", "migrate", "verify-log"])
def test_commands_on_nothing_say_what_to_do(tmp_path: Path, command: str) -> None:
    said = ccss(command, "--data", tmp_path / "nothing")
    assert said.exit_code == 1
    assert "ccss init" in said.output


def test_import_lists_every_fault_and_imports_nothing(installed: tuple[DataFolder, Result], tmp_path: Path) -> None:
    folder, _ = installed
    raw = raw_paper(items=2)
    del raw["items"][0]["answers"]["name"], raw["items"][1]["answers"]["phone"]
    said = ccss("import", "--data", folder.root, written(tmp_path / "paper.json", raw))
    assert said.exit_code == 1
    assert "i1" in said.output
    assert "i2" in said.output
    missing = ccss("import", "--data", folder.root, written(tmp_path / "paper.json", raw_paper()))
    assert missing.exit_code == 1
    assert "缺少文件" in missing.output


def test_import_takes_a_paper_with_its_files(installed: tuple[DataFolder, Result], tmp_path: Path) -> None:
    folder, _ = installed
    (tmp_path / "i.opus").write_bytes(AUDIO)
    said = ccss("import", "--data", folder.root, written(tmp_path / "paper.json", raw_paper(items=1)))
    assert said.exit_code == 0
    assert len(said.output.strip()) == 26


@pytest.mark.parametrize(
    ("moment", "visible_ms"),
    [("now", 0), ("never", None), ("2026-05-01T18:00+08:00", 1_777_629_600_000), ("2099-01-01", ...)],
)
def test_import_says_from_when_a_paper_shows(
    installed: tuple[DataFolder, Result], tmp_path: Path, moment: str, visible_ms: Any
) -> None:
    folder, _ = installed
    (tmp_path / "i.opus").write_bytes(AUDIO)
    paper = written(tmp_path / "paper.json", raw_paper(items=1))
    said = ccss("import", "--data", folder.root, paper, "--visible-from", moment)
    assert said.exit_code == 0
    with closing(sqlite3.connect(folder.database)) as database:
        (found,) = database.execute("select visible_from_ms from papers where id = ?", [said.output.strip()]).fetchone()
    assert found == visible_ms or (visible_ms is ... and found > 4_000_000_000_000)


def test_import_refuses_what_is_no_moment(installed: tuple[DataFolder, Result], tmp_path: Path) -> None:
    folder, _ = installed
    said = ccss("import", "--data", folder.root, tmp_path / "paper.json", "--visible-from", "tomorrow")
    assert said.exit_code == 1
    assert "2026-05-01T18:00" in said.output


def test_score_is_exact_and_json(tmp_path: Path) -> None:
    content = written(tmp_path / "content.json", raw_paper(items=1))
    answers = written(tmp_path / "answers.json", {"i1": CARD | {"name": "欧杨雪"}})
    said = ccss("score", "typing_test", "--content", content, "--answers", answers)
    outcome = json.loads(said.output)
    assert (outcome["marks"][0]["marks"], outcome["sheet"]["accuracy"]) == ("9.83", "98.31")


def test_score_names_what_does_not_fit(tmp_path: Path) -> None:
    content = written(tmp_path / "content.json", raw_paper(items=1))
    for answers, place in (({"zz": {}}, "answers.zz"), ({"i1": {"zz": ""}}, "answers.i1.zz"), ([], "answers")):
        said = ccss("score", "typing_test", "--content", content, "--answers", written(tmp_path / "a.json", answers))
        assert said.exit_code == 1
        assert place in said.output
    (tmp_path / "a.json").write_text("{", encoding="utf-8")
    assert ccss("score", "typing_test", "--content", content, "--answers", tmp_path / "a.json").exit_code == 1
    assert ccss("score", "nothing", "--content", content, "--answers", tmp_path / "a.json").exit_code == 1


def test_openapi_is_printed() -> None:
    document = json.loads(ccss("openapi").output)
    assert document["openapi"].startswith("3.1")
    assert {"seat-frame", "server-frame", "typing-test-shapes"} <= set(document["webhooks"])
