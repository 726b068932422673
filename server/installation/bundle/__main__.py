"""`python -m installer` in an unpacked bundle; install.sh, install.cmd and their updating sisters call it."""

import argparse
import contextlib
import os
import struct
import sys
from datetime import datetime
from pathlib import Path

from .contents import Bundle, Refused
from .home import Home, Installed
from .installing import install
from .machine import Linux, Machine, Windows
from .tools import RealTools
from .updating import Update

WINDOWS = sys.platform == "win32"
HOME, DATA = ("C:\\CCSS", "C:\\ProgramData\\CCSS\\data") if WINDOWS else ("/opt/ccss", "/var/lib/ccss/data")


def main(arguments: list[str]) -> int:
    """Install or update; 1 if it was refused."""
    parser = argparse.ArgumentParser(prog="install", description="CCSS 离线安装 / offline installation")
    parser.add_argument("--update", action="store_true", help="升级已有安装 update what is installed")
    parser.add_argument("--take-back", action="store_true", help="恢复中断的升级 undo an update that was cut off")
    parser.add_argument("--home", type=Path, default=Path(HOME), help="程序目录 folder of the programs")
    parser.add_argument("--data", type=Path, default=Path(DATA), help="数据目录 data folder")
    parser.add_argument("--host", default="0.0.0.0")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--tls-port", type=int, default=8443)
    parser.add_argument("--user", default="" if WINDOWS else "ccss", help="运行服务的账号 account of the service")
    parser.add_argument("--no-service", action="store_true", help="不装服务 no service, no firewall rule, no account")
    parser.add_argument("--no-firewall", action="store_true", help="不改防火墙 leave the firewall alone")
    parser.add_argument("--skip-doctor", action="store_true", help="升级时不体检 update although the check fails")
    options = parser.parse_args(arguments)
    tools = RealTools()
    machine: Machine = Windows(tools) if WINDOWS else Linux(tools)
    home = Home(options.home.resolve())
    try:
        updating = options.update or options.take_back
        bundle = Bundle.read(Path.cwd())
        bundle.suits(sys.version_info[:2], sys.platform, struct.calcsize("P") * 8)
        bundle.check()
        service = home.installed().service if updating else not options.no_service
        if service and not WINDOWS and os.geteuid() != 0:
            raise Refused("请用 root 运行，或加 --no-service (run as root, or give --no-service)")
        if updating:
            update = Update(bundle, home, machine, tools, say)
            if options.take_back:
                update.take_back()
            else:
                update.run(datetime.now().astimezone(), options.skip_doctor)
            return 0
        wanted = Installed(
            version=bundle.version,
            data=str(options.data.resolve()),
            host=options.host,
            port=options.port,
            tls_port=options.tls_port,
            user=options.user if service else "",
            service=service,
        )
        install(bundle, home, wanted, machine, tools, say, not options.no_firewall)
    except (Refused, OSError) as refused:
        say(f"错误 error: {refused}", failed=True)
        return 1
    except KeyboardInterrupt:
        say("已中断 interrupted", failed=True)
        return 1
    return 0


def say(text: str, failed: bool = False) -> None:
    """One line, at once."""
    stream = sys.stderr if failed else sys.stdout
    with contextlib.suppress(OSError):  # a terminal that is gone must not stop the way back
        stream.write(f"{text}\n")
        stream.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
