"""What a check says, and what checks may look at."""

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

from server.core.frozen import Frozen
from server.core.text import Text
from server.settings import DataFolder

State = Literal["ok", "warn", "fail"]


class Finding(Frozen):
    """One thing that was looked at: its state, what was found, and for anything but "ok" how to mend it."""

    key: str
    state: State
    what: Text
    cure: Text | None = None


@dataclass
class Setup:
    """One installation on one machine, and the machine as checks see it."""

    folder: DataFolder
    host: str = "127.0.0.1"
    port: int = 8000
    tls_port: int | None = 8443
    now: Callable[[], float] = time.time
    """UTC epoch seconds."""
    monotonic: Callable[[], float] = time.monotonic
    free: Callable[[Path], int] = lambda path: shutil.disk_usage(path).free

    worker: tuple[str, ...] = ()
    """What starts a media worker; that of the installed modules if empty."""

    @cached_property
    def media_addresses(self) -> tuple[str, ...]:
        """What browsers are told to send sound to."""
        from server.installation.addresses import media_addresses

        return tuple(media_addresses())

    @cached_property
    def names(self) -> frozenset[str]:
        """By what clients may call this machine."""
        from server.installation.addresses import machine_names

        return machine_names()


Check = Callable[[Setup], Finding]


def ok(key: str, zh: str, en: str) -> Finding:
    """All is well."""
    return Finding(key=key, state="ok", what=Text(zh=zh, en=en))


def warn(key: str, zh: str, en: str, cure_zh: str, cure_en: str) -> Finding:
    """It works, but not well or not for long."""
    return Finding(key=key, state="warn", what=Text(zh=zh, en=en), cure=Text(zh=cure_zh, en=cure_en))


def bad(key: str, zh: str, en: str, cure_zh: str, cure_en: str) -> Finding:
    """It does not work."""
    return Finding(key=key, state="fail", what=Text(zh=zh, en=en), cure=Text(zh=cure_zh, en=cure_en))
