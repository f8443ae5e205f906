"""Simulated listeners with known tastes (tests and studies only, never part of a running label).

A listener likes a work the less, the further its measured features lie from an ideal of their
own (unfolding: Coombs 1964; with squared distances: Carroll 1972). What they then do is drawn
from that liking by a logistic model. Fatigue, the wish for something new, rhythms, luck and bots
act on what is counted; none of them is part of `true_appeal`, which is what a study compares with.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import pi, sin
from typing import Annotated, Literal
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from domain.audience import AudienceKind
from domain.errors import InvalidInput
from evals.audience.features import INDEX, NAMES, Features

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Flags = NDArray[np.bool_]
PLAY_PER_LIKING, FINISH_NOISE = 0.6, 0.6
# Log odds of an act by somebody who has played a work and feels neither way about it.
ACTS: dict[AudienceKind, float] = {"like": -0.6, "repost": -2.6, "comment": -2.2, "follow": -3.0}
BOT_ACTS: dict[AudienceKind, float] = {"like": 0.9, "repost": 0.4, "comment": 0.3, "follow": 0.5}
BRIGADE_ACTS: dict[AudienceKind, float] = {"unlike": 0.9, "comment": 0.6}
DAYS_A_WEEK, DAYS_A_YEAR = 7, 365.0
TASTE_MEMORY = 0.9


def _known(name: str) -> str:
    if name not in INDEX:
        raise ValueError(f"nothing called {name!r} is measured; known: {', '.join(NAMES)}")
    return name


Component = Annotated[str, AfterValidator(_known)]


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Taste(_Data):
    """What a group of listeners likes: an ideal for some components, and how much each counts."""

    share: float = Field(default=1.0, gt=0)
    ideal: dict[Component, float] = {}
    weight: dict[Component, Annotated[float, Field(ge=0)]] = {}
    spread: float = Field(default=0.3, ge=0, description="how far listeners' ideals differ")


class Shift(_Data):
    """From this day on everybody has other tastes."""

    day: int = Field(ge=0)
    tastes: tuple[Taste, ...] = Field(min_length=1)


class Campaign(_Data):
    """Bots that push works on one side of a component's bound, or (`brigade`) shout them down."""

    first_day: int = Field(ge=0)
    last_day: int
    share: float = Field(gt=0, le=1, description="share of the exposures of such a work")
    component: Component
    side: Literal["above", "below"]
    bound: float = 0.0
    brigade: bool = False


class WorldSpec(_Data):
    """All that a simulated audience depends on."""

    name: str
    seed: int
    listeners: int = Field(default=2000, ge=1)
    tastes: tuple[Taste, ...] = Field(min_length=1)
    shifts: tuple[Shift, ...] = ()
    campaigns: tuple[Campaign, ...] = ()
    warmth: float = Field(default=0.8, description="liking of an ideal work, in log odds")
    luck: float = Field(default=0.3, ge=0, description="appeal of a work that nothing explains")
    noise: float = Field(default=0.5, ge=0)
    fatigue: float = Field(default=0.35, ge=0, description="log odds lost by each hearing")
    wish_for_new: float = Field(default=0.15, ge=0)
    weekly: float = Field(default=0.25, ge=0, lt=1)
    seasonal: float = Field(default=0.15, ge=0, lt=1)
    bots: float = Field(default=0.02, ge=0, lt=1, description="share of exposures, always there")


@dataclass(frozen=True, eq=False)
class Work:
    """What is shown: its name and its measured features."""

    id: str
    features: Features


@dataclass(frozen=True, eq=False)
class Responses:
    """What came of exposures, one entry each; `bots` is the truth that no label would know."""

    work: Ints
    listener: Ints
    bots: Flags
    played: Flags
    completion: Floats
    acts: dict[AudienceKind, Flags]

    def counts(self, work: int | None = None) -> dict[AudienceKind, int]:
        """Audience events by kind, of one work (its place in the list shown) or of all."""
        own = np.ones(len(self.work), bool) if work is None else self.work == work
        found: dict[AudienceKind, int] = {"play": int(np.sum(self.played & own))}
        return found | {kind: int(np.sum(done & own)) for kind, done in self.acts.items()}

    def mean_completion(self) -> float:
        """Mean share of the work that was heard, over the exposures that became plays."""
        return float(self.completion[self.played].mean()) if self.played.any() else 0.0


