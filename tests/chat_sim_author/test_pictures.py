"""What is a picture, by its head: PNG and WebP of every kind, and nothing else."""

import struct
import zlib

import pytest

from server.papers.bank_pictures import looked_at

pytestmark = pytest.mark.unit


def png(width: int, height: int) -> bytes:
    """A grey PNG."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + b"\x80" * width for _ in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def webp(kind: bytes, payload: bytes) -> bytes:
    body = b"WEBP" + kind + struct.pack("<I", len(payload)) + payload
    return b"RIFF" + struct.pack("<I", len(body)) + body


LOSSY = webp(b"VP8 ", b"\0\0\0\x9d\x01\x2a" + struct.pack("<HH", 320, 200) + b"\0" * 8)
LOSSLESS = webp(b"VP8L", b"\x2f" + struct.pack("<I", (199 << 14) | 319) + b"\0" * 9)
EXTENDED = webp(b"VP8X", b"\0\0\0\0" + (319).to_bytes(3, "little") + (199).to_bytes(3, "little"))


@pytest.mark.parametrize("data", [LOSSY, LOSSLESS, EXTENDED])
def test_webp_is_known_with_its_size(data: bytes) -> None:
    assert looked_at(data) == ("image/webp", 320, 200)
    assert looked_at(data[:-4]) is None
    assert looked_at(data[:40], whole=False) == ("image/webp", 320, 200)


def test_png_is_known_with_its_size() -> None:
    assert looked_at(png(40, 30)) == ("image/png", 40, 30)
    assert looked_at(png(40, 30)[:-3]) is None


@pytest.mark.parametrize("data", [b"", b"GIF89a" + b"\0" * 40, b"<svg/>" * 9, b"RIFF\0\0\0\0WAVEfmt " + b"\0" * 40])
def test_nothing_else_is_a_picture(data: bytes) -> None:
    assert looked_at(data) is None
