"""`greenroom user`: who works at the label, what they may, and who is invited."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import typer
from rich.markup import escape

from app.cli.shell import JsonFlag, out, print_json, run, settings
from app.cli.show import show_rows
from app.cli.spans import ago, until
from app.client import LabelClient, label_client
from domain.rights import ROLES

cli = typer.Typer(help="People of the label: invite them, and say what they may.")
Name = Annotated[str, typer.Argument(help="What they sign in with.")]
RoleName = Annotated[str, typer.Argument(help=f"One of {', '.join(ROLES)}.")]
Artists = Annotated[
    list[str] | None,
    typer.Option("--artist", "-a", help="Let them see this artist only; may be repeated."),
]


@cli.command("list")
def list_people(as_json: JsonFlag = False) -> None:
    """List people, and the invitations that still wait."""

    async def work(client: LabelClient) -> Any:
        people = (await client.get("people", limit=200))["items"]
        links = (await client.get("invitations", limit=200))["items"]
        return {"people": people, "invitations": links}

    found = ask(work)
    if as_json:
        print_json(found)
        return
    if not found["people"]:
        out.print("Nobody has a name here yet. → greenroom user invite admin")
    rows = [_row(person) for person in found["people"]]
    if rows:
        show_rows(("name", "called", "role", "artists", "status", "seen"), rows)
    for link in found["invitations"]:
        if link["used_at"] is None and link["withdrawn_at"] is None:
            note = f" for {escape(link['note'])}" if link["note"] else ""
            out.print(
                f"invited as {link['role']}{note}, ends {until(link['expires_at'])}",
                style="dim",
                highlight=False,
            )


@cli.command()
def invite(
    role: RoleName,
    artist: Artists = None,
    note: Annotated[str, typer.Option("--for", help="Whom it is for, for the list.")] = "",
    days: Annotated[int, typer.Option(min=1, max=30, help="For how long it works.")] = 7,
    as_json: JsonFlag = False,
) -> None:
    """Make a link into the label, printed this once; whoever opens it chooses a password."""
    body = {"role": role, "artists": artist or None, "note": note, "days": days}

    async def work(client: LabelClient) -> Any:
        return await client.post("invitations", body=body)

    _show_link(ask(work), as_json)


@cli.command()
def reset(name: Name, as_json: JsonFlag = False) -> None:
    """Make a link with which somebody sets a new password."""

    async def work(client: LabelClient) -> Any:
        return await client.post("people", name, "reset")

    _show_link(ask(work), as_json)


@cli.command()
def disable(name: Name, as_json: JsonFlag = False) -> None:
    """Let somebody in no more; their sessions and keys end at once."""
    _act(name, "disable", "may not come in any more", as_json)


@cli.command()
def enable(name: Name, as_json: JsonFlag = False) -> None:
    """Let somebody in again."""
    _act(name, "enable", "may come in again", as_json)


@cli.command("role")
def give_role(
    name: Name,
    role: RoleName,
    artist: Artists = None,
    everywhere: Annotated[
        bool, typer.Option("--all-artists", help="Lift a limit to some artists.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Give somebody another role, or other artists."""
    body = {"role": role, "artists": artist or None, "all_artists": everywhere}

    async def work(client: LabelClient) -> Any:
        return await client.patch("people", name, body=body)

    person = ask(work)
    if as_json:
        print_json(person)
        return
    out.print(f"{person['name']} is {person['role']} now.", markup=False, highlight=False)


def ask(work: Callable[[LabelClient], Awaitable[Any]]) -> Any:
    """Ask the label."""

    async def asked() -> Any:
        async with label_client(settings()) as client:
            return await work(client)

    return run(asked())


def _act(name: str, act: str, says: str, as_json: bool) -> None:
    async def work(client: LabelClient) -> Any:
        return await client.post("people", name, act)

    person = ask(work)
    if as_json:
        print_json(person)
        return
    out.print(f"{person['name']} {says}.", markup=False, highlight=False)


def _show_link(made: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(made)
        return
    out.print("Give this to them, and to nobody else; it works once:", highlight=False)
    out.print(f"  {escape(made['link'])}", highlight=False, soft_wrap=True)
    ends = until(made["invitation"]["expires_at"])
    out.print(f"  It ends {ends}.", style="dim", highlight=False)


def _row(person: dict[str, Any]) -> tuple[str, ...]:
    colour = "green" if person["status"] == "active" else "red"
    limit = "all" if person["artists"] is None else str(len(person["artists"]))
    seen = ago(person["last_seen_at"]) if person["last_seen_at"] else "never"
    return (
        escape(person["name"]),
        escape(person["display_name"]),
        person["role"],
        limit,
        f"[{colour}]{person['status']}[/{colour}]",
        seen,
    )
