"""Whether a judge agrees with people, how it errs, and whether it may be used.

Grades are numbers: 0 and 1 for no and yes, or steps of a scale. Kappa is Cohen's (1960), weighted
for scales (1968); alpha is Krippendorff's (2019, "Content Analysis", chapter 12), which takes any
number of raters and missing grades. Intervals resample items.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt
from pydantic import FiniteFloat
from scipy import stats

from domain.errors import InvalidInput
from learning.intervals import (
    LEVEL,
    FloatArray,
    Frozen,
    Interval,
    bootstrap_interval,
    rate_interval,
)

Weights = Literal["none", "linear", "quadratic"]
Measure = Literal["nominal", "ordinal", "interval"]
Place = Literal["first", "second", "tie"]
_RESAMPLES = 1000
# The library computes one at a time; alpha's interval is for reading, not for a decision.
_ALPHA_RESAMPLES = 200


class Judged(Frozen):
    """One item with the judge's grades (one a sample), the people's, and its length in characters.

    None is a grade that could not be given.
    """

    item_id: str
    judge: tuple[FiniteFloat | None, ...]
    humans: tuple[FiniteFloat | None, ...]
    length: float


class SwappedPair(Frozen):
    """A pair judged in both orders: the place that won each time."""

    pair_id: str
    given: Place
    swapped: Place


class PositionBias(Frozen):
    """`consistent`: share of pairs with the same winner both ways; `first`: of the others, how
    many went to the first place both times (None when every pair is consistent)."""

    consistent: Interval
    first: Interval | None


class JudgeLimits(Frozen):
    """What a judge must meet.

    `agreement`: kappa that its interval must exceed; `human_alpha`: what the people must reach
    among themselves; `yes_bias`, `length_bias`: largest estimates allowed; `consistent`: least
    share of pairs decided alike in both orders.
    """

    least_items: int = 30
    agreement: float = 0.4
    human_alpha: float = 0.4
    yes_bias: float = 0.1
    length_bias: float = 0.3
    consistent: float = 0.75


class JudgeReport(Frozen):
    """A judge beside people; None where the grades do not allow a figure.

    `yes_bias`: how much more often it says yes, in shares; `length_bias`: its partial rank
    correlation with length once the people's grades are known; `beyond_length`: that with the
    people once length is known.
    """

    items: int
    ungraded: int
    kappa: Interval | None
    alpha: Interval | None
    human_alpha: Interval | None
    yes_bias: Interval | None
    length_bias: Interval | None
    beyond_length: Interval | None
    position: PositionBias | None
    may_be_used: bool
    reasons: tuple[str, ...]


def kappa(
    one: Sequence[float], other: Sequence[float], *, weights: Weights = "none"
) -> float | None:
    """Cohen's kappa of two raters; None when both only ever gave one and the same grade."""
    table = _table(one, other)
    value = float(_kappas(table[None], weights)[0])
    return None if math.isnan(value) else value


def kappa_interval(
    one: Sequence[float],
    other: Sequence[float],
    *,
    weights: Weights = "none",
    level: float = LEVEL,
    seed: int,
) -> Interval | None:
    """The same with a bootstrap interval over items."""
    table = _table(one, other)
    size = int(table.sum())
    drawn = np.random.default_rng(seed).multinomial(size, table.ravel() / size, size=_RESAMPLES)
    values = _kappas(drawn.reshape(-1, *table.shape).astype(np.float64), weights)
    return _between(kappa(one, other, weights=weights), values, level)


def alpha_interval(
    grades: Sequence[Sequence[float | None]],
    *,
    measure: Measure = "nominal",
    level: float = LEVEL,
    seed: int,
) -> Interval | None:
    """Krippendorff's alpha of items (rows) by raters; None where nobody ever differs in grade."""
    width = max((len(row) for row in grades), default=0)
    rows = np.full((len(grades), width), np.nan)
    for number, row in enumerate(grades):
        rows[number, : len(row)] = [math.nan if grade is None else grade for grade in row]
    rows = rows[(~np.isnan(rows)).sum(axis=1) > 1]
    rng = np.random.default_rng(seed)
    values = [
        _alpha(rows[rng.integers(len(rows), size=len(rows))], measure)
        for _ in range(_ALPHA_RESAMPLES if len(rows) > 1 else 0)
    ]
    centre = _alpha(rows, measure)
    return _between(None if math.isnan(centre) else centre, np.array(values), level)


