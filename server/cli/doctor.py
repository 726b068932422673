"""`ccss doctor`; it must load where the other commands don't."""

import json
import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from server.cli.common import DataOption
from server.installation.doctor import CHECKS, MACHINE, examine
from server.installation.doctor.finding import Finding, Setup, State
from server.settings import DataFolder

commands = typer.Typer()

_WORDS: dict[State, tuple[str, str]] = {
    "ok": ("正常 ok", "green"),
    "warn": ("注意 warn", "yellow"),
    "fail": ("故障 FAIL", "bold red"),
}


@commands.command()
def doctor(
    data: DataOption,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, for programs.")] = False,
    host: Annotated[str, typer.Option(help="Address that the server listens on.")] = "0.0.0.0",
    port: Annotated[int, typer.Option(help="Its port.")] = 8000,
    tls_port: Annotated[int, typer.Option(help="Its port for HTTPS.")] = 8443,
    media_address: Annotated[
        list[str] | None, typer.Option(help="Addresses that browsers send sound to, as given to the server.")
    ] = None,
    machine: Annotated[
        bool, typer.Option("--machine", hidden=True, help="The machine alone, before an update.")
    ] = False,
) -> None:
    """Look at everything that a contest needs, and say how to mend what is wrong; exit 1 if anything fails."""
    setup = Setup(DataFolder(data), host, port, tls_port)
    if media_address:
        setup.media_addresses = tuple(media_address)
    findings = examine(setup, MACHINE if machine else CHECKS)
    if as_json:
        typer.echo(json.dumps([finding.model_dump(mode="json") for finding in findings], ensure_ascii=False, indent=1))
    elif sys.stdout.isatty():
        _table(findings)
    else:
        _lines(findings)
    if any(finding.state == "fail" for finding in findings):
        raise typer.Exit(1)


def _table(findings: list[Finding]) -> None:
    """For eyes; rich itself leaves colours away where NO_COLOR says so."""
    table = Table("状态 state", "项目 check", "情况和办法 what, and how to mend it", box=None, padding=(0, 2, 0, 0))
    for finding in findings:
        word, style = _WORDS[finding.state]
        table.add_row(f"[{style}]{word}[/]", finding.key, escape(_said(finding)), end_section=True)
    Console().print(table)


def _lines(findings: list[Finding]) -> None:
    """For files and mails."""
    for finding in findings:
        first, *rest = _said(finding).splitlines()
        typer.echo(f"{_WORDS[finding.state][0]:<8} {finding.key:<12} {first}")
        for line in rest:
            typer.echo(f"{'':<22}{line}")


def _said(finding: Finding) -> str:
    lines = [finding.what.zh]
    if finding.what.en != finding.what.zh:
        lines.append(finding.what.en)
    if finding.cure is not None:
        lines += [f"→ {finding.cure.zh}", f"→ {finding.cure.en}"]
    return "\n".join(lines)
