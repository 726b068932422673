"""The whole check of a backup: its files, its databases, and its journal as `ccss verify-log` reads one."""

import asyncio
import tempfile
from pathlib import Path

from server.app import build
from server.core.errors import BlobDamaged, NotFound
from server.db.database import sqlite_url
from server.db.migrate import upgrade
from server.installation.archive import SETTINGS, Archive, Manifest, is_database, refused
from server.installation.restore import database_faults, require_known
from server.settings import DataFolder
from server.verify import Verdict, verify


def checked(path: Path) -> tuple[Manifest, Verdict]:
    """Read a backup from the first byte to the last; the verdict lists what is wrong with its journal.

    Raises Invalid for damaged files, each of them named, and Conflict for a backup of a newer CCSS. What must be
    unpacked lies beside the backup meanwhile; an older schema is migrated there, never in the backup.
    """
    with Archive.open(path) as archive, tempfile.TemporaryDirectory(prefix=f"{path.name}.", dir=path.parent) as place:
        require_known(archive.manifest)
        folder = DataFolder(Path(place))
        faults = archive.faults(into=folder.root, wanted=lambda name: is_database(name) or name == SETTINGS)
        faults = faults or database_faults(folder.root)
        if faults:
            raise refused(path, faults)
        upgrade(sqlite_url(folder.database))
        return archive.manifest, asyncio.run(_verify(folder, archive.manifest))


async def _verify(folder: DataFolder, manifest: Manifest) -> Verdict:
    async def path_of(sha256: str) -> None:
        member = manifest.members.get(f"blobs/{sha256[:2]}/{sha256[2:]}")
        if member is None:
            raise NotFound
        if member.sha256 != sha256:
            raise BlobDamaged

    services = await build(folder)
    try:
        return await verify(services, path_of)
    finally:
        await services.database.close()
