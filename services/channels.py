"""Connect artists to networks, and open those networks in their name."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from pydantic import SecretStr

from domain.actor import Actor
from domain.channel import ChannelAccount, ChannelStatus
from domain.errors import (
    Conflict,
    GreenroomError,
    InvalidInput,
    NotFound,
    ProviderAuth,
    ProviderError,
    ProviderRateLimited,
    ProviderUnavailable,
)
from domain.ids import new_id
from domain.ports.clock import Clock
from domain.ports.network import (
    AccountState,
    Credentials,
    Network,
    NetworkCapabilities,
    NetworkKind,
    Session,
)
from domain.post import Draft, Payload, PostStatus
from runtime.shared.breakers import Breakers
from services.base import Service
from services.servers import Circuits
from services.sessions import SessionKeeper
from store.database import Database
from store.unit import UnitOfWork

LONGEST_FIELD = 512
QUIET_S = 300.0
# Posts that nobody has seen yet: they end with the account they were made for.
UNSENT = (PostStatus.APPROVED, PostStatus.SCHEDULED, PostStatus.FAILED_RETRYABLE)


class ChannelService(Service):
    """Use cases of artists' accounts.

    `house` are the label's own networks, where every artist is; `kinds` are those of others.
    `breakers` are shared with all who ask the same servers.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        sessions: SessionKeeper,
        *,
        house: Mapping[str, Network],
        kinds: Sequence[NetworkKind] = (),
        public_url: str | None = None,
        breakers: Breakers | None = None,
    ) -> None:
        super().__init__(database, clock)
        self.sessions = sessions
        self.house = house
        self.kinds = {kind.capabilities.name: kind for kind in kinds}
        self.public_url = public_url.rstrip("/") if public_url else None
        self.circuits = Circuits(breakers)

    async def connect(
        self,
        actor: Actor,
        artist_id: str,
        network: str,
        *,
        identifier: str,
        password: SecretStr,
        server: str | None = None,
    ) -> ChannelAccount:
        """Sign in at the server and keep the account; refused credentials are not kept.

        Connecting again replaces the account's credentials, or the account.
        """
        actor.must("connect", artist_id=artist_id)
        kind = self._kind(network)
        address = kind.server(server)
        given = Credentials(
            identifier=_line("identifier", identifier).removeprefix("@"),
            password=SecretStr(_line("password", password.get_secret_value())),
        )
        async with self.database.unit() as unit:
            artist = await unit.artists.get(artist_id)
        try:
            state, session = await kind.sign_in(address, given)
        except ProviderAuth as error:
            raise InvalidInput(
                error.message, field="password", remedy=error.remedy or "Make a new app password."
            ) from error
        return await self._keep(actor, artist.id, network, address, given, state, session)

    async def of_artist(self, actor: Actor, artist_id: str) -> list[ChannelAccount]:
        """The artist's accounts, by network."""
        actor.must_read(artist_id)
        async with self.database.unit() as unit:
            return await unit.channels.of_artist(artist_id)

    async def pause(self, actor: Actor, artist_id: str, network: str) -> ChannelAccount:
        """Send and read nothing there; posts that wait go out when it is resumed."""
        actor.must("connect", artist_id=artist_id)
        return await self._move(actor, artist_id, network, ChannelStatus.PAUSED)

    async def resume(self, actor: Actor, artist_id: str, network: str) -> ChannelAccount:
        """Publish there again."""
        actor.must("connect", artist_id=artist_id)
        return await self._move(actor, artist_id, network, ChannelStatus.CONNECTED)

    async def test(self, actor: Actor, artist_id: str, network: str) -> ChannelAccount:
        """Ask the server how the account stands; a good answer mends a broken channel."""
        actor.must("connect", "system", artist_id=artist_id)
        account = await self.account(artist_id, network)
        try:
            state = await self.opened(account).refresh()
        except ProviderError as error:
            return await self.note(actor, account, error) or account
        status = (
            ChannelStatus.PAUSED
            if account.status is ChannelStatus.PAUSED
            else ChannelStatus.CONNECTED
        )
        return await self._move(actor, artist_id, network, status, state)

    async def disconnect(self, actor: Actor, artist_id: str, network: str) -> None:
        """Forget the account with its credentials; posts that were not sent are cancelled.

        What may have been sent stays, for a person to settle.
        """
        actor.must("connect", artist_id=artist_id)
        now = self.clock.now()
        async with self.database.unit() as unit:
            await unit.lock(_key(artist_id, network))
            account = _found(await unit.channels.by_network(artist_id, network), network)
            for post in await unit.posts.of_artist(artist_id, UNSENT, limit=1000):
                if post.payload.channel == network:
                    ended = await unit.posts.save(post.move_to(PostStatus.CANCELLED, now))
                    unit.emit(self.post_event(actor, ended))
            await unit.channels.remove(account.id)
            self._emit(unit, actor, account, "disconnected")
            await unit.commit()
        await self.sessions.forget(account.id)

    def capabilities(self, name: str) -> NetworkCapabilities | None:
        """The limits of a network, as far as it is known here."""
        own = self.house.get(name)
        if own is not None:
            return own.capabilities
        kind = self.kinds.get(name)
        return None if kind is None else kind.capabilities

    async def account(self, artist_id: str, network: str) -> ChannelAccount:
        """The artist's account on a network; raises `NotFound`."""
        async with self.database.unit() as unit:
            return _found(await unit.channels.by_network(artist_id, network), network)

    def opened(self, account: ChannelAccount) -> Network:
        """The network in the name of an account, however that stands."""
        return self._kind(account.network).open(account, self.sessions.of(account.id))

    async def network(self, artist_id: str, name: str) -> Network:
        """A network in the artist's name; raises `NotFound` where it is not connected."""
        own = self.house.get(name)
        return own if own is not None else self.opened(await self.account(artist_id, name))

    async def ready(self, artist_id: str, name: str) -> Network:
        """The same to publish with; raises the `ProviderError` that stands in the way just now."""
        own = self.house.get(name)
        return own if own is not None else self.opened(await self._usable(artist_id, name))

    @asynccontextmanager
    async def reached(self, artist_id: str, name: str) -> AsyncIterator[Network]:
        """The same around calls, which are not made while its server is left alone."""
        own = self.house.get(name)
        if own is not None:
            yield own
            return
        account = await self._usable(artist_id, name)
        async with self.circuits.to(account.server):
            yield self.opened(account)

    async def _usable(self, artist_id: str, name: str) -> ChannelAccount:
        account = await self.account(artist_id, name)
        if account.status is ChannelStatus.PAUSED:
            raise ProviderUnavailable(
                f"{name} is paused for this artist", remedy="Resume the channel.", paused=True
            )
        if account.status is ChannelStatus.BROKEN:
            raise ProviderAuth(
                f"{name} does not work for this artist: {account.reason}",
                remedy="Connect the channel again.",
            )
        self._must_not_be_quiet(account)
        return account

    async def render(self, artist_id: str, draft: Draft) -> list[Payload]:
        """The draft as each of the artist's channels would show it, the label's own first."""
        async with self.database.unit() as unit:
            artist = await unit.artists.get(artist_id)
            accounts = await unit.channels.of_artist(artist_id, [ChannelStatus.CONNECTED])
        if self.public_url is not None:
            draft = draft.model_copy(update={"link": f"{self.public_url}/@{artist.handle}"})
        networks = [*self.house.values(), *(self.opened(account) for account in accounts)]
        return [await network.render(draft) for network in networks]

    async def note(
        self, actor: Actor, account: ChannelAccount, error: GreenroomError
    ) -> ChannelAccount | None:
        """Write down what an error says of the account; None where it says nothing of it."""
        now = self.clock.now()
        async with self.database.unit() as unit:
            await unit.lock(_key(account.artist_id, account.network))
            known = await unit.channels.by_network(account.artist_id, account.network)
            if known is None:
                return None
            if isinstance(error, ProviderAuth) and known.status is not ChannelStatus.PAUSED:
                changed = known.move_to(ChannelStatus.BROKEN, now, error.message)
            elif isinstance(error, ProviderRateLimited):
                wait = float(error.facts.get("retry_after_s") or QUIET_S)
                changed = known.amend(now, quiet_until=now + timedelta(seconds=wait))
            else:
                return None
            changed = await unit.channels.save(changed)
            if changed.status is not known.status:
                self._emit(unit, actor, changed, changed.status.value)
            await unit.commit()
        return changed

    def _kind(self, network: str) -> NetworkKind:
        kind = self.kinds.get(network)
        if kind is None:
            raise NotFound(
                f"there is no network {network!r}",
                field="network",
                remedy=f"Use one of: {', '.join(sorted(self.kinds)) or 'none is known'}.",
            )
        return kind

    def _must_not_be_quiet(self, account: ChannelAccount) -> None:
        now = self.clock.now()
        if account.quiet_until is not None and account.quiet_until > now:
            raise ProviderRateLimited(
                f"{account.network} asked to be left alone for a while",
                retry_after_s=(account.quiet_until - now).total_seconds(),
            )

    async def _keep(
        self,
        actor: Actor,
        artist_id: str,
        network: str,
        server: str,
        given: Credentials,
        state: AccountState,
        session: Session,
    ) -> ChannelAccount:
        now = self.clock.now()
        async with self.database.unit() as unit:
            await unit.lock(f"channels:{network}")
            for other in await unit.channels.of_network(network):
                if other.artist_id != artist_id and other.remote_id == state.remote_id:
                    raise Conflict(
                        f"{state.account} is another artist's account",
                        field="identifier",
                        remedy="Give every artist an account of its own.",
                    )
            known = await unit.channels.by_network(artist_id, network)
            if known is None:
                kept = await unit.channels.add(_new(artist_id, network, server, state, now))
            else:
                kept = await unit.channels.save(_again(known, server, state, now))
            self._emit(unit, actor, kept, "connected")
            # Before the commit: an account without its secret would be broken.
            await self.sessions.keep(kept.id, given.model_copy(update={"session": session}))
            await unit.commit()
        return kept

    async def _move(
        self,
        actor: Actor,
        artist_id: str,
        network: str,
        status: ChannelStatus,
        state: AccountState | None = None,
    ) -> ChannelAccount:
        now = self.clock.now()
        async with self.database.unit() as unit:
            await unit.lock(_key(artist_id, network))
            known = _found(await unit.channels.by_network(artist_id, network), network)
            changes = {"account": state.account, "limits": state.limits} if state else {}
            moved = known.move_to(status, now).amend(now, quiet_until=None, **changes)
            moved = await unit.channels.save(moved)
            self._emit(unit, actor, moved, status.value)
            await unit.commit()
        return moved

    def _emit(self, unit: UnitOfWork, actor: Actor, account: ChannelAccount, what: str) -> None:
        unit.emit(
            self.event(
                "channel.changed",
                actor,
                artist_id=account.artist_id,
                subject_id=account.id,
                status=what,
                network=account.network,
                account=account.account,
                reason=account.reason,
            )
        )


