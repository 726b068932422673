"""Commands that run something: the server, the demo, the robots."""

import asyncio
import contextlib
from pathlib import Path
from typing import Annotated

import typer
from filelock import Timeout

from grading.folder import GradingFolder
from grading.process import serve as serve_grading
from server.cli.common import DataOption, fail, locked, told
from server.db import migrate as migrations
from server.db.database import sqlite_url
from server.demo import create_demo
from server.installation.addresses import ip_of
from server.robots.contest import prepare_folder
from server.robots.hall import Hall, attend
from server.robots.process import RobotsProcess
from server.robots.robot import Manner, measuring
from server.serving import PORT, TLS_PORT, Listening, MediaChoice, Ports, loop_factory, serve
from server.settings import DataFolder

commands = typer.Typer()

HostOption = Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 for the whole LAN.")]
PortOption = Annotated[int, typer.Option(help="Port; 0 for any free one.")]
TlsPortOption = Annotated[
    int | None,
    typer.Option(help=f"Port for HTTPS; 0 for any free one. Without it: {TLS_PORT} for a LAN, none for this machine."),
]
NoTlsOption = Annotated[bool, typer.Option("--no-tls", help="No HTTPS at all: other machines work over plain HTTP.")]

NoGradingOption = Annotated[
    bool, typer.Option("--no-grading", help="No grading service, for practice alone: works of contests wait for one.")
]
NoMediaOption = Annotated[bool, typer.Option("--no-media", help="No live sound: nobody can make calls.")]
MediaAddressOption = Annotated[
    list[str] | None,
    typer.Option("--media-address", help="An IP address that browsers send sound to; may be repeated. Else: all."),
]
MediaWorkersOption = Annotated[
    int | None, typer.Option("--media-workers", min=1, max=64, help="Processes that carry calls; 150 calls each.")
]


@commands.command()
def run(
    data: DataOption,
    host: HostOption = "127.0.0.1",
    port: PortOption = PORT,
    tls_port: TlsPortOption = None,
    no_tls: NoTlsOption = False,
    no_grading: NoGradingOption = False,
    no_media: NoMediaOption = False,
    media_address: MediaAddressOption = None,
    media_workers: MediaWorkersOption = None,
) -> None:
    """Run the server on an existing installation."""
    folder = DataFolder(data)
    with told():
        folder.settings()
        migrations.require_current(sqlite_url(folder.database))
        media = None if no_media else _media(media_address, media_workers)
        _serve(folder, Ports.chosen(host, port, tls_port, no_tls), graded=not no_grading, media=media)


@commands.command()
def demo(
    data: DataOption = Path("var/demo"),
    host: HostOption = "127.0.0.1",
    port: PortOption = PORT,
    tls_port: TlsPortOption = None,
    no_tls: NoTlsOption = False,
    robots: Annotated[int, typer.Option(min=0, max=1000, help="Robots that come to a contest of their own.")] = 0,
    no_media: NoMediaOption = False,
    media_address: MediaAddressOption = None,
) -> None:
    """Make the demo installation if it is not there yet, and run it; a taken port is passed over."""
    folder = DataFolder(data)
    with told():
        if not folder.exists:
            typer.echo("正在准备演示数据，约半分钟…  (making the demo's data, about half a minute)", err=True)
            create_demo(folder)
        if folder.settings().profile != "demo":
            fail(f"{data} 不是演示安装，请用 ccss run  ({data} is no demo installation: use ccss run)")
        with locked(folder):
            migrations.upgrade(sqlite_url(folder.database))
        if robots and tls_port is None:
            tls_port = TLS_PORT
        media = None if no_media else _media(media_address, None, retire=True)
        _serve(folder, Ports.chosen(host, port, tls_port, no_tls and not robots, search=True), robots, media=media)


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


@commands.command(hidden=True)
def grading(data: DataOption, host: HostOption = "127.0.0.1", port: PortOption = 8010) -> None:
    """Run the grading service on a host of its own; the server finds it by GRADING_URL and GRADING_TOKEN_FILE."""
    folder = GradingFolder(DataFolder(data).grading)
    try:
        serve_grading(folder, host, port)
    except Timeout:
        fail(f"另一个评分服务正在使用 {folder.root}  (another grading service is using this folder)")
    except OSError as error:
        fail(f"无法监听 {host}:{port}，请用 --port 另选：{error}  (can't listen; choose another --port)")


def _media(addresses: list[str] | None, workers: int | None, *, retire: bool = False) -> MediaChoice:
    """How media is served; ends the command for what is no address."""
    for address in addresses or ():
        if ip_of(address) is None:
            fail(f"--media-address {address}：不是 IP 地址  (no IP address)")
    return MediaChoice(tuple(addresses or ()), workers, retire)


def _serve(
    folder: DataFolder, ports: Ports, robots: int = 0, *, graded: bool = True, media: MediaChoice | None = None
) -> None:
    with contextlib.ExitStack() as stack:
        stack.enter_context(locked(folder))
        contest_id = asyncio.run(prepare_folder(folder, robots)) if robots else ""
        listening = stack.enter_context(Listening.on(folder, ports))
        if robots and (secure := listening.secure) is not None:
            arguments: list[str | Path] = ["--data", folder.root, "--url", secure.url, "--contest", contest_id]
            arguments += ["--certificate", secure.certificate.authority, "--count", str(robots)]
            stack.enter_context(RobotsProcess(arguments))
        serve(folder, listening, graded=graded, media=media)
