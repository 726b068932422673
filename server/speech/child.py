"""A piece of work on sound in a child process: one at a time, at the lowest priority, ended when its asker is.

What is sent and returned must be picklable; the function must stand at the top of a module.
"""

import asyncio
import contextlib
import ctypes
import os
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

import anyio
from anyio import to_process

T = TypeVar("T")
NICE = 15
_niced = False
_M_MMAP_THRESHOLD = -3
_LARGE_BYTES = 100_000


class ChildFailed(Exception):
    """The child died, or took too long; the same work may be tried again."""


@dataclass(frozen=True, slots=True)
class Child:
    """A queue of one: whoever works beside it keeps the processor."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def run(self, work: Callable[[], T], timeout_s: float) -> T:
        """The result of `work`, or whatever it raises; raises ChildFailed."""
        async with self.lock:
            try:
                with anyio.fail_after(timeout_s):
                    return await to_process.run_sync(partial(niced, work), cancellable=True)
            except TimeoutError as error:
                raise ChildFailed(f"took longer than {timeout_s:.0f} s") from error
            except anyio.BrokenWorkerProcess as error:
                raise ChildFailed("the child process died") from error


def niced(work: Callable[[], T]) -> T:
    """In the child: give way to everybody, once, then work."""
    global _niced
    if not _niced:
        _niced = True
        if hasattr(os, "nice"):
            os.nice(NICE)
        _give_back()
    return work()


def _give_back() -> None:
    """Have large buffers given back at once: else the heap of an hour of sound, block by block, grows to 600 MB."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)


async def output(arguments: Sequence[str], piece: int) -> AsyncIterator[bytes]:
    """What `python -P -m …` writes to its standard output, in pieces; killed when nobody reads on.

    Raises ChildFailed if it ends with an error.
    """
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", *arguments, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE
    )
    assert child.stdout is not None
    try:
        while data := await child.stdout.read(piece):
            yield data
        if code := await child.wait():
            raise ChildFailed(f"ended with {code}")
    finally:
        if child.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                child.kill()
            await child.wait()
