"""The contest modules that are installed, found by their entry points."""

from collections.abc import Iterator, Mapping
from importlib.metadata import entry_points

from server.core.contract import AnyModule
from server.core.errors import NotFound
from server.core.text import Text

GROUP = "ccss.modules"


class Modules(Mapping[str, AnyModule]):
    """Modules by name; asking for a missing one raises NotFound."""

    def __init__(self, modules: Mapping[str, AnyModule]) -> None:
        self._modules = dict(modules)

    def __getitem__(self, name: str) -> AnyModule:
        try:
            return self._modules[name]
        except KeyError:
            raise NotFound(Text(zh=f"没有安装竞赛模块“{name}”", en=f"No module {name!r} is installed")) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __len__(self) -> int:
        return len(self._modules)


def installed_modules() -> Modules:
    """Load every module of the entry-point group `ccss.modules`."""
    return Modules({point.name: point.load() for point in entry_points(group=GROUP)})
