"""Commands for the installation itself: making it, its accounts, its database."""

import asyncio
from datetime import UTC, datetime
from typing import Annotated

import typer

from server.app import build, running
from server.cli.common import DataOption, locked, told
from server.core.access import Role
from server.core.ids import new_code
from server.db import migrate as migrations
from server.db.database import sqlite_url
from server.demo import import_demo_papers
from server.installation.addresses import machine_names
from server.installation.authority import authority_faults
from server.installation.authority import new_authority as make_authority
from server.installation.certificates import certificate_lines, server_certificate
from server.installation.trust import welcome
from server.serving import PORT, TLS_PORT
from server.settings import BackupPlan, DataFolder, Settings, making
from server.version import VERSION

commands = typer.Typer()


@commands.command()
def version() -> None:
    """Print the version."""
    typer.echo(VERSION)


@commands.command()
def init(
    data: DataOption,
    site_name: Annotated[str, typer.Option(help="Name shown on the first page.")] = "CCSS",
    account: Annotated[str, typer.Option(help="Log-in name of the first organiser.")] = "organiser",
    samples: Annotated[bool, typer.Option(help="Offer the shipped practice papers.")] = True,
    allow_http: Annotated[
        bool, typer.Option("--allow-http", help="Let other machines practise without HTTPS (no microphone there).")
    ] = False,
) -> None:
    """Make a real installation: an empty data folder, the first account, a password made by chance."""
    data = data.resolve()
    folder = DataFolder(data)
    with told():
        password = new_code(16)
        with making(folder) as unfinished:
            unfinished.create(
                Settings(profile="installed", site_name=site_name, plain_http_on_lan=allow_http, backup=BackupPlan())
            )
            migrations.upgrade(sqlite_url(unfinished.database))
            asyncio.run(_first_account(unfinished, account, password, samples))
            names = machine_names()
            server_certificate(unfinished.tls, names, site_name)
    typer.echo(f"数据目录 data folder: {data}")
    typer.echo(f"账号 account:  {account}")
    typer.echo(f"密码 password: {password}    (只显示这一次 shown only once)")
    typer.echo(f"启动 start:    ccss run --data {data} --host 0.0.0.0")
    for line in welcome(names, PORT, TLS_PORT):
        typer.echo(line)


async def _first_account(folder: DataFolder, account: str, password: str, samples: bool) -> None:
    async with running(await build(folder)) as services:
        await services.accounts.create(account, "赛务管理员", Role.ORGANISER, password)
        if samples:
            await import_demo_papers(services)


@commands.command(name="account")
def account_(
    data: DataOption,
    login_name: Annotated[str, typer.Argument(help="Log-in name, for a pupil the 学号.")],
    name: Annotated[str, typer.Option(help="Name to be shown.")],
    role: Annotated[
        list[Role] | None, typer.Option(help="What the person acts as, several times for several; else contestant.")
    ] = None,
) -> None:
    """Add an account with a password made by chance. The server must not run."""
    folder = DataFolder(data)
    password = new_code(10)
    with told():
        folder.settings()
        with locked(folder):
            asyncio.run(_add_account(folder, login_name, name, role or [Role.CONTESTANT], password))
    typer.echo(f"账号 account: {login_name}    密码 password: {password}    (只显示这一次 shown only once)")


async def _add_account(folder: DataFolder, login_name: str, name: str, roles: list[Role], password: str) -> None:
    services = await build(folder)
    try:
        await services.accounts.create(login_name, name, roles, password)
    finally:
        await services.database.close()


@commands.command()
def certificate(
    data: DataOption,
    new_authority: Annotated[
        bool, typer.Option("--new-authority", help="Make a new authority: every machine must be set up anew.")
    ] = False,
) -> None:
    """Print what machines trust and what the server shows: fingerprint (SHA-256), names, validity. Exit 1 on faults."""
    folder, names, at = DataFolder(data), machine_names(), datetime.now(UTC)
    with told():
        settings = folder.settings()
        if new_authority:
            with locked(folder):
                make_authority(folder.tls, settings.site_name, names, at)
                server_certificate(folder.tls, names, settings.site_name, at)
    for line in certificate_lines(folder.tls):
        typer.echo(line)
    faults = authority_faults(folder.tls, names, at)
    for fault in faults:
        typer.echo(f"{fault.zh}  ({fault.en})", err=True)
    if faults:
        raise typer.Exit(1)


@commands.command()
def migrate(data: DataOption) -> None:
    """Bring the database of an installation to the newest revision (make a backup first)."""
    folder = DataFolder(data)
    with told():
        folder.settings()
        with locked(folder):
            migrations.upgrade(sqlite_url(folder.database))
    typer.echo("数据库已是最新版本 the database is up to date")
