"""`greenroom serve`, `doctor` and `db`.

What a command needs of the house is imported inside it: that takes seconds, and every other
command starts without it.
"""

from __future__ import annotations

import typer
from rich.markup import escape

from app.cli.shell import JsonFlag, ensure_embedded_model, out, print_json, run, settings
from app.home import Home
from app.roles import Role, check_apart
from domain.errors import InvalidInput
from domain.health import healthy
from runtime.logs import configure_logs

database = typer.Typer(help="The database's schema.", no_args_is_help=True)
MARKS = {"ok": "[green]✓[/green]", "warning": "[yellow]![/yellow]", "broken": "[red]✗[/red]"}


def serve_label() -> None:
    """Serve the label: API, pages and the artists at work, until stopped."""
    from app.serve import serve

    current = settings()
    configure_logs(current.log_level, current.log_format)

    def announce(url: str, operator_url: str, first_url: str | None) -> None:
        out.print("\n[bold]Greenroom is open.[/bold]", highlight=False)
        out.print(f"  your desk    {escape(operator_url)}", highlight=False, soft_wrap=True)
        if first_url is not None:
            out.print(f"  first admin  {escape(first_url)}", highlight=False, soft_wrap=True)
            out.print(
                "               works once, for a day: choose a name and a password", style="dim"
            )
        out.print(f"  the stage    {escape(url)}/", highlight=False)
        out.print(f"  everything   {escape(str(current.home))}", highlight=False, soft_wrap=True)
        out.print("  Ctrl-C stops it; what was begun goes on at the next start.\n", style="dim")

    ensure_embedded_model(current)
    run(serve(current, announce))


def serve_api() -> None:
    """Serve the API and the pages only; workers and a scheduler stand apart.

    Any number may stand side by side, on one host or many: GREENROOM_DATABASE_URL,
    GREENROOM_REDIS_URL, GREENROOM_CHROMA_URL and GREENROOM_MEDIA_URL say what they share.
    """
    current = settings()
    check_apart(current)  # before seconds of imports

    from app.serve import serve

    configure_logs(current.log_level, current.log_format)

    def announce(url: str, operator_url: str, _: str | None) -> None:
        out.print(f"The API answers at {escape(url)}", highlight=False)
        # Not into the log of a service: whoever reads that would sit at the desk.
        if out.is_terminal:
            out.print(f"  your desk    {escape(operator_url)}", highlight=False, soft_wrap=True)

    run(serve(current, announce, Role.API))


def keep_schedule() -> None:
    """Start runs when they are due, and do all that comes round by the clock.

    Several may stand by: one leads, and when it ends or falls silent another does.
    """
    current = settings()
    check_apart(current)  # before seconds of imports

    from app.scheduler import keep_schedule

    configure_logs(current.log_level, current.log_format)
    run(keep_schedule(current, lambda name: out.print(f"Scheduler {name} stands by.")))


def diagnose(as_json: JsonFlag = False) -> None:
    """Check every part that the label needs, and say how to mend each."""
    from app.doctor import examine

    checks = run(examine(settings()))
    if as_json:
        print_json([c.model_dump() for c in checks])
    else:
        for check in checks:
            said = escape(f"{check.name:<17} {check.message}")
            out.print(f"{MARKS[check.verdict]} {said}", highlight=False)
            if check.remedy:
                out.print(f"    → {check.remedy}", markup=False, highlight=False)
    raise typer.Exit(0 if healthy(checks) else 8)


@database.command()
def upgrade(as_json: JsonFlag = False) -> None:
    """Bring the database to the newest revision; a running server's home is refused."""
    from app.checkpoints import prepare_checkpoints
    from store.migrate import current, upgrade

    here = settings()
    home = Home.of(here).claim()
    try:
        run(upgrade(here.database))
        run(prepare_checkpoints(here))
        revision = run(current(here.database))
    finally:
        home.release()
    if as_json:
        print_json({"revision": revision})
    else:
        out.print(f"The database is at revision {revision}.", highlight=False)


@database.command()
def downgrade(revision: str, as_json: JsonFlag = False) -> None:
    """Take the database back to REVISION, for the release before; stop every process first.

    What that release cannot read is deleted. Any process of this one upgrades again.
    """
    from store.migrate import current, downgrade, revisions

    here = settings()
    stands_at = run(current(here.database)) or ""
    earlier = sorted(known for known in revisions() if known <= stands_at)
    if revision not in earlier:
        raise InvalidInput(
            f"the database stands at {stands_at or 'no revision'} and cannot go back to {revision}",
            field="revision",
            remedy=f"Name one of {', '.join(earlier)}." if earlier else "There is nothing to undo.",
        )
    home = Home.of(here).claim()
    try:
        run(downgrade(here.database, revision))
    finally:
        home.release()
    if as_json:
        print_json({"revision": revision})
    else:
        out.print(f"The database is at revision {revision}.", highlight=False)