@dataclass(frozen=True)
class _People:
    """Every listener's ideals and weights while one set of tastes lasts."""

    ideal: Floats
    weight: Floats

    def liking(self, who: Ints, vectors: Floats) -> Floats:
        """Taste alone: minus the weighted squared distance to the listener's ideal."""
        gaps = vectors - self.ideal[who]
        return np.asarray(-np.einsum("ed,ed,ed->e", self.weight[who], gaps, gaps))


@dataclass(eq=False)
class Audience:
    """A world under way: it remembers who heard what. Same spec, same calls: same answers."""

    spec: WorldSpec
    _heard: dict[str, Ints] = field(default_factory=dict)
    _used_to: Floats = field(init=False)
    _calls: int = 0

    def __post_init__(self) -> None:
        self._used_to = np.zeros((self.spec.listeners, len(NAMES)))

    @cached_property
    def _peoples(self) -> tuple[tuple[int, _People], ...]:
        sets = ((0, self.spec.tastes), *((s.day, s.tastes) for s in self.spec.shifts))
        # The same stream for every set: a listener's own leaning outlasts a shift.
        return tuple((day, _people(self.spec, tastes)) for day, tastes in sorted(sets, key=_day))

    def _people_on(self, day: int) -> _People:
        return next(people for since, people in reversed(self._peoples) if since <= day)

    def true_appeal(self, work: Work, day: int = 0) -> float:
        """Chance that a fresh listener likes it, averaged over all people; for studies only."""
        everybody = np.arange(self.spec.listeners)
        vectors = np.broadcast_to(work.features.vector, (len(everybody), len(NAMES)))
        liking = self._people_on(day).liking(everybody, vectors) + self._standing(work)
        return float(_chance(liking).mean())

    def _standing(self, work: Work) -> float:
        """Warmth and the work's own luck, which no feature tells."""
        rng = np.random.default_rng([self.spec.seed, crc32(work.id.encode())])
        return self.spec.warmth + self.spec.luck * float(rng.standard_normal())

    def traffic(self, day: int) -> float:
        """How many people are there on a day against the mean, by the week and the season."""
        week = 1.0 + self.spec.weekly * sin(2 * pi * (day % DAYS_A_WEEK) / DAYS_A_WEEK)
        return week * (1.0 + self.spec.seasonal * sin(2 * pi * day / DAYS_A_YEAR))

    def visit(self, works: Sequence[Work], day: int, usual_exposures: int) -> Responses:
        """A day on which each exposure shows any of the works; the rhythm decides how many."""
        count = max(1, round(usual_exposures * self.traffic(day)))
        rng = np.random.default_rng([self.spec.seed, 1, day, self._calls])
        return self.expose(works, rng.integers(0, len(works), count), day)

    def expose(self, works: Sequence[Work], shown: Ints | Sequence[int], day: int) -> Responses:
        """Show one work to a listener drawn for each entry of `shown` (places in `works`)."""
        work = np.asarray(shown, np.intp)
        if not works or not len(work) or work.min() < 0 or work.max() >= len(works):
            raise InvalidInput(
                "what is shown is not among the works",
                field="shown",
                remedy="Pass places in `works`, at least one.",
            )
        rng = np.random.default_rng([self.spec.seed, 2, day, self._calls])
        self._calls += 1
        who = rng.integers(0, self.spec.listeners, len(work))
        vectors = np.array([w.features.vector for w in works])[work]
        pushed, brigade = self._bots(vectors, day, rng)
        human = ~(pushed | brigade)
        liking = self._people_on(day).liking(who, vectors)
        liking += np.array([self._standing(w) for w in works])[work]
        liking += self._mood(works, work, who, vectors, human)
        liking += self.spec.noise * rng.standard_normal(len(work))
        return _respond(rng, work, who, liking, pushed, brigade)

    def _bots(self, vectors: Floats, day: int, rng: np.random.Generator) -> tuple[Flags, Flags]:
        pushed = rng.random(len(vectors)) < self.spec.bots
        brigade = np.zeros(len(vectors), bool)
        for campaign in self.spec.campaigns:
            drawn = rng.random(len(vectors)) < campaign.share
            if campaign.first_day <= day <= campaign.last_day:
                over = vectors[:, INDEX[campaign.component]] > campaign.bound
                drawn &= over if campaign.side == "above" else ~over
                (brigade if campaign.brigade else pushed)[drawn] = True
        return pushed, brigade & ~pushed

    def _mood(
        self, works: Sequence[Work], work: Ints, who: Ints, vectors: Floats, human: Flags
    ) -> Floats:
        """What hearing it again costs and being unlike the usual earns; then remember it."""
        again = _earlier_in_batch(work * self.spec.listeners + who, human)
        for place in np.unique(work):
            hearings = self._hearings(works[place].id)
            own = work == place
            again[own] += hearings[who[own]]
            np.add.at(hearings, who[own & human], 1)
        far = np.sqrt(np.mean((vectors - self._used_to[who]) ** 2, axis=1))
        # Somebody who comes twice in one batch is moved once: a day is one impression.
        self._used_to[who[human]] *= TASTE_MEMORY
        self._used_to[who[human]] += (1.0 - TASTE_MEMORY) * vectors[human]
        return np.asarray(self.spec.wish_for_new * far - self.spec.fatigue * again)

    def _hearings(self, work_id: str) -> Ints:
        return self._heard.setdefault(work_id, np.zeros(self.spec.listeners, np.intp))


