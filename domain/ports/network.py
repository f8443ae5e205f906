"""A network where posts go; the label's own stage is the first."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, Protocol

from pydantic import BaseModel, ConfigDict

from domain.post import Payload

DuplicateGuard = Literal["client_key", "timed_key", "container", "none"]


class NetworkCapabilities(BaseModel):
    """Limits of a network; what the server reports wins over shipped data."""

    model_config = ConfigDict(frozen=True)

    name: str
    text_max_graphemes: int
    media_max: int
    duplicate_guard: DuplicateGuard
    metrics: frozenset[str]


class PublishResult(BaseModel):
    """What the network said."""

    model_config = ConfigDict(frozen=True)

    remote_id: str
    url: str | None = None
    at: datetime


class Network(Protocol):
    """One network. Errors are the `ProviderError` family."""

    @property
    def capabilities(self) -> NetworkCapabilities:
        """Limits and guards."""

    def validate(self, payload: Payload) -> None:
        """Raise `InvalidInput` naming the field that does not fit."""

    async def publish(
        self, payload: Payload, client_key: str, frozen_at: datetime
    ) -> PublishResult:
        """Publish; the same key again publishes nothing new and returns the same result."""

    async def find(self, client_key: str) -> PublishResult | None:
        """Look up what a lost reply may have published."""

    async def delete(self, remote_id: str) -> None:
        """Take a post down."""
