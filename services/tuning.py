"""Learns from the audience how to draw an artist's next forms; changes only through the ledger."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from domain.actor import SYSTEM, Actor
from domain.adaptation import Adaptation, Scope
from domain.errors import Conflict, InvalidInput
from domain.ports.clock import Clock
from learning.off_policy import Logged
from learning.reward import reward_of
from services.adaptations import AdaptationService
from services.artists import ArtistService
from services.base import Service
from services.sound import own_forms, pack_of
from services.tuner import Heard, Tuner
from store.database import Database
from store.unit import UnitOfWork

CHOICE = "form"
PARAMETER = f"choice.{CHOICE}"
# Every release is judged by its first week, so that older ones have no head start.
HEARD_FOR = timedelta(days=7)
MOST_RELEASES = 500
_log = structlog.get_logger(__name__)


class TuningService(Service):
    """Use cases of learning; `tune_all` is a duty of the process that leads."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        ledger: AdaptationService,
        artists: ArtistService,
    ) -> None:
        super().__init__(database, clock)
        self.tuner = Tuner(ledger, CHOICE)
        self.artists = artists

    async def tune_all(self, actor: Actor) -> list[Adaptation]:
        """Look at every artist once; what the ledger refuses or a log cannot tell waits."""
        actor.must_be("system")
        done: list[Adaptation] = []
        before: str | None = None
        while True:
            async with self.database.unit() as unit:
                found = await unit.artists.with_page(before, 50)
            tried = [await self._tried(actor, artist.id) for artist in found]
            done += [entry for entry in tried if entry is not None]
            if len(found) < 50:
                return done
            before = found[-1].id

    async def tune(self, actor: Actor, artist_id: str) -> Adaptation | None:
        """Revert, judge or change what counts for the artist, as `Tuner.step` tells; None: nothing.

        Raises `InvalidInput` where the log cannot tell, `Conflict` where the ledger refuses.
        """
        actor.must("evaluate", "system", artist_id=artist_id)
        profile = (await self.artists.profile(SYSTEM, artist_id)).profile
        pack = pack_of(profile)
        shipped = {form.id: form.weight for form in own_forms(pack, profile)}
        scope = Scope(artist_id=artist_id, genre=pack.id)
        heard = await self._heard(artist_id, tuple(shipped))
        return await self.tuner.step(actor, scope, shipped, heard)

    async def _tried(self, actor: Actor, artist_id: str) -> Adaptation | None:
        try:
            return await self.tune(actor, artist_id)
        except (InvalidInput, Conflict) as why:
            _log.info("nothing to learn yet", artist_id=artist_id, why=str(why))
            return None

    async def _heard(self, artist_id: str, options: tuple[str, ...]) -> list[Heard]:
        """Choices among just these options whose releases had their week, oldest first."""
        async with self.database.unit() as unit:
            return await _heard_in(unit, artist_id, options, self.clock.now() - HEARD_FOR)


async def _heard_in(
    unit: UnitOfWork, artist_id: str, options: tuple[str, ...], before: datetime
) -> list[Heard]:
    live = await unit.releases.live(artist_id, MOST_RELEASES)
    done = {r.id: r for r in live if r.live_at is not None and r.live_at <= before}
    events = await unit.audience.of_releases(artist_id, done)
    works = await unit.works.many(release.work_ids[0] for release in done.values())
    found: list[Heard] = []
    for release in done.values():
        work = works[release.work_ids[0]]
        until = (release.live_at or before) + HEARD_FOR
        reward = reward_of(event for event in events[release.id] if event.created_at < until)
        choice = next((c for c in work.choices if c.name == CHOICE), None)
        # Where an experiment ruled options out, the log cannot speak for them.
        possible = choice is not None and min(choice.probabilities) > 0.0
        if reward is not None and choice is not None and possible and choice.options == options:
            found.append((work.created_at, Logged(choice=choice, reward=reward)))
    return sorted(found, key=lambda one: one[0])
