"""What people may do at the label: five roles, and the rights that each holds.

A key carries some of the rights of whoever made it; both may be limited to chosen artists.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

Role = Literal["viewer", "evaluator", "developer", "operator", "admin"]
Right = Literal[
    "read",  # see artists, works, runs, numbers
    "chat",  # talk with artists
    "steer",  # create and steer artists, start and end runs, set schedules and budgets
    "approve",  # decide what goes out, and edit it
    "connect",  # channels, providers, webhooks: whatever holds a secret of the label's
    "operate",  # hold everything, drain workers, replay and discard
    "evaluate",  # suites, prompts, experiments
    "administer",  # people, their keys, the audit log
]
ROLES: tuple[Role, ...] = get_args(Role)
EVERY_RIGHT: frozenset[Right] = frozenset(get_args(Right))
RIGHTS: Mapping[Role, frozenset[Right]] = {
    "viewer": frozenset({"read"}),
    "evaluator": frozenset({"read", "evaluate"}),
    "developer": frozenset({"read", "evaluate", "connect", "operate"}),
    "operator": EVERY_RIGHT - {"administer"},
    "admin": EVERY_RIGHT,
}
