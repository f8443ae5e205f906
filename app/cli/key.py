"""`greenroom key`: keys of programs, with some of a person's rights."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.markup import escape

from app.cli.shell import JsonFlag, out, print_json
from app.cli.show import show_rows
from app.cli.spans import ago, until
from app.cli.user import ask
from app.client import LabelClient
from domain.rights import RIGHTS

cli = typer.Typer(help="Keys of programs: make them, look at them, revoke them.")
ALL_RIGHTS = ", ".join(sorted(RIGHTS["admin"]))


@cli.command()
def make(
    name: Annotated[str, typer.Argument(help="What it is for.")],
    owner: Annotated[str, typer.Option("--for", help="Whose key it is: their name.")],
    scope: Annotated[
        list[str], typer.Option("--scope", "-s", help=f"A right, of {ALL_RIGHTS}; may be repeated.")
    ],
    artist: Annotated[
        list[str] | None,
        typer.Option("--artist", "-a", help="Limit it to this artist; may be repeated."),
    ] = None,
    days: Annotated[int | None, typer.Option(min=1, help="Else until it is revoked.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Make a key, printed this once. It never may more than its owner may at that moment."""
    body = {"name": name, "scopes": scope, "artists": artist or None, "days": days, "owner": owner}

    async def work(client: LabelClient) -> Any:
        return await client.post("keys", body=body)

    made = ask(work)
    if as_json:
        print_json(made)
        return
    out.print("Keep it well, it is not shown again:", highlight=False)
    out.print(f"  {escape(made['secret'])}", highlight=False, soft_wrap=True)
    key = made["key"]
    ends = (
        "until it is revoked" if key["expires_at"] is None else f"ends {until(key['expires_at'])}"
    )
    told = f"  for {key['name']} of {owner}; may {', '.join(key['scopes'])}; {ends}"
    out.print(told, style="dim", markup=False, highlight=False)


@cli.command("list")
def list_keys(as_json: JsonFlag = False) -> None:
    """List everybody's keys, newest first."""

    async def work(client: LabelClient) -> Any:
        keys = (await client.get("keys", everybody=True, limit=200))["items"]
        people = (await client.get("people", limit=200))["items"]
        return keys, {person["id"]: person for person in people}

    found, people = ask(work)
    if as_json:
        print_json(found)
        return
    if not found:
        out.print("There is no key. → greenroom key make NAME --for WHO --scope read")
        return
    rows = [_row(key, people.get(key["user_id"])) for key in found]
    show_rows(("key", "whose", "used", "works", "what"), rows)


@cli.command()
def revoke(
    key_id: Annotated[str, typer.Argument(help="The key's id, as `key list` shows it.")],
    as_json: JsonFlag = False,
) -> None:
    """Make a key worthless, at once and for good."""

    async def work(client: LabelClient) -> Any:
        return await client.delete("keys", key_id)

    key = ask(work)
    if as_json:
        print_json(key)
        return
    out.print(f"The key for {key['name']} works no more.", markup=False, highlight=False)


def _row(key: dict[str, Any], owner: dict[str, Any] | None) -> tuple[str, ...]:
    limit = "" if key["artists"] is None else f", some artists ({len(key['artists'])})"
    return (
        key["id"],
        escape(owner["name"] if owner else key["user_id"]),
        ago(key["last_used_at"]) if key["last_used_at"] else "never",
        _state(key, owner),
        f"{escape(key['name'])}: {', '.join(key['scopes'])}{limit}; begins {key['prefix']}",
    )


def _state(key: dict[str, Any], owner: dict[str, Any] | None) -> str:
    if key["revoked_at"]:
        return "[red]revoked[/red]"
    if owner is not None and owner["status"] != "active":
        return "[red]owner is out[/red]"
    if key["expires_at"] is None:
        return "[green]until revoked[/green]"
    ends = until(key["expires_at"])
    return "[red]expired[/red]" if ends == "now" else f"[green]ends {ends}[/green]"
