"""What lies in a bundle: MANIFEST.json with the hash of every file, wheels, voices."""

import hashlib
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MANIFEST = "MANIFEST.json"


class Refused(Exception):
    """A sentence for people, Chinese and English: what is wrong and how to mend it."""


@dataclass(frozen=True)
class Bundle:
    """An unpacked bundle."""

    root: Path
    version: str
    platform: str
    """`linux` or `windows`."""
    pythons: tuple[str, ...]
    files: dict[str, str]
    """SHA-256 by path."""

    @classmethod
    def read(cls, root: Path) -> "Bundle":
        """Raises Refused if there is no bundle."""
        try:
            raw: dict[str, Any] = json.loads((root / MANIFEST).read_text(encoding="utf-8"))
            return cls(root, raw["version"], raw["platform"], tuple(raw["pythons"]), dict(raw["files"]))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise Refused(f"{root} 不是 CCSS 离线安装包 (is no offline bundle of CCSS): {error}") from error

    def check(self) -> None:
        """Raises Refused, naming every file that is missing or differs."""
        bad = [name for name, sha256 in sorted(self.files.items()) if _sha256(self.root / name) != sha256]
        if bad:
            raise Refused(f"安装包不完整，请重新复制 (damaged bundle, copy it again): {', '.join(bad)}")

    def suits(self, python: tuple[int, int], platform: str, bits: int) -> None:
        """Raises Refused on a machine that the wheels are not for."""
        here = "windows" if platform == "win32" else "linux"
        if self.platform != here or bits != 64:
            raise Refused(f"此安装包用于 64 位 {self.platform} (this bundle is for 64-bit {self.platform})")
        if "{}.{}".format(*python) not in self.pythons:
            wanted = "、".join(self.pythons)
            raise Refused(f"需要 Python {wanted} 之一 (needs one of these): {sys.executable}")

    @property
    def pip(self) -> Path:
        """The pip that the bundle brings along: it runs from its wheel, so the machine needs none."""
        return next(iter(sorted((self.root / "wheels").glob("pip-*.whl"))))


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
