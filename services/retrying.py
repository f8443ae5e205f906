"""When a post is tried or looked up again by itself, and when a person has to look."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta

from domain.attempt import Attempt
from domain.errors import (
    GreenroomError,
    InvalidInput,
    NotFound,
    PolicyRejected,
    ProviderInputInvalid,
)
from domain.post import Post, PostStatus

FIRST_WAIT_S = 30.0
LONGEST_WAIT_S = 3600.0
# No network is left alone for longer at its own word.
LONGEST_TOLD_S = 24 * 3600.0
JITTER = 0.25
LONGEST_WAIT = timedelta(seconds=LONGEST_TOLD_S * (1 + JITTER))
# A post that speaks of today is not sent next week; what became of it a person may still say.
TRIED_FOR = timedelta(days=3)
# A post that was being sent so long ago has lost its sender.
ABANDONED_AFTER = timedelta(minutes=5)
FINAL = (InvalidInput, NotFound, PolicyRejected, ProviderInputInvalid)


def retry_at(
    status: PostStatus,
    attempt: Attempt,
    error: GreenroomError,
    now: datetime,
    chance: Callable[[], float] = random.random,
) -> datetime | None:
    """When it is tried next: waits double up to an hour, spread a little; None: not by itself.

    Where the network says how long to wait, it is not before that, but for more than a day.
    """
    if status not in (PostStatus.FAILED_RETRYABLE, PostStatus.OUTCOME_UNKNOWN):
        return None
    if too_late(attempt, now):
        return None
    # Two to the twentieth waits would be beyond every cap. What was not sent this time goes as soon
    # as its server is asked again: it failed no more often than before.
    doublings = 0 if error.facts.get("unsent") else min(attempt.tries - 1, 20)
    usual = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0**doublings)
    spread = usual * (1 - JITTER + 2 * JITTER * chance())
    told = min(float(error.facts.get("retry_after_s") or 0.0), LONGEST_TOLD_S)
    wait = max(spread, told * (1 + JITTER * chance()))
    return now + timedelta(seconds=wait)


def overdue_s(post: Post, now: datetime) -> float:
    """For how long nobody took it up: its channel stood still, or everything did."""
    return 0.0 if post.retry_at is None else max(0.0, (now - post.retry_at).total_seconds())


def too_late(attempt: Attempt, now: datetime) -> bool:
    """Whether the post has been tried for so long that it is given up; waiting does not count."""
    return now - attempt.created_at - timedelta(seconds=attempt.waited_s) >= TRIED_FOR
