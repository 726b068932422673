"""Puts the built front end into standard wheels; editable installs read it from the source tree."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class FrontEndHook(BuildHookInterface):  # type: ignore[type-arg, misc]  # hatchling is no dependency of ours
    """Refuses to build a wheel without a user interface."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add static/dist as server/web/dist; raises RuntimeError if it has not been built."""
        if version != "standard" or self.target_name != "wheel":
            return
        dist = Path(self.root) / "static" / "dist"
        if not (dist / "index.html").is_file():
            raise RuntimeError("static/dist is missing: run `make build` first")
        build_data["force_include"][str(dist)] = "server/web/dist"
