"""The command's tree, and the one place where its errors are rendered."""

from __future__ import annotations

import sys

import typer

from app.cli import approval, artist, model, run, system
from app.cli.shell import tell
from domain.errors import GreenroomError

cli = typer.Typer(
    name="greenroom",
    help="A label of autonomous AI music artists.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
cli.add_typer(artist.cli, name="artist")
cli.add_typer(run.cli, name="run")
cli.add_typer(approval.cli, name="approval")
cli.add_typer(model.cli, name="model")
cli.add_typer(system.database, name="db")
cli.command("serve")(system.serve_label)
cli.command("doctor")(system.diagnose)


def main() -> None:
    """Run the command; errors of the family become a message and an exit code."""
    try:
        cli()
    except GreenroomError as error:
        sys.exit(tell(error, as_json="--json" in sys.argv))
