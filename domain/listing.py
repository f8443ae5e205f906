"""Which part of a list somebody wants to see."""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict

Order = Literal["newest", "oldest"]


class Listing(BaseModel):
    """One page of what fits; None does not narrow. `artist_ids` are those that may be seen."""

    model_config = ConfigDict(frozen=True)

    after: str | None = None
    limit: int = 50
    artist_ids: frozenset[str] | None = None
    statuses: tuple[str, ...] | None = None
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    order: Order = "newest"
