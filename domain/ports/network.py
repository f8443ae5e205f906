"""A network where posts go; the label's own stage is the first."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, Protocol, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from domain.post import Payload

DuplicateGuard = Literal["client_key", "timed_key", "container", "none"]


class NetworkCapabilities(BaseModel):
    """Limits of a network; what the server reports wins over shipped data.

    `key_valid_s` is how long a network with `timed_key` remembers a key.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    text_max_graphemes: int
    media_max: int
    duplicate_guard: DuplicateGuard
    key_valid_s: float | None = Field(default=None, gt=0)
    metrics: frozenset[str]

    @model_validator(mode="after")
    def _names_its_limit(self) -> Self:
        if (self.duplicate_guard == "timed_key") != (self.key_valid_s is not None):
            raise ValueError("key_valid_s belongs to timed_key, and timed_key needs it")
        return self


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
        """Look up what a lost reply may have published; with containers, poll the container."""

    async def delete(self, remote_id: str) -> None:
        """Take a post down."""
