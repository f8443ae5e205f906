"""Alerts: what an operator should look at, opened once and closed by itself."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict

from domain.entity import Entity

AlertRule = Literal[
    "adaptation_reverted",
    "approvals_expiring",
    "dead_letters",
    "disk_low",
    "error_rate",
    "experiment_stopped",
    "outcome_unknown",
    "provider_open",
    "quarantined_run",
    "queue_old",
    "redis_away",
    "schedule_late",
    "stuck_runs",
    "webhook_disabled",
    "worker_silent",
]
Severity = Literal["notice", "warning", "critical"]
WHOLE_LABEL = "label"


class AlertStatus(StrEnum):
    """Whether it still holds."""

    OPEN = "open"
    CLOSED = "closed"


class Finding(BaseModel):
    """What a rule finds at one moment; `subject` tells findings of one rule apart."""

    model_config = ConfigDict(frozen=True)

    rule: AlertRule
    subject: str = WHOLE_LABEL
    severity: Severity
    summary: str
    remedy: str
    path: str | None = None

    @property
    def key(self) -> tuple[AlertRule, str]:
        """Findings with one key are one alert."""
        return (self.rule, self.subject)


class Alert(Entity):
    """A finding with its history. `created_at` is when it opened, `seen_at` when it last held."""

    rule: AlertRule
    subject: str
    status: AlertStatus = AlertStatus.OPEN
    severity: Severity
    summary: str
    remedy: str
    path: str | None = None
    seen_at: AwareDatetime
    closed_at: AwareDatetime | None = None
    acknowledged_at: AwareDatetime | None = None
    acknowledged_by: str | None = None

    @property
    def key(self) -> tuple[AlertRule, str]:
        """At most one alert of a key is open."""
        return (self.rule, self.subject)

    def seen(self, finding: Finding, at: datetime) -> Alert:
        """It still holds, perhaps in other words."""
        return self.amend(
            at,
            severity=finding.severity,
            summary=finding.summary,
            remedy=finding.remedy,
            path=finding.path,
            seen_at=max(at, self.seen_at),
        )

    def closed(self, at: datetime) -> Alert:
        """It holds no more."""
        return self.amend(at, status=AlertStatus.CLOSED, closed_at=at)

    def acknowledged(self, by: str, at: datetime) -> Alert:
        """A person has seen it; the first one who did stays."""
        if self.acknowledged_at is not None:
            return self
        return self.amend(at, acknowledged_at=at, acknowledged_by=by)
