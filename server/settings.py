"""The data folder and the installation's own settings; `ccss init` and `ccss demo` make them."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from pydantic import Field

from server.core.errors import Conflict, NotFound
from server.core.frozen import Frozen
from server.core.text import Text

Profile = Literal["demo", "installed"]


class BackupPlan(Frozen):
    """The nightly backup: when (local time), how many are kept, and where (a folder; by default `backups/`)."""

    at: str = Field(default="02:30", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    keep: int = Field(default=7, ge=1)
    folder: str = ""


class Settings(Frozen):
    """What one installation is: fixed when its data folder is made."""

    profile: Profile
    site_name: str = "CCSS"
    plain_http_on_lan: bool = False
    """Whether other machines may work without TLS: practice that needs no microphone."""
    backup: BackupPlan | None = None
    """Without a plan nothing is backed up by itself."""


class DataFolder:
    """Where everything of one installation lies."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.database = root / "ccss.db"
        self.blobs = root / "blobs"
        self.lock = root / "ccss.lock"
        self.tls = root / "tls"
        self.grading = root / "grading"
        self.voices = root / "voices"
        self.media = root / "media"
        """Sound on its way: what media workers and seats have recorded."""
        self.journals = self.media / "journals"
        self._settings = root / "ccss.json"

    @property
    def exists(self) -> bool:
        """Whether an installation was made here."""
        return self._settings.is_file()

    def create(self, settings: Settings) -> None:
        """Make the folder, readable for its owner only; raises Conflict if an installation is there."""
        if self.exists:
            raise Conflict(Text(zh=f"数据目录 {self.root} 中已有安装", en=f"{self.root} already holds an installation"))
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.blobs.mkdir(exist_ok=True)
        self._settings.write_text(settings.model_dump_json(indent=2) + "\n", encoding="utf-8")

    def settings(self) -> Settings:
        """The settings; raises NotFound if no installation was made here, Conflict if they can't be read."""
        if not self.exists:
            raise NotFound(
                Text(
                    zh=f"{self.root} 中没有安装，请先运行 ccss init --data {self.root}",
                    en=f"No installation in {self.root}; run: ccss init --data {self.root}",
                )
            )
        try:
            return Settings.model_validate_json(self._settings.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise Conflict(
                Text(
                    zh=f"设置文件 {self._settings} 无法读取，请改正或从备份恢复：{error}",
                    en=f"The settings {self._settings} can't be read; mend them or restore a backup: {error}",
                )
            ) from error


@contextmanager
def making(folder: DataFolder) -> Iterator[DataFolder]:
    """A folder to make an installation in; it takes its place only when all has gone well.

    Raises Conflict if something is there already.
    """
    if folder.exists or (folder.root.is_dir() and any(folder.root.iterdir())):
        raise Conflict(
            Text(
                zh=f"{folder.root} 中已有安装或其他文件，请另选目录",
                en=f"{folder.root} already holds an installation or other files; choose another folder",
            )
        )
    root = folder.root.resolve()  # "." has no name
    unfinished = DataFolder(root.with_name(f"{root.name}.making"))
    shutil.rmtree(unfinished.root, ignore_errors=True)
    yield unfinished
    if root.is_dir():
        root.rmdir()
    unfinished.root.rename(root)
