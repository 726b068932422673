"""`ccss update`: hands over to the installer of the new bundle, which knows what the new version needs."""

import contextlib
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path
from typing import Annotated

import typer

from server.cli.common import DataOption, fail
from server.installation.bundle.contents import MANIFEST, Refused
from server.installation.bundle.home import Home

commands = typer.Typer()


@commands.command()
def update(
    bundle: Annotated[Path, typer.Argument(help="The new offline bundle: the archive, or the folder it unpacks to.")],
    data: DataOption,
) -> None:
    """Update from an offline bundle, with a backup and a way back. Not during a contest: the server stops."""
    home = Home(Path(sys.prefix).parent)
    try:
        installed = home.installed()
    except Refused:
        fail(
            "此 CCSS 不是用离线安装包安装的，请用原来的方式升级  (this CCSS was not installed from a bundle:"
            " update it the way it was installed)"
        )
    if Path(installed.data).resolve() != data.resolve():
        fail(f"{home.root} 的数据目录是 {installed.data}  (is the data folder of that installation)")
    with tempfile.TemporaryDirectory() as scratch:
        root = bundle if bundle.is_dir() else _unpacked(bundle, Path(scratch))
        # The bundle's own folder comes first on the path: its installer is meant, whatever else bears that name.
        command = [sys.executable, "-X", "utf8", "-m", "installer", "--update", "--home", str(home.root)]
        code = _waited_for(command, root)
    raise typer.Exit(code)


def _waited_for(command: list[str], root: Path) -> int:
    """Ctrl-C reaches the installer as well, which then takes everything back: it must not be killed meanwhile."""
    with subprocess.Popen(command, cwd=root) as child:
        while True:
            with contextlib.suppress(KeyboardInterrupt):
                return child.wait()


def _unpacked(archive: Path, place: Path) -> Path:
    try:
        if zipfile.is_zipfile(archive):
            with zipfile.ZipFile(archive) as zipped:
                zipped.extractall(place)
        else:
            with tarfile.open(archive) as tar:
                tar.extractall(place, filter="data")
        return next(place.glob(f"*/{MANIFEST}")).parent
    except (OSError, zipfile.BadZipFile, tarfile.TarError, StopIteration) as error:
        fail(f"{archive} 不是 CCSS 离线安装包  (is no offline bundle of CCSS): {error}")
        raise
