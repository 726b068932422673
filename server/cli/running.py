"""Commands that run something: the server, the demo, the robots."""

import asyncio
import contextlib
from pathlib import Path
from typing import Annotated

import typer

from server.cli.common import DataOption, fail, locked, told
from server.db import migrate as migrations
from server.db.database import sqlite_url
from server.demo import create_demo
from server.robots.contest import prepare_folder
from server.robots.hall import Hall, attend
from server.robots.process import RobotsProcess
from server.robots.robot import Manner, measuring
from server.serving import Listening, Ports, loop_factory, serve
from server.settings import DataFolder

commands = typer.Typer()

ROBOTS_TLS_PORT = 8443
"""Where the demo serves TLS for its robots unless told otherwise."""

HostOption = Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 for the whole LAN.")]
PortOption = Annotated[int, typer.Option(help="Port; 0 for any free one.")]
TlsPortOption = Annotated[int | None, typer.Option(help="Port for HTTPS; 0 for any free one; without it, no HTTPS.")]


@commands.command()
def run(
    data: DataOption, host: HostOption = "127.0.0.1", port: PortOption = 8000, tls_port: TlsPortOption = None
) -> None:
    """Run the server on an existing installation."""
    folder = DataFolder(data)
    with told():
        folder.settings()
        migrations.require_current(sqlite_url(folder.database))
        _serve(folder, Ports(host, port, tls_port))


@commands.command()
def demo(
    data: DataOption = Path("var/demo"),
    host: HostOption = "127.0.0.1",
    port: PortOption = 8000,
    tls_port: TlsPortOption = None,
    robots: Annotated[int, typer.Option(min=0, max=1000, help="Robots that come to a contest of their own.")] = 0,
) -> None:
    """Make the demo installation if it is not there yet, and run it; a taken port is passed over."""
    folder = DataFolder(data)
    with told():
        if not folder.exists:
            create_demo(folder)
        if folder.settings().profile != "demo":
            fail(f"{data} 不是演示安装，请用 ccss run  ({data} is no demo installation: use ccss run)")
        with locked(folder):
            migrations.upgrade(sqlite_url(folder.database))
        if robots and tls_port is None:
            tls_port = ROBOTS_TLS_PORT
        _serve(folder, Ports(host, port, tls_port, search=True), robots)


@commands.command(hidden=True)
def robots(
    data: DataOption,
    url: Annotated[str, typer.Option(help="Address of the server that uses this data folder.")],
    contest: Annotated[str, typer.Option(help="Id of the contest whose places they take.")],
    certificate: Annotated[Path | None, typer.Option(help="What TLS is trusted by.")] = None,
    count: Annotated[int | None, typer.Option(help="At most so many.")] = None,
    pace: Annotated[float | None, typer.Option(help="For measuring: one act every so many seconds.")] = None,
    recordings: Annotated[bool, typer.Option(help="Load what they listen to.")] = True,
) -> None:
    """Let robots sit at the places of a contest until stdin ends."""
    manner = Manner(recordings=recordings) if pace is None else measuring(pace, recordings)
    folder = DataFolder(data)
    with told(), contextlib.suppress(KeyboardInterrupt), asyncio.Runner(loop_factory=loop_factory()) as runner:
        folder.settings()
        runner.run(attend(Hall(folder, contest, url, certificate, count, manner)))


def _serve(folder: DataFolder, ports: Ports, robots: int = 0) -> None:
    with contextlib.ExitStack() as stack:
        stack.enter_context(locked(folder))
        contest_id = asyncio.run(prepare_folder(folder, robots)) if robots else ""
        listening = stack.enter_context(Listening.on(folder, ports))
        if robots and (secure := listening.secure) is not None:
            arguments: list[str | Path] = ["--data", folder.root, "--url", secure.url, "--contest", contest_id]
            arguments += ["--certificate", secure.certificate.certificate, "--count", str(robots)]
            stack.enter_context(RobotsProcess(arguments))
        serve(folder, listening)
