"""Every table. What is looked up or linked is a column; the rest of an entity is its `body`."""

from __future__ import annotations

from store.tables.artists import (
    artists,
    channels,
    directives,
    memory_records,
    profile_versions,
    schedules,
    steerings,
)
from store.tables.audience import audience_events, stage_entries
from store.tables.base import metadata
from store.tables.evaluations import eval_cases, eval_runs, eval_samples, transcripts
from store.tables.learning import adaptations, experiments, exposures
from store.tables.people import (
    api_keys,
    audit_entries,
    invitations,
    kept_requests,
    talks,
    turns,
    user_sessions,
    users,
)
from store.tables.runs import (
    attempts,
    call_texts,
    run_artists,
    runs,
    steps,
    usage_records,
)
from store.tables.watch import alerts, events, switches, webhook_deliveries, webhooks
from store.tables.works import (
    approvals,
    generation_jobs,
    posts,
    provider_health,
    releases,
    renders,
    search_entries,
    works,
)

__all__ = [
    "adaptations",
    "alerts",
    "api_keys",
    "approvals",
    "artists",
    "attempts",
    "audience_events",
    "audit_entries",
    "call_texts",
    "channels",
    "directives",
    "eval_cases",
    "eval_runs",
    "eval_samples",
    "events",
    "experiments",
    "exposures",
    "generation_jobs",
    "invitations",
    "kept_requests",
    "memory_records",
    "metadata",
    "posts",
    "profile_versions",
    "provider_health",
    "releases",
    "renders",
    "run_artists",
    "runs",
    "schedules",
    "search_entries",
    "stage_entries",
    "steerings",
    "steps",
    "switches",
    "talks",
    "transcripts",
    "turns",
    "usage_records",
    "user_sessions",
    "users",
    "webhook_deliveries",
    "webhooks",
    "works",
]
