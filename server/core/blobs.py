"""The blob port: files by the SHA-256 of what they hold."""

from pathlib import Path
from typing import Protocol


class Blobs(Protocol):
    """Content-addressed files; a name is returned only after the bytes are durable."""

    async def put(self, data: bytes) -> str:
        """Store and return the SHA-256 (hex); storing the same bytes twice is harmless. Raises DiskFull."""
        ...

    async def path(self, sha256: str) -> Path:
        """A readable local file whose bytes have been checked; raises NotFound or BlobDamaged."""
        ...

    async def delete_unfinished(self) -> None:
        """Remove what a killed process left half-written."""
        ...
