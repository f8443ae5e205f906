"""`greenroom artist`: create, list, show, steer and run artists."""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any, Literal

import typer
from rich.markup import escape

from app.cli import steering
from app.cli.decide import ask_operator
from app.cli.follow import follow
from app.cli.shell import JsonFlag, ensure_embedded_model, out, print_json, run, settings
from app.cli.show import exit_code, show_run, table
from app.client import LabelClient, label_client
from domain.artist import check_brief
from domain.errors import InvalidInput

cli = typer.Typer(help="Create, list, show, steer and run artists.", no_args_is_help=True)
cli.add_typer(steering.directive, name="directive")
for _command in (steering.autonomy, steering.budget, steering.stop):
    cli.command()(_command)
Handle = Annotated[str, typer.Argument(help="The artist's handle or id.")]
Seed = Annotated[int | None, typer.Option(help="The same seed makes the same choices.")]


@cli.command()
def create(
    brief: Annotated[str, typer.Option(help="Who the artist is; a sentence or two.")],
    genre: Annotated[str | None, typer.Option(help="A genre pack; default: the best fit.")] = None,
    seed: Seed = None,
    as_json: JsonFlag = False,
) -> None:
    """Create an artist from a brief and wait for its debut."""
    check_brief(brief)
    ensure_embedded_model(settings(), quiet=as_json)

    async def work() -> dict[str, Any]:
        async with label_client(settings(), working=True) as client:
            body = {"brief": brief, "genre": genre, "seed": seed}
            made = await client.post("artists", body=body)
            done = await follow(client, made["run"]["id"], quiet=as_json)
            artist = await client.get("artists", made["artist"]["id"])
            profile = None
            if done["status"] == "succeeded":
                profile = (await client.get("artists", artist["id"], "profile"))["current"]
            return {"artist": artist, "profile": profile, "run": done}

    result = run(work())
    if as_json:
        print_json(result)
    elif result["profile"]:
        _show_profile(result["artist"], result["profile"]["profile"])
        out.print(f"  → greenroom artist run {result['artist']['handle']}", highlight=False)
    else:
        show_run(result["run"])
    raise typer.Exit(exit_code(result["run"]))


@cli.command("list")
def list_artists(as_json: JsonFlag = False) -> None:
    """List the label's artists."""

    async def work() -> Any:
        async with label_client(settings()) as client:
            return (await client.get("artists", limit=200))["items"]

    found = run(work())
    if as_json:
        print_json(found)
        return
    if not found:
        out.print('No artists yet. → greenroom artist create --brief "…"', highlight=False)
        return
    rows = table("handle", "stage name", "status", "genre", "since")
    for item in found:
        rows.add_row(
            item["handle"],
            escape(item["stage_name"]),
            item["status"],
            escape(item["genre_pack"]),
            item["created_at"][:10],
        )
    out.print(rows)


@cli.command()
def show(handle: Handle, as_json: JsonFlag = False) -> None:
    """Show an artist with its profile and newest works."""

    async def work() -> dict[str, Any]:
        async with label_client(settings()) as client:
            artist = await client.get("artists", handle)
            profile = None
            if artist["profile_number"]:
                profile = (await client.get("artists", handle, "profile"))["current"]
            works = (await client.get("artists", handle, "works", limit=10))["items"]
            return {"artist": artist, "profile": profile, "works": works}

    found = run(work())
    if as_json:
        print_json(found)
        return
    if found["profile"]:
        _show_profile(found["artist"], found["profile"]["profile"])
    else:
        out.print(f"@{handle} has not made its debut yet.", markup=False, highlight=False)
    for item in found["works"]:
        out.print(f"  “{item['title']}” {item['status']}", markup=False, highlight=False)


@cli.command()
def pause(handle: Handle, as_json: JsonFlag = False) -> None:
    """Stop new runs; what runs already goes to its end."""
    _steer(handle, "pause", as_json)


@cli.command()
def resume(handle: Handle, as_json: JsonFlag = False) -> None:
    """Let a paused artist run again."""
    _steer(handle, "resume", as_json)


@cli.command()
def retire(handle: Handle, as_json: JsonFlag = False) -> None:
    """End an artist's work for good; its page stays."""
    _steer(handle, "retire", as_json)


