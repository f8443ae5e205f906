"""Learns from the audience how to draw an artist's next forms; changes only through the ledger."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from domain.actor import SYSTEM, Actor
from domain.adaptation import (
    Adaptation,
    AdaptationStatus,
    Change,
    Effect,
    Evidence,
    Proposal,
    Scope,
    drawing_weights,
)
from domain.errors import Conflict, InvalidInput
from domain.ports.clock import Clock
from learning.intervals import Interval
from learning.off_policy import Logged
from learning.reward import reward_of
from learning.tuning import Tuned, difference, tune
from services.adaptations import AdaptationService
from services.artists import ArtistService
from services.base import Service
from services.sound import own_forms, pack_of
from store.database import Database
from store.unit import UnitOfWork

CHOICE = "form"
PARAMETER = f"choice.{CHOICE}"
OWNER = "form.bandit"
MEASURE = "people moved per people reached"
# Every release is judged by its first week, so that older ones have no head start.
HEARD_FOR = timedelta(days=7)
FEWEST_SONGS = 40
FEWEST_AFTER = 10
# Weights that hardly differ are not worth an entry.
LEAST_CHANGE = 0.05
MOST_RELEASES = 500
_SEED = 1
_log = structlog.get_logger(__name__)
Heard = tuple[datetime, Logged]


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
        self.ledger = ledger
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
        """Judge the artist's open entry, or bring better weights into force; None: nothing to do.

        Raises `InvalidInput` where the log cannot tell, `Conflict` where the ledger refuses.
        """
        actor.must("evaluate", "system", artist_id=artist_id)
        profile = (await self.artists.profile(SYSTEM, artist_id)).profile
        pack = pack_of(profile)
        shipped = {form.id: form.weight for form in own_forms(pack, profile)}
        scope = Scope(artist_id=artist_id, genre=pack.id)
        heard = await self._heard(artist_id, tuple(shipped))
        live = await self.ledger.live(actor, PARAMETER, scope)
        if live is not None and live.status is AdaptationStatus.ACTIVE:
            return await self._judge(actor, live, heard)
        if len(heard) < FEWEST_SONGS or len(shipped) < 2:
            return None
        tuned = await asyncio.to_thread(tune, [logged for _, logged in heard], seed=_SEED)
        now = drawing_weights(shipped, None if live is None else live.change.after)
        if not tuned.harmless or _distance(now, tuned.weights) < LEAST_CHANGE:
            return None
        before = None if live is None else live.change.after
        entry = await self.ledger.propose(actor, _proposal(scope, before, tuned))
        return await self.ledger.apply(actor, entry.id, "the log leaves no room for harm")

    async def _tried(self, actor: Actor, artist_id: str) -> Adaptation | None:
        try:
            return await self.tune(actor, artist_id)
        except (InvalidInput, Conflict) as why:
            _log.info("nothing to learn yet", artist_id=artist_id, why=str(why))
            return None

    async def _judge(
        self, actor: Actor, entry: Adaptation, heard: Sequence[Heard]
    ) -> Adaptation | None:
        """Confirm or revert by what the songs since then earned beside those before."""
        after = [logged.reward for at, logged in heard if at >= entry.settled_at]
        before = [logged.reward for at, logged in heard if at < entry.settled_at]
        if len(after) < FEWEST_AFTER or len(before) < FEWEST_AFTER:
            return None
        effect = difference(after, before)
        await self.ledger.observe(actor, entry.id, _effect(effect, len(after)))
        if effect.high < 0.0:
            why = f"{MEASURE} fell by {-effect.estimate:.3f} over {len(after)} songs"
            return await self.ledger.revert(actor, entry.id, why)
        return await self.ledger.confirm(actor, entry.id, f"no harm over {len(after)} songs")

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
        if reward is not None and choice is not None and choice.options == options:
            found.append((work.created_at, Logged(choice=choice, reward=reward)))
    return sorted(found, key=lambda one: one[0])


def _proposal(scope: Scope, before: object, tuned: Tuned) -> Proposal:
    best = max(tuned.weights, key=lambda option: tuned.weights[option])
    effect = _effect(tuned.gain, tuned.logged)
    says = (
        f"{tuned.logged} songs, worth {tuned.effective:.0f}: judged on songs that the weights "
        "were not learnt from (SNIPW)"
    )
    change = {"parameter": PARAMETER, "before": before, "after": tuned.weights}
    return Proposal(
        hypothesis=f"Songs of the form {best} move more of the people that they reach.",
        change=Change.model_validate(change),
        scope=scope,
        evidence=(Evidence(kind="estimate", says=says, effect=effect),),
        expected=effect,
        owner=OWNER,
    )


def _effect(interval: Interval, observations: int) -> Effect:
    return Effect(
        measure=MEASURE,
        estimate=interval.estimate,
        low=interval.low,
        high=interval.high,
        observations=observations,
    )


def _distance(now: dict[str, float], then: dict[str, float]) -> float:
    """How much probability moves."""
    total = sum(now.values())
    return sum(abs(now[option] / total - then[option]) for option in now) / 2
