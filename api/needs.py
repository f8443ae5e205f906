"""What each operation of the API needs, told in the OpenAPI document.

Services enforce it; a test calls every operation as everybody and holds both to this table, so
that a new route without a line here fails. Paths stand as they are behind the API's prefix.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from domain.rights import Right

API_PREFIX: Final = "/api/v1"
ANYBODY: Final = frozenset({"GET /health"})
# Whoever is known to the label, whatever they may do.
KNOWN: Final = frozenset(
    {
        "GET /genres",
        "GET /genres/{genre}",
        "GET /keys",
        "GET /me",
        "GET /networks",
        "GET /sessions",
        "DELETE /sessions",
        "DELETE /sessions/{session_id}",
        "GET /version",
    }
)
# The same for people; a key needs the right to administer.
PEOPLE: Final = frozenset({"POST /keys", "DELETE /keys/{key_id}"})
WEBHOOKS: Final = frozenset(
    {
        "GET /webhooks",
        "POST /webhooks",
        "POST /webhooks/deliveries/{delivery_id}/replay",
        "GET /webhooks/{webhook_id}",
        "DELETE /webhooks/{webhook_id}",
        "GET /webhooks/{webhook_id}/deliveries",
        "POST /webhooks/{webhook_id}/enable",
        "POST /webhooks/{webhook_id}/rotate",
        "POST /webhooks/{webhook_id}/test",
    }
)
NEEDS: Final[Mapping[Right, frozenset[str]]] = {
    "read": frozenset(
        {
            "GET /adaptations",
            "GET /adaptations/{adaptation_id}",
            "GET /alerts",
            "GET /alerts/{alert_id}",
            "GET /approvals",
            "GET /approvals/{approval_id}",
            "GET /approvals/{approval_id}/revision",
            "GET /artists",
            "GET /artists/{artist}/channels",
            "GET /artists/{handle}",
            "GET /artists/{handle}/comments",
            "GET /artists/{handle}/directives",
            "GET /artists/{handle}/directives/{directive_id}",
            "GET /artists/{handle}/goals",
            "GET /artists/{handle}/memories",
            "GET /artists/{handle}/memories/{memory_id}",
            "GET /artists/{handle}/profile",
            "GET /artists/{handle}/profile/diff",
            "GET /artists/{handle}/profile/versions",
            "GET /artists/{handle}/profile/versions/{number}",
            "GET /artists/{handle}/schedules",
            "GET /artists/{handle}/schedules/{name}",
            "POST /artists/{handle}/schedules/{name}/preview",
            "GET /artists/{handle}/sound",
            "GET /artists/{handle}/steering",
            "GET /artists/{handle}/works",
            "GET /calendar",
            "GET /channels",
            "GET /events",
            "GET /events/stream",
            "GET /hold",
            "GET /insights",
            "GET /jobs",
            "GET /jobs/{job_id}",
            "GET /media/{sha256}",
            "GET /operations",
            "GET /operations/caches",
            "GET /operations/dead-letters",
            "GET /operations/workers",
            "GET /posts",
            "GET /posts/{post_id}",
            "GET /providers",
            "GET /providers/{name}",
            "GET /releases",
            "GET /releases/{release_id}",
            "GET /runs",
            "GET /runs/{run_id}",
            "GET /runs/{run_id}/calls",
            "GET /runs/{run_id}/events",
            "GET /runs/{run_id}/steps/{step_id}",
            "GET /schedules",
            "GET /search",
            "GET /schedules/next",
            "GET /usage",
            "GET /works",
            "GET /works/{work_id}",
            "GET /works/{work_id}/jobs",
        }
    ),
    "chat": frozenset(
        {
            "GET /artists/{handle}/talks",
            "POST /artists/{handle}/talks",
            "GET /talks",
            "GET /talks/{talk_id}",
            "POST /talks/{talk_id}/again",
            "POST /talks/{talk_id}/questions/{question_id}",
            "POST /talks/{talk_id}/stop",
            "POST /talks/{talk_id}/turns",
            "GET /talks/{talk_id}/turns/{turn_id}",
            "GET /talks/{talk_id}/turns/{turn_id}/events",
            "POST /v1/chat/completions",
            "GET /v1/models",
            "GET /v1/models/{model}",
        }
    ),
    "steer": frozenset(
        {
            "POST /artists/{handle}/directives",
            "PUT /artists/{handle}/directives/{directive_id}",
            "POST /artists/{handle}/directives/{directive_id}/fulfil",
            "POST /artists/{handle}/directives/{directive_id}/revoke",
            "PUT /artists/{handle}/steering",
            "POST /artists/{handle}/stop",
            "POST /runs/{run_id}/cancel",
            "POST /artists",
            "PATCH /artists/{handle}/memories/{memory_id}",
            "DELETE /artists/{handle}/memories/{memory_id}",
            "POST /artists/{handle}/pause",
            "PUT /artists/{handle}/profile",
            "POST /artists/{handle}/resume",
            "POST /artists/{handle}/retire",
            "POST /artists/{handle}/runs",
            "PUT /artists/{handle}/schedules/{name}",
            "POST /artists/{handle}/schedules/{name}/move",
            "POST /artists/{handle}/schedules/{name}/pause",
            "POST /artists/{handle}/schedules/{name}/remove",
            "POST /artists/{handle}/schedules/{name}/resume",
            "POST /artists/{handle}/schedules/{name}/runs",
            "PUT /artists/{handle}/sound",
            "POST /runs/{run_id}/resume",
        }
    ),
    "approve": frozenset(
        {
            "POST /approvals/decisions",
            "POST /approvals/{approval_id}/approve",
            "POST /approvals/{approval_id}/changes",
            "PATCH /approvals/{approval_id}/posts/{post_id}",
            "POST /approvals/{approval_id}/reject",
            "POST /comments/{comment_id}/hide",
            "POST /comments/{comment_id}/show",
            "POST /posts/{post_id}/settle",
        }
    ),
    "connect": frozenset(
        {
            "POST /artists/{artist}/channels/{network}/connect",
            "POST /artists/{artist}/channels/{network}/disconnect",
            "POST /artists/{artist}/channels/{network}/{act}",
            "POST /providers/{name}/check",
            "POST /providers/{name}/connect",
            "POST /providers/{name}/disconnect",
            *WEBHOOKS,
        }
    ),
    "operate": frozenset(
        {
            "GET /settings",
            "POST /alerts/{alert_id}/acknowledge",
            "POST /hold",
            "POST /hold/lift",
            "POST /jobs/{job_id}/look-up",
            "POST /jobs/{job_id}/settle",
            "POST /operations/dead-letters/discard",
            "POST /operations/dead-letters/replay",
            "POST /operations/dead-letters/{run_id}/discard",
            "POST /operations/dead-letters/{run_id}/replay",
            "POST /operations/workers/{worker_id}/drain",
        }
    ),
    "evaluate": frozenset({"POST /adaptations/{adaptation_id}/rollback"}),
    "administer": frozenset(
        {
            "GET /audit",
            "GET /audit/{entry_id}",
            "GET /invitations",
            "POST /invitations",
            "DELETE /invitations/{invitation_id}",
            "GET /people",
            "GET /people/{person}",
            "PATCH /people/{person}",
            "POST /people/{person}/disable",
            "POST /people/{person}/enable",
            "POST /people/{person}/reset",
        }
    ),
}
# Talks are everybody's to read, but only whoever began one goes on with it.
OWN: Final = frozenset(
    {
        "POST /talks/{talk_id}/again",
        "POST /talks/{talk_id}/questions/{question_id}",
        "POST /talks/{talk_id}/stop",
        "POST /talks/{talk_id}/turns",
    }
)
# Concerns every artist: refused to whoever is limited to some. Lists are narrowed instead.
WHOLE_LABEL: Final = frozenset(
    {
        "GET /alerts/{alert_id}",
        "POST /alerts/{alert_id}/acknowledge",
        "POST /artists",
        "POST /hold",
        "POST /hold/lift",
        "POST /operations/workers/{worker_id}/drain",
        "POST /providers/{name}/check",
        "POST /providers/{name}/connect",
        "POST /providers/{name}/disconnect",
        *WEBHOOKS,
    }
)
_RIGHT_OF: Final[Mapping[str, Right]] = {
    operation: right for right, operations in NEEDS.items() for operation in operations
}


def right_of(operation: str) -> Right | None:
    """The right that an operation such as `GET /artists` needs, if it needs one."""
    return _RIGHT_OF.get(operation)


def words(operation: str) -> str | None:
    """The same for people who read the document; None for an operation without a line."""
    if operation in ANYBODY:
        return "Open to anybody."
    if operation in KNOWN:
        return "For whoever is known to the label."
    if operation in PEOPLE:
        return "For people; a key needs the right to administer."
    right = right_of(operation)
    if right is None:
        return None
    whole = ", and all artists of the label" if operation in WHOLE_LABEL else ""
    own = " Only for whoever began the talk." if operation in OWN else ""
    return f"Needs the right to {right}{whole}.{own}"
