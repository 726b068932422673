"""The machine's service and firewall: systemd with ufw or firewalld, or the task scheduler with Windows' firewall."""

import contextlib
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from .contents import Refused
from .home import Home, Installed, write
from .tools import Tools

SERVICE = "ccss"
LINUX_PORTS, WINDOWS_PORTS = (32768, 60999), (49152, 65535)
"""Ports for whoever asks for any (RFC 6335 section 6; Linux takes more): calls use one each."""
STOP_S = 60
"""How long an ended task may take to let go of its folder."""


class Machine(Protocol):
    """How one kind of system starts CCSS by itself."""

    def prepare(self, installed: Installed) -> None:
        """The account that the server runs as, and its access to the data.

        Raises Refused where the folder above the data is somebody else's: its access is not ours to change.
        """
        ...

    def as_user(self, installed: Installed, command: Sequence[str]) -> list[str]:
        """The command, run as the server's account where that is needed."""
        ...

    def set_up(self, home: Home, installed: Installed) -> None:
        """Make or renew the service."""
        ...

    def start(self) -> None:
        """Start the service."""
        ...

    def stop(self, installed: Installed) -> None:
        """Stop the service and wait until it has ended; harmless if it does not run."""
        ...

    def open_ports(self, installed: Installed) -> None:
        """Let the LAN in."""
        ...


class Linux:
    """systemd; a system account owns the data."""

    def __init__(self, tools: Tools, units: Path = Path("/etc/systemd/system")) -> None:
        self._tools = tools
        self._unit = units / f"{SERVICE}.service"

    def prepare(self, installed: Installed) -> None:
        """A system account without a shell."""
        if not installed.user:
            return
        place = Path(installed.data).parent
        if place.exists() and _owner(place) != installed.user:
            raise _not_ours(place)
        try:
            self._tools.run(["id", "--user", installed.user])
        except Refused:
            self._tools.run(["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", installed.user])
        self._tools.run(["install", "--directory", "--mode=0750", f"--owner={installed.user}", str(place)])

    def as_user(self, installed: Installed, command: Sequence[str]) -> list[str]:
        """By `runuser`, which every Linux has."""
        return ["runuser", "--user", installed.user, "--", *command] if installed.user else list(command)

    def set_up(self, home: Home, installed: Installed) -> None:
        """One unit."""
        write(self._unit, unit(home, installed))
        self._tools.run(["systemctl", "daemon-reload"])
        self._tools.run(["systemctl", "enable", "--quiet", SERVICE])

    def start(self) -> None:
        """At once; whether it serves is asked over HTTP."""
        self._tools.run(["systemctl", "restart", SERVICE])

    def stop(self, installed: Installed) -> None:
        """systemd waits until it has ended."""
        self._tools.run(["systemctl", "stop", SERVICE])

    def open_ports(self, installed: Installed) -> None:
        """In whichever firewall is there; without one all is open."""
        ports = (installed.port, installed.tls_port)
        first, last = sound_ports()
        if self._tools.has("ufw"):
            for port in ports:
                self._tools.run(["ufw", "allow", f"{port}/tcp"])
            self._tools.run(["ufw", "allow", f"{first}:{last}/udp"])
        elif self._tools.has("firewall-cmd"):
            for port in ports:
                self._tools.run(["firewall-cmd", "--permanent", "--add-port", f"{port}/tcp"])
            self._tools.run(["firewall-cmd", "--permanent", "--add-port", f"{first}-{last}/udp"])
            self._tools.run(["firewall-cmd", "--reload"])


