"""Two runs on the same cases: how far apart they are, and whether that can be chance.

Runs are compared case by case, which takes out how hard a case is. The sign-flip test is exact
when both runs come from the same system, because then a case's difference is as likely to be d
as -d (Fisher 1935; Good 2005, "Permutation, Parametric and Bootstrap Tests", chapter 3).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt

from domain.errors import InvalidInput
from learning.intervals import (
    LEVEL,
    RESAMPLES,
    CaseScores,
    FloatArray,
    Frozen,
    Interval,
    bootstrap_interval,
    finite,
)

Direction = Literal["worse", "better", "different"]
FLIPS = 5000
# Up to here every pattern of signs is tried, and the p-value is exact.
EXACT_UP_TO = 12
# A slice of fewer cases is named and not judged.
LEAST_CASES = 8


class Pairs(Frozen):
    """Cases with a score on both sides, and those without; differences: candidate - baseline."""

    case_ids: tuple[str, ...]
    baseline: tuple[float, ...]
    candidate: tuple[float, ...]
    unscored_by_baseline: tuple[str, ...] = ()
    unscored_by_candidate: tuple[str, ...] = ()

    @property
    def differences(self) -> FloatArray:
        """Candidate's mean less baseline's, for each case."""
        return np.subtract(self.candidate, self.baseline, dtype=np.float64)


class Comparison(Frozen):
    """Candidate against baseline over the cases scored in both, in points of the score."""

    cases: int
    baseline_mean: float
    candidate_mean: float
    difference: Interval
    p_value: float
    unscored_by_baseline: tuple[str, ...] = ()
    unscored_by_candidate: tuple[str, ...] = ()


class NonInferiority(Frozen):
    """Two one-sided tests of a difference: is it a loss, and is a loss of the margin excluded."""

    margin: float
    p_worse: float
    p_inferior: float


class SliceComparison(Frozen):
    """One slice; p-value and interval already pay for how many slices were looked at.

    `comparison` is None for a slice of too few cases: it was not looked at.
    """

    slice: str
    cases: int
    comparison: Comparison | None = None
    adjusted_p: float | None = None


def pair(baseline: Sequence[CaseScores], candidate: Sequence[CaseScores]) -> Pairs:
    """Match two runs by case; raises InvalidInput unless both ran exactly the same cases."""
    before, after = _by_id(baseline, "baseline"), _by_id(candidate, "candidate")
    if before.keys() != after.keys():
        odd = sorted(before.keys() ^ after.keys())
        raise InvalidInput(
            f"the runs have not the same cases: {', '.join(odd[:5])}",
            field="candidate",
            remedy="run both over the same version of the suite",
        )
    both = [
        (case_id, first, second)
        for case_id in before
        if (first := before[case_id].mean) is not None
        and (second := after[case_id].mean) is not None
    ]
    return Pairs(
        case_ids=tuple(case_id for case_id, _, _ in both),
        baseline=tuple(first for _, first, _ in both),
        candidate=tuple(second for _, _, second in both),
        unscored_by_baseline=tuple(i for i, case in before.items() if case.mean is None),
        unscored_by_candidate=tuple(i for i, case in after.items() if case.mean is None),
    )


def compare(
    baseline: Sequence[CaseScores],
    candidate: Sequence[CaseScores],
    *,
    level: float = LEVEL,
    resamples: int = RESAMPLES,
    seed: int,
) -> Comparison:
    """Mean difference with a bootstrap interval over cases and a two-sided sign-flip test."""
    pairs = pair(baseline, candidate)
    differences = pairs.differences
    return Comparison(
        cases=len(differences),
        difference=bootstrap_interval(differences, level=level, resamples=resamples, seed=seed),
        baseline_mean=float(np.mean(pairs.baseline)),
        candidate_mean=float(np.mean(pairs.candidate)),
        p_value=sign_flip_p(differences, "different", seed=seed),
        unscored_by_baseline=pairs.unscored_by_baseline,
        unscored_by_candidate=pairs.unscored_by_candidate,
    )


def non_inferiority(
    differences: npt.ArrayLike, *, margin: float, flips: int = FLIPS, seed: int
) -> NonInferiority:
    """Test both "no worse at all" and "worse by the margin or more", in points of the score.

    A small `p_worse` says that there is a loss; a small `p_inferior` that no loss of the margin
    is left possible. Both may be small: a sure loss that is smaller than the margin.
    """
    if margin <= 0:
        raise InvalidInput("the margin must be above zero", field="margin", remedy="try 0.05")
    data = finite(differences, "differences")
    return NonInferiority(
        margin=margin,
        p_worse=sign_flip_p(data, "worse", flips=flips, seed=seed),
        p_inferior=sign_flip_p(data + margin, "better", flips=flips, seed=seed),
    )


def sign_flip_p(
    differences: npt.ArrayLike, direction: Direction, *, flips: int = FLIPS, seed: int
) -> float:
    """How often random signs give a mean as far out as this one, itself counted among them."""
    data = finite(differences, "differences")
    if len(data) == 0:
        raise InvalidInput(
            "no case has a score in both runs", field="differences", remedy="see why none has"
        )
    return float(sign_flip_ps(data[None, :], direction, flips=flips, seed=seed)[0])


def sign_flip_ps(
    samples: FloatArray, direction: Direction, *, flips: int = FLIPS, seed: int
) -> FloatArray:
    """The same for many samples at once, one a row; they share the random signs."""
    size = samples.shape[1]
    if size <= EXACT_UP_TO:
        patterns = np.arange(2**size)[:, None] >> np.arange(size) & 1
        signs = 1.0 - 2.0 * patterns
    else:
        drawn = np.random.default_rng(seed).integers(0, 2, size=(flips, size))
        # The data as they are belong to the set of patterns: p is then never below 1/(flips+1).
        signs = np.vstack([np.ones(size), 1.0 - 2.0 * drawn])
    turned, seen = signs @ samples.T, samples.sum(axis=1)
    # Sums of the same numbers in another order differ in the last digits.
    slack = 1e-9 * (1.0 + np.abs(samples).sum(axis=1))
    if direction == "worse":
        extreme = turned <= seen + slack
    elif direction == "better":
        extreme = turned >= seen - slack
    else:
        extreme = np.abs(turned) >= np.abs(seen) - slack
    return np.asarray(extreme.mean(axis=0))


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Adjusted p-values that keep the chance of any false finding (Holm 1979)."""
    ps = finite(p_values, "p_values")
    order = np.argsort(ps, kind="stable")
    steps = np.maximum.accumulate(ps[order] * np.arange(len(ps), 0, -1))
    return _in_place(np.minimum(steps, 1.0), order)


