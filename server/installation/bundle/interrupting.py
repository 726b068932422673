"""Signals during an update: each of them must lead to the way back, not to an end in the middle."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any


@contextmanager
def interrupted_by_signals() -> Iterator[None]:
    """Let SIGTERM and SIGHUP raise KeyboardInterrupt as SIGINT does. In the main thread only."""
    with _handled(_raise):
        yield


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Pass over all of them, here and in the programs that are run meanwhile."""
    with _handled(signal.SIG_IGN):
        yield


@contextmanager
def _handled(handler: Any) -> Iterator[None]:
    names = ("SIGINT", "SIGTERM", "SIGHUP")  # Windows has no SIGHUP
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    before = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield
    finally:
        for number, former in before.items():
            signal.signal(number, former)


def _raise(number: int, _: FrameType | None) -> None:
    if sys.platform != "win32" and number == signal.SIGHUP:
        # The terminal is gone; programs that still write to it would fail.
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nowhere, stream)
    raise KeyboardInterrupt(f"signal {number}")
