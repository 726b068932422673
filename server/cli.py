"""The `ccss` command."""

import asyncio
import contextlib
import json
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from filelock import FileLock, Timeout

from server.app import build, running
from server.core.access import Role
from server.core.errors import Problem
from server.core.frozen import canonical_json
from server.core.ids import new_code
from server.core.modules import installed_modules
from server.db import migrate as migrations
from server.db.database import sqlite_url
from server.demo import create_demo, import_demo_papers
from server.logs import configure_logs
from server.papers.service import read_content
from server.robots.contest import prepare_folder
from server.robots.hall import Hall, attend
from server.robots.process import RobotsProcess
from server.robots.robot import Manner, measuring
from server.serving import Listening, Ports, loop_factory, serve
from server.settings import DataFolder, Settings, making
from server.verify import verify
from server.version import VERSION
from server.web.application import openapi

app = typer.Typer(
    name="ccss",
    help="CCSS: contact-centre simulation server for training and contests.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

ROBOTS_TLS_PORT = 8443
"""Where the demo serves TLS for its robots unless told otherwise."""

DataOption = Annotated[Path, typer.Option("--data", help="Data folder of the installation.")]
HostOption = Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 for the whole LAN.")]
PortOption = Annotated[int, typer.Option(help="Port; 0 for any free one.")]
TlsPortOption = Annotated[int | None, typer.Option(help="Port for HTTPS; 0 for any free one; without it, no HTTPS.")]


@app.callback()
def _main() -> None:
    """CCSS: contact-centre simulation server for training and contests."""
    configure_logs()


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(VERSION)


@app.command()
def run(
    data: DataOption, host: HostOption = "127.0.0.1", port: PortOption = 8000, tls_port: TlsPortOption = None
) -> None:
    """Run the server on an existing installation."""
    folder = DataFolder(data)
    with _told():
        folder.settings()
        migrations.require_current(sqlite_url(folder.database))
        _serve(folder, Ports(host, port, tls_port))


@app.command()
def demo(
    data: DataOption = Path("var/demo"),
    host: HostOption = "127.0.0.1",
    port: PortOption = 8000,
    tls_port: TlsPortOption = None,
    robots: Annotated[int, typer.Option(min=0, max=1000, help="Robots that come to a contest of their own.")] = 0,
) -> None:
    """Make the demo installation if it is not there yet, and run it; a taken port is passed over."""
    folder = DataFolder(data)
    with _told():
        if not folder.exists:
            create_demo(folder)
        if folder.settings().profile != "demo":
            _fail(f"{data} 不是演示安装，请用 ccss run  ({data} is no demo installation: use ccss run)")
        with _locked(folder):
            migrations.upgrade(sqlite_url(folder.database))
        if robots and tls_port is None:
            tls_port = ROBOTS_TLS_PORT
        _serve(folder, Ports(host, port, tls_port, search=True), robots)


@app.command()
def init(
    data: DataOption,
    site_name: Annotated[str, typer.Option(help="Name shown on the first page.")] = "CCSS",
    account: Annotated[str, typer.Option(help="Log-in name of the first organiser.")] = "organiser",
    samples: Annotated[bool, typer.Option(help="Offer the shipped practice papers.")] = True,
) -> None:
    """Make a real installation: an empty data folder, the first account, a password made by chance."""
    folder = DataFolder(data)
    with _told():
        password = new_code(16)
        with making(folder) as unfinished:
            unfinished.create(Settings(profile="installed", site_name=site_name))
            migrations.upgrade(sqlite_url(unfinished.database))
            asyncio.run(_first_account(unfinished, account, password, samples))
    typer.echo(f"数据目录 data folder: {data.resolve()}")
    typer.echo(f"账号 account:  {account}")
    typer.echo(f"密码 password: {password}    (只显示这一次 shown only once)")
    typer.echo(f"启动 start:    ccss run --data {data} --host 0.0.0.0")


async def _first_account(folder: DataFolder, account: str, password: str, samples: bool) -> None:
    async with running(await build(folder)) as services:
        await services.accounts.create(account, "赛务管理员", Role.ORGANISER, password)
        if samples:
            await import_demo_papers(services)


@app.command(name="account")
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
    with _told():
        folder.settings()
        with _locked(folder):
            asyncio.run(_add_account(folder, login_name, name, role or [Role.CONTESTANT], password))
    typer.echo(f"账号 account: {login_name}    密码 password: {password}    (只显示这一次 shown only once)")


async def _add_account(folder: DataFolder, login_name: str, name: str, roles: list[Role], password: str) -> None:
    services = await build(folder)
    try:
        await services.accounts.create(login_name, name, roles, password)
    finally:
        await services.database.close()


@app.command()
def migrate(data: DataOption) -> None:
    """Bring the database of an installation to the newest revision (make a backup first)."""
    folder = DataFolder(data)
    with _told():
        folder.settings()
        with _locked(folder):
            migrations.upgrade(sqlite_url(folder.database))
    typer.echo("数据库已是最新版本 the database is up to date")


@app.command(name="import")
def import_(
    data: DataOption,
    paper: Annotated[Path, typer.Argument(help="Paper as JSON, with the files it names beside it.")],
    module: Annotated[str, typer.Option(help="Contest module.")] = "typing_test",
    kind: Annotated[str, typer.Option(help="warmup, lesson or contest.")] = "lesson",
    visible_from: Annotated[
        str, typer.Option(help="From when on it may be practised: now, never, or a moment such as 2026-05-01T18:00.")
    ] = "now",
) -> None:
    """Offer a paper; every fault in it is listed and nothing is half-imported. The server must not run."""
    if kind not in ("warmup", "lesson", "contest"):
        _fail("--kind 只能是 warmup、lesson 或 contest  (must be warmup, lesson or contest)")
    visible = _visible_from(visible_from)
    folder = DataFolder(data)
    with _told():
        folder.settings()
        with _locked(folder):
            typer.echo(asyncio.run(_import(folder, module, kind, paper, visible)))


def _visible_from(text: str) -> int | None:
    """UTC epoch ms of a moment in ISO 8601 (this machine's time zone unless it names one); None for "never"."""
    if text == "now":
        return 0
    if text == "never":
        return None
    try:
        return int(datetime.fromisoformat(text).astimezone().timestamp() * 1000)
    except (ValueError, OverflowError, OSError):
        _fail(
            f"--visible-from 只能是 now、never 或时间（如 2026-05-01T18:00），不能是 {text}"
            "  (must be now, never, or a moment such as 2026-05-01T18:00)"
        )
        raise


async def _import(folder: DataFolder, module: str, kind: Any, paper: Path, visible_from_ms: int | None) -> str:
    services = await build(folder)
    try:
        return await services.papers.import_folder(module, kind, paper, visible_from_ms)
    finally:
        await services.database.close()


@app.command(name="verify-log")
def verify_log(data: DataOption) -> None:
    """Check hash chains, gaps, files, and replay against projections; exit 1 if anything is wrong."""
    folder = DataFolder(data)

    async def look() -> int:
        services = await build(folder)
        try:
            verdict = await verify(services)
        finally:
            await services.database.close()
        typer.echo(
            json.dumps(
                {
                    "contests": verdict.contests,
                    "streams": verdict.streams,
                    "events": verdict.events,
                    "files": verdict.files,
                    "faults": verdict.faults,
                },
                ensure_ascii=False,
                indent=2,
            )
        )
        return 1 if verdict.faults else 0

    with _told():
        folder.settings()
        raise typer.Exit(asyncio.run(look()))


@app.command()
def score(
    module: Annotated[str, typer.Argument(help="Contest module, for example typing_test.")],
    content: Annotated[Path, typer.Option(help="Content as JSON.")],
    answers: Annotated[Path, typer.Option(help="Answers as JSON, as the module's page documents them.")],
) -> None:
    """Score answers offline and print the outcome as JSON."""
    with _told():
        plug = installed_modules()[module]
        task = read_content(plug, content)
        try:
            given = json.loads(answers.read_text(encoding="utf-8"))
            if not isinstance(given, dict):
                raise ValueError("answers: 应为 JSON 对象 (must be a JSON object)")
            history = plug.history_of(task, given)
        except (OSError, ValueError) as error:
            _fail(f"{answers}: {error}")
        outcome = plug.score(task, history, {})
    typer.echo(outcome.model_dump_json(by_alias=True, indent=2))


@app.command()
def rescore(
    data: DataOption,
    attempt: Annotated[str | None, typer.Option(help="Id of one attempt, as the log names it.")] = None,
    failed: Annotated[bool, typer.Option("--failed", help="All whose scoring failed.")] = False,
) -> None:
    """Score handed-in work again, say after a fault was mended; exit 1 if any fails. The server must not run."""
    if (attempt is None) != failed:
        _fail("请在 --attempt 和 --failed 中选择一个  (give either --attempt or --failed)")
    folder = DataFolder(data)
    with _told():
        folder.settings()
        migrations.require_current(sqlite_url(folder.database))
        with _locked(folder):
            scores = asyncio.run(_rescore(folder, attempt))
    typer.echo(json.dumps(scores, ensure_ascii=False, indent=2))
    if any(score["failed"] for score in scores):
        raise typer.Exit(1)


async def _rescore(folder: DataFolder, attempt: str | None) -> list[dict[str, Any]]:
    services = await build(folder)
    try:
        ids = await services.scorer.failed() if attempt is None else [attempt]
        scores = [await services.scorer.score(attempt_id) for attempt_id in ids]
    finally:
        await services.database.close()
    kept = ("failed", "marks", "max_marks", "scorer_version")
    return [{"work_code": score.work_code, **{name: score.values[name] for name in kept}} for score in scores]


@app.command(hidden=True)
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
    with _told(), contextlib.suppress(KeyboardInterrupt), asyncio.Runner(loop_factory=loop_factory()) as runner:
        folder.settings()
        runner.run(attend(Hall(folder, contest, url, certificate, count, manner)))


@app.command(name="openapi")
def openapi_() -> None:
    """Print the OpenAPI document."""
    document = json.loads(canonical_json(openapi(installed_modules())))
    typer.echo(json.dumps(document, ensure_ascii=False, indent=1))


@contextlib.contextmanager
def _told() -> Any:
    """Refusals become a sentence and exit code 1, not a trace."""
    try:
        yield
    except Problem as problem:
        lines = [f"{problem.detail.zh}  ({problem.detail.en})"]
        lines += [f"  {fault['path']}: {fault['text']['zh-CN']}" for fault in problem.extra.get("faults", ())]
        _fail("\n".join(lines))


def _fail(message: str) -> Any:
    typer.echo(message, err=True)
    raise typer.Exit(1)


@contextlib.contextmanager
def _locked(folder: DataFolder) -> Any:
    """One process at a time owns a data folder."""
    try:
        with FileLock(folder.lock, timeout=0):
            yield
    except Timeout:
        _fail(f"另一个 CCSS 正在使用 {folder.root}  (another CCSS is using this data folder)")


def _serve(folder: DataFolder, ports: Ports, robots: int = 0) -> None:
    with contextlib.ExitStack() as stack:
        stack.enter_context(_locked(folder))
        contest_id = asyncio.run(prepare_folder(folder, robots)) if robots else ""
        listening = stack.enter_context(Listening.on(folder, ports))
        if robots and (secure := listening.secure) is not None:
            arguments: list[str | Path] = ["--data", folder.root, "--url", secure.url, "--contest", contest_id]
            arguments += ["--certificate", secure.certificate.certificate, "--count", str(robots)]
            stack.enter_context(RobotsProcess(arguments))
        serve(folder, listening)
