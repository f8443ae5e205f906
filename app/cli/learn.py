"""`greenroom learn`: what the label changed about itself, why, and the way back."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.markup import escape

from app.cli.shell import JsonFlag, out, print_json, run, settings
from app.cli.show import table
from app.cli.spans import ago
from app.client import label_client

cli = typer.Typer(
    help="What artists learnt from their audience, and how to take it back.", no_args_is_help=True
)
COLOURS = {"active": "cyan", "confirmed": "green", "reverted": "yellow", "rejected": "dim"}
EMPTY = (
    "Nothing has been learnt yet. Once 40 songs of an artist were out for a week and heard by five "
    "people each, it begins to learn which forms move them."
)
Entry = Annotated[str, typer.Argument(help="The entry's id; `greenroom learn ledger` names them.")]
Artist = Annotated[str | None, typer.Option(help="Only this artist's, and the whole label's.")]


@cli.command("ledger")
def show_ledger(
    artist: Artist = None,
    status: Annotated[
        str | None, typer.Option(help="proposed, active, confirmed, reverted or rejected.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=200)] = 20,
    as_json: JsonFlag = False,
) -> None:
    """List the entries of the adaptation ledger, newest first."""
    found = run(_page(artist, status, limit))
    if as_json:
        print_json(found)
        return
    if not found:
        out.print(EMPTY, highlight=False)
        return
    rows = table("id", "when", "whose", "parameter", "status", "expected", "observed")
    for entry in found:
        rows.add_row(
            entry["id"],
            ago(entry["created_at"]),
            escape(_whose(entry)),
            escape(entry["parameter"]),
            _coloured(entry["status"]),
            _effect(entry["proposal"]["expected"]),
            _effect(entry["observed"]),
        )
    out.print(rows)


@cli.command("show")
def show_entry(entry_id: Entry, as_json: JsonFlag = False) -> None:
    """Show an entry: the exact change, its evidence, what came of it, its history."""

    async def work() -> Any:
        async with label_client(settings()) as client:
            return await client.get("adaptations", entry_id)

    _show(run(work()), as_json)


@cli.command("rollback")
def roll_back(
    entry_id: Entry,
    reason: Annotated[str, typer.Option(help="Why; it stays in the ledger.")],
    as_json: JsonFlag = False,
) -> None:
    """Put back exactly what was before an entry; its parameter then rests for a week."""

    async def work() -> Any:
        async with label_client(settings()) as client:
            return await client.post("adaptations", entry_id, "rollback", body={"reason": reason})

    _show(run(work()), as_json)


@cli.command("status")
def show_status(artist: Artist = None, as_json: JsonFlag = False) -> None:
    """Show what is in force now: being observed, or confirmed."""
    found = [
        entry
        for status in ("active", "confirmed")
        for entry in run(_page(artist, status, limit=200))
    ]
    if as_json:
        print_json(found)
        return
    if not found:
        out.print("Everything is as it is shipped: no adaptation is in force.", highlight=False)
        return
    for entry in found:
        _print(entry)


async def _page(artist: str | None, status: str | None, limit: int) -> Any:
    async with label_client(settings()) as client:
        wanted = {"artist": artist, "status": status, "limit": limit}
        return (await client.get("adaptations", **wanted))["items"]


def _show(entry: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(entry)
        return
    _print(entry)
    for reason in entry["proposal"]["evidence"]:
        out.print(f"  because  {escape(reason['says'])}", highlight=False)
    for line in entry["history"]:
        seen = f"observed {_effect(line['observed'])}" if line["observed"] else line["why"]
        out.print(
            f"  [dim]{ago(line['at'])}  {line['status']}  {escape(line['by'])}[/dim]"
            f"  {escape(seen)}",
            highlight=False,
        )


def _print(entry: dict[str, Any]) -> None:
    change = entry["proposal"]["change"]
    out.print(
        f"[bold]{entry['id']}[/bold]  {escape(_whose(entry))}  {escape(entry['parameter'])}"
        f"  {_coloured(entry['status'])}",
        highlight=False,
    )
    out.print(f"  {entry['proposal']['hypothesis']}", markup=False, highlight=False)
    out.print(f"  before   {_value(change['before'])}", markup=False, highlight=False)
    out.print(f"  after    {_value(change['after'])}", markup=False, highlight=False)
    measure = entry["proposal"]["expected"]["measure"]
    out.print(
        f"  expected {_effect(entry['proposal']['expected'])} {measure}",
        markup=False,
        highlight=False,
    )
    if entry["reason"]:
        out.print(f"  reason   {entry['reason']}", markup=False, highlight=False)
    if entry["status"] in ("active", "confirmed"):
        out.print(f"  → greenroom learn rollback {entry['id']} --reason …", highlight=False)


def _whose(entry: dict[str, Any]) -> str:
    scope = entry["proposal"]["scope"]
    return scope["artist_id"] or scope["genre"] or "the label"


def _coloured(status: str) -> str:
    colour = COLOURS.get(status, "white")
    return f"[{colour}]{status}[/{colour}]"


def _effect(effect: dict[str, Any] | None) -> str:
    if effect is None:
        return "–"
    return f"{effect['estimate']:+.3f} ({effect['low']:+.3f} to {effect['high']:+.3f})"


def _value(value: Any) -> str:
    if value is None:
        return "as shipped"
    if isinstance(value, dict):
        return ", ".join(
            f"{name} {part:.0%}" if isinstance(part, float) else f"{name} {part}"
            for name, part in value.items()
        )
    return str(value)
