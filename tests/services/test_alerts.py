from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest

from domain.actor import OPERATOR, SYSTEM
from domain.alert import AlertRule, AlertStatus, Finding, Severity
from domain.errors import Conflict, DiskFull, EnvironmentProblem, Forbidden, ProviderUnavailable
from domain.ports.engine import JobView, WorkerView
from domain.ports.model import CallScope, TokenUsage, UsageRecord
from domain.run import RunStatus
from runtime.shared.build import Shared
from runtime.telemetry import catalogue
from runtime.telemetry.metrics import Metrics
from services.alert_probes import AlertLimits, Probe, of_disk, of_vitals, probes
from services.alerts import SETTLED, AlertService
from services.holds import HoldService
from services.vitals import SOON, VitalsService, blocked_s, show
from tests.runtime.telemetry.test_metrics import lines
from tests.services import build
from tests.support.label import START, TestLabel, cycle

LATER = SETTLED + timedelta(seconds=1)


def finding(
    rule: AlertRule = "disk_low", severity: Severity = "warning", says: str = "low", **changes: str
) -> Finding:
    return Finding(rule=rule, severity=severity, summary=says, remedy="Mend it.", **changes)


@dataclass
class Told:
    """A probe that finds what it is told to find, and counts as away when it cannot look."""

    found: list[Finding] = field(default_factory=list)
    away: bool = False

    async def look(self) -> Sequence[Finding]:
        if self.away:
            raise EnvironmentProblem("the database is away")
        return self.found


def watching(label: TestLabel, told: Told, *rules: AlertRule) -> AlertService:
    probe = Probe(frozenset(rules or ("disk_low",)), told.look)
    return AlertService(label.database, label.clock, [probe])


async def kinds(label: TestLabel) -> list[str]:
    events = await label.views.events(OPERATOR, 0)
    return [e.kind for e in events if e.kind.startswith("alert.")]


async def test_an_alert_opens_once_is_kept_up_to_date_and_closes_by_itself(
    label: TestLabel,
) -> None:
    told = Told([finding()])
    alerts = watching(label, told)
    (first,) = await alerts.check(SYSTEM)
    label.clock.advance(timedelta(minutes=1))
    told.found = [finding(severity="critical", says="very low")]
    (second,) = await alerts.check(SYSTEM)
    assert second.id == first.id
    assert (second.severity, second.summary) == ("critical", "very low")
    assert second.seen_at == label.clock.now()
    told.found = []
    assert [a.id for a in await alerts.check(SYSTEM)] == [first.id], "it may only flicker"
    label.clock.advance(LATER)
    assert await alerts.check(SYSTEM) == []
    (closed,) = await alerts.page(OPERATOR)
    assert (closed.status, closed.closed_at) == (AlertStatus.CLOSED, label.clock.now())
    assert await kinds(label) == ["alert.opened", "alert.closed"]
    told.found = [finding()]
    (again,) = await alerts.check(SYSTEM)
    assert again.id != first.id


async def test_what_flickers_is_one_alert(label: TestLabel) -> None:
    told = Told([finding()])
    alerts = watching(label, told)
    for _ in range(6):
        await alerts.check(SYSTEM)
        told.found = [] if told.found else [finding()]
        label.clock.advance(timedelta(seconds=15))
    assert await kinds(label) == ["alert.opened"]


async def test_who_cannot_look_closes_nothing(label: TestLabel) -> None:
    told = Told([finding()])
    alerts = watching(label, told)
    await alerts.check(SYSTEM)
    told.away = True
    label.clock.advance(10 * LATER)
    assert len(await alerts.check(SYSTEM)) == 1
    assert await kinds(label) == ["alert.opened"]


async def test_two_that_look_at_once_open_one(label: TestLabel) -> None:
    told = Told([finding()])
    one, two = watching(label, told), watching(label, told)
    await one.check(SYSTEM)
    await two.check(SYSTEM)
    assert len(await one.open(OPERATOR)) == 1


async def test_findings_of_one_rule_are_told_apart_by_their_subject(label: TestLabel) -> None:
    told = Told([finding("worker_silent", subject="a"), finding("worker_silent", subject="b")])
    alerts = watching(label, told, "worker_silent")
    assert len(await alerts.check(SYSTEM)) == 2
    told.found.pop(0)
    label.clock.advance(LATER)
    assert [a.subject for a in await alerts.check(SYSTEM)] == ["b"]


async def test_a_person_acknowledges_and_it_stays_open(label: TestLabel) -> None:
    told = Told([finding()])
    alerts = watching(label, told)
    (alert,) = await alerts.check(SYSTEM)
    seen = await alerts.acknowledge(OPERATOR, alert.id)
    assert seen.acknowledged_by == "operator:local"
    assert (await alerts.acknowledge(OPERATOR, alert.id)).row_version == seen.row_version
    label.clock.advance(timedelta(minutes=1))
    (still,) = await alerts.check(SYSTEM)
    assert still.acknowledged_at == seen.acknowledged_at
    with pytest.raises(Forbidden):
        await alerts.acknowledge(SYSTEM, alert.id)
    told.found = []
    label.clock.advance(LATER)
    await alerts.check(SYSTEM)
    with pytest.raises(Conflict):
        await alerts.acknowledge(OPERATOR, alert.id)


async def test_a_label_that_is_well_has_no_alerts_and_writes_nothing(label: TestLabel) -> None:
    await build.artist(label)
    with build.statements(label.database) as seen:
        assert await label.alerts.check(SYSTEM) == []
    assert not any(s.lstrip().upper().startswith(("INSERT", "UPDATE")) for s in seen)


