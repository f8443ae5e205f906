"""How an artist is steered, read inside a unit; the values that stand where nobody set any."""

from __future__ import annotations

from datetime import UTC, datetime

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
