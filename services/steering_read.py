"""How an artist is steered, read inside a unit; the values that stand where nobody set any."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from domain.post import Post, PostStatus
from domain.steering import Steering
from store.unit import UnitOfWork

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def unset(artist_id: str) -> Steering:
    """The steering of an artist for which nobody set anything; its version is 0."""
    return Steering(id="", row_version=0, created_at=_NEVER, updated_at=_NEVER, artist_id=artist_id)


async def steering_of(unit: UnitOfWork, artist_id: str) -> Steering:
    """How the artist is steered."""
    return await unit.steerings.of_artist(artist_id) or unset(artist_id)


async def goes_out_at(unit: UnitOfWork, steering: Steering, moment: datetime) -> datetime:
    """The first moment from `moment` on at which something of the artist may become public."""
    if steering.posts_day is None:
        return steering.may_go_out(moment, 0)
    day = steering.day_began(moment)
    posted = await unit.steerings.posted_since(steering.artist_id, day)
    return steering.may_go_out(moment, posted)


async def sent_again_today(
    unit: UnitOfWork, steered: Mapping[str, Steering], failed: Sequence[Post], now: datetime
) -> list[Post]:
    """Those of the failed posts for which their artists' days have room yet, as they come.

    One run's posts on all channels count once, so a run that was heard today takes no more room.
    """
    runs: defaultdict[str, list[str]] = defaultdict(list)
    for post in failed:
        runs[post.artist_id].append(post.run_id)
    full = set[str]()
    for artist_id, run_ids in runs.items():
        steering = steered.get(artist_id)
        if steering is not None and steering.posts_day is not None:
            full |= await _without_room(unit, steering, steering.posts_day, run_ids, now)
    return [post for post in failed if post.run_id not in full]


async def _without_room(
    unit: UnitOfWork, steering: Steering, most: int, run_ids: Sequence[str], now: datetime
) -> set[str]:
    day = steering.day_began(now)
    room = most - await unit.steerings.posted_since(steering.artist_id, day)
    full = set()
    for run_id in dict.fromkeys(run_ids):
        if any(_heard_since(post, day) for post in await unit.posts.by_run(run_id)):
            continue
        if room <= 0:
            full.add(run_id)
        room -= 1
    return full


def _heard_since(post: Post, day: datetime) -> bool:
    out = post.status is PostStatus.PUBLISHED
    return out and post.published_at is not None and post.published_at >= day
