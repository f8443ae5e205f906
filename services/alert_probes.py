"""Where alerts come from: each probe looks at one thing and says what it finds."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from domain.actor import SYSTEM
from domain.adaptation import AdaptationStatus
from domain.alert import AlertRule, Finding
from domain.experiment import ExperimentStatus
from domain.ports.clock import Clock
from domain.webhook import WebhookStatus
from runtime.shared.build import Shared
from services.vitals import SOON, Vitals, VitalsService
from store.database import Database

ENGINE_ROOM = "/operator/operations"
PROVIDERS = "/operator/providers"
HOME = "/operator"
ALERTS_PAGE = "/operator/alerts"
INSIGHTS = "/operator/insights"
MEGABYTE = 1 << 20
# Of fewer calls than these a share says nothing.
CALLS_MIN = 20
FAILED_SHARE = 0.5
# How long it is told that the label stopped or undid something by itself.
TOLD_FOR = timedelta(days=7)


@dataclass(frozen=True)
class Probe:
    """`look` finds what holds now for `rules`; what it does not find is over."""

    rules: frozenset[AlertRule]
    look: Callable[[], Awaitable[Sequence[Finding]]]


@dataclass(frozen=True)
class AlertLimits:
    """From where on something is worth an alert."""

    queue_s: float = 900.0
    disk_mb: int = 2000
    folders: tuple[Path, ...] = field(default=())


def probes(
    vitals: VitalsService, database: Database, clock: Clock, shared: Shared, limits: AlertLimits
) -> list[Probe]:
    """Every probe of a label."""

    async def work() -> Sequence[Finding]:
        return list(of_vitals(await vitals.read(), limits))

    async def breakers() -> Sequence[Finding]:
        return [*await _providers(database, clock), *await _models(shared)]

    async def disk() -> Sequence[Finding]:
        return await asyncio.to_thread(of_disk, limits)

    async def experiments() -> Sequence[Finding]:
        return await _experiments(database, clock)

    async def webhooks() -> Sequence[Finding]:
        return await _webhooks(database)

    async def learning() -> Sequence[Finding]:
        return await _learning(database, clock)

    return [
        Probe(WORK_RULES, work),
        Probe(frozenset({"provider_open", "redis_away"}), breakers),
        Probe(frozenset({"disk_low"}), disk),
        Probe(frozenset({"webhook_disabled"}), webhooks),
        Probe(frozenset({"adaptation_reverted"}), learning),
        Probe(frozenset({"experiment_stopped"}), experiments),
    ]


WORK_RULES: frozenset[AlertRule] = frozenset(
    {
        "approvals_expiring",
        "dead_letters",
        "error_rate",
        "outcome_unknown",
        "quarantined_run",
        "queue_old",
        "schedule_late",
        "stuck_runs",
        "worker_silent",
    }
)


def of_vitals(vitals: Vitals, limits: AlertLimits) -> Iterable[Finding]:
    """What the vital signs say."""
    yield from _runs(vitals)
    yield from _workers(vitals)
    yield from _people(vitals)
    yield from _calls(vitals)
    if vitals.hold is None:  # What is held waits on purpose.
        yield from _waits(vitals, limits)


def of_disk(limits: AlertLimits) -> list[Finding]:
    """Folders on disks with too little room; those on one disk are told of once."""
    found: dict[int, Finding] = {}
    for folder in limits.folders:
        if not folder.exists():
            continue
        free_mb = shutil.disk_usage(folder).free // MEGABYTE
        device = folder.stat().st_dev
        if free_mb < limits.disk_mb:
            found.setdefault(
                device,
                Finding(
                    rule="disk_low",
                    subject=str(folder),
                    severity="critical" if free_mb < limits.disk_mb / 4 else "warning",
                    summary=f"{free_mb:,} MB are free where {folder} lies",
                    remedy="Free some space; nothing new is made below the disk reserve.",
                ),
            )
    return list(found.values())


async def _experiments(database: Database, clock: Clock) -> list[Finding]:
    """Those that the label itself stopped in the last week."""
    since = clock.now() - TOLD_FOR
    async with database.unit() as unit:
        stopped = await unit.experiments.page(status=ExperimentStatus.STOPPED)
    return [
        Finding(
            rule="experiment_stopped",
            subject=one.id,
            severity="warning",
            summary=f"The experiment {one.definition.name} was stopped: {one.reason}",
            remedy="Look at what it showed; songs are made as before it began.",
        )
        for one in stopped
        if one.ended_by == f"{SYSTEM.kind}:{SYSTEM.id}" and one.ended_at and one.ended_at >= since
    ]


def _runs(vitals: Vitals) -> Iterable[Finding]:
    for run in vitals.quarantined:
        why = run.failure.message if run.failure else "its workers died"
        yield Finding(
            rule="quarantined_run",
            subject=run.id,
            severity="critical",
            summary=f"A run was put aside: {why}",
            remedy="Look into the workers' logs, then replay or discard it.",
            path=f"/operator/runs/{run.id}",
        )
    others = vitals.work.dead.total - len(vitals.quarantined)
    if others > 0:
        yield Finding(
            rule="dead_letters",
            severity="warning",
            summary=f"{_many(others, 'run')} stopped and {_wait(others)} for you",
            remedy="Replay them when what they met is mended, or discard them.",
            path=ENGINE_ROOM,
        )
    stuck = vitals.work.stuck
    if stuck.total:
        yield Finding(
            rule="stuck_runs",
            severity="warning",
            summary=f"{_many(stuck.total, 'run')} should move and {_do(stuck.total)} not: "
            f"{stuck.items[0].known[:1].lower()}{stuck.items[0].known[1:]}",
            remedy="They are taken up again by themselves; if not, look at the workers.",
            path=ENGINE_ROOM,
        )


def _workers(vitals: Vitals) -> Iterable[Finding]:
    for worker in vitals.work.workers:
        if worker.state == "silent":
            yield Finding(
                rule="worker_silent",
                subject=worker.id,
                severity="warning",
                summary=f"Worker {worker.id} on {worker.host} says nothing any more",
                remedy="Its runs go to others. Look whether its process still lives.",
                path=ENGINE_ROOM,
            )


def _people(vitals: Vitals) -> Iterable[Finding]:
    figures = vitals.figures
    unknown = figures.posts_unknown + figures.songs_unknown
    if unknown:
        what = _many(figures.posts_unknown, "post") if figures.posts_unknown else ""
        songs = _many(figures.songs_unknown, "song") if figures.songs_unknown else ""
        yield Finding(
            rule="outcome_unknown",
            severity="warning",
            summary=f"Nobody knows what became of {' and '.join(w for w in (what, songs) if w)}",
            remedy="Nothing is sent again blindly: look there, and say what you found.",
            path=PROVIDERS if figures.songs_unknown else HOME,
        )
    soon = figures.approvals_expiring
    if soon:
        hours = int(SOON / timedelta(hours=1))
        yield Finding(
            rule="approvals_expiring",
            severity="notice",
            summary=f"{_many(soon, 'approval')} {_expire(soon)} within {hours} hours",
            remedy="Listen and decide; what expires is not published.",
            path=HOME,
        )


def _calls(vitals: Vitals) -> Iterable[Finding]:
    calls, failed = vitals.figures.model_calls, vitals.figures.model_failures
    if calls >= CALLS_MIN and failed >= calls * FAILED_SHARE:
        yield Finding(
            rule="error_rate",
            severity="warning",
            summary=f"{failed} of the last {calls} model calls failed",
            remedy="Check the model's server and its limits.",
        )


def _waits(vitals: Vitals, limits: AlertLimits) -> Iterable[Finding]:
    if vitals.blocked_s > limits.queue_s:
        yield Finding(
            rule="queue_old",
            severity="warning",
            summary=f"A run has waited {vitals.blocked_s / 60:.0f} minutes for a worker",
            remedy="Start more workers, or give them more concurrency.",
            path=ENGINE_ROOM,
        )
    if vitals.figures.slots_late:
        late = vitals.figures.slots_late
        yield Finding(
            rule="schedule_late",
            severity="warning",
            summary=f"{_many(late, 'slot')} {_were(late)} due {vitals.slot_late_s / 60:.0f} "
            "minutes ago and did not fire",
            remedy="Look whether a scheduler leads and the database answers.",
            path=ENGINE_ROOM,
        )


async def _providers(database: Database, clock: Clock) -> list[Finding]:
    async with database.unit() as unit:
        known = await unit.providers.all()
    return [
        Finding(
            rule="provider_open",
            subject=health.provider,
            severity="warning",
            summary=f"{health.provider} is left alone: {why}",
            remedy="Others and the embedded engine make the songs; check it when it is mended.",
            path=PROVIDERS,
        )
        for health in known
        if (why := health.closed(clock.now()))
    ]


async def _models(shared: Shared) -> list[Finding]:
    stats = await shared.stats()
    found = [
        Finding(
            rule="provider_open",
            subject=line,
            severity="warning",
            summary=f"The {line} failed repeatedly and is left alone for a while",
            remedy="Check its server; it is tried again by itself.",
        )
        for line, state in stats.breakers.items()
        if state == "open"
    ]
    if stats.redis == "away":
        found.append(
            Finding(
                rule="redis_away",
                severity="warning",
                summary="Redis does not answer: every process limits and caches for itself",
                remedy="Check GREENROOM_REDIS_URL; it is used again as soon as it is back.",
            )
        )
    return found


async def _webhooks(database: Database) -> list[Finding]:
    async with database.unit() as unit:
        disabled = await unit.webhooks.all(WebhookStatus.DISABLED)
    return [
        Finding(
            rule="webhook_disabled",
            subject=webhook.id,
            severity="warning",
            summary=f"Nothing is sent to {webhook.url} any more: {webhook.disabled_why}",
            remedy="Mend the receiver, then enable the webhook or remove it.",
            path=ALERTS_PAGE,
        )
        for webhook in disabled
    ]


async def _learning(database: Database, clock: Clock) -> list[Finding]:
    """What the house undid by itself of what it had learnt; people know of their own rollbacks."""
    async with database.unit() as unit:
        reverted = await unit.adaptations.page(status=AdaptationStatus.REVERTED, limit=200)
    since = clock.now() - TOLD_FOR
    return [
        Finding(
            rule="adaptation_reverted",
            subject=entry.id,
            severity="notice",
            summary=f"{entry.parameter} is back at what it was: {entry.reason}",
            remedy=f"See what came of it: greenroom learn show {entry.id}.",
            path=INSIGHTS,
        )
        for entry in reverted
        if entry.settled_at >= since and entry.history[-1].by.startswith(f"{SYSTEM.kind}:")
    ]


def _many(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _wait(number: int) -> str:
    return "waits" if number == 1 else "wait"


def _do(number: int) -> str:
    return "does" if number == 1 else "do"


def _were(number: int) -> str:
    return "was" if number == 1 else "were"


def _expire(number: int) -> str:
    return "expires" if number == 1 else "expire"
