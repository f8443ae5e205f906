"""The one rule by which a candidate passes or fails against a baseline.

It fails when a loss is shown, and passes when a loss of the margin is excluded. Otherwise the
cases are too few to tell, and it says so: neither the absence of proof nor a lucky mean is a pass.
With the same system on both sides it fails in at most `alpha` of all runs, by the sign-flip test.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt

from domain.errors import InvalidInput
from learning.compare import (
    LEAST_CASES,
    Comparison,
    NonInferiority,
    Pairs,
    compare,
    holm,
    non_inferiority,
    pair,
)
from learning.intervals import CaseScores, FloatArray, Frozen, unscored_share

Verdict = Literal["pass", "fail", "undecided"]
Flags = npt.NDArray[np.bool_]


class GateRule(Frozen):
    """What counts as a loss.

    `margin`: in the unit of the score, 0.05 is five points; `alpha`: accepted false alarms.
    `unscored_share`: a candidate that leaves more samples without a score than the baseline, by
    more than this share, cannot pass: hard cases that crash would else raise its mean.
    """

    margin: float = 0.05
    alpha: float = 0.05
    least_cases: int = LEAST_CASES
    unscored_share: float = 0.02


class GateReport(Frozen):
    """The verdict with its reason in words and the figures behind it."""

    verdict: Verdict
    reason: str
    comparison: Comparison | None = None
    test: NonInferiority | None = None


class MetricGates(Frozen):
    """One verdict over several metrics, and each metric's own."""

    verdict: Verdict
    reason: str
    metrics: Mapping[str, GateReport]


def failing(p_worse: FloatArray, p_inferior: FloatArray, alpha: float) -> Flags:
    """Where the rule fails: a loss is shown and one of the margin is not excluded."""
    return (p_worse <= alpha) & (p_inferior > alpha)


def passing(p_inferior: FloatArray, alpha: float) -> Flags:
    """Where the rule passes: a loss of the margin is excluded."""
    return p_inferior <= alpha


def gate(
    baseline: Sequence[CaseScores],
    candidate: Sequence[CaseScores],
    rule: GateRule | None = None,
    *,
    seed: int,
) -> GateReport:
    """Judge a candidate's run against a baseline's on the same cases."""
    only = gate_metrics({"score": (baseline, candidate)}, rule, seed=seed)
    return only.metrics["score"]


def gate_metrics(
    runs: Mapping[str, tuple[Sequence[CaseScores], Sequence[CaseScores]]],
    rule: GateRule | None = None,
    *,
    seed: int,
) -> MetricGates:
    """Judge by several metrics, each with its (baseline, candidate).

    It passes when every metric passes, and fails when one does. The p-values of losses are Holm's
    over the metrics, so that more metrics do not mean more false alarms.
    """
    if not runs:
        raise InvalidInput("no metric to judge by", field="runs", remedy="name at least one")
    rule = rule or GateRule()
    pairs = {name: pair(before, after) for name, (before, after) in runs.items()}
    judged = {name: p for name, p in pairs.items() if len(p.case_ids) >= rule.least_cases}
    tests = {
        name: non_inferiority(p.differences, margin=rule.margin, seed=seed)
        for name, p in judged.items()
    }
    adjusted = dict(zip(tests, holm([t.p_worse for t in tests.values()]), strict=True))
    metrics = {
        name: _judge(
            compare(*runs[name], seed=seed),
            tests[name].model_copy(update={"p_worse": adjusted[name]}),
            unscored_share(runs[name][1]) - unscored_share(runs[name][0]),
            rule,
        )
        if name in tests
        else GateReport(verdict="undecided", reason=_too_few(p, rule))
        for name, p in pairs.items()
    }
    return _together(metrics)


def _judge(comparison: Comparison, test: NonInferiority, lost: float, rule: GateRule) -> GateReport:
    p_worse, p_inferior = np.array([test.p_worse]), np.array([test.p_inferior])
    figures = _figures(comparison)
    verdict: Verdict = "undecided"
    if failing(p_worse, p_inferior, rule.alpha)[0]:
        verdict, reason = "fail", f"worse than the baseline (p = {test.p_worse:.3g}): {figures}"
    elif lost > rule.unscored_share:
        reason = f"{_points(lost)} % more samples than in the baseline have no score: {figures}"
    elif passing(p_inferior, rule.alpha)[0]:
        verdict = "pass"
        reason = f"no loss of {_points(rule.margin)} points is left possible: {figures}"
        if test.p_worse <= rule.alpha:
            reason = f"a small loss, surely below {_points(rule.margin)} points: {figures}"
    else:
        reason = (
            f"no loss is shown, but one of {_points(rule.margin)} points cannot be excluded with "
            f"so few cases: {figures}"
        )
    return GateReport(verdict=verdict, reason=reason, comparison=comparison, test=test)


def _together(metrics: Mapping[str, GateReport]) -> MetricGates:
    for verdict in ("fail", "undecided"):
        reasons = [f"{name}: {m.reason}" for name, m in metrics.items() if m.verdict == verdict]
        if reasons:
            return MetricGates(verdict=verdict, reason="; ".join(reasons), metrics=metrics)
    return MetricGates(verdict="pass", reason="every metric passes", metrics=metrics)


def _too_few(pairs: Pairs, rule: GateRule) -> str:
    missing = sorted({*pairs.unscored_by_baseline, *pairs.unscored_by_candidate})
    unscored = f" ({len(missing)} have no score)" if missing else ""
    return (
        f"only {len(pairs.case_ids)} cases have a score in both runs{unscored}; "
        f"the rule needs {rule.least_cases}"
    )


def _figures(comparison: Comparison) -> str:
    gap = comparison.difference
    return (
        f"{_points(gap.estimate):+} points on {comparison.cases} cases "
        f"({100 * gap.level:.0f} % interval {_points(gap.low):+} to {_points(gap.high):+})"
    )


def _points(share: float) -> float:
    return round(100 * share, 1) + 0.0