def partial_interval(
    one: npt.ArrayLike,
    other: npt.ArrayLike,
    given: npt.ArrayLike,
    *,
    level: float = LEVEL,
    seed: int,
) -> Interval | None:
    """Partial rank correlation of two, a third being known (Kendall 1942); None without spread."""
    ranks = np.stack([stats.rankdata(np.asarray(values)) for values in (one, other, given)])
    size = ranks.shape[1]
    picks = np.random.default_rng(seed).integers(size, size=(_RESAMPLES, size))
    centre = float(_partial(ranks[:, None, :])[0])
    values = _partial(ranks[:, picks])
    return _between(None if math.isnan(centre) else centre, values, level)


def position_bias(pairs: Sequence[SwappedPair]) -> PositionBias | None:
    """What the order of showing does to a judge of pairs; None without pairs."""
    if not pairs:
        return None
    other = {"first": "second", "second": "first", "tie": "tie"}
    torn = [pair for pair in pairs if pair.swapped != other[pair.given]]
    sure = [pair for pair in torn if pair.given == pair.swapped]
    firsts = sum(pair.given == "first" for pair in sure)
    return PositionBias(
        consistent=rate_interval(len(pairs) - len(torn), len(pairs)),
        first=rate_interval(firsts, len(sure)) if sure else None,
    )


def examine(
    items: Sequence[Judged],
    pairs: Sequence[SwappedPair] = (),
    limits: JudgeLimits | None = None,
    *,
    yes_at: float = 1.0,
    seed: int,
) -> JudgeReport:
    """Hold a judge against people; a grade of `yes_at` or more is a yes."""
    limits = limits or JudgeLimits()
    graded = [
        (judge, human, item)
        for item in items
        if (judge := _middle(item.judge)) is not None
        and (human := _middle(item.humans)) is not None
    ]
    if len(graded) < 2:
        raise InvalidInput(
            "fewer than two items have a grade of the judge and of a person",
            field="items",
            remedy="import more labels",
        )
    judges, people = [j for j, _, _ in graded], [h for _, h, _ in graded]
    lengths = [item.length for _, _, item in graded]
    scale = len({*judges, *people}) > 2
    # Shares of single grades: a median of two people is a no as soon as one says no.
    yes = [_yes(item.judge, yes_at) - _yes(item.humans, yes_at) for _, _, item in graded]
    measure: Measure = "ordinal" if scale else "nominal"
    both = [(j, h) for j, h, _ in graded]
    report = JudgeReport(
        items=len(graded),
        ungraded=len(items) - len(graded),
        kappa=kappa_interval(judges, people, weights="quadratic" if scale else "none", seed=seed),
        alpha=alpha_interval(both, measure=measure, seed=seed),
        human_alpha=alpha_interval([i.humans for i in items], measure=measure, seed=seed),
        yes_bias=bootstrap_interval(yes, seed=seed),
        length_bias=partial_interval(judges, lengths, people, seed=seed),
        beyond_length=partial_interval(judges, people, lengths, seed=seed),
        position=position_bias(pairs),
        may_be_used=False,
        reasons=(),
    )
    reasons = _against(report, limits)
    return report.model_copy(update={"may_be_used": not reasons, "reasons": tuple(reasons)})


def _against(report: JudgeReport, limits: JudgeLimits) -> list[str]:
    """Everything that speaks against using this judge."""
    reasons = []
    if report.items < limits.least_items:
        reasons.append(f"only {report.items} items graded by both; {limits.least_items} needed")
    agreed, people = report.kappa, report.human_alpha
    if people is not None and people.estimate < limits.human_alpha:
        reasons.append(f"the people hardly agree among themselves (alpha {people.estimate:.2f})")
    if agreed is None:
        reasons.append("only one grade was ever given, so agreement cannot be measured")
    elif agreed.low < limits.agreement:
        reasons.append(
            f"agreement with people is not surely above {limits.agreement:g}: kappa "
            f"{agreed.estimate:.2f} ({agreed.low:.2f} to {agreed.high:.2f})"
        )
    yes = report.yes_bias
    if yes is not None and abs(yes.estimate) > limits.yes_bias:
        more = "more" if yes.estimate > 0 else "less"
        reasons.append(f"it says yes in {100 * abs(yes.estimate):.0f} % {more} of the items")
    reasons += _against_length(report, limits)
    place = report.position
    if place is not None and place.consistent.estimate < limits.consistent:
        share = 100 * place.consistent.estimate
        reasons.append(f"only {share:.0f} % of pairs have the same winner in both orders")
    return reasons


