"""The package of tasks (.zip): `tasks.json`, and recordings under `files/` by their SHA-256. Pure, and guarded."""

import io
import json
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any, Literal

from pydantic import ValidationError

from server.core.authoring import AnyAuthor, Draft
from server.core.errors import Invalid, TooLarge, faults_of
from server.core.frozen import Frozen, sha256_hex
from server.core.text import Text
from server.papers.bank_drafts import parsed
from server.papers.bank_schemas import Folder, Tags
from server.speech.engines import SpeechError
from server.speech.ogg import opus_duration_ms

MANIFEST = "tasks.json"
_MAX_MEMBERS = 2_000
_MAX_INFLATED = 200_000_000
_OFF_MS = 500
_STAMP = (2020, 1, 1, 0, 0, 0)


class Packed(Frozen):
    """A task as it lies in a package: no person, no id."""

    module: str
    folder: Folder
    tags: Tags
    draft: dict[str, Any]


class Manifest(Frozen):
    """What `tasks.json` holds."""

    format: Literal["ccss-tasks"] = "ccss-tasks"
    version: Literal[1] = 1
    tasks: tuple[Packed, ...]


def pack(tasks: Sequence[Packed], files: Mapping[str, bytes]) -> bytes:
    """A package; equal tasks and recordings give equal bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        manifest = Manifest(tasks=tuple(tasks)).model_dump_json(indent=1, by_alias=True)
        package.writestr(zipfile.ZipInfo(MANIFEST, _STAMP), manifest, zipfile.ZIP_DEFLATED)
        for sha256, data in sorted(files.items()):
            package.writestr(zipfile.ZipInfo(f"files/{sha256}", _STAMP), data, zipfile.ZIP_STORED)
    return out.getvalue()


def members_of(data: bytes) -> dict[str, bytes]:
    """Files of an archive by name without folders, those of ours by their whole name; never beyond the limits.

    Raises Invalid for what is no zip file, TooLarge.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            entries = [entry for entry in package.infolist() if not entry.is_dir()]
            if len(entries) > _MAX_MEMBERS:
                raise TooLarge(Text(zh=f"压缩包里超过 {_MAX_MEMBERS} 个文件", en=f"More than {_MAX_MEMBERS} files"))
            found, left = {}, _MAX_INFLATED
            for entry in entries:
                if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                    raise zipfile.BadZipFile(f"compression {entry.compress_type}")
                with package.open(entry) as file:
                    # The header's size may lie: read no more than what is left.
                    body = file.read(left + 1)
                left -= len(body)
                if left < 0:
                    raise TooLarge(Text(zh="压缩包解开后超过 200 MB", en="More than 200 MB when unpacked"))
                found[_name(entry)] = body
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, zlib.error) as error:
        raise Invalid(
            Text(
                zh="读不出这个压缩包：它不是 zip 文件、已损坏或有密码；请用系统自带的“压缩为 zip”重新打包",
                en=f"Not a readable zip file: {error}",
            )
        ) from error
    return found


def table_in(members: Mapping[str, bytes]) -> str:
    """The one table of an archive that is no package of ours; raises Invalid."""
    tables = [name for name in members if name.lower().endswith((".xlsx", ".csv"))]
    if len(tables) != 1:
        raise Invalid(
            Text(
                zh=f"压缩包里要有且只有一个表格（.xlsx 或 .csv），现在有 {len(tables)} 个",
                en=f"The archive needs exactly one table (.xlsx or .csv); it holds {len(tables)}",
            )
        )
    return tables[0]


def unpack(members: Mapping[str, bytes]) -> tuple[Sequence[Packed], dict[str, bytes]]:
    """Tasks and recordings (by SHA-256, those that match their name) of a package; raises Invalid."""
    try:
        manifest = Manifest.model_validate(json.loads(members[MANIFEST]))
    except (ValueError, RecursionError) as error:
        found = faults_of(error.errors(include_url=False)) if isinstance(error, ValidationError) else []
        raise Invalid(
            Text(zh="题目包的 tasks.json 不符合格式，文件已损坏或被改动", en="tasks.json breaks its schema"),
            faults=[fault.model_dump(mode="json", by_alias=True) for fault in found],
        ) from error
    files = {name[6:]: body for name, body in members.items() if name.startswith("files/")}
    return manifest.tasks, {sha256: body for sha256, body in files.items() if sha256_hex(body) == sha256}


def is_recording(data: bytes, duration_ms: int) -> bool:
    """Whether this is one Ogg Opus stream of about that length."""
    try:
        return abs(opus_duration_ms(data) - duration_ms) < _OFF_MS
    except (SpeechError, ValueError, IndexError):
        return False


def draft_of(author: AnyAuthor, packed: Packed) -> Draft:
    """The draft of a packed task; raises Invalid."""
    return parsed(author, packed.draft)


def _name(entry: zipfile.ZipInfo) -> str:
    """The name to know a member by. Windows packs names in the code page of the machine, without saying so."""
    name = entry.filename
    if not entry.flag_bits & 0x800:
        try:
            name = name.encode("cp437").decode("gb18030")
        except UnicodeError:
            name = entry.filename
    return name if name == MANIFEST or name.startswith("files/") else PurePosixPath(name.replace("\\", "/")).name
