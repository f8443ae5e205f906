"""`greenroom worker`: work as a worker; list workers, drain one."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.markup import escape

from app.cli.shell import JsonFlag, ensure_embedded_model, out, print_json, run, settings
from app.cli.show import table
from app.cli.spans import ago
from app.client import label_client
from app.roles import check_apart
from domain.spans import span
from runtime.logs import configure_logs

cli = typer.Typer()
STATES = {"working": "green", "draining": "yellow", "silent": "red"}


@cli.callback(invoke_without_command=True)
def begin(
    context: typer.Context,
    concurrency: Annotated[
        int | None,
        typer.Option(min=1, max=512, help="Runs at a time; left out: GREENROOM_CONCURRENCY."),
    ] = None,
) -> None:
    """Work as a worker until stopped; or list workers, or drain one.

    Any number of workers may stand on any number of hosts. At SIGTERM or Ctrl-C the steps under
    way end, and the rest goes to other workers.
    """
    if context.invoked_subcommand is None:
        _work(concurrency)


def _work(concurrency: int | None) -> None:
    current = settings()
    check_apart(current)  # before seconds of imports

    # A command that only looks loads nothing of the house.
    from app.worker import work

    if concurrency is not None:
        current = current.model_copy(update={"concurrency": concurrency})
    configure_logs(current.log_level, current.log_format)
    ensure_embedded_model(current)

    def announce(worker_id: str) -> None:
        said = f"Worker {worker_id} takes runs, {current.concurrency} at a time."
        out.print(escape(said), highlight=False)

    run(work(current, announce))


@cli.command("list")
def list_workers(as_json: JsonFlag = False) -> None:
    """List workers: host, load, how long ago they were heard."""

    async def work() -> Any:
        async with label_client(settings()) as client:
            return await client.get("operations", "workers")

    found = run(work())
    if as_json:
        print_json(found)
        return
    show_workers(found)


@cli.command()
def drain(
    worker_id: Annotated[str, typer.Argument(help="The worker's name, as `worker list` shows it.")],
    as_json: JsonFlag = False,
) -> None:
    """Make a worker take nothing new and hand its runs over; it stays up until it is stopped."""

    async def work() -> Any:
        async with label_client(settings()) as client:
            return await client.post("operations", "workers", worker_id, "drain")

    found = run(work())
    if as_json:
        print_json(found)
        return
    many = f"{found['running']} run{'' if found['running'] == 1 else 's'}"
    out.print(
        f"{escape(found['id'])} takes nothing new; its {many} go to others at the end of a step.",
        highlight=False,
    )


def show_workers(found: list[dict[str, Any]]) -> None:
    """One line a worker."""
    if not found:
        out.print("No worker is at work. → greenroom worker, or greenroom serve", highlight=False)
        return
    rows = table("worker", "state", "runs", "heard", "host", "pid", "up since")
    for item in found:
        colour = STATES.get(item["state"], "dim")
        rows.add_row(
            escape(item["id"]),
            f"[{colour}]{item['state']}[/{colour}]",
            f"{item['running']} of {item['concurrency']}",
            f"{span(item['silent_s'])} ago",
            escape(item["host"]),
            str(item["pid"]),
            ago(item["started_at"]),
        )
    out.print(rows)
