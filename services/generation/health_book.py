"""Writes down what jobs and trials say of their providers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from domain.actor import Actor
from domain.errors import ProviderError
from domain.generation import ProviderHealth
from domain.ids import new_id
from domain.routing import Offer
from services.base import Service
from store.unit import UnitOfWork


class HealthBook(Service):
    """Health of providers; each change is a short unit of its own and reads the row anew."""

    async def health_of_all(self) -> dict[str, ProviderHealth]:
        """What is known of every provider, by name."""
        async with self.database.unit() as unit:
            return {health.provider: health for health in await unit.providers.all()}

    async def well(self, actor: Actor, provider: str, saw: str = "") -> ProviderHealth:
        """The provider answered."""
        return await self._health(actor, provider, lambda health, at: health.well(at, saw))

    async def ill(self, actor: Actor, provider: str, error: ProviderError) -> ProviderHealth:
        """The provider failed in some way."""
        return await self._health(actor, provider, lambda health, at: health.ill(at, error))

    async def forget(self, actor: Actor, provider: str) -> ProviderHealth:
        """Begin anew with a provider, as when it is connected."""

        def fresh(health: ProviderHealth, at: datetime) -> ProviderHealth:
            return health.well(at).amend(at, last_ok_at=None, last_failed_at=None, saw="")

        return await self._health(actor, provider, fresh)

    async def _health(
        self,
        actor: Actor,
        provider: str,
        turn: Callable[[ProviderHealth, datetime], ProviderHealth],
    ) -> ProviderHealth:
        now = self.clock.now()
        async with self.database.unit() as unit:
            await unit.lock(f"provider:{provider}")
            before = await unit.providers.by_name(provider)
            if before is None:
                before = await unit.providers.add(_unseen(provider, now))
            after = await unit.providers.save(turn(before, now))
            if after.word(now) != before.word(now):
                self._tell_health(unit, actor, after)
            await unit.commit()
        return after

    async def try_alone(self, unit: UnitOfWork, provider: str) -> None:
        """After a provider's rest the first song is a trial; the others' workers see it at once."""
        await unit.lock(f"provider:{provider}")
        health = await unit.providers.by_name(provider)
        if health is None:
            return
        tried = health.on_trial(self.clock.now())
        if tried != health:
            await unit.providers.save(tried)

    def _tell_health(self, unit: UnitOfWork, actor: Actor, health: ProviderHealth) -> None:
        unit.emit(
            self.event(
                "provider.changed",
                actor,
                subject_id=health.provider,
                health=health.word(self.clock.now()),
                error=health.last_error.message if health.last_error else None,
            )
        )


async def as_they_are(unit: UnitOfWork, offers: Sequence[Offer]) -> list[Offer]:
    """Offers with the health they have now: another worker may just have changed it."""
    health = {known.provider: known for known in await unit.providers.all()}
    return [offer.model_copy(update={"health": health.get(offer.name)}) for offer in offers]


def _unseen(provider: str, now: datetime) -> ProviderHealth:
    return ProviderHealth(id=new_id("provider"), created_at=now, updated_at=now, provider=provider)
