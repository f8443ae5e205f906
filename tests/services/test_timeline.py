from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from domain.event import Event, EventKind
from domain.run import StepRecord
from services.timeline import timeline

NOW = datetime(2026, 1, 2, tzinfo=UTC)


def event(kind: EventKind, step: str, **data: Any) -> Event:
    if kind == "step.finished":
        data = {"outcome": "ok", "tokens": 5, "duration_s": 1.5, "says": "Done."} | data
    return Event(kind=kind, at=NOW, actor="system:system", data={"step": step} | data)


def record(step: str, **changes: Any) -> StepRecord:
    data = {
        "id": f"step_{step}",
        "created_at": NOW,
        "updated_at": NOW,
        "run_id": "run_1",
        "artist_id": "artist_1",
        "step": step,
        "snapshot": {"saw": step},
        "cpu_s": 0.7,
    }
    return StepRecord.model_validate(data | changes)


def test_a_finished_step_has_what_it_left_and_the_running_one_its_progress() -> None:
    lines = timeline(
        [
            event("step.started", "plan"),
            event("step.finished", "plan"),
            event("step.started", "compose"),
            event("run.progress", "compose", stage="synthesis", fraction=0.2),
            event("run.progress", "compose", stage="mix", fraction=0.9),
        ],
        [record("plan")],
        running=True,
    )
    assert [(s.step, s.state) for s in lines] == [("plan", "ok"), ("compose", "running")]
    assert (lines[0].snapshot, lines[0].cpu_s, lines[0].says) == ({"saw": "plan"}, 0.7, "Done.")
    assert (lines[1].stage, lines[1].fraction) == ("mix", 0.9)


def test_a_step_cut_off_and_begun_again_is_shown_as_both() -> None:
    again = [event("step.started", "mix"), event("step.started", "mix", attempt=2)]
    assert [s.state for s in timeline(again, [], running=True)] == ["interrupted", "running"]
    done = [*again, event("step.finished", "mix")]
    assert [s.state for s in timeline(done, [], running=True)] == ["interrupted", "ok"]


def test_nothing_runs_once_the_run_stands_still() -> None:
    events = [event("step.started", "mix"), event("run.progress", "mix", stage="a", fraction=0.5)]
    assert timeline(events, [], running=False)[0].state == "interrupted"
    failed = timeline(events, [], running=False, failed_step="mix")[0]
    assert (failed.state, failed.fraction) == ("error", None)
    assert timeline(events, [], running=False, failed_step="plan")[0].state == "interrupted"


def test_records_of_a_repeated_step_go_to_their_own_try() -> None:
    events = [
        event("step.started", "critique"),
        event("step.finished", "critique", outcome="revise"),
        event("step.started", "critique", attempt=2),
        event("step.finished", "critique"),
    ]
    records = [record("critique", id="step_a"), record("critique", id="step_b", cpu_s=2.0)]
    lines = timeline(events, records, running=True)
    assert [(s.state, s.cpu_s) for s in lines] == [("revise", 0.7), ("ok", 2.0)]


def test_progress_belongs_to_the_step_that_runs_whatever_its_stage_is_called() -> None:
    events = [
        event("step.started", "render"),
        event("run.progress", "mixing", stage="mixing", fraction=0.4),
    ]
    (line,) = timeline(events, [], running=True)
    assert (line.step, line.stage, line.fraction) == ("render", "mixing", 0.4)
    late = [*events, event("step.finished", "render"), events[1]]
    (done,) = timeline(late, [], running=True)
    assert (done.state, done.fraction) == ("ok", None)
