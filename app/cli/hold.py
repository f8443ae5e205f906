"""`greenroom hold`: stop everything at a safe point, and let it go on."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import typer
from rich.markup import escape

from app.cli.shell import JsonFlag, out, print_json, run, settings
from app.client import label_client
from domain.errors import InvalidInput
from domain.local_time import zone

SHOWN = "%a %d %b, %H:%M"


def hold(
    why: Annotated[str, typer.Option(help="Shown to everybody while the hold stands.")] = "",
    lift: Annotated[bool, typer.Option("--lift", help="Let everything go on.")] = False,
    show: Annotated[bool, typer.Option("--show", help="Only tell how it is.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Hold everything: nothing begins, and what runs stops at its next safe point."""
    if sum((lift, show, bool(why))) > 1:
        raise InvalidInput(
            "--why, --lift and --show do not go together", field="lift", remedy="Give one of them."
        )

    async def work() -> Any:
        async with label_client(settings()) as client:
            if show:
                return await client.get("hold")
            if lift:
                return await client.post("hold", "lift")
            return await client.post("hold", body={"why": why})

    found = run(work())
    if as_json:
        print_json(found)
    elif found["held"]:
        out.print(f"[yellow]{escape(hold_words(found['hold']))}[/yellow]", highlight=False)
        out.print("  → greenroom hold --lift", highlight=False)
    else:
        out.print("Nothing is held.", highlight=False)


def hold_words(found: dict[str, Any]) -> str:
    """A hold in a sentence."""
    why = f": {found['why']}" if found["why"] else ""
    return f"Everything is held since {moment(found['since'])}{why}"


def moment(text: str, tz: str | None = None) -> str:
    """A moment in the time of a zone, or of this machine."""
    where = zone(tz) if tz else None
    return datetime.fromisoformat(text).astimezone(where).strftime(SHOWN)