def _day(entry: tuple[int, tuple[Taste, ...]]) -> int:
    return entry[0]


def _people(spec: WorldSpec, tastes: Sequence[Taste]) -> _People:
    """Draw everybody's group and their own ideals around it."""
    rng = np.random.default_rng([spec.seed, 0])
    shares = np.array([taste.share for taste in tastes])
    bounds = np.cumsum(shares / shares.sum())
    bounds[-1] = 1.0
    group = np.searchsorted(bounds, rng.random(spec.listeners), side="right")
    leaning = rng.standard_normal((spec.listeners, len(NAMES)))
    ideal = np.array([[t.ideal.get(name, 0.0) for name in NAMES] for t in tastes])
    weight = np.array([[t.weight.get(name, 0.0) for name in NAMES] for t in tastes])
    spread = np.array([taste.spread for taste in tastes])
    return _People(ideal[group] + spread[group, None] * leaning, weight[group])


def _earlier_in_batch(key: Ints, counts: Flags) -> Ints:
    """How many earlier entries of the batch have the same key and count."""
    order = np.argsort(key, kind="stable")
    ordered, counted = key[order], counts[order].astype(np.intp)
    before = np.cumsum(counted) - counted
    first = np.concatenate([[True], ordered[1:] != ordered[:-1]])
    base = before[first][np.cumsum(first) - 1]
    result: Ints = np.empty_like(before)
    result[order] = before - base
    return result


def _respond(
    rng: np.random.Generator, work: Ints, who: Ints, liking: Floats, pushed: Flags, brigade: Flags
) -> Responses:
    """Draw what follows from the liking; bots follow their orders."""
    count = len(work)
    bots = pushed | brigade
    played = (rng.random(count) < _chance(1.0 + PLAY_PER_LIKING * liking)) | bots
    completion = np.where(
        played, _chance(0.5 + liking + FINISH_NOISE * rng.standard_normal(count)), 0.0
    )
    completion = np.where(pushed, 1.0, np.where(brigade, 0.02, completion))
    acts: dict[AudienceKind, Flags] = {}
    for kind in (*ACTS, "unlike"):
        human = _chance(ACTS[kind] + liking) * played if kind in ACTS else np.zeros(count)
        chance = np.where(pushed, BOT_ACTS.get(kind, 0.0), human)
        chance = np.where(brigade, BRIGADE_ACTS.get(kind, 0.0), chance)
        acts[kind] = rng.random(count) < chance
    return Responses(work, who, bots, played, completion, acts)


def _chance(log_odds: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-log_odds)))
