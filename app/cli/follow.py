"""Follows a run to its end, with progress bars for people."""

from __future__ import annotations

from typing import Any

from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from app.cli.shell import err
from app.client import LabelClient

ENDED = ("waiting", "succeeded", "rejected", "failed", "cancelled")
WAIT_S = 20


async def follow(
    client: LabelClient, run_id: str, *, quiet: bool, after: int = 0
) -> dict[str, Any]:
    """Wait until the run waits or has ended; returns it whole."""
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        TimeElapsedColumn(),
        console=err,
        disable=quiet,
        transient=True,
    ) as bars:
        task = bars.add_task("waiting for its turn", total=None)
        while True:
            page = await client.get("/events", run_id=run_id, after=after, wait=WAIT_S)
            after = page["last"]
            status = None
            for event in page["items"]:
                status = _show(bars, task, event) or status
            if status in ENDED:
                found: dict[str, Any] = await client.get(f"/runs/{run_id}")
                if found["status"] in ENDED:
                    return found


def _show(bars: Progress, task: Any, event: dict[str, Any]) -> str | None:
    data = event["data"]
    if event["kind"] == "step.started":
        bars.update(task, description=f"[bold]{data['step']}[/bold]", total=None, completed=0)
    elif event["kind"] == "run.progress":
        label = f"[bold]{data['step']}[/bold]"
        bars.update(task, description=label, total=1.0, completed=data["fraction"])
    elif event["kind"] == "step.finished" and not bars.disable:
        mark = {"ok": "[green]✓[/green]", "revise": "[yellow]↻[/yellow]"}
        sign = mark.get(data["outcome"], "[red]✗[/red]")
        says = str(data["says"]).replace("[", "\\[")
        bars.console.print(f"{sign} {data['step']:<9} [dim]{says[:140]}[/dim]", highlight=False)
    elif event["kind"] == "run.changed":
        return str(data["status"])
    return None
