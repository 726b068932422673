"""Files are whole or not there."""

import os
from pathlib import Path

import pytest

from server.core.durable import new_private, write_whole

pytestmark = pytest.mark.unit


def test_a_file_is_replaced_whole_or_stays_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "settings.json"
    write_whole(path, b"one")
    write_whole(path, b"two")
    assert path.read_bytes() == b"two"

    def broken(handle: int) -> None:
        raise OSError("the disk is gone")

    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(OSError, match="gone"):
        write_whole(path, b"three")
    assert path.read_bytes() == b"two"
    assert [one.name for one in tmp_path.iterdir()] == ["settings.json"]


@pytest.mark.skipif(os.name == "nt", reason="modes")
def test_a_secret_is_nobody_elses_even_over_a_file_that_was(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_bytes(b"old")
    path.chmod(0o644)
    write_whole(path, b"new", 0o600)
    with new_private(tmp_path / "backup.zip") as file:
        file.write(b"zip")
    for one in tmp_path.iterdir():
        assert one.stat().st_mode & 0o077 == 0, one
    with pytest.raises(FileExistsError), new_private(path):
        pass
    assert path.read_bytes() == b"new"
