"""The command's tree, and the one place where its errors are rendered."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from app.cli import (
    alert,
    approval,
    artist,
    audit,
    channel,
    chat,
    evals,
    health,
    hold,
    insights,
    key,
    learn,
    mcp,
    model,
    music,
    prompt,
    provider,
    run,
    schedule,
    system,
    user,
    webhook,
    work,
    worker,
)
from app.cli.shell import out, tell
from domain.errors import GreenroomError
from runtime.logs import configure_logs
from runtime.version import VERSION

cli = typer.Typer(
    name="greenroom",
    help="A label of autonomous AI music artists.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
cli.add_typer(artist.cli, name="artist")
cli.add_typer(run.cli, name="run")
cli.add_typer(approval.cli, name="approval")
cli.add_typer(schedule.cli, name="schedule")
cli.add_typer(channel.cli, name="channel")
cli.command("chat")(chat.chat)
cli.command("hold")(hold.hold)
cli.add_typer(evals.cli, name="eval")
cli.add_typer(prompt.cli, name="prompt")
cli.add_typer(model.cli, name="model")
cli.add_typer(music.cli, name="music")
cli.add_typer(provider.cli, name="provider")
cli.add_typer(learn.cli, name="learn")
cli.command("insights")(insights.show_insights)
cli.add_typer(alert.cli, name="alert")
cli.add_typer(webhook.cli, name="webhook")
cli.add_typer(user.cli, name="user")
cli.add_typer(key.cli, name="key")
cli.command("audit")(audit.show_audit)
cli.add_typer(system.database, name="db")
cli.command("serve")(system.serve_label)
cli.command("api")(system.serve_api)
cli.command("scheduler")(system.keep_schedule)
cli.command("mcp")(mcp.serve_mcp)
cli.add_typer(worker.cli, name="worker")
cli.command("work")(work.show_work)
cli.command("health")(health.check_health)
cli.command("doctor")(system.diagnose)


def _tell_version(wanted: bool) -> None:
    if wanted:
        out.print(f"greenroom {VERSION}", highlight=False)
        raise typer.Exit


@cli.callback()
def root(
    version: Annotated[
        bool,
        typer.Option("--version", help="Print the version.", is_eager=True, callback=_tell_version),
    ] = False,
) -> None:
    """A label of autonomous AI music artists."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command; errors of the family become a message and an exit code."""
    configure_logs("WARNING", "text")
    given = sys.argv[1:] if arguments is None else list(arguments)
    try:
        cli(given, prog_name="greenroom")
    except GreenroomError as error:
        sys.exit(tell(error, as_json="--json" in given))