class Windows:
    """The task scheduler; LOCAL SERVICE owns the data. No third-party service wrapper."""

    ADMINISTRATORS, SYSTEM, LOCAL_SERVICE = "S-1-5-32-544", "S-1-5-18", "S-1-5-19"

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def prepare(self, installed: Installed) -> None:
        """Only administrators and the server may read the data."""
        data = Path(installed.data)
        place = data.parent
        if place == place.parent or (place.is_dir() and any(not _beside(path, data) for path in place.iterdir())):
            raise _not_ours(place)
        place.mkdir(parents=True, exist_ok=True)
        grants = [f"*{sid}:(OI)(CI)F" for sid in (self.ADMINISTRATORS, self.SYSTEM, self.LOCAL_SERVICE)]
        self._tools.run(["icacls", str(place), "/inheritance:r", "/grant:r", *grants])

    def as_user(self, installed: Installed, command: Sequence[str]) -> list[str]:
        """Files take the access of their folder: no other account is needed."""
        return list(command)

    def set_up(self, home: Home, installed: Installed) -> None:
        """A task at the start of the machine; its own XML, as a plain task would be ended after three days."""
        xml = home.root / "task.xml"
        write(xml, task(home, installed), encoding="utf-16")
        self._tools.run(["schtasks", "/Create", "/F", "/TN", SERVICE, "/XML", str(xml)])

    def start(self) -> None:
        """At once; whether it serves is asked over HTTP."""
        self._tools.run(["schtasks", "/Run", "/TN", SERVICE])

    def stop(self, installed: Installed) -> None:
        """A task that does not run can't be ended: that is no failure. The scheduler does not wait, so we do."""
        with contextlib.suppress(Refused):
            self._tools.run(["schtasks", "/End", "/TN", SERVICE])
        for _ in range(STOP_S):
            if not self._tools.serves(installed):
                return
            self._tools.sleep(1)
        raise Refused(f"{STOP_S} 秒后服务仍未停止 (the service has not stopped after {STOP_S} s)")

    def open_ports(self, installed: Installed) -> None:
        """Two rules of one name, made anew."""
        rule = ["netsh", "advfirewall", "firewall"]
        with contextlib.suppress(Refused):
            self._tools.run([*rule, "delete", "rule", "name=CCSS"])
        ports = f"localport={installed.port},{installed.tls_port}"
        add = [*rule, "add", "rule", "name=CCSS", "dir=in", "action=allow"]
        self._tools.run([*add, "protocol=TCP", ports])
        first, last = WINDOWS_PORTS
        self._tools.run([*add, "protocol=UDP", f"localport={first}-{last}"])


def sound_ports() -> tuple[int, int]:
    """First and last UDP port on which this machine may receive the sound of calls: those that systems give out."""
    if sys.platform == "win32":
        return WINDOWS_PORTS
    try:
        first, last = Path("/proc/sys/net/ipv4/ip_local_port_range").read_text(encoding="ascii").split()
        return int(first), int(last)
    except (OSError, ValueError):
        return LINUX_PORTS


def serve_arguments(installed: Installed) -> list[str]:
    """What the service gives to `ccss`."""
    return [
        *("run", "--data", installed.data, "--host", installed.host),
        *("--port", str(installed.port), "--tls-port", str(installed.tls_port)),
    ]


def unit(home: Home, installed: Installed) -> str:
    """The systemd unit; systemd.unit(5), systemd.exec(5) and systemd.kill(5).

    Only the server itself is killed: media workers carry calls over its restart, and end by themselves without one.
    """
    words = " ".join(f'"{word}"' for word in [str(home.ccss(installed)), *serve_arguments(installed)])
    return f"""[Unit]
Description=CCSS
After=network.target

[Service]
ExecStart={words.replace("%", "%%")}
{f"User={installed.user}" if installed.user else ""}
Restart=always
RestartSec=2
KillMode=process
LimitNOFILE=65536
NoNewPrivileges=yes
PrivateTmp=yes
ProtectSystem=full
UMask=0077

[Install]
WantedBy=multi-user.target
"""


def task(home: Home, installed: Installed) -> str:
    """The scheduled task; schema http://schemas.microsoft.com/windows/2004/02/mit/task."""
    arguments = subprocess.list2cmdline(serve_arguments(installed))
    return f"""<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <Triggers><BootTrigger><Enabled>true</Enabled></BootTrigger></Triggers>
  <Principals><Principal id="Author"><UserId>{Windows.LOCAL_SERVICE}</UserId></Principal></Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <StartWhenAvailable>true</StartWhenAvailable>
    <RestartOnFailure><Interval>PT1M</Interval><Count>999</Count></RestartOnFailure>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <Priority>4</Priority>
  </Settings>
  <Actions Context="Author">
    <Exec><Command>{_xml(str(home.ccss(installed)))}</Command><Arguments>{_xml(arguments)}</Arguments></Exec>
  </Actions>
</Task>
"""


def _owner(place: Path) -> str:
    try:
        return place.owner()
    except KeyError:
        return ""


def _beside(path: Path, data: Path) -> bool:
    """Whether a file or folder is the data folder, or one that we put beside it."""
    return path == data or path.name.startswith((f"{data.name}.making", f"{data.name}.failed-", "ccss-before-"))


def _not_ours(place: Path) -> Refused:
    return Refused(
        f"安装时要改变 {place} 的权限，而它不是 CCSS 专用的：请把数据目录放在一个专用目录之下，例如"
        f" --data {place / 'ccss' / 'data'} (access to that folder would be changed, and it is not CCSS's own:"
        " choose a folder below one of its own)"
    )


def _xml(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
