"""A network in memory whose replies get lost on demand."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from domain.errors import InvalidInput, ProviderRateLimited, ProviderTimeout, ProviderUnavailable
from domain.ports.clock import Clock
from domain.ports.network import (
    AccountState,
    DuplicateGuard,
    Inbox,
    NetworkCapabilities,
    PublishResult,
)
from domain.post import Draft, Payload, PostNumbers

Trouble = Literal["fine", "lost_reply", "lost_request", "refused", "down", "killed"]
KEY_VALID_S = 3600.0


class Killed(BaseException):
    """The process ended in the middle of the call: nobody catches this."""


@dataclass
class Published:
    """One post as the public sees it."""

    payload: Payload
    client_key: str
    frozen_at: datetime
    at: datetime


@dataclass
class FakeNetwork:
    """Implements `domain.ports.network.Network`; `troubles` happen to one call after another."""

    clock: Clock
    guard: DuplicateGuard
    troubles: deque[Trouble] = field(default_factory=deque)
    public: list[Published] = field(default_factory=list)
    sent: int = 0
    looked_up: int = 0
    can_find: bool = True
    text_max: int = 300

    @property
    def capabilities(self) -> NetworkCapabilities:
        return NetworkCapabilities(
            name="fake",
            text_max_graphemes=self.text_max,
            media_max=4,
            duplicate_guard=self.guard,
            key_valid_s=KEY_VALID_S if self.guard == "timed_key" else None,
            metrics=frozenset(),
        )

    def validate(self, payload: Payload) -> None:
        if len(payload.text) > self.text_max:
            raise InvalidInput("too long", field="text", remedy="Write less.")

    async def publish(
        self, payload: Payload, client_key: str, frozen_at: datetime
    ) -> PublishResult:
        self.sent += 1
        trouble = self.troubles.popleft() if self.troubles else "fine"
        if trouble == "refused":
            raise ProviderRateLimited("slow down", retry_after_s=5)
        if trouble == "down":
            raise ProviderUnavailable("down")
        if trouble == "lost_request":
            raise ProviderTimeout("no answer")
        result = self._keep(payload, client_key, frozen_at)
        if trouble == "lost_reply":
            raise ProviderTimeout("no answer")
        if trouble == "killed":
            raise Killed
        return result

    async def render(self, draft: Draft) -> Payload:
        return Payload(channel="fake", text=draft.text, media=draft.media)

    async def prepare(self, payload: Payload) -> None:
        pass

    async def poll(self, remote_id: str) -> PublishResult:
        return _result(int(remote_id), self.public[int(remote_id)])

    async def metrics(self, remote_ids: Sequence[str]) -> Mapping[str, PostNumbers]:
        return {}

    async def inbox(self, cursor: str | None) -> Inbox:
        return Inbox()

    async def reply(
        self, to_remote_id: str, payload: Payload, client_key: str, frozen_at: datetime
    ) -> PublishResult:
        return await self.publish(payload, client_key, frozen_at)

    async def refresh(self) -> AccountState:
        return AccountState(remote_id="fake", account="fake")

    async def find(self, client_key: str, frozen_at: datetime) -> PublishResult | None:
        self.looked_up += 1
        trouble = self.troubles.popleft() if self.troubles else "fine"
        if trouble == "down":
            raise ProviderUnavailable("down")
        known = self._known(client_key) if self.can_find else None
        return None if known is None else _result(self.public.index(known), known)

    async def delete(self, remote_id: str) -> None:
        del self.public[int(remote_id)]

    def _keep(self, payload: Payload, client_key: str, frozen_at: datetime) -> PublishResult:
        known = self._known(client_key) if self._remembers(client_key) else None
        if known is None:
            known = Published(payload, client_key, frozen_at, self.clock.now())
            self.public.append(known)
        return _result(self.public.index(known), known)

    def _known(self, client_key: str) -> Published | None:
        return next((p for p in self.public if p.client_key == client_key), None)

    def _remembers(self, client_key: str) -> bool:
        known = self._known(client_key)
        if known is None or self.guard in ("none", "container"):
            return False
        age = self.clock.now() - known.at
        return self.guard == "client_key" or age < timedelta(seconds=KEY_VALID_S)


def _result(number: int, published: Published) -> PublishResult:
    return PublishResult(remote_id=str(number), at=published.at)
