"""Failed runs that wait for somebody to replay or discard them."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class DeadFilter(BaseModel):
    """Which failed runs are meant; what is left out does not narrow."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    artist_id: str | None = None
    code: str | None = None
    step: str | None = None
    # What the asking person is limited to.
    artists: frozenset[str] | None = None