def _against_length(report: JudgeReport, limits: JudgeLimits) -> list[str]:
    reasons = []
    bias, beyond = report.length_bias, report.beyond_length
    if bias is not None and abs(bias.estimate) > limits.length_bias:
        wanted = "longer" if bias.estimate > 0 else "shorter"
        reasons.append(f"it favours {wanted} texts more than people do ({bias.estimate:+.2f})")
    if beyond is not None and beyond.low <= 0.0:
        reasons.append("beyond what length alone tells, it does not surely agree with people")
    return reasons


def _yes(grades: Sequence[float | None], yes_at: float) -> float:
    known = [grade >= yes_at for grade in grades if grade is not None]
    return sum(known) / len(known)


def _middle(grades: Sequence[float | None]) -> float | None:
    """The median grade; of an even number the lower middle one, for a wrong yes costs more."""
    known = [grade for grade in grades if grade is not None]
    return statistics.median_low(known) if known else None


def _table(one: Sequence[float], other: Sequence[float]) -> FloatArray:
    if len(one) != len(other) or not one:
        raise InvalidInput("both raters must grade the same items", field="other")
    grades, codes = np.unique([*one, *other], return_inverse=True)
    table = np.zeros((len(grades), len(grades)))
    np.add.at(table, (codes[: len(one)], codes[len(one) :]), 1.0)
    return table


def _kappas(tables: FloatArray, weights: Weights) -> FloatArray:
    """Kappa of each table; NaN where one grade only was given by both."""
    steps = np.arange(tables.shape[1])
    apart = np.abs(steps[:, None] - steps).astype(np.float64)
    cost = {"none": (apart > 0).astype(np.float64), "linear": apart, "quadratic": apart**2}[weights]
    shares = tables / tables.sum(axis=(1, 2), keepdims=True)
    chance = shares.sum(axis=2)[:, :, None] * shares.sum(axis=1)[:, None, :]
    expected = (cost * chance).sum(axis=(1, 2))
    seen = (cost * shares).sum(axis=(1, 2))
    return np.asarray(1.0 - seen / np.where(expected > 0, expected, np.nan))


def _alpha(rows: FloatArray, measure: Measure) -> float:
    """Krippendorff's alpha by coincidences (2011, "Computing Krippendorff's alpha-reliability").

    NaN where every grade is the same.
    """
    grades = np.unique(rows[~np.isnan(rows)])
    if len(grades) < 2:
        return math.nan
    counts = (rows[:, :, None] == grades).sum(axis=1).astype(np.float64)
    raters = counts.sum(axis=1)
    counts, raters = counts[raters > 1], raters[raters > 1]
    pairs = np.einsum("uc,uk->uck", counts, counts) - counts[:, :, None] * np.eye(len(grades))
    coincidences = (pairs / (raters - 1.0)[:, None, None]).sum(axis=0)
    totals = coincidences.sum(axis=1)
    distance = _distances(grades, totals, measure)
    expected = float((np.outer(totals, totals) * distance).sum())
    if expected == 0.0:
        return math.nan
    return 1.0 - float(totals.sum() - 1.0) * float((coincidences * distance).sum()) / expected


def _distances(grades: FloatArray, totals: FloatArray, measure: Measure) -> FloatArray:
    """Squared distances between grades; ordinal ones count the grades given in between."""
    if measure == "nominal":
        return np.asarray(grades[:, None] != grades, dtype=np.float64)
    places = grades if measure == "interval" else np.cumsum(totals) - totals / 2.0
    return np.asarray(np.square(places[:, None] - places))


def _partial(ranks: FloatArray) -> FloatArray:
    """Partial correlations of rows: ranks are (3, resamples, items)."""
    centred = ranks - ranks.mean(axis=2, keepdims=True)
    length = np.sqrt(np.square(centred).sum(axis=2))
    length = np.where(length > 0, length, np.nan)

    def correlation(a: int, b: int) -> FloatArray:
        both = (centred[a] * centred[b]).sum(axis=1) / (length[a] * length[b])
        return np.asarray(np.clip(both, -1.0, 1.0))

    first, second = correlation(0, 2), correlation(1, 2)
    rest = np.sqrt((1.0 - np.square(first)) * (1.0 - np.square(second)))
    raw = (correlation(0, 1) - first * second) / np.where(rest > 1e-9, rest, np.nan)
    return np.asarray(np.clip(raw, -1.0, 1.0))


def _between(centre: float | None, values: FloatArray, level: float) -> Interval | None:
    known = values[~np.isnan(values)]
    if centre is None or len(known) == 0:
        return None
    low, high = np.quantile(known, ((1.0 - level) / 2.0, (1.0 + level) / 2.0))
    return Interval(
        estimate=centre, low=min(float(low), centre), high=max(float(high), centre), level=level
    )
