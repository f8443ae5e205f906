"""Ratings from pairwise votes: Bradley and Terry's model (1952), a tie being half a win each.

P(a beats b) = 1 / (1 + exp(strength b - strength a)). The fit is `choix`'s iterative spectral one
(Maystre and Grossglauser 2015), lightly regularised so that an item that won every vote has a
finite strength. Intervals resample voters where they are known, for one person's votes hang
together, and votes otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import choix
import numpy as np
import numpy.typing as npt
from scipy import special
from scipy.sparse import csgraph

from domain.errors import InvalidInput
from learning.intervals import LEVEL, FloatArray, Frozen, Interval

Outcome = Literal["first", "second", "tie"]
_RESAMPLES = 300
# As a share of a vote: what every item is given against every other.
_REGULAR = 0.1
# A vote for the first counts 1, a tie one half.
_FIRST = {"first": 1.0, "tie": 0.5, "second": 0.0}
_MOST_ORDER = 5.0
_STEPS = 12


class Vote(Frozen):
    """One blind comparison: the items in the order they were shown, and which won."""

    first: str
    second: str
    outcome: Outcome
    voter: str | None = None


class Rating(Frozen):
    """An item's strength in log odds against the mean of its group, and how often it was seen."""

    item: str
    strength: Interval
    votes: int
    group: int


class Ratings(Frozen):
    """All items, group by group and the strongest first.

    Items of different groups were never compared, not even through others: their strengths have
    nothing to do with each other, and `comparable` is false. `order_effect` is the chance of the
    item shown first to win against its equal.
    """

    ratings: tuple[Rating, ...]
    groups: int
    comparable: bool
    order_effect: Interval
    ties: float
    reason: str


def rate(votes: Sequence[Vote], *, level: float = LEVEL, seed: int) -> Ratings:
    """Rate every item that was voted on; raises InvalidInput without votes."""
    if not votes or any(vote.first == vote.second for vote in votes):
        raise InvalidInput(
            "ratings need votes between two different items", field="votes", remedy="vote"
        )
    items = sorted({name for vote in votes for name in (vote.first, vote.second)})
    ballots = _Ballots(votes, items)
    once = np.ones((1, len(votes)))
    strengths = _fit(ballots, ballots.wins(once)[0])
    draws = ballots.draw(_RESAMPLES, np.random.default_rng(seed))
    fits = _refit(ballots, strengths, ballots.wins(draws))
    effect = float(_order_effect(ballots, strengths[None], once)[0])
    orders = _order_effect(ballots, fits, draws)
    ratings = [
        Rating(
            item=name,
            strength=_interval(float(strengths[n]), fits[:, n], level),
            votes=int(ballots.seen[n]),
            group=int(ballots.groups[n]) + 1,
        )
        for n, name in enumerate(items)
    ]
    groups = int(ballots.groups.max()) + 1
    return Ratings(
        ratings=tuple(sorted(ratings, key=lambda r: (r.group, -r.strength.estimate, r.item))),
        groups=groups,
        comparable=groups == 1,
        order_effect=_interval(effect, orders, level),
        ties=sum(vote.outcome == "tie" for vote in votes) / len(votes),
        reason=_reason(groups),
    )


def win_chance(strength: float, other: float) -> float:
    """The chance to win against another item of the same group."""
    return float(special.expit(strength - other))


