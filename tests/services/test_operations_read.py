from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.artist import Artist
from domain.event import Event
from domain.mood import Mood
from domain.ports.engine import JobPriority, JobView, WorkerView
from domain.run import Failure, Run, RunStatus
from services.operations_read import (
    OperationsLimits,
    Seen,
    dead_letter,
    queue_view,
    retrying_view,
    running_view,
    stuck_view,
)

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
WORKER = WorkerView(
    id="host-1", host="host", pid=1, concurrency=4, running=1, started_at=NOW, silent_s=1.0,
    state="working",
)  # fmt: skip


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def artist(name: str = "a") -> Artist:
    return Artist(
        id=f"artist_{name}", created_at=NOW, updated_at=NOW, handle=f"handle-{name}",
        stage_name=f"Stage {name}", brief="Songs.", genre_pack="synthwave", seed=1,
        mood=Mood(at=NOW),
    )  # fmt: skip


def job(run_id: str, state: str = "queued", **changes: Any) -> JobView:
    facts = {
        "id": f"{run_id}:job", "name": "run", "args": (run_id,), "partition": "artist_a",
        "priority": JobPriority.SCHEDULE, "state": state, "queued_at": ago(10),
    }  # fmt: skip
    return JobView.model_validate(facts | changes)


def run(run_id: str = "run_1", **changes: Any) -> Run:
    facts: dict[str, Any] = {
        "id": run_id, "created_at": ago(900), "updated_at": ago(800), "kind": "cycle",
        "artist_ids": ("artist_a",), "seed": 1, "status": RunStatus.RUNNING, "step": "render",
        "step_since": ago(800), "holder": "host-1", "lease": 2,
    }  # fmt: skip
    return Run.model_validate(facts | changes)


def heard(run_id: str, seconds_ago: float) -> dict[str, Event]:
    line = Event(kind="run.progress", at=ago(seconds_ago), actor="system:system", run_id=run_id)
    return {run_id: line}


def seen(**changes: Any) -> Seen:
    jobs = changes.get("jobs", ())
    facts: dict[str, Any] = {
        "now": NOW, "limits": OperationsLimits(), "jobs": jobs, "workers": (WORKER,),
        "carried": {argument for one in jobs for argument in one.args},
        "counts": dict.fromkeys(RunStatus, 0), "running": (), "retrying": (), "lost": (),
        "dead": (), "heard": {}, "artists": {"artist_a": artist()},
    }  # fmt: skip
    return Seen(**facts | changes)


def test_jobs_count_once_by_what_they_wait_for() -> None:
    jobs = (
        job("run_1", queued_at=ago(60)),
        job("run_2", priority=JobPriority.PERSON, queued_at=ago(5)),
        job("run_3", "running", queued_at=ago(5000)),
        job("run_4", "delayed", queued_at=ago(5000)),
    )
    queue = queue_view(seen(jobs=jobs))
    assert (queue.waiting, queue.running, queue.delayed, queue.oldest_s) == (2, 1, 1, 60)
    told = [(line.name, line.waiting, line.oldest_s) for line in queue.priorities]
    assert told == [("a person asked", 1, 5), ("by schedule", 1, 60)]


def test_an_empty_queue_has_no_age() -> None:
    queue = queue_view(seen())
    assert (queue.waiting, queue.oldest_s, queue.priorities, queue.artists.total) == (
        0,
        None,
        (),
        0,
    )


def test_the_longest_queues_come_first_and_all_are_counted() -> None:
    jobs = [job(f"run_{n}", partition="artist_b") for n in range(3)]
    jobs += [job("run_8", partition="artist_a"), job("run_9", "running", partition="sweep")]
    who = {"artist_a": artist(), "artist_b": artist("b")}
    queue = queue_view(seen(jobs=jobs, artists=who, limits=OperationsLimits(shown=2)))
    told = [(line.handle, line.waiting, line.running) for line in queue.artists.items]
    assert told == [("handle-b", 3, 0), ("handle-a", 1, 0)]
    assert queue.artists.total == 3


