"""`greenroom user`: who works at the label, what they may, and who is invited."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
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
    waiting = [_link_row(link) for link in found["invitations"] if _open(link)]
    if found["people"]:
        rows = [_row(person) for person in found["people"]]
        show_rows(("name", "role", "artists", "status", "seen", "called"), rows)
    elif not waiting:
        out.print("Nobody has a name here yet. → greenroom user invite admin")
    if waiting:
        out.print("\nLinks that nobody has used yet:" if found["people"] else "Invited:")
        show_rows(("link", "as", "ends", "for"), waiting)


@cli.command()
def invite(
    role: RoleName,
    artist: Artists = None,
    note: Annotated[str, typer.Option("--for", help="Whom it is for, for the list.")] = "",
    days: Annotated[int, typer.Option(min=1, max=30, help="For how long it works.")] = 7,
    as_json: JsonFlag = False,
) -> None:
    """Make a link into the label, printed this once; whoever opens it chooses a password.

    A viewer looks; an evaluator judges prompts as well; a developer also connects and operates; an
    operator talks, steers, approves, connects and operates; an admin does it all and looks after
    people.
    """
    body = {"role": role, "artists": artist or None, "note": note, "days": days}

    async def work(client: LabelClient) -> Any:
        return await client.post("invitations", body=body)

    _show_link(ask(work), as_json)


@cli.command()
def withdraw(
    link: Annotated[str, typer.Argument(help="The link's id, as `user list` shows it.")],
    as_json: JsonFlag = False,
) -> None:
    """Make a link that nobody has used worthless."""

    async def work(client: LabelClient) -> Any:
        return await client.delete("invitations", link)

    gone = ask(work)
    if as_json:
        print_json(gone)
        return
    out.print("The link works no more.")


@cli.command()
def reset(name: Name, as_json: JsonFlag = False) -> None:
    """Make a link with which somebody sets a new password; it works for a day."""

    async def work(client: LabelClient) -> Any:
        return await client.post("people", name, "reset")

    _show_link(ask(work), as_json)


@cli.command()
def disable(name: Name, as_json: JsonFlag = False) -> None:
    """Let somebody in no more; their sessions and keys end at once."""
    _act(name, "disable", "may not come in any more", as_json)


@cli.command()
def enable(name: Name, as_json: JsonFlag = False) -> None:
    """Let somebody in again; their keys work as before."""
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
    which = "all artists" if person["artists"] is None else _artists(person)
    says = f"{person['name']} is {person['role']} of {which} now."
    out.print(says, markup=False, highlight=False)


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
    link = made["invitation"]
    says = (
        f"a new password for {link['note']}" if link["kind"] == "reset" else f"role {link['role']}"
    )
    limit = "" if link["artists"] is None else f" for {_artists(link)}"
    told = f"  {says}{limit}; it ends {until(link['expires_at'])}"
    out.print(told, style="dim", markup=False, highlight=False)


def _row(person: dict[str, Any]) -> tuple[str, ...]:
    colour = "green" if person["status"] == "active" else "red"
    limit = "all" if person["artists"] is None else str(len(person["artists"]))
    seen = ago(person["last_seen_at"]) if person["last_seen_at"] else "never"
    called = person["display_name"]
    return (
        escape(person["name"]),
        person["role"],
        limit,
        f"[{colour}]{person['status']}[/{colour}]",
        seen,
        "" if called == person["name"] else escape(called),
    )


def _open(link: dict[str, Any]) -> bool:
    ends = datetime.fromisoformat(link["expires_at"])
    return link["used_at"] is None and link["withdrawn_at"] is None and datetime.now(UTC) < ends


def _link_row(link: dict[str, Any]) -> tuple[str, ...]:
    what = "new password" if link["kind"] == "reset" else link["role"]
    return (link["id"], what, until(link["expires_at"]), escape(link["note"]))


def _artists(limited: dict[str, Any]) -> str:
    many = len(limited["artists"])
    return f"{many} artist" if many == 1 else f"{many} artists"
