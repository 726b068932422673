"""Pictures of the task bank: PNG or WebP, looked at but never decoded here."""

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from server.core.access import Principal
from server.core.blobs import Blobs
from server.core.errors import Invalid, NotFound, TooLarge
from server.core.text import Text
from server.papers.bank import BankService
from server.papers.bank_schemas import PictureView

MAX_PICTURE_BYTES = 400_000
MAX_SIDE = 2_000
MIN_SIDE = 16
_HEAD = 64
Looked: TypeAlias = tuple[Literal["image/png", "image/webp"], int, int]
"""Media type, width, height (pixels)."""


@dataclass(frozen=True, slots=True)
class BankPictures:
    """A picture is a blob; a draft names it by its SHA-256, which nobody guesses."""

    bank: BankService
    blobs: Blobs

    async def hand_in(self, who: Principal, task_id: str, data: bytes) -> PictureView:
        """Keep a picture for a task; raises NotFound, NotPermitted, Conflict for another's, Invalid, TooLarge."""
        task = await self.bank.open(who, task_id)
        self.bank.expect(who, task, task.row.revision)
        media_type, width, height = fit(data)
        return PictureView(sha256=await self.blobs.put(data), media_type=media_type, width=width, height=height)

    async def file(self, who: Principal, task_id: str, sha256: str) -> tuple[Path, str]:
        """A picture with its media type; raises NotFound also for a blob that is none."""
        await self.bank.open(who, task_id)
        path = await self.blobs.path(sha256)
        with path.open("rb") as file:
            found = looked_at(file.read(_HEAD), whole=False)
        if found is None:
            raise NotFound
        return path, found[0]


def fit(data: bytes) -> Looked:
    """The picture that a file is, if it is small enough for every desk of a hall; raises Invalid, TooLarge."""
    if len(data) > MAX_PICTURE_BYTES:
        raise TooLarge(
            Text(
                zh=f"图片不能超过 {MAX_PICTURE_BYTES // 1000} KB：请缩小后再上传",
                en=f"A picture may have {MAX_PICTURE_BYTES // 1000} kB at most",
            )
        )
    found = looked_at(data)
    if found is None:
        raise Invalid(
            Text(zh="只能用 PNG 或 WebP 图片；这个文件不是，或已损坏", en="No PNG and no WebP, or it is damaged")
        )
    _, width, height = found
    if not (MIN_SIDE <= width <= MAX_SIDE and MIN_SIDE <= height <= MAX_SIDE):
        raise Invalid(
            Text(
                zh=f"图片是 {width}×{height}，宽和高应在 {MIN_SIDE} 至 {MAX_SIDE} 像素之间",
                en=f"{width}×{height} pixels: each side should have {MIN_SIDE} to {MAX_SIDE}",
            )
        )
    return found


def looked_at(data: bytes, *, whole: bool = True) -> Looked | None:
    """Media type, width and height (pixels) by the file's head; None for what is neither PNG nor WebP.

    `whole`: the data are all of the file, whose end is looked at as well (PNG, ISO/IEC 15948; WebP, RFC 9649).
    """
    if data.startswith(b"\x89PNG\r\n\x1a\n") and data[12:16] == b"IHDR" and len(data) >= 33:
        if whole and data[-8:-4] != b"IEND":
            return None
        width, height = struct.unpack(">II", data[16:24])
        return "image/png", width, height
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP" and len(data) >= 30:
        (length,) = struct.unpack("<I", data[4:8])
        if whole and not 0 <= len(data) - 8 - length <= 1:
            return None
        size = _webp_size(data)
        return None if size is None else ("image/webp", *size)
    return None


def _webp_size(data: bytes) -> tuple[int, int] | None:
    match data[12:16]:
        case b"VP8 " if data[23:26] == b"\x9d\x01\x2a":
            width, height = struct.unpack("<HH", data[26:30])
            return width & 0x3FFF, height & 0x3FFF
        case b"VP8L" if data[20] == 0x2F:
            (bits,) = struct.unpack("<I", data[21:25])
            return (bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1
        case b"VP8X":
            return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
        case _:
            return None
