"""Checks of live media: a worker starts and can be spoken to, and sound has a way on the addresses it is told of."""

import json
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from server.installation.doctor.finding import Finding, Setup, bad, ok

if TYPE_CHECKING:
    from server.adapters.media_process import MediaFolder

_START_S = 30
_ANSWER_S = 5
_UDP_S = 2


def media_worker(setup: Setup) -> Finding:
    """One starts in a folder of its own, lets us in, and leaves."""
    from server.adapters.media_process import MediaFolder, worker_command
    from server.core.modules import installed_modules

    names = [name for name, module in sorted(installed_modules().items()) if module.media is not None]
    if not names:
        return ok("media_worker", "没有需要通话的竞赛模块", "No contest module has calls")
    command = setup.worker or worker_command(names[0])
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="ccss-doctor-") as place:
        folder = MediaFolder(Path(place))
        process = folder.start(0, command, ("127.0.0.1",))
        try:
            failed = _visit(folder, process)
        finally:
            _end(process)
        said = (folder.workers / "0.log").read_text(encoding="utf-8", errors="replace").strip()[-300:]
    if failed:
        return bad(
            "media_worker",
            f"语音媒体进程不能启动：{failed} {said}",
            f"A media worker does not start: {failed} {said}",
            "请重新安装 CCSS；没有它不能通话，其他环节不受影响",
            "Install CCSS anew; without it there are no calls, everything else works",
        )
    took = f"{time.monotonic() - began:.1f}"
    return ok("media_worker", f"语音媒体进程可以启动（{took} 秒）", f"A media worker starts ({took} s)")


def media_udp(setup: Setup) -> Finding:
    """A datagram gets from each address to itself; firewalls elsewhere can't be seen from here."""
    from server.installation.bundle.machine import sound_ports

    faults = [f"{address}: {fault}" for address in setup.media_addresses if (fault := _datagram(address))]
    first, last = sound_ports()
    if faults:
        listed = "; ".join(faults)
        return bad(
            "media_udp",
            f"通话用的地址收不到 UDP：{listed}",
            f"No UDP on the addresses of calls: {listed}",
            f"请检查网卡和本机防火墙（放行 UDP {first}–{last}），或用 --media-address 指明地址",
            f"Look at the network card and the firewall (open UDP {first}-{last}), or name addresses: --media-address",
        )
    listed = ", ".join(setup.media_addresses)
    return ok(
        "media_udp",
        f"通话地址 {listed} 可收发 UDP；赛位到本机的 UDP {first}–{last} 须放行",
        f"UDP works on {listed}; firewalls on the way must let UDP {first}-{last} in",
    )


def _visit(folder: "MediaFolder", process: "subprocess.Popen[bytes]") -> str:
    """Join a worker and retire it; returns what went wrong."""
    from server.core.media_wire import Join, Retire

    deadline = time.monotonic() + _START_S
    while (state := folder.state(0)) is None:
        if process.poll() is not None:
            return f"exit {process.returncode}"
        if time.monotonic() > deadline:
            return f"> {_START_S} s"
        time.sleep(0.05)
    try:
        with socket.create_connection(("127.0.0.1", state.port), _ANSWER_S) as line, line.makefile("rwb") as stream:
            stream.write(Join(token=state.token, now_ms=time.time_ns() // 1_000_000).model_dump_json().encode() + b"\n")
            stream.flush()
            answer = json.loads(stream.readline())
            stream.write(Retire().model_dump_json().encode() + b"\n")
            stream.flush()
        process.wait(_ANSWER_S)
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        return f"{type(error).__name__}: {error}"
    return "" if answer.get("type") == "joined" else "no answer"


def _end(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is None:
        process.kill()
    process.wait()


def _datagram(address: str) -> str:
    """Send one from an address to itself; returns what went wrong."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as here, socket.socket(family, socket.SOCK_DGRAM) as there:
            here.bind((address, 0))
            there.bind((address, 0))
            here.settimeout(_UDP_S)
            there.sendto(b"ccss", here.getsockname())
            here.recv(16)
    except TimeoutError:
        return "没有收到 not received"
    except OSError as error:
        return error.strerror or str(error)
    return ""
