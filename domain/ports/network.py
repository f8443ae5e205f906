"""A network where posts go; the label's own stage is the first."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Literal, Protocol, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, SecretStr, model_validator

from domain.channel import ChannelAccount, Limits
from domain.post import Draft, Payload, PostNumbers

DuplicateGuard = Literal["client_key", "timed_key", "container", "none"]
InboxKind = Literal["like", "repost", "reply", "mention", "quote", "follow"]


class NetworkCapabilities(BaseModel):
    """Limits of a network; what the server reports wins over shipped data.

    `version` dates the shipped data. `key_valid_s` is how long a network with `timed_key`
    remembers a key.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    title: str = ""
    version: str = "1"
    text_max_graphemes: int
    text_max_bytes: int | None = None
    media_max: int
    media_max_bytes: int | None = None
    posts_day: int | None = None
    duplicate_guard: DuplicateGuard
    key_valid_s: float | None = Field(default=None, gt=0)
    metrics: frozenset[str]

    @model_validator(mode="after")
    def _names_its_limit(self) -> Self:
        if (self.duplicate_guard == "timed_key") != (self.key_valid_s is not None):
            raise ValueError("key_valid_s belongs to timed_key, and timed_key needs it")
        return self

    def limited(self, reported: Limits) -> Self:
        """The same with what a server reports of itself."""
        return self.model_copy(update=reported.model_dump(exclude_none=True))


class PublishResult(BaseModel):
    """What the network said; `pending` where it is still working on it."""

    model_config = ConfigDict(frozen=True)

    remote_id: str
    url: str | None = None
    at: datetime
    pending: bool = False


class InboxItem(BaseModel):
    """What somebody did to the account or one of its posts; `text` is theirs, never ours."""

    model_config = ConfigDict(frozen=True)

    remote_id: str
    kind: InboxKind
    at: AwareDatetime
    author_id: str
    author_name: str
    post_remote_id: str | None = None
    text: str | None = None


class Inbox(BaseModel):
    """What came since the cursor, oldest first; `cursor` goes on from here.

    What came before may come again: items are kept by their ids.
    """

    model_config = ConfigDict(frozen=True)

    items: tuple[InboxItem, ...] = ()
    cursor: str | None = None


class AccountState(BaseModel):
    """How an account stands, as its server tells it."""

    model_config = ConfigDict(frozen=True)

    remote_id: str
    account: str
    limits: Limits = Limits()


class Network(Protocol):
    """One network, in the name of one account. Errors are the `ProviderError` family."""

    @property
    def capabilities(self) -> NetworkCapabilities:
        """Limits and guards."""

    def validate(self, payload: Payload) -> None:
        """Raise `InvalidInput` naming the field that does not fit."""

    async def render(self, draft: Draft) -> Payload:
        """The exact text, marks and files; what cannot be looked up stays plain text."""

    async def prepare(self, payload: Payload) -> None:
        """Do what comes before publishing and shows nothing, such as sending files."""

    async def publish(
        self, payload: Payload, client_key: str, frozen_at: datetime
    ) -> PublishResult:
        """Publish; the same key again publishes nothing new and returns the same result."""

    async def poll(self, remote_id: str) -> PublishResult:
        """Ask again about a result that was `pending`."""

    async def find(self, client_key: str, frozen_at: datetime) -> PublishResult | None:
        """Look up what a lost reply may have published; with containers, poll the container."""

    async def metrics(self, remote_ids: Sequence[str]) -> Mapping[str, PostNumbers]:
        """Numbers of those posts that the network knows; nothing where it offers none."""

    async def inbox(self, cursor: str | None) -> Inbox:
        """What others did since the cursor."""

    async def reply(
        self, to_remote_id: str, payload: Payload, client_key: str, frozen_at: datetime
    ) -> PublishResult:
        """Answer a post; as safe to repeat as publishing."""

    async def delete(self, remote_id: str) -> None:
        """Take a post down; one that is gone already is no error."""

    async def refresh(self) -> AccountState:
        """Renew what runs out, and tell how the account stands."""


class Session(BaseModel):
    """What a server gives for a password; both parts are secret."""

    model_config = ConfigDict(frozen=True)

    access: SecretStr
    refresh: SecretStr


class Credentials(BaseModel):
    """What an account is opened with."""

    model_config = ConfigDict(frozen=True)

    identifier: str
    password: SecretStr
    session: Session | None = None


class Sessions(Protocol):
    """Keeps one account's session for all processes."""

    async def current(self) -> Session | None:
        """The session that was kept last."""

    async def renew(
        self, stale: Session | None, make: Callable[[Credentials], Awaitable[Session]]
    ) -> Session:
        """Give a session other than `stale`; only one process at a time makes a new one."""


class NetworkKind(Protocol):
    """A network that artists can be connected to."""

    @property
    def capabilities(self) -> NetworkCapabilities:
        """The shipped data; `name` and `title` are the network's."""

    def server(self, address: str | None) -> str:
        """The server's address in its one form, the usual one for None; raises `InvalidInput`."""

    async def sign_in(self, server: str, credentials: Credentials) -> tuple[AccountState, Session]:
        """Try the credentials at the server; raises `ProviderAuth` for wrong ones."""

    def open(self, account: ChannelAccount, sessions: Sessions) -> Network:
        """The network in the name of a connected account."""
