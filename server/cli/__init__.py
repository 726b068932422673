"""The `ccss` command: each file here holds one kind of commands."""

import typer

from server.cli import care, content, house, running
from server.logs import configure_logs

app = typer.Typer(
    name="ccss",
    help="CCSS: contact-centre simulation server for training and contests.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

for part in (running, house, content, care):
    app.add_typer(part.commands)


@app.callback()
def _main() -> None:
    """CCSS: contact-centre simulation server for training and contests."""
    configure_logs()
