"""A first installation. Whatever fails, it can be run again: nothing that is there is lost."""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from .contents import Bundle, Refused
from .home import Home, Installed
from .machine import Machine, Tools, serve_arguments

Say = Callable[[str], None]


def install(
    bundle: Bundle, home: Home, wanted: Installed, machine: Machine, tools: Tools, say: Say, firewall: bool = True
) -> None:
    """Programs, data folder, voices, service, firewall, start. Raises Refused at the first thing that fails."""
    if home.exists:
        raise Refused(f"{home.root} 中已有 CCSS，请用 --update 升级 (CCSS is there: use --update)")
    home.root.mkdir(parents=True, exist_ok=True)
    say("安装程序 installing the programs …")
    put_in_place(bundle, home, wanted, tools)
    machine.prepare(wanted)
    _usable(home, wanted, machine, tools)
    data = Path(wanted.data)
    if (data / "ccss.json").is_file():
        say(f"保留已有数据 keeping the data of {data}")
        commands = ["backup", "migrate"]
    else:
        commands = ["init"]
    for command in commands:
        tools.run(machine.as_user(wanted, [str(home.ccss(wanted)), command, "--data", wanted.data]))
    copy_voices(bundle, home, wanted, tools)
    home.use(wanted)
    if not wanted.service:
        say(f"启动 start: {home.root / 'ccss'} {' '.join(serve_arguments(wanted))}")
        return
    if firewall:
        machine.open_ports(wanted)
    machine.set_up(home, wanted)
    machine.start()
    if not tools.answers(wanted.port, wanted.version):
        raise Refused("服务没有应答，请运行 ccss doctor (the service does not answer: run ccss doctor)")
    say(f"CCSS {wanted.version} 已启动 is running: http://localhost:{wanted.port}  https://…:{wanted.tls_port}")


def put_in_place(bundle: Bundle, home: Home, wanted: Installed, tools: Tools) -> None:
    """Make the virtual environment of a version; a half-made one is removed."""
    try:
        for command in home.commands(bundle, wanted):
            tools.run(command)
    except Refused:
        shutil.rmtree(home.venv(wanted), ignore_errors=True)
        raise


def _usable(home: Home, wanted: Installed, machine: Machine, tools: Tools) -> None:
    """The server's account must reach the interpreter: one below somebody's home folder is closed to it."""
    try:
        tools.run(machine.as_user(wanted, [str(home.python(wanted)), "-c", ""]))
    except Refused as refused:
        raise Refused(
            f"账号 {wanted.user} 不能运行 {sys.executable}，请用系统的 Python：PYTHON=/usr/bin/python3 ./install.sh"
            f" (that account can't run this Python; use the system's): {refused}"
        ) from refused


def copy_voices(bundle: Bundle, home: Home, wanted: Installed, tools: Tools) -> None:
    """The voices of a bundle with speech, into the data folder, for the account that owns it."""
    voices, target = bundle.root / "voices", str(Path(wanted.data) / "voices")
    if not voices.is_dir():
        return
    # By whoever unpacked the bundle: the server's account may not be able to read it there.
    code = "import shutil, sys; shutil.copytree(sys.argv[1], sys.argv[2], dirs_exist_ok=True)"
    tools.run([str(home.python(wanted)), "-c", code, str(voices), target])
    if wanted.user:
        tools.run(["chown", "--recursive", f"{wanted.user}:", target])
