"""`ccss init` and `ccss certificate`: what whoever runs the server is told of its authority."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from server.cli import app
from server.installation.authority import fingerprint, load_authority
from server.settings import DataFolder

pytestmark = pytest.mark.flow


def ccss(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_from_init_to_a_new_authority(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    said = ccss("init", "--data", folder.root, "--site-name", "某校竞赛", "--no-samples", "--allow-http")
    assert said.exit_code == 0
    assert folder.settings().plain_http_on_lan
    first = load_authority(folder.tls)
    assert first is not None
    assert first.name.startswith("CCSS 某校竞赛 CA ")

    printed = ccss("certificate", "--data", folder.root)
    assert (printed.exit_code, fingerprint(first.certificate) in printed.output) == (0, True)

    assert ccss("certificate", "--data", folder.root, "--new-authority").exit_code == 0
    second = load_authority(folder.tls)
    assert second is not None
    assert second.certificate != first.certificate

    (folder.tls / "authority.key").unlink()
    broken = ccss("certificate", "--data", folder.root)
    assert broken.exit_code == 1
    assert "--new-authority" in broken.output


def test_the_present_folder_can_be_made_an_installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "data").mkdir()
    monkeypatch.chdir(tmp_path / "data")
    said = ccss("init", "--data", ".", "--no-samples")
    monkeypatch.chdir(tmp_path)
    assert said.exit_code == 0, said.output
    assert DataFolder(tmp_path / "data").exists
