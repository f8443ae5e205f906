"""`greenroom audit`: who did what, from where, and what came of it."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.markup import escape

from app.cli.shell import JsonFlag, out, print_json
from app.cli.show import show_rows
from app.cli.spans import ago
from app.cli.user import ask
from app.client import LabelClient
from domain.audit import LOCAL

COLOURS = {"done": "green", "refused": "yellow", "failed": "red", "begun": "cyan"}


def show_audit(
    who: Annotated[
        str | None, typer.Option("--by", help="Somebody's name; `local`: this machine.")
    ] = None,
    artist: Annotated[str | None, typer.Option(help="Handle or id of an artist.")] = None,
    operation: Annotated[
        str | None, typer.Option(help="A part of what was done, such as DELETE.")
    ] = None,
    outcome: Annotated[
        str | None, typer.Option(help="done, refused, failed, or begun: never answered.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=200)] = 50,
    as_json: JsonFlag = False,
) -> None:
    """Show who did what, from where, and what came of it; newest first."""

    async def work(client: LabelClient) -> Any:
        person = who
        if who is not None and who != LOCAL:
            person = (await client.get("people", who))["id"]
        return await client.get(
            "audit",
            person=person,
            artist=artist,
            operation=operation,
            outcome=outcome,
            limit=limit,
        )

    found = ask(work)["items"]
    if as_json:
        print_json(found)
        return
    if not found:
        out.print("Nothing of that kind was done.")
        return
    rows = [_row(entry) for entry in found]
    show_rows(("when", "who", "outcome", "what"), rows)
    if len(found) == limit:
        out.print(f"The newest {limit}; there may be more. → --limit 200", style="dim")


def _row(entry: dict[str, Any]) -> tuple[str, ...]:
    colour = COLOURS[entry["outcome"]]
    status = f" {entry['status']}" if entry["status"] and entry["status"] >= 400 else ""
    what = " ".join(part for part in (entry["what"], entry["subject"], entry["artist"]) if part)
    key = f" by the key {entry['key']}" if entry["key"] else ""
    return (
        ago(entry["created_at"]),
        escape(entry["who"]),
        f"[{colour}]{entry['outcome']}{status}[/{colour}]",
        escape(f"{what}, from {entry['address']}{key}"),
    )
