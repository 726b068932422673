"""A first installation. Whatever fails, it can be run again: nothing that is there is lost."""

import contextlib
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from .contents import Bundle, Refused
from .home import Home, Installed
from .machine import Machine, serve_arguments, sound_ports
from .tools import Tools

Say = Callable[[str], None]


def install(
    bundle: Bundle, home: Home, wanted: Installed, machine: Machine, tools: Tools, say: Say, firewall: bool = True
) -> None:
    """Programs, data folder, voices, service, firewall, start. Raises Refused at the first thing that fails."""
    if home.exists:
        raise Refused(f"{home.root} 中已有 CCSS，请用 --update 升级 (CCSS is there: use --update)")
    home.root.mkdir(parents=True, exist_ok=True)
    machine.prepare(wanted)
    data = Path(wanted.data)
    if wanted.service and (data / "ccss.json").is_file():
        # A first attempt may have got as far as the start; where there is no service yet, none can be stopped.
        with contextlib.suppress(Refused):
            machine.stop(wanted)
    say("安装程序 installing the programs …")
    put_in_place(bundle, home, wanted, tools)
    _usable(home, wanted, machine, tools)
    if (data / "ccss.json").is_file():
        say(f"保留已有数据 keeping the data of {data}")
        commands = ["backup", "migrate"]
    else:
        commands = ["init"]
    for command in commands:
        tools.run(machine.as_user(wanted, [str(home.ccss(wanted)), command, "--data", wanted.data]))
    copy_voices(bundle, home, wanted, tools)
    if not wanted.service:
        home.use(wanted)
        say(f"启动 start: {home.root / 'ccss'} {' '.join(serve_arguments(wanted))}")
        return
    if firewall:
        _open_ports(wanted, machine, say)
    machine.set_up(home, wanted)
    machine.start()
    if not tools.answers(wanted):
        doctor = " ".join(machine.as_user(wanted, [str(home.ccss(wanted)), "doctor", *doctor_arguments(wanted)]))
        raise Refused(
            f"服务没有应答，请运行下面的命令，解决后再安装一次 (no answer; run this, then install again): {doctor}"
        )
    # Last: what is in use can only be updated, and an installation that failed must be possible again.
    home.use(wanted)
    say(f"CCSS {wanted.version} 已启动 is running: http://localhost:{wanted.port}  https://…:{wanted.tls_port}")


def doctor_arguments(installed: Installed) -> list[str]:
    """What `ccss doctor` must know of an installation."""
    return [
        *("--data", installed.data, "--host", installed.host),
        *("--port", str(installed.port), "--tls-port", str(installed.tls_port)),
    ]


def _open_ports(wanted: Installed, machine: Machine, say: Say) -> None:
    try:
        machine.open_ports(wanted)
    except Refused as refused:
        first, last = sound_ports()
        say(
            f"注意 warning: 防火墙没有设置，请手工放行 TCP {wanted.port} 和 {wanted.tls_port}，通话还要放行 UDP"
            f" {first}–{last} (the firewall was left as it is: open these ports by hand): {refused}"
        )


def put_in_place(bundle: Bundle, home: Home, wanted: Installed, tools: Tools) -> None:
    """Make the virtual environment of a version; a half-made one is removed."""
    try:
        for command in home.commands(bundle, wanted):
            tools.run(command)
    except BaseException:
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
