"""Blobs in a folder: write, fsync, rename, fsync the folder; only then has a file a name."""

import hashlib
from pathlib import Path

from anyio import to_thread

from server.core.durable import sync_file, sync_folder
from server.core.errors import BlobDamaged, NotFound
from server.core.frozen import sha256_hex
from server.core.ids import new_code
from server.db.database import storage_errors


class LocalBlobs:
    """Satisfies `server.core.blobs.Blobs`; files lie at `<root>/ab/cdef…` by their SHA-256."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._checked: dict[str, tuple[int, int]] = {}
        """Size (bytes) and modification time (ns) at which a file was last read whole and found right."""

    async def put(self, data: bytes) -> str:
        """Store and return the SHA-256 (hex); storing the same bytes twice is harmless. Raises DiskFull."""
        return await to_thread.run_sync(self._put, data)

    async def path(self, sha256: str) -> Path:
        """A readable local file whose bytes have been checked; raises NotFound or BlobDamaged."""
        return await to_thread.run_sync(self._path, sha256)

    async def delete_unfinished(self) -> None:
        """Remove what a killed process left half-written."""
        await to_thread.run_sync(self._delete_unfinished)

    def _put(self, data: bytes) -> str:
        sha256 = sha256_hex(data)
        target = self._place(sha256)
        if target.is_file() and target.stat().st_size == len(data) and self._is_whole(target, sha256):
            return sha256
        with storage_errors():
            target.parent.mkdir(parents=True, exist_ok=True)
            unfinished = target.parent / f"{new_code(12)}.part"
            try:
                with unfinished.open("wb") as file:
                    file.write(data)
                    sync_file(file)
                unfinished.replace(target)
            finally:
                unfinished.unlink(missing_ok=True)
            for folder in (target.parent, self._root):
                sync_folder(folder)
        return sha256

    def _path(self, sha256: str) -> Path:
        target = self._place(sha256)
        if not target.is_file():
            raise NotFound
        state = target.stat()
        seen = (state.st_size, state.st_mtime_ns)
        if self._checked.get(sha256) != seen:
            if not self._is_whole(target, sha256):
                raise BlobDamaged
            self._checked[sha256] = seen
        return target

    def _delete_unfinished(self) -> None:
        for unfinished in self._root.glob("*/*.part"):
            unfinished.unlink(missing_ok=True)

    def _place(self, sha256: str) -> Path:
        if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
            raise NotFound
        return self._root / sha256[:2] / sha256[2:]

    @staticmethod
    def _is_whole(path: Path, sha256: str) -> bool:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256
