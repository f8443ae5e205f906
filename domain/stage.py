"""The label's own network: what stands on an artist's public page."""

from __future__ import annotations

from pydantic import AwareDatetime

from domain.entity import Entity
from domain.post import Payload


class StageEntry(Entity):
    """One published payload; `client_key` is unique, so a second try publishes nothing new."""

    artist_id: str
    client_key: str
    payload: Payload
    published_at: AwareDatetime
    removed: bool = False
