"""A first installation. Whatever fails, it can be run again: nothing that is there is lost."""

import shutil
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
    data = Path(wanted.data)
    if (data / "ccss.json").is_file():
        say(f"保留已有数据 keeping the data of {data}")
        tools.run(machine.as_user(wanted, [str(home.ccss(wanted)), "migrate", "--data", wanted.data]))
    else:
        tools.run(machine.as_user(wanted, [str(home.ccss(wanted)), "init", "--data", wanted.data]))
    copy_voices(bundle, home, wanted, machine, tools)
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


def copy_voices(bundle: Bundle, home: Home, wanted: Installed, machine: Machine, tools: Tools) -> None:
    """The voices of a bundle with speech, into the data folder, as the account that owns it."""
    voices = bundle.root / "voices"
    if voices.is_dir():
        code = "import shutil, sys; shutil.copytree(sys.argv[1], sys.argv[2], dirs_exist_ok=True)"
        copy = [str(home.python(wanted)), "-c", code, str(voices), str(Path(wanted.data) / "voices")]
        tools.run(machine.as_user(wanted, copy))
