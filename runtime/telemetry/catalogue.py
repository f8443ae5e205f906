"""Every metric of Greenroom: one list, from which the registry and the page are made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

SHORT_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
LONG_S = (0.05, 0.25, 1.0, 5.0, 15.0, 60.0, 180.0, 600.0, 1800.0)
LAG_S = (0.1, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 30.0, 60.0, 300.0, 3600.0)
LOOP_S = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0)

Kind = Literal["counter", "gauge", "histogram"]
Scope = Literal["process", "label"]


@dataclass(frozen=True)
class Metric:
    """One family. Of scope `label` are figures that every process reads from the same place."""

    name: str
    kind: Kind
    help: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()
    scope: Scope = "process"


def _counter(name: str, text: str, *labels: str) -> Metric:
    return Metric(f"greenroom_{name}_total", "counter", text, labels)


def _seconds(name: str, text: str, *labels: str, buckets: tuple[float, ...]) -> Metric:
    return Metric(f"greenroom_{name}_seconds", "histogram", text, labels, buckets)


def _gauge(name: str, text: str, *labels: str) -> Metric:
    return Metric(f"greenroom_{name}", "gauge", text, labels)


def _figure(name: str, text: str, *labels: str) -> Metric:
    return Metric(f"greenroom_{name}", "gauge", text, labels, scope="label")


BUILD = _gauge("build_info", "1, with the version and the role of the process.", "version", "role")

RUNS_ENDED = _counter(
    "runs_ended", "Runs that ended or stopped; `code` says why.", "kind", "status", "code"
)
RUN_RETRIES = _counter("run_retries", "Runs put back to be tried again by themselves.", "code")
STEP_SECONDS = _seconds("step", "How long steps of runs took.", "step", "outcome", buckets=LONG_S)
SLOT_LAG = _seconds(
    "schedule_lag", "From a schedule's slot to the beginning of its run.", buckets=LAG_S
)
SLOTS = _counter("schedule_slots", "Slots of schedules, fired or skipped.", "result")

MODEL_CALLS = _counter(
    "model_calls", "Calls of language models, cached answers included.", "model", "tier", "outcome"
)
MODEL_TOKENS = _counter("model_tokens", "Tokens of model calls.", "model", "direction")
MODEL_COST = _counter("model_cost_usd", "US dollars that model calls cost.", "model")
MODEL_SECONDS = _seconds(
    "model_call", "How long model calls took that were not cached.", "model", buckets=LONG_S
)
CACHE_LOOKUPS = Metric(
    "greenroom_cache_lookups_total",
    "counter",
    "Look-ups in a cache, by all who share it.",
    ("cache", "result"),
    scope="label",
)
RENDER_LOOKUPS = _counter(
    "render_lookups", "Songs and covers this process found made before, or had to make.", "result"
)
BREAKER = _gauge("breaker_open", "1 while a circuit is open, 0.5 half open, 0 closed.", "line")

PROVIDER_JOBS = _counter("provider_jobs", "Songs of generators, by outcome.", "provider", "status")
POSTS = _counter("posts", "Posts that came into a state, by network.", "network", "status")
APPROVALS = _counter("approvals", "Approvals asked for, and how they ended.", "result")
WEBHOOKS_SENT = _counter("webhook_deliveries", "Tries to deliver a webhook.", "result")
ALERTS = _counter("alerts", "Alerts that opened or closed.", "rule", "result")

HTTP_SECONDS = _seconds(
    "http_request",
    "From a request to the first byte of its answer.",
    "method",
    "route",
    "status",
    buckets=SHORT_S,
)
LOOP_LAG = _seconds(
    "event_loop_lag", "How late the event loop came back to a sleeper.", buckets=LOOP_S
)
DB_CONNECTIONS = _gauge("db_connections", "Connections of the database pool.", "state")
REDIS = _gauge("redis_up", "1 while Redis answers; absent where none is named.")
RENDERS = _gauge(
    "renders",
    "Renders of this process, waiting for a free slot or at work.",
    "state",
)
SCRAPE_ERRORS = _counter("scrape_errors", "Figures that could not be read.", "source")

RUNS = _figure("runs", "Runs that have not ended.", "status")
RUNS_RETRYING = _figure("runs_retrying", "Runs that wait for their next try.")
DEAD_LETTERS = _figure("dead_letters", "Runs that stopped and wait for a person.")
QUARANTINED = _figure("quarantined_runs", "Of these, runs whose workers died.")
STUCK = _figure("runs_stuck", "Running runs whose step lasts longer than a step may.")
QUEUE_JOBS = _figure("queue_jobs", "Jobs of the engine.", "state")
QUEUE_OLDEST = _figure(
    "queue_oldest_seconds", "Wait of the oldest queued job that no job of its artist holds up."
)
WORKERS = _figure("workers", "Workers by what they do.", "state")
SCHEDULE_LATE = _figure("schedule_late_seconds", "How long the most overdue slot is due.")
HELD = _figure("held", "1 while the operator holds everything.")
POSTS_UNKNOWN = _figure("posts_outcome_unknown", "Posts that may or may not have gone out.")
JOBS_UNKNOWN = _figure("songs_outcome_unknown", "Songs of which nobody knows what became of them.")
APPROVALS_WAITING = _figure("approvals_waiting", "Approvals that wait for a person.")
APPROVALS_SOON = _figure("approvals_expiring", "Of these, those that expire soon.")
ALERTS_OPEN = _figure("alerts_open", "Alerts that are open.")
WEBHOOKS_LATE = _figure("webhook_deliveries_late", "Deliveries that should have gone out by now.")
WEBHOOKS_DISABLED = _figure("webhooks_disabled", "Webhooks that were given up.")
DISK_FREE = _gauge("disk_free_bytes", "Free space where the home lies.")

METRICS: tuple[Metric, ...] = tuple(m for m in list(globals().values()) if isinstance(m, Metric))
