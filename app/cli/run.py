"""`greenroom run`: list, show and resume runs; replay or discard those that failed for good."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.markup import escape

from app.cli import dead_letters
from app.cli.follow import follow
from app.cli.shell import JsonFlag, ensure_embedded_model, out, print_json, run, settings
from app.cli.show import exit_code, show_rows, show_run, table
from app.client import label_client

cli = typer.Typer(help="List, show, resume, replay and discard runs.", no_args_is_help=True)
DOES = {"write_and_release_song": "song", "post_update": "post", "rest": "rest"}
RunId = Annotated[str, typer.Argument(help="The run's id.")]


@cli.command("list")
def list_runs(
    artist: Annotated[str | None, typer.Option(help="Only runs of this artist.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=200)] = 20,
    as_json: JsonFlag = False,
) -> None:
    """List runs, newest first."""

    async def work() -> Any:
        async with label_client(settings()) as client:
            return (await client.get("runs", artist=artist, limit=limit))["items"]

    found = run(work())
    if as_json:
        print_json(found)
        return
    if not found:
        out.print("No runs yet. → greenroom artist run HANDLE", highlight=False)
        return
    rows = table("run", "artist", "does", "status", "begun")
    for row in found:
        item = row["run"]
        rows.add_row(
            item["id"],
            f"@{row['artist']}",
            DOES.get(item["action"] or "", item["kind"]),
            item["status"],
            item["created_at"][5:16].replace("T", " "),
        )
    out.print(rows)


@cli.command()
def show(
    run_id: RunId,
    steps: Annotated[
        bool, typer.Option("--steps", help="Every step's snapshot and report as well.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Show a run: works, files, posts, cost, and its steps."""

    async def work() -> Any:
        async with label_client(settings()) as client:
            return await client.get("runs", run_id)

    found = run(work())
    if as_json:
        print_json(found)
        return
    show_run(found)
    rows = [
        (
            item["step"],
            str(item["attempt"]),
            item["outcome"],
            f"{item['duration_s']:.1f}",
            f"{item['cpu_s']:.1f}",
            str(item["tokens"]),
            escape(str(item["report"].get("says", ""))),
        )
        for item in found["steps"]
    ]
    show_rows(("step", "try", "outcome", "seconds", "CPU s", "tokens", "says"), rows)
    if not steps:
        out.print("What each step saw and gave: add --steps, or --json", style="dim")
        return
    for item in found["steps"]:
        out.print(f"\n[bold]{item['step']}[/bold]", highlight=False)
        out.print_json(data={"snapshot": item["snapshot"], "report": item["report"]})


@cli.command()
def resume(run_id: RunId, as_json: JsonFlag = False) -> None:
    """Go on with a failed run at the step it was in."""
    ensure_embedded_model(settings(), quiet=as_json)

    async def work() -> dict[str, Any]:
        async with label_client(settings(), working=True) as client:
            last = (await client.get("events", run_id=run_id))["last"]
            begun = await client.post("runs", run_id, "resume")
            return await follow(client, begun["id"], quiet=as_json, after=last)

    done = run(work())
    if as_json:
        print_json(done)
    else:
        show_run(done)
    raise typer.Exit(exit_code(done))


@cli.command()
def cancel(
    run_id: RunId,
    why: Annotated[str, typer.Option(help="Kept with the run.")] = "",
    as_json: JsonFlag = False,
) -> None:
    """End a run at once, whatever it is at; nothing of it goes out any more."""

    async def work() -> Any:
        async with label_client(settings()) as client:
            return await client.post("runs", run_id, "cancel", body={"why": why})

    found = run(work())
    if as_json:
        print_json(found)
        return
    out.print(f"{found['id']} is {found['status']}.", markup=False, highlight=False)


cli.command("dead")(dead_letters.list_dead)
cli.command("replay")(dead_letters.replay)
cli.command("discard")(dead_letters.discard)
