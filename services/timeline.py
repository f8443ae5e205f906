"""A run as a line of steps: folded from the event log, so it shows a step while it runs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from domain.event import Event
from domain.run import StepRecord, ToolCall

StepState = Literal["running", "ok", "revise", "error", "interrupted"]


class StepLine(BaseModel):
    """One try of one step; `stage` and `fraction` tell how far a long one has come."""

    model_config = ConfigDict(frozen=True)

    step: str
    attempt: int = 1
    state: StepState = "running"
    started_at: AwareDatetime | None = None
    says: str = ""
    stage: str = ""
    fraction: float | None = None
    tokens: int = 0
    cost_usd: float = 0.0
    duration_s: float = 0.0
    cpu_s: float = 0.0
    model: str | None = None
    snapshot: dict[str, Any] = Field(default_factory=dict)
    report: dict[str, Any] = Field(default_factory=dict)
    tools: tuple[ToolCall, ...] = ()


def timeline(
    events: Iterable[Event],
    records: Sequence[StepRecord],
    *,
    running: bool,
    failed_step: str | None = None,
) -> list[StepLine]:
    """Fold a run's events into steps in the order they began, completed by what they left.

    A step that never ended is `interrupted` once it began again or the run stands still; the one
    the run failed in is an `error`.
    """
    lines: list[StepLine] = []
    left = list(records)
    for event in events:
        step = str(event.data.get("step", ""))
        if event.kind == "step.started":
            _close(lines, step)
            attempt = int(event.data.get("attempt", 1))
            lines.append(StepLine(step=step, attempt=attempt, started_at=event.at))
        elif event.kind == "run.progress":
            _progressed(lines, event.data["stage"], event.data["fraction"])
        elif event.kind == "generation.changed":
            _progressed(lines, _at_work(event), None)
        elif event.kind == "step.finished":
            record = next((r for r in left if r.step == step), None)
            if record is not None:
                left.remove(record)
            _update(lines, step, **_ending(event, record))
    if not running:
        if failed_step is not None:
            _close(lines, failed_step, "error")
        _close(lines)
    return lines


def _ending(event: Event, record: StepRecord | None) -> dict[str, Any]:
    told = {
        "state": event.data["outcome"],
        "says": event.data.get("says", ""),
        "tokens": event.data["tokens"],
        "duration_s": event.data["duration_s"],
        "fraction": None,
    }
    if record is None:
        return told
    kept = ("attempt", "cost_usd", "cpu_s", "model", "snapshot", "report", "tools")
    return told | {name: getattr(record, name) for name in kept}


def _update(lines: list[StepLine], step: str, **changes: Any) -> None:
    for index in range(len(lines) - 1, -1, -1):
        if lines[index].step == step and lines[index].state == "running":
            lines[index] = lines[index].model_copy(update=changes)
            return
    lines.append(StepLine(step=step).model_copy(update=changes))


def _at_work(event: Event) -> str:
    """Which generator has the song in hand, and how far it is."""
    return f"{event.data['provider']}: {str(event.data['status']).replace('_', ' ')}"


def _progressed(lines: list[StepLine], stage: str, fraction: float | None) -> None:
    """Note progress with the step that runs; a run has one at a time, and late news has none."""
    if lines and lines[-1].state == "running":
        lines[-1] = lines[-1].model_copy(update={"stage": stage, "fraction": fraction})


def _close(
    lines: list[StepLine], step: str | None = None, state: StepState = "interrupted"
) -> None:
    for index, line in enumerate(lines):
        if line.state == "running" and step in (None, line.step):
            lines[index] = line.model_copy(update={"state": state, "fraction": None})
