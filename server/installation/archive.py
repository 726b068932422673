"""The file of a backup: a zip with every file of a data folder, and a manifest that names size and hash of each.

Databases are deflated, everything else is stored as it is. Larger than 4 GiB is no matter (zip64).
"""

import hashlib
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Literal

from pydantic import ValidationError

from server.core.durable import new_private
from server.core.errors import Fault, Invalid
from server.core.frozen import Frozen
from server.core.text import Text

MANIFEST = "manifest.json"
MAIN_DATABASE = "ccss.db"
SETTINGS = "ccss.json"
_MANIFEST_LIMIT = 256 << 20
"""Bytes; a manifest takes about 150 a file."""
_CHUNK = 1 << 20
_PART = re.compile(r"[^\\/:*?\"<>|\x00-\x1f]*[^\\/:*?\"<>|\x00-\x1f. ]")
"""A name that Linux and Windows both take, and that leads nowhere else."""


def is_database(name: str) -> bool:
    """Whether a file is an SQLite database: the house's own and grading's are named so."""
    return name.endswith(".db")


class Member(Frozen):
    """One file: bytes and SHA-256."""

    size: int
    sha256: str


class Manifest(Frozen):
    """What a backup says of itself."""

    format: Literal[1] = 1
    version: str
    """Of the CCSS that made it."""
    revision: str
    """Of the database's schema."""
    created_ms: int
    members: dict[str, Member]

    @property
    def size(self) -> int:
        """Bytes of all files, unpacked."""
        return sum(member.size for member in self.members.values())


class Archive:
    """A backup opened for reading. Nothing in it is believed before its hash has been seen."""

    def __init__(self, zipped: zipfile.ZipFile, manifest: Manifest) -> None:
        self.manifest = manifest
        self._zip = zipped

    @classmethod
    @contextmanager
    def open(cls, path: Path) -> "Iterator[Archive]":
        """Raises Invalid if it is no backup of ours, or of a format that this version does not read."""
        try:
            zipped = zipfile.ZipFile(path)
        except (OSError, zipfile.BadZipFile) as error:
            raise Invalid(
                Text(zh=f"无法读取备份 {path}：{error}", en=f"The backup {path} can't be read: {error}")
            ) from error
        with zipped:
            yield cls(zipped, _manifest(zipped, path))

    def faults(self, into: Path | None = None, wanted: Callable[[str], bool] = lambda _: True) -> list[Fault]:
        """Everything wrong with the files, one fault a file; what is `wanted` is unpacked into an empty folder.

        Raises OSError if the folder can't be written.
        """
        found = self._strange_names()
        if found:
            return found
        for name, member in self.manifest.members.items():
            target = into / name if into is not None and wanted(name) else None
            try:
                said = self._read(name, target)
            except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError):
                said = None
            if said != member:
                found.append(_fault(name, "内容已被改动或损坏", "was changed or damaged"))
        return found

    def _strange_names(self) -> list[Fault]:
        """Names that lead out of the folder, are there twice, missing, or not in the manifest."""
        found = []
        there: set[str] = set()
        for name in self._zip.namelist():
            if name in there:
                found.append(_fault(name, "出现两次", "is there twice"))
            there.add(name)
        known = self.manifest.members.keys()
        for name in sorted(known | there - {MANIFEST}):
            if not all(_PART.fullmatch(part) for part in name.split("/")):
                found.append(_fault(name, "文件名不安全", "is no safe name"))
            elif name not in there:
                found.append(_fault(name, "缺失", "is missing"))
            elif name not in known:
                found.append(_fault(name, "不在清单中", "is not in the manifest"))
        found += [_fault(name, "缺失", "is missing") for name in (MAIN_DATABASE, SETTINGS) if name not in known]
        return found

    def _read(self, name: str, target: Path | None) -> Member:
        with self._zip.open(name) as source:
            if target is None:
                return copied(source, None)
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with private(target) as file:
                return copied(source, file)


def copied(source: IO[bytes], target: IO[bytes] | None) -> Member:
    """Read to the end, write it to the target if there is one, and say what it was."""
    digest, size = hashlib.sha256(), 0
    while chunk := source.read(_CHUNK):
        digest.update(chunk)
        size += len(chunk)
        if target is not None:
            target.write(chunk)
    return Member(size=size, sha256=digest.hexdigest())


@contextmanager
def private(path: Path) -> Iterator[IO[bytes]]:
    """A new file that its owner alone can read, on the disk when left; raises FileExistsError."""
    with new_private(path) as file:
        yield file


def _manifest(zipped: zipfile.ZipFile, path: Path) -> Manifest:
    try:
        entry = zipped.getinfo(MANIFEST)
        if entry.file_size > _MANIFEST_LIMIT:
            raise ValueError("manifest too large")
        return Manifest.model_validate_json(zipped.read(entry))
    except (KeyError, ValueError, ValidationError, zipfile.BadZipFile, zlib.error) as error:
        raise Invalid(
            Text(
                zh=f"{path} 不是 CCSS 备份，或由更新版本的 CCSS 制作",
                en=f"{path} is no backup of CCSS, or one of a newer CCSS",
            )
        ) from error


def _fault(name: str, zh: str, en: str) -> Fault:
    return Fault(path=name, text=Text(zh=zh, en=en))


def refused(path: Path, faults: list[Fault]) -> Invalid:
    """The refusal of a backup with faults, each of them named."""
    details: list[dict[str, Any]] = [fault.model_dump(mode="json", by_alias=True) for fault in faults]
    return Invalid(
        Text(zh=f"备份 {path} 有 {len(faults)} 处问题", en=f"The backup {path} has {len(faults)} faults"),
        faults=details,
    )