@cli.command()
def sound(
    handle: Handle,
    singer: Annotated[
        str | None, typer.Option(help="A preset, `auto`, or `none`: instrumental.")
    ] = None,
    change: Annotated[
        list[str] | None,
        typer.Option("--set", help="Bend the genre: PATH=VALUE, such as mix.reverb_s=3."),
    ] = None,
    unset: Annotated[
        list[str] | None, typer.Option(help="A path that follows the genre again.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Show or choose who sings, and bend the genre; later songs follow it."""
    overrides = {**dict(map(_override, change or ())), **dict.fromkeys(unset or ())}

    async def work() -> Any:
        async with label_client(settings()) as client:
            if singer is None and not overrides:
                return await client.get("artists", handle, "sound")
            body = {"singer": singer, "overrides": overrides}
            return await client.put("artists", handle, "sound", body=body)

    found = run(work())
    if as_json:
        print_json(found)
        return
    voice = found["singer"]
    sung = f"sung by {voice['name']} ({voice['id']})" if voice else f"not sung: {found['unsung']}"
    out.print(f"@{handle}: {found['genre_name']}, {sung}", markup=False, highlight=False)
    for path, value in found["overrides"].items():
        out.print(f"  {path} = {value}", markup=False, highlight=False)


def _override(text: str) -> tuple[str, Any]:
    path, separator, value = text.partition("=")
    if not separator or not path.strip() or not value.strip():
        raise InvalidInput(
            f"{text!r} sets nothing",
            field="set",
            remedy="Write PATH=VALUE, such as mix.reverb_s=3.",
        )
    try:
        return path.strip(), json.loads(value, parse_constant=_no_number)
    except ValueError:
        return path.strip(), value.strip()


def _no_number(text: str) -> None:
    raise InvalidInput(f"{text} is no number", field="set", remedy="Give a plain number.")


@cli.command("run")
def run_cycle(
    handle: Handle,
    approve: Annotated[
        Literal["ask", "auto"] | None,
        typer.Option(help="ask: a person decides; auto: gates suffice; left out: its level."),
    ] = None,
    seed: Seed = None,
    as_json: JsonFlag = False,
) -> None:
    """Run one cycle. Exit codes: 0 done, 3 waits for approval, 12 rejected, others: see docs."""
    ensure_embedded_model(settings(), quiet=as_json)

    async def work() -> dict[str, Any]:
        async with label_client(settings(), working=True) as client:
            body = {"approve": approve, "seed": seed}
            begun = await client.post("artists", handle, "runs", body=body)
            done = await follow(client, begun["id"], quiet=as_json)
            if done["status"] == "waiting" and sys.stdin.isatty() and not as_json:
                return await _decide(client, done)
            return done

    done = run(work())
    if as_json:
        print_json(done)
    else:
        show_run(done)
    raise typer.Exit(exit_code(done))


async def _decide(client: LabelClient, waiting: dict[str, Any]) -> dict[str, Any]:
    show_run(waiting)
    after = (await client.get("events", run_id=waiting["id"]))["last"]
    if not await ask_operator(client, waiting["approval_id"]):
        return waiting
    return await follow(client, waiting["id"], quiet=False, after=after)


def _steer(handle: str, verb: str, as_json: bool) -> None:
    async def work() -> tuple[Any, list[str]]:
        async with label_client(settings()) as client:
            found = await client.post("artists", handle, verb)
            waiting = await client.get("approvals", waiting="true", artist=handle, limit="200")
            return found, [approval["id"] for approval in waiting["items"]]

    found, waiting = run(work())
    if as_json:
        print_json(found)
        return
    out.print(f"@{found['handle']} is {found['status']}.", highlight=False)
    for approval_id in waiting if verb != "resume" else ():
        out.print(f"  still waits: greenroom approval show {approval_id}", highlight=False)


def _show_profile(artist: dict[str, Any], profile: dict[str, Any]) -> None:
    out.print(f"[bold]{escape(profile['stage_name'])}[/bold]  @{artist['handle']}", highlight=False)
    out.print(f"  {profile['biography']}", markup=False, highlight=False)
    out.print(f"  themes  {', '.join(profile['themes'])}", markup=False, highlight=False)
    out.print(f"  genre   {artist['genre_pack']}", markup=False, highlight=False)
