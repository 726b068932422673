"""Files are known by their first bytes."""

from pathlib import Path

import pytest

from server.core.media_types import OGG, PNG, UNKNOWN, WEBP, media_type, media_type_of

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"OggS\0\2\0\0\0\0\0\0", OGG),
        (b"RIFF\x10\0\0\0WEBPVP8 ", WEBP),
        (b"\x89PNG\r\n\x1a\n\0\0\0\r", PNG),
        (b"RIFF\x10\0\0\0WAVEfmt ", UNKNOWN),
        (b"<svg onload=x>", UNKNOWN),
        (b"<html>OggS", UNKNOWN),
        (b"", UNKNOWN),
    ],
)
def test_by_magic_bytes_only(head: bytes, kind: str) -> None:
    assert media_type(head) == kind


def test_the_name_of_a_file_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "sound.png").write_bytes(b"OggS" + b"\0" * 100)
    assert media_type_of(tmp_path / "sound.png") == OGG
