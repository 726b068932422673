"""What kind of file something is, by its first bytes: names and declared types are not believed."""

from functools import lru_cache
from pathlib import Path

OGG, WEBP, PNG, UNKNOWN = "audio/ogg", "image/webp", "image/png", "application/octet-stream"
PICTURES = frozenset({WEBP, PNG})
_HEAD_BYTES = 12


def media_type(head: bytes) -> str:
    """The media type by at least 12 bytes of the beginning.

    Ogg (RFC 3533, section 6), WebP (RFC 9649, section 2.4), PNG (W3C PNG, section 5.2); anything else is
    `application/octet-stream`.
    """
    if head.startswith(b"OggS"):
        return OGG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    return WEBP if head[:4] == b"RIFF" and head[8:12] == b"WEBP" else UNKNOWN


@lru_cache(maxsize=4_096)
def media_type_of(path: Path) -> str:
    """The media type of a file that never changes, as blobs are; raises OSError."""
    with path.open("rb") as file:
        return media_type(file.read(_HEAD_BYTES))
