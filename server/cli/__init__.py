"""The `ccss` command: each file here holds one kind of commands."""

from typing import Any

import typer
import typer.core

from server.cli import doctor
from server.cli.common import fail
from server.logs import configure_logs

_broken = ""
try:
    from server.cli import care, content, house, running, update, voices
except ImportError as error:
    # A package is missing or not ours: `ccss doctor` must still be able to say which.
    _broken = f"{type(error).__name__}: {error}"


class Commands(typer.core.TyperGroup):
    """All commands; where they can't be loaded, what to do about it."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Raises Exit with a sentence if the rest of CCSS can't be loaded."""
        if _broken and args[0] != "doctor":
            fail(
                f"CCSS 无法加载（{_broken}），请运行 ccss doctor --data … 查找原因"
                "  (CCSS can't be loaded; find out why with: ccss doctor --data …)"
            )
        return super().resolve_command(ctx, args)


app = typer.Typer(
    name="ccss",
    cls=Commands,
    help="CCSS: contact-centre simulation server for training and contests.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

app.add_typer(doctor.commands)
if not _broken:
    for part in (running, house, content, voices, care, update):
        app.add_typer(part.commands)


@app.callback()
def _main() -> None:
    """CCSS: contact-centre simulation server for training and contests."""
    configure_logs()
