"""`greenroom schedule`: artists' rhythms, and what comes next."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.markup import escape

from app.cli.follow import follow
from app.cli.hold import hold_words, moment
from app.cli.shell import JsonFlag, ensure_embedded_model, out, print_json, run, settings
from app.cli.show import exit_code, show_rows, show_run, table
from app.client import LabelClient, label_client
from domain.local_time import zone_names
from domain.schedule import DEFAULT_NAME

cli = typer.Typer(help="Give artists a rhythm, see what comes next, run now.", no_args_is_help=True)
Handle = Annotated[str, typer.Argument(help="The artist's handle or id.")]
Name = Annotated[str, typer.Option("--name", help="Which schedule, where an artist has several.")]


# What may be said of a schedule; None leaves it as it is.
Rhythm = Annotated[
    str | None,
    typer.Argument(
        help="Such as “twice a week”, “weekdays at 9”, “3 times a day between 10 and 22”, "
        "“every 6 hours”, “after each release”, or a cron line."
    ),
]
Zone = Annotated[
    str | None,
    typer.Option(help="Time zone, such as Europe/Berlin; a new one has this machine's."),
]
Quiet = Annotated[str | None, typer.Option(help="Local hours without slots: 22:00-8:00, or none.")]
Jitter = Annotated[int | None, typer.Option(help="Delay each slot by up to so many minutes.")]
Approve = Annotated[
    Literal["ask", "auto", "level"] | None,
    typer.Option(help="ask: a person decides; auto: gates suffice; level: as the artist's."),
]
Overlap = Annotated[
    Literal["skip", "queue"] | None, typer.Option(help="While the run before goes on.")
]
CatchUp = Annotated[
    bool | None,
    typer.Option("--catch-up/--no-catch-up", help="Keep a missed slot within grace, once."),
]
Preview = Annotated[bool, typer.Option("--preview", help="Show the next runs and save nothing.")]


@cli.command("set")
def set_schedule(
    handle: Handle,
    rhythm: Rhythm = None,
    tz: Zone = None,
    quiet: Quiet = None,
    jitter: Jitter = None,
    approve: Approve = None,
    overlap: Overlap = None,
    catch_up: CatchUp = None,
    name: Name = DEFAULT_NAME,
    preview: Preview = False,
    as_json: JsonFlag = False,
) -> None:
    """Give an artist a rhythm, or change it; what is left out stays as it is."""
    body = {
        "rhythm": rhythm,
        "tz": tz,
        "quiet": quiet,
        "jitter_minutes": jitter,
        "approve": approve,
        "overlap": overlap,
        "catch_up": catch_up,
    }
    found, coming = run(_set(handle, name, body, save=not preview))
    if as_json:
        print_json({"schedule": found, "next": coming, "saved": not preview})
        return
    _show(found)
    for slot in coming:
        out.print(f"    {moment(slot, found['tz'])}", highlight=False)
    if preview:
        out.print("  Nothing was saved.", style="dim")


@cli.command("list")
def list_schedules(
    artist: Annotated[str | None, typer.Option(help="Only this artist's.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """List schedules with their next run and what became of the last slot."""

    async def work() -> Any:
        async with label_client(settings()) as client:
            if artist is not None:
                return await client.get("artists", artist, "schedules")
            return (await client.get("schedules", limit=200))["items"]

    found = run(work())
    if as_json:
        print_json(found)
        return
    if not found:
        out.print("No artist has a rhythm yet.", highlight=False)
        out.print('  → greenroom schedule set HANDLE "twice a week"', highlight=False)
        return
    rows = [
        (
            f"@{item['artist']}",
            item["name"],
            escape(item["rhythm"]),
            item["tz"],
            _next_words(item),
            escape(_last_words(item["last"])),
        )
        for item in found
    ]
    show_rows(("artist", "name", "rhythm", "time zone", "next, here", "last slot, here"), rows)


@cli.command("next")
def list_next(
    artist: Annotated[str | None, typer.Option(help="Only this artist's.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=200)] = 20,
    as_json: JsonFlag = False,
) -> None:
    """List the next runs of all artists, in this machine's time."""

    async def work() -> Any:
        async with label_client(settings()) as client:
            slots = await client.get("schedules", "next", artist=artist, limit=limit)
            return slots, await client.get("hold")

    found, hold = run(work())
    if as_json:
        print_json(found)
        return
    if hold["held"]:
        out.print(f"[yellow]{escape(hold_words(hold['hold']))}[/yellow]", highlight=False)
    if not found:
        out.print("Nothing is planned.", highlight=False)
        out.print('  → greenroom schedule set HANDLE "twice a week"', highlight=False)
        return
    rows = table("when, here", "artist", "rhythm")
    for item in found:
        rows.add_row(moment(item["at"]), f"@{item['artist']}", escape(item["rhythm"]))
    out.print(rows)


