"""Alerts: open once, kept up to date, closed by themselves; seen and acknowledged by people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import structlog

from domain.actor import Actor
from domain.alert import Alert, AlertRule, AlertStatus, Finding
from domain.errors import Conflict, GreenroomError
from domain.event import EventKind
from domain.ids import new_id
from domain.ports.clock import Clock
from services.alert_probes import Probe
from services.base import Service
from store.database import Database
from store.unit import UnitOfWork

# An alert ends once its finding has been away for so long: what flickers is one alert.
SETTLED = timedelta(seconds=45)
REFRESHED = timedelta(seconds=10)
_log = structlog.get_logger(__name__)
Key = tuple[AlertRule, str]


class AlertService(Service):
    """Use cases of alerts; `check` is a duty of the process that leads.

    They concern the whole label: a person who is limited to some artists sees none.
    """

    def __init__(self, database: Database, clock: Clock, probes: Sequence[Probe]) -> None:
        super().__init__(database, clock)
        self.probes = probes

    async def check(self, actor: Actor) -> list[Alert]:
        """Look at everything once; returns the alerts that are then open.

        A probe that cannot look leaves its alerts as they are.
        """
        actor.must_be("system")
        findings, looked = await self._look()
        async with self.database.unit() as unit:
            if not findings and not await unit.alerts.open():
                return []
            await unit.lock("alerts")
            known = {alert.key: alert for alert in await unit.alerts.open()}
            now = self.clock.now()
            still = [await self._hold(unit, actor, f, known, now) for f in findings.values()]
            gone = [a for k, a in known.items() if k not in findings and a.rule in looked]
            left = [a for k, a in known.items() if k not in findings and a.rule not in looked]
            for alert in gone:
                if now - alert.seen_at < SETTLED:
                    left.append(alert)
                else:
                    await self._close(unit, actor, alert, now)
            await unit.commit()
        return sorted([*still, *left], key=lambda alert: alert.id)

    async def open(self, actor: Actor) -> list[Alert]:
        """The alerts that hold, oldest first."""
        actor.must_read()
        if actor.artists is not None:
            return []
        async with self.database.unit() as unit:
            return await unit.alerts.open()

    async def get(self, actor: Actor, alert_id: str) -> Alert:
        """One alert; raises `NotFound`."""
        actor.must_read()
        actor.must_see_all()
        async with self.database.unit() as unit:
            return await unit.alerts.get(alert_id)

    async def page(
        self,
        actor: Actor,
        after: str | None = None,
        limit: int = 50,
        status: AlertStatus | None = None,
    ) -> list[Alert]:
        """Alerts, newest first."""
        actor.must_read()
        if actor.artists is not None:
            return []
        async with self.database.unit() as unit:
            return await unit.alerts.page(after, limit, status)

    async def acknowledge(self, actor: Actor, alert_id: str) -> Alert:
        """A person has seen it; it stays open until it is over.

        Raises `NotFound`, or `Conflict` where it is over already.
        """
        actor.must("operate")
        actor.must_see_all()
        async with self.database.unit() as unit:
            await unit.lock("alerts")
            alert = await unit.alerts.get(alert_id)
            if alert.status is AlertStatus.CLOSED:
                raise Conflict(
                    f"alert {alert.id} is over already",
                    field="status",
                    remedy="Nothing need be done.",
                )
            seen = alert.acknowledged(f"{actor.kind}:{actor.id}", self.clock.now())
            if seen is not alert:
                seen = await unit.alerts.save(seen)
            await unit.commit()
        return seen

    async def _look(self) -> tuple[dict[Key, Finding], set[AlertRule]]:
        findings: dict[Key, Finding] = {}
        looked: set[AlertRule] = set()
        for probe in self.probes:
            try:
                found = await probe.look()
            except (GreenroomError, OSError) as error:
                _log.warning("a probe could not look", rules=sorted(probe.rules), why=str(error))
                continue
            looked |= probe.rules
            findings |= _by_key(found)
        return findings, looked

    async def _hold(
        self,
        unit: UnitOfWork,
        actor: Actor,
        finding: Finding,
        known: dict[Key, Alert],
        now: datetime,
    ) -> Alert:
        alert = known.get(finding.key)
        if alert is None:
            return await self._open(unit, actor, finding, now)
        says = Finding.model_validate(alert, from_attributes=True)
        if says == finding and now - alert.seen_at < REFRESHED:
            return alert
        return await unit.alerts.save(alert.seen(finding, now))

    async def _open(self, unit: UnitOfWork, actor: Actor, finding: Finding, now: datetime) -> Alert:
        facts = finding.model_dump()
        alert = Alert(id=new_id("alert"), created_at=now, updated_at=now, seen_at=now, **facts)
        await unit.alerts.add(alert)
        self._tell(unit, actor, "alert.opened", alert)
        _log.warning("alert opened", rule=alert.rule, subject=alert.subject, says=alert.summary)
        return alert

    async def _close(self, unit: UnitOfWork, actor: Actor, alert: Alert, now: datetime) -> None:
        closed = await unit.alerts.save(alert.closed(now))
        self._tell(unit, actor, "alert.closed", closed)
        _log.info("alert closed", rule=alert.rule, subject=alert.subject)

    def _tell(self, unit: UnitOfWork, actor: Actor, kind: EventKind, alert: Alert) -> None:
        unit.emit(
            self.event(
                kind,
                actor,
                subject_id=alert.id,
                rule=alert.rule,
                about=alert.subject,
                severity=alert.severity,
                summary=alert.summary,
                remedy=alert.remedy,
                path=alert.path,
            )
        )


def _by_key(findings: Iterable[Finding]) -> dict[Key, Finding]:
    return {finding.key: finding for finding in findings}
