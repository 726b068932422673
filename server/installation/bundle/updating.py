"""An update with a way back: the old programs stay, and the data are backed up and checked before they change."""

import os
import shutil
from dataclasses import asdict
from datetime import datetime
from os.path import ismount
from pathlib import Path
from typing import Any

from .contents import Bundle, Refused
from .home import UPDATING, Home, Installed
from .installing import Say, copy_voices, doctor_arguments, put_in_place
from .interrupting import interrupted_by_signals, uninterrupted
from .machine import Machine
from .tools import Tools

_GB = 1 << 30


class Update:
    """One update of one home; raises Refused with the step that failed, after everything was taken back."""

    def __init__(self, bundle: Bundle, home: Home, machine: Machine, tools: Tools, say: Say) -> None:
        self._bundle = bundle
        self._home = home
        self._machine = machine
        self._tools = tools
        self._say = say

    def run(self, now: datetime, skip_doctor: bool = False) -> None:
        """From the version in use to that of the bundle; a signal or Ctrl-C takes it back as a failure does."""
        with interrupted_by_signals():
            self._run(now, skip_doctor)

    def _run(self, now: datetime, skip_doctor: bool) -> None:
        home = self._home
        if home.noted() is not None:
            raise Refused(
                f"上次升级中断：请先用 --take-back 恢复；如果新版本一直在正常使用，请只删除 {home.root / UPDATING}"
                " (the last update was cut off: take it back with --take-back, or, if the new version has been in use"
                " since, only remove that file)"
            )
        old = home.installed()
        new = old.of(self._bundle.version)
        if old.version == new.version:
            raise Refused(f"已是版本 {new.version} (this version is installed already)")
        data = Path(old.data)
        self._can_be_taken_back(data)
        self._say(f"安装程序 installing the programs of {new.version} …")
        put_in_place(self._bundle, home, new, self._tools)
        backup = data.parent / f"ccss-before-{new.version}-{now:%Y%m%d-%H%M%S}.zip"
        noted: dict[str, Any] = {"backup": str(backup), "old": asdict(old), "new": new.version}
        noted |= {"changed": False, "aside": f"{now:%Y%m%d-%H%M%S}"}
        try:
            if not skip_doctor:
                self._ccss(new, "doctor", "--machine", *doctor_arguments(new))
            home.note(noted)
        except BaseException:
            shutil.rmtree(home.venv(new), ignore_errors=True)
            raise
        try:
            self._stop(old)
            # Nothing to migrate: it refuses if a server that somebody started by hand still uses the data.
            self._ccss(old, "migrate", "--data", old.data)
            self._say("备份 backing up …")
            self._ccss(old, "backup", "--data", old.data, "--to", str(backup))
            noted["changed"] = True
            home.note(noted)
            self._say("更新数据库 migrating …")
            self._ccss(new, "migrate", "--data", new.data)
            copy_voices(self._bundle, home, new, self._tools)
            if not skip_doctor:
                self._ccss(new, "doctor", *doctor_arguments(new))
            self._start(new)
            home.use(new)
            home.forget()
        except (Refused, OSError, KeyboardInterrupt) as cause:
            with uninterrupted():
                said = str(cause) or "已中断 interrupted"
                self._say(f"升级失败，正在恢复 the update failed, taking it back: {said}")
                self._take_back(old, noted)
            raise Refused(f"已恢复到 {old.version} (back at the old version)。原因 cause: {said}") from cause
        for path in home.others(old, new):
            shutil.rmtree(path, ignore_errors=True)
        self._say(f"已升级到 updated to {new.version}。备份 backup: {backup}")

    def take_back(self) -> None:
        """Undo an update that was cut off, say by a power failure."""
        noted = self._home.noted()
        if noted is None:
            raise Refused("没有中断的升级 (no update was cut off)")
        try:
            old = Installed(**noted["old"])
        except (KeyError, TypeError) as error:
            raise Refused(f"{self._home.root / UPDATING} 无法读取 (can't be read): {error}") from error
        with uninterrupted():
            self._take_back(old, noted)
        self._say("已恢复 taken back")

    def _can_be_taken_back(self, data: Path) -> None:
        """Raises Refused where the way back would end half-way: it moves the folder aside and restores the backup."""
        if ismount(data):
            raise Refused(
                f"{data} 是挂载点，升级失败时无法改名保留：请把数据移到其中的子目录，再用 --data 重新安装"
                " (the data folder is a mount point and can't be moved aside: move the data into a folder below it)"
            )
        needed, free = 2 * _size(data) + _GB, self._tools.free(data.parent)
        if free < needed:
            raise Refused(
                f"{data.parent} 空间不足：备份和恢复需要 {needed / _GB:.1f} GB，只剩 {free / _GB:.1f} GB，请先清理"
                f" (too little room for a backup and the way back: {needed / _GB:.1f} GB needed)"
            )

    def _take_back(self, old: Installed, noted: dict[str, Any]) -> None:
        """The old programs on the old data; raises Refused if even that fails, naming where the backup lies."""
        home, data = self._home, Path(old.data)
        try:
            self._stop(old)
            if noted["changed"]:
                aside = data.with_name(f"{data.name}.failed-{noted['aside']}")
                if data.exists() and not aside.exists():
                    data.rename(aside)
                if not data.exists():
                    self._ccss(old, "restore", noted["backup"], "--data", old.data)
                if (aside / "backups").is_dir() and not (data / "backups").exists():
                    (aside / "backups").rename(data / "backups")
            home.use(old)
            self._start(old)
        except (Refused, OSError) as error:
            raise Refused(
                f"恢复也失败了，备份在 {noted['backup']}，请用 ccss restore 手工恢复"
                f" (taking back failed too; restore that backup by hand): {error}"
            ) from error
        shutil.rmtree(home.venv(old.of(noted["new"])), ignore_errors=True)
        home.forget()

    def _ccss(self, installed: Installed, *arguments: str) -> None:
        self._tools.run(self._machine.as_user(installed, [str(self._home.ccss(installed)), *arguments]))

    def _stop(self, installed: Installed) -> None:
        if installed.service:
            self._machine.stop(installed)

    def _start(self, installed: Installed) -> None:
        """Whether it serves is part of it."""
        if not installed.service:
            return
        self._machine.set_up(self._home, installed)
        self._machine.start()
        if not self._tools.answers(installed):
            raise Refused(f"{installed.version} 启动后没有应答 (does not answer after its start)")


def _size(data: Path) -> int:
    """Bytes of what a backup of a data folder holds: all but the backups in it."""
    total = 0
    for place, folders, files in os.walk(data, followlinks=True):
        if Path(place) == data and "backups" in folders:
            folders.remove("backups")
        for name in files:
            try:
                total += (Path(place) / name).stat().st_size
            except FileNotFoundError:  # the server still runs
                continue
    return total
