"""Credentials and sessions of artists' accounts: kept as secrets, renewed once at a time."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict, SecretStr

from domain.errors import ProviderAuth, ProviderUnavailable, StaleVersion
from domain.ports.clock import Clock
from domain.ports.network import Credentials, Session
from domain.ports.secrets import Secrets
from store.database import Database

# Who has not renewed a session after so long is thought dead; two requests take less.
CLAIM = timedelta(seconds=150)
LOOK_AGAIN_S = 0.2
PATIENCE_S = 30.0


class _Kept(BaseModel):
    """What one secret holds."""

    model_config = ConfigDict(frozen=True)

    identifier: str
    password: str
    access: str | None = None
    refresh: str | None = None


class SessionKeeper:
    """The sessions of all accounts."""

    def __init__(self, database: Database, clock: Clock, secrets: Secrets) -> None:
        self._database = database
        self._clock = clock
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

    async def renewed(
        self,
        channel_id: str,
        stale: Session | None,
        make: Callable[[Credentials], Awaitable[Session]],
    ) -> Session:
        """Make a session instead of `stale` and keep it, unless another has or does.

        The claim lies in the channel's row and runs out by itself: no transaction is open while a
        far server takes its time. Raises `ProviderUnavailable` where another takes too long.
        """
        until = asyncio.get_running_loop().time() + PATIENCE_S
        async with self._locks[channel_id]:
            while True:
                known = await self.kept(channel_id)
                if known.session is not None and known.session != stale:
                    return known.session
                claim = await self._claim(channel_id)
                if claim is not None:
                    break
                if asyncio.get_running_loop().time() >= until:
                    raise ProviderUnavailable(
                        "another process is renewing the account's session", ours=True
                    )
                await asyncio.sleep(LOOK_AGAIN_S)
            try:
                return await self._renewed(channel_id, stale, make)
            finally:
                await self._let_go(channel_id, claim)

    async def _renewed(
        self,
        channel_id: str,
        stale: Session | None,
        make: Callable[[Credentials], Awaitable[Session]],
    ) -> Session:
        # Once more: another may have kept one between the look and the claim.
        known = await self.kept(channel_id)
        if known.session is not None and known.session != stale:
            return known.session
        session = await make(known)
        await self.keep(channel_id, known.model_copy(update={"session": session}))
        return session

    async def _claim(self, channel_id: str) -> datetime | None:
        """Until when this process alone may renew; None where another may."""
        now = self._clock.now()
        async with self._database.unit() as unit:
            account = await unit.channels.get(channel_id)
            until = account.renewing_until
            # One that runs longer is of a clock that was ahead, and of nobody who lives.
            if until is not None and now < until <= now + CLAIM:
                return None
            try:
                await unit.channels.save(account.amend(now, renewing_until=now + CLAIM))
            except StaleVersion:
                return None
            await unit.commit()
        return now + CLAIM

    async def _let_go(self, channel_id: str, claim: datetime) -> None:
        """End the claim early; where that fails it runs out."""
        async with self._database.unit() as unit:
            found = await unit.channels.many([channel_id])
            account = found.get(channel_id)
            if account is not None and account.renewing_until == claim:
                with suppress(StaleVersion):
                    free = account.amend(self._clock.now(), renewing_until=None)
                    await unit.channels.save(free)
                    await unit.commit()


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
        return await self._keeper.renewed(self._id, stale, make)


def _name(channel_id: str) -> str:
    return channel_id.replace("_", "-")
