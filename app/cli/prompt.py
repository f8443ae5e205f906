"""`greenroom prompt`: prompts and better words for them."""

from __future__ import annotations

import typer

from app.cli import evolve

cli = typer.Typer(help="Look after prompts.", no_args_is_help=True)


@cli.callback()
def root() -> None:
    """Look after prompts."""


cli.command("evolve")(evolve.evolve)
