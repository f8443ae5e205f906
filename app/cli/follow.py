"""Follows a run to its end, with progress bars for people."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from app.cli.shell import err
from app.client import LabelClient

ENDED = ("succeeded", "rejected", "failed", "cancelled")
WAIT_S = 20


async def follow(
    client: LabelClient, run_id: str, *, quiet: bool, after: int = 0
) -> dict[str, Any]:
    """Wait until the run waits for a decision or has ended; returns it whole.

    The run itself is looked at first and after every silence, not only its events: whoever asks
    for what is done already is told of nothing new.
    """
    found = await _settled(client, run_id)
    if found is None and not quiet and (hold := (await client.get("hold"))["hold"]):
        why = f" ({hold['why']})" if hold["why"] else ""
        err.print(f"Everything is held{why}: the run waits until you lift it, with", markup=False)
        err.print("  → greenroom hold --lift", highlight=False)
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        TimeElapsedColumn(),
        console=err,
        disable=quiet,
        transient=True,
    ) as bars:
        view = RunBars(bars)
        while found is None:
            page = await client.get("events", run_id=run_id, after=after, wait=WAIT_S)
            after = page["last"]
            moved = [view.show(event) for event in page["items"]]
            if any(moved) or not moved:
                found = await _settled(client, run_id)
    return found


async def _settled(client: LabelClient, run_id: str) -> dict[str, Any] | None:
    """The run, if nothing more will happen to it unless a person acts."""
    run: dict[str, Any] = await client.get("runs", run_id)
    if run["status"] in ENDED:
        return run
    if run["status"] != "waiting":
        return None
    # Right after a decision the run still reads as waiting, until its job takes it up.
    approval = (await client.get("approvals", run["approval_id"]))["approval"]
    return run if approval["status"] == "waiting" else None


class RunBars:
    """The bar of the step that runs, and a line for each that has ended."""

    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._task = bars.add_task("waiting for its turn", total=None)
        self._step = ""

    def show(self, event: dict[str, Any]) -> bool:
        """Show one line of the log; True when the run moved."""
        data = event["data"]
        if event["kind"] == "step.started":
            self._step = data["step"]
            self._bars.update(self._task, description=self._named(), total=None, completed=0)
        elif event["kind"] == "run.progress":
            label = self._named(data["stage"])
            self._bars.update(self._task, description=label, total=1.0, completed=data["fraction"])
        elif event["kind"] == "step.finished" and not self._bars.disable:
            self._bars.console.print(_ended(data), highlight=False)
        elif event["kind"] == "run.changed" and data.get("retry_at"):
            self._bars.update(self._task, description="waits to try again", total=None)
            if not self._bars.disable:
                self._bars.console.print(_later(data), highlight=False)
        return bool(event["kind"] == "run.changed")

    def _named(self, stage: str = "") -> str:
        name = f"[bold]{escape(self._step)}[/bold]"
        return f"{name} · {escape(stage)}" if stage else name


def _later(data: dict[str, Any]) -> str:
    at = datetime.fromisoformat(data["retry_at"]).astimezone()
    why = escape(str(data["failure"]["message"])[:140])
    return f"[yellow]↻[/yellow] tries again at {at:%H:%M:%S} [dim]{why}[/dim]"


def _ended(data: dict[str, Any]) -> str:
    mark = {"ok": "[green]✓[/green]", "revise": "[yellow]↻[/yellow]"}
    sign = mark.get(data["outcome"], "[red]✗[/red]")
    return f"{sign} {escape(data['step']):<9} [dim]{escape(str(data['says'])[:140])}[/dim]"
