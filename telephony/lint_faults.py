"""How the linter of voice tasks says what it found."""

from server.core.errors import Fault
from server.core.text import Text


def wrong(path: str, zh: str, en: str) -> Fault:
    """Something that keeps the task from being used."""
    return Fault(path=path, text=Text(zh=zh, en=en))


def doubt(path: str, zh: str, en: str) -> Fault:
    """Something to look at."""
    return Fault(path=path, text=Text(zh=zh, en=en), severe=False)
