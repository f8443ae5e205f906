"""From what store and engine say to what people are shown; pure, so that it is easily tried."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from domain.artist import Artist
from domain.event import Event
from domain.ports.engine import JobPriority, JobView, WorkerView
from domain.run import Failure, Run, RunStatus
from services.operations_view import (
    ArtistLine,
    DeadLetter,
    PriorityLine,
    QueueView,
    RetryingRun,
    RunAtWork,
    Some,
    StuckRun,
)

PRIORITY_NAMES = {
    int(JobPriority.PERSON): "a person asked",
    int(JobPriority.GOES_ON): "goes on",
    int(JobPriority.SCHEDULE): "by schedule",
}
# Releases before this one could leave a failed run without its failure.
NO_FAILURE = Failure(
    code="internal_error", message="the run stopped and left no word", step="start"
)


@dataclass(frozen=True)
class OperationsLimits:
    """How much one look shows, and when silence is too long."""

    shown: int = 50
    # A run may be without a job for a moment: its row is committed first.
    lost_after_s: float = 30.0
    # Steps tell of their progress; one that says nothing for this long is looked at.
    stuck_after_s: float = 600.0
    read: int = 2000


@dataclass(frozen=True)
class Seen:
    """What store and engine say at one moment."""

    now: datetime
    limits: OperationsLimits
    jobs: Sequence[JobView]
    workers: Sequence[WorkerView]
    counts: Mapping[RunStatus, int]
    # Runs that a job carries.
    carried: Set[str]
    running: Sequence[Run]
    retrying: Sequence[Run]
    # Queued runs that no job carries.
    lost: Sequence[Run]
    dead: Sequence[Run]
    heard: Mapping[str, Event]
    artists: Mapping[str, Artist] = field(default_factory=dict)


def queue_view(seen: Seen) -> QueueView:
    """Jobs by priority and artist, the longest queues first."""
    waiting = [job for job in seen.jobs if job.state == "queued"]
    running = [job for job in seen.jobs if job.state == "running"]
    lines = _artist_lines(seen, waiting, running)
    ages = [_age_s(seen.now, job.queued_at) for job in waiting]
    return QueueView(
        waiting=len(waiting),
        running=len(running),
        delayed=len(seen.jobs) - len(waiting) - len(running),
        oldest_s=max(ages, default=None),
        priorities=tuple(_priority_lines(seen.now, waiting)),
        artists=Some(items=lines[: seen.limits.shown], total=len(lines)),
    )


def _priority_lines(now: datetime, waiting: Sequence[JobView]) -> Iterable[PriorityLine]:
    for priority in sorted({job.priority for job in waiting}):
        ages = [_age_s(now, job.queued_at) for job in waiting if job.priority == priority]
        name = PRIORITY_NAMES.get(priority, f"priority {priority}")
        yield PriorityLine(priority=priority, name=name, waiting=len(ages), oldest_s=max(ages))


def _artist_lines(
    seen: Seen, waiting: Sequence[JobView], running: Sequence[JobView]
) -> tuple[ArtistLine, ...]:
    waits = Counter(job.partition for job in waiting)
    works = Counter(job.partition for job in running)
    longest_first = sorted({*waits, *works}, key=lambda p: (-waits[p], -works[p], p))
    return tuple(
        ArtistLine(
            artist_id=partition,
            handle=artist.handle if (artist := seen.artists.get(partition)) else None,
            stage_name=artist.stage_name if artist else None,
            waiting=waits[partition],
            running=works[partition],
        )
        for partition in longest_first
    )


def running_view(seen: Seen) -> Some[RunAtWork]:
    """Runs that a worker holds, the longest in their step first."""
    longest_first = sorted(seen.running, key=_since)
    lines = [RunAtWork(**_facts(run, seen)) for run in longest_first[: seen.limits.shown]]
    return Some(items=tuple(lines), total=seen.counts[RunStatus.RUNNING])


def retrying_view(seen: Seen) -> Some[RetryingRun]:
    """Runs that are tried again by themselves, the next one first."""
    due_first = sorted((run for run in seen.retrying if run.retry_at), key=_retry_at)
    lines = [
        RetryingRun(**_facts(run, seen), retry_at=_retry_at(run), failure=run.failure)
        for run in due_first[: seen.limits.shown]
    ]
    return Some(items=tuple(lines), total=len(due_first))


def stuck_view(seen: Seen) -> Some[StuckRun]:
    """Runs that should move and do not, the longest silent first."""
    found = [line for run in seen.running if (line := _stuck_in_step(run, seen))]
    found += [_stuck(run, seen, "It is queued, but no job carries it") for run in seen.lost]
    found.sort(key=lambda line: -line.silent_s)
    return Some(items=tuple(found[: seen.limits.shown]), total=len(found))


def _stuck_in_step(run: Run, seen: Seen) -> StuckRun | None:
    step = f"the step {run.step}" if run.step else "its beginning"
    if run.id not in seen.carried:
        line = _stuck(run, seen, f"It stands in {step}, but no job carries it")
        return line if line.silent_s > seen.limits.lost_after_s else None
    worker = next((w for w in seen.workers if w.id == run.holder), None)
    if worker is None or worker.state == "silent":
        holder = f"worker {run.holder}" if run.holder else "no worker"
        line = _stuck(run, seen, f"It stands in {step} with {holder}, of which nothing is heard")
        return line if line.silent_s > seen.limits.lost_after_s else None
    line = _stuck(run, seen, f"Worker {worker.id} is alive, but says nothing of {step}")
    return line if line.silent_s > seen.limits.stuck_after_s else None


def _stuck(run: Run, seen: Seen, known: str) -> StuckRun:
    heard = seen.heard.get(run.id)
    last = max(heard.at, run.updated_at) if heard else run.updated_at
    return StuckRun(**_facts(run, seen), silent_s=_age_s(seen.now, last), known=known)


def dead_letter(run: Run, artist: Artist) -> DeadLetter:
    """A failed run as somebody decides on it."""
    return DeadLetter(
        run_id=run.id,
        artist_id=artist.id,
        handle=artist.handle,
        stage_name=artist.stage_name,
        kind=run.kind,
        action=run.action,
        cause=run.cause,
        failure=run.failure or NO_FAILURE,
        failed_at=run.updated_at,
        lease=run.lease,
    )


def _facts(run: Run, seen: Seen) -> dict[str, Any]:
    artist = seen.artists[run.artist_id]
    return {
        "run_id": run.id,
        "artist_id": artist.id,
        "handle": artist.handle,
        "stage_name": artist.stage_name,
        "kind": run.kind,
        "action": run.action,
        "cause": run.cause,
        "step": run.step,
        "since": _since(run),
        "holder": run.holder,
        "lease": run.lease,
        "deaths": run.deaths,
        "retries": run.retries,
    }


def _since(run: Run) -> datetime:
    return run.step_since or run.updated_at


def _retry_at(run: Run) -> datetime:
    assert run.retry_at is not None
    return run.retry_at


def _age_s(now: datetime, then: datetime) -> float:
    """Never negative: hosts' clocks differ a little."""
    return max((now - then).total_seconds(), 0.0)