@given(
    st.lists(st.sampled_from([1, 3, 5, 42])),
    st.lists(st.sampled_from(["artist_a", "artist_b", "artist_c"])),
)
def test_no_waiting_job_is_lost_between_the_lists(
    priorities: list[int], partitions: list[str]
) -> None:
    jobs = [
        job(f"run_{number}", priority=priority, partition=partition)
        for number, (priority, partition) in enumerate(zip(priorities, partitions, strict=False))
    ]
    queue = queue_view(seen(jobs=jobs))
    assert queue.waiting == len(jobs) == sum(line.waiting for line in queue.priorities)
    assert queue.waiting == sum(line.waiting for line in queue.artists.items)
    order = [line.priority for line in queue.priorities]
    assert order == sorted(order)


def test_a_clock_behind_makes_no_negative_age() -> None:
    queue = queue_view(seen(jobs=(job("run_1", queued_at=NOW + timedelta(seconds=3)),)))
    assert queue.oldest_s == 0


def test_runs_at_work_are_cut_to_what_is_shown_and_counted_whole() -> None:
    runs = [run(f"run_{n}", step_since=ago(n)) for n in range(5)]
    counts = dict.fromkeys(RunStatus, 0) | {RunStatus.RUNNING: 5}
    view = running_view(seen(running=runs, counts=counts, limits=OperationsLimits(shown=2)))
    assert [line.run_id for line in view.items] == ["run_4", "run_3"]
    assert view.total == 5
    assert (view.items[0].holder, view.items[0].lease, view.items[0].handle) == (
        "host-1", 2, "handle-a",
    )  # fmt: skip


def test_the_next_try_comes_first() -> None:
    failure = Failure(code="model_timeout", message="late", step="write")
    runs = [
        run(f"run_{n}", status=RunStatus.QUEUED, retry_at=ago(-n), retries=n, failure=failure)
        for n in (9, 3)
    ]
    view = retrying_view(seen(retrying=runs))
    assert [(line.run_id, line.retries) for line in view.items] == [("run_3", 3), ("run_9", 9)]
    assert view.items[0].failure == failure


def test_a_run_that_tells_of_its_progress_is_not_stuck() -> None:
    jobs = (job("run_1", "running"),)
    told = seen(jobs=jobs, running=(run(),), heard=heard("run_1", 5))
    assert stuck_view(told).items == ()
    silent = seen(jobs=jobs, running=(run(),), heard=heard("run_1", 700))
    (line,) = stuck_view(silent).items
    assert line.silent_s == 700
    assert "host-1 is alive, but says nothing of the step render" in line.known


@pytest.mark.parametrize(
    ("workers", "holder", "words"),
    [
        ((), "host-1", "with worker host-1, of which nothing is heard"),
        ((WORKER.model_copy(update={"state": "silent"}),), "host-1", "nothing is heard"),
        ((WORKER,), None, "with no worker"),
    ],
)
def test_a_run_whose_worker_is_gone_is_stuck_once_recovery_is_late(
    workers: tuple[WorkerView, ...], holder: str | None, words: str
) -> None:
    jobs = (job("run_1", "running"),)
    late = seen(jobs=jobs, workers=workers, running=(run(holder=holder),))
    (line,) = stuck_view(late).items
    assert words in line.known
    soon = run(holder=holder, updated_at=ago(10))
    assert stuck_view(seen(jobs=jobs, workers=workers, running=(soon,))).items == ()


def test_a_run_without_a_job_is_stuck() -> None:
    lost = run("run_9", status=RunStatus.QUEUED, holder=None, step=None, updated_at=ago(100))
    view = stuck_view(seen(running=(run(),), lost=(lost,)))
    told = [(line.run_id, line.known) for line in view.items]
    assert told == [
        ("run_1", "It stands in the step render, but no job carries it"),
        ("run_9", "It is queued, but no job carries it"),
    ]


def test_a_dead_letter_says_why_even_where_nothing_was_kept() -> None:
    failure = Failure(code="disk_full", message="full", step="render", remedy="Free some.")
    letter = dead_letter(run(status=RunStatus.FAILED, failure=failure), artist())
    assert (letter.failure, letter.failed_at, letter.handle) == (failure, ago(800), "handle-a")
    bare = dead_letter(run(status=RunStatus.FAILED), artist())
    assert "left no word" in bare.failure.message
