"""Commands for papers, answers and marks, and for the OpenAPI document."""

import asyncio
import json
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from server.app import build
from server.cli.common import DataOption, fail, locked, told
from server.core.frozen import canonical_json
from server.core.modules import installed_modules
from server.db import migrate as migrations
from server.db.database import sqlite_url
from server.papers.service import read_content
from server.settings import DataFolder
from server.web.application import openapi

commands = typer.Typer()


@commands.command(name="import")
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
        fail("--kind 只能是 warmup、lesson 或 contest  (must be warmup, lesson or contest)")
    visible = _visible_from(visible_from)
    folder = DataFolder(data)
    with told():
        folder.settings()
        with locked(folder):
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
        fail(
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


@commands.command()
def score(
    module: Annotated[str, typer.Argument(help="Contest module, for example typing_test.")],
    content: Annotated[Path, typer.Option(help="Content as JSON.")],
    answers: Annotated[Path, typer.Option(help="Answers as JSON, as the module's page documents them.")],
) -> None:
    """Score answers offline and print the outcome as JSON."""
    with told():
        plug = installed_modules()[module]
        task = read_content(plug, content)
        try:
            given = json.loads(answers.read_text(encoding="utf-8"))
            if not isinstance(given, dict):
                raise ValueError("answers: 应为 JSON 对象 (must be a JSON object)")
            history = plug.history_of(task, given)
        except (OSError, ValueError) as error:
            fail(f"{answers}: {error}")
        outcome = plug.score(task, history, {})
    typer.echo(outcome.model_dump_json(by_alias=True, indent=2))


@commands.command()
def rescore(
    data: DataOption,
    attempt: Annotated[str | None, typer.Option(help="Id of one attempt, as the log names it.")] = None,
    failed: Annotated[bool, typer.Option("--failed", help="All whose scoring failed.")] = False,
) -> None:
    """Score handed-in work again, say after a fault was mended; exit 1 if any fails. The server must not run."""
    if (attempt is None) != failed:
        fail("请在 --attempt 和 --failed 中选择一个  (give either --attempt or --failed)")
    folder = DataFolder(data)
    with told():
        folder.settings()
        migrations.require_current(sqlite_url(folder.database))
        with locked(folder):
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


@commands.command(name="openapi")
def openapi_() -> None:
    """Print the OpenAPI document."""
    document = json.loads(canonical_json(openapi(installed_modules())))
    typer.echo(json.dumps(document, ensure_ascii=False, indent=1))
