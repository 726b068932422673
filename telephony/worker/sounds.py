"""The recordings that workers play, read once for all calls."""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Callable, Sequence
from pathlib import Path

from server.core.media import Play
from telephony.worker.ogg_packets import opus_packets

MOST_BYTES = 64_000_000


class SoundLibrary:
    """Packets by SHA-256, the most recently used ones. `on_fault` gets a word on what can't be read."""

    def __init__(self, on_fault: Callable[[str], None], most_bytes: int = MOST_BYTES) -> None:
        self._on_fault = on_fault
        self._most_bytes = most_bytes
        self._paths: dict[str, Path] = {}
        self._kept: OrderedDict[str, tuple[bytes, ...]] = OrderedDict()
        self._bytes = 0
        self._reading: dict[str, asyncio.Task[None]] = {}

    def lies_at(self, sha256: str, path: str) -> None:
        """Where a recording is; one that could not be read is tried again."""
        self._paths[sha256] = Path(path)
        if self._kept.get(sha256) == ():
            del self._kept[sha256]

    def packets(self, play: Play) -> Sequence[bytes] | None:
        """The packets of a play; None while they are being read, none where they can't be."""
        found = self._kept.get(play.sha256)
        if found is not None:
            self._kept.move_to_end(play.sha256)
            return found
        self.prepare(play)
        return None

    def prepare(self, play: Play) -> None:
        """Begin to read a recording that will be wanted."""
        if play.sha256 not in self._kept and play.sha256 not in self._reading:
            task = asyncio.get_running_loop().create_task(self._read(play.sha256))
            self._reading[play.sha256] = task

    async def _read(self, sha256: str) -> None:
        packets: tuple[bytes, ...] = ()
        try:
            path = self._paths.get(sha256)
            if path is None:
                raise ValueError("nobody said where it lies")
            packets = await asyncio.to_thread(_checked, path, sha256)
        except (OSError, ValueError) as error:
            self._on_fault(f"{sha256}: {error}")
        del self._reading[sha256]
        self._kept[sha256] = packets
        self._bytes += sum(map(len, packets))
        while self._bytes > self._most_bytes and len(self._kept) > 1:
            _, dropped = self._kept.popitem(last=False)
            self._bytes -= sum(map(len, dropped))


def _checked(path: Path, sha256: str) -> tuple[bytes, ...]:
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != sha256:
        raise ValueError("the file holds something else")
    return opus_packets(data)
