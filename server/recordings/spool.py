"""The spool: chunks as seats uploaded them, `<data>/media/spool/<recorder>/<number>`, and the workers' journals.

Nothing here is ever deleted by the server: what a recording was made of stays until its contest's archive is made.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from anyio import CapacityLimiter, to_thread

from server.core.durable import sync_folder, write_whole
from server.core.errors import StorageFailed
from server.db.database import storage_errors

_AT_ONCE = 8
"""Chunks being written: threads that wait for the disk must not be all that there are."""


@dataclass(frozen=True, slots=True)
class Spool:
    """Files of one data folder's `media`."""

    root: Path
    limiter: CapacityLimiter

    @classmethod
    def at(cls, root: Path) -> "Spool":
        """On `<data>/media`; made when the first chunk comes."""
        return cls(root, CapacityLimiter(_AT_ONCE))

    def chunk(self, recorder_id: str, number: int) -> Path:
        """Where a chunk lies."""
        return self.root / "spool" / recorder_id / str(number)

    async def keep(self, recorder_id: str, number: int, data: bytes) -> None:
        """A chunk, durable when this returns; raises DiskFull, StorageFailed."""
        try:
            await to_thread.run_sync(self._keep, self.chunk(recorder_id, number), data, limiter=self.limiter)
        except OSError as error:
            raise StorageFailed from error

    def _keep(self, path: Path, data: bytes) -> None:
        with storage_errors():
            if not path.parent.is_dir():
                path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                for folder in (path.parent.parent, self.root, self.root.parent):
                    sync_folder(folder)
            write_whole(path, data, 0o600)

    def journals(self, attempt_id: str, call_id: str) -> Sequence[Path]:
        """The RTP journals of a call, in the order of legs and connections."""
        folder = self.root / "journals" / attempt_id / call_id
        return sorted(folder.glob("*.rtp")) if folder.is_dir() else []
