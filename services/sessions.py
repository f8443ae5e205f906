"""Credentials and sessions of artists' accounts: kept as secrets, renewed once at a time."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from pydantic import BaseModel, ConfigDict, SecretStr

from domain.errors import ProviderAuth
from domain.ports.network import Credentials, Session
from domain.ports.secrets import Secrets
from store.database import Database


class _Kept(BaseModel):
    """What one secret holds."""

    model_config = ConfigDict(frozen=True)

    identifier: str
    password: str
    access: str | None = None
    refresh: str | None = None


class SessionKeeper:
    """The sessions of all accounts."""

    def __init__(self, database: Database, secrets: Secrets) -> None:
        self._database = database
        self._secrets = secrets
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    def of(self, channel_id: str) -> KeptSessions:
        """The sessions of one account."""
        return KeptSessions(self, channel_id)

    async def keep(self, channel_id: str, credentials: Credentials) -> None:
        """Keep what an account is opened with, instead of what was kept before."""
        session = credentials.session
        kept = _Kept(
            identifier=credentials.identifier,
            password=credentials.password.get_secret_value(),
            access=session.access.get_secret_value() if session else None,
            refresh=session.refresh.get_secret_value() if session else None,
        )
        secret = SecretStr(kept.model_dump_json())
        await asyncio.to_thread(self._secrets.put, _name(channel_id), secret)

    async def kept(self, channel_id: str) -> Credentials:
        """What is kept; raises `ProviderAuth` where nothing is."""
        secret = await asyncio.to_thread(self._secrets.get, _name(channel_id))
        if secret is None:
            raise ProviderAuth(
                "the account's password is not among the secrets",
                remedy="Connect the channel again, or give every process the same secrets.",
            )
        kept = _Kept.model_validate_json(secret.get_secret_value())
        session = None
        if kept.access is not None and kept.refresh is not None:
            session = Session(access=SecretStr(kept.access), refresh=SecretStr(kept.refresh))
        return Credentials(
            identifier=kept.identifier, password=SecretStr(kept.password), session=session
        )

    async def forget(self, channel_id: str) -> None:
        """Forget everything about an account."""
        await asyncio.to_thread(self._secrets.delete, _name(channel_id))

    @asynccontextmanager
    async def alone(self, channel_id: str) -> AsyncIterator[None]:
        """Keep every other task and process from renewing the same session meanwhile."""
        async with self._locks[channel_id]:
            if self._database.engine.dialect.name == "sqlite":
                # One process owns such a label, and a lock there would stop every other writer
                # for as long as a far server takes to answer.
                yield
                return
            async with self._database.unit() as unit:
                await unit.lock(f"channel-session:{channel_id}")
                yield


class KeptSessions:
    """Implements `domain.ports.network.Sessions` for one account."""

    def __init__(self, keeper: SessionKeeper, channel_id: str) -> None:
        self._keeper = keeper
        self._id = channel_id

    async def current(self) -> Session | None:
        """The session that was kept last."""
        return (await self._keeper.kept(self._id)).session

    async def renew(
        self, stale: Session | None, make: Callable[[Credentials], Awaitable[Session]]
    ) -> Session:
        """Give what another has renewed meanwhile, or make and keep a new one."""
        async with self._keeper.alone(self._id):
            known = await self._keeper.kept(self._id)
            if known.session is not None and known.session != stale:
                return known.session
            session = await make(known)
            await self._keeper.keep(self._id, known.model_copy(update={"session": session}))
        return session


def _name(channel_id: str) -> str:
    return channel_id.replace("_", "-")