class _Ballots:
    """Votes as arrays."""

    def __init__(self, votes: Sequence[Vote], items: Sequence[str]) -> None:
        place = {name: n for n, name in enumerate(items)}
        self.first = np.array([place[vote.first] for vote in votes])
        self.second = np.array([place[vote.second] for vote in votes])
        self.to_first = np.array([_FIRST[vote.outcome] for vote in votes])
        self.size = len(items)
        self.seen = np.bincount(np.concatenate([self.first, self.second]), minlength=self.size)
        known = [vote.voter or f"\0{number}" for number, vote in enumerate(votes)]
        names, self.voters = np.unique(known, return_inverse=True)
        self.drawn = len(names)
        if self.drawn == 1:
            # One voter cannot be resampled; then the votes are.
            self.voters, self.drawn = np.arange(len(votes)), len(votes)
        links = np.zeros((self.size, self.size))
        links[self.first, self.second] = 1.0
        self.groups: npt.NDArray[np.int32] = csgraph.connected_components(links, directed=False)[1]

    def draw(self, times: int, rng: np.random.Generator) -> FloatArray:
        """How often each vote (column) counts when voters are drawn with replacement."""
        even = np.full(self.drawn, 1.0 / self.drawn)
        drawn = rng.multinomial(self.drawn, even, size=times)[:, self.voters]
        return np.asarray(drawn, dtype=np.float64)

    def wins(self, weights: FloatArray) -> FloatArray:
        """For each row of weights, how often an item (row) won against another (column)."""
        for_first = self._sorted_in(self.first, self.second, weights * self.to_first)
        for_second = self._sorted_in(self.second, self.first, weights * (1.0 - self.to_first))
        return np.asarray(for_first + for_second)

    def _sorted_in(
        self, winner: npt.NDArray[np.int_], loser: npt.NDArray[np.int_], weights: FloatArray
    ) -> FloatArray:
        cells = np.zeros((len(winner), self.size**2))
        cells[np.arange(len(winner)), winner * self.size + loser] = 1.0
        return np.asarray((weights @ cells).reshape(-1, self.size, self.size))

    @property
    def prior(self) -> FloatArray:
        """The wins that every item is given against every other of its group."""
        together = self.groups[:, None] == self.groups
        return np.asarray(_REGULAR * (together - np.eye(self.size)) / together.sum(axis=1))


def _fit(ballots: _Ballots, wins: FloatArray) -> FloatArray:
    """Strengths, centred within each group."""
    strengths, table = np.zeros(len(wins)), wins + ballots.prior
    for group in range(int(ballots.groups.max()) + 1):
        own = np.flatnonzero(ballots.groups == group)
        fitted = choix.ilsr_pairwise_dense(table[np.ix_(own, own)], max_iter=1000)
        strengths[own] = fitted - np.mean(fitted)
    return strengths


def _refit(ballots: _Ballots, start: FloatArray, wins: FloatArray) -> FloatArray:
    """Strengths of many resamples at once, by Newton's steps from the fit of all votes."""
    table = wins + ballots.prior
    met = table + table.transpose(0, 2, 1)
    pinned = (ballots.groups[:, None] == ballots.groups).astype(np.float64)
    strengths = np.tile(start, (len(wins), 1))
    for _ in range(_STEPS):
        chance = special.expit(strengths[:, :, None] - strengths[:, None, :])
        slope = (table - met * chance).sum(axis=2)
        bend = met * chance * (1.0 - chance)
        curve = np.eye(ballots.size) * bend.sum(axis=2)[:, :, None] - bend + pinned
        step = np.linalg.solve(curve, slope[:, :, None])[:, :, 0]
        strengths += np.clip(step, -1.0, 1.0)
    means = strengths @ (pinned / pinned.sum(axis=1))
    return np.asarray(strengths - means)


def _order_effect(ballots: _Ballots, strengths: FloatArray, weights: FloatArray) -> FloatArray:
    """The first place's advantage by maximum likelihood, strengths being known, as a chance."""
    gap = strengths[:, ballots.first] - strengths[:, ballots.second]
    advantage = np.zeros((len(gap), 1))
    for _ in range(_STEPS):
        chance = special.expit(gap + advantage)
        slope = (weights * chance * (1.0 - chance)).sum(axis=1, keepdims=True)
        step = (weights * (ballots.to_first - chance)).sum(axis=1, keepdims=True)
        step = np.clip(step / np.maximum(slope, 1e-9), -1.0, 1.0)
        advantage = np.clip(advantage + step, -_MOST_ORDER, _MOST_ORDER)
    return np.asarray(special.expit(advantage[:, 0]))


def _interval(centre: float, values: FloatArray, level: float) -> Interval:
    low, high = np.quantile(values, ((1.0 - level) / 2.0, (1.0 + level) / 2.0))
    return Interval(
        estimate=centre, low=min(float(low), centre), high=max(float(high), centre), level=level
    )


def _reason(groups: int) -> str:
    if groups == 1:
        return "every item was compared with every other, directly or through others"
    return (
        f"the votes fall into {groups} groups that were never compared with each other; "
        "vote on pairs across them before ranking all items together"
    )