def _key(artist_id: str, network: str) -> str:
    return f"channel:{artist_id}:{network}"


def _found(account: ChannelAccount | None, network: str) -> ChannelAccount:
    if account is None:
        raise NotFound(
            f"the artist has no channel on {network}",
            field="channel",
            remedy=f"Connect one: greenroom channel connect ARTIST {network}",
        )
    return account


def _new(
    artist_id: str, network: str, server: str, state: AccountState, now: datetime
) -> ChannelAccount:
    return ChannelAccount(
        id=new_id("channel"),
        created_at=now,
        updated_at=now,
        artist_id=artist_id,
        network=network,
        account=state.account,
        server=server,
        remote_id=state.remote_id,
        limits=state.limits,
    )


def _again(
    known: ChannelAccount, server: str, state: AccountState, now: datetime
) -> ChannelAccount:
    """The same channel with another password, or another account in its place."""
    fresh = _new(known.artist_id, known.network, server, state, now)
    kept = {"cursor", "heard_at"} if known.remote_id == state.remote_id else set()
    changes = fresh.model_dump(exclude={"id", "created_at", "updated_at", "row_version", *kept})
    return known.amend(now, **changes)


def _line(field: str, text: str) -> str:
    kept = text.strip()
    if not kept or len(kept) > LONGEST_FIELD or not kept.isprintable():
        raise InvalidInput(
            f"the {field} is not one line of at most {LONGEST_FIELD} characters",
            field=field,
            remedy=f"Copy the {field} again.",
        )
    return kept