def benjamini_hochberg(p_values: Sequence[float]) -> tuple[float, ...]:
    """Adjusted p-values that keep the share of false findings (Benjamini and Hochberg 1995)."""
    ps = finite(p_values, "p_values")
    order = np.argsort(ps, kind="stable")
    raw = ps[order] * len(ps) / np.arange(1, len(ps) + 1)
    steps = np.minimum.accumulate(raw[::-1])[::-1]
    return _in_place(np.minimum(steps, 1.0), order)


def compare_slices(
    baseline: Sequence[CaseScores],
    candidate: Sequence[CaseScores],
    by: str,
    *,
    level: float = LEVEL,
    seed: int,
) -> tuple[SliceComparison, ...]:
    """Compare within each value of a slice, such as genre.

    Intervals are Bonferroni's and p-values Holm's over the slices that are large enough, so that
    looking at twenty genres does not find a worse one by chance.
    """
    found: dict[str, set[str]] = {}
    for case in baseline:
        found.setdefault(case.slices.get(by, "(none)"), set()).add(case.case_id)
    sizes = {
        name: len(pair(_of(baseline, ids), _of(candidate, ids)).case_ids)
        for name, ids in found.items()
    }
    large = sorted(name for name, size in sizes.items() if size >= LEAST_CASES)
    narrow = 1.0 - (1.0 - level) / max(1, len(large))
    compared = {
        name: compare(
            _of(baseline, found[name]), _of(candidate, found[name]), level=narrow, seed=seed
        )
        for name in large
    }
    adjusted = dict(zip(large, holm([compared[n].p_value for n in large]), strict=True))
    return tuple(
        SliceComparison(
            slice=name,
            cases=sizes[name],
            comparison=compared.get(name),
            adjusted_p=adjusted.get(name),
        )
        for name in sorted(sizes)
    )


def _by_id(cases: Sequence[CaseScores], field: str) -> dict[str, CaseScores]:
    known = {case.case_id: case for case in cases}
    if len(known) < len(cases):
        raise InvalidInput(
            "a case appears twice in one run",
            field=field,
            remedy="give a case's repetitions as its epochs",
        )
    return known


def _of(cases: Sequence[CaseScores], ids: set[str]) -> list[CaseScores]:
    return [case for case in cases if case.case_id in ids]


def _in_place(ordered: FloatArray, order: npt.NDArray[np.intp]) -> tuple[float, ...]:
    back = np.empty_like(ordered)
    back[order] = ordered
    return tuple(back.tolist())
