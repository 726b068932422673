"""Files of evidence in a folder, by SHA-256: written as they come, checked, and only then given their name."""

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import BinaryIO

from anyio import to_thread

from server.core.dossier import MAX_FILE_BYTES
from server.core.durable import sync_file, sync_folder
from server.core.errors import NotFound, TooLarge
from server.core.grading import WrongHash
from server.core.ids import new_code
from server.db.database import storage_errors

_GATHERED_BYTES = 1024 * 1024


class EvidenceBlobs:
    """Files lie at `<root>/ab/cdef…`; what a killed process left half-written is removed at the next start."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def clean(self) -> None:
        """Make the folder, and remove unfinished files."""
        self._root.mkdir(parents=True, exist_ok=True, mode=0o700)
        for unfinished in self._root.glob("*/*.part"):
            unfinished.unlink(missing_ok=True)

    def has(self, sha256: str) -> bool:
        """Whether the file is there."""
        return self._place(sha256).is_file()

    def path(self, sha256: str) -> Path:
        """The file; raises NotFound."""
        if not self.has(sha256):
            raise NotFound
        return self._place(sha256)

    async def put(self, sha256: str, parts: AsyncIterator[bytes]) -> None:
        """Keep a file durably, replacing a damaged one; raises WrongHash, TooLarge, DiskFull."""
        target = self._place(sha256)
        unfinished = target.parent / f"{new_code(12)}.part"
        digest, size, gathered = hashlib.sha256(), 0, bytearray()
        with storage_errors():
            await to_thread.run_sync(lambda: target.parent.mkdir(parents=True, exist_ok=True))
            file = await to_thread.run_sync(lambda: unfinished.open("wb"))
            try:
                async for part in parts:
                    size += len(part)
                    if size > MAX_FILE_BYTES:
                        raise TooLarge
                    digest.update(part)
                    gathered += part
                    if len(gathered) >= _GATHERED_BYTES:
                        await to_thread.run_sync(file.write, bytes(gathered))
                        gathered.clear()
                if digest.hexdigest() != sha256:
                    raise WrongHash
                await to_thread.run_sync(file.write, bytes(gathered))
                await to_thread.run_sync(_finish, file)
                await to_thread.run_sync(unfinished.replace, target)
                await to_thread.run_sync(sync_folder, target.parent)
                await to_thread.run_sync(sync_folder, self._root)
            finally:
                file.close()
                unfinished.unlink(missing_ok=True)

    def _place(self, sha256: str) -> Path:
        return self._root / sha256[:2] / sha256[2:]


def _finish(file: BinaryIO) -> None:
    sync_file(file)
    file.close()
