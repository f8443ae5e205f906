"""One look at an experiment: from what came of its songs to intervals, guardrails and a verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.errors import InvalidInput
from domain.experiment import (
    ArmSeen,
    Compared,
    Definition,
    Experiment,
    Guarded,
    GuardMetric,
    Looked,
    SamplePlan,
)
from learning.sequential import Arm, Design, Look, ShareCheck, check_shares, guard, look, plan_means

POWER, ALPHA = 0.9, 0.05
# What is taken for the deviation of shares between songs until enough of them were heard.
ASSUMED_DEVIATION = 0.25
FEWEST_MEASURED = 20


@dataclass(frozen=True)
class Outcome:
    """What came of one song, as far as it is known by now."""

    arm: str
    unit: str
    reward: float | None = None
    cost: float | None = None
    failure: float | None = None
    rejection: float | None = None


def sample_plan(definition: Definition, rewards: Sequence[float]) -> SamplePlan:
    """How many units find the effect; the accepted errors are split between the treatments."""
    known = len(rewards) >= FEWEST_MEASURED
    deviation = _deviation(rewards) if known else 0.0
    deviation = deviation or ASSUMED_DEVIATION
    alpha = ALPHA / (len(definition.arms) - 1)
    plan = plan_means(deviation, definition.effect, power=POWER, alpha=alpha)
    return SamplePlan(
        effect=definition.effect,
        power=POWER,
        alpha=alpha,
        per_arm=max(plan.per_arm, plan.design.least_per_arm),
        deviation=deviation,
        measured_on=len(rewards) if known else 0,
        mixing_variance=plan.design.mixing_variance,
    )


def look_at(experiment: Experiment, outcomes: Sequence[Outcome], at: datetime) -> Looked:
    """Judge what is there today; what was once shown stays shown."""
    arms = experiment.definition.arms
    last = experiment.last
    firsts = _by_unit(outcomes, lambda one: 0.0)
    assigned = {arm.name: len(firsts[arm.name]) for arm in arms if arm.name in firsts}
    counts = {arm.name: assigned.get(arm.name, 0) for arm in arms}
    shares = _shares(experiment, counts)
    rewards = _by_unit(outcomes, lambda one: one.reward)
    seen = [_compared(experiment, rewards, arm.name) for arm in arms[1:]]
    earlier = {one.arm: one for one in (last.compared if last else ())}
    compared = [one or earlier.get(arm.name) for one, arm in zip(seen, arms[1:], strict=True)]
    return Looked(
        at=at,
        assigned=counts,
        shares_p=shares.p_value,
        mismatch=shares.mismatch,
        compared=tuple(one for one in compared if one is not None),
        guards=tuple(_guards(experiment, outcomes)),
    )


def _shares(experiment: Experiment, counts: Mapping[str, int]) -> ShareCheck:
    last, shares = experiment.last, experiment.definition.shares
    found = tuple(counts.values())
    before = None
    if last is not None:
        before = ShareCheck(
            counts=found, shares=shares, p_value=last.shares_p, mismatch=last.mismatch
        )
    return check_shares(found, shares, previous=before)


def _compared(
    experiment: Experiment, rewards: Mapping[str, Sequence[float]], treatment: str
) -> Compared | None:
    """The treatment beside the control; None while too little is known of either."""
    control = experiment.definition.arms[0].name
    before = next((c for c in (experiment.last.compared if experiment.last else ())
                   if c.arm == treatment), None)  # fmt: skip
    try:
        found = look(
            Arm.of_values(rewards.get(control, ())),
            Arm.of_values(rewards.get(treatment, ())),
            _design(experiment.plan),
            None if before is None else _as_look(before),
        )
    except InvalidInput:
        return None
    return Compared(
        arm=treatment,
        control=ArmSeen.model_validate(found.control.model_dump()),
        treatment=ArmSeen.model_validate(found.treatment.model_dump()),
        difference=found.difference.estimate,
        low=found.difference.low,
        high=found.difference.high,
        p_value=found.p_value,
        verdict=found.verdict,
        reason=found.reason,
    )


def _guards(experiment: Experiment, outcomes: Sequence[Outcome]) -> Iterable[Guarded]:
    arms, rails = experiment.definition.arms, experiment.definition.guardrails
    for rail in rails:
        values = _by_unit(outcomes, _METRICS[rail.metric])
        design = Design(
            mixing_variance=rail.limit**2, planned_per_arm=experiment.plan.per_arm, alpha=ALPHA
        ).shared_by(len(rails) * (len(arms) - 1))
        for arm in arms[1:]:
            sides = [values.get(name, []) for name in (arms[0].name, arm.name)]
            if min(map(len, sides)) < 2:
                continue
            control, treatment = (_guard_arm(rail.metric, side) for side in sides)
            try:
                found = guard(control, treatment, design, margin=rail.limit, higher_is_better=False)
            except InvalidInput:  # Everything cost the same so far: there is no loss either.
                continue
            yield Guarded(
                arm=arm.name,
                metric=rail.metric,
                limit=rail.limit,
                state=found.state,
                difference=found.difference.estimate,
                low=found.difference.low,
                high=found.difference.high,
                reason=found.reason,
            )


_METRICS: Mapping[GuardMetric, Callable[[Outcome], float | None]] = {
    "cost": lambda one: one.cost,
    "failure": lambda one: one.failure,
    "rejection": lambda one: one.rejection,
}


def _by_unit(
    outcomes: Sequence[Outcome], of: Callable[[Outcome], float | None]
) -> dict[str, list[float]]:
    """The value of each unit, by arm: its first, so that values never move between looks."""
    firsts: dict[tuple[str, str], float] = {}
    for one in outcomes:
        value = of(one)
        if value is not None:
            firsts.setdefault((one.arm, one.unit), value)
    found: dict[str, list[float]] = {}
    for (arm, _), value in firsts.items():
        found.setdefault(arm, []).append(value)
    return found


def _guard_arm(metric: GuardMetric, values: Sequence[float]) -> Arm:
    if metric == "cost":
        return Arm.of_values(values)
    return Arm.of_rate(round(sum(values)), len(values))


def _design(plan: SamplePlan) -> Design:
    return Design(
        mixing_variance=plan.mixing_variance, planned_per_arm=plan.per_arm, alpha=plan.alpha
    )


def _as_look(seen: Compared) -> Look:
    return Look.model_validate(
        {
            "control": seen.control.model_dump(),
            "treatment": seen.treatment.model_dump(),
            "difference": {"estimate": seen.difference, "low": seen.low, "high": seen.high},
            "p_value": seen.p_value,
            "verdict": seen.verdict,
            "reason": seen.reason,
        }
    )


def _deviation(values: Sequence[float]) -> float:
    return float(Arm.of_values(values).variance ** 0.5)
