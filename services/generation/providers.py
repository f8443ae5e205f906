"""Connect providers, look after their health, and show how each stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import SecretStr

from domain.actor import Actor
from domain.errors import (
    InvalidInput,
    PolicyRejected,
    ProviderAuth,
    ProviderError,
    ProviderInputInvalid,
)
from domain.generation import ProviderHealth, ProviderStatus
from domain.ports.providers import ExternalProvider, Provider, ProviderKind, Quote
from domain.requests import SongRequest
from services.generation.books import JobBook
from services.generation.connections import Connections
from services.generation.song import usual_song

EMBEDDED_TITLE = "Embedded engine"
ELSEWHERE = "Check the address, and that the service has not changed."
EMBEDDED_WORDS = "always there: it needs no key and no network"


class ProviderService:
    """Use cases of the operator's providers."""

    def __init__(
        self, book: JobBook, connections: Connections, embedded: Provider[SongRequest]
    ) -> None:
        self.book = book
        self.connections = connections
        self.embedded = embedded

    async def statuses(self, actor: Actor) -> list[ProviderStatus]:
        """How every provider stands: the connected first, the embedded engine last."""
        actor.must("read", "system")
        health = await self.book.health_of_all()
        found = [await self._status(kind, health) for kind in self.connections.kinds]
        place = {name: n for n, name in enumerate(self.book.rules.preference)}
        found.sort(key=lambda s: (not s.connected, place.get(s.name, len(place))))
        return [*found, await self._embedded_status()]

    def titles(self) -> dict[str, str]:
        """What people call each provider, by name."""
        own = {self.embedded.capabilities.name: EMBEDDED_TITLE}
        return {kind.name: kind.title for kind in self.connections.kinds} | own

    async def status(self, actor: Actor, name: str) -> ProviderStatus:
        """How one provider stands; raises `NotFound`."""
        actor.must("read", "system")
        return await self._status(self.connections.kind(name), await self.book.health_of_all())

    async def connect(
        self, actor: Actor, name: str, fields: Mapping[str, SecretStr]
    ) -> ProviderStatus:
        """Try the credentials at the provider, keep them, and show how it stands.

        Refused ones are not kept: raises `InvalidInput` naming the field. Where the provider
        cannot be reached just now they are kept, and its health says so.
        """
        actor.must("connect")
        actor.must_see_all()
        given = self.connections.checked(name, fields)
        client = self.connections.kind(name).build(given)
        trouble: ProviderError | None = None
        saw = ""
        try:
            saw = await client.check()
        except ProviderAuth as error:
            raise InvalidInput(
                error.message,
                field="key" if "key" in given else next(iter(given), None),
                remedy=error.remedy or "Copy the key again from the provider's own page.",
            ) from error
        except ProviderError as error:
            trouble = error
        self.connections.keep(name, given)
        await self.book.forget(actor, name)
        await self._note(actor, name, saw, trouble)
        return await self.status(actor, name)

    async def disconnect(self, actor: Actor, name: str) -> ProviderStatus:
        """Forget the credentials; jobs it has made stay in the books."""
        actor.must("connect")
        actor.must_see_all()
        self.connections.kind(name)
        self.connections.drop(name)
        await self.book.forget(actor, name)
        return await self.status(actor, name)

    async def check(self, actor: Actor, name: str) -> ProviderStatus:
        """Ask the provider something free of charge; a good answer lets it work again.

        Raises `InvalidInput` where it is not connected; what the provider said goes into its
        status.
        """
        actor.must("connect", "system")
        actor.must_see_all()
        client = self.connections.client(name)
        if client is None:
            raise InvalidInput(
                f"{self.connections.kind(name).title} is not connected",
                field="provider",
                remedy=f"Connect it first: greenroom provider connect {name}",
            )
        trouble: ProviderError | None = None
        saw = ""
        try:
            saw = await client.check()
        except ProviderError as error:
            trouble = error
        await self._note(actor, name, saw, trouble)
        return await self.status(actor, name)

    async def _note(
        self, actor: Actor, name: str, saw: str, trouble: ProviderError | None
    ) -> ProviderHealth:
        if trouble is None:
            return await self.book.well(actor, name, saw)
        if isinstance(trouble, (PolicyRejected, ProviderInputInvalid)):
            # A check sends no song that could be at fault: the address leads elsewhere.
            trouble = ProviderError(trouble.message, remedy=trouble.remedy or ELSEWHERE)
        return await self.book.ill(actor, name, trouble)

    async def _status(
        self, kind: ProviderKind, known: Mapping[str, ProviderHealth]
    ) -> ProviderStatus:
        health = known.get(kind.name)
        connected = self.connections.connected(kind.name)
        client, broken = self._client(kind) if connected else (None, "")
        quote, unpriced = await _price(client) if client else (kind.usual_quote, broken)
        now = self.book.clock.now()
        by_environment = self.connections.from_environment(kind.name)
        return ProviderStatus(
            name=kind.name,
            title=kind.title,
            connected=connected,
            connected_by=_by(connected, by_environment),
            fields=kind.fields,
            optional_fields=kind.optional,
            health=health.word(now) if health and connected else "unknown",
            health_words=broken or _words(health, connected, self.book),
            remedy=health.last_error.remedy if health and health.last_error else None,
            last_ok_at=health.last_ok_at if health else None,
            last_failed_at=health.last_failed_at if health else None,
            song_quote=quote,
            unpriced=unpriced,
            place=self._place(kind.name),
            capabilities=client.capabilities if client else kind.capabilities,
        )

    def _client(self, kind: ProviderKind) -> tuple[ExternalProvider[SongRequest] | None, str]:
        try:
            return self.connections.client(kind.name), ""
        except InvalidInput as error:  # Given by the environment, and wrong.
            return None, error.message

    async def _embedded_status(self) -> ProviderStatus:
        able = self.embedded.capabilities
        return ProviderStatus(
            name=able.name,
            title=EMBEDDED_TITLE,
            embedded=True,
            connected=True,
            health="healthy",
            health_words=EMBEDDED_WORDS,
            song_quote=await self.embedded.quote(usual_song()),
            place=self._place(able.name),
            capabilities=able,
        )

    def _place(self, name: str) -> int | None:
        order = self.book.rules.preference
        return order.index(name) + 1 if name in order else None


async def _price(client: ExternalProvider[SongRequest]) -> tuple[Quote | None, str]:
    sings = "sung" in client.capabilities.features
    try:
        return await client.quote(usual_song(sung=sings)), ""
    except ProviderError as error:
        return None, error.message


def _by(connected: bool, by_environment: bool) -> Literal["", "a person", "the environment"]:
    if not connected:
        return ""
    return "the environment" if by_environment else "a person"


def _words(health: ProviderHealth | None, connected: bool, book: JobBook) -> str:
    if not connected:
        return "not connected"
    if health is None:
        return "not asked yet"
    closed = health.closed(book.clock.now())
    if closed:
        return closed
    if health.last_error is not None:
        times = "once" if health.failures < 2 else f"{health.failures} times in a row"
        return f"it failed {times}: {health.last_error.message}"
    return health.saw or ("it answered" if health.last_ok_at else "not asked yet")
