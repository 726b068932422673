"""The shipped pictures are the ones that the papers name, small, and drawn by ourselves."""

from pathlib import Path

import pytest

from chat_sim.content import ChatContent
from chat_sim.demo import render
from chat_sim.module import module
from server.core.frozen import sha256_hex
from server.core.media_types import PICTURES, media_type_of

pytestmark = pytest.mark.unit

PAPERS = {name: ChatContent.model_validate(render.load(name)) for name in render.PAPERS}


def test_every_product_has_a_picture_and_every_picture_says_what_it_shows() -> None:
    for content in PAPERS.values():
        assert all(product.picture is not None for product in content.shop.products)
        assert all(len(picture.alt) >= 3 for picture in content.pictures())
        assert len({picture.sha256 for picture in content.pictures()}) == len(list(content.pictures()))


def test_the_module_names_the_files_that_lie_beside_the_papers() -> None:
    lying = {sha256_hex(path.read_bytes()) for path in (render.FOLDER / "pictures").iterdir()}
    assert set().union(*(module.files(content) for content in PAPERS.values())) == lying


def test_they_are_pictures_whatever_their_name() -> None:
    assert {media_type_of(path) for path in (render.FOLDER / "pictures").iterdir()} <= PICTURES


def test_check_finds_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert render.main(["--check"]) == 0
    assert "in order" in capsys.readouterr().out


def test_check_names_what_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in render.PAPERS:
        (tmp_path / f"{name}.json").write_bytes((render.FOLDER / f"{name}.json").read_bytes())
    for folder in ("pictures", "drawings"):
        (tmp_path / folder).mkdir()
        for path in (render.FOLDER / folder).iterdir():
            (tmp_path / folder / path.name).write_bytes(path.read_bytes())
    (tmp_path / "pictures/tent.webp").write_bytes((tmp_path / "pictures/socks.webp").read_bytes())
    (tmp_path / "pictures/buff.webp").unlink()
    (tmp_path / "pictures/more.webp").write_bytes(b"\0" * render.LARGEST_TOTAL_BYTES)
    (tmp_path / "drawings/glass.svg").unlink()
    monkeypatch.setattr(render, "FOLDER", tmp_path)
    found = list(render.check())
    assert "contest pictures/tent.webp: the sha256 is another" in found
    assert "contest pictures/buff.webp: is missing" in found
    assert "lesson pictures/glass.webp: has no drawing" in found
    assert "pictures/more.webp: no paper shows it" in found
    assert any("bytes, at most" in fault for fault in found)


def test_rendering_without_a_browser_says_so(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None)
    assert render.main([]) == 1
    assert "--browser" in capsys.readouterr().err


@pytest.mark.parametrize("data", [b"", b"RIFF\0\0\0\0WEBPVP8 " + b"\0" * 20])
def test_the_size_of_anything_else_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="WebP"):
        render.size(data)
