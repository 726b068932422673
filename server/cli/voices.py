"""Commands for the voices that read tasks aloud when they are written."""

from pathlib import Path
from typing import Annotated

import typer

from server.cli.common import fail, told
from server.settings import DataFolder
from server.speech import registry
from server.speech import voices as voices_
from server.speech.engines import SpeechError

commands = typer.Typer()
voices = typer.Typer(help="Voices for rendering recordings (authoring only).", no_args_is_help=True)
commands.add_typer(voices, name="voices")

DataOption = Annotated[Path | None, typer.Option("--data", help="Data folder whose voices are meant.")]
ToOption = Annotated[Path | None, typer.Option("--to", help="Another folder, shared by CCSS_VOICES_DIR.")]


@voices.command()
def install(
    data: DataOption = None,
    to: ToOption = None,
    source: Annotated[
        Path | None, typer.Option("--from", help="A folder that already holds them, when there is no internet.")
    ] = None,
) -> None:
    """Install the Mandarin voices (about 100 MB), each file checked against its SHA-256."""
    folder = _folder(data, to)
    try:
        paths = voices_.install(folder, source)
    except SpeechError as error:
        fail(f"语音没有安装成功：{error}")
    typer.echo(f"已安装 {len(paths) - 1} 个语音 voices installed: {folder}")
    able, reason = registry.engine_of(voices_.VOICES[0].id, folder).available()
    if not able:
        typer.echo(f"还不能使用 not usable yet: {reason}", err=True)
        raise typer.Exit(1)


@voices.command(name="list")
def list_(data: DataOption = None, to: ToOption = None) -> None:
    """The voices that can speak on this machine; exit 1 if there is none."""
    folder = _folder(data, to)
    found = registry.voices(folder)
    for voice in found:
        typer.echo(f"{voice.id}\t{voice.label}")
    if not found:
        fail(f"没有可用的语音：{registry.reason(folder)}  (no voice)")


def _folder(data: Path | None, to: Path | None) -> Path:
    if (data is None) == (to is None):
        fail("请用 --data 或 --to 指明文件夹（二选一）  (give either --data or --to)")
    if to is not None:
        return to
    assert data is not None
    folder = DataFolder(data)
    with told():
        folder.settings()
    return voices_.folder_or_variable(folder.voices)
