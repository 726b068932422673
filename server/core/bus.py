"""The bus port: it only wakes; whatever it carries may be lost, the journal is the truth."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Protocol


class Bus(Protocol):
    """Topics of small wake-up words; what they carry is only a hint to look at the journal."""

    def publish(self, topic: str, word: str) -> None:
        """Wake whoever listens; never waits, never fails."""
        ...

    def listen(self, topic: str) -> AbstractAsyncContextManager[AsyncIterator[str]]:
        """Words published from now on; a slow listener loses the oldest."""
        ...
