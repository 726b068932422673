"""The blob port on a real folder."""

import os
from pathlib import Path

import pytest

from server.adapters.blobs_local import LocalBlobs
from server.core.errors import BlobDamaged, NotFound
from server.core.frozen import sha256_hex

pytestmark = [pytest.mark.contract, pytest.mark.anyio]


async def test_what_was_put_is_found_by_its_hash(tmp_path: Path) -> None:
    blobs = LocalBlobs(tmp_path)
    sha256 = await blobs.put(b"sound")
    assert sha256 == sha256_hex(b"sound") == await blobs.put(b"sound")
    assert (await blobs.path(sha256)).read_bytes() == b"sound"


async def test_a_changed_file_is_never_served(tmp_path: Path) -> None:
    blobs = LocalBlobs(tmp_path)
    sha256 = await blobs.put(b"sound")
    path = await blobs.path(sha256)
    path.write_bytes(b"noise!")
    with pytest.raises(BlobDamaged):
        await blobs.path(sha256)


async def test_a_damaged_file_is_mended_by_putting_it_again(tmp_path: Path) -> None:
    blobs = LocalBlobs(tmp_path)
    sha256 = await blobs.put(b"sound")
    (await blobs.path(sha256)).write_bytes(b"noise")
    await blobs.put(b"sound")
    assert (await blobs.path(sha256)).read_bytes() == b"sound"


@pytest.mark.parametrize("name", ["", "x", "../../../etc/passwd", "A" * 64, "0" * 64])
async def test_other_names_are_not_found(tmp_path: Path, name: str) -> None:
    with pytest.raises(NotFound):
        await LocalBlobs(tmp_path).path(name)


async def test_half_written_files_are_swept_and_whole_ones_stay(tmp_path: Path) -> None:
    blobs = LocalBlobs(tmp_path)
    sha256 = await blobs.put(b"sound")
    (tmp_path / sha256[:2] / "ABC.part").write_bytes(b"so")
    await blobs.delete_unfinished()
    assert os.listdir(tmp_path / sha256[:2]) == [sha256[2:]]
