"""`greenroom alert`: what you should look at, and what is over."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.markup import escape

from app.cli.shell import JsonFlag, out, print_json, run, settings
from app.cli.spans import ago
from app.client import label_client

cli = typer.Typer(help="See what needs your eyes, and say that you have seen it.")
COLOURS = {"critical": "bold red", "warning": "yellow", "notice": "cyan"}


@cli.command("list")
def list_alerts(
    past: Annotated[bool, typer.Option("--all", help="Those that are over as well.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=200)] = 50,
    as_json: JsonFlag = False,
) -> None:
    """List what is open, newest first."""

    async def work() -> Any:
        async with label_client(settings()) as client:
            status = None if past else "open"
            return (await client.get("alerts", status=status, limit=limit))["items"]

    found = run(work())
    if as_json:
        print_json(found)
        return
    if not found:
        out.print(
            "No alert was ever raised." if past else "[green]Nothing needs your eyes.[/green]"
        )
        return
    for alert in found:
        _show(alert)


@cli.command("ack")
def acknowledge(
    alert_id: Annotated[str, typer.Argument(help="The alert's id, as `alert list` shows it.")],
    as_json: JsonFlag = False,
) -> None:
    """Say that you have seen an alert; it stays until what it tells of is over."""

    async def work() -> Any:
        async with label_client(settings()) as client:
            return await client.post("alerts", alert_id, "acknowledge")

    alert = run(work())
    if as_json:
        print_json(alert)
        return
    _show(alert)


def _show(alert: dict[str, Any]) -> None:
    is_open = alert["status"] == "open"
    colour = COLOURS[alert["severity"]] if is_open else "dim"
    when = ago(alert["created_at"]) if is_open else f"over {ago(alert['closed_at'])}"
    seen = " · seen" if is_open and alert["acknowledged_at"] else ""
    out.print(
        f"[{colour}]{alert['severity']}[/{colour}]  {escape(alert['summary'])}", highlight=False
    )
    out.print(f"  [dim]{alert['id']} · {alert['rule']} · {when}{seen}[/dim]", highlight=False)
    if is_open:
        out.print(f"  → {alert['remedy']}", markup=False, highlight=False)
