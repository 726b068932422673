"""How the linter of 在线服务 says what it found."""

from server.core.errors import Fault
from server.core.text import Text


def wrong(path: str, zh: str, en: str) -> Fault:
    """Something that keeps the task from being used."""
    return Fault(path=path, text=Text(zh=zh, en=en))


def doubt(path: str, zh: str, en: str) -> Fault:
    """Something to look at."""
    return Fault(path=path, text=Text(zh=zh, en=en), severe=False)


def under(prefix: str, fault: Fault) -> Fault:
    """The same fault, found below a path."""
    return fault.model_copy(update={"path": f"{prefix}.{fault.path}" if fault.path else prefix})
