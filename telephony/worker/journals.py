"""RTP journals on the disk, written by one thread, so that a slow disk never makes sound late."""

import asyncio
import os
import threading
from collections.abc import Callable
from pathlib import Path

from server.core.durable import sync_folder
from server.speech.rtp_journal import MAGIC, JournalLeg, journal_path

FLUSH_S = 0.5
"""A killed worker loses at most this, and a write."""
MOST_RECORDS = 150_000
"""Records kept of one journal while the disk is full: about 50 minutes."""
MOST_IN_ALL = 4_000_000
"""Records kept of all journals, about 700 MB: with 150 calls, five minutes of both sides."""


class Journal:
    """One leg's file. `append` is for the loop; everything else belongs to the thread."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._pending: list[bytes] = []
        self._file: int | None = None
        self._good = 0

    def append(self, record: bytes) -> None:
        """One record, to be written soon; never blocks."""
        self._pending.append(record)

    @property
    def empty(self) -> bool:
        """Whether nothing waits to be written."""
        return not self._pending

    def write(self) -> None:
        """Write what there is; raises OSError, and then keeps it. What was written stays readable."""
        count = len(self._pending)
        if not count:
            return
        if self._file is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o640)
            sync_folder(self.path.parent)
        data = b"".join(self._pending[:count])
        if not self._good:
            data = MAGIC + data
        # Behind what is good, also when the rest of a write that failed could not be cut off.
        os.lseek(self._file, self._good, os.SEEK_SET)
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(self._file, view) :]
        except OSError:
            os.ftruncate(self._file, self._good)
            raise
        self._good += len(data)
        del self._pending[:count]

    def drop(self, most: int) -> int:
        """Forget the oldest of more than `most` records; returns how many."""
        over = max(0, len(self._pending) - most)
        del self._pending[:over]
        return over

    def finish(self) -> None:
        """Everything is on the disk, for good; raises OSError."""
        self.write()
        if self._file is not None:
            os.fsync(self._file)
            os.close(self._file)
            self._file = None


class JournalWriter:
    """The thread. `on_fault` gets a word on what could not be written, once until it can be again."""

    def __init__(self, root: Path, worker_id: str, on_fault: Callable[[str], None], flush_s: float = FLUSH_S) -> None:
        self._root = root
        self._worker_id = worker_id
        self._on_fault = on_fault
        self._flush_s = flush_s
        self._journals: set[Journal] = set()
        self._closing: dict[Journal, asyncio.Future[None]] = {}
        self._failed = False
        self._ending = False
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._run, name="journals", daemon=True)
        self._thread.start()

    def open(self, attempt_id: str, call_id: str, leg: JournalLeg, connection: int) -> Journal:
        """A journal that is made with its first record."""
        journal = Journal(self._path(attempt_id, call_id, leg, connection))
        self._journals.add(journal)
        return journal

    def exists(self, attempt_id: str, call_id: str, leg: JournalLeg, connection: int) -> bool:
        """Whether this worker has written that journal already, or is about to."""
        path = self._path(attempt_id, call_id, leg, connection)
        return path.exists() or any(journal.path == path for journal in tuple(self._journals))

    async def close(self, journal: Journal) -> None:
        """Until everything is on the disk; waits for a full disk to have room again."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._closing[journal] = done
        self._wake.set()
        await done

    def stop(self) -> None:
        """Write what there is and end the thread."""
        self._ending = True
        self._wake.set()
        self._thread.join()

    def _path(self, attempt_id: str, call_id: str, leg: JournalLeg, connection: int) -> Path:
        return journal_path(self._root, attempt_id, call_id, leg, connection, self._worker_id)

    def _run(self) -> None:
        while not self._ending:
            self._wake.wait(self._flush_s)
            self._wake.clear()
            self._guarded_round()
        self._guarded_round()

    def _guarded_round(self) -> None:
        try:
            self._round()
        except Exception as error:  # without this thread nothing would be written any more
            self._on_fault(f"{type(error).__name__}: {error}")

    def _round(self) -> None:
        fault, journals = "", tuple(self._journals)
        most = min(MOST_RECORDS, MOST_IN_ALL // max(1, len(journals)))
        for journal in journals:
            done = self._closing.get(journal)
            try:
                if done is None:
                    journal.write()
                    continue
                journal.finish()
            except OSError as error:
                fault = f"{type(error).__name__}: {error}"
                if dropped := journal.drop(most):
                    self._on_fault(f"{journal.path.name}: {dropped} packets dropped")
                continue
            self._journals.discard(journal)
            del self._closing[journal]
            done.get_loop().call_soon_threadsafe(_settle, done)
        if fault and not self._failed:
            self._on_fault(fault)
        self._failed = bool(fault)


def _settle(done: "asyncio.Future[None]") -> None:
    if not done.done():
        done.set_result(None)
