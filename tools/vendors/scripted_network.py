"""A network in memory behind a script: replies get lost, servers go down, people answer.

For tests and for trying the house's manners without an account.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from pydantic import SecretStr

from domain.channel import ChannelAccount, Limits
from domain.errors import (
    NotFound,
    ProviderAuth,
    ProviderRateLimited,
    ProviderTimeout,
    ProviderUnavailable,
)
from domain.ports.clock import Clock
from domain.ports.network import (
    AccountState,
    Credentials,
    DuplicateGuard,
    Inbox,
    InboxItem,
    Network,
    NetworkCapabilities,
    PublishResult,
    Session,
    Sessions,
)
from domain.post import Draft, Payload, PostNumbers
from tools.vendors.limits import check_limits, shortened

NAME = "scripted"
KEY_VALID_S = 3600.0
RETRY_AFTER_S = 5.0
Trouble = Literal["fine", "lost_reply", "lost_request", "refused", "locked_out", "down", "killed"]


class Killed(BaseException):
    """The process ended in the middle of the call: nobody catches this."""


@dataclass
class Published:
    """One post as the public sees it."""

    remote_id: str
    payload: Payload
    client_key: str
    frozen_at: datetime
    at: datetime
    reply_to: str | None = None
    pending: bool = False


@dataclass
class ScriptedNetwork:
    """Implements `domain.ports.network.Network`; `troubles` happen to one call after another.

    Calls that may meet trouble are publishing, looking up, and listening.
    """

    clock: Clock
    guard: DuplicateGuard = "client_key"
    troubles: deque[Trouble] = field(default_factory=deque)
    public: list[Published] = field(default_factory=list)
    items: list[InboxItem] = field(default_factory=list)
    numbers: dict[str, PostNumbers] = field(default_factory=dict)
    name: str = NAME
    text_max: int = 300
    posts_day: int | None = None
    account: str | None = None
    can_find: bool = True
    takes_its_time: bool = False
    sent: int = 0
    prepared: int = 0
    looked_up: int = 0
    made: int = 0

    @property
    def capabilities(self) -> NetworkCapabilities:
        """As the script says."""
        return NetworkCapabilities(
            name=self.name,
            title="Scripted network",
            text_max_graphemes=self.text_max,
            media_max=4,
            posts_day=self.posts_day,
            duplicate_guard=self.guard,
            key_valid_s=KEY_VALID_S if self.guard == "timed_key" else None,
            metrics=frozenset({"likes"}),
        )

    def validate(self, payload: Payload) -> None:
        """Refuse what is too long, too much or not described."""
        check_limits(payload, self.capabilities)

    async def render(self, draft: Draft) -> Payload:
        """The draft, cut to length."""
        return Payload(
            channel=self.name,
            text=shortened(draft.text, self.capabilities),
            media=draft.media,
            link=draft.link,
            release_id=draft.release_id,
            account=self.account,
            langs=draft.langs,
        )

    async def prepare(self, payload: Payload) -> None:
        """Count it."""
        self.prepared += 1

    async def publish(
        self, payload: Payload, client_key: str, frozen_at: datetime
    ) -> PublishResult:
        """Publish as the script lets it."""
        return self._send(payload, client_key, frozen_at)

    async def poll(self, remote_id: str) -> PublishResult:
        """By now it is published."""
        known = self._at(remote_id)
        known.pending = False
        return _result(known)

    async def find(self, client_key: str, frozen_at: datetime) -> PublishResult | None:
        """Look the key up where the network can."""
        self.looked_up += 1
        self._meet(before=True)
        known = self._known(client_key) if self.can_find else None
        return None if known is None else _result(known)

    async def metrics(self, remote_ids: Sequence[str]) -> Mapping[str, PostNumbers]:
        """The scripted numbers."""
        return {i: self.numbers[i] for i in remote_ids if i in self.numbers}

    async def inbox(self, cursor: str | None) -> Inbox:
        """The scripted items after the cursor, which counts them."""
        self._meet(before=True)
        first = int(cursor or 0)
        return Inbox(items=tuple(self.items[first:]), cursor=str(len(self.items)))

    async def reply(
        self, to_remote_id: str, payload: Payload, client_key: str, frozen_at: datetime
    ) -> PublishResult:
        """Publish in a thread."""
        self._at(to_remote_id)
        return self._send(payload, client_key, frozen_at, to_remote_id)

    async def delete(self, remote_id: str) -> None:
        """Take a post down."""
        self.public = [p for p in self.public if p.remote_id != remote_id]

    async def refresh(self) -> AccountState:
        """The account as it is."""
        self._meet(before=True)
        return AccountState(remote_id=self.account or self.name, account=self.account or self.name)

    def _send(
        self, payload: Payload, client_key: str, frozen_at: datetime, reply_to: str | None = None
    ) -> PublishResult:
        self.sent += 1
        trouble = self._meet(before=True)
        known = self._known(client_key) if self._remembers(client_key) else None
        if known is None:
            remote_id = str(self.made)
            self.made += 1
            known = Published(remote_id, payload, client_key, frozen_at, self.clock.now(), reply_to)
            known.pending = self.takes_its_time
            self.public.append(known)
        if trouble == "lost_reply":
            raise ProviderTimeout("no answer")
        if trouble == "killed":
            raise Killed
        return _result(known)

    def _meet(self, *, before: bool) -> Trouble:
        """The next trouble; what keeps a call from arriving happens here."""
        trouble = self.troubles.popleft() if self.troubles else "fine"
        if before and trouble == "refused":
            raise ProviderRateLimited("slow down", retry_after_s=RETRY_AFTER_S)
        if before and trouble == "locked_out":
            raise ProviderAuth("the password is not valid any more")
        if before and trouble == "down":
            raise ProviderUnavailable("down")
        if before and trouble == "lost_request":
            raise ProviderTimeout("no answer")
        return trouble

    def _at(self, remote_id: str) -> Published:
        known = next((p for p in self.public if p.remote_id == remote_id), None)
        if known is None:
            raise NotFound(f"nothing stands under {remote_id!r}", field="remote_id")
        return known

    def _known(self, client_key: str) -> Published | None:
        return next((p for p in self.public if p.client_key == client_key), None)

    def _remembers(self, client_key: str) -> bool:
        known = self._known(client_key)
        if known is None or self.guard in ("none", "container"):
            return False
        age = self.clock.now() - known.at
        return self.guard == "client_key" or age < timedelta(seconds=KEY_VALID_S)


@dataclass
class ScriptedKind:
    """Implements `domain.ports.network.NetworkKind`: one network an account, any server."""

    clock: Clock
    password: str = "open sesame"
    limits: Limits = field(default_factory=Limits)
    accounts: dict[str, ScriptedNetwork] = field(default_factory=dict)

    @property
    def capabilities(self) -> NetworkCapabilities:
        """Those of a plain scripted network."""
        return ScriptedNetwork(self.clock).capabilities

    def server(self, address: str | None) -> str:
        """Any address will do."""
        return address or "https://scripted.example"

    async def sign_in(self, server: str, credentials: Credentials) -> tuple[AccountState, Session]:
        """Take the one password."""
        if credentials.password.get_secret_value() != self.password:
            raise ProviderAuth("wrong password")
        name = credentials.identifier
        state = AccountState(remote_id=f"id:{name}", account=name, limits=self.limits)
        token = SecretStr(f"token of {name}")
        return state, Session(access=token, refresh=token)

    def open(self, account: ChannelAccount, sessions: Sessions) -> Network:
        """The account's own network, the same one each time."""
        return self.at(account.remote_id)

    def at(self, remote_id: str) -> ScriptedNetwork:
        """What stands behind an account."""
        fresh = ScriptedNetwork(self.clock, account=remote_id)
        return self.accounts.setdefault(remote_id, fresh)


def _result(published: Published) -> PublishResult:
    return PublishResult(remote_id=published.remote_id, at=published.at, pending=published.pending)
