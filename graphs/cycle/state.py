"""What a cycle carries from step to step: identifiers and small facts, never media."""

from __future__ import annotations

from typing import Any, NotRequired

from typing_extensions import TypedDict


class Perceived(TypedDict):
    """The moment and its numbers, as the store gave them."""

    at: str
    outcomes: list[str]
    plays: int
    likes: int
    comments: int
    days_since_release: float | None
    days_since_post: float | None
    approvals_waiting: int
    legal: list[dict[str, str]]
    orders: NotRequired[list[dict[str, Any]]]
    denied: NotRequired[dict[str, str]]


class CycleState(TypedDict, total=False):
    """The state of one cycle. Ids are minted by the plan, before any step uses them.

    `keeps` are the parts of a rejected version that stay as they were. `post_id` is the post on
    the label's own stage; `post_ids` are those on every channel, that one first.
    """

    run_id: str
    seed: int
    perceived: Perceived
    memory_ids: list[str]
    reflection: str
    action: str
    subject: str
    reason: str
    directive_id: str | None
    work_id: str
    release_id: str
    post_id: str
    post_ids: list[str]
    approval_id: str
    keeps: list[str]
    form: list[dict[str, str | int | float | bool | None]]
    revision: int
    mix: int
    repair: list[str]
    tried: list[str]
    singer: str | None
    verdict: str


def posts_of(state: CycleState) -> list[str]:
    """Every post of the cycle; one that began with an earlier version has a single one."""
    return state.get("post_ids") or [state["post_id"]]
