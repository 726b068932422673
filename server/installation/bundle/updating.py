"""An update with a way back: the old programs stay, and the data are backed up and checked before they change."""

import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

from .contents import Bundle, Refused
from .home import UPDATING, Home, Installed
from .installing import Say, copy_voices, put_in_place
from .machine import Machine, Tools


class Update:
    """One update of one home; raises Refused with the step that failed, after everything was taken back."""

    def __init__(self, bundle: Bundle, home: Home, machine: Machine, tools: Tools, say: Say) -> None:
        self._bundle = bundle
        self._home = home
        self._machine = machine
        self._tools = tools
        self._say = say

    def run(self, now: datetime, skip_doctor: bool = False) -> None:
        """From the version in use to that of the bundle."""
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
        self._say(f"安装程序 installing the programs of {new.version} …")
        put_in_place(self._bundle, home, new, self._tools)
        data = Path(old.data)
        backup = data.parent / f"ccss-before-{new.version}-{now:%Y%m%d-%H%M%S}.zip"
        noted = {"backup": str(backup), "new": new.version, "changed": False, "aside": f"{now:%Y%m%d-%H%M%S}"}
        home.note(noted)
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
                self._ccss(new, "doctor", "--data", new.data, "--port", str(new.port), "--tls-port", str(new.tls_port))
            self._start(new)
            home.use(new)
        except Refused as refused:
            self._say(f"升级失败，正在恢复 the update failed, taking it back: {refused}")
            self._take_back(old, noted)
            raise Refused(f"已恢复到 {old.version} (back at the old version)。原因 cause: {refused}") from refused
        home.forget()
        for path in home.others(old, new):
            shutil.rmtree(path, ignore_errors=True)
        self._say(f"已升级到 updated to {new.version}。备份 backup: {backup}")

    def take_back(self) -> None:
        """Undo an update that was cut off, say by a power failure."""
        noted = self._home.noted()
        if noted is None:
            raise Refused("没有中断的升级 (no update was cut off)")
        self._take_back(self._home.installed(), noted)
        self._say("已恢复 taken back")

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
            self._machine.stop()

    def _start(self, installed: Installed) -> None:
        """Whether it serves is part of it."""
        if not installed.service:
            return
        self._machine.set_up(self._home, installed)
        self._machine.start()
        if not self._tools.answers(installed.port, installed.version):
            raise Refused(f"{installed.version} 启动后没有应答 (does not answer after its start)")