@cli.command("run-now")
def run_now(handle: Handle, name: Name = DEFAULT_NAME, as_json: JsonFlag = False) -> None:
    """Start at once what the schedule would start; exit codes as of `artist run`."""
    ensure_embedded_model(settings(), quiet=as_json)

    async def work() -> dict[str, Any]:
        async with label_client(settings(), working=True) as client:
            begun = await client.post("artists", handle, "schedules", name, "runs")
            return await follow(client, begun["id"], quiet=as_json)

    done = run(work())
    if as_json:
        print_json(done)
    else:
        show_run(done)
    raise typer.Exit(exit_code(done))


@cli.command()
def pause(handle: Handle, name: Name = DEFAULT_NAME, as_json: JsonFlag = False) -> None:
    """Switch one schedule off; the artist's others go on."""
    _steer(handle, name, "pause", as_json)


@cli.command()
def resume(handle: Handle, name: Name = DEFAULT_NAME, as_json: JsonFlag = False) -> None:
    """Switch a schedule on again, from now."""
    _steer(handle, name, "resume", as_json)


@cli.command()
def remove(handle: Handle, name: Name = DEFAULT_NAME, as_json: JsonFlag = False) -> None:
    """Forget a schedule; runs that it started stay."""
    _steer(handle, name, "remove", as_json)


def local_zone() -> str:
    """This machine's time zone by its IANA name; UTC where it does not tell."""
    told = [os.environ.get("TZ", "").removeprefix(":")]
    link = Path("/etc/localtime")
    if link.is_symlink():
        told.append(str(link.resolve()).partition("zoneinfo/")[2])
    kept = Path("/etc/timezone")
    if kept.is_file():
        told.append(kept.read_text().strip())
    return next((name for name in told if name in zone_names()), "UTC")


async def _set(
    handle: str, name: str, body: dict[str, Any], *, save: bool
) -> tuple[Any, list[str]]:
    """The schedule as it now is, or would be, and its next slots."""
    async with label_client(settings()) as client:
        if body["tz"] is None and not await _is_known(client, handle, name):
            body = {**body, "tz": local_zone()}
        path = ("artists", handle, "schedules", name)
        seen = await client.post(*path, "preview", body=body)
        if not save:
            return seen["schedule"], seen["next"]
        return await client.put(*path, body=body), seen["next"]


async def _is_known(client: LabelClient, handle: str, name: str) -> bool:
    known = await client.get("artists", handle, "schedules")
    return any(item["name"] == name for item in known)


def _steer(handle: str, name: str, verb: str, as_json: bool) -> None:
    async def work() -> Any:
        async with label_client(settings()) as client:
            return await client.post("artists", handle, "schedules", name, verb)

    found = run(work())
    if as_json:
        print_json(found)
    elif verb == "remove":
        out.print(f"@{found['artist']}: “{found['name']}” is gone.", markup=False, highlight=False)
    else:
        _show(found)


def _show(found: dict[str, Any]) -> None:
    named = "" if found["name"] == DEFAULT_NAME else f" [{found['name']}]"
    out.print(f"@{found['artist']}{named}: {found['rhythm']}", markup=False, highlight=False)
    facts = [found["tz"]]
    facts += [f"quiet {found['quiet']}"] if found["quiet"] else []
    facts += [f"up to {found['jitter_minutes']} min later"] if found["jitter_minutes"] else []
    facts += ["approves by itself"] if found["approve"] == "auto" else []
    out.print(
        f"  {', '.join(facts)}; next: {_next_words(found, found['tz'])}",
        markup=False,
        highlight=False,
    )


def _next_words(found: dict[str, Any], tz: str | None = None) -> str:
    if not found["enabled"]:
        return "paused"
    if found["next_at"] is None:
        waits = found["rhythm"].endswith("after each release")
        return "with the next release" if waits else "never"
    return moment(found["next_at"], tz)


def _last_words(last: dict[str, Any] | None) -> str:
    if last is None:
        return ""
    became = "ran" if last["run_id"] else f"skipped: {last['why']}"
    return f"{moment(last['slot_at'])} {became}"