async def test_runs_that_stopped_are_told_of_with_their_number(label: TestLabel) -> None:
    who = await build.artist(label)
    for _ in range(2):
        run = await cycle(label, who)
        if run.status is RunStatus.QUEUED:
            await label.runs.begin(SYSTEM, run.id)
        await label.runs.fail(SYSTEM, run.id, "render", DiskFull("the disk is full"))
    (alert,) = await label.alerts.check(SYSTEM)
    assert alert.rule == "dead_letters"
    assert alert.summary.startswith("2 runs stopped and wait for you")


async def test_an_approval_about_to_expire_is_a_notice(label: TestLabel) -> None:
    who = await build.artist(label)
    approval = await build.asked(label, who)
    assert await label.alerts.check(SYSTEM) == []
    label.clock.advance(approval.expires_at - SOON - label.clock.now() + timedelta(minutes=1))
    (alert,) = await label.alerts.check(SYSTEM)
    assert (alert.rule, alert.severity) == ("approvals_expiring", "notice")
    assert alert.summary == "1 approval expires within 6 hours"


async def test_a_provider_that_is_left_alone_is_told_of(label: TestLabel) -> None:
    book = label.generation.book
    for _ in range(10):
        await book.ill(SYSTEM, "alpha", ProviderUnavailable("it is down"))
    found = [a for a in await label.alerts.check(SYSTEM) if a.rule == "provider_open"]
    assert [a.subject for a in found] == ["alpha"]


async def test_model_calls_that_fail_by_half_are_told_of(label: TestLabel) -> None:
    async def calls(number: int, outcome: str) -> None:
        for _ in range(number):
            await label.usage.record(
                UsageRecord(
                    scope=CallScope(),
                    tier="fast",
                    model="m",
                    prompt="p@1",
                    usage=TokenUsage(),
                    cost_usd=0,
                    cached=False,
                    latency_s=0.1,
                    outcome=outcome,
                    at=label.clock.now(),
                )
            )

    await calls(9, "model_timeout")
    assert await label.alerts.check(SYSTEM) == [], "too few to say"
    await calls(11, "ok")
    assert await label.alerts.check(SYSTEM) == [], "less than half"
    await calls(2, "model_timeout")
    (alert,) = await label.alerts.check(SYSTEM)
    assert alert.summary == "11 of the last 22 model calls failed"


async def test_a_redis_that_is_away_is_told_of(label: TestLabel) -> None:
    @dataclass
    class Away:
        away: bool = True

    shared = Shared(presence=Away())
    vitals = VitalsService(label.database, label.clock, label.engine, label.operations)
    every = probes(vitals, label.database, label.clock, shared, AlertLimits())
    alerts = AlertService(label.database, label.clock, every)
    assert [a.rule for a in await alerts.check(SYSTEM)] == ["redis_away"]


def test_a_disk_with_little_room_is_told_of_once(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    folders = (tmp_path / "a", tmp_path / "b", tmp_path / "missing")
    assert of_disk(AlertLimits(disk_mb=0, folders=folders)) == []
    (found,) = of_disk(AlertLimits(disk_mb=10**9, folders=folders))
    assert (found.rule, found.severity) == ("disk_low", "critical")


async def test_what_waits_for_want_of_workers_is_told_of_unless_held(label: TestLabel) -> None:
    service = VitalsService(label.database, label.clock, label.engine, label.operations)
    vitals = await service.read()
    waiting = replace(vitals, blocked_s=1200.0)
    limits = AlertLimits(queue_s=900)
    assert [f.rule for f in of_vitals(vitals, limits)] == []
    assert [f.rule for f in of_vitals(waiting, limits)] == ["queue_old"]
    await HoldService(label.database, label.clock).hold(OPERATOR, "a break")
    held = replace(await service.read(), blocked_s=1200.0)
    assert list(of_vitals(held, limits)) == []


async def test_a_silent_worker_is_told_of_by_name(label: TestLabel) -> None:
    service = VitalsService(label.database, label.clock, label.engine, label.operations)
    vitals = await service.read()
    silent = WorkerView(
        id="host-7",
        host="host",
        pid=7,
        concurrency=4,
        running=1,
        started_at=START,
        silent_s=60,
        state="silent",
    )
    work = vitals.work.model_copy(update={"workers": (silent,)})
    (found,) = of_vitals(replace(vitals, work=work), AlertLimits())
    assert (found.rule, found.subject) == ("worker_silent", "host-7")


def job(partition: str, state: str, minutes: int) -> JobView:
    return JobView.model_validate(
        {
            "id": f"{partition}-{state}",
            "name": "run",
            "args": (),
            "partition": partition,
            "priority": 5,
            "state": state,
            "queued_at": START - timedelta(minutes=minutes),
        }
    )


def test_a_job_behind_its_artists_own_is_not_blocked() -> None:
    assert blocked_s([], START) == 0.0
    jobs = [job("a", "running", 50), job("a", "queued", 40), job("b", "queued", 3)]
    assert blocked_s(jobs, START) == 180.0
    assert blocked_s([job("c", "delayed", 90)], START) == 0.0


async def test_the_vital_signs_are_the_labels_metrics(label: TestLabel) -> None:
    who = await build.artist(label)
    await build.asked(label, who)
    service = VitalsService(label.database, label.clock, label.engine, label.operations)
    metrics = Metrics()
    show(await service.read(), metrics)
    assert await lines(metrics, catalogue.APPROVALS_WAITING) == {"greenroom_approvals_waiting": 1.0}
    assert await lines(metrics, catalogue.HELD) == {"greenroom_held": 0.0}
    assert [c.verdict for c in await service.ready()] == ["ok", "ok"]
