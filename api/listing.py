"""The parameters that all lists share, and the page that they answer with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Protocol, TypeVar

from fastapi import Depends, Query
from pydantic import AwareDatetime

from api.schemas import Page
from domain.listing import Listing, Order

# No list within a noun grows so long, and every database counts so far.
NUMBER_MAX = 2**31 - 1
AFTER = "`next` of the page before."
After = Annotated[str | None, Query(description=AFTER, max_length=200)]
Limit = Annotated[int, Query(ge=1, le=200, description="At most this many.")]
OfArtist = Annotated[
    str | None, Query(description="Handle or id of an artist; none: all that you see.")
]


class _Named(Protocol):
    @property
    def id(self) -> str: ...


Named = TypeVar("Named", bound=_Named)


async def wanted_by(
    after: After = None,
    limit: Limit = 50,
    since: Annotated[AwareDatetime | None, Query(description="Made at or after this.")] = None,
    until: Annotated[AwareDatetime | None, Query(description="Made before this.")] = None,
    order: Annotated[Order, Query(description="Which come first.")] = "newest",
) -> Listing:
    """What part of a list is asked for, apart from whose and which."""
    return Listing(after=after, limit=limit, since=since, until=until, order=order)


Wanted = Annotated[Listing, Depends(wanted_by)]


def narrowed(wanted: Listing, statuses: Sequence[str] | None) -> Listing:
    """Only those in one of these states; none given: in any."""
    return wanted.model_copy(update={"statuses": tuple(statuses)}) if statuses else wanted


def page(items: list[Named], limit: int) -> Page[Named]:
    """A page, and where the next one begins if this one is full."""
    return Page(items=items, next=items[-1].id if len(items) == limit else None)
